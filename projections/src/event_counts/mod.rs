//! `event_counts_v1`: how many events of each type were recorded on each day, for whoever asks how things are going.
//!
//! Acts on every event, and needs no key. Days are those of *recorded*, in UTC.

mod follower;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_eventstore::db::{Statement, sql};
use chancery_eventstore::verify::Follower;
use chancery_eventstore::{BackendError, Db, EventRow, Position};

use crate::rows::{clear_stale, count_rows};
use crate::runner::{Projection, ProjectionError, Target, cursor_in};
use follower::CountsFollower;

/// The name in the table of cursors.
pub const NAME: &str = "event_counts_v1";

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// The read model.
#[derive(Clone, Debug)]
pub struct EventCounts {
    db: Db,
}

/// The count of one type on one day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayCount {
    /// The day, counted from 1970-01-01.
    pub day: i64,
    /// The wire name.
    pub event_type: String,
    /// How many.
    pub count: i64,
}

/// The day of a moment, counted from 1970-01-01 in UTC.
#[must_use]
pub const fn day_of(moment: Timestamp) -> i64 {
    moment.micros().div_euclid(DAY)
}

/// The read model as the verification sees it.
pub(crate) fn follower() -> Arc<dyn Follower> {
    Arc::new(CountsFollower::default())
}

impl EventCounts {
    /// The read model of this database's log.
    #[must_use]
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// This read model, as a runner moves it.
    #[must_use]
    pub fn projection(&self) -> Arc<dyn Projection> {
        Arc::new(self.clone())
    }

    /// The counts of the days from `from` up to and without `to`, and the last event that is in them. `None` before the
    /// read model's first step.
    ///
    /// # Errors
    /// The database's.
    pub async fn between(&self, from: i64, to: i64) -> Result<Option<(Position, Vec<DayCount>)>, BackendError> {
        let mut snapshot = self.db.snapshot().await?;
        let found = async {
            let Some(cursor) = cursor_in(&mut snapshot, NAME).await? else { return Ok(None) };
            let statement = sql("SELECT day, event_type, count FROM event_counts_v1 \
                                 WHERE generation = $1 AND day >= $2 AND day < $3 ORDER BY day, event_type")
            .bind(cursor.generation)
            .bind(from)
            .bind(to);
            let rows: Vec<(i64, String, i64)> = snapshot.fetch(statement).await?;
            let counts = rows.into_iter().map(|(day, event_type, count)| DayCount { day, event_type, count });
            Ok(Some((cursor.position, counts.collect())))
        }
        .await;
        snapshot.close().await;
        found
    }
}

#[async_trait]
impl Projection for EventCounts {
    fn name(&self) -> &'static str {
        NAME
    }

    fn opens(&self) -> &'static [&'static str] {
        &[]
    }

    async fn apply(&self, events: &[EventRow], target: Target) -> Result<Vec<Statement>, ProjectionError> {
        let mut counts: BTreeMap<(i64, &str), i64> = BTreeMap::new();
        for event in events {
            *counts.entry((day_of(event.recorded), &event.event_type)).or_default() += 1;
        }
        let row = |((day, event_type), count): ((i64, &str), i64)| {
            vec![target.generation.into(), day.into(), event_type.into(), count.into()]
        };
        Ok(self.db.insert_rows(
            "INSERT INTO event_counts_v1 (generation, day, event_type, count)",
            counts.into_iter().map(row).collect(),
            "ON CONFLICT (generation, day, event_type) DO UPDATE SET count = event_counts_v1.count + excluded.count",
        ))
    }

    async fn clear_stale(&self) -> Result<u64, BackendError> {
        self.db.execute(clear_stale!("event_counts_v1", "generation, day, event_type")).await
    }

    async fn count(&self, generation: i64) -> Result<u64, BackendError> {
        count_rows!(self.db, "event_counts_v1", generation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_before_1970_too() {
        assert_eq!([-1, 0, DAY - 1, DAY].map(|micros| day_of(Timestamp(micros))), [-1, 0, 0, 1]);
    }
}
