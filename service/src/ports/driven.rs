//! A clock and a random source for tests: both do only what the test says.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::digest;
use chancery_domain::Timestamp;
use tokio::sync::watch;

use super::{Clock, Random};

/// A clock that stands still until the test moves it. For tests.
///
/// A test that wants to move time past a sleep of a task that it started first waits for that sleep by
/// [`DrivenClock::until_sleepers`]; otherwise the task might read the later time and compute a later deadline.
#[derive(Debug)]
pub struct DrivenClock {
    now: watch::Sender<Timestamp>,
    sleepers: watch::Sender<usize>,
}

impl DrivenClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { now: watch::Sender::new(now), sleepers: watch::Sender::new(0) }
    }

    /// Moves the clock on by `span` and wakes those whose moment has come.
    pub fn advance(&self, span: Duration) {
        self.now.send_modify(|now| *now = now.plus(span));
    }

    /// Sets the clock, also backwards: nobody who was woken sleeps again.
    pub fn set(&self, now: Timestamp) {
        self.now.send_replace(now);
    }

    /// How many sleep at this moment and have not been woken.
    #[must_use]
    pub fn sleepers(&self) -> usize {
        *self.sleepers.borrow()
    }

    /// Returns once at least `count` sleep at the same time.
    pub async fn until_sleepers(&self, count: usize) {
        // The sender lives in `self`, so the channel cannot be closed.
        let _ = self.sleepers.subscribe().wait_for(|sleepers| *sleepers >= count).await;
    }
}

/// 2026-01-01T00:00:00Z.
impl Default for DrivenClock {
    fn default() -> Self {
        Self::new(Timestamp::from_seconds(1_767_225_600))
    }
}

#[async_trait]
impl Clock for DrivenClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    async fn sleep_until(&self, moment: Timestamp) {
        if self.now() >= moment {
            return;
        }
        let _asleep = Asleep::new(&self.sleepers);
        // The sender lives in `self`, so the channel cannot be closed.
        let _ = self.now.subscribe().wait_for(|now| *now >= moment).await;
    }
}

/// Counts one sleeper for as long as it lives, so that a sleep that is dropped counts no longer.
struct Asleep<'a>(&'a watch::Sender<usize>);

impl<'a> Asleep<'a> {
    fn new(sleepers: &'a watch::Sender<usize>) -> Self {
        sleepers.send_modify(|count| *count += 1);
        Self(sleepers)
    }
}

impl Drop for Asleep<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// Random bytes that are the same in every run with the same seed. For tests; never a source of secrets.
///
/// The bytes are SHA-256(seed ‖ counter). With several threads the sequence is the same, who gets which part is not.
#[derive(Debug, Default)]
pub struct SeededRandom {
    seed: u64,
    counter: AtomicU64,
}

impl SeededRandom {
    /// The source with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, counter: AtomicU64::new(0) }
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(digest::SHA256_OUTPUT_LEN) {
            let counter = self.counter.fetch_add(1, Ordering::Relaxed);
            let input = [self.seed.to_be_bytes(), counter.to_be_bytes()].concat();
            let block = digest::digest(&digest::SHA256, &input);
            chunk.copy_from_slice(&block.as_ref()[..chunk.len()]);
        }
    }
}

/// Random bytes that the test wrote down, in order; after the last one, zeros. For tests.
#[derive(Debug, Default)]
pub struct ScriptedRandom(Mutex<std::collections::VecDeque<u8>>);

impl ScriptedRandom {
    /// The source that hands out `bytes`.
    #[must_use]
    pub fn new(bytes: impl IntoIterator<Item = u8>) -> Self {
        Self(Mutex::new(bytes.into_iter().collect()))
    }
}

impl Random for ScriptedRandom {
    fn fill(&self, bytes: &mut [u8]) {
        let mut script = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        bytes.fill_with(|| script.pop_front().unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::sync::Arc;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::ports::random_array;

    #[test]
    fn a_driven_clock_wakes_only_those_whose_moment_has_come() {
        let clock = DrivenClock::default();
        let start = clock.now();
        let mut waker = Context::from_waker(Waker::noop());
        let mut early = pin!(clock.sleep_until(start.plus(Duration::from_secs(1))));
        let mut late = pin!(clock.sleep_until(start.plus(Duration::from_secs(2))));
        assert_eq!(early.as_mut().poll(&mut waker), Poll::Pending);
        assert_eq!(late.as_mut().poll(&mut waker), Poll::Pending);
        assert_eq!(clock.sleepers(), 2);

        clock.advance(Duration::from_micros(999_999));
        assert_eq!(early.as_mut().poll(&mut waker), Poll::Pending);
        clock.advance(Duration::from_micros(1));
        assert_eq!(early.as_mut().poll(&mut waker), Poll::Ready(()));
        assert_eq!(late.as_mut().poll(&mut waker), Poll::Pending);
        assert_eq!(clock.sleepers(), 1);
    }

    #[tokio::test]
    async fn a_test_can_wait_until_a_task_sleeps() {
        let clock = Arc::new(DrivenClock::default());
        let sleeper = tokio::spawn({
            let clock = Arc::clone(&clock);
            async move {
                let deadline = clock.now().plus(Duration::from_secs(60));
                clock.sleep_until(deadline).await;
                clock.now() == deadline
            }
        });
        clock.until_sleepers(1).await;
        clock.advance(Duration::from_secs(60));
        assert!(sleeper.await.unwrap());
        assert_eq!(clock.sleepers(), 0);
    }

    #[test]
    fn a_seed_gives_the_same_bytes_again_and_other_seeds_others() {
        let (one, two, other) = (SeededRandom::new(7), SeededRandom::new(7), SeededRandom::new(8));
        let first: [u8; 40] = random_array(&one);
        assert_eq!(first, random_array::<40>(&two));
        assert_ne!(first, random_array::<40>(&one), "the sequence goes on");
        assert_ne!(first, random_array::<40>(&other));
        assert_ne!(first[..8], first[32..], "blocks differ");
    }

    #[test]
    fn a_script_is_read_once_and_in_order() {
        let random = ScriptedRandom::new([1, 2, 3]);
        assert_eq!(random_array::<2>(&random), [1, 2]);
        assert_eq!(random_array::<3>(&random), [3, 0, 0]);
    }
}
