//! `unanswered-requests`: notes that nobody answered what an account's phones were asked.
//!
//! Whoever asked knew the password, and the owner is told where the browser was none that the account knows. The page and
//! the app note it as well when they look; whoever is first does, once.

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::account::AccountEvent;
use chancery_domain::policy::Policy;
use chancery_eventstore::EventRow;
use chancery_service::factors::mobile_app::ANSWERABLE;

use crate::fact::Fact;
use crate::job::{Context, Job, Outcome};

/// The job.
#[derive(Clone, Copy, Debug)]
pub struct NoteUnanswered;

#[async_trait]
impl Job for NoteUnanswered {
    fn name(&self) -> &'static str {
        "unanswered-requests"
    }

    fn acts_on_type(&self, event_type: &str) -> bool {
        event_type == "account.app_request_opened"
    }

    fn due(&self, event: &Fact, decided: Timestamp, _: &Policy) -> Option<Timestamp> {
        match event {
            // What comes to nothing in a browser that the account knows is nothing to tell.
            Fact::Account(AccountEvent::AppRequestOpened(opened)) if !opened.known_browser => {
                Some(decided.plus(ANSWERABLE))
            }
            _ => None,
        }
    }

    async fn act(&self, context: &Context, row: &EventRow, _: &Fact) -> Outcome {
        match context.app.note_all_unanswered(row.stream).await {
            Ok(()) => Outcome::Done,
            Err(failure) => failure.into(),
        }
    }
}
