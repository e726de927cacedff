//! Runs a read model: reads the feed after its cursor and applies each batch in one transaction.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chancery_eventstore::db::{Statement, sql};
use chancery_eventstore::feed::Pace;
use chancery_eventstore::{BackendError, Db, EventRow, Feed, Position, ReadError, Snapshot, check_known};

/// Events applied in one transaction.
const BATCH: u32 = 200;

/// The pause after an error, before the same batch is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// How far apart batches that are not full are in the long run.
const PACE: Duration = Duration::from_millis(100);

/// Why a read model does not move on.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// The database did not answer.
    #[error("the read model cannot be written")]
    Backend(#[from] BackendError),
    /// An event cannot be read: newer than this build, or damaged.
    #[error("an event cannot be applied")]
    Read(#[from] ReadError),
    /// Another rebuild of the same read model came first and has switched it.
    #[error("another rebuild of {0} has just switched it")]
    Superseded(&'static str),
}

/// Where a batch's rows go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The generation that is written.
    pub generation: i64,
    /// It is not asked yet: what a model keeps only for a while may be cleared up by [`Projection::settle`].
    pub is_building: bool,
}

/// One read model. Each of its rows is of a generation; the cursor says which one is asked.
#[async_trait]
pub trait Projection: Send + Sync {
    /// Its name with its version, as its table has it.
    fn name(&self) -> &'static str;

    /// The types of the events that [`apply`](Self::apply) opens. Of all others it is told what stands in the clear, and
    /// perhaps no more.
    fn opens(&self) -> &'static [&'static str];

    /// The statements that apply events, which are given once, in order.
    ///
    /// # Errors
    /// [`ProjectionError::Read`] halts it.
    async fn apply(&self, rows: &[EventRow], target: Target) -> Result<Vec<Statement>, ProjectionError>;

    /// Brings a generation that was built into the form that it would have had if it had been live all the time. Most have
    /// that form already.
    ///
    /// # Errors
    /// The database's.
    async fn settle(&self, _generation: i64) -> Result<(), BackendError> {
        Ok(())
    }

    /// Deletes some thousand rows of generations that are neither live nor being built; returns how many. Which ones these
    /// are is told by the statement that deletes, so that no generation is deleted that has begun meanwhile.
    ///
    /// # Errors
    /// The database's.
    async fn clear_stale(&self) -> Result<u64, BackendError>;

    /// How many rows a generation has.
    ///
    /// # Errors
    /// The database's.
    async fn count(&self, generation: i64) -> Result<u64, BackendError>;
}

/// Where a read model stands, and which generation of it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The last event that is in it.
    pub position: Position,
    /// The generation.
    pub generation: i64,
}

/// How far a read model has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its name with its version.
    pub name: String,
    /// The last event that is in it.
    pub position: Position,
    /// What it halted on; empty if it did not.
    pub error: String,
    /// The generation that is asked.
    pub generation: i64,
    /// How far the next generation has come, while one is built.
    pub building: Option<Position>,
}

/// Moves one read model.
pub struct Runner {
    db: Db,
    projection: Arc<dyn Projection>,
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").field("projection", &self.projection.name()).finish_non_exhaustive()
    }
}

