//! The one connection that writes.

use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};
use tokio::sync::{Mutex, MutexGuard, Semaphore};
use tokio::time::timeout;

use super::error::classify;
use crate::backend::BackendError;
use crate::db::Commit;

/// Callers that may wait by [`Writer::run_if_room`]: as many as there are requests in work, of which each waits for one
/// thing at a time, so that those are turned away in their order before it comes to this.
const WAITERS: usize = 4096;

/// The longest that one of them waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// Hands the writing connection to one caller at a time, in the order in which they ask.
#[derive(Debug)]
pub(super) struct Writer {
    slot: Mutex<Slot>,
    room: Semaphore,
}

#[derive(Debug)]
struct Slot {
    options: SqliteConnectOptions,
    connection: Option<SqliteConnection>,
    /// How the connection commits. A new one waits for the disk.
    commit: Commit,
}

impl Writer {
    pub(super) fn new(options: SqliteConnectOptions, connection: Option<SqliteConnection>) -> Self {
        let slot = Slot { options, connection, commit: Commit::Flushed };
        Self { slot: Mutex::new(slot), room: Semaphore::new(WAITERS) }
    }

    /// Runs `work` alone, however long it waits for that: for the batcher and for jobs, who are few, and for what ends a
    /// request that was let in.
    pub(super) async fn run<T>(
        &self,
        commit: Commit,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, BackendError> {
        Self::run_on(self.slot.lock().await, commit, work).await
    }

    /// Runs `work` alone, or not at all where too many wait already or the turn does not come in time: for what requests
    /// begin with.
    pub(super) async fn run_if_room<T>(
        &self,
        commit: Commit,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, BackendError> {
        let Ok(place) = self.room.try_acquire() else { return Err(BackendError::Busy) };
        let Ok(slot) = timeout(PATIENCE, self.slot.lock()).await else { return Err(BackendError::Busy) };
        drop(place);
        Self::run_on(slot, commit, work).await
    }

    /// Where `work` fails or is cancelled half-way, the connection is not put back: closing it rolls back whatever it had
    /// begun, and the next caller opens another.
    async fn run_on<T>(
        mut slot: MutexGuard<'_, Slot>,
        commit: Commit,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, BackendError> {
        let mut connection = match slot.connection.take() {
            Some(connection) => connection,
            None => {
                slot.commit = Commit::Flushed;
                slot.options.connect().await.map_err(classify)?
            }
        };
        let run = async {
            if commit != slot.commit {
                // Prepared anew each time that it runs, so that it is not run for nothing.
                sqlx::raw_sql(commit.sqlite()).execute(&mut connection).await?;
                slot.commit = commit;
            }
            work(&mut connection).await
        };
        match run.await {
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

    /// Ends the connection; the next caller opens another.
    pub(super) async fn close(&self) {
        if let Some(connection) = self.slot.lock().await.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the database was not closed");
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

#[cfg(test)]
mod tests {
    use futures::poll;

    use super::*;

    async fn nothing(_: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_are_bounded_in_number_and_in_time() {
        let options = SqliteConnectOptions::new().in_memory(true);
        let writer = Writer::new(options.clone(), Some(options.connect().await.unwrap()));
        let held = writer.slot.lock().await;
        let mut waiting: Vec<_> =
            (0..WAITERS).map(|_| Box::pin(writer.run_if_room(Commit::Unflushed, nothing))).collect();
        for one in &mut waiting {
            assert!(poll!(one).is_pending());
        }
        assert!(
            matches!(writer.run_if_room(Commit::Unflushed, nothing).await, Err(BackendError::Busy)),
            "one more is refused at once"
        );
        let mut append = Box::pin(writer.run(Commit::Flushed, nothing));
        assert!(poll!(&mut append).is_pending(), "an append waits all the same");
        // The time passes by itself while nothing else is to be done.
        for one in waiting {
            assert!(matches!(one.await, Err(BackendError::Busy)), "none waits for ever");
        }
        drop(held);
        append.await.unwrap();
        writer.run_if_room(Commit::Unflushed, nothing).await.unwrap();
    }
}
