//! The store as use cases see it: load an aggregate, commit what it decided, read and open events.

mod commit;
mod load;
mod opened;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use chancery_domain::events::known_types;
use chancery_domain::{ActorDetails, Claim, DecodeError, DomainEvent, KeyId, StreamId, Subject, Timestamp};
use tokio::sync::watch;
use uuid::Uuid;
use zeroize::Zeroizing;

pub use commit::{Commit, CommitError, DecisionInputs};
pub(crate) use load::seal_state;
pub use load::{Loaded, Refolded, StreamKey};
pub use opened::OpenKeys;

use crate::backend::{Backend, BackendError, Remembered};
use crate::batcher::{Batcher, BatcherOptions};
use crate::keys::{KeyError, KeyRing, Purpose, ServiceKey, Wrapper};
use crate::priority::Priority;
use crate::readers::Readers;
use crate::row::{CommandId, EventRow, Fingerprint, Position};
use crate::seal::{Associated, OpenError, Part, PartKeys, SecretKey, same_mac};

/// Why a stored event or state could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database did not answer.
    #[error("the log cannot be read")]
    Backend(#[from] BackendError),
    /// A key could not be used.
    #[error("a sealed part cannot be opened")]
    Key(#[from] KeyError),
    /// The row was changed since it was written.
    #[error("a sealed part of {stream} cannot be opened")]
    Open {
        /// The stream.
        stream: StreamId,
        /// What is wrong.
        #[source]
        source: OpenError,
    },
    /// A row that has no sealed part which could tell was changed since it was written.
    #[error("the event at {position} of {stream} was changed: its MAC is missing or of another content")]
    Changed {
        /// The stream.
        stream: StreamId,
        /// Where it stands in the log.
        position: Position,
    },
    /// The event or state is newer than this build, or damaged.
    #[error("an event of {stream} cannot be decoded")]
    Decode {
        /// The stream.
        stream: StreamId,
        /// What is wrong.
        #[source]
        source: DecodeError,
    },
}

impl ReadError {
    /// Whether it is about an event that a newer build can read.
    #[must_use]
    pub const fn is_newer(&self) -> bool {
        matches!(self, Self::Decode { source, .. } if source.is_newer())
    }
}

/// The log, its keys and its one writer in this process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    backend: Arc<dyn Backend>,
    batcher: Arc<Batcher>,
    keys: Arc<KeyRing>,
    readers: Arc<Readers>,
}

impl Store {
    /// Opens the keys and starts the writer.
    ///
    /// # Errors
    /// [`KeyError`] if the wrapping keys are not this log's.
    pub async fn open(
        backend: Arc<dyn Backend>,
        wrapper: Arc<dyn Wrapper>,
        options: BatcherOptions,
        now: Timestamp,
    ) -> Result<Self, KeyError> {
        let keys = Arc::new(KeyRing::open(Arc::clone(&backend), wrapper, now).await?);
        let batcher = Arc::new(Batcher::start(Arc::clone(&backend), options));
        Ok(Self { backend, batcher, keys, readers: Arc::default() })
    }

    /// The database, for what is not an append.
    #[must_use]
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Which stored shapes it may write.
    #[must_use]
    pub fn readers(&self) -> &Readers {
        &self.readers
    }

    /// Tells the newest position that this process has written; other processes' appends are seen by looking at the head.
    #[must_use]
    pub fn written(&self) -> watch::Receiver<Position> {
        self.batcher.written()
    }

    /// Whether an append of something of this worth would be queued now.
    #[must_use]
    pub fn has_room(&self, priority: Priority) -> bool {
        self.batcher.has_room(priority)
    }

    /// Takes no more appends, waits until those that wait are durable, and ends all connections.
    pub async fn close(&self) {
        self.batcher.close().await;
        self.backend.close().await;
    }

