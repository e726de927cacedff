//! Rows that may be lost: what is single-use and short-lived, counters, leases.
//!
//! The one exception to "the audit is the state". Every row has an expiry; losing all of them, or putting an old copy
//! back, only refuses or asks again.

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::throttle::Window;
use std::time::Duration;

use crate::backend::BackendError;
use crate::tables::{Class, TABLES};

/// What a volatile row is. Numbers are stored and never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum VolatileKind {
    /// What a browser waits for after it asked for a mail: the address typed, the purpose, the target.
    Pending = 1,
    /// When a session was last used, under its account's data key.
    SessionUse = 2,
    /// A form that was handed out with a person check, until it is sent. Empty.
    Form = 3,
    /// What a browser has proved so far, while it is asked for a second factor.
    SignInStep = 4,
    /// A second factor or a set of recovery codes that is being added.
    Enrolment = 5,
    /// A request that an account's phones show, and from where none is shown for a while.
    AppRequest = 6,
    /// Where a device is reached that wants to be told of requests.
    PushSubscription = 7,
}

/// Whether a try was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tally {
    /// Counted; how many are in the window now, this one included.
    Taken {
        /// Tries in the window.
        count: u32,
    },
    /// The limit is reached, nothing was counted.
    Full {
        /// When the window ends.
        until: Timestamp,
    },
}

/// A counter's key, how many tries it may hold, and the length of its window.
pub type Try = ([u8; 32], u32, Duration);

/// The statements that empty every table of the class.
pub(crate) fn emptying() -> impl Iterator<Item = String> {
    TABLES.iter().filter(|table| table.class == Class::Volatile).map(|table| format!("DELETE FROM {}", table.name))
}

/// The volatile tables. Every call is one atomic statement, shared by all nodes.
#[async_trait]
pub trait Volatile {
    /// Writes a row, replacing one of the same kind and key. `sealed` is ciphertext, or empty where the row's being there
    /// says it all.
    async fn put(
        &self,
        kind: VolatileKind,
        key: &[u8; 32],
        sealed: &[u8],
        expires: Timestamp,
    ) -> Result<(), BackendError>;

    /// The row, if it has not expired at `now`; it stays.
    async fn peek(&self, kind: VolatileKind, key: &[u8; 32], now: Timestamp) -> Result<Option<Vec<u8>>, BackendError>;

    /// Takes the row away and returns it: of any number of callers one gets it.
    async fn take(&self, kind: VolatileKind, key: &[u8; 32], now: Timestamp) -> Result<Option<Vec<u8>>, BackendError>;

    /// Counts a try in a fixed window that begins with the first try, unless `max` are in it already.
    ///
    /// For one window after the volatile store's birth (its first use after it was made or emptied) only half of
    /// `max`, rounded up, is allowed: what was counted before may have been lost.
    async fn count(&self, key: &[u8; 32], max: u32, window: Duration, now: Timestamp) -> Result<Tally, BackendError>;

    /// Counts a try of each of several different counters, or of none: what they stand at, or the place of the first that
    /// is full and when its window ends.
    async fn count_all(
        &self,
        tries: &[Try],
        now: Timestamp,
    ) -> Result<Result<Vec<u32>, (usize, Timestamp)>, BackendError> {
        let mut counts = Vec::with_capacity(tries.len());
        for (place, (key, max, window)) in tries.iter().enumerate() {
            match self.count(key, *max, *window, now).await? {
                Tally::Taken { count } => counts.push(count),
                Tally::Full { until } => {
                    let taken: Vec<[u8; 32]> = tries[..place].iter().map(|(key, ..)| *key).collect();
                    self.give_back(&taken, now).await?;
                    return Ok(Err((place, until)));
                }
            }
        }
        Ok(Ok(counts))
    }

    /// Reads a counter without counting; `None` where no window runs.
    async fn counted(&self, key: &[u8; 32], now: Timestamp) -> Result<Option<Window>, BackendError>;

    /// Gives one counted try of each counter back; never below zero, and nothing where the window has ended.
    async fn give_back(&self, keys: &[[u8; 32]], now: Timestamp) -> Result<(), BackendError>;

    /// Sets a counter to zero.
    async fn reset(&self, key: &[u8; 32]) -> Result<(), BackendError>;

    /// Deletes what has expired, and what SQLite's write-ahead log may still hold of a destroyed key; returns how many rows.
    async fn sweep(&self, now: Timestamp) -> Result<u64, BackendError>;

    /// Empties every volatile table, as a restore does: the next count is the store's birth.
    async fn empty(&self) -> Result<(), BackendError>;
}
