//! What workers do: begin a stage when its time has come, and take the accounts into it, some at a time.
//!
//! Which accounts there are is told by their reservations, in one order that is always the same. Each is decided by itself,
//! under a guard on the campaign's stream: what an operator pauses or ends reaches nobody any more once that is acknowledged.
//! However many workers do the same at once, an account is taken into a stage once.

use chancery_domain::account::Account;
use chancery_domain::account::commands::DeprecateSms;
use chancery_domain::campaign::Planned;
use chancery_domain::campaign::commands::StartStage;
use chancery_domain::{ClaimKind, Command as _, StreamId};
use chancery_eventstore::{EventRow, StreamKey};
use futures::future;
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::app::{App, Failure, PolicyInForce};
use crate::run::{Along, Attempt, TRIES};

/// The job's name in the log.
const JOB: &str = "campaign";

/// Accounts that are decided at the same time: one batch of the log takes them, and leaves room for whoever signs in.
const AT_ONCE: usize = 16;

/// Accounts that are looked at before the job says how far it has come.
const LOOKED_AT: u32 = 20_000;

/// How far a stage has come in its pass over the accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Behind which account it goes on.
    pub after: [u8; 32],
    /// Accounts that were taken into the stage.
    pub told: u32,
    /// Whether all were looked at.
    pub is_over: bool,
}

/// What became of one account.
enum One {
    Told,
    NotConcerned,
    /// The campaign was changed meanwhile.
    MovedOn,
}

impl App {
    /// Begins the stage of a campaign whose time has come; nothing happens where another worker was first, or the campaign is
    /// another by now.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn start_campaign_stage(&self, cause: &EventRow, planned: &Planned) -> Result<(), Failure> {
        let Some((stage, _)) = planned.next() else { return Ok(()) };
        let what = format!("{} {}", StartStage::NAME, stage.name());
        let command = StartStage { number: planned.number, stage };
        // Whatever speaks against it, the job looks again.
        let _ = self.on_campaign(&command, &self.job_origin(JOB, &what, cause)).await?;
        Ok(())
    }

    /// Takes up to `most` more accounts into the stage that a campaign is in. Where the campaign is changed meanwhile it
    /// stops at once.
    ///
    /// # Errors
    /// See [`Failure`]; what was recorded stays.
    pub async fn deprecate_sms(&self, cause: &EventRow, after: [u8; 32], most: u32) -> Result<Progress, Failure> {
        let mut progress = Progress { after, ..Progress::default() };
        let (campaign, guard) = self.guarded_campaign().await?;
        let Some((planned, (stage, _))) = campaign.going().and_then(|planned| Some((planned, planned.stage?))) else {
            return Ok(progress);
        };
        let (stage, off, grace) = (stage.told(), planned.off(), planned.plan.grace);
        let command = DeprecateSms { campaign: planned.number, stage, off, grace };
        let policy = self.policy().await?;
        let mut looked_at = 0;
        while progress.told < most && looked_at < LOOKED_AT {
            let page = (most - progress.told).min(1_000);
            let accounts = self.store.backend().holders(ClaimKind::SmsAccount, &progress.after, page).await?;
            let Some((last, _)) = accounts.last() else {
                progress.is_over = true;
                break;
            };
            let last = *last;
            looked_at += page;
            let (told, moved_on) = stream::iter(accounts)
                .map(|(_, account)| self.deprecate_one(cause, account, &command, guard, &policy))
                .buffer_unordered(AT_ONCE)
                .try_fold((0, false), |(told, moved_on), one| {
                    future::ok((told + u32::from(matches!(one, One::Told)), moved_on || matches!(one, One::MovedOn)))
                })
                .await?;
            progress.told += told;
            metrics::counter!("chancery_campaign_accounts_total", "stage" => stage.name()).increment(told.into());
            if moved_on {
                break;
            }
            progress.after = last;
        }
        Ok(progress)
    }

    async fn deprecate_one(
        &self,
        cause: &EventRow,
        account: StreamId,
        command: &DeprecateSms,
        guard: (StreamId, i64),
        policy: &PolicyInForce,
    ) -> Result<One, Failure> {
        for tried in 0..TRIES {
            let Some(account) = self.store.load::<Account>(account).await? else { return Ok(One::NotConcerned) };
            if matches!(account.key, StreamKey::Gone) || !account.state.is_concerned_by(command.campaign, command.stage)
            {
                return Ok(One::NotConcerned);
            }
            let what = format!("{} {} {}", DeprecateSms::NAME, command.stage.name(), account.stream);
            let origin = self.job_origin(JOB, &what, cause);
            let along = Along { guards: vec![guard], ..Along::default() };
            let anew;
            let policy = if tried == 0 {
                policy
            } else {
                anew = self.policy().await?;
                &anew
            };
            match self.attempt_with(&account, command, policy, along, &origin).await? {
                Attempt::Decided { outcome: Ok(()), .. } => return Ok(One::Told),
                Attempt::Decided { outcome: Err(_), .. } => return Ok(One::NotConcerned),
                Attempt::Again if self.guarded_campaign().await?.1 != guard => return Ok(One::MovedOn),
                Attempt::Again => {}
            }
        }
        Err(Failure::BUSY)
    }
}
