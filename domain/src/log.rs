//! The log itself: its epochs. An aggregate with one stream.
//!
//! A restored database, or one that lost its newest events, is another history than the one that gave acknowledgements.
//! It begins a new epoch, so that nothing of the old one is taken for its own.

use std::convert::Infallible;

use minicbor::{Decode, Encode};

use crate::aggregate::{Aggregate, Claim, Command, Context, Decision, DecodeError, command_shape, from_cbor, to_cbor};
use crate::events::events;
use crate::ids::{KeyId, StreamId};
use crate::time::Timestamp;

/// The stream of the log's own events: there is one in a log.
pub const LOG_STREAM: StreamId = StreamId::from_bytes(*b"chancery-the-log");

/// The epoch of a log from its first migration on.
const FIRST: i64 = 1;

events! {
    /// What happens to the log.
    LogEvent of "log":

    /// A new epoch began with this event. An auditor learns that the history before may have lost its end, what the
    /// newest event was that anybody remembered, and why the log goes on from here.
    EpochBegun(EpochBegun) = "log.epoch_begun" v 1;
    /// The database was put back from a backup, and every key that had been destroyed since was destroyed again. An auditor
    /// learns which backup it was. The epoch that begins with it says why.
    Restored(Restored) = "log.restored" v 1;
    /// The same without a ledger of destroyed keys that is known to be whole. An auditor learns that what was erased after
    /// the backup may be readable again.
    RestoredWithoutLedger(Restored) = "log.restored_without_ledger" v 1;
}

/// See [`LogEvent::Restored`] and [`LogEvent::RestoredWithoutLedger`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Restored {
    /// The newest event of the backup.
    #[n(0)]
    pub backup: KnownHead,
    /// How many keys were destroyed again.
    #[n(1)]
    pub keys: u64,
}

/// See [`LogEvent::EpochBegun`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct EpochBegun {
    /// The new epoch.
    #[n(0)]
    pub epoch: i64,
    /// Why, in the operator's words.
    #[n(1)]
    pub reason: String,
    /// The position of the last event before this one.
    #[n(2)]
    pub after: i64,
    /// The newest event of the old history that was known outside the database.
    #[n(3)]
    pub last_known: Option<KnownHead>,
}

/// An event by which an old history is known.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct KnownHead {
    /// Its epoch.
    #[n(0)]
    pub epoch: i64,
    /// Its position.
    #[n(1)]
    pub position: i64,
    /// SHA-256 of its record.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub record: [u8; 32],
}

/// The epoch that the log is in.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct LogState {
    /// Its number.
    #[n(0)]
    pub epoch: i64,
    /// When it began; before every other moment for the first one.
    #[n(1)]
    pub began: Timestamp,
}

impl Default for LogState {
    fn default() -> Self {
        Self { epoch: FIRST, began: Timestamp::default() }
    }
}

impl Aggregate for LogState {
    const NAME: &'static str = "log";
    const FOLD_VERSION: u16 = 2;
    type Event = LogEvent;

    fn evolve(&mut self, decided: Timestamp, event: &LogEvent) {
        match event {
            LogEvent::EpochBegun(begun) => *self = Self { epoch: begun.epoch, began: decided },
            LogEvent::Restored(_) | LogEvent::RestoredWithoutLedger(_) | LogEvent::Redacted => {}
        }
    }

    fn encode(&self) -> Vec<u8> {
        to_cbor(self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        from_cbor(Self::NAME, bytes)
    }

    fn claims(&self) -> Vec<Claim> {
        Vec::new()
    }

    fn secret_keys(&self) -> Vec<KeyId> {
        Vec::new()
    }

    fn is_tombstone(&self) -> bool {
        false
    }
}

/// An operator takes the log, as it stands now, for the log from now on. The outcome is the new epoch.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct BeginEpoch {
    /// The epoch that ends.
    #[n(0)]
    pub ended: i64,
    /// Why.
    #[n(1)]
    pub reason: String,
    /// The log's newest position.
    #[n(2)]
    pub after: i64,
    /// The newest event that was known.
    #[n(3)]
    pub last_known: Option<KnownHead>,
}

/// Why no epoch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeginEpochRefusal {
    /// Another was begun meanwhile.
    #[error("epoch {0} was begun meanwhile")]
    BegunAlready(i64),
}

impl BeginEpoch {
    /// The epoch that begins: higher than any that is known, since a log that was restored to an older epoch must not
    /// repeat a younger one.
    #[must_use]
    pub fn epoch(&self) -> i64 {
        self.ended.max(self.last_known.as_ref().map_or(0, |known| known.epoch)) + 1
    }
}

impl Command for BeginEpoch {
    command_shape!(LogState, "begin-epoch" v 1: i64, BeginEpochRefusal);

    fn decide(&self, state: &LogState, _: Context<'_>) -> Decision<LogEvent, i64, BeginEpochRefusal> {
        if state.epoch != self.ended {
            return Decision::refuse(BeginEpochRefusal::BegunAlready(state.epoch));
        }
        let epoch = self.epoch();
        let begun =
            EpochBegun { epoch, reason: self.reason.clone(), after: self.after, last_known: self.last_known.clone() };
        Decision::accept(vec![LogEvent::EpochBegun(begun)], epoch)
    }
}

/// Notes that the database was put back from a backup.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecordRestore {
    /// The newest event of the backup.
    #[n(0)]
    pub backup: KnownHead,
    /// How many keys were destroyed again.
    #[n(1)]
    pub keys: u64,
    /// Whether that is known to be all of them.
    #[n(2)]
    pub whole: bool,
}

impl Command for RecordRestore {
    command_shape!(LogState, "record-restore" v 1: (), Infallible);

    fn decide(&self, _: &LogState, _: Context<'_>) -> Decision<LogEvent, (), Infallible> {
        let restored = Restored { backup: self.backup.clone(), keys: self.keys };
        let event = if self.whole { LogEvent::Restored(restored) } else { LogEvent::RestoredWithoutLedger(restored) };
        Decision::accept(vec![event], ())
    }
}

#[cfg(test)]
mod tests;
