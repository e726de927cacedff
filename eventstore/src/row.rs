//! A row of the log, as it is stored.

use std::fmt;
use std::str::FromStr;

use chancery_domain::{Actor, KeyId, StreamId, Timestamp};
use uuid::Uuid;

/// An event's place in the log, from 1 on, without gaps, in commit order. 0 stands before the first event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub i64);

/// How many events a stream has; an event's own version is its place in its stream, from 1 on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub i64);

impl Position {
    /// Before the first event.
    pub const START: Self = Self(0);
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Position {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// A command's id: a keyed MAC of caller, route and key, so that it tells nothing of a key that a client chose.
///
/// Ids that the service mints itself keep a UUIDv7's time in front of the MAC, which keeps the index's tail hot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub Uuid);

/// A keyed MAC of the request that a command id stands for: tells a repetition from another request under the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 16]);

/// One event as the log holds it: ids, type, versions and times in the clear, all else sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// The place in the log.
    pub position: Position,
    /// The aggregate's stream.
    pub stream: StreamId,
    /// The place in the stream.
    pub version: Version,
    /// The stable wire name, such as `account.password_set`.
    pub event_type: String,
    /// The version of the subject part's shape.
    pub schema_version: u16,
    /// When it was decided, by the deciding node's clock. `evolve` uses only this.
    pub decided: Timestamp,
    /// The same, raised under the head lock so that it never goes back from one position to the next.
    pub recorded: Timestamp,
    /// The command that led to it; all events of one command share it.
    pub command: CommandId,
    /// Ties together everything that one request led to. Always our own.
    pub correlation: Uuid,
    /// The event that a job acted on, where one did.
    pub causing: Option<Position>,
    /// Who acted.
    pub actor: Actor,
    /// The data key of the subject and input parts (and of the actor part where the actor has no key of its own).
    pub key: Option<KeyId>,
    /// The actor's data key, where the actor part is sealed under another than `key`.
    pub actor_key: Option<KeyId>,
    /// The month's network key that the actor part's key is derived from besides.
    pub network_key: Option<KeyId>,
    /// What happened, sealed.
    pub subject: Option<Vec<u8>>,
    /// The decision inputs, sealed; in a command's first event only.
    pub inputs: Option<Vec<u8>>,
    /// The actor's details, sealed.
    pub details: Option<Vec<u8>>,
    /// The service key of `mac`.
    pub mac_key: Option<KeyId>,
    /// For a row without any sealed part: a MAC over what would have been the associated data.
    pub mac: Option<[u8; 32]>,
}
