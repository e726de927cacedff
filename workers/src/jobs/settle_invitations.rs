//! `settle-invitations`: notes what became of invitations, and with that destroys the key of who was invited.
//!
//! Acts on an account that is confirmed, at once, and on an invitation when its time is over. A repeat finds it noted. It
//! makes the record, not the rule: whether an invitation is over is decided when it is looked at.

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::account::AccountEvent;
use chancery_domain::application::ApplicationEvent;
use chancery_domain::policy::Policy;
use chancery_eventstore::EventRow;

use crate::fact::Fact;
use crate::job::{Context, Job, Outcome};

/// The job.
#[derive(Clone, Copy, Debug, Default)]
pub struct SettleInvitations;

#[async_trait]
impl Job for SettleInvitations {
    fn name(&self) -> &'static str {
        "settle-invitations"
    }

    fn acts_on_type(&self, event_type: &str) -> bool {
        matches!(event_type, "account.email_confirmed" | "application.person_invited")
    }

    fn due(&self, event: &Fact, decided: Timestamp, policy: &Policy) -> Option<Timestamp> {
        match event {
            Fact::Account(AccountEvent::EmailConfirmed(_)) => Some(decided),
            Fact::Application(ApplicationEvent::PersonInvited(_)) => Some(decided.plus(policy.registration_lapse())),
            _ => None,
        }
    }

    async fn act(&self, context: &Context, row: &EventRow, event: &Fact) -> Outcome {
        let noted = match event {
            Fact::Account(_) => context.app.accept_invitations(row).await.map(|()| None),
            Fact::Application(event) => context.app.end_invitation(row, event).await,
            // None of its events is due.
            Fact::Campaign(_) => Ok(None),
        };
        match noted {
            Ok(None) => Outcome::Done,
            Ok(Some(ends)) => Outcome::Later(ends),
            Err(failure) => failure.into(),
        }
    }
}
