//! Ports that count how often they are called.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_service::ports::{Clock, DrivenClock, Random, SeededRandom};

/// How often each port was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calls {
    /// Draws of random bytes: ids, links, salts, nonces.
    pub draws: usize,
    /// Readings of the clock; each password hash takes three.
    pub readings: usize,
    /// Waits for a moment.
    pub waits: usize,
}

/// A clock and a source of randomness, and how often they were called.
#[derive(Debug)]
pub struct CountedPorts {
    clock: Arc<DrivenClock>,
    random: SeededRandom,
    draws: AtomicUsize,
    readings: AtomicUsize,
    waits: AtomicUsize,
}

impl CountedPorts {
    /// Ports that were not called yet.
    #[must_use]
    pub fn new(clock: Arc<DrivenClock>, seed: u64) -> Self {
        let count = AtomicUsize::default;
        Self { clock, random: SeededRandom::new(seed), draws: count(), readings: count(), waits: count() }
    }

    /// The calls since the last time that this was asked.
    pub fn calls(&self) -> Calls {
        let taken = |count: &AtomicUsize| count.swap(0, Ordering::Relaxed);
        Calls { draws: taken(&self.draws), readings: taken(&self.readings), waits: taken(&self.waits) }
    }
}

#[async_trait]
impl Clock for CountedPorts {
    fn now(&self) -> Timestamp {
        self.readings.fetch_add(1, Ordering::Relaxed);
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
