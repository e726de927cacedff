//! What an operator asks of the jobs: how many wait, which are dead and why, and to try those again.

use chancery_domain::Timestamp;
use chancery_eventstore::db::sql;
use chancery_eventstore::{BackendError, Db, Position};

/// How one job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobCount {
    /// Its name.
    pub job: String,
    /// `waiting` or `dead`.
    pub state: String,
    /// How many items.
    pub count: i64,
    /// When the oldest of them came into being.
    pub oldest: Timestamp,
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// The job.
    pub job: String,
    /// The event that it acts on.
    pub position: Position,
    /// `waiting` or `dead`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next.
    pub next_at: Timestamp,
    /// Why it did not work the last time.
    pub reason: String,
    /// When it came into being.
    pub created: Timestamp,
}

type ItemRow = (String, String, i64, String, i64, i64, String, i64);

fn item((id, job, position, state, attempts, next_at, reason, created): ItemRow) -> Item {
    Item {
        id,
        job,
        position: Position(position),
        state,
        attempts,
        next_at: Timestamp(next_at),
        reason,
        created: Timestamp(created),
    }
}

/// Counts by job and state. What waits for a moment in the future counts as waiting too.
///
/// # Errors
/// The database's.
pub async fn counts(db: &Db) -> Result<Vec<JobCount>, BackendError> {
    let rows: Vec<(String, String, i64, i64)> = db
        .fetch(sql("SELECT job, state, COUNT(*), MIN(created) FROM jobs GROUP BY job, state ORDER BY job, state"))
        .await?;
    Ok(rows
        .into_iter()
        .map(|(job, state, count, oldest)| JobCount { job, state, count, oldest: Timestamp(oldest) })
        .collect())
}

/// The dead items, oldest first, at most `limit`.
///
/// # Errors
/// The database's.
pub async fn dead(db: &Db, limit: u32) -> Result<Vec<Item>, BackendError> {
    let statement = sql("SELECT id, job, position, state, attempts, next_at, reason, created FROM jobs \
                         WHERE state = 'dead' ORDER BY created, id LIMIT $1")
    .bind(i64::from(limit));
    Ok(db.fetch::<ItemRow>(statement).await?.into_iter().map(item).collect())
}

/// One item.
///
/// # Errors
/// The database's.
pub async fn show(db: &Db, id: &str) -> Result<Option<Item>, BackendError> {
    let statement =
        sql("SELECT id, job, position, state, attempts, next_at, reason, created FROM jobs WHERE id = $1").bind(id);
    Ok(db.fetch::<ItemRow>(statement).await?.into_iter().next().map(item))
}

/// Tries a dead item again, from now on; `false` if there is no such dead item.
///
/// # Errors
/// The database's.
pub async fn requeue(db: &Db, id: &str, now: Timestamp) -> Result<bool, BackendError> {
    let statement = sql("UPDATE jobs SET state = 'waiting', attempts = 0, next_at = $2, lease_until = 0 \
                         WHERE id = $1 AND state = 'dead'")
    .bind(id)
    .bind(now);
    Ok(db.execute(statement).await? > 0)
}

/// Tries every dead item again; returns how many.
///
/// # Errors
/// The database's.
pub async fn requeue_all(db: &Db, now: Timestamp) -> Result<u64, BackendError> {
    let statement = sql("UPDATE jobs SET state = 'waiting', attempts = 0, next_at = $1, lease_until = 0 \
                         WHERE state = 'dead'")
    .bind(now);
    db.execute(statement).await
}
