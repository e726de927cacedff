//! The runner: a dispatcher notes what each job has to do, an executor does it.
//!
//! The dispatcher reads the feed after the job's floor, and writes one item for each event that the job acts on together
//! with the new floor, in one transaction: an event is noted once, whatever is killed when. The executor takes due items
//! under a lease before it acts; a worker that dies is followed by another when it is seen to be dead, at the latest when
//! the lease is over.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chancery_domain::Timestamp;
use chancery_eventstore::db::{Statement, sql};
use chancery_eventstore::feed::Pace;
use chancery_eventstore::{BackendError, Db, EventRow, Feed, Position, ReadError, check_known};
use chancery_service::{App, Failure, trace};
use futures::FutureExt;
use futures::stream::{self, StreamExt};
use tokio::sync::Notify;
use tracing::Instrument as _;

use crate::fact::Fact;
use crate::job::{Context, Job, NEWER, Outcome, UNTIL_NEWER, backoff};
use crate::{jobs, living};

/// Why an item is dead whose event was damaged.
const UNREADABLE: &str = "unreadable";

/// Events looked at in one transaction.
const BATCH: u32 = 200;

/// How far apart looks that found nothing to do are in the long run.
const PACE: Duration = Duration::from_millis(50);

/// How often an executor looks for items that another process noted and did not do; of those of its own process it is told.
const OTHERS: Duration = Duration::from_secs(1);

/// Runs one job.
pub struct Runner {
    app: Arc<App>,
    db: Db,
    job: Arc<dyn Job>,
    worker: String,
    arrived: Notify,
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").field("job", &self.job.name()).finish_non_exhaustive()
    }
}

/// How far a dispatcher has come. An event that is not the job's leaves nothing behind, so that a floor that stands
/// before it is as good; it is raised with the next item, when nothing more comes, or after many such events.
struct Seen {
    /// The last event that was looked at.
    until: Position,
    /// The floor in the database.
    floor: Position,
}

/// What a dispatcher saw at one look.
struct Looked {
    events: usize,
    /// Whether there is something to do.
    noted: bool,
}

