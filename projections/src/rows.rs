//! A read model whose rows each stand for one event, held against the log: the rows computed anew in memory, and compared.

use std::any::Any;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use chancery_domain::StreamId;
use chancery_eventstore::db::Statement;
use chancery_eventstore::verify::{Findings, Follower, Observer, Opened, Pass};
use chancery_eventstore::{BackendError, Position, Snapshot};

use crate::runner::{Cursor, cursor_in};

/// Rows that are read at once.
const PAGE: i64 = 2_000;

/// What there is to say of a read model's rows.
#[async_trait]
pub(crate) trait Rows: fmt::Debug + Send + Sync + 'static {
    /// The read model's name, which is its table's.
    const NAME: &'static str;
    /// Whether what stands in a row can be told only from opened events.
    const NEEDS_KEYS: bool;
    /// What a row stands for, in a sentence.
    const MEANING: &'static str;
    /// What should stand in a row.
    type Expected: Send + 'static;
    /// What stands in it.
    type Actual: Send;

    /// Brings the rows that a stream should have up to an event, oldest first, each by its position.
    fn follow(rows: &mut VecDeque<(Position, Self::Expected)>, event: &Opened<'_>);

    /// The rows of a generation behind a position, in order: each with its position and stream.
    fn select(generation: i64, after: i64, limit: i64) -> Statement;

    /// Reads what [`select`](Self::select) asks for.
    async fn read(
        snapshot: &mut Snapshot,
        statement: Statement,
    ) -> Result<Vec<(i64, StreamId, Self::Actual)>, BackendError>;

    /// Whether a row is as it should be.
    fn is_right(expected: &Self::Expected, actual: &Self::Actual) -> bool;

    /// Whether a row may be gone by its age.
    fn may_be_gone(&self, _: &Self::Expected) -> bool {
        false
    }
}

/// The statement that deletes some thousand rows of generations that neither the cursor nor a build names.
///
/// It tells by itself which ones are kept: a generation that begins beside it has no row yet that it sees.
macro_rules! clear_stale {
    ($table:literal, $key:literal) => {
        chancery_eventstore::db::sql(concat!(
            "DELETE FROM ",
            $table,
            " WHERE (",
            $key,
            ") IN (SELECT ",
            $key,
            " FROM ",
            $table,
            " WHERE generation NOT IN (SELECT generation FROM projection_cursors WHERE name = '",
            $table,
            "' UNION ALL SELECT generation FROM projection_builds WHERE name = '",
            $table,
            "') LIMIT 2000)"
        ))
    };
}
pub(crate) use clear_stale;

/// How many rows a table has of a generation.
macro_rules! count_rows {
    ($db:expr, $table:literal, $generation:expr) => {{
        let statement =
            chancery_eventstore::db::sql(concat!("SELECT count(*) FROM ", $table, " WHERE generation = $1"));
        let rows: Vec<(i64,)> = $db.fetch(statement.bind($generation)).await?;
        Ok(rows.first().map_or(0, |row| row.0.unsigned_abs()))
    }};
}
pub(crate) use count_rows;

/// The stream that a row names; what is no id stands for no stream.
pub(crate) fn stream(bytes: &[u8]) -> StreamId {
    bytes.try_into().map(StreamId::from_bytes).unwrap_or_default()
}

/// A read model that is said to have come further than the log would leave out what is recorded there next.
pub(crate) async fn check_cursor(
    name: &'static str,
    cursor: Cursor,
    snapshot: &mut Snapshot,
    findings: &mut Findings,
) -> Result<(), BackendError> {
    let last = snapshot.last_position().await?;
    if cursor.position > last {
        let meaning = format!(
            "the read model is said to have come to {}, and the log ends at {last}: it would leave out what comes next",
            cursor.position
        );
        findings.differs(last, name, meaning);
    }
    Ok(())
}

/// The comparison.
#[derive(Debug)]
pub(crate) struct RowsFollower<R> {
    rows: R,
    cursor: Mutex<Option<Cursor>>,
}

impl<R> RowsFollower<R> {
    pub(crate) const fn new(rows: R) -> Self {
        Self { rows, cursor: Mutex::new(None) }
    }

    fn cursor(&self) -> Option<Cursor> {
        *self.cursor.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The rows of some streams, as they should be.
struct Seen<R: Rows> {
    until: Position,
    streams: HashMap<StreamId, VecDeque<(Position, R::Expected)>>,
    of: PhantomData<R>,
}

impl<R: Rows> Observer for Seen<R> {
    fn observe(&mut self, event: &Opened<'_>) {
        if event.row.position > self.until {
            return;
        }
        // Most events are no row: a stream without any keeps no place.
        let stream = event.row.stream;
        let mut rows = self.streams.remove(&stream).unwrap_or_default();
        R::follow(&mut rows, event);
        if !rows.is_empty() {
            self.streams.insert(stream, rows);
        }
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

#[async_trait]
impl<R: Rows> Follower for RowsFollower<R> {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn needs_keys(&self) -> bool {
        R::NEEDS_KEYS
    }

    async fn begin(&self, snapshot: &mut Snapshot, _: Pass) -> Result<(), BackendError> {
        let cursor = cursor_in(snapshot, R::NAME).await?;
        *self.cursor.lock().unwrap_or_else(PoisonError::into_inner) = cursor;
        Ok(())
    }

    fn observer(&self) -> Box<dyn Observer> {
        let until = self.cursor().map_or(Position::START, |cursor| cursor.position);
        Box::new(Seen::<R> { until, streams: HashMap::new(), of: PhantomData })
    }

    async fn compare(
        &self,
        seen: Vec<Box<dyn Observer>>,
        snapshot: &mut Snapshot,
        pass: Pass,
        findings: &mut Findings,
    ) -> Result<(), BackendError> {
        let Some(cursor) = self.cursor() else { return Ok(()) };
        if pass.is_last() {
            check_cursor(R::NAME, cursor, snapshot, findings).await?;
        }
        let mut expected: BTreeMap<i64, (StreamId, R::Expected)> = BTreeMap::new();
        for seen in seen {
            let Ok(seen) = seen.into_any().downcast::<Seen<R>>() else { continue };
            for (stream, rows) in seen.streams {
                expected.extend(rows.into_iter().map(|(position, row)| (position.0, (stream, row))));
            }
        }
        let mut after = 0;
        loop {
            let rows = R::read(snapshot, R::select(cursor.generation, after, PAGE)).await?;
            let Some((last, ..)) = rows.last() else { break };
            after = *last;
            for (position, stream, actual) in rows {
                let meaning = match expected.remove(&position) {
                    Some((right, row)) if right == stream && R::is_right(&row, &actual) => continue,
                    Some((right, _)) => format!("the row of this {} of stream {right} was changed", R::MEANING),
                    None if pass.has(stream) => format!("a row of stream {stream} stands for no {}", R::MEANING),
                    None => continue,
                };
                findings.differs(Position(position), R::NAME, meaning);
            }
        }
        for (position, (stream, row)) in expected {
            if !self.rows.may_be_gone(&row) {
                let meaning = format!("the row of this {} of stream {stream} is missing", R::MEANING);
                findings.differs(Position(position), R::NAME, meaning);
            }
        }
        Ok(())
    }
}
