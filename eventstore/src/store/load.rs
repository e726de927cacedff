//! Loading: by the inline state where it is of today's fold, by folding the stream where it is not.

use std::sync::OnceLock;

use chancery_domain::{Aggregate, Claim, KeyId, StreamId, Timestamp};
use futures::TryFutureExt as _;

use super::{ReadError, Store, decode_event};
use crate::append::NewKey;
use crate::backend::{BackendError, Columns, KeyClass, StateRow};
use crate::keys::{KeyError, Purpose, ServiceKey};
use crate::row::{EventRow, Version};
use crate::seal::{Part, PartKey, PartKeys, SecretKey};
use crate::volatile::VolatileKind;

/// Rows that are read at once when a stream is folded.
const PAGE: u32 = 1_000;

/// The data key of a loaded stream.
#[derive(Clone, Debug)]
pub enum StreamKey {
    /// Stored already.
    Held(KeyId, SecretKey),
    /// Made for a new stream; the first append stores it.
    New(SecretKey, Box<NewKey>),
    /// Destroyed: the stream has nothing more to say.
    Gone,
}

impl StreamKey {
    /// What the keys of the stream's parts are derived from.
    fn part_keys(&self) -> Option<PartKeys> {
        match self {
            Self::Held(_, key) | Self::New(key, _) => Some(PartKeys::of(key, None)),
            Self::Gone => None,
        }
    }
}

/// An aggregate as it stood when it was read; what it decides is committed against this version.
#[derive(Clone, Debug)]
pub struct Loaded<A> {
    /// The stream.
    pub stream: StreamId,
    /// How many events it had.
    pub version: Version,
    /// Its state.
    pub state: A,
    /// Its data key.
    pub key: StreamKey,
}

impl Store {
    /// An aggregate that does not exist yet, with a key of its own.
    ///
    /// # Errors
    /// [`KeyError`] if no key can be made.
    pub async fn fresh<A: Aggregate>(&self, stream: StreamId, now: Timestamp) -> Result<Loaded<A>, KeyError> {
        let (key, new) = self.keys.create(KeyClass::Data, stream, now).await?;
        Ok(Loaded { stream, version: Version(0), state: A::default(), key: StreamKey::New(key, Box::new(new)) })
    }

