//! Work that goes on after its answer.

use std::future::Future;

use chancery_eventstore::Priority;
use opentelemetry::context::FutureExt as _;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::places::{Place, Places};

/// Pieces of work that may go on behind answers at once, besides those that wait for a password to be hashed.
const MOST: usize = 2048;

/// What was begun by requests that are answered already. What it logs still carries the request's id, and what it does is
/// a part of the request's trace. It is bounded: whoever may begin some takes a place for it before anything is done.
#[derive(Debug)]
pub struct Tasks {
    tracker: TaskTracker,
    places: Places,
}

impl Tasks {
    /// Room for the work behind answers, where so many passwords may wait to be hashed: each may have to be recorded as
    /// a failure.
    #[must_use]
    pub fn beside(hashing: usize) -> Self {
        let tracker = TaskTracker::new();
        // So that waiting ends when nothing is left; more may be begun all the same.
        tracker.close();
        Self { tracker, places: Places::new(MOST + 2 * hashing) }
    }

    /// A place for a piece of work; `None` while there is none for what is worth this much.
    #[must_use]
    pub fn place(&self, priority: Priority) -> Option<Place> {
        self.places.take(priority)
    }

    /// Begins a piece of work as a part of the present request.
    pub fn spawn<F>(&self, place: Place, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let work = async move {
            work.await;
            drop(place);
        };
        self.tracker.spawn(work.with_current_context().in_current_span());
    }

    /// Returns when nothing that was begun is left.
    pub async fn wait(&self) {
        self.tracker.wait().await;
    }
}
