//! The one row that says which stream is the log's copy.

use uuid::Uuid;

use super::names::StreamId;
use crate::backend::BackendError;
use crate::db::{Db, sql};
use crate::row::Position;

/// A copy of the log on NATS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generation {
    /// The epoch of the log that it copies.
    pub epoch: i64,
    /// Its number, from 1 on; 0 stands for none yet.
    pub number: i64,
    /// The position before its first message.
    pub base: Position,
    /// Whether its stream was made, so that a missing one was lost.
    pub made: bool,
    /// Where the log ended when it began, beyond which no job had come: a stream that does not reach so far is being filled.
    pub passed: Position,
    /// Whether the row says that a relay stopped there.
    pub stopped: bool,
}

impl Generation {
    /// The one in force.
    ///
    /// # Errors
    /// The database's.
    pub async fn current(db: &Db) -> Result<Self, BackendError> {
        let statement = sql("SELECT epoch, number, base, made, passed, stopped FROM relay_generation WHERE one = 1");
        let rows: Vec<(i64, i64, i64, i64, i64, String)> = db.fetch(statement).await?;
        let (epoch, number, base, made, passed, stopped) =
            rows.first().ok_or_else(|| BackendError::Damaged("relay_generation has no row".to_owned()))?;
        let (base, passed) = (Position(*base), Position(*passed));
        Ok(Self { epoch: *epoch, number: *number, base, made: *made != 0, passed, stopped: !stopped.is_empty() })
    }

    /// Puts `next` in this one's place; `false` if another process put one there first.
    ///
    /// # Errors
    /// The database's.
    pub async fn replace(&self, db: &Db, next: &Self) -> Result<bool, BackendError> {
        let statement = sql("UPDATE relay_generation SET epoch = $1, number = $2, base = $3, made = 0, passed = $6 \
                             WHERE one = 1 AND epoch = $4 AND number = $5")
        .bind(next.epoch)
        .bind(next.number)
        .bind(next.base)
        .bind(self.epoch)
        .bind(self.number)
        .bind(next.passed);
        Ok(db.execute(statement).await? > 0)
    }

    /// Remembers that its stream was made.
    ///
    /// # Errors
    /// The database's.
    pub async fn remember_made(&self, db: &Db) -> Result<(), BackendError> {
        let statement = sql("UPDATE relay_generation SET made = 1 WHERE one = 1 AND epoch = $1 AND number = $2")
            .bind(self.epoch)
            .bind(self.number);
        db.execute(statement).await.map(|_| ())
    }

    /// Writes down that the relay stops in this epoch of the log, and why: every node reads it and decides nothing more.
    ///
    /// # Errors
    /// The database's.
    pub async fn stop(db: &Db, epoch: i64, why: &str) -> Result<(), BackendError> {
        let statement = sql("UPDATE relay_generation SET stopped = $1, stopped_epoch = $2 \
                             WHERE one = 1 AND (stopped <> $1 OR stopped_epoch <> $2)")
        .bind(why)
        .bind(epoch);
        db.execute(statement).await.map(|_| ())
    }

    /// Writes down that the relay goes on.
    ///
    /// # Errors
    /// The database's.
    pub async fn go_on(db: &Db) -> Result<(), BackendError> {
        db.execute(sql("UPDATE relay_generation SET stopped = '' WHERE one = 1")).await.map(|_| ())
    }

    /// Whether it is the one in force still.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_current(&self, db: &Db) -> Result<bool, BackendError> {
        let now = Self::current(db).await?;
        Ok((now.epoch, now.number) == (self.epoch, self.number))
    }

    /// The position of a message.
    #[must_use]
    pub fn at(&self, sequence: u64) -> Position {
        Position(self.base.0.saturating_add(i64::try_from(sequence).unwrap_or(i64::MAX)))
    }

    /// Its stream.
    #[must_use]
    pub const fn stream(&self, log: Uuid) -> StreamId {
        StreamId { log, epoch: self.epoch, generation: self.number }
    }
}
