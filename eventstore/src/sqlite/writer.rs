//! The one connection that writes.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};
use tokio::sync::Mutex;

use super::error::classify;
use crate::backend::BackendError;

/// Hands the writing connection to one caller at a time, in the order in which they ask.
#[derive(Debug)]
pub(super) struct Writer {
    slot: Mutex<Slot>,
}

#[derive(Debug)]
struct Slot {
    options: SqliteConnectOptions,
    connection: Option<SqliteConnection>,
}

impl Writer {
    pub(super) fn new(options: SqliteConnectOptions, connection: SqliteConnection) -> Self {
        Self { slot: Mutex::new(Slot { options, connection: Some(connection) }) }
    }

    /// Runs `work` alone. Where it fails or is cancelled half-way, the connection is not put back: closing it rolls
    /// back whatever it had begun, and the next caller opens another.
    pub(super) async fn run<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, BackendError> {
        let mut slot = self.slot.lock().await;
        let mut connection = match slot.connection.take() {
            Some(connection) => connection,
            None => slot.options.connect().await.map_err(classify)?,
        };
        match work(&mut connection).await {
            Ok(done) => {
                slot.connection = Some(connection);
                Ok(done)
            }
            Err(error) => {
                // Waits until SQLite has let go of its locks, so that the next caller does not meet them.
                if let Err(error) = connection.close().await {
                    tracing::debug!(%error, "closing a connection after an error");
                }
                Err(classify(error))
            }
        }
    }

    /// Changes the options; the next caller gets a new connection.
    pub(super) async fn reconfigure(&self, change: impl FnOnce(SqliteConnectOptions) -> SqliteConnectOptions) {
        let mut slot = self.slot.lock().await;
        slot.options = change(slot.options.clone());
        slot.connection = None;
    }
}

/// Moves everything from the write-ahead log into the database and empties it; false if a reader was in the way.
pub(super) async fn truncate(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    let rows = sqlx::raw_sql("PRAGMA busy_timeout = 100; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = 5000")
        .fetch_all(connection)
        .await?;
    // The pragmas answer with a row each; the checkpoint's has three columns, the first says whether it was blocked.
    let blocked = rows.iter().find(|row| row.len() == 3).map(|row| row.try_get::<i64, _>(0)).transpose()?;
    Ok(blocked == Some(0))
}
