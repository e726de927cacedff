//! What a database must do for the log. PostgreSQL and SQLite implement it; one suite of tests holds both to it.

use std::fmt;

use async_trait::async_trait;
use chancery_domain::{ClaimKind, KeyId, StreamId, Timestamp};
use uuid::Uuid;

use crate::append::{NewKey, Prepared, Status};
use crate::row::{CommandId, EventRow, Fingerprint, Position, Version};
use crate::volatile::Volatile;

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

/// A stream's inline state, read together with its data key so that a destroyed key is never used.
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
    /// The stream's data key, as it is now; `None` if it never had one.
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
    /// Anything else: a bug, damage, or missing rights. Not worth repeating.
    #[error("the database refused the statement")]
    Rejected(#[source] sqlx::Error),
    /// A stored row is not of a shape that any build writes.
    #[error("damaged row: {0}")]
    Damaged(String),
}

/// Which columns of an event are read; those left out are `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// All of them.
    All,
    /// What a fold needs: without decision inputs, the actor's details and MAC.
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

    /// A stream's inline state with its data key. `None` if there is no row, which need not mean that there are no
    /// events.
    async fn state(&self, stream: StreamId) -> Result<Option<StateRow>, BackendError>;

    /// The same, of the stream that holds a reservation, in one statement.
    async fn reserved_state(&self, kind: ClaimKind, mac: &[u8; 32]) -> Result<Option<StateRow>, BackendError>;

    /// The data key of a stream, for when its state row is missing.
    async fn data_key(&self, stream: StreamId) -> Result<Option<KeyRow>, BackendError>;

    /// One key.
    async fn key(&self, id: KeyId) -> Result<Option<KeyRow>, BackendError>;

    /// Every key of a class; for service and network keys, of which there are few.
    async fn keys_of_class(&self, class: KeyClass) -> Result<Vec<KeyRow>, BackendError>;

    /// Adds a service or network key. If another node added one for the same class and purpose first, nothing is
    /// written and that one is returned.
    async fn add_key(&self, key: &NewKey) -> Result<KeyRow, BackendError>;

    /// The database's own clock.
    async fn database_time(&self) -> Result<Timestamp, BackendError>;
}
