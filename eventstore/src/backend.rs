//! What a database must do for the log. PostgreSQL and SQLite implement it; one suite of tests holds both to it.

use std::fmt;

use async_trait::async_trait;
use chancery_domain::{ClaimKind, KeyId, StreamId, Timestamp};
use uuid::Uuid;

use crate::append::{NewKey, Prepared, Status};
use crate::history::{Difference, History};
use crate::row::{CommandId, EventRow, Fingerprint, Position, Version};
use crate::volatile::{Volatile, VolatileKind};

/// The one row that every append locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The log's id, from its first migration on.
    pub log: Uuid,
    /// Raised only by `log new-epoch`, after a restore.
    pub epoch: i64,
    /// The newest event's position.
    pub position: Position,
    /// The newest event's recorded time.
    pub recorded: Timestamp,
}

/// What a key seals. Numbers are stored and never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum KeyClass {
    /// An aggregate's data key.
    Data = 1,
    /// One credential's own secret.
    Credential = 2,
    /// A month's network data.
    Network = 3,
    /// A purpose of the service: MACs, pepper, signatures.
    Service = 4,
}

impl KeyClass {
    /// The class with this stored number.
    #[must_use]
    pub const fn from_stored(number: i16) -> Option<Self> {
        Some(match number {
            1 => Self::Data,
            2 => Self::Credential,
            3 => Self::Network,
            4 => Self::Service,
            _ => return None,
        })
    }
}

/// A key as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// Its id.
    pub id: KeyId,
    /// What it seals.
    pub class: KeyClass,
    /// The stream whose parts it seals.
    pub owner: Option<StreamId>,
    /// A service key's purpose, or a network key's month (`2026-11`).
    pub purpose: Option<String>,
    /// The wrapped key; `None` once it is destroyed.
    pub wrapped: Option<Vec<u8>>,
    /// The fingerprint of the wrapping key.
    pub wrapper: [u8; 8],
    /// When it was made.
    pub created: Timestamp,
}

/// A stream's inline state, read together with its key so that a destroyed one is never used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateRow {
    /// The stream.
    pub stream: StreamId,
    /// How many events it has.
    pub version: Version,
    /// The fold that computed the state.
    pub fold_version: u16,
    /// The sealed state; `None` for a tombstone.
    pub sealed: Option<Vec<u8>>,
    /// The data key that the state is sealed under, as it is now; `None` for a tombstone.
    pub key: Option<KeyRow>,
}

/// What is kept of a command that led to events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// What the id stands for.
    pub fingerprint: Fingerprint,
    /// The stream that it wrote.
    pub stream: StreamId,
    /// Its first event.
    pub first: Position,
    /// Its last event.
    pub last: Position,
}

