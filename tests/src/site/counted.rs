//! A database that counts by method how often it is asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chancery_domain::throttle::Window;
use chancery_domain::{ClaimKind, KeyId, StreamId, Timestamp};
use chancery_eventstore::append::Status;
use chancery_eventstore::volatile::{Tally, Try, Volatile, VolatileKind};
use chancery_eventstore::{
    Backend, BackendError, Columns, CommandId, EachEvent, EventRow, Head, History, KeyClass, KeyRow, NewKey, Position,
    Prepared, Remembered, StateRow, Version,
};

/// How often each method was called that was called at all.
pub type Asked = BTreeMap<&'static str, usize>;

/// A database as it is, and what it was asked on the way to an answer: what goes on behind one, in tasks of its own, is not
/// counted.
#[derive(Debug)]
pub struct CountedBackend {
    inner: Arc<dyn Backend>,
    asked: Mutex<Asked>,
    keys: Mutex<BTreeMap<KeyId, usize>>,
}

impl CountedBackend {
    /// A database that was not asked anything yet.
    #[must_use]
    pub fn new(inner: Arc<dyn Backend>) -> Self {
        Self { inner, asked: Mutex::default(), keys: Mutex::default() }
    }

    /// How often a key was looked for by its id, behind answers too.
    #[must_use]
    pub fn looked_for(&self, key: KeyId) -> usize {
        self.keys.lock().unwrap().get(&key).copied().unwrap_or_default()
    }

    /// The calls since the last time that this was asked.
    pub fn asked(&self) -> Asked {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    fn called(&self, method: &'static str) {
        if super::ports::on_the_way() {
            *self.asked.lock().unwrap().entry(method).or_default() += 1;
        }
    }
}

#[async_trait]
impl Backend for CountedBackend {
    async fn append(&self, batch: &[Prepared]) -> Result<Vec<Status>, BackendError> {
        self.called("append");
        self.inner.append(batch).await
    }

    async fn begin_epoch(&self, epoch: i64, command: &Prepared) -> Result<Status, BackendError> {
        self.called("begin_epoch");
        self.inner.begin_epoch(epoch, command).await
    }

    fn history(&self) -> &History {
        self.inner.history()
    }

    async fn relay_stopped(&self) -> Result<Option<String>, BackendError> {
        self.called("relay_stopped");
        self.inner.relay_stopped().await
    }

    async fn look(&self) -> Result<Head, BackendError> {
        self.called("look");
        self.inner.look().await
    }

    async fn close(&self) {
        self.called("close");
        self.inner.close().await
    }

    async fn event(&self, position: Position) -> Result<Option<EventRow>, BackendError> {
        self.called("event");
        self.inner.event(position).await
    }

    async fn head(&self) -> Result<Head, BackendError> {
        self.called("head");
        self.inner.head().await
    }

