//! Feeds: how a job or a following projection is given the log, in order.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

use crate::backend::{Backend, BackendError};
use crate::row::{EventRow, Position};

/// How often a feed looks at the log although nothing woke it: with the look itself, appends of other processes are seen
/// within 250 ms.
pub const LOOK: Duration = Duration::from_millis(200);

/// Looks in a row that a [`Pace`] lets pass at once.
const BURST: u32 = 4;

/// Holds back a follower that looks often: events that come alone are met at once, and of many that come one after the
/// other, some share a look and what follows from it.
#[derive(Debug)]
pub struct Pace {
    interval: Duration,
    /// When all the looks so far would have been made, had each waited for its interval.
    paid: Option<Instant>,
}

impl Pace {
    /// In the long run one look in this time.
    #[must_use]
    pub const fn new(interval: Duration) -> Self {
        Self { interval, paid: None }
    }

    /// Counts a look, and waits where there were too many of late.
    pub async fn wait(&mut self) {
        let now = now();
        let paid = self.paid.map_or(now, |paid| paid.max(now)) + self.interval;
        self.paid = Some(paid);
        let early = paid.duration_since(now).saturating_sub(self.interval * BURST);
        if !early.is_zero() {
            tokio::time::sleep(early).await;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how busy this process is, which decides nothing")]
fn now() -> Instant {
    Instant::now()
}

/// Gives the events after a position, in order, each at least once.
#[async_trait]
pub trait Feed: Send + Sync {
    /// Up to `limit` events after `after`. Waits while there are none; returns nothing only after a bounded wait, so
    /// that its caller can see to other things.
    ///
    /// # Errors
    /// The database's.
    async fn next(&self, after: Position, limit: u32) -> Result<Vec<EventRow>, BackendError>;
}

/// The embedded feed: the log itself, with an in-process wake-up that is only a hint. All followers of a process share one:
/// the first that is woken reads what the others then have as well.
#[derive(Debug)]
pub struct LogFeed {
    backend: Arc<dyn Backend>,
    written: watch::Receiver<Position>,
    newest: Mutex<Newest>,
}

/// What was read last of the log.
#[derive(Debug, Default)]
struct Newest {
    after: Position,
    rows: Vec<EventRow>,
    /// Whether there were no more.
    is_end: bool,
}

impl Newest {
    /// Those after another position, if they are among these.
    fn after(&self, after: Position, limit: u32) -> Option<Vec<EventRow>> {
        let known =
            if after < self.after { return None } else { self.rows.partition_point(|row| row.position <= after) };
        let rows: Vec<EventRow> = self.rows[known..].iter().take(limit as usize).cloned().collect();
        (!rows.is_empty()).then_some(rows)
    }

    /// Whether nothing came after a position when it was read.
    fn ends(&self, after: Position) -> bool {
        self.is_end && after == self.rows.last().map_or(self.after, |row| row.position)
    }
}

impl LogFeed {
    /// A feed of this log.
    #[must_use]
    pub fn new(backend: Arc<dyn Backend>, written: watch::Receiver<Position>) -> Self {
        Self { backend, written, newest: Mutex::default() }
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Vec<EventRow>, BackendError> {
        let mut newest = self.newest.lock().await;
        if let Some(rows) = newest.after(after, limit) {
            return Ok(rows);
        }
        let rows = self.backend.read(after, limit).await?;
        if after >= newest.after {
            *newest = Newest { after, rows: rows.clone(), is_end: rows.len() < limit as usize };
        }
        Ok(rows)
    }
}

#[async_trait]
impl Feed for LogFeed {
    async fn next(&self, after: Position, limit: u32) -> Result<Vec<EventRow>, BackendError> {
        let mut written = self.written.clone();
        // Nothing to look for where this process has written nothing since the end was seen: what others wrote is seen by
        // the regular look.
        let is_quiet = *written.borrow_and_update() <= after && self.newest.lock().await.ends(after);
        if !is_quiet {
            let rows = self.read(after, limit).await?;
            if !rows.is_empty() {
                return Ok(rows);
            }
        }
        // A writer that is gone leaves only the regular look.
        if let Ok(Err(_)) = tokio::time::timeout(LOOK, written.changed()).await {
            tokio::time::sleep(LOOK).await;
        }
        self.read(after, limit).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_few_looks_pass_at_once_and_many_are_spread() {
        let interval = Duration::from_millis(100);
        let mut pace = Pace::new(interval);
        // Twice, since what was not used up counts again after a while.
        for _ in 0..2 {
            let start = now();
            for _ in 0..BURST {
                pace.wait().await;
            }
            assert_eq!(now() - start, Duration::ZERO);
            for more in 1..=10 {
                pace.wait().await;
                assert_eq!(now() - start, interval * more);
            }
            tokio::time::sleep(interval * BURST).await;
        }
    }
}
