//! Whether a stream is a copy of the log: the decision alone.

use crate::record;
use crate::row::Position;

/// What stands at a stream's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamEnd {
    /// There is no such stream.
    Missing,
    /// It never held a message.
    New,
    /// Its last sequence is known, and the message is gone: purged, or older than messages are kept.
    Gone,
    /// Its last message.
    Message {
        /// The sequence.
        sequence: i64,
        /// The body.
        record: Vec<u8>,
    },
}

/// What the database says, read before the stream was: what the stream had then, it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEnd {
    /// Where the log ends.
    pub head: Position,
    /// How far the job has come that came furthest.
    pub highest_floor: Position,
    /// Where the log ended when the generation began. Until its stream has been filled up to there, it ends before what a
    /// job was given and is no old copy.
    pub passed: Position,
}

/// Why a new generation begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// There was none, or its stream is gone.
    Missing,
    /// The stream lost its end.
    Purged,
    /// The stream ends before what a job was given: it is an old copy, or jobs went on without it.
    Behind,
    /// Somebody else wrote to the stream.
    Foreign,
    /// The log has a new epoch.
    Epoch,
}

impl Why {
    /// Its name in metrics and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Purged => "purged",
            Self::Behind => "behind",
            Self::Foreign => "foreign",
            Self::Epoch => "epoch",
        }
    }
}

/// The stream and the log tell different histories: the log was restored or rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Divergence {
    /// The stream holds an event after the log's end.
    #[error("the stream holds event {stream}, but the log ends at {log}: the log was restored from an older copy")]
    Beyond {
        /// The stream's.
        stream: Position,
        /// The log's.
        log: Position,
    },
    /// The stream holds another event at a position.
    #[error("the stream holds another event {0} than the log: the log was restored or rewritten")]
    Otherwise(Position),
    /// There is a stream of a later epoch.
    #[error(
        "there is a stream of epoch {stream}, but the log is in epoch {log}: the log was restored from an older copy"
    )]
    Epoch {
        /// The stream's.
        stream: i64,
        /// The log's.
        log: i64,
    },
    /// A job's floor, or a generation's base, stands after the log's end.
    #[error("event {0} was passed on already, but the log ends before it: the log was restored from an older copy")]
    Passed(Position),
}

/// What follows from comparing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The stream holds the log up to this position: go on after it.
    Continue(Position),
    /// A new generation begins.
    Begin(Why),
    /// Stop, alarm, and wait for `chancery log new-epoch`.
    Stop(Divergence),
}

/// Compares the end of a stream, whose sequence is position less `base`, with the log. `recorded` is the log's own record
/// at the position that the stream's last message claims, if the log has it.
#[must_use]
pub fn compare(base: Position, stream: &StreamEnd, log: &LogEnd, recorded: Option<&[u8]>) -> Verdict {
    let passed = log.highest_floor.max(base);
    if passed > log.head {
        return Verdict::Stop(Divergence::Passed(passed));
    }
    let end = match stream {
        StreamEnd::Missing => return Verdict::Begin(Why::Missing),
        StreamEnd::Gone => return Verdict::Begin(Why::Purged),
        StreamEnd::New => base,
        StreamEnd::Message { sequence, record } => {
            let position = base.0.checked_add(*sequence).map(Position);
            match record::decode(record) {
                // Our own record at its place. Whatever else it says, nobody but a relay of this log wrote it.
                Ok(row) if Some(row.position) == position => {}
                _ => return Verdict::Begin(Why::Foreign),
            }
            let position = position.unwrap_or_default();
            if position > log.head {
                return Verdict::Stop(Divergence::Beyond { stream: position, log: log.head });
            }
            if recorded != Some(record) {
                return Verdict::Stop(Divergence::Otherwise(position));
            }
            position
        }
    };
    if log.passed <= end && end < log.highest_floor { Verdict::Begin(Why::Behind) } else { Verdict::Continue(end) }
}

#[cfg(test)]
mod tests {
    use chancery_domain::{Actor, Timestamp};
    use uuid::Uuid;

    use super::*;
    use crate::row::{CommandId, EventRow, Version};