/// Why the database did not answer as it should.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// The connection was lost or refused; whether a batch was written is not known. Worth repeating.
    #[error("the database cannot be reached")]
    Unavailable(#[source] sqlx::Error),
    /// There is no room; nothing was written.
    #[error("the database has no room left")]
    Full(#[source] sqlx::Error),
    /// Too many wait to write already, or one waited too long; nothing was written.
    #[error("too many wait to write to the database")]
    Busy,
    /// Anything else: a bug, damage, or missing rights. Not worth repeating.
    #[error("the database refused the statement")]
    Rejected(#[source] sqlx::Error),
    /// The database's history is not the one that this process has seen; nothing was written.
    #[error(transparent)]
    OtherHistory(#[from] Difference),
    /// A stored row is not of a shape that any build writes.
    #[error("damaged row: {0}")]
    Damaged(String),
}

impl BackendError {
    /// The same for one more of those whose statement it was. What the driver said of it is told as text.
    #[must_use]
    pub fn again(&self) -> Self {
        let told = |error: &sqlx::Error| sqlx::Error::Protocol(error.to_string());
        match self {
            Self::Unavailable(error) => Self::Unavailable(told(error)),
            Self::Full(error) => Self::Full(told(error)),
            Self::Busy => Self::Busy,
            Self::Rejected(error) => Self::Rejected(told(error)),
            Self::OtherHistory(difference) => Self::OtherHistory(difference.clone()),
            Self::Damaged(what) => Self::Damaged(what.clone()),
        }
    }
}

/// Which columns of an event are read; those left out are `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// All of them.
    All,
    /// What a fold needs: what happened, and what proves that the row is as it was written. Without the actor's details,
    /// and without decision inputs where there is a part about the subject.
    Facts,
}

/// What is done with each event of a reading, as it arrives.
pub type EachEvent<'a> = &'a mut (dyn FnMut(EventRow) + Send);

/// One database holding one log.
///
/// A batch given to [`append`](Self::append) never holds two commands of one stream, reservation or command id, nor
/// one whose guard names a stream that another command of it writes; the batcher sees to that.
#[async_trait]
pub trait Backend: fmt::Debug + Volatile + Send + Sync {
    /// Writes a batch in one transaction; the statuses come in the batch's order, and one refused command leaves its
    /// neighbours alone.
    ///
    /// # Errors
    /// An error is about the batch as a whole. After [`BackendError::Unavailable`] it may or may not have been written;
    /// repeating it tells, by [`Status::Duplicate`].
    async fn append(&self, batch: &[Prepared]) -> Result<Vec<Status>, BackendError>;

    /// Writes one command as the first of the epoch `epoch`, which is higher than the log's, and moves the floors and cursors of what follows the log there.
    /// Only for a process that has the log to itself: it stands in no batch.
    ///
    /// # Errors
    /// The database's.
    async fn begin_epoch(&self, epoch: i64, command: &Prepared) -> Result<Status, BackendError>;

    /// What this process knows of the log's history. Nothing is appended to another.
    fn history(&self) -> &History;

    /// Why the relay stopped in the epoch that the log is in, if it did: the log's copy on NATS is of another history.
    async fn relay_stopped(&self) -> Result<Option<String>, BackendError>;

    /// Looks whether the database's history is still the one that this process has seen, and remembers its newest event;
    /// and whether the relay found another one on NATS.
    ///
    /// # Errors
    /// [`BackendError::OtherHistory`], and the database's.
    async fn look(&self) -> Result<Head, BackendError> {
        let history = self.history();
        // In this order: meanwhile the log may only grow.
        let seen = history.seen();
        let head = self.head().await?;
        let event = match &seen {
            Some(seen) => self.event(seen.position).await?,
            None => None,
        };
        history.compare(seen.as_ref(), &head, event.as_ref())?;
        if seen.is_none_or(|seen| seen.epoch < head.epoch || seen.position < head.position)
            && let Some(newest) = self.event(head.position).await?
        {
            history.saw(&newest);
        }
        history.hear(self.relay_stopped().await?)?;
        Ok(head)
    }

    /// Ends all connections, and leaves behind what can be copied: on SQLite one file that holds everything.
    async fn close(&self);

    /// The event at a position.
    async fn event(&self, position: Position) -> Result<Option<EventRow>, BackendError> {
        Ok(self.read(Position(position.0 - 1), 1).await?.pop().filter(|event| event.position == position))
    }

    /// The head of the log.
    async fn head(&self) -> Result<Head, BackendError>;

    /// Hands out up to `limit` events after `after`, in order, while more are under way.
    ///
    /// # Errors
    /// The database's; some events may have been handed out before.
    async fn scan(&self, after: Position, limit: u32, each: EachEvent<'_>) -> Result<(), BackendError>;

    /// The same, all at once.
    async fn read(&self, after: Position, limit: u32) -> Result<Vec<EventRow>, BackendError> {
        let mut rows = Vec::new();
        self.scan(after, limit, &mut |row| rows.push(row)).await?;
        Ok(rows)
    }

    /// The same, all at once, for whoever opens events of these types only: of all others what is sealed may be left out.
    async fn read_to_open(
        &self,
        after: Position,
        limit: u32,
        types: &[&'static str],
    ) -> Result<Vec<EventRow>, BackendError> {
        let _ = types;
        self.read(after, limit).await
    }

    /// Hands out up to `limit` events of one stream after its version `after`, in order, while more are under way.
    ///
    /// # Errors
    /// The database's; some events may have been handed out before.
    async fn stream(
        &self,
        stream: StreamId,
        after: Version,
        limit: u32,
        columns: Columns,
        each: EachEvent<'_>,
    ) -> Result<(), BackendError>;

    /// The same, all at once and with all columns.
    async fn read_stream(&self, stream: StreamId, after: Version, limit: u32) -> Result<Vec<EventRow>, BackendError> {
        let mut rows = Vec::new();
        self.stream(stream, after, limit, Columns::All, &mut |row| rows.push(row)).await?;
        Ok(rows)
    }

    /// What is remembered of a command.
    async fn remembered(&self, command: CommandId) -> Result<Option<Remembered>, BackendError>;

    /// The stream that holds a reservation.
    async fn reserved(&self, kind: ClaimKind, mac: &[u8; 32]) -> Result<Option<StreamId>, BackendError>;

    /// How many values of a kind are held.
    async fn count_reserved(&self, kind: ClaimKind) -> Result<u64, BackendError>;

    /// Up to `limit` streams that hold a value of a kind, behind the one whose value has the HMAC `after`, each with the HMAC of
    /// its own. Their order is as good as drawn by lot, and always the same.
    async fn holders(
        &self,
        kind: ClaimKind,
        after: &[u8; 32],
        limit: u32,
    ) -> Result<Vec<([u8; 32], StreamId)>, BackendError>;

    /// A stream's inline state with its data key. `None` if there is no row, which need not mean that there are no
    /// events.
    async fn state(&self, stream: StreamId) -> Result<Option<StateRow>, BackendError>;

    /// The same, of the stream that holds a reservation, in one statement.
    async fn reserved_state(&self, kind: ClaimKind, mac: &[u8; 32]) -> Result<Option<StateRow>, BackendError>;

    /// The same with a volatile row that is wanted along with it, in one statement where each costs a way to the database.
    async fn reserved_state_with(
        &self,
        kind: ClaimKind,
        mac: &[u8; 32],
        row: (VolatileKind, &[u8; 32]),
        now: Timestamp,
    ) -> Result<Option<(StateRow, Option<Vec<u8>>)>, BackendError>;

    /// The states of the streams that hold two reservations, in one statement where each costs a way to the database.
    async fn reserved_states(&self, claims: [(ClaimKind, &[u8; 32]); 2])
    -> Result<[Option<StateRow>; 2], BackendError>;

    /// The data key of a stream, for when its state row is missing.
    async fn data_key(&self, stream: StreamId) -> Result<Option<KeyRow>, BackendError>;

    /// One key.
    async fn key(&self, id: KeyId) -> Result<Option<KeyRow>, BackendError>;

    /// Those of these keys that exist, in any order.
    async fn keys(&self, ids: &[KeyId]) -> Result<Vec<KeyRow>, BackendError>;

    /// Every key of a class; for service and network keys, of which there are few.
    async fn keys_of_class(&self, class: KeyClass) -> Result<Vec<KeyRow>, BackendError>;

    /// The ids of destroyed keys behind `after`, in order.
    async fn destroyed_keys(&self, after: KeyId, limit: u32) -> Result<Vec<KeyId>, BackendError>;

    /// The streams of all applications, of which there are few.
    async fn applications(&self) -> Result<Vec<StreamId>, BackendError>;

    /// Adds a service or network key. If another node added one for the same class and purpose first, nothing is
    /// written and that one is returned.
    async fn add_key(&self, key: &NewKey) -> Result<KeyRow, BackendError>;

    /// The database's own clock.
    async fn database_time(&self) -> Result<Timestamp, BackendError>;
}