impl Runner {
    /// The read model's name, with its version.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.projection.name()
    }

    /// A runner of this read model.
    #[must_use]
    pub fn new(db: Db, projection: Arc<dyn Projection>) -> Self {
        Self { db, projection }
    }

    /// How far it has come.
    ///
    /// # Errors
    /// The database's.
    pub async fn cursor(&self) -> Result<Cursor, BackendError> {
        begin(&self.db, &*self.projection).await
    }

    /// Applies what the feed has next; returns how many events that were. Where another process moved the read model
    /// meanwhile, or switched it to another generation, nothing is applied and the next step goes on from there.
    ///
    /// # Errors
    /// [`ProjectionError`]; nothing of the batch was applied.
    pub async fn step(&self, feed: &dyn Feed) -> Result<usize, ProjectionError> {
        self.step_from(feed, &mut None).await
    }

    /// The same from a cursor, if it is known; afterwards it is where nobody else moved the read model.
    async fn step_from(&self, feed: &dyn Feed, known: &mut Option<Cursor>) -> Result<usize, ProjectionError> {
        let cursor = match known.take() {
            Some(cursor) => cursor,
            None => self.cursor().await?,
        };
        self.measure(cursor.position);
        let rows = feed.next(cursor.position, BATCH).await?;
        let Some(last) = rows.last() else {
            *known = Some(cursor);
            return Ok(0);
        };
        rows.iter().try_for_each(check_known)?;
        let target = Target { generation: cursor.generation, is_building: false };
        let statements = self.projection.apply(&rows, target).await?;
        let guard = sql("UPDATE projection_cursors SET position = $2, error = '' \
                         WHERE name = $1 AND position = $3 AND generation = $4")
        .bind(self.projection.name())
        .bind(last.position)
        .bind(cursor.position)
        .bind(cursor.generation);
        if self.db.follow_if(vec![guard], statements).await? {
            self.measure(last.position);
            *known = Some(Cursor { position: last.position, generation: cursor.generation });
        }
        Ok(rows.len())
    }

    /// Tells how far it has come before it goes on, too: one that halts at once after a start would not be seen to lag.
    fn measure(&self, position: Position) {
        metrics::gauge!("chancery_projection_position", "projection" => self.projection.name()).set(position.0 as f64);
    }

    /// Follows the feed for ever; the caller drops it to stop it. It halts on an event that it cannot apply, says so, and
    /// tries again after a pause: the next build may know it.
    pub async fn run(&self, feed: &dyn Feed) {
        let (mut cursor, mut pace) = (None, Pace::new(PACE));
        loop {
            let stepped = self.step_from(feed, &mut cursor).await;
            match self.or_halted(stepped).await {
                None => tokio::time::sleep(PAUSE).await,
                Some(moved) if (1..BATCH as usize).contains(&moved) => pace.wait().await,
                Some(_) => {}
            }
        }
    }

    /// As [`Runner::step`]; an error is told to the operator, in the table of cursors too, and `None` is returned.
    pub async fn step_or_halt(&self, feed: &dyn Feed) -> Option<usize> {
        let stepped = self.step(feed).await;
        self.or_halted(stepped).await
    }

    async fn or_halted(&self, stepped: Result<usize, ProjectionError>) -> Option<usize> {
        let error = match stepped {
            Ok(moved) => return Some(moved),
            Err(error) => error,
        };
        let name = self.projection.name();
        tracing::error!(error = &error as &dyn std::error::Error, projection = name, "a read model halts");
        metrics::counter!("chancery_projection_errors_total", "projection" => name).increment(1);
        if let ProjectionError::Read(error) = &error {
            self.record(&error.to_string()).await;
        }
        None
    }

    async fn record(&self, error: &str) {
        let statement = sql("UPDATE projection_cursors SET error = $2 WHERE name = $1")
            .bind(self.projection.name())
            .bind(error.chars().take(500).collect::<String>());
        if let Err(error) = self.db.execute(statement).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a read model's error was not recorded");
        }
    }
}

/// How far a read model has come. Before its first step it is made: of one that was given up nothing is counted twice.
///
/// # Errors
/// The database's.
pub(crate) async fn begin(db: &Db, projection: &dyn Projection) -> Result<Cursor, BackendError> {
    if let Some(cursor) = cursor(db, projection.name()).await? {
        return Ok(cursor);
    }
    while projection.clear_stale().await? > 0 {}
    let statement = sql("INSERT INTO projection_cursors (name, position, error, generation) \
                         VALUES ($1, 0, '', 0) ON CONFLICT (name) DO NOTHING")
    .bind(projection.name());
    db.execute(statement).await?;
    Ok(cursor(db, projection.name()).await?.unwrap_or(Cursor { position: Position::START, generation: 0 }))
}

/// How far a read model has come; `None` before its first step.
///
/// # Errors
/// The database's.
pub async fn cursor(db: &Db, name: &str) -> Result<Option<Cursor>, BackendError> {
    let statement = sql("SELECT position, generation FROM projection_cursors WHERE name = $1").bind(name);
    let rows: Vec<(i64, i64)> = db.fetch(statement).await?;
    Ok(rows.first().map(|(position, generation)| Cursor { position: Position(*position), generation: *generation }))
}

/// The same at a snapshot's moment.
///
/// # Errors
/// The database's.
pub async fn cursor_in(snapshot: &mut Snapshot, name: &str) -> Result<Option<Cursor>, BackendError> {
    let statement = sql("SELECT position, generation FROM projection_cursors WHERE name = $1").bind(name);
    let rows: Vec<(i64, i64)> = snapshot.fetch(statement).await?;
    Ok(rows.first().map(|(position, generation)| Cursor { position: Position(*position), generation: *generation }))
}

/// How far every read model has come.
///
/// # Errors
/// The database's.
pub async fn statuses(db: &Db) -> Result<Vec<Status>, BackendError> {
    let statement = sql("SELECT c.name, c.position, c.error, c.generation, b.position FROM projection_cursors c \
                         LEFT JOIN projection_builds b ON b.name = c.name ORDER BY c.name");
    let rows: Vec<(String, i64, String, i64, Option<i64>)> = db.fetch(statement).await?;
    let status = |(name, position, error, generation, building): (_, _, _, _, Option<i64>)| Status {
        name,
        position: Position(position),
        error,
        generation,
        building: building.map(Position),
    };
    Ok(rows.into_iter().map(status).collect())
}