    /// Loads a stream; `None` if it has no events.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn load<A: Aggregate>(&self, stream: StreamId) -> Result<Option<Loaded<A>>, ReadError> {
        match self.backend.state(stream).await? {
            Some(row) => self.open_state(row).await.map(Some),
            None => {
                let loaded = self.fold(stream, None).await?;
                Ok((loaded.version > Version(0)).then_some(loaded))
            }
        }
    }

    /// Loads the stream that holds a value.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn find<A: Aggregate>(&self, claim: &Claim) -> Result<Option<Loaded<A>>, ReadError> {
        let mac = self.claim_mac(claim);
        match self.backend.reserved_state(claim.kind, &mac).await? {
            Some(row) => self.open_state(row).await.map(Some),
            None => match self.backend.reserved(claim.kind, &mac).await? {
                Some(stream) => self.load(stream).await,
                None => Ok(None),
            },
        }
    }

    /// The same for a value that a stranger names: the database is asked alike whether somebody holds it or nobody does.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn find_alike<A: Aggregate>(&self, claim: &Claim) -> Result<Option<Loaded<A>>, ReadError> {
        let mac = self.claim_mac(claim);
        let row = self.backend.reserved_state(claim.kind, &mac).await?;
        let holder = self.backend.reserved(claim.kind, &mac).await?;
        match (row, holder) {
            (Some(row), _) => self.open_state(row).await.map(Some),
            (None, Some(stream)) => self.load(stream).await,
            (None, None) => Ok(None),
        }
    }

    /// The same with a volatile row about it, read at the same moment.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn find_with<A: Aggregate>(
        &self,
        claim: &Claim,
        row: (VolatileKind, &[u8; 32]),
        now: Timestamp,
    ) -> Result<Option<(Loaded<A>, Option<Vec<u8>>)>, ReadError> {
        let mac = self.claim_mac(claim);
        if let Some((state, found)) = self.backend.reserved_state_with(claim.kind, &mac, row, now).await? {
            return Ok(Some((self.open_state(state).await?, found)));
        }
        // A stream without an inline row.
        let Some(loaded) = Box::pin(self.find(claim)).await? else { return Ok(None) };
        Ok(Some((loaded, self.backend.peek(row.0, row.1, now).await?)))
    }

    /// The inline rows of the streams that hold two values, sealed, read at the same moment.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_two(&self, [one, other]: [&Claim; 2]) -> Result<[Option<StateRow>; 2], BackendError> {
        let macs = [self.claim_mac(one), self.claim_mac(other)];
        self.backend.reserved_states([(one.kind, &macs[0]), (other.kind, &macs[1])]).await
    }

    /// An aggregate by its inline row.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn open_state<A: Aggregate>(&self, row: StateRow) -> Result<Loaded<A>, ReadError> {
        let stream = row.stream;
        let (Some(sealed), Some(key_row), true) = (&row.sealed, &row.key, row.fold_version == A::FOLD_VERSION) else {
            // Boxed, as it is rare and large: else every load would be as large.
            return Box::pin(self.fold(stream, None)).await;
        };
        let key = self.keys.unwrap(key_row).await?;
        let plain = PartKey::derive(&key, None, stream, row.version, Part::State)
            .open(&state_associated::<A>(stream, row.version), sealed)
            .map_err(|source| ReadError::Open { stream, source })?;
        let state = A::decode(&plain).map_err(|source| ReadError::Decode { stream, source })?;
        Ok(Loaded { stream, version: row.version, state, key: StreamKey::Held(key_row.id, key) })
    }

    /// The data key of a stream.
    async fn stream_key(&self, stream: StreamId) -> Result<StreamKey, ReadError> {
        let Some(row) = self.backend.data_key(stream).await? else { return Ok(StreamKey::Gone) };
        match self.keys.unwrap(&row).await {
            Ok(key) => Ok(StreamKey::Held(row.id, key)),
            Err(KeyError::Destroyed(_)) => Ok(StreamKey::Gone),
            Err(error) => Err(error.into()),
        }
    }

    /// Folds a stream from its events, up to a version or to its end.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn fold<A: Aggregate>(&self, stream: StreamId, until: Option<Version>) -> Result<Loaded<A>, ReadError> {
        let mut loaded = Loaded { stream, version: Version(0), state: A::default(), key: StreamKey::Gone };
        let row_key = self.keys.service(Purpose::Row);
        // The first rows are asked for beside the key that opens them, and those that come before it wait.
        let (keys, mut waiting) = (OnceLock::new(), Vec::new());
        let mut left = until.map_or(u64::MAX, |until| until.0.unsigned_abs());
        loop {
            let limit = u32::try_from(left).map_or(PAGE, |left| left.min(PAGE));
            let (before, mut folded) = (loaded.version, Ok(()));
            let mut fold = |keys: &Option<PartKeys>, row: EventRow| {
                if folded.is_ok() {
                    folded = loaded.apply(&row, keys.as_ref(), row_key);
                }
            };
            // Each event is folded while the next ones are under way.
            let each = &mut |row| match keys.get() {
                Some(keys) => waiting.drain(..).chain([row]).for_each(|row| fold(keys, row)),
                None => waiting.push(row),
            };
            let read = self.backend.stream(stream, before, limit, Columns::Facts, each);
            if keys.get().is_some() {
                read.await?;
            } else {
                let find = async {
                    let key = self.stream_key(stream).await?;
                    let keys = keys.get_or_init(|| key.part_keys());
                    Ok::<_, ReadError>((key, keys))
                };
                let ((key, keys), ()) = tokio::try_join!(find, read.map_err(ReadError::from))?;
                waiting.drain(..).for_each(|row| fold(keys, row));
                loaded.key = key;
            }
            folded?;
            left -= u64::from(limit);
            if left == 0 || loaded.version.0 - before.0 < i64::from(limit) {
                break;
            }
        }
        Ok(loaded)
    }
}

/// A stream's inline row as its events give it.
#[derive(Debug)]
pub struct Refolded<A> {
    /// The state, its version and key.
    pub loaded: Loaded<A>,
    /// The sealed state, byte for byte what the append wrote; `None` for a tombstone.
    pub sealed: Option<Vec<u8>>,
}

impl Store {
    /// Folds a stream anew and seals its state as the append does: whoever doubts an inline row compares.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn refold<A: Aggregate>(&self, stream: StreamId) -> Result<Refolded<A>, ReadError> {
        let loaded = self.fold::<A>(stream, None).await?;
        let sealed = match &loaded.key {
            StreamKey::Held(_, key) | StreamKey::New(key, _) if !loaded.state.is_tombstone() => {
                Some(seal_state(key, stream, loaded.version, &loaded.state))
            }
            _ => None,
        };
        Ok(Refolded { loaded, sealed })
    }
}

/// A state as it stands in its inline row: equal states of equal versions give equal bytes.
pub(crate) fn seal_state<A: Aggregate>(key: &SecretKey, stream: StreamId, version: Version, state: &A) -> Vec<u8> {
    PartKey::derive(key, None, stream, version, Part::State)
        .seal_deterministic(&state_associated::<A>(stream, version), &state.encode())
}

impl<A: Aggregate> Loaded<A> {
    fn apply(&mut self, row: &EventRow, keys: Option<&PartKeys>, row_key: &ServiceKey) -> Result<(), ReadError> {
        let event: A::Event = decode_event(row, keys, row_key)?;
        self.state.evolve(row.decided, &event);
        self.version = row.version;
        Ok(())
    }
}

/// What a sealed state is bound to.
fn state_associated<A: Aggregate>(stream: StreamId, version: Version) -> Vec<u8> {
    let mut bytes = b"chancery state v1".to_vec();
    bytes.extend_from_slice(A::NAME.as_bytes());
    bytes.extend_from_slice(&A::FOLD_VERSION.to_be_bytes());
    bytes.extend_from_slice(stream.as_bytes());
    bytes.extend_from_slice(&version.0.to_be_bytes());
    bytes
}
