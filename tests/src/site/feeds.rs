//! What feeds the jobs of a test's site: all that the log has at this moment, and then nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chancery_eventstore::nats::{Nats, NatsFeed};
use chancery_eventstore::{Backend, BackendError, Db, EventRow, Feed, Position};
use chancery_workers::Relay;
use chancery_workers::jobs::NAMES;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The log as it stands.
pub struct Now(pub Arc<dyn Backend>);

#[async_trait]
impl Feed for Now {
    async fn next(&self, after: Position, limit: u32) -> Result<Vec<EventRow>, BackendError> {
        self.0.read(after, limit).await
    }
}

/// A relay to NATS, and the feeds from there, one for each name.
pub struct Relayed {
    nats: Nats,
    db: Db,
    backend: Arc<dyn Backend>,
    feeds: Mutex<BTreeMap<&'static str, Arc<dyn Feed>>>,
    relay: Arc<Relay>,
    relaying: JoinHandle<()>,
    /// Nobody writes to it: the relay looks by itself.
    _written: watch::Sender<Position>,
}

impl Drop for Relayed {
    fn drop(&mut self) {
        self.relaying.abort();
    }
}

impl Relayed {
    pub(super) async fn start(nats: Nats, db: &Db, backend: &Arc<dyn Backend>) -> Self {
        let written = watch::Sender::new(Position::START);
        let relay = Arc::new(Relay::new(nats.clone(), db.clone(), Arc::clone(backend), written.subscribe()));
        let running = Arc::clone(&relay);
        let relaying = tokio::spawn(async move { running.run().await });
        Self {
            nats,
            db: db.clone(),
            backend: Arc::clone(backend),
            feeds: Mutex::default(),
            relay,
            relaying,
            _written: written,
        }
    }

    /// What keeps the relay from going on.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.relay.trouble()
    }

    /// Its connection.
    #[must_use]
    pub const fn nats(&self) -> &Nats {
        &self.nats
    }

    pub(super) fn feed(&self, name: &'static str) -> Arc<dyn Feed> {
        let mut feeds = self.feeds.lock().unwrap();
        let feed = feeds.entry(name).or_insert_with(|| {
            let backend = Arc::clone(&self.backend);
            let feed = NatsFeed::new(self.nats.clone(), Arc::clone(&backend), self.db.clone(), &NAMES, name);
            Arc::new(UpToNow { feed, backend })
        });
        Arc::clone(feed)
    }
}

/// A feed that is waited for as long as the log has more.
struct UpToNow {
    feed: NatsFeed,
    backend: Arc<dyn Backend>,
}

#[async_trait]
impl Feed for UpToNow {
    async fn next(&self, after: Position, limit: u32) -> Result<Vec<EventRow>, BackendError> {
        while after < self.backend.head().await?.position {
            let rows = self.feed.next(after, limit).await?;
            if !rows.is_empty() {
                return Ok(rows);
            }
        }
        Ok(Vec::new())
    }
}
