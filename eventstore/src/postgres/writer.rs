//! The one connection that appends.

use std::sync::Arc;

use sqlx::Postgres;
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::query::Query;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::hosts::Hosts;
use super::{ANSWER_LIMIT, error};
use crate::backend::BackendError;
use crate::history::History;

/// A connection of its own, so that no read can stand in an append's way. It stands outside the pool, which would test
/// it with a round trip after every use.
#[derive(Debug)]
pub(super) struct Writer {
    hosts: Arc<Hosts>,
    history: Arc<History>,
    /// `None` before the first use, after a failure, and while a statement that was given up may still run.
    connection: Mutex<Option<PgConnection>>,
}

impl Writer {
    pub(super) fn new(hosts: Arc<Hosts>, history: Arc<History>) -> Self {
        Self { hosts, history, connection: Mutex::new(None) }
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
            let mut connection = self.hosts.connect().await?;
            if let Some((_, epoch)) = self.history.own() {
                let name = sqlx::query("SELECT set_config('chancery.epoch', $1, false)").bind(epoch.to_string());
                name.execute(&mut connection).await?;
            }
            Ok(connection)
        };
        let connected: Result<_, sqlx::Error> = connecting.await;
        connected.map_err(|error| match error::from_sqlx(error) {
            // What was right at start is so no more: wait until it is right again.
            BackendError::Rejected(error @ sqlx::Error::Configuration(_)) => BackendError::Unavailable(error),
            error => error,
        })
    }

    /// Ends the connection.
    pub(super) async fn close(&self) {
        if let Some(connection) = self.connection.lock().await.take() {
            // The server notices by itself where it cannot be told.
            let _ = sqlx::Connection::close(connection).await;
        }
    }
}
