//! The log on PostgreSQL.
//!
//! An append is one call of one function in the database, committed by itself, so that the head's lock is never held
//! for longer than the statement. The role that the service runs under owns nothing and can write the log in no other
//! way. Functions, tables and rights stand in `migrations/postgres`.

mod append;
mod backend;
mod copy;
mod error;
mod hosts;
mod lent;
mod lookups;
mod migrate;
mod rows;
mod start;
mod volatile;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions, PgRow};
use sqlx::query::Query;
use sqlx::{ConnectOptions, Postgres};

use crate::backend::BackendError;
use crate::history::History;
pub(crate) use copy::events_within;
pub(crate) use error::from_sqlx as classify;
use hosts::Hosts;
pub(crate) use lent::Lent;
use lookups::Lookups;
pub use migrate::{MigrationError, PostgresMigrator};
pub use start::StartError;
use writer::Writer;

/// How long a statement may run, in the server.
const STATEMENT_LIMIT: Duration = Duration::from_secs(10);
/// How long a statement may wait for the head's lock, or any other.
const LOCK_LIMIT: Duration = Duration::from_secs(5);
/// How long an answer may take until the network is held to be broken: longer than the server's own limit.
const ANSWER_LIMIT: Duration = Duration::from_secs(15);
/// How long to wait for a free or a new connection.
const CONNECTION_LIMIT: Duration = Duration::from_secs(3);
/// A connection that rested for longer is tried before it is used.
const FRESH: Duration = Duration::from_secs(1);

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// Where, and as whom.
    pub connection: PgConnectOptions,
    /// Where the primary may be besides, after a failover.
    pub others: Vec<PgConnectOptions>,
    /// How many connections this process may hold, one of them for appends; at least 2.
    pub connections: u32,
    /// What this process knows of the log's history.
    pub history: Arc<History>,
}

impl PostgresOptions {
    /// Twenty connections to this place.
    #[must_use]
    pub fn new(connection: PgConnectOptions) -> Self {
        Self { connection, others: Vec::new(), connections: 20, history: Arc::default() }
    }
}

/// One log in one PostgreSQL database.
#[derive(Clone, Debug)]
pub struct PostgresBackend {
    appends: Arc<Writer>,
    /// For everything but appends and look-ups.
    reads: PgPool,
    lookups: Lookups,
    hosts: Arc<Hosts>,
    history: Arc<History>,
}

impl PostgresBackend {
    /// Connects as the service's role, once the server, the role and the schema have proved fit.
    ///
    /// # Errors
    /// [`StartError`] says what has to be changed.
    pub async fn connect(options: PostgresOptions) -> Result<Self, StartError> {
        let limits = [
            ("statement_timeout", STATEMENT_LIMIT),
            ("lock_timeout", LOCK_LIMIT),
            ("idle_in_transaction_session_timeout", LOCK_LIMIT),
        ]
        .map(|(name, limit)| (name, limit.as_millis().to_string()));
        // So that the server, too, notices a client that went away without a word.
        let keepalive =
            [("tcp_keepalives_idle", "10"), ("tcp_keepalives_interval", "5"), ("tcp_keepalives_count", "3")];
        let settled = |host: PgConnectOptions| {
            host.application_name("chancery")
                // For the tables beside the log; functions have a fixed path of their own.
                .options([("search_path", "chancery")])
                .options(limits.clone())
                .options(keepalive)
                // Every statement is a look-up by an index, or a range of one in its order.
                .options([("enable_bitmapscan", "off")])
                .log_slow_statements(tracing::log::LevelFilter::Warn, Duration::from_secs(2))
        };
        let all: Vec<_> = std::iter::once(options.connection).chain(options.others).map(settled).collect();
        let history = options.history;
        let primary = start::primary(&all, &history).await?;
        let hosts = Arc::new(Hosts::new(all, primary, Arc::clone(&history)));
        let left = options.connections.saturating_sub(1 + lookups::LANES);
        let reads = pool(left.max(1), &hosts, &history, "");
        let looked_up = pool(lookups::LANES, &hosts, &history, lookups::PLANS);
        hosts.lead([reads.clone(), looked_up.clone()]);
        let lookups = Lookups::new(looked_up);
        Ok(Self {
            reads,
            lookups,
            appends: Arc::new(Writer::new(Arc::clone(&hosts), Arc::clone(&history))),
            hosts,
            history,
        })
    }

    /// The pool of the connections that read, for the tables that stand beside the log.
    #[must_use]
    pub const fn pool(&self) -> &PgPool {
        &self.reads
    }
}

/// A pool, each of whose connections begins with these settings.
fn pool(size: u32, hosts: &Arc<Hosts>, history: &Arc<History>, settings: &'static str) -> PgPool {
    let (history, first) = (Arc::clone(history), hosts.current().clone());
    let hosts = Arc::clone(hosts);
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(CONNECTION_LIMIT)
        .test_before_acquire(false)
        .before_acquire(move |connection, meta| {
            let old = hosts.is_old(meta.age);
            Box::pin(async move {
                if old {
                    return Ok(false);
                }
                if meta.idle_for > FRESH {
                    sqlx::Connection::ping(connection).await?;
                }
                Ok(true)
            })
        })
        .after_connect(move |connection, _| {
            let history = Arc::clone(&history);
            Box::pin(async move {
                start::check_server(connection).await?;
                sqlx::raw_sql(settings).execute(&mut *connection).await?;
                start::check_history(connection, &history).await
            })
        })
        .connect_lazy_with(first)
}

/// Runs a statement of its own and returns its rows. Every call but the append goes through here.
async fn rows(pool: &PgPool, query: Query<'_, Postgres, PgArguments>) -> Result<Vec<PgRow>, BackendError> {
    let mut connection = pool.acquire().await.map_err(error::from_sqlx)?;
    match tokio::time::timeout(ANSWER_LIMIT, query.fetch_all(&mut *connection)).await {
        Ok(answer) => answer.map_err(error::from_sqlx),
        Err(late) => {
            // Its answer may still come, and must not be taken for another's.
            connection.close_on_drop();
            Err(BackendError::Unavailable(sqlx::Error::Io(late.into())))
        }
    }
}

/// The same for a statement that returns one row at most.
async fn row(pool: &PgPool, query: Query<'_, Postgres, PgArguments>) -> Result<Option<PgRow>, BackendError> {
    Ok(rows(pool, query).await?.pop())
}
