//! What an operator asks of the jobs: how many wait, which are dead and why, and to try those again.

use std::time::Duration;

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

/// An item that was due so long ago and is not done is late.
pub const LATE: Duration = Duration::from_mins(10);
/// An item that was tried more often than this is late too: it has failed for about as long.
const TRIES: i64 = 7;

/// How one job stands, all processes together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobStanding {
    /// Its name.
    pub job: String,
    /// Events that it has not looked at.
    pub behind: i64,
    /// Items that wait, be it for a moment in the future.
    pub waiting: i64,
    /// Those of them that should have been done [`LATE`] ago.
    pub late: i64,
    /// Items that somebody must look at.
    pub dead: i64,
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

/// What the jobs still have to do, or gave up, because of an event.
///
/// # Errors
/// The database's.
pub async fn of_event(db: &Db, position: Position) -> Result<Vec<Item>, BackendError> {
    // The index begins with the job.
    let statement = sql("SELECT id, job, position, state, attempts, next_at, reason, created FROM jobs \
                         WHERE job IN (SELECT job FROM job_floors) AND position = $1 ORDER BY job")
    .bind(position);
    Ok(db.fetch::<ItemRow>(statement).await?.into_iter().map(item).collect())
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

/// How every job stands that has begun, by name.
///
/// # Errors
/// The database's.
pub async fn standings(db: &Db, now: Timestamp) -> Result<Vec<JobStanding>, BackendError> {
    let statement = sql("SELECT f.job, h.position - f.position, \
             (SELECT COUNT(*) FROM jobs j WHERE j.job = f.job AND j.state = 'waiting'), \
             (SELECT COUNT(*) FROM jobs j WHERE j.job = f.job AND j.state = 'waiting' \
                                            AND (j.next_at < $1 OR j.attempts > $2)), \
             (SELECT COUNT(*) FROM jobs j WHERE j.job = f.job AND j.state = 'dead') \
         FROM job_floors f, head h WHERE h.one = 1 ORDER BY f.job")
    .bind(now.minus(LATE))
    .bind(TRIES);
    let rows: Vec<(String, i64, i64, i64, i64)> = db.fetch(statement).await?;
    let standing = |(job, behind, waiting, late, dead)| JobStanding { job, behind, waiting, late, dead };
    Ok(rows.into_iter().map(standing).collect())
}

/// Tells by metric how every job stands.
///
/// # Errors
/// The database's.
pub async fn measure(db: &Db, now: Timestamp) -> Result<(), BackendError> {
    for JobStanding { job, behind, waiting, late, dead } in standings(db, now).await? {
        metrics::gauge!("chancery_job_behind_events", "job" => job.clone()).set(behind as f64);
        metrics::gauge!("chancery_job_waiting", "job" => job.clone()).set(waiting as f64);
        metrics::gauge!("chancery_job_late", "job" => job.clone()).set(late as f64);
        metrics::gauge!("chancery_job_dead", "job" => job).set(dead as f64);
    }
    Ok(())
}
