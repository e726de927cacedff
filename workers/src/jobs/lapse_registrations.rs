//! `lapse-registrations`: gives addresses free that nobody ever proved.
//!
//! Acts on requests for a registration's link, a while after each (by the policy). Where another request came meanwhile
//! or a link is open it waits on; a confirmed account is left alone. A repeat finds the registration lapsed already.
//! What it does cannot be undone, so that it stops above a rate.

use std::time::Duration;

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::account::{AccountEvent, LinkPurpose};
use chancery_domain::policy::Policy;
use chancery_eventstore::{Db, EventRow};
use chancery_service::accounts::jobs::Lapse;

use crate::fact::Fact;
use crate::job::{Context, Job, Outcome};
use crate::timers::{Rate, Turn};

/// The job.
#[derive(Clone, Debug)]
pub struct LapseRegistrations {
    db: Db,
    rate: Rate,
}

impl LapseRegistrations {
    /// The job, which stops above this rate.
    #[must_use]
    pub const fn new(db: Db, rate: Rate) -> Self {
        Self { db, rate }
    }
}

/// How long a stopped timer waits before it looks whether it was resumed.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

#[async_trait]
impl Job for LapseRegistrations {
    fn name(&self) -> &'static str {
        "lapse-registrations"
    }

    fn acts_on_type(&self, event_type: &str) -> bool {
        matches!(event_type, "account.email_link_requested" | "account.email_link_repeated")
    }

    fn due(&self, event: &Fact, decided: Timestamp, policy: &Policy) -> Option<Timestamp> {
        let due = decided.plus(policy.registration_lapse());
        match event {
            Fact::Account(AccountEvent::EmailLinkRequested(requested))
                if requested.purpose == LinkPurpose::Registration =>
            {
                Some(due)
            }
            Fact::Account(AccountEvent::EmailLinkRepeated(_)) => Some(due),
            _ => None,
        }
    }

    async fn act(&self, context: &Context, row: &EventRow, _: &Fact) -> Outcome {
        let now = context.app.now();
        match context.app.may_lapse(row.stream).await {
            Ok(Lapse::NotNeeded | Lapse::Done) => return Outcome::Done,
            Ok(Lapse::NotBefore(due)) if now < due => return Outcome::Later(due),
            Ok(Lapse::NotBefore(_)) => {}
            Err(failure) => return failure.into(),
        }
        match self.rate.take(&self.db, self.name(), now).await {
            Ok(Turn::Go) => {}
            Ok(Turn::Stopped) => return Outcome::Later(now.plus(LOOK_AGAIN)),
            Err(_) => return Outcome::Retry { reason: "database-unavailable".to_owned() },
        }
        match context.app.lapse_registration(row).await {
            Ok(Lapse::Done | Lapse::NotNeeded) => Outcome::Done,
            Ok(Lapse::NotBefore(due)) => Outcome::Later(due),
            Err(failure) => failure.into(),
        }
    }
}
