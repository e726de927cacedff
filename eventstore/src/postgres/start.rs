//! What must be true of server, role and schema before the service runs on them.

use chancery_domain::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

use super::{copy, error, migrate};
use crate::backend::{BackendError, Head};
use crate::build::BUILD;
use crate::history::{Difference, History};
use crate::row::Position;

/// Why the service does not start on this database.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No connection, or no answer.
    #[error("the database cannot be reached")]
    Unreachable(#[source] sqlx::Error),
    /// A standby takes no writes.
    #[error("the database server is in recovery: name the primary instead")]
    InRecovery,
    /// Acknowledged commands could be lost.
    #[error("{0} is off on the database server, so that what is acknowledged could be lost: set it to on")]
    Unsafe(String),
    /// The role could rewrite the log.
    #[error(
        "the database role {role} {reason}, so that it could rewrite the log: start with a role that has only the rights of chancery_service"
    )]
    TooPowerful {
        /// The role.
        role: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The role lacks the rights of the service.
    #[error("the database role {0} lacks the rights of the service: run GRANT chancery_service TO {0}")]
    NotGranted(String),
    /// There is no schema.
    #[error("the database holds no log yet: run `chancery migrate` with the owner's URL")]
    NotMigrated,
    /// The database's history is not the one that was seen here.
    #[error(transparent)]
    OtherHistory(Difference),
    /// The schema is older than this build.
    #[error("the database lacks {0} migrations that this build needs: run `chancery migrate` with the owner's URL")]
    Behind(usize),
    /// The schema is newer than this build can read.
    #[error("the database is made for builds from {oldest} on and this is build {BUILD}: install a newer one")]
    TooOld {
        /// The oldest build that may run on it.
        oldest: i32,
    },
}