    /// The id of a command: a MAC over who asks, by which route, and the key that came with the request.
    ///
    /// A key that the service minted with the form (a UUIDv7) keeps its time in front of the MAC.
    #[must_use]
    pub fn command_id(&self, caller: &[u8], route: &str, key: Uuid) -> CommandId {
        let mac = self.keys.service(Purpose::Command).key.mac(&[b"id", caller, route.as_bytes(), key.as_bytes()]);
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&key.as_bytes()[..6]);
        bytes[6..].copy_from_slice(&mac[..10]);
        CommandId(Uuid::from_bytes(bytes))
    }

    /// The fingerprint of a request: a MAC over its content.
    #[must_use]
    pub fn fingerprint(&self, parts: &[&[u8]]) -> Fingerprint {
        let inner = self.keys.service(Purpose::Command).key.mac(parts);
        let mac = self.keys.service(Purpose::Command).key.mac(&[b"fingerprint", &inner]);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&mac[..16]);
        Fingerprint(bytes)
    }

    /// What is remembered of a command; `None` if it led to no event yet.
    ///
    /// # Errors
    /// The database's.
    pub async fn remembered(&self, command: CommandId) -> Result<Option<Remembered>, BackendError> {
        self.backend.remembered(command).await
    }

    /// The HMAC by which a value is reserved and looked up.
    #[must_use]
    pub fn claim_mac(&self, claim: &Claim) -> [u8; 32] {
        self.keys.service(Purpose::Reservation).key.mac(&[&[claim.kind as u8], &claim.value])
    }

    /// Opens an event of a stream.
    ///
    /// # Errors
    /// [`ReadError`] if the row was changed or is newer than this build.
    pub async fn open_event<E: DomainEvent>(&self, row: &EventRow) -> Result<E, ReadError> {
        self.open_keys([row]).await?.event(row)
    }

    /// Opens what is known of the actor's machine; `None` if the event has no such part or its key is gone.
    ///
    /// # Errors
    /// [`ReadError`] if the row was changed.
    pub async fn open_details(&self, row: &EventRow) -> Result<Option<ActorDetails>, ReadError> {
        self.open_keys([row]).await?.details(row)
    }

    /// Opens the decision inputs; `None` if the event has none or their key is gone.
    ///
    /// # Errors
    /// [`ReadError`] if the row was changed.
    pub async fn open_inputs(&self, row: &EventRow) -> Result<Option<DecisionInputs>, ReadError> {
        let (Some(sealed), Some(id)) = (&row.inputs, row.key) else { return Ok(None) };
        let Some(key) = self.key_if_kept(id).await? else { return Ok(None) };
        let plain = open_part(row, &PartKeys::of(&key, None), Part::Inputs, sealed)?;
        minicbor::decode(&plain).map(Some).map_err(|error| ReadError::Decode {
            stream: row.stream,
            source: DecodeError::Malformed("decision inputs".to_owned(), error.to_string()),
        })
    }

    /// An HMAC for something about nobody yet, such as a throttle's counter: by purpose, never reversible.
    #[must_use]
    pub fn service_mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        self.keys.service(purpose).key.mac(parts)
    }

    /// The database's time, for comparing with the node's own clock.
    ///
    /// # Errors
    /// The database's.
    pub async fn database_time(&self) -> Result<Timestamp, BackendError> {
        self.backend.database_time().await
    }

    async fn key_if_kept(&self, id: KeyId) -> Result<Option<SecretKey>, KeyError> {
        match self.keys.by_id(id).await {
            Ok(key) => Ok(Some(key)),
            Err(KeyError::Destroyed(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What the parts of a stored row are bound to.
#[must_use]
pub fn associated(row: &EventRow) -> Associated<'_> {
    Associated {
        key: row.key,
        stream: row.stream,
        version: row.version,
        event_type: &row.event_type,
        schema_version: row.schema_version,
        decided: row.decided,
        command: row.command,
        actor: &row.actor,
        correlation: row.correlation,
        causing: row.causing,
    }
}

fn check_mac(row: &EventRow, row_key: &ServiceKey) -> Result<(), ReadError> {
    let is_whole = row.mac_key == Some(row_key.id)
        && row.mac.is_some_and(|mac| same_mac(&mac, &row_key.key.mac(&[&associated(row).bytes()])));
    if is_whole { Ok(()) } else { Err(ReadError::Changed { stream: row.stream, position: row.position }) }
}

fn open_part(row: &EventRow, keys: &PartKeys, part: Part, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    keys.part(row.stream, row.version, part)
        .open(&associated(row).bytes(), sealed)
        .map_err(|source| ReadError::Open { stream: row.stream, source })
}

/// Opens and decodes a row under its stream's data key, `None` for a destroyed one. Whatever it is decoded from is bound to
/// all that the row says: by the part about the subject, else by the decision inputs, else by the MAC.
fn decode_event<E: DomainEvent>(row: &EventRow, keys: Option<&PartKeys>, row_key: &ServiceKey) -> Result<E, ReadError> {
    let opened;
    let subject = match (&row.subject, keys) {
        (None, _) => {
            match (&row.inputs, keys) {
                (Some(_), None) => {}
                (Some(sealed), Some(keys)) => drop(open_part(row, keys, Part::Inputs, sealed)?),
                (None, _) => check_mac(row, row_key)?,
            }
            Subject::Absent
        }
        (Some(_), None) => Subject::Redacted,
        (Some(sealed), Some(keys)) => {
            opened = open_part(row, keys, Part::Subject, sealed)?;
            Subject::Open(&opened)
        }
    };
    E::decode(&row.event_type, row.schema_version, subject).map_err(|source| undecodable(row, source))
}

/// Refuses an event that this build does not know, for whoever must not pass over one: a hole that nobody sees would be left.
///
/// # Errors
/// [`ReadError::Decode`].
pub fn check_known(row: &EventRow) -> Result<(), ReadError> {
    let mut is_known_type = false;
    for (_, version) in known_types().filter(|(name, _)| *name == row.event_type) {
        if version == row.schema_version {
            return Ok(());
        }
        is_known_type = true;
    }
    let source = if is_known_type {
        DecodeError::UnknownVersion(row.event_type.clone(), row.schema_version)
    } else {
        DecodeError::UnknownType(row.event_type.clone())
    };
    Err(undecodable(row, source))
}

/// Whoever meets an event that only a newer build knows counts it: an operator has to hear of it.
fn undecodable(row: &EventRow, source: DecodeError) -> ReadError {
    if source.is_newer() {
        metrics::counter!("chancery_unknown_events_total").increment(1);
    }
    ReadError::Decode { stream: row.stream, source }
}
