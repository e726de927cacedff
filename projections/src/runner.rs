//! Runs a read model: reads the feed after its cursor and applies each batch in one transaction.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chancery_domain::DecodeError;
use chancery_domain::account::AccountEvent;
use chancery_domain::network::NetworkEvent;
use chancery_domain::policy::PolicyEvent;
use chancery_eventstore::db::{Statement, sql};
use chancery_eventstore::{BackendError, Db, EventRow, Feed, Position, ReadError};

/// Events applied in one transaction.
const BATCH: u32 = 200;

/// The pause after an error, before the same batch is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// Why a read model does not move on.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// The database did not answer.
    #[error("the read model cannot be written")]
    Backend(#[from] BackendError),
    /// An event cannot be read: newer than this build, or damaged.
    #[error("an event cannot be applied")]
    Read(#[from] ReadError),
}

/// One read model.
#[async_trait]
pub trait Projection: Send + Sync {
    /// Its name with its version, as its table has it.
    fn name(&self) -> &'static str;

    /// The statements that apply an event. Applied twice they give the same rows as once.
    ///
    /// # Errors
    /// [`ProjectionError::Read`] halts it.
    async fn apply(&self, row: &EventRow) -> Result<Vec<Statement>, ProjectionError>;

    /// The statements that empty it, before it is built anew.
    fn clear(&self) -> Vec<Statement>;
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
    /// A runner of this read model.
    #[must_use]
    pub fn new(db: Db, projection: Arc<dyn Projection>) -> Self {
        Self { db, projection }
    }

    /// The last event that is in the read model.
    ///
    /// # Errors
    /// The database's.
    pub async fn position(&self) -> Result<Position, BackendError> {
        let statement = sql("SELECT position FROM projection_cursors WHERE name = $1").bind(self.projection.name());
        let rows: Vec<(i64,)> = self.db.fetch(statement).await?;
        Ok(Position(rows.first().map_or(0, |row| row.0)))
    }

    /// Applies what the feed has next; returns how many events that were.
    ///
    /// # Errors
    /// [`ProjectionError`]; nothing of the batch was applied.
    pub async fn step(&self, feed: &dyn Feed) -> Result<usize, ProjectionError> {
        let after = self.position().await?;
        self.measure(after);
        let rows = feed.next(after, BATCH).await?;
        let Some(last) = rows.last() else { return Ok(0) };
        let mut statements = Vec::new();
        for row in &rows {
            check_known(row)?;
            statements.extend(self.projection.apply(row).await?);
        }
        statements.push(self.cursor(last.position, ""));
        self.db.transaction(statements).await?;
        self.measure(last.position);
        Ok(rows.len())
    }

    /// Tells how far it has come before it goes on, too: one that halts at once after a start would not be seen to lag.
    fn measure(&self, position: Position) {
        metrics::gauge!("chancery_projection_position", "projection" => self.projection.name()).set(position.0 as f64);
    }

    /// Empties the read model and sets its cursor to the beginning of the log.
    ///
    /// # Errors
    /// The database's.
    pub async fn restart(&self) -> Result<(), BackendError> {
        let mut statements = self.projection.clear();
        statements.push(self.cursor(Position::START, ""));
        self.db.transaction(statements).await
    }

    /// Follows the feed for ever; the caller drops it to stop it. It halts on an event that it cannot apply, says so, and
    /// tries again after a pause: the next build may know it.
    pub async fn run(&self, feed: &dyn Feed) {
        loop {
            if self.step_or_halt(feed).await.is_none() {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// As [`Runner::step`]; an error is told to the operator, in the table of cursors too, and `None` is returned.
    pub async fn step_or_halt(&self, feed: &dyn Feed) -> Option<usize> {
        let error = match self.step(feed).await {
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
        let statement = sql("INSERT INTO projection_cursors (name, position, error) VALUES ($1, $2, $3) \
                             ON CONFLICT (name) DO UPDATE SET error = excluded.error")
        .bind(self.projection.name())
        .bind(Position::START)
        .bind(error.chars().take(500).collect::<String>());
        if let Err(error) = self.db.execute(statement).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a read model's error was not recorded");
        }
    }

    fn cursor(&self, position: Position, error: &str) -> Statement {
        sql("INSERT INTO projection_cursors (name, position, error) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET position = excluded.position, error = excluded.error")
        .bind(self.projection.name())
        .bind(position)
        .bind(error)
    }
}

/// Halts at an event that this build does not know: to pass over it would leave a hole that nobody sees.
fn check_known(row: &EventRow) -> Result<(), ReadError> {
    let types = AccountEvent::TYPES.iter().chain(PolicyEvent::TYPES).chain(NetworkEvent::TYPES);
    let source = match types.into_iter().find(|(name, _)| *name == row.event_type) {
        Some((_, version)) if row.schema_version <= *version => return Ok(()),
        Some(_) => DecodeError::UnknownVersion(row.event_type.clone(), row.schema_version),
        None => DecodeError::UnknownType(row.event_type.clone()),
    };
    Err(ReadError::Decode { stream: row.stream, source })
}

/// How far every read model has come.
///
/// # Errors
/// The database's.
pub async fn statuses(db: &Db) -> Result<Vec<Status>, BackendError> {
    let rows: Vec<(String, i64, String)> =
        db.fetch(sql("SELECT name, position, error FROM projection_cursors ORDER BY name")).await?;
    Ok(rows.into_iter().map(|(name, position, error)| Status { name, position: Position(position), error }).collect())
}
