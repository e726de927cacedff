//! What one command asks of the log, sealed and ready to be written, and what became of it.

use chancery_domain::{Actor, ClaimKind, KeyId, StreamId, Timestamp};
use uuid::Uuid;

use crate::backend::KeyClass;
use crate::priority::Priority;
use crate::row::{CommandId, EventRow, Fingerprint, Position, Version};

/// One command's events and everything that is written, checked or destroyed together with them.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The command's id; a repetition is answered with the first one's positions.
    pub command: CommandId,
    /// What the id stands for.
    pub fingerprint: Fingerprint,
    /// The stream that is written.
    pub stream: StreamId,
    /// How many events the stream must have.
    pub expected: Version,
    /// Other streams that the decision read, and the versions that they must still have.
    pub guards: Vec<Guard>,
    /// Keys that must exist and not be destroyed: those that sealed a part of this command and are not new with it.
    pub sealing_keys: Vec<KeyId>,
    /// Keys that come into being with it.
    pub new_keys: Vec<NewKey>,
    /// Values to reserve.
    pub claims: Vec<Reservation>,
    /// Values to release; only those that this stream holds.
    pub releases: Vec<Reservation>,
    /// Keys to destroy: their wrapped bytes are overwritten by nothing, their ids stay.
    pub destroyed_keys: Vec<KeyId>,
    /// The events, at least one; they get the versions from `expected + 1` on.
    pub events: Vec<PreparedEvent>,
    /// The stream's folded state after the last event; `None` for an aggregate that keeps no inline row. An aggregate
    /// either always gives one or never does.
    pub state: Option<InlineState>,
    /// When it was decided; the same for all events of a command.
    pub decided: Timestamp,
    /// Who acted.
    pub actor: Actor,
    /// Ties together what one request led to.
    pub correlation: Uuid,
    /// The event that a job acted on.
    pub causing: Option<Position>,
    /// What it is worth where there is no room for all.
    pub priority: Priority,
}

impl Prepared {
    /// The last event, as its row stands in the log once it was written.
    #[must_use]
    pub fn last_row(&self, last: Position, recorded: Timestamp) -> Option<EventRow> {
        let event = self.events.last()?;
        Some(EventRow {
            position: last,
            stream: self.stream,
            version: Version(self.expected.0 + i64::try_from(self.events.len()).ok()?),
            event_type: event.event_type.to_owned(),
            schema_version: event.schema_version,
            decided: self.decided,
            recorded,
            command: self.command,
            correlation: self.correlation,
            causing: self.causing,
            actor: self.actor.clone(),
            key: event.key,
            actor_key: event.actor_key,
            network_key: event.network_key,
            subject: event.subject.clone(),
            inputs: event.inputs.clone(),
            details: event.details.clone(),
            mac_key: event.mac_key,
            mac: event.mac,
        })
    }
}

/// One event of a command; what it shares with the command's other events stands in [`Prepared`].
#[derive(Clone, Debug, Default)]
pub struct PreparedEvent {
    /// See [`crate::EventRow`], as for all the fields here.
    pub event_type: &'static str,
    /// The version of the subject part's shape.
    pub schema_version: u16,
    /// The data key of the subject and input parts.
    pub key: Option<KeyId>,
    /// The actor's data key, where it is another.
    pub actor_key: Option<KeyId>,
    /// The month's network key.
    pub network_key: Option<KeyId>,
    /// What happened, sealed.
    pub subject: Option<Vec<u8>>,
    /// The decision inputs, sealed.
    pub inputs: Option<Vec<u8>>,
    /// The actor's details, sealed.
    pub details: Option<Vec<u8>>,
    /// The service key of `mac`.
    pub mac_key: Option<KeyId>,
    /// The MAC of a row without a sealed part.
    pub mac: Option<[u8; 32]>,
}

/// A stream that a decision read without writing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The stream.
    pub stream: StreamId,
    /// The version it was read at; 0 for a stream that must not exist.
    pub version: Version,
}

/// A reserved value, by its HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reservation {
    /// What the value is.
    pub kind: ClaimKind,
    /// The HMAC of the normalised value under the reservation key.
    pub mac: [u8; 32],
}

/// A key that comes into being with an append.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Its id.
    pub id: KeyId,
    /// What it seals.
    pub class: KeyClass,
    /// The stream whose parts it seals.
    pub owner: Option<StreamId>,
    /// A service key's purpose, or a network key's month.
    pub purpose: Option<String>,
    /// The key, wrapped.
    pub wrapped: Vec<u8>,
    /// The fingerprint of the wrapping key.
    pub wrapper: [u8; 8],
    /// When it was made.
    pub created: Timestamp,
}

/// The folded state of a stream, computed before the append and written with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineState {
    /// The aggregate's name.
    pub aggregate: &'static str,
    /// The fold that computed it.
    pub fold_version: u16,
    /// The data key that sealed it; `None` for a tombstone.
    pub key: Option<KeyId>,
    /// The sealed state; `None` for a tombstone.
    pub sealed: Option<Vec<u8>>,
}

/// What became of one command of a batch. They are checked in the order in which they stand here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// The id is known: its events' first and last position.
    Duplicate {
        /// The fingerprint that is kept with the id.
        fingerprint: Fingerprint,
        /// The first of its events.
        first: Position,
        /// The last of its events.
        last: Position,
    },
    /// A sealing key is gone.
    KeyGone,
    /// The stream, or a guard's, is at another version.
    WrongVersion,
    /// A value is reserved for another stream.
    ReservationTaken(ClaimKind),
    /// Written.
    Appended {
        /// The first event's position.
        first: Position,
        /// The last event's position.
        last: Position,
        /// The raised time of all of them.
        recorded: Timestamp,
    },
}
