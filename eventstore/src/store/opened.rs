//! Opening many events at once: their keys are read together.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use chancery_domain::{ActorDetails, DecodeError, DomainEvent, KeyId};

use super::{ReadError, Store, associated, decode_event};
use crate::keys::{KeyError, Purpose, ServiceKey};
use crate::row::EventRow;
use crate::seal::{Part, PartKey, PartKeys, SecretKey};

/// The unwrapped keys of some events, as they stood when they were read.
pub struct OpenKeys {
    keys: HashMap<KeyId, SecretKey>,
    /// Of the MACs of rows without a sealed part.
    row: ServiceKey,
}

/// Only how many: they are secrets.
impl fmt::Debug for OpenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenKeys({})", self.keys.len())
    }
}

impl Store {
    /// Reads and unwraps the keys of these events. One that is destroyed is none.
    ///
    /// # Errors
    /// [`ReadError`] if the database does not answer or a key was changed.
    pub async fn open_keys<'r>(&self, rows: impl IntoIterator<Item = &'r EventRow>) -> Result<OpenKeys, ReadError> {
        let ids: BTreeSet<KeyId> =
            rows.into_iter().flat_map(|row| [row.key, row.actor_key, row.network_key]).flatten().collect();
        let ids: Vec<KeyId> = ids.into_iter().collect();
        let mut keys = HashMap::with_capacity(ids.len());
        let read = if ids.is_empty() { Vec::new() } else { self.backend.keys(&ids).await? };
        for row in read {
            match self.keys.unwrap(&row).await {
                Ok(key) => drop(keys.insert(row.id, key)),
                Err(KeyError::Destroyed(_)) => {}
                Err(error) => return Err(error.into()),
            }
            // Many are felt by those who share the thread.
            tokio::task::coop::consume_budget().await;
        }
        Ok(OpenKeys { keys, row: self.keys.service(Purpose::Row).clone() })
    }
}

impl OpenKeys {
    /// The data key of an event's stream; `None` once it is destroyed.
    #[must_use]
    pub fn data(&self, row: &EventRow) -> Option<&SecretKey> {
        row.key.and_then(|id| self.keys.get(&id))
    }

    /// Opens an event of a stream.
    ///
    /// # Errors
    /// [`ReadError`] if the row was changed or is newer than this build.
    pub fn event<E: DomainEvent>(&self, row: &EventRow) -> Result<E, ReadError> {
        decode_event(row, self.data(row).map(|key| PartKeys::of(key, None)).as_ref(), &self.row)
    }

    /// Opens what is known of the actor's machine; `None` if the event has no such part or its key is gone.
    ///
    /// # Errors
    /// [`ReadError`] if the row was changed.
    pub fn details(&self, row: &EventRow) -> Result<Option<ActorDetails>, ReadError> {
        let Some(sealed) = &row.details else { return Ok(None) };
        let Some(key) = row.actor_key.or(row.key).and_then(|id| self.keys.get(&id)) else { return Ok(None) };
        let network = row.network_key.map(|id| self.keys.get(&id));
        if network == Some(None) {
            return Ok(None);
        }
        let part = PartKey::derive(key, network.flatten(), row.stream, row.version, Part::Details);
        let plain = part
            .open(&associated(row).bytes(), sealed)
            .map_err(|source| ReadError::Open { stream: row.stream, source })?;
        minicbor::decode(&plain).map(Some).map_err(|error| ReadError::Decode {
            stream: row.stream,
            source: DecodeError::Malformed("actor details".to_owned(), error.to_string()),
        })
    }
}
