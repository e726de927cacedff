//! How much is too much: limits on mails, on sign-ins and on guesses, counted in volatile rows that all nodes share.
//!
//! A try is taken before the work it is for, and given back if it turns out to be no guess. What is counted is keyed by
//! a MAC: the counters tell nobody's name.

mod limits;
mod mails;

use chancery_domain::Timestamp;
use chancery_eventstore::volatile::Tally;

pub use limits::{Limit, Limits};

use crate::app::{App, Failure};

/// Enough for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitReached {
    /// Which limit, for metrics; never shown to a person.
    pub limit: &'static str,
    /// When the next try is possible.
    pub until: Timestamp,
}

impl App {
    /// Takes one try of a counter.
    ///
    /// # Errors
    /// The database's.
    pub async fn take(&self, limit: Limit, counter: &[u8; 32]) -> Result<Result<u32, LimitReached>, Failure> {
        match self.store.backend().count(counter, limit.max, limit.window, self.now()).await? {
            Tally::Taken { count } => Ok(Ok(count)),
            Tally::Full { until } => {
                metrics::counter!("chancery_limits_reached_total", "limit" => limit.name).increment(1);
                Ok(Err(LimitReached { limit: limit.name, until }))
            }
        }
    }

    /// Takes one try of each counter, or of none: the first that is full gives the ones before it back.
    pub(crate) async fn take_all(
        &self,
        tries: &[(Limit, [u8; 32])],
    ) -> Result<Result<Vec<u32>, LimitReached>, Failure> {
        let mut counts = Vec::with_capacity(tries.len());
        for (index, (limit, counter)) in tries.iter().enumerate() {
            match self.take(*limit, counter).await? {
                Ok(count) => counts.push(count),
                Err(reached) => {
                    for (_, counter) in &tries[..index] {
                        self.store.backend().give_back(counter, self.now()).await?;
                    }
                    return Ok(Err(reached));
                }
            }
        }
        Ok(Ok(counts))
    }

    /// Waits until a request that must not tell anything by its time is answered: a fixed while after its arrival.
    pub async fn until_answer_is_due(&self, arrived: Timestamp) {
        self.clock.sleep_until(arrived.plus(self.settings.answer_after)).await;
    }
}
