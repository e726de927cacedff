//! `invite`: turns an application's invitation into the mail of a registration.
//!
//! Acts on invitations that are made or repeated. A repeat is the same command, since it comes from the same event: it
//! mints no second link. Whether a mail goes out at all depends on the mailbox's limits, and nobody is told.

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::policy::Policy;
use chancery_eventstore::EventRow;
use chancery_service::applications::carry_out::JOB;

use crate::fact::Fact;
use crate::job::{Context, Job, Outcome};

/// The job.
#[derive(Clone, Copy, Debug, Default)]
pub struct CarryOutInvitations;

#[async_trait]
impl Job for CarryOutInvitations {
    fn name(&self) -> &'static str {
        JOB
    }

    fn acts_on_type(&self, event_type: &str) -> bool {
        matches!(event_type, "application.person_invited" | "application.invitation_repeated")
    }

    fn due(&self, _: &Fact, decided: Timestamp, _: &Policy) -> Option<Timestamp> {
        Some(decided)
    }

    async fn act(&self, context: &Context, row: &EventRow, event: &Fact) -> Outcome {
        let Fact::Application(event) = event else { return Outcome::Done };
        match context.app.carry_out_invitation(row, event).await {
            Ok(()) => Outcome::Done,
            Err(failure) => failure.into(),
        }
    }
}
