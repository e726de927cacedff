//! The connections that only read.
//!
//! Lent by deadpool and not by sqlx's own pool, which asks every connection that comes back whether it still lives: on
//! SQLite one more way to another thread and back for each statement, about a file that cannot go away.

use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{Manager, Metrics, Object, Pool, PoolError, QueueMode, RecycleResult};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

/// The longest that a statement waits for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Lends connections that only read. One that comes back is lent again as it is, even where its last answer was not read
/// to the end; nobody begins a transaction on it.
#[derive(Clone, Debug)]
pub struct Readers(Pool<Opening>);

/// A lent connection, which goes back by itself.
pub type Reader = Object<Opening>;

/// How they are opened.
#[derive(Debug)]
pub struct Opening(SqliteConnectOptions);

impl Manager for Opening {
    type Type = SqliteConnection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<SqliteConnection, sqlx::Error> {
        self.0.connect().await
    }

    async fn recycle(&self, _: &mut SqliteConnection, _: &Metrics) -> RecycleResult<sqlx::Error> {
        Ok(())
    }
}

impl Readers {
    pub(super) fn new(options: SqliteConnectOptions, count: u32) -> Self {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let pool =
            Pool::builder(Opening(options)).max_size(count).wait_timeout(Some(PATIENCE)).runtime(Runtime::Tokio1);
        // The one that came back last has its pages at hand.
        let pool = pool.queue_mode(QueueMode::Lifo);
        Self(pool.build().expect("a runtime is given for its time-outs"))
    }

    /// Lends a connection, when one is free.
    ///
    /// # Errors
    /// sqlx's own for a pool that gives none in time, or that is closed.
    pub async fn lend(&self) -> Result<Reader, sqlx::Error> {
        self.0.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error,
            PoolError::Closed => sqlx::Error::PoolClosed,
            _ => sqlx::Error::PoolTimedOut,
        })
    }

    /// Lends none any more, and returns when those that were open are closed.
    pub(super) async fn close(&self) {
        while self.0.status().size > 0 {
            let Ok(reader) = self.lend().await else { break };
            if let Err(error) = Object::take(reader).close().await {
                tracing::warn!(%error, "a connection that reads was not closed");
            }
        }
        self.0.close();
    }
}
