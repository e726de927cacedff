//! Opening and migrating the file.

use std::fs::OpenOptions as FileOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection, SqlitePool};

use super::error::classify;
use super::writer::Writer;
use crate::backend::BackendError;
use crate::build::BUILD;
use crate::pending::PendingMigration;

static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/sqlite");

/// How a file is opened.
#[derive(Clone, Copy, Debug)]
pub struct OpenOptions {
    /// Make the file if there is none.
    pub create: bool,
    /// How many pages of 4 KiB it may have; `None` for as many as the disk holds.
    pub max_page_count: Option<u32>,
    /// How many connections read at the same time.
    pub readers: u32,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { create: false, max_page_count: None, readers: 4 }
    }
}

/// Why a file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no such file, and it was not to be made.
    #[error("there is no database at {}", .0.display())]
    Missing(PathBuf),
    /// The file cannot be made.
    #[error("the database {} cannot be made", path.display())]
    NotMade {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        #[source]
        source: std::io::Error,
    },
    /// A newer build has changed the schema in a way that this one would misread.
    #[error("the database needs build {needed} or newer, and this is build {BUILD}: use the newer program")]
    TooOld {
        /// The oldest build that may run on the schema.
        needed: i64,
    },
    /// The schema could not be brought up to date.
    #[error("the database's schema could not be brought up to date")]
    Migration(#[source] MigrateError),
    /// The database does not answer as it should.
    #[error("the database cannot be opened")]
    Backend(#[from] BackendError),
}

pub(super) async fn open(path: &Path, options: OpenOptions) -> Result<(Writer, SqlitePool), OpenError> {
    if !path.exists() {
        if !options.create {
            return Err(OpenError::Missing(path.to_owned()));
        }
        // SQLite gives its side files the mode of the database.
        FileOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)
            .map_err(|source| OpenError::NotMade { path: path.to_owned(), source })?;
    }
    let writing = limit_pages(
        SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .pragma("secure_delete", "ON")
            .statement_cache_capacity(256)
            .disable_statement_logging(),
        options.max_page_count,
    );
    let mut connection = writing.connect().await.map_err(classify)?;
    migrate(&mut connection).await?;

    let reading = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .busy_timeout(Duration::from_secs(5))
        .disable_statement_logging();
    let readers = SqlitePoolOptions::new()
        .max_connections(options.readers)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(10))
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_lazy_with(reading);
    Ok((Writer::new(writing, connection), readers))
}

/// What opening the file would run, in order; all of it where there is no file yet. Changes nothing.
pub(super) async fn pending(path: &Path) -> Result<Vec<PendingMigration>, OpenError> {
    let mut done: Vec<i64> = Vec::new();
    if path.exists() {
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        let mut connection = options.connect().await.map_err(classify)?;
        let marked: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'")
            .fetch_one(&mut connection)
            .await
            .map_err(classify)?;
        if marked > 0 {
            let versions = sqlx::query_scalar("SELECT version FROM _sqlx_migrations").fetch_all(&mut connection).await;
            done = versions.map_err(classify)?;
        }
        connection.close().await.map_err(classify)?;
    }
    let missing = MIGRATIONS.iter().filter(|migration| !done.contains(&migration.version));
    Ok(missing.map(PendingMigration::from).collect())
}

pub(super) fn limit_pages(options: SqliteConnectOptions, pages: Option<u32>) -> SqliteConnectOptions {
    // SQLite's own largest count, which is also its default.
    options.pragma("max_page_count", pages.unwrap_or(4_294_967_294).to_string())
}

/// Runs what is missing in one transaction that holds the write lock, so that two processes never do it together.
async fn migrate(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(classify)?;
    let marked: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = 'compatibility'")
        .fetch_one(&mut *transaction)
        .await
        .map_err(classify)?;
    if marked > 0 {
        let needed: i64 = sqlx::query_scalar("SELECT oldest_build FROM compatibility")
            .fetch_one(&mut *transaction)
            .await
            .map_err(classify)?;
        if needed > i64::from(BUILD) {
            return Err(OpenError::TooOld { needed });
        }
    }
    let mut migrations = Migrator::with_migrations(MIGRATIONS.iter().cloned().collect());
    // An older build may run on a newer schema as long as the check above lets it.
    migrations.set_ignore_missing(true);
    migrations.run_direct(None, &mut *transaction, false).await.map_err(OpenError::Migration)?;
    transaction.commit().await.map_err(classify)?;
    Ok(())
}
