//! The names of everything on NATS, and how long it is kept there: the one place that knows them.
//!
//! | What | Name |
//! |---|---|
//! | stream of a generation | `chancery-<log>-<epoch>-<generation>` |
//! | its one subject | `chancery.log.<log>.<epoch>.<generation>` |
//! | a job's durable consumer | the job's name |
//! | subject that tells of an append | `chancery.wake.<log>` |
//! | inboxes | `_INBOX_chancery.…` |
//!
//! A message's sequence is its event's position less the generation's base; its body is the row's record.

use std::time::Duration;

use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy};
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use uuid::Uuid;

use crate::row::Position;

/// The header with the event's position.
pub const POSITION: &str = "Chancery-Position";

/// What inboxes begin with, so that an account's rights can name them.
pub const INBOX: &str = "_INBOX_chancery";

/// How long a message is kept. A job that is further behind is given what it lacks from the log.
const KEPT: Duration = Duration::from_hours(7 * 24);

/// When a message that a process took and did not acknowledge is given to another. Taking is quick: what takes long is
/// noted in the database first.
const TAKEN_FOR: Duration = Duration::from_secs(5);

/// Messages that all processes together have taken of one job's and not acknowledged yet.
const TAKEN: i64 = 5_000;

/// Requests for messages that one job's processes have open.
const WAITING: i64 = 256;

/// Which copy of which log a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamId {
    /// The log.
    pub log: Uuid,
    /// Its epoch.
    pub epoch: i64,
    /// The generation.
    pub generation: i64,
}

impl StreamId {
    /// The stream's name.
    #[must_use]
    pub fn stream(&self) -> String {
        format!("chancery-{}-{}-{}", self.log.simple(), self.epoch, self.generation)
    }

    /// Its one subject.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("chancery.log.{}.{}.{}", self.log.simple(), self.epoch, self.generation)
    }

    /// Reads a stream's name; `None` for one that is not ours.
    #[must_use]
    pub fn from_stream(name: &str) -> Option<Self> {
        let mut parts = name.strip_prefix("chancery-")?.split('-');
        let id = Self {
            log: Uuid::try_parse(parts.next()?).ok()?,
            epoch: parts.next()?.parse().ok()?,
            generation: parts.next()?.parse().ok()?,
        };
        (id.stream() == name).then_some(id)
    }

    /// How the stream is made: on disk, of this many bytes at most, of which the oldest go first. What has gone is read
    /// from the log by whoever still needs it, so that a slow job never keeps the relay from going on.
    #[must_use]
    pub fn config(&self, bytes: u64) -> Config {
        Config {
            name: self.stream(),
            subjects: vec![self.subject()],
            retention: RetentionPolicy::Limits,
            storage: StorageType::File,
            discard: DiscardPolicy::Old,
            max_bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
            max_messages: -1,
            max_messages_per_subject: -1,
            max_consumers: -1,
            max_age: KEPT,
            num_replicas: 1,
            ..Config::default()
        }
    }
}

/// The subject on which a process tells that the log grew. Only a hint.
#[must_use]
pub fn wake(log: Uuid) -> String {
    format!("chancery.wake.{}", log.simple())
}

/// A job's durable consumer: every message after `floor` until it is acknowledged, from the beginning of the stream where
/// that begins later.
#[must_use]
pub fn consumer(job: &str, base: Position, floor: Position) -> pull::Config {
    let start_sequence = u64::try_from(floor.0.saturating_sub(base.0)).unwrap_or(0).saturating_add(1);
    pull::Config {
        durable_name: Some(job.to_owned()),
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence },
        ack_policy: AckPolicy::Explicit,
        ack_wait: TAKEN_FOR,
        max_ack_pending: TAKEN,
        max_waiting: WAITING,
        ..pull::Config::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_streams_name_is_read_back_and_no_other() {
        let id = StreamId { log: Uuid::from_u128(7), epoch: 2, generation: 31 };
        assert_eq!(id.stream(), "chancery-00000000000000000000000000000007-2-31");
        assert_eq!(id.subject(), "chancery.log.00000000000000000000000000000007.2.31");
        assert_eq!(StreamId::from_stream(&id.stream()), Some(id));
        for name in [
            "",
            "chancery-",
            "chancery-00000000000000000000000000000007-2",
            "chancery-00000000000000000000000000000007-2-31-1",
            "chancery-00000000000000000000000000000007-2-+31",
            "chancery-00000000000000000000000000000007-02-31",
            "other-00000000000000000000000000000007-2-31",
        ] {
            assert_eq!(StreamId::from_stream(name), None, "{name}");
        }
    }

    #[test]
    fn a_consumer_begins_after_the_jobs_floor() {
        let begins = |base, floor| consumer("mail", Position(base), Position(floor)).deliver_policy;
        assert_eq!(begins(10, 10), DeliverPolicy::ByStartSequence { start_sequence: 1 });
        assert_eq!(begins(10, 15), DeliverPolicy::ByStartSequence { start_sequence: 6 });
        assert_eq!(begins(10, 3), DeliverPolicy::ByStartSequence { start_sequence: 1 });
    }
}
