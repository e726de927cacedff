//! Ports that count how often they are called.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use chancery_domain::{KeyId, Timestamp};
use chancery_service::ports::{Clock, DrivenClock, Random, SeededRandom};

use super::counted::{Asked, CountedBackend};

/// Whether this is the way to an answer: a test asks on its own, what goes on behind an answer is a task, and a password is
/// hashed on a thread that is none of the runtime's.
pub(super) fn on_the_way() -> bool {
    is_of_the_runtime() && tokio::task::try_id().is_none()
}

fn is_of_the_runtime() -> bool {
    tokio::runtime::Handle::try_current().is_ok()
}

/// How often each port was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calls {
    /// Draws of random bytes: ids, links, salts, nonces.
    pub draws: usize,
    /// Readings of the clock on the way to answers.
    pub readings: usize,
    /// Readings by those who hash passwords: three for each.
    pub hashing: usize,
    /// Waits for a moment.
    pub waits: usize,
    /// What the database was asked on the way to answers.
    pub asked: Asked,
}

/// A clock and a source of randomness, and how often they were called.
#[derive(Debug)]
pub struct CountedPorts {
    clock: Arc<DrivenClock>,
    backend: Arc<CountedBackend>,
    random: SeededRandom,
    draws: AtomicUsize,
    readings: AtomicUsize,
    hashing: AtomicUsize,
    waits: AtomicUsize,
}

impl CountedPorts {
    /// Ports that were not called yet.
    #[must_use]
    pub fn new(clock: Arc<DrivenClock>, backend: Arc<CountedBackend>, seed: u64) -> Self {
        let count = AtomicUsize::default;
        Self {
            clock,
            backend,
            random: SeededRandom::new(seed),
            draws: count(),
            readings: count(),
            hashing: count(),
            waits: count(),
        }
    }

    /// The calls since the last time that this was asked.
    pub fn calls(&self) -> Calls {
        let taken = |count: &AtomicUsize| count.swap(0, Ordering::Relaxed);
        Calls {
            draws: taken(&self.draws),
            readings: taken(&self.readings),
            hashing: taken(&self.hashing),
            waits: taken(&self.waits),
            asked: self.backend.asked(),
        }
    }

    /// How often a key was looked for by its id, since the beginning.
    #[must_use]
    pub fn looked_for(&self, key: KeyId) -> usize {
        self.backend.looked_for(key)
    }
}

#[async_trait]
impl Clock for CountedPorts {
    fn now(&self) -> Timestamp {
        if !is_of_the_runtime() {
            self.hashing.fetch_add(1, Ordering::Relaxed);
        } else if on_the_way() {
            self.readings.fetch_add(1, Ordering::Relaxed);
        }
        self.clock.now()
    }

    async fn sleep_until(&self, moment: Timestamp) {
        self.waits.fetch_add(1, Ordering::Relaxed);
        self.clock.sleep_until(moment).await;
    }
}

impl Random for CountedPorts {
    fn fill(&self, bytes: &mut [u8]) {
        self.draws.fetch_add(1, Ordering::Relaxed);
        self.random.fill(bytes);
    }
}
