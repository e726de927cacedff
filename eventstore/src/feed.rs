//! Feeds: how a job or a following projection is given the log, in order.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::backend::{Backend, BackendError};
use crate::row::{EventRow, Position};

/// How often a feed looks at the log although nothing woke it: with the look itself, appends of other processes are seen
/// within 250 ms.
pub const LOOK: Duration = Duration::from_millis(200);

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

/// The embedded feed: the log itself, with an in-process wake-up that is only a hint.
#[derive(Clone, Debug)]
pub struct LogFeed {
    backend: Arc<dyn Backend>,
    written: watch::Receiver<Position>,
}

impl LogFeed {
    /// A feed of this log.
    #[must_use]
    pub fn new(backend: Arc<dyn Backend>, written: watch::Receiver<Position>) -> Self {
        Self { backend, written }
    }
}

#[async_trait]
impl Feed for LogFeed {
    async fn next(&self, after: Position, limit: u32) -> Result<Vec<EventRow>, BackendError> {
        let mut written = self.written.clone();
        written.mark_unchanged();
        let rows = self.backend.read(after, limit).await?;
        if !rows.is_empty() {
            return Ok(rows);
        }
        // A writer that is gone leaves only the regular look.
        if let Ok(Err(_)) = tokio::time::timeout(LOOK, written.changed()).await {
            tokio::time::sleep(LOOK).await;
        }
        self.backend.read(after, limit).await
    }
}
