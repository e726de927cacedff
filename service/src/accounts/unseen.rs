//! What a request leads to behind its answer. Before a first proof no answer tells of an account: not whether there is
//! one, and not how it fares.

use std::sync::Arc;
use std::time::Duration;

use chancery_eventstore::{BackendError, Priority};
use tokio::sync::OnceCell;

use crate::app::{App, Failure};
use crate::places::Place;

/// The pauses before what goes on behind an answer asks a database again that could not be reached. One that has no room is
/// asked for as long as that lasts, after the last of them each time.
const AGAIN: [Duration; 4] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// Whether a mailbox takes the mail that one request leads to: asked once, however often what the request leads to is tried,
/// or its tries would use up what the mailbox takes.
pub(crate) type MailboxTakes = Arc<OnceCell<bool>>;

/// What was found under a name, as far as the answer may depend on it: an account, or a part of it, that cannot be read is
/// answered like one that is not there.
pub(crate) fn unless_unreadable<T>(found: Result<Option<T>, Failure>) -> Result<Option<T>, Failure> {
    let of_stream = |failure: &Failure| match failure {
        Failure::Newer(_) => true,
        // What the database refuses, it refuses for every name.
        Failure::Internal(source) => !source.is::<BackendError>(),
        _ => false,
    };
    found.or_else(|failure| {
        if !of_stream(&failure) {
            return Err(failure);
        }
        metrics::counter!("chancery_unseen_failures_total", "what" => "account-unreadable").increment(1);
        tracing::error!(error = &failure as &dyn std::error::Error, "an account cannot be read");
        Ok(None)
    })
}

impl App {
    /// Whether this node may decide at all, asked for every name: a known one must not be the first to meet a wrong clock,
    /// a log without room or a policy that this build cannot read.
    pub(crate) async fn may_decide(&self) -> Result<(), Failure> {
        self.is_trusted()?;
        self.has_room()?;
        self.policy().await.map(|_| ())
    }

    fn has_room(&self) -> Result<(), Failure> {
        if self.room.is_missing(self.now()) { Err(Failure::Full) } else { Ok(()) }
    }

    /// A place for what goes on behind an answer, asked for every name and before anything is looked up: once it is had, what
    /// the answer promises finds room in the log's queue too.
    pub(crate) fn place_behind(&self, priority: Priority) -> Result<Place, Failure> {
        let place = self.tasks.place(priority).filter(|_| self.store.has_room(priority));
        place.ok_or(Failure::BUSY)
    }

    /// Whether there is such a place now: asked before a form's check is used up, so that whoever is turned away can send the
    /// same form again.
    ///
    /// # Errors
    /// [`Failure::BUSY`], and [`Failure::Full`] where the log had no room a moment ago.
    pub fn is_open_to(&self, priority: Priority) -> Result<(), Failure> {
        self.has_room()?;
        self.place_behind(priority).map(drop)
    }

    /// Carries a command out while its answer waits to be due, and beyond that where it takes longer. Only names that
    /// have an account have a stream that others can keep busy: how the command fares changes no answer.
    ///
    /// The answer has promised a mail: a database that is away for a moment is asked again, and one that has no room until it
    /// has some. The command happens once, however often that is.
    pub(crate) fn behind_the_answer<F>(
        self: &Arc<Self>,
        place: Place,
        what: &'static str,
        work: impl Fn() -> F + Send + Sync + 'static,
    ) where
        F: Future<Output = Result<(), Failure>> + Send,
    {
        self.tasks.spawn(place, async move {
            let mut pauses = AGAIN.into_iter();
            let done = loop {
                let done = work().await;
                let pause = match done {
                    Err(Failure::Unavailable) => pauses.next(),
                    Err(Failure::Full) => pauses.next().or(AGAIN.last().copied()),
                    _ => None,
                };
                let Some(pause) = pause else { break done };
                tokio::time::sleep(pause).await;
            };
            if let Err(failure) = done {
                metrics::counter!("chancery_unseen_failures_total", "what" => what).increment(1);
                tracing::warn!(error = &failure as &dyn std::error::Error, what, "a request led to nothing");
            }
        });
    }
}
