//! The one connection that appends.

use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::{ConnectOptions, Postgres};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::{ANSWER_LIMIT, CONNECTION_LIMIT, error, start};
use crate::backend::BackendError;

/// A connection of its own, so that no read can stand in an append's way. It stands outside the pool, which would test
/// it with a round trip after every use.
#[derive(Debug)]
pub(super) struct Writer {
    options: PgConnectOptions,
    /// `None` before the first use, after a failure, and while a statement that was given up may still run.
    connection: Mutex<Option<PgConnection>>,
}

impl Writer {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        Self { options, connection: Mutex::new(None) }
    }

    /// Runs a statement of its own that returns one row at most.
    pub(super) async fn row(&self, query: Query<'_, Postgres, PgArguments>) -> Result<Option<PgRow>, BackendError> {
        let mut place = self.connection.lock().await;
        let mut connection = match place.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        // A row could arrive before the commit; the end of all rows follows it.
        let answer = timeout(ANSWER_LIMIT, query.fetch_all(&mut connection)).await;
        let answer = answer.unwrap_or_else(|late| Err(sqlx::Error::Io(late.into()))).map_err(error::from_sqlx);
        // After anything unexpected the next statement gets a new one.
        if answer.is_ok() {
            *place = Some(connection);
        }
        Ok(answer?.pop())
    }

    async fn connect(&self) -> Result<PgConnection, BackendError> {
        let connecting = async {
            let mut connection = self.options.connect().await?;
            start::check_server(&mut connection).await?;
            Ok(connection)
        };
        timeout(CONNECTION_LIMIT, connecting).await.unwrap_or_else(|late| Err(sqlx::Error::Io(late.into()))).map_err(
            |error| match error {
                // What was right at start is so no more: wait until it is right again.
                sqlx::Error::Configuration(_) => BackendError::Unavailable(error),
                _ => error::from_sqlx(error),
            },
        )
    }

    /// Ends the connection.
    pub(super) async fn close(&self) {
        if let Some(connection) = self.connection.lock().await.take() {
            // The server notices by itself where it cannot be told.
            let _ = sqlx::Connection::close(connection).await;
        }
    }
}
