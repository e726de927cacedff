//! Waiting for changes, for many applications at once: one look at the log for all of them, and for each the question
//! whether it may still be told before it is told anything.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chancery_domain::StreamId;
use chancery_domain::application::Scope;
use chancery_eventstore::feed::LOOK;
use chancery_eventstore::{EventRow, Feed, LogFeed, Position};
use chancery_projections::AccountChanges;
use chancery_projections::account_changes::is_change;
use chancery_service::applications::authenticate::Caller;
use chancery_service::applications::changes::SeenChanges;
use chancery_service::{App, Failure};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::admitted::refusal;
use super::kinds::Kind;
use super::problem::Problem;
use super::window::{HELD, Window};

/// Requests that one application may hold open on one node.
pub const MAX_HELD: usize = 16;

/// Events that the watch reads at once.
const BATCH: u32 = 500;

/// How often the watch looks whether the read model has a change that the log has.
const SOON: Duration = Duration::from_millis(10);

/// The pause after the database did not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// What has happened that somebody waits for.
#[derive(Clone, Debug, Default)]
struct Beat {
    /// The newest event by which an application may be worth less than before.
    applications: Position,
    /// The newest changes; `None` before the watch has looked for the first time.
    changes: Option<Arc<Window>>,
}

/// Looks at the log for everybody who waits on this node.
#[derive(Debug)]
pub struct Watch {
    beat: watch::Sender<Beat>,
    changes: AccountChanges,
    held: Mutex<HashMap<StreamId, usize>>,
}

/// A request that is held open; one less when it is dropped.
#[derive(Debug)]
pub struct Held {
    watch: Arc<Watch>,
    application: StreamId,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut held = self.watch.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.application) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.application);
            }
        }
        metrics::gauge!("chancery_api_held_requests").decrement(1.0);
    }
}

impl Watch {
    /// A watch over this read model. Nobody is woken before [`Watch::run`] runs.
    #[must_use]
    pub fn new(changes: AccountChanges) -> Arc<Self> {
        Arc::new(Self { beat: watch::Sender::default(), changes, held: Mutex::default() })
    }

    /// The read model.
    #[must_use]
    pub const fn changes(&self) -> &AccountChanges {
        &self.changes
    }

