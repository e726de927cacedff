//! Whether this node may decide: its database answers, its keys are the log's, and its clock agrees.

use std::time::Duration;

use chancery_eventstore::Head;

use crate::app::{App, Failure};

/// What a node found of itself.
#[derive(Clone, Copy, Debug)]
pub struct Readiness {
    /// The head of the log.
    pub head: Head,
    /// How far its clock is from the database's.
    pub skew: Duration,
}

impl App {
    /// Looks whether this node may decide.
    ///
    /// # Errors
    /// [`Failure::ClockSkew`] if the clocks differ by too much, and the database's failures.
    pub async fn readiness(&self) -> Result<Readiness, Failure> {
        let before = self.now();
        let database = self.store.database_time().await?;
        let after = self.now();
        // The database answered somewhere between the two readings.
        let skew = before.since(database).max(database.since(after));
        if skew > self.settings.clock_skew {
            return Err(Failure::ClockSkew);
        }
        Ok(Readiness { head: self.store.backend().head().await?, skew })
    }
}
