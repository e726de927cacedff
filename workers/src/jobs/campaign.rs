//! `campaign`: carries out the end of codes by SMS.
//!
//! Acts on a campaign that is planned or goes on, and comes back until it is over, or was paused, ended, or set going by
//! another event since: begins each stage when its time has come, and takes the accounts into it, at most as many within a
//! second as the plan says. How far a pass has come is kept in memory: whoever takes over looks at all accounts again, and
//! those that were told are left alone. So is everything where two do it at once. It waits until every account is listed that
//! had a telephone when it was set going, be it that an earlier build added it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::campaign::{CampaignEvent, CampaignStage, Planned};
use chancery_domain::policy::Policy;
use chancery_eventstore::{Db, EventRow};
use chancery_service::campaign::carry_out::Progress;
use chancery_service::{App, Failure};

use super::are_listed;
use crate::fact::Fact;
use crate::job::{Context, Job, Outcome};

/// The time between two looks at a campaign's accounts.
const TURN: Duration = Duration::from_secs(1);

/// The job.
#[derive(Debug)]
pub struct CarryOutCampaign {
    db: Db,
    pass: Mutex<Option<Pass>>,
}

/// How far the newest pass over the accounts has come.
#[derive(Clone, Copy, Debug)]
struct Pass {
    campaign: u16,
    stage: CampaignStage,
    progress: Progress,
}

#[async_trait]
impl Job for CarryOutCampaign {
    fn name(&self) -> &'static str {
        "campaign"
    }

    fn acts_on_type(&self, event_type: &str) -> bool {
        matches!(event_type, "campaign.planned" | "campaign.resumed")
    }

    fn due(&self, event: &Fact, decided: Timestamp, _: &Policy) -> Option<Timestamp> {
        matches!(event, Fact::Campaign(CampaignEvent::Planned(_) | CampaignEvent::Resumed(_))).then_some(decided)
    }

    async fn act(&self, context: &Context, row: &EventRow, _: &Fact) -> Outcome {
        match self.turn(&context.app, row).await {
            Ok(Some(next)) => Outcome::Later(next),
            Ok(None) => Outcome::Done,
            Err(failure) => failure.into(),
        }
    }
}

impl CarryOutCampaign {
    /// The job, beside the others of this database.
    #[must_use]
    pub const fn new(db: Db) -> Self {
        Self { db, pass: Mutex::new(None) }
    }

    /// Does what is to be done now, and tells when to come back; never, where nothing is left to do because of this event.
    async fn turn(&self, app: &App, row: &EventRow) -> Result<Option<Timestamp>, Failure> {
        let begun = app.now();
        let campaign = app.campaign().await?;
        let set_going_by = |planned: &&Planned| i64::try_from(planned.set_going) == Ok(row.version.0);
        let Some(planned) = campaign.going().filter(set_going_by) else { return Ok(None) };
        if !are_listed(&self.db, row.position).await? {
            return Ok(Some(begun.plus(TURN)));
        }
        if let Some((stage, _)) = planned.stage
            && !self.progress(planned.number, stage).is_over
        {
            let before = self.progress(planned.number, stage);
            let progress = app.deprecate_sms(row, before.after, planned.plan.rate).await?;
            *self.pass.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(Pass { campaign: planned.number, stage, progress });
            if !progress.is_over {
                // What was told takes up its part of the second; what was only looked at takes up none.
                let share = TURN.mul_f64(f64::from(progress.told) / f64::from(planned.plan.rate));
                return Ok(Some(begun.plus(share.min(TURN))));
            }
        }
        Ok(match planned.next() {
            Some((_, due)) if due <= app.now() => {
                app.start_campaign_stage(row, planned).await?;
                Some(app.now())
            }
            next => next.map(|(_, due)| due),
        })
    }

    /// How far this process has come with a stage.
    fn progress(&self, campaign: u16, stage: CampaignStage) -> Progress {
        let pass = *self.pass.lock().unwrap_or_else(PoisonError::into_inner);
        let ours = pass.filter(|pass| (pass.campaign, pass.stage) == (campaign, stage));
        ours.map_or_else(Progress::default, |pass| pass.progress)
    }
}
