//! `expire-links`: records that a link's time is over.
//!
//! Acts on `EmailLinkRequested` and `EmailLinkSent`, at the moment until which each says that the link is valid. A
//! repeat records nothing new. It makes the record, not the rule: a link's validity is decided when it is used.

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::account::AccountEvent;
use chancery_domain::policy::Policy;
use chancery_eventstore::EventRow;

use crate::fact::Fact;
use crate::job::{Context, Job, Outcome};

/// The job.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExpireLinks;

#[async_trait]
impl Job for ExpireLinks {
    fn name(&self) -> &'static str {
        "expire-links"
    }

    fn acts_on_type(&self, event_type: &str) -> bool {
        matches!(event_type, "account.email_link_requested" | "account.email_link_sent")
    }

    fn due(&self, event: &Fact, _: Timestamp, _: &Policy) -> Option<Timestamp> {
        match event {
            Fact::Account(AccountEvent::EmailLinkRequested(requested)) => Some(requested.valid_until),
            Fact::Account(AccountEvent::EmailLinkSent(sent)) => Some(sent.valid_until),
            _ => None,
        }
    }

    async fn act(&self, context: &Context, row: &EventRow, _: &Fact) -> Outcome {
        match context.app.expire_links(row).await {
            Ok(()) => Outcome::Done,
            Err(failure) => failure.into(),
        }
    }
}
