//! Counts of events, from the log itself or from the read model that counts them.

use std::collections::BTreeMap;

use chancery_domain::Timestamp;
use chancery_eventstore::db::sql;
use chancery_eventstore::{BackendError, Db, Position};
use chancery_projections::EventCounts;

/// Events that one statement counts.
const RANGE: i64 = 100_000;

/// What is told apart in the counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct By {
    /// The day of *recorded*, in UTC.
    pub day: bool,
    /// The type.
    pub event_type: bool,
}

/// Counts, by what was asked for: days are counted from 1970-01-01.
pub type Counts = BTreeMap<(Option<i64>, Option<String>), i64>;

impl By {
    fn add(self, counts: &mut Counts, types: &[String], (day, event_type, count): (i64, String, i64)) {
        if types.is_empty() || types.contains(&event_type) {
            let key = (self.day.then_some(day), self.event_type.then_some(event_type));
            *counts.entry(key).or_default() += count;
        }
    }
}

/// Counts the log's events behind `after` up to `until`, of these types; of all where none is named. In constant memory.
///
/// # Errors
/// The database's.
pub async fn over_log(
    db: &Db,
    types: &[String],
    (after, until): (Position, Position),
    by: By,
) -> Result<Counts, BackendError> {
    let mut counts = Counts::new();
    let mut at = after;
    while at < until {
        let end = Position(at.0.saturating_add(RANGE).min(until.0));
        let statement = sql("SELECT recorded / 86400000000, event_type, count(*) FROM events \
                             WHERE position > $1 AND position <= $2 GROUP BY recorded / 86400000000, event_type")
        .bind(at)
        .bind(end);
        for row in db.fetch::<(i64, String, i64)>(statement).await? {
            by.add(&mut counts, types, row);
        }
        at = end;
    }
    Ok(counts)
}

/// The same from the read model, over whole days; with the last event that is in it. `None` if it has not begun.
///
/// # Errors
/// The database's.
pub async fn over_model(
    db: &Db,
    types: &[String],
    (from, to): (i64, i64),
    by: By,
) -> Result<Option<(Position, Counts)>, BackendError> {
    let Some((position, days)) = EventCounts::new(db.clone()).between(from, to).await? else { return Ok(None) };
    let mut counts = Counts::new();
    for day in days {
        by.add(&mut counts, types, (day.day, day.event_type, day.count));
    }
    Ok(Some((position, counts)))
}

/// The day that begins at a moment, counted from 1970-01-01; `None` if none does.
#[must_use]
pub const fn day_beginning(moment: Timestamp) -> Option<i64> {
    const DAY: i64 = 86_400_000_000;
    if moment.micros().rem_euclid(DAY) == 0 { Some(moment.micros().div_euclid(DAY)) } else { None }
}
