//! Real time, which a measurement is about.

use std::time::{Duration, Instant};

/// Runs until then.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "a measurement is about real time")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long ago it was started.
    #[expect(clippy::disallowed_methods, reason = "a measurement is about real time")]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A new identifier with the time in front, as the service mints its command ids.
#[expect(clippy::disallowed_methods, reason = "a measurement needs real identifiers")]
pub fn time_ordered_id() -> uuid::Uuid {
    uuid::Uuid::now_v7()
}

/// A random identifier.
#[expect(clippy::disallowed_methods, reason = "a measurement needs real identifiers")]
pub fn random_id() -> uuid::Uuid {
    uuid::Uuid::new_v4()
}
