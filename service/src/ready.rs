//! Whether this node may decide: its database answers, its keys are the log's, and its clock agrees.

use std::sync::atomic::Ordering;
use std::time::Duration;

use chancery_eventstore::{Head, KeyClass, KeyError, Purpose};

use crate::app::{App, Failure};

/// How far the clocks of this machine and of the database may differ, either way.
pub const CLOCK_SKEW: Duration = Duration::from_secs(5);

/// How often the clocks are compared.
const COMPARED: Duration = Duration::from_secs(1);

/// What a node found of itself.
#[derive(Clone, Copy, Debug)]
pub struct Readiness {
    /// The head of the log.
    pub head: Head,
    /// How far its clock is from the database's.
    pub skew: Duration,
}

impl App {
    /// Whether this node may decide, as far as the last looks told.
    ///
    /// # Errors
    /// [`Failure::ClockSkew`], [`Failure::Keys`] and [`Failure::OtherHistory`].
    pub(crate) fn is_trusted(&self) -> Result<(), Failure> {
        if !self.clock_agrees.load(Ordering::Relaxed) {
            return Err(Failure::ClockSkew);
        }
        if !self.keys_agree.load(Ordering::Relaxed) {
            return Err(Failure::Keys(KeyError::Missing("service".to_owned())));
        }
        self.store.backend().history().verdict().map_err(Failure::OtherHistory)
    }

    /// Looks for ever, and compares the clocks: while they differ by too much, no command is decided.
    pub async fn watch_clock(&self) {
        loop {
            let readiness = self.readiness().await;
            metrics::gauge!("chancery_ready").set(f64::from(u8::from(readiness.is_ok())));
            match readiness {
                Err(Failure::ClockSkew) => {
                    tracing::error!("the clocks of this node and of the database differ: set them right")
                }
                Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "this node is not ready"),
                Ok(_) => {}
            }
            // By the timer, not by the clock that may be wrong.
            tokio::time::sleep(COMPARED).await;
        }
    }

    /// Whether the service keys that this node holds are still the log's, and its wrapping keys still open them: after a
    /// restore or a new wrapping key it would make links, sessions and reservations that no other node knows.
    async fn compare_keys(&self) -> Result<(), Failure> {
        let (keys, rows) = (self.store.keys(), self.store.backend().keys_of_class(KeyClass::Service).await?);
        for purpose in Purpose::ALL {
            let id = keys.service(purpose).id;
            let row = rows.iter().find(|row| row.id == id).ok_or_else(|| KeyError::Missing(purpose.name().to_owned()));
            match keys.unwrap(row.map_err(Failure::Keys)?).await {
                Ok(_) => {}
                Err(KeyError::Backend(error)) => return Err(error.into()),
                Err(error) => return Err(Failure::Keys(error)),
            }
        }
        Ok(())
    }

    /// Looks whether this node may decide.
    ///
    /// # Errors
    /// [`Failure::ClockSkew`] if the clocks differ by too much, [`Failure::OtherHistory`] if the database is not as this
    /// node has seen it, [`Failure::Keys`] if the keys are not the log's, and the
    /// database's failures.
    pub async fn readiness(&self) -> Result<Readiness, Failure> {
        let before = self.now();
        let database = match self.store.database_time().await {
            Ok(database) => database,
            Err(error) => {
                // A connection that was refused for its history says only that it could not be had.
                self.store.backend().history().verdict().map_err(Failure::OtherHistory)?;
                return Err(error.into());
            }
        };
        let after = self.now();
        // The database answered somewhere between the two readings.
        let skew = before.since(database).max(database.since(after));
        metrics::gauge!("chancery_clock_skew_seconds").set(skew.as_secs_f64());
        self.clock_agrees.store(skew <= CLOCK_SKEW, Ordering::Relaxed);
        if skew > CLOCK_SKEW {
            return Err(Failure::ClockSkew);
        }
        let head = self.store.backend().look().await?;
        let keys = self.compare_keys().await;
        self.keys_agree.store(!matches!(keys, Err(Failure::Keys(_))), Ordering::Relaxed);
        keys?;
        metrics::gauge!("chancery_log_position").set(head.position.0 as f64);
        Ok(Readiness { head, skew })
    }
}