    fn record(position: i64, event_type: &str) -> Vec<u8> {
        let row = EventRow {
            position: Position(position),
            stream: chancery_domain::StreamId::default(),
            version: Version(1),
            event_type: event_type.to_owned(),
            schema_version: 1,
            decided: Timestamp(1),
            recorded: Timestamp(1),
            command: CommandId(Uuid::nil()),
            correlation: Uuid::nil(),
            causing: None,
            actor: Actor::Service,
            key: None,
            actor_key: None,
            network_key: None,
            subject: None,
            inputs: None,
            details: None,
            mac_key: None,
            mac: None,
        };
        record::encode(&row).unwrap()
    }

    fn log(head: i64, highest_floor: i64) -> LogEnd {
        LogEnd { head: Position(head), highest_floor: Position(highest_floor), passed: Position(0) }
    }

    fn message(sequence: i64, record: Vec<u8>) -> StreamEnd {
        StreamEnd::Message { sequence, record }
    }

    #[test]
    fn a_copy_of_the_log_goes_on_where_it_ends() {
        let theirs = record(15, "a");
        let judged = |log| compare(Position(10), &message(5, theirs.clone()), &log, Some(&theirs));
        assert_eq!(judged(log(15, 12)), Verdict::Continue(Position(15)));
        assert_eq!(judged(log(99, 15)), Verdict::Continue(Position(15)));
        assert_eq!(compare(Position(10), &StreamEnd::New, &log(99, 10), None), Verdict::Continue(Position(10)));
    }

    #[test]
    fn a_stream_that_is_missing_purged_or_behind_begins_anew() {
        let begins = |stream: &StreamEnd, log| compare(Position(10), stream, &log, Some(&record(15, "a")));
        assert_eq!(begins(&StreamEnd::Missing, log(99, 12)), Verdict::Begin(Why::Missing));
        assert_eq!(begins(&StreamEnd::Gone, log(99, 12)), Verdict::Begin(Why::Purged));
        assert_eq!(begins(&message(5, record(15, "a")), log(99, 16)), Verdict::Begin(Why::Behind));
        assert_eq!(begins(&StreamEnd::New, log(99, 11)), Verdict::Begin(Why::Behind));
    }

    #[test]
    fn a_stream_that_is_being_filled_is_not_behind() {
        let theirs = record(15, "a");
        let part = message(5, theirs.clone());
        let judged = |stream: &StreamEnd, highest_floor, passed| {
            let log = LogEnd { passed: Position(passed), ..log(99, highest_floor) };
            compare(Position(10), stream, &log, Some(&theirs))
        };
        assert_eq!(judged(&StreamEnd::New, 20, 20), Verdict::Continue(Position(10)));
        assert_eq!(judged(&part, 20, 16), Verdict::Continue(Position(15)));
        assert_eq!(judged(&part, 20, 15), Verdict::Begin(Why::Behind), "it was filled already");
    }

    #[test]
    fn what_no_relay_wrote_begins_anew_too() {
        for body in [b"garbage".to_vec(), Vec::new(), record(16, "a"), [record(15, "a"), vec![0]].concat()] {
            let verdict = compare(Position(10), &message(5, body), &log(99, 12), Some(&record(15, "a")));
            assert_eq!(verdict, Verdict::Begin(Why::Foreign));
        }
        let verdict = compare(Position(i64::MAX - 1), &message(5, record(15, "a")), &log(i64::MAX, 12), None);
        assert_eq!(verdict, Verdict::Begin(Why::Foreign));
    }

    #[test]
    fn another_history_stops() {
        let stream = message(5, record(15, "a"));
        let judged = |log, recorded: Option<&[u8]>| compare(Position(10), &stream, &log, recorded);
        let beyond = Divergence::Beyond { stream: Position(15), log: Position(14) };
        assert_eq!(judged(log(14, 12), None), Verdict::Stop(beyond));
        let other = Verdict::Stop(Divergence::Otherwise(Position(15)));
        assert_eq!(judged(log(99, 12), Some(&record(15, "b"))), other);
        assert_eq!(judged(log(99, 12), None), other, "a log with a hole");
        // Before anything else: nothing is begun over a log that lost what was passed on.
        assert_eq!(judged(log(99, 100), Some(&record(15, "a"))), Verdict::Stop(Divergence::Passed(Position(100))));
        let verdict = compare(Position(10), &StreamEnd::Missing, &log(9, 0), None);
        assert_eq!(verdict, Verdict::Stop(Divergence::Passed(Position(10))));
    }
}
