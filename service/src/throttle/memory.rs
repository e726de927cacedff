//! Volatile rows in memory, for tests.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::throttle::{Limit, Window};
use chancery_eventstore::BackendError;
use chancery_eventstore::volatile::{Tally, Volatile, VolatileKind};

/// The volatile tables of one process, in memory, by the arithmetic of [`chancery_domain::throttle`]. Before it reads or
/// counts, a call lets others go first, so that those of several callers come between each other as they do in a database.
#[derive(Debug)]
pub(super) struct MemoryVolatile {
    born: Timestamp,
    tables: Mutex<Tables>,
}

#[derive(Debug, Default)]
struct Tables {
    rows: HashMap<(VolatileKind, [u8; 32]), (Vec<u8>, Timestamp)>,
    counters: HashMap<[u8; 32], Window>,
}

impl MemoryVolatile {
    /// Empty tables that were born at `born`.
    pub(super) fn new(born: Timestamp) -> Self {
        Self { born, tables: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Volatile for MemoryVolatile {
    async fn put(
        &self,
        kind: VolatileKind,
        key: &[u8; 32],
        sealed: &[u8],
        expires: Timestamp,
    ) -> Result<(), BackendError> {
        self.lock().rows.insert((kind, *key), (sealed.to_vec(), expires));
        Ok(())
    }

    async fn peek(&self, kind: VolatileKind, key: &[u8; 32], now: Timestamp) -> Result<Option<Vec<u8>>, BackendError> {
        let tables = self.lock();
        let row = tables.rows.get(&(kind, *key)).filter(|(_, expires)| now < *expires);
        Ok(row.map(|(sealed, _)| sealed.clone()))
    }

    async fn take(&self, kind: VolatileKind, key: &[u8; 32], now: Timestamp) -> Result<Option<Vec<u8>>, BackendError> {
        let row = self.lock().rows.remove(&(kind, *key)).filter(|(_, expires)| now < *expires);
        Ok(row.map(|(sealed, _)| sealed))
    }

    async fn count(&self, key: &[u8; 32], max: u32, window: Duration, now: Timestamp) -> Result<Tally, BackendError> {
        tokio::task::yield_now().await;
        let mut tables = self.lock();
        let limit = Limit { name: "", max, window };
        Ok(match limit.take(tables.counters.get(key).copied(), self.born, now) {
            Ok(window) => {
                tables.counters.insert(*key, window);
                Tally::Taken { count: window.count }
            }
            Err(full) => Tally::Full { until: full.until },
        })
    }

    async fn counted(&self, key: &[u8; 32], now: Timestamp) -> Result<Option<Window>, BackendError> {
        tokio::task::yield_now().await;
        Ok(self.lock().counters.get(key).filter(|window| now < window.ends).copied())
    }

    async fn give_back(&self, keys: &[[u8; 32]], now: Timestamp) -> Result<(), BackendError> {
        let mut tables = self.lock();
        for key in keys {
            if let Some(window) = tables.counters.get_mut(key).filter(|window| now < window.ends) {
                *window = window.give_back();
            }
        }
        Ok(())
    }

    async fn reset(&self, key: &[u8; 32]) -> Result<(), BackendError> {
        self.lock().counters.remove(key);
        Ok(())
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, BackendError> {
        let mut tables = self.lock();
        let before = tables.rows.len() + tables.counters.len();
        tables.rows.retain(|_, (_, expires)| now < *expires);
        tables.counters.retain(|_, window| now < window.ends);
        Ok((before - tables.rows.len() - tables.counters.len()) as u64)
    }

    async fn empty(&self) -> Result<(), BackendError> {
        *self.lock() = Tables::default();
        Ok(())
    }
}