    async fn scan(&self, after: Position, limit: u32, each: EachEvent<'_>) -> Result<(), BackendError> {
        self.called("scan");
        self.inner.scan(after, limit, each).await
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Vec<EventRow>, BackendError> {
        self.called("read");
        self.inner.read(after, limit).await
    }

    async fn stream(
        &self,
        stream: StreamId,
        after: Version,
        limit: u32,
        columns: Columns,
        each: EachEvent<'_>,
    ) -> Result<(), BackendError> {
        self.called("stream");
        self.inner.stream(stream, after, limit, columns, each).await
    }

    async fn read_stream(&self, stream: StreamId, after: Version, limit: u32) -> Result<Vec<EventRow>, BackendError> {
        self.called("read_stream");
        self.inner.read_stream(stream, after, limit).await
    }

    async fn remembered(&self, command: CommandId) -> Result<Option<Remembered>, BackendError> {
        self.called("remembered");
        self.inner.remembered(command).await
    }

    async fn reserved(&self, kind: ClaimKind, mac: &[u8; 32]) -> Result<Option<StreamId>, BackendError> {
        self.called("reserved");
        self.inner.reserved(kind, mac).await
    }

    async fn state(&self, stream: StreamId) -> Result<Option<StateRow>, BackendError> {
        self.called("state");
        self.inner.state(stream).await
    }

    async fn count_reserved(&self, kind: ClaimKind) -> Result<u64, BackendError> {
        self.called("count_reserved");
        self.inner.count_reserved(kind).await
    }

    async fn holders(
        &self,
        kind: ClaimKind,
        after: &[u8; 32],
        limit: u32,
    ) -> Result<Vec<([u8; 32], StreamId)>, BackendError> {
        self.called("holders");
        self.inner.holders(kind, after, limit).await
    }

    async fn reserved_state(&self, kind: ClaimKind, mac: &[u8; 32]) -> Result<Option<StateRow>, BackendError> {
        self.called("reserved_state");
        self.inner.reserved_state(kind, mac).await
    }

    async fn reserved_state_with(
        &self,
        kind: ClaimKind,
        mac: &[u8; 32],
        row: (VolatileKind, &[u8; 32]),
        now: Timestamp,
    ) -> Result<Option<(StateRow, Option<Vec<u8>>)>, BackendError> {
        self.called("reserved_state_with");
        self.inner.reserved_state_with(kind, mac, row, now).await
    }

    async fn reserved_states(
        &self,
        claims: [(ClaimKind, &[u8; 32]); 2],
    ) -> Result<[Option<StateRow>; 2], BackendError> {
        self.called("reserved_states");
        self.inner.reserved_states(claims).await
    }

    async fn data_key(&self, stream: StreamId) -> Result<Option<KeyRow>, BackendError> {
        self.called("data_key");
        self.inner.data_key(stream).await
    }

    async fn key(&self, id: KeyId) -> Result<Option<KeyRow>, BackendError> {
        self.called("key");
        *self.keys.lock().unwrap().entry(id).or_default() += 1;
        self.inner.key(id).await
    }

    async fn keys(&self, ids: &[KeyId]) -> Result<Vec<KeyRow>, BackendError> {
        self.called("keys");
        self.inner.keys(ids).await
    }

    async fn keys_of_class(&self, class: KeyClass) -> Result<Vec<KeyRow>, BackendError> {
        self.called("keys_of_class");
        self.inner.keys_of_class(class).await
    }

    async fn destroyed_keys(&self, after: KeyId, limit: u32) -> Result<Vec<KeyId>, BackendError> {
        self.called("destroyed_keys");
        self.inner.destroyed_keys(after, limit).await
    }

    async fn applications(&self) -> Result<Vec<StreamId>, BackendError> {
        self.called("applications");
        self.inner.applications().await
    }

    async fn add_key(&self, key: &NewKey) -> Result<KeyRow, BackendError> {
        self.called("add_key");
        self.inner.add_key(key).await
    }

    async fn database_time(&self) -> Result<Timestamp, BackendError> {
        self.called("database_time");
        self.inner.database_time().await
    }
}

#[async_trait]
impl Volatile for CountedBackend {
    async fn put(
        &self,
        kind: VolatileKind,
        key: &[u8; 32],
        sealed: &[u8],
        expires: Timestamp,
    ) -> Result<(), BackendError> {
        self.called("put");
        self.inner.put(kind, key, sealed, expires).await
    }

    async fn peek(&self, kind: VolatileKind, key: &[u8; 32], now: Timestamp) -> Result<Option<Vec<u8>>, BackendError> {
        self.called("peek");
        self.inner.peek(kind, key, now).await
    }

    async fn take(&self, kind: VolatileKind, key: &[u8; 32], now: Timestamp) -> Result<Option<Vec<u8>>, BackendError> {
        self.called("take");
        self.inner.take(kind, key, now).await
    }

    async fn count(&self, key: &[u8; 32], max: u32, window: Duration, now: Timestamp) -> Result<Tally, BackendError> {
        self.called("count");
        self.inner.count(key, max, window, now).await
    }

    async fn count_all(
        &self,
        tries: &[Try],
        now: Timestamp,
    ) -> Result<Result<Vec<u32>, (usize, Timestamp)>, BackendError> {
        self.called("count_all");
        self.inner.count_all(tries, now).await
    }

    async fn counted(&self, key: &[u8; 32], now: Timestamp) -> Result<Option<Window>, BackendError> {
        self.called("counted");
        self.inner.counted(key, now).await
    }

    async fn give_back(&self, keys: &[[u8; 32]], now: Timestamp) -> Result<(), BackendError> {
        self.called("give_back");
        self.inner.give_back(keys, now).await
    }

    async fn reset(&self, key: &[u8; 32]) -> Result<(), BackendError> {
        self.called("reset");
        self.inner.reset(key).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, BackendError> {
        self.called("sweep");
        self.inner.sweep(now).await
    }

    async fn empty(&self) -> Result<(), BackendError> {
        self.called("empty");
        self.inner.empty().await
    }
}
