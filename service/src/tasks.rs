//! Work that goes on after its answer.

use std::future::Future;

use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

/// What was begun by requests that are answered already. What it logs still carries the request's id.
#[derive(Debug)]
pub struct Tasks(TaskTracker);

impl Default for Tasks {
    fn default() -> Self {
        let tracker = TaskTracker::new();
        // So that waiting ends when nothing is left; more may be begun all the same.
        tracker.close();
        Self(tracker)
    }
}

impl Tasks {
    /// Begins a piece of work as a part of the present request.
    pub fn spawn<F>(&self, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.0.spawn(work.in_current_span());
    }

    /// Returns when nothing that was begun is left.
    pub async fn wait(&self) {
        self.0.wait().await;
    }
}
