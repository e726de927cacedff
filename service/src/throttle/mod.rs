//! How much is too much: limits on mails, on sign-ins and on guesses, counted in volatile rows that all nodes share.
//!
//! A try is taken before the work it is for, and given back if it turns out to be no guess. What is counted is keyed by
//! a MAC: the counters tell nobody's name.

mod forms;
mod guesses;
mod limits;
mod mails;
#[cfg(test)]
mod memory;
mod second_factors;
mod sms;

use chancery_domain::Timestamp;
use chancery_eventstore::BackendError;
use chancery_eventstore::volatile::{Tally, Volatile};

pub(crate) use guesses::Guess;
pub use limits::{Limit, Limits};
pub use sms::sms_budget;

use crate::app::{App, Failure};

/// Enough for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitReached {
    /// Which limit, for metrics; never shown to a person.
    pub limit: &'static str,
    /// When the next try is possible.
    pub until: Timestamp,
}

/// A limit, and the counter that is held against it.
pub(crate) type Try = (Limit, [u8; 32]);

/// Takes one try.
async fn take<V: Volatile + Sync + ?Sized>(
    counters: &V,
    now: Timestamp,
    (limit, counter): &Try,
) -> Result<Result<u32, LimitReached>, BackendError> {
    match counters.count(counter, limit.max, limit.window, now).await? {
        Tally::Taken { count } => Ok(Ok(count)),
        Tally::Full { until } => Ok(Err(reached(*limit, until))),
    }
}

/// Takes one try of each counter, or of none: the first that is full gives the ones before it back.
async fn take_all<V: Volatile + Sync + ?Sized>(
    counters: &V,
    now: Timestamp,
    tries: &[Try],
) -> Result<Result<Vec<u32>, LimitReached>, BackendError> {
    let wanted: Vec<_> = tries.iter().map(|(limit, counter)| (*counter, limit.max, limit.window)).collect();
    Ok(counters.count_all(&wanted, now).await?.map_err(|(place, until)| reached(tries[place].0, until)))
}

fn reached(limit: Limit, until: Timestamp) -> LimitReached {
    metrics::counter!("chancery_limits_reached_total", "limit" => limit.name).increment(1);
    LimitReached { limit: limit.name, until }
}

/// Gives one try of each counter back.
async fn give_back<V: Volatile + Sync + ?Sized>(
    counters: &V,
    now: Timestamp,
    tries: &[Try],
) -> Result<(), BackendError> {
    let keys: Vec<[u8; 32]> = tries.iter().map(|(_, counter)| *counter).collect();
    counters.give_back(&keys, now).await
}

impl App {
    /// Takes one try of a counter.
    ///
    /// # Errors
    /// The database's.
    pub async fn take(&self, limit: Limit, counter: &[u8; 32]) -> Result<Result<u32, LimitReached>, Failure> {
        Ok(take(&**self.store.backend(), self.now(), &(limit, *counter)).await?)
    }

    /// Takes one try of each counter, or of none.
    pub(crate) async fn take_all(&self, tries: &[Try]) -> Result<Result<Vec<u32>, LimitReached>, Failure> {
        Ok(take_all(&**self.store.backend(), self.now(), tries).await?)
    }

    /// Gives one try of each counter back.
    pub(crate) async fn give_back(&self, tries: &[Try]) -> Result<(), Failure> {
        Ok(give_back(&**self.store.backend(), self.now(), tries).await?)
    }

    /// Waits until a request that must not tell anything by its time is answered: a fixed while after its arrival.
    pub async fn until_answer_is_due(&self, arrived: Timestamp) {
        self.clock.sleep_until(arrived.plus(self.settings.answer_after)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::memory::MemoryVolatile;
    use super::*;

    #[tokio::test]
    async fn a_try_that_one_counter_refuses_is_counted_by_none() {
        let counters = MemoryVolatile::new(Timestamp::from_seconds(0));
        let now = Timestamp::from_seconds(1_767_225_600);
        let limit = |name, max| Limit { name, max, window: std::time::Duration::from_secs(60) };
        let tries = [(limit("wide", 5), [1; 32]), (limit("narrow", 1), [2; 32]), (limit("never reached", 5), [3; 32])];
        assert_eq!(take_all(&counters, now, &tries).await.unwrap(), Ok(vec![1, 1, 1]));
        for _ in 0..10 {
            let reached = LimitReached { limit: "narrow", until: now.plus(std::time::Duration::from_secs(60)) };
            assert_eq!(take_all(&counters, now, &tries).await.unwrap(), Err(reached));
        }
        assert_eq!(counters.counted(&[1; 32], now).await.unwrap().map(|window| window.count), Some(1));
        assert_eq!(counters.counted(&[3; 32], now).await.unwrap().map(|window| window.count), Some(1));
    }
}
