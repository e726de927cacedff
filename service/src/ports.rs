//! The ports to what is not ours to decide: the time and randomness.
//!
//! Everything that reads a clock or draws a random number does so through these traits, so that a test can drive
//! both. [`SystemClock`] and [`SystemRandom`] are the real ones and the only places that touch the ambient ones.

use std::fmt;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use chancery_domain::Timestamp;

pub mod driven;

pub use driven::{DrivenClock, ScriptedRandom, SeededRandom};

/// The time.
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// Returns once [`Self::now`] is `moment` or later; at once if it already is.
    async fn sleep_until(&self, moment: Timestamp);
}

/// A source of random bytes.
///
/// Implementations used outside tests must be cryptographically secure: keys, salts and session secrets come from here.
pub trait Random: fmt::Debug + Send + Sync {
    /// Overwrites all of `bytes` with random ones.
    fn fill(&self, bytes: &mut [u8]);
}

/// `N` random bytes from `random`.
#[must_use]
pub fn random_array<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port to the ambient clock")]
    fn now(&self) -> Timestamp {
        // A clock set before 1970 reads as 1970; the comparison with the database's clock then refuses commands.
        let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::default().plus(elapsed)
    }

    async fn sleep_until(&self, moment: Timestamp) {
        // The timer runs on monotonic time and the moment is one of the wall clock: look again at each waking, and at
        // least once a minute, so that a clock that is set while we sleep makes us late by no more than that.
        loop {
            let left = moment.since(self.now());
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(Duration::from_mins(1))).await;
        }
    }
}

/// The cryptographic library's generator, seeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the port to ambient randomness")]
    fn fill(&self, bytes: &mut [u8]) {
        // The library ends the process rather than return when the system has no entropy, so the error has no cause.
        aws_lc_rs::rand::fill(bytes).expect("the system's random generator does not fail");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "compares the port with the ambient clock")]
    fn the_system_clock_is_the_wall_clock() {
        let before = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let now = SystemClock.now();
        let after = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        assert!(Timestamp::default().plus(before) <= now && now <= Timestamp::default().plus(after));
    }

    #[tokio::test]
    async fn sleeping_until_a_moment_never_returns_before_it() {
        let moment = SystemClock.now().plus(Duration::from_millis(3));
        SystemClock.sleep_until(moment).await;
        assert!(SystemClock.now() >= moment);
        SystemClock.sleep_until(Timestamp::default()).await;
    }

    #[test]
    fn system_randomness_does_not_repeat() {
        assert_ne!(random_array::<32>(&SystemRandom), random_array::<32>(&SystemRandom));
    }
}
