//! What a job is.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::policy::Policy;
use chancery_eventstore::EventRow;
use chancery_service::{App, Failure};

use crate::fact::Fact;

/// What a job may use.
#[derive(Clone, Debug)]
pub struct Context {
    /// The service.
    pub app: Arc<App>,
    /// How often this item was tried before.
    pub attempts: u32,
}

/// What became of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is nothing left to do.
    Done,
    /// Not yet: come back at this moment.
    Later(Timestamp),
    /// It did not work: come back after a pause that grows.
    Retry {
        /// Why, by a code that holds nothing personal.
        reason: String,
    },
    /// It will never work: somebody has to look at it.
    Dead {
        /// Why, by a code that holds nothing personal.
        reason: String,
    },
}

impl Outcome {
    /// Its name in metrics and traces.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Later(_) => "later",
            Self::Retry { .. } => "retry",
            Self::Dead { .. } => "dead",
        }
    }
}

/// Something that follows from events.
#[async_trait]
pub trait Job: Send + Sync {
    /// Its stable name.
    fn name(&self) -> &'static str;

    /// Whether it acts on events of this type, without opening them.
    fn acts_on_type(&self, event_type: &str) -> bool;

    /// When it acts on an event, if it does.
    fn due(&self, event: &Fact, decided: Timestamp, policy: &Policy) -> Option<Timestamp>;

    /// Acts. A repeat of the same item must be harmless: it may come after a crash between acting and recording.
    async fn act(&self, context: &Context, row: &EventRow, event: &Fact) -> Outcome;

    /// How many items a worker takes at once and acts on side by side. What it took and cannot begin would use up its
    /// lease by waiting.
    fn at_once(&self) -> usize {
        16
    }

    /// The longest time that one item may take; after it another worker takes it over.
    fn lease(&self) -> Duration {
        Duration::from_secs(60)
    }
}

/// Why an item waits that only a newer build can do.
pub(crate) const NEWER: &str = "newer-event";

/// The pause before it is looked at again: a process of that build may take it then.
pub(crate) const UNTIL_NEWER: Duration = Duration::from_secs(15);

/// The pause before another try: five seconds, doubled each time, at most ten minutes.
#[must_use]
pub fn backoff(attempts: u32) -> Duration {
    Duration::from_secs((5u64 << attempts.min(7)).min(600))
}

/// What a failure of a use case means to a job: it is not the item's fault, so that it is tried again.
impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        tracing::warn!(error = &failure as &dyn std::error::Error, "a job's use case failed");
        let reason = match failure {
            Failure::Busy { .. } => "busy",
            Failure::Unavailable => "database-unavailable",
            Failure::Full => "database-full",
            Failure::ClockSkew => "clock-skew",
            Failure::OtherHistory(_) => "other-history",
            Failure::Keys(_) => "keys",
            Failure::NoPolicy => "no-policy",
            Failure::Newer(_) => NEWER,
            Failure::OtherRequest => "other-request",
            Failure::Internal(_) => "internal",
        };
        Self::Retry { reason: reason.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_ten_minutes() {
        let pauses: Vec<u64> = [0, 1, 2, 6, 7, 40].map(|attempts| backoff(attempts).as_secs()).to_vec();
        assert_eq!(pauses, [5, 10, 20, 320, 600, 600]);
    }
}