    /// Looks until `stop` is cancelled: whoever waits is woken within the log's regular look.
    pub async fn run(&self, app: &App, stop: &CancellationToken) {
        let looking = async {
            let mut after = None;
            loop {
                if let Err(error) = self.look(app, &mut after).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the log cannot be watched for programs");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        };
        stop.run_until_cancelled(looking).await;
    }

    async fn look(&self, app: &App, after: &mut Option<Position>) -> Result<(), Failure> {
        let backend = app.store.backend();
        let feed = LogFeed::new(Arc::clone(backend), app.store.written());
        let begun = match *after {
            Some(position) => position,
            None => backend.head().await?.position,
        };
        let mut looked = Looked { position: begun, due: begun, told: None };
        let held = self.beat.borrow().changes.clone();
        let mut window = match held {
            Some(window) => window,
            None => Arc::new(Window::at(self.changes.position().await?)),
        };
        let mut looks = 0;
        loop {
            app.forget_opened();
            // A read model that halts is not asked at that rate for ever.
            looks = if window.next() < looked.due { looks + 1 } else { 0 };
            let rows = if window.next() < looked.due {
                tokio::time::sleep(if looks < 100 { SOON } else { LOOK }).await;
                backend.read(looked.position, BATCH).await?
            } else {
                feed.next(looked.position, BATCH).await?
            };
            looked.at(&rows);
            if window.next() < looked.due && self.changes.position().await? > window.next() {
                let read = app.account_changes(&self.changes, window.next(), HELD).await?;
                window = Arc::new(window.and(read, HELD));
                // What an operator takes away is not told in the same moment: whoever is told this is asked for again
                // because of everything that stood in the log when it was read.
                let head = backend.head().await?.position;
                while looked.position < head {
                    looked.at(&backend.read(looked.position, BATCH).await?);
                }
            }
            *after = Some(looked.position);
            self.beat.send_if_modified(|beat| {
                let applications = looked.told.take().unwrap_or(beat.applications);
                let news = applications != beat.applications || beat.changes.as_ref() != Some(&window);
                *beat = Beat { applications, changes: Some(Arc::clone(&window)) };
                news
            });
        }
    }

    /// Holds one more request of an application open.
    pub fn hold(self: &Arc<Self>, application: StreamId) -> Result<Held, Problem> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(application).or_default();
        if *count >= MAX_HELD {
            let detail = format!("{MAX_HELD} requests of the application wait already");
            return Err(Problem::retry(Kind::TooManyOpen, detail, 5));
        }
        *count += 1;
        metrics::gauge!("chancery_api_held_requests").increment(1.0);
        Ok(Held { watch: Arc::clone(self), application })
    }
}

/// How far the watch has looked at the log.
struct Looked {
    position: Position,
    /// The newest change.
    due: Position,
    /// The newest event about an application that nobody was told of yet.
    told: Option<Position>,
}

impl Looked {
    fn at(&mut self, rows: &[EventRow]) {
        for row in rows {
            self.position = row.position;
            match row.event_type.as_str() {
                "application.person_invited" | "application.invitation_repeated" => {}
                other if other.starts_with("application.") => self.told = Some(row.position),
                other if is_change(other) => self.due = row.position,
                _ => {}
            }
        }
    }
}

/// An application that waits for changes.
#[derive(Debug)]
pub struct Follower {
    app: Arc<App>,
    watch: Arc<Watch>,
    caller: Caller,
    draining: CancellationToken,
    beat: watch::Receiver<Beat>,
    /// The event about an application by which it was last asked whether this one may still be told; `None` before it was.
    admitted: Option<Position>,
    /// Up to where it was told.
    pub after: Position,
}

impl Follower {
    /// One that was told up to `after`.
    #[must_use]
    pub fn new(app: Arc<App>, watch: Arc<Watch>, caller: Caller, draining: CancellationToken, after: Position) -> Self {
        let beat = watch.beat.subscribe();
        Self { app, watch, caller, draining, beat, admitted: None, after }
    }

    /// The next changes, up to `limit`; none after `patience`, or when the service stops.
    ///
    /// # Errors
    /// The refusal of an application that may not be told any more: it is asked anew after every reading, so that what an
    /// operator takes away is not told in the same moment.
    pub async fn next(&mut self, limit: u32, patience: Duration) -> Result<SeenChanges, Problem> {
        let patience = tokio::time::sleep(patience);
        tokio::pin!(patience);
        loop {
            let beat = self.beat.borrow_and_update().clone();
            let page = self.page(&beat, limit).await?;
            self.after = page.next;
            if !page.changes.is_empty() {
                return Ok(page);
            }
            tokio::select! {
                woken = self.beat.changed() => {
                    if woken.is_err() {
                        tokio::time::sleep(LOOK).await;
                    }
                }
                () = &mut patience => return Ok(page),
                () = self.draining.cancelled() => return Ok(page),
            }
        }
    }

    /// What follows: of the watch, which has read it for all who stand where it begins or later, or read from the database
    /// by whoever comes only now or was left behind.
    async fn page(&mut self, beat: &Beat, limit: u32) -> Result<SeenChanges, Problem> {
        let shared = beat.changes.as_ref().filter(|_| self.admitted.is_some());
        let page = match shared.and_then(|window| window.after(self.after, limit)) {
            // The watch has seen every event about an application that was in the log when it had read the changes:
            // without a new one there is nothing to ask.
            Some(page) if self.admitted == Some(beat.applications) => return Ok(page),
            Some(page) => page,
            None => self.app.account_changes(self.watch.changes(), self.after, limit).await?,
        };
        self.app.admit_still(&self.caller, Scope::AccountsRead).await?.map_err(refusal)?;
        // Before the watch has read anything there is no event by which to tell whether to ask again.
        self.admitted = beat.changes.is_some().then_some(beat.applications);
        Ok(page)
    }
}
