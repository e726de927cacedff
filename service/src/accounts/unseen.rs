//! What a request leads to behind its answer. Before a first proof no answer tells of an account: not whether there is
//! one, and not how it fares.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use chancery_eventstore::BackendError;

use super::LoadedAccount;
use crate::app::{App, Failure};

/// What was found under a name, as far as the answer may depend on it: an account that cannot be read is answered
/// like one that is not there.
pub(crate) fn unless_unreadable(
    found: Result<Option<LoadedAccount>, Failure>,
) -> Result<Option<LoadedAccount>, Failure> {
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
        tracing::error!(error = &failure as &dyn std::error::Error, "an account cannot be read");
        Ok(None)
    })
}

impl App {
    /// Whether this node may decide at all, asked for every name: a known one must not be the first to meet a wrong clock
    /// or a policy that this build cannot read.
    pub(crate) async fn may_decide(&self) -> Result<(), Failure> {
        if !self.clock_agrees.load(Ordering::Relaxed) {
            return Err(Failure::ClockSkew);
        }
        self.policy().await.map(|_| ())
    }

    /// Carries a command out while its answer waits to be due, and beyond that where it takes longer. Only names that
    /// have an account have a stream that others can keep busy: how the command fares changes no answer.
    pub(crate) fn behind_the_answer<F>(self: &Arc<Self>, what: &'static str, work: F)
    where
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        self.tasks.spawn(async move {
            if let Err(failure) = work.await {
                metrics::counter!("chancery_unseen_failures_total", "what" => what).increment(1);
                tracing::warn!(error = &failure as &dyn std::error::Error, what, "a request led to nothing");
            }
        });
    }
}
