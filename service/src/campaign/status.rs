//! How far a campaign has come, now or at any moment before: the states tell it of now, and the log of every moment; both are
//! counted in one place.

use std::collections::{BTreeMap, HashMap};

use chancery_domain::account::{Account, AccountEvent, FactorKind, Phase};
use chancery_domain::campaign::{CAMPAIGN_STREAM, Campaign, CampaignStage};
use chancery_domain::{ClaimKind, StreamId, Timestamp};
use chancery_eventstore::{Position, ReadError, Store, Version};
use futures::future;
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::app::{App, Failure};

/// Accounts that are read at the same time.
const AT_ONCE: usize = 32;

/// Accounts that are listed, and events that are read, at once.
const PAGE: u32 = 1_000;

/// A campaign's numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Accounts that have nothing but SMS, and were told nothing yet.
    pub waiting: u64,
    /// Accounts that have something else besides SMS, and were told nothing: they are left alone until the end.
    pub moved_before: u64,
    /// Accounts by the stage that they are in: those that were told.
    pub stages: BTreeMap<CampaignStage, u64>,
    /// Of those that were told, how many have something else by now.
    pub moved: u64,
    /// What they have: an account that has several counts for each.
    pub moved_to: BTreeMap<&'static str, u64>,
    /// Of those for whom SMS has ended, how many have nothing else and can sign in by SMS one last time.
    pub last_sign_in: u64,
    /// Of those for whom SMS has ended, how many have nothing left but their recovery codes or a recovery.
    pub recovery_only: u64,
}

/// How a campaign stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignStatus {
    /// The campaign.
    pub campaign: Campaign,
    /// Its numbers; without a campaign what one that is planned would find.
    pub tally: Tally,
}

/// What an operator calls a kind of device.
const fn kind_name(kind: FactorKind) -> &'static str {
    match kind {
        FactorKind::Passkey | FactorKind::SecurityKey => "security key or trusted platform",
        FactorKind::Totp => "one-time codes",
        FactorKind::MobileApp => "mobile app",
        FactorKind::Phone => "SMS",
    }
}

impl Tally {
    /// Counts an account at a moment.
    fn add(&mut self, account: &Account, campaign: u16, now: Timestamp) {
        let factors = &account.factors;
        if account.phase != Phase::Active || !account.has_to_do_with_sms() {
            return;
        }
        let has_other = factors.has_more_than_sms();
        let Some(sms) = factors.sms.filter(|sms| sms.campaign == campaign) else {
            let has_phone = factors.devices.iter().any(|factor| factor.kind == FactorKind::Phone && !factor.off);
            if has_phone && has_other {
                self.moved_before += 1;
            } else if has_phone {
                self.waiting += 1;
            }
            return;
        };
        *self.stages.entry(sms.stage).or_default() += 1;
        if has_other {
            self.moved += 1;
            let mut names: Vec<_> = factors.counting().map(|factor| kind_name(factor.kind)).collect();
            names.sort_unstable();
            names.dedup();
            names.into_iter().filter(|name| *name != kind_name(FactorKind::Phone)).for_each(|name| {
                *self.moved_to.entry(name).or_default() += 1;
            });
        } else if factors.only_sms_is_left() {
            let can_sign_in = factors.asked(now).next().is_some();
            *if can_sign_in { &mut self.last_sign_in } else { &mut self.recovery_only } += 1;
        }
    }
}

impl App {
    /// How the campaign stands now, and what one that is planned would find.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn campaign_status(&self) -> Result<CampaignStatus, Failure> {
        let (campaign, now) = (self.campaign().await?, self.now());
        let number = campaign.planned.as_ref().map_or(0, |planned| planned.number);
        let (mut tally, mut after) = (Tally::default(), [0; 32]);
        loop {
            let accounts = self.store.backend().holders(ClaimKind::SmsAccount, &after, PAGE).await?;
            let Some((last, _)) = accounts.last() else { return Ok(CampaignStatus { campaign, tally }) };
            after = *last;
            tally = stream::iter(accounts)
                .map(|(_, account)| self.store.load::<Account>(account))
                .buffer_unordered(AT_ONCE)
                .try_fold(tally, |mut tally, account| {
                    account.iter().for_each(|account| tally.add(&account.state, number, now));
                    future::ok(tally)
                })
                .await?;
        }
    }
}

/// How the campaign stood after the event at a position, by replaying the log up to there; at a later moment `at`, where one
/// is named, by which nothing else had happened. Whoever was erased since is not
/// counted: nothing is left of what they had.
///
/// # Errors
/// [`ReadError`] if the database does not answer, or an event cannot be opened.
pub async fn status_at(store: &Store, until: Position, at: Option<Timestamp>) -> Result<CampaignStatus, ReadError> {
    let (mut after, mut now, mut last) = (Position::START, Timestamp::default(), Version(0));
    let mut accounts: HashMap<StreamId, Version> = HashMap::new();
    while after < until {
        let limit = u32::try_from(until.0 - after.0).map_or(PAGE, |left| left.min(PAGE));
        let rows = store.backend().read(after, limit).await?;
        let Some(newest) = rows.last() else { break };
        (after, now) = (newest.position, newest.recorded);
        for row in rows {
            if row.stream == CAMPAIGN_STREAM {
                last = row.version;
            } else if let Some(version) = accounts.get_mut(&row.stream) {
                *version = row.version;
            } else if row.event_type == "account.factor_added"
                && let AccountEvent::FactorAdded(added) = store.open_event(&row).await?
                && added.kind == FactorKind::Phone
            {
                accounts.insert(row.stream, row.version);
            }
        }
    }
    let campaign = match last {
        Version(0) => Campaign::default(),
        last => store.fold::<Campaign>(CAMPAIGN_STREAM, Some(last)).await?.state,
    };
    let number = campaign.planned.as_ref().map_or(0, |planned| planned.number);
    let now = at.unwrap_or(now);
    let tally = stream::iter(accounts)
        .map(|(account, version)| store.fold::<Account>(account, Some(version)))
        .buffer_unordered(AT_ONCE)
        .try_fold(Tally::default(), |mut tally, account| {
            tally.add(&account.state, number, now);
            future::ok(tally)
        })
        .await?;
    Ok(CampaignStatus { campaign, tally })
}