/// The server that is the primary, by its place in the list, once everything about it is right.
pub(super) async fn primary(all: &[PgConnectOptions], history: &History) -> Result<usize, StartError> {
    let mut failure = None;
    for (index, options) in all.iter().enumerate() {
        match check(options, history).await {
            Ok(()) => return Ok(index),
            // The next one may be it.
            Err(error @ (StartError::Unreachable(_) | StartError::InRecovery)) => failure = failure.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    Err(failure.unwrap_or(StartError::InRecovery))
}

/// Checks everything, over a connection of its own.
async fn check(options: &PgConnectOptions, history: &History) -> Result<(), StartError> {
    let mut connection = options.connect().await.map_err(StartError::Unreachable)?;
    if let Some(fault) = server(&mut connection).await.map_err(StartError::Unreachable)? {
        return Err(fault);
    }
    role(&mut connection).await?;
    schema(&mut connection).await?;
    match check_history(&mut connection, history).await {
        Ok(()) => {}
        Err(error) => match error::from_sqlx(error) {
            BackendError::OtherHistory(difference) => return Err(StartError::OtherHistory(difference)),
            BackendError::Unavailable(error) | BackendError::Full(error) | BackendError::Rejected(error) => {
                return Err(StartError::Unreachable(error));
            }
            BackendError::Damaged(what) => return Err(StartError::Unreachable(sqlx::Error::Protocol(what))),
            BackendError::Busy => return Err(StartError::Unreachable(sqlx::Error::PoolTimedOut)),
        },
    }
    connection.close().await.map_err(StartError::Unreachable)
}

/// What is checked of every new connection, since another server may answer after a failover.
pub(super) async fn check_server(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    server(connection).await?.map_or(Ok(()), |fault| Err(sqlx::Error::Configuration(fault.into())))
}

/// What is looked at on every new connection, since another server, or another state of the same one, may answer.
pub(super) async fn check_history(connection: &mut PgConnection, history: &History) -> Result<(), sqlx::Error> {
    // In this order: meanwhile the log may only grow.
    let seen = history.seen();
    let (log, epoch, position, recorded) =
        sqlx::query_as("SELECT log, epoch, position, recorded FROM chancery.head WHERE one = 1")
            .fetch_one(&mut *connection)
            .await?;
    let head = Head { log, epoch, position: Position(position), recorded: Timestamp(recorded) };
    let event = match &seen {
        Some(seen) => copy::event(connection, seen.position).await?,
        None => None,
    };
    history.compare(seen.as_ref(), &head, event.as_ref()).map_err(|other| sqlx::Error::Configuration(other.into()))
}

async fn server(connection: &mut PgConnection) -> Result<Option<StartError>, sqlx::Error> {
    const SQL: &str = "SELECT pg_is_in_recovery(), \
         (SELECT min(name) FROM pg_settings WHERE setting = 'off' \
          AND name IN ('fsync', 'full_page_writes', 'synchronous_commit'))";
    let (in_recovery, off): (bool, Option<String>) = sqlx::query_as(SQL).fetch_one(connection).await?;
    Ok(if in_recovery { Some(StartError::InRecovery) } else { off.map(StartError::Unsafe) })
}

/// Whatever the role may become by SET ROLE counts as its own.
async fn role(connection: &mut PgConnection) -> Result<(), StartError> {
    const SQL: &str = "SELECT session_user::text, \
         EXISTS (SELECT FROM pg_roles WHERE rolsuper AND pg_has_role(session_user, oid, 'MEMBER')), \
         EXISTS (SELECT FROM pg_roles WHERE (rolcreaterole OR rolbypassrls OR rolreplication) \
                 AND pg_has_role(session_user, oid, 'MEMBER')), \
         EXISTS (SELECT FROM pg_roles WHERE pg_has_role(session_user, oid, 'MEMBER') \
                 AND rolname IN ('pg_write_all_data', 'pg_execute_server_program', 'pg_write_server_files')), \
         EXISTS (SELECT FROM pg_database WHERE datname = current_database() \
                 AND pg_has_role(session_user, datdba, 'MEMBER')) \
         OR EXISTS (SELECT FROM pg_namespace WHERE nspname = 'chancery' \
                    AND pg_has_role(session_user, nspowner, 'MEMBER')) \
         OR EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace('chancery') \
                    AND pg_has_role(session_user, relowner, 'MEMBER')) \
         OR EXISTS (SELECT FROM pg_proc WHERE pronamespace = to_regnamespace('chancery') \
                    AND pg_has_role(session_user, proowner, 'MEMBER')), \
         EXISTS (SELECT FROM pg_class c, pg_roles r WHERE c.relnamespace = to_regnamespace('chancery') \
                 AND c.relname IN ('head', 'events', 'commands', 'keys', 'reservations', 'states') \
                 AND pg_has_role(session_user, r.oid, 'MEMBER') \
                 AND has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER'))";
    let (role, superuser, bypasses, writes_all, owns, writes): (String, bool, bool, bool, bool, bool) =
        sqlx::query_as(SQL).fetch_one(connection).await.map_err(StartError::Unreachable)?;
    let reason = [
        (superuser, "is a superuser"),
        (bypasses, "may make roles, replicate or pass row security"),
        (writes_all, "may write every table or the server's files"),
        (owns, "owns the database or what is in it"),
        (writes, "may write the log's tables"),
    ]
    .into_iter()
    .find_map(|(holds, reason)| holds.then_some(reason));
    reason.map_or(Ok(()), |reason| Err(StartError::TooPowerful { role, reason }))
}

async fn schema(connection: &mut PgConnection) -> Result<(), StartError> {
    const EXISTS: &str = "SELECT session_user::text, \
         EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                 WHERE n.nspname = 'chancery' AND c.relname = 'compatibility'), \
         coalesce((SELECT has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE') \
                   FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
                   WHERE n.nspname = 'chancery' AND p.proname = 'append'), false)";
    let (role, exists, granted): (String, bool, bool) =
        sqlx::query_as(EXISTS).fetch_one(&mut *connection).await.map_err(StartError::Unreachable)?;
    if !exists {
        return Err(StartError::NotMigrated);
    }
    if !granted {
        return Err(StartError::NotGranted(role));
    }
    let oldest: i32 = sqlx::query_scalar("SELECT oldest_build FROM chancery.compatibility WHERE one = 1")
        .fetch_one(&mut *connection)
        .await
        .map_err(StartError::Unreachable)?;
    if oldest > BUILD {
        return Err(StartError::TooOld { oldest });
    }
    match migrate::missing(connection).await.map_err(StartError::Unreachable)?.len() {
        0 => Ok(()),
        missing => Err(StartError::Behind(missing)),
    }
}
