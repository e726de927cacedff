//! `push`: tells an account's phones that a request waits.
//!
//! A hint, which nothing waits for: what did not leave while the request could be answered is not sent any more. A repeat is
//! harmless, as the phone shows what it is told of one request once.

use std::time::Duration;

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::account::AccountEvent;
use chancery_domain::policy::Policy;
use chancery_eventstore::EventRow;
use chancery_service::factors::mobile_app::Push;
use chancery_service::outgoing::WITHIN;
use chancery_service::push::{PushError, PushSender};
use chancery_service::{App, Failure, trace};
use futures::future::join_all;
use tracing::Instrument as _;

use crate::fact::Fact;
use crate::job::{Context, Job, Outcome, backoff};

/// What reading the account may take.
const BESIDES: Duration = Duration::from_secs(30);

/// The job.
#[derive(Clone, Debug)]
pub struct TellPhones {
    sender: Option<PushSender>,
}

impl TellPhones {
    /// The job, which sends by this sender; without one nobody is told.
    #[must_use]
    pub const fn new(sender: Option<PushSender>) -> Self {
        Self { sender }
    }
}

#[async_trait]
impl Job for TellPhones {
    fn name(&self) -> &'static str {
        "push"
    }

    fn acts_on_type(&self, event_type: &str) -> bool {
        self.sender.is_some() && event_type == "account.app_request_opened"
    }

    fn due(&self, event: &Fact, decided: Timestamp, _: &Policy) -> Option<Timestamp> {
        matches!(event, Fact::Account(AccountEvent::AppRequestOpened(_))).then_some(decided)
    }

    /// The transport gives up before the lease is over.
    fn lease(&self) -> Duration {
        WITHIN + BESIDES
    }

    async fn act(&self, context: &Context, row: &EventRow, event: &Fact) -> Outcome {
        let Fact::Account(AccountEvent::AppRequestOpened(opened)) = event else { return Outcome::Done };
        let Some(sender) = &self.sender else { return Outcome::Done };
        let app = &context.app;
        let pushes = match app.pushes_about(row.stream, opened.challenge).await {
            Ok(Some(pushes)) => pushes,
            // Answered, over, or void since the log was restored.
            Ok(None) => return Outcome::Done,
            Err(failure) => return failure.into(),
        };
        let sent = join_all(pushes.to.into_iter().map(|push| tell(app, sender, row, push))).await;
        let mut again = None;
        for told in sent {
            match told {
                Ok(None) => {}
                Ok(Some(reason)) => again = Some(reason),
                Err(failure) => return failure.into(),
            }
        }
        match again {
            Some(reason) if app.now().plus(backoff(context.attempts)) < pushes.until => Outcome::Retry { reason },
            Some(_) | None => Outcome::Done,
        }
    }
}

/// Tells one phone; why it makes sense to try again, if it does.
async fn tell(app: &App, sender: &PushSender, row: &EventRow, push: Push) -> Result<Option<String>, Failure> {
    let span = trace::push(row.correlation);
    let sent = sender.send(push.request).instrument(span.clone()).await;
    trace::delivered(&span, sent.as_ref().map_or_else(PushError::outcome, |()| "sent"));
    match sent {
        Ok(()) => Ok(None),
        Err(PushError::Gone) => {
            app.forget_subscription(row.stream, push.device, &push.subscription).await?;
            Ok(None)
        }
        Err(PushError::Refused { status }) => {
            tracing::warn!(status, "a push service refuses what this service sends");
            Ok(None)
        }
        Err(PushError::Retry { status }) => Ok(Some(format!("later {status}"))),
        Err(PushError::Unavailable { reason }) => {
            tracing::warn!(reason, "a push service cannot be reached");
            Ok(Some("push-service-unavailable".to_owned()))
        }
    }
}
