//! Several servers of which one is the primary, as after a failover.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool};
use tokio::time::timeout;

use super::{CONNECTION_LIMIT, start};
use crate::history::History;

/// Where the primary may be, and where it was found last.
#[derive(Debug)]
pub(super) struct Hosts {
    all: Vec<PgConnectOptions>,
    current: AtomicUsize,
    history: Arc<History>,
    /// The pools that follow the primary.
    pools: OnceLock<[PgPool; 2]>,
    moved: Mutex<Option<Instant>>,
}

impl Hosts {
    pub(super) fn new(all: Vec<PgConnectOptions>, current: usize, history: Arc<History>) -> Self {
        Self { all, current: AtomicUsize::new(current), history, pools: OnceLock::new(), moved: Mutex::new(None) }
    }

    /// Lets pools follow.
    pub(super) fn lead(&self, pools: [PgPool; 2]) {
        // They are given once, where they are made.
        let _ = self.pools.set(pools);
    }

    /// The server that was the primary last.
    pub(super) fn current(&self) -> &PgConnectOptions {
        &self.all[self.current.load(Ordering::Relaxed)]
    }

    /// Whether a connection of this age was made before the primary moved: whatever it tells is of the past.
    pub(super) fn is_old(&self, age: Duration) -> bool {
        let moved = *self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        #[expect(clippy::disallowed_methods, reason = "compared with the age that the pool measures by the same clock")]
        moved.is_some_and(|moved| age >= moved.elapsed())
    }

    /// A connection to the primary: the one that was it last, or whichever of the others is it now.
    pub(super) async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        let first = self.current.load(Ordering::Relaxed);
        let mut failure = None;
        for step in 0..self.all.len() {
            let index = (first + step) % self.all.len();
            let connected = timeout(CONNECTION_LIMIT, self.connect_to(&self.all[index])).await;
            match connected.unwrap_or_else(|late| Err(sqlx::Error::Io(late.into()))) {
                Ok(connection) => {
                    if index != first {
                        self.move_to(index);
                    }
                    return Ok(connection);
                }
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        Err(failure.unwrap_or(sqlx::Error::PoolClosed))
    }

    async fn connect_to(&self, options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
        let mut connection = options.connect().await?;
        start::check_server(&mut connection).await?;
        start::check_history(&mut connection, &self.history).await?;
        Ok(connection)
    }

    /// Looks for the primary elsewhere, where there is an elsewhere.
    pub(super) async fn seek(&self) {
        if self.all.len() > 1
            && let Ok(connection) = self.connect().await
        {
            // The server notices by itself where it cannot be told.
            let _ = sqlx::Connection::close(connection).await;
        }
    }

    fn move_to(&self, index: usize) {
        self.current.store(index, Ordering::Relaxed);
        #[expect(clippy::disallowed_methods, reason = "compared with the age that the pool measures by the same clock")]
        let now = Instant::now();
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        for pool in self.pools.get().into_iter().flatten() {
            pool.set_connect_options(self.all[index].clone());
        }
        tracing::warn!(host = self.all[index].get_host(), "the primary is another server now");
    }
}
