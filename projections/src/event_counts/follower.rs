//! The table against the log: the same counts, counted anew in memory.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use chancery_eventstore::db::sql;
use chancery_eventstore::verify::{Findings, Follower, Observer, Opened, Pass};
use chancery_eventstore::{BackendError, Position, Snapshot};

use super::{NAME, day_of};
use crate::rows::check_cursor;
use crate::runner::{Cursor, cursor_in};

/// How many events of a type on a day, and the last of them.
type Counts = BTreeMap<(i64, String), (i64, Position)>;

/// The comparison. There are few types and days, so that the counts of all passes fit in memory together.
#[derive(Debug, Default)]
pub(super) struct CountsFollower {
    so_far: Mutex<(Option<Cursor>, Counts)>,
}

#[derive(Default)]
struct Seen {
    until: Position,
    counts: Counts,
    /// Most events are of the day of the one before.
    day: i64,
    today: BTreeMap<String, (i64, Position)>,
}

impl Seen {
    fn end_day(&mut self) {
        let day = self.day;
        for (event_type, (count, last)) in std::mem::take(&mut self.today) {
            add(&mut self.counts, (day, event_type), count, last);
        }
    }
}

fn add(counts: &mut Counts, key: (i64, String), count: i64, last: Position) {
    let entry = counts.entry(key).or_insert((0, last));
    entry.0 += count;
    entry.1 = entry.1.max(last);
}

impl Observer for Seen {
    fn observe(&mut self, event: &Opened<'_>) {
        let row = event.row;
        if row.position > self.until {
            return;
        }
        let day = day_of(row.recorded);
        if day != self.day {
            self.end_day();
            self.day = day;
        }
        match self.today.get_mut(&row.event_type) {
            Some(entry) => *entry = (entry.0 + 1, row.position),
            None => drop(self.today.insert(row.event_type.clone(), (1, row.position))),
        }
    }

    fn into_any(mut self: Box<Self>) -> Box<dyn Any> {
        self.end_day();
        self
    }
}

#[async_trait]
impl Follower for CountsFollower {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs_keys(&self) -> bool {
        false
    }

    async fn begin(&self, snapshot: &mut Snapshot, pass: Pass) -> Result<(), BackendError> {
        if pass.number == 0 {
            let cursor = cursor_in(snapshot, NAME).await?;
            *self.so_far.lock().unwrap_or_else(PoisonError::into_inner) = (cursor, Counts::new());
        }
        Ok(())
    }

    fn observer(&self) -> Box<dyn Observer> {
        let cursor = self.so_far.lock().unwrap_or_else(PoisonError::into_inner).0;
        Box::new(Seen { until: cursor.map_or(Position::START, |cursor| cursor.position), ..Seen::default() })
    }

    async fn compare(
        &self,
        seen: Vec<Box<dyn Observer>>,
        snapshot: &mut Snapshot,
        pass: Pass,
        findings: &mut Findings,
    ) -> Result<(), BackendError> {
        let (cursor, mut expected) = {
            let mut so_far = self.so_far.lock().unwrap_or_else(PoisonError::into_inner);
            for seen in seen {
                let Ok(seen) = seen.into_any().downcast::<Seen>() else { continue };
                for (key, (count, last)) in seen.counts {
                    add(&mut so_far.1, key, count, last);
                }
            }
            if !pass.is_last() {
                return Ok(());
            }
            (so_far.0, std::mem::take(&mut so_far.1))
        };
        let Some(cursor) = cursor else { return Ok(()) };
        check_cursor(NAME, cursor, snapshot, findings).await?;
        let statement =
            sql("SELECT day, event_type, count FROM event_counts_v1 WHERE generation = $1").bind(cursor.generation);
        let rows: Vec<(i64, String, i64)> = snapshot.fetch(statement).await?;
        for (day, event_type, count) in rows {
            match expected.remove(&(day, event_type.clone())) {
                Some((right, _)) if right == count => {}
                Some((right, last)) => {
                    findings.differs(last, NAME, format!("{count} {event_type} are counted on day {day}, not {right}"));
                }
                None => findings.differs(
                    cursor.position,
                    NAME,
                    format!("{count} {event_type} are counted on day {day}, which has none"),
                ),
            }
        }
        for ((day, event_type), (count, last)) in expected {
            findings.differs(last, NAME, format!("the {count} {event_type} of day {day} are not counted"));
        }
        Ok(())
    }
}