/// Why the runner could not go on just now.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The database did not answer.
    #[error("the jobs' tables cannot be used")]
    Backend(#[from] BackendError),
    /// An event cannot be read.
    #[error("an event cannot be read")]
    Read(#[from] ReadError),
    /// The policy cannot be read.
    #[error("the policy cannot be read")]
    Policy(#[from] Failure),
}

impl Runner {
    /// A runner of this job; `worker` names this process in leases.
    #[must_use]
    pub fn new(app: Arc<App>, db: Db, job: Arc<dyn Job>, worker: String) -> Self {
        Self { app, db, job, worker, arrived: Notify::new() }
    }

    /// The job.
    #[must_use]
    pub fn job(&self) -> &dyn Job {
        &*self.job
    }

    /// How far the job has read the log. At its first start most begin at the head.
    ///
    /// # Errors
    /// The database's.
    pub async fn floor(&self) -> Result<Position, RunError> {
        let select = || sql("SELECT position FROM job_floors WHERE job = $1").bind(self.job.name());
        let rows: Vec<(i64,)> = self.db.fetch(select()).await?;
        if let Some((position,)) = rows.first() {
            return Ok(Position(*position));
        }
        let head = self.app.store.backend().head().await?.position;
        let begins = jobs::begins(self.job.name(), head);
        let begin = sql("INSERT INTO job_floors (job, position) VALUES ($1, $2) ON CONFLICT (job) DO NOTHING")
            .bind(self.job.name())
            .bind(begins);
        self.db.execute(begin).await?;
        let rows: Vec<(i64,)> = self.db.fetch(select()).await?;
        Ok(rows.first().map_or(begins, |row| Position(row.0)))
    }

    /// Notes what the job has to do because of the feed's next events; returns how many events it looked at.
    ///
    /// It halts before an event that this build does not know: its floor is that of newer builds too, and one that it
    /// passed over they would never be given.
    ///
    /// # Errors
    /// [`RunError`]; what was noted before an unknown event stays noted, else nothing was.
    pub async fn dispatch(&self, feed: &dyn Feed) -> Result<usize, RunError> {
        let floor = self.floor().await?;
        let mut seen = Seen { until: floor, floor };
        let looked = self.look(feed, &mut seen).await;
        self.raise_floor(&mut seen).await?;
        looked.map(|looked| looked.events)
    }

    /// The same from where it has come to: what is not the job's is passed over, and the floor is raised only now and then.
    async fn look(&self, feed: &dyn Feed, seen: &mut Seen) -> Result<Looked, RunError> {
        let rows = feed.next(seen.until, BATCH).await?;
        let (mut statements, mut looked_at, mut unknown) = (Vec::new(), 0, None);
        for row in &rows {
            if let Err(error) = check_known(row) {
                unknown = Some(error);
                break;
            }
            looked_at += 1;
            if !self.job.acts_on_type(&row.event_type) {
                continue;
            }
            let policy = self.app.policy().await?.policy;
            let (state, reason, due) = match self.app.store.open_event::<Fact>(row).await {
                Ok(event) => match self.job.due(&event, row.decided, &policy) {
                    Some(due) => ("waiting", "", due),
                    None => continue,
                },
                // Damaged: somebody must look at it, and everybody else's items go on.
                Err(error @ (ReadError::Decode { .. } | ReadError::Open { .. } | ReadError::Changed { .. })) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        job = self.job.name(),
                        "an event is unreadable"
                    );
                    ("dead", UNREADABLE, row.decided)
                }
                Err(error) => return Err(error.into()),
            };
            statements.push(
                sql("INSERT INTO jobs \
                     (id, job, position, state, attempts, next_at, lease_until, leased_by, reason, created) \
                     SELECT $1, $2, $3, $6, 0, $4, 0, '', $7, $5 \
                     WHERE $3 > (SELECT position FROM job_floors WHERE job = $2) ON CONFLICT DO NOTHING")
                .bind(format!("{}-{}", self.job.name(), row.position))
                .bind(self.job.name())
                .bind(row.position)
                .bind(due)
                .bind(self.app.now())
                .bind(state)
                .bind(reason),
            );
        }
        let noted = !statements.is_empty();
        let until = rows[..looked_at].last().map_or(seen.until, |last| last.position);
        if noted {
            // Another worker may have noted the same since, and done it: it is waited for, then its floor holds.
            let lock = sql("UPDATE job_floors SET position = position WHERE job = $1").bind(self.job.name());
            statements.insert(0, lock);
            statements.push(self.raise(until));
            self.db.follow_if(Vec::new(), statements).await?;
            seen.floor = until;
            self.arrived.notify_one();
        }
        seen.until = until;
        if rows.is_empty() || until.0 - seen.floor.0 >= i64::from(BATCH) || unknown.is_some() {
            self.raise_floor(seen).await?;
        }
        unknown.map_or(Ok(Looked { events: looked_at, noted }), |error| Err(error.into()))
    }

    fn raise(&self, floor: Position) -> Statement {
        sql("UPDATE job_floors SET position = $2 WHERE job = $1 AND position < $2").bind(self.job.name()).bind(floor)
    }

    async fn raise_floor(&self, seen: &mut Seen) -> Result<(), RunError> {
        if seen.floor < seen.until {
            self.db.follow_if(Vec::new(), vec![self.raise(seen.until)]).await?;
            seen.floor = seen.until;
        }
        Ok(())
    }

    /// Takes due items and acts on them; returns how many.
    ///
    /// # Errors
    /// [`RunError`]; what was taken comes back when its lease is over.
    pub async fn execute(&self) -> Result<usize, RunError> {
        let now = self.app.now();
        let claimed: Vec<(String, i64, i64)> = self
            .db
            .follow(
                // The conditions stand twice: a second worker that waited for a row looks at the outer ones again.
                sql("UPDATE jobs SET lease_until = $1, leased_by = $2, attempts = attempts + 1 \
                     WHERE id IN (SELECT id FROM jobs WHERE job = $3 AND state = 'waiting' AND next_at <= $4 \
                                  AND (lease_until <= $4 OR leased_by IN (SELECT name FROM workers WHERE seen < $6)) \
                                  ORDER BY next_at, position LIMIT $5) \
                     AND state = 'waiting' AND next_at <= $4 \
                     AND (lease_until <= $4 OR leased_by IN (SELECT name FROM workers WHERE seen < $6)) \
                     RETURNING id, position, attempts")
                .bind(now.plus(self.job.lease()))
                .bind(self.worker.as_str())
                .bind(self.job.name())
                .bind(now)
                .bind(i64::try_from(self.job.at_once()).unwrap_or(i64::MAX))
                .bind(living::dead_before(now)),
            )
            .await?;
        let count = claimed.len();
        let results: Vec<Result<(), RunError>> = stream::iter(claimed)
            .map(|(id, position, attempts)| self.item(id, Position(position), attempts))
            .buffer_unordered(self.job.at_once())
            .collect()
            .await;
        results.into_iter().collect::<Result<(), RunError>>()?;
        Ok(count)
    }

    async fn item(&self, id: String, position: Position, attempts: i64) -> Result<(), RunError> {
        let attempts = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0);
        let rows = self.app.store.backend().read(Position(position.0 - 1), 1).await?;
        let Some(row) = rows.first().filter(|row| row.position == position) else {
            return self.finish(&id, attempts, Outcome::Dead { reason: "no-such-event".to_owned() }).await;
        };
        let event: Fact = match self.app.store.open_event(row).await {
            Ok(event) => event,
            // A newer build noted it, and will do it.
            Err(error) if error.is_newer() => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    job = self.job.name(),
                    id,
                    "an item waits for a newer build"
                );
                return self.finish(&id, attempts, Outcome::Retry { reason: NEWER.to_owned() }).await;
            }
            Err(ReadError::Decode { .. } | ReadError::Open { .. } | ReadError::Changed { .. }) => {
                return self.finish(&id, attempts, Outcome::Dead { reason: UNREADABLE.to_owned() }).await;
            }
            Err(error) => return Err(error.into()),
        };
        let name = self.job.name();
        let traced = trace::job(name, row, attempts, self.app.now().since(row.decided).as_secs_f64());
        // What the job logs has the correlation of the request that led to it.
        let logged = tracing::error_span!("job", job = name, id, correlation = %row.correlation);
        async {
            let outcome = self.act(row, &event, attempts).await;
            trace::ended(&traced, outcome.name());
            self.finish(&id, attempts, outcome).await
        }
        .instrument(logged)
        .instrument(traced.clone())
        .await
    }

    /// Acts, within the time of the lease.
    async fn act(&self, row: &EventRow, event: &Fact, attempts: u32) -> Outcome {
        let context = Context { app: Arc::clone(&self.app), attempts };
        let acting = AssertUnwindSafe(self.job.act(&context, row, event)).catch_unwind();
        match tokio::time::timeout(self.job.lease(), acting).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Outcome::Dead { reason: "panicked".to_owned() },
            Err(_) => Outcome::Retry { reason: "took-too-long".to_owned() },
        }
    }

    async fn finish(&self, id: &str, attempts: u32, outcome: Outcome) -> Result<(), RunError> {
        metrics::counter!("chancery_jobs_total", "job" => self.job.name(), "outcome" => outcome.name()).increment(1);
        let statement = match outcome {
            Outcome::Done => sql("DELETE FROM jobs WHERE id = $1").bind(id),
            Outcome::Later(due) => sql("UPDATE jobs SET lease_until = 0, attempts = attempts - 1, next_at = $2 \
                     WHERE id = $1 AND leased_by = $3")
            .bind(id)
            .bind(due)
            .bind(self.worker.as_str()),
            Outcome::Retry { reason } => {
                let pause = if reason == NEWER { UNTIL_NEWER } else { backoff(attempts) };
                sql("UPDATE jobs SET lease_until = 0, next_at = $2, reason = $3 WHERE id = $1 AND leased_by = $4")
                    .bind(id)
                    .bind(self.app.now().plus(pause))
                    .bind(reason)
                    .bind(self.worker.as_str())
            }
            Outcome::Dead { reason } => {
                tracing::error!(job = self.job.name(), id, reason, "a job's item is dead: see `chancery jobs`");
                sql("UPDATE jobs SET lease_until = 0, state = 'dead', reason = $2 WHERE id = $1").bind(id).bind(reason)
            }
        };
        // What was done and is not recorded is done again, which is harmless.
        self.db.follow_if(Vec::new(), vec![statement]).await?;
        Ok(())
    }

    /// Notes for ever; the caller drops it to stop it.
    pub async fn keep_dispatching(&self, feed: &dyn Feed) {
        let (mut seen, mut pace) = (None, Pace::new(PACE));
        loop {
            let looked = async {
                let seen = match &mut seen {
                    Some(seen) => seen,
                    None => {
                        let floor = self.floor().await?;
                        seen.insert(Seen { until: floor, floor })
                    }
                };
                self.look(feed, seen).await
            };
            match looked.await {
                // Most of what happens is no work for most jobs: many such looks become few.
                Ok(Looked { events, noted: false }) if (1..BATCH as usize).contains(&events) => pace.wait().await,
                Ok(_) => {}
                Err(error) => {
                    seen = None;
                    self.complain(&error, "a job cannot read the log").await;
                }
            }
        }
    }

    /// Acts for ever; the caller drops it to stop it, best between two calls of [`Runner::execute`].
    pub async fn keep_executing(&self, stopping: &tokio_util::sync::CancellationToken) {
        while !stopping.is_cancelled() {
            // Looking is cheap; taking is a write, which an idle service need not make.
            let outcome = match self.next_due().await {
                Ok(Some(due)) if due <= self.app.now() => self.execute().await.map(|_| ()),
                Ok(due) => {
                    self.wait(due, stopping).await;
                    Ok(())
                }
                Err(error) => Err(error.into()),
            };
            if let Err(error) = outcome {
                self.complain(&error, "a job cannot act").await;
            }
        }
    }

    /// Waits until an item arrives or is due, or for a regular look: another process may have noted one.
    async fn wait(&self, due: Option<Timestamp>, stopping: &tokio_util::sync::CancellationToken) {
        let due = async {
            match due {
                Some(due) => self.app.clock.sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.arrived.notified() => {}
            () = stopping.cancelled() => {}
            () = due => {}
            () = tokio::time::sleep(OTHERS) => {}
        }
    }

    /// When the next item can be taken.
    async fn next_due(&self) -> Result<Option<Timestamp>, BackendError> {
        let statement = sql("SELECT MIN(CASE WHEN next_at > lease_until \
                                           OR leased_by IN (SELECT name FROM workers WHERE seen < $2) \
                                       THEN next_at ELSE lease_until END) \
                             FROM jobs WHERE job = $1 AND state = 'waiting'")
        .bind(self.job.name())
        .bind(living::dead_before(self.app.now()));
        let rows: Vec<(Option<i64>,)> = self.db.fetch(statement).await?;
        Ok(rows.first().and_then(|row| row.0).map(Timestamp))
    }

    async fn complain(&self, error: &RunError, what: &str) {
        tracing::error!(error = error as &dyn std::error::Error, job = self.job.name(), what);
        metrics::counter!("chancery_job_errors_total", "job" => self.job.name()).increment(1);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
