//! Opening and migrating the file.

use std::fs::OpenOptions as FileOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::error::classify;
use super::readers::Readers;
use super::writer::Writer;
use crate::backend::BackendError;
use crate::build::BUILD;
use crate::history::History;
use crate::migrations::SQLITE;
use crate::pending::PendingMigration;

/// How long a writer waits for another process's transaction.
const BUSY: Duration = Duration::from_secs(5);
/// The pause before another try where SQLite does not wait by itself.
const AGAIN: Duration = Duration::from_millis(25);

/// How a file is opened.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// Make the file if there is none.
    pub create: bool,
    /// How many pages of 4 KiB it may have; `None` for as many as the disk holds.
    pub max_page_count: Option<u32>,
    /// How many connections read at the same time.
    pub readers: u32,
    /// What this process knows of the log's history.
    pub history: Arc<History>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { create: false, max_page_count: None, readers: 4, history: Arc::default() }
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
    /// Whoever only reads changes no schema.
    #[error(
        "the database's schema is older than this program, which only reads it here: 'chancery migrate' brings it up to \
         date; where it must stay as it is, do that with a copy, or use the program that wrote it"
    )]
    Outdated,
    /// The database does not answer as it should.
    #[error("the database cannot be opened")]
    Backend(#[from] BackendError),
}

pub(super) async fn open(path: &Path, options: OpenOptions) -> Result<(Writer, Readers), OpenError> {
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
            .busy_timeout(BUSY)
            .pragma("secure_delete", "ON")
            // Each may be a script of several statements; the common ones are few.
            .statement_cache_capacity(64)
            .disable_statement_logging(),
        options.max_page_count,
    );
    let mut connection = connect(&writing).await?;
    migrate(&mut connection).await?;
    Ok((Writer::new(writing, Some(connection)), Readers::new(only_reading(path), options.readers)))
}

/// Opens a file of which nothing is changed, neither its bytes nor what lies beside it.
pub(super) async fn open_to_read(path: &Path, count: u32) -> Result<(Writer, Readers, Option<Untouched>), OpenError> {
    if !path.exists() {
        return Err(OpenError::Missing(path.to_owned()));
    }
    // To read a write-ahead log SQLite needs its index beside it, and makes it. Where there is no such log nobody writes,
    // and the file can be read as one that nobody will: without locks, and without a trace.
    let untouched = if is_written(path) { None } else { Untouched::of(path) };
    let reading = only_reading(path).immutable(untouched.is_some());
    let mut connection = connect(&reading).await?;
    refuse_newer(&mut connection).await?;
    let done = done(&mut connection).await?;
    connection.close().await.map_err(classify)?;
    if SQLITE.iter().any(|migration| !done.contains(&migration.version)) {
        return Err(OpenError::Outdated);
    }
    Ok((Writer::new(reading.clone(), None), Readers::new(reading, count), untouched))
}

/// How a connection is made that can change nothing.
pub(super) fn only_reading(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .busy_timeout(BUSY)
        // Each connection has a cache of its own, and the operating system one for all of them.
        .pragma("cache_size", "-512")
        .disable_statement_logging()
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Whether something lies beside a file by which a change is under way, or was when the machine stopped: a write-ahead log,
/// or the journal of a file that is not in that mode.
fn is_written(path: &Path) -> bool {
    ["-wal", "-journal"].iter().any(|ending| beside(path, ending).exists())
}

/// A file that is read as one that nobody changes, as it was when it was opened.
#[derive(Debug)]
pub(super) struct Untouched {
    path: PathBuf,
    length: u64,
    modified: SystemTime,
}

impl Untouched {
    fn of(path: &Path) -> Option<Self> {
        let metadata = path.metadata().ok()?;
        Some(Self { path: path.to_owned(), length: metadata.len(), modified: metadata.modified().ok()? })
    }

    /// Whether nobody has begun to write since.
    pub(super) fn still(&self) -> bool {
        let now = Self::of(&self.path);
        let same = now.is_some_and(|now| (now.length, now.modified) == (self.length, self.modified));
        same && !is_written(&self.path)
    }
}

/// Opens a connection. Of several that turn a new file to WAL at the same moment SQLite lets one through, and tells the
/// others that it is locked without waiting for the busy timeout.
async fn connect(options: &SqliteConnectOptions) -> Result<SqliteConnection, BackendError> {
    let mut tries = BUSY.as_millis() / AGAIN.as_millis();
    loop {
        match options.connect().await.map_err(classify) {
            Err(BackendError::Unavailable(_)) if tries > 0 => {
                tries -= 1;
                tokio::time::sleep(AGAIN).await;
            }
            connected => return connected,
        }
    }
}

/// What opening the file would run, in order; all of it where there is no file yet. Changes nothing.
pub(super) async fn pending(path: &Path) -> Result<Vec<PendingMigration>, OpenError> {
    let mut done = Vec::new();
    if path.exists() {
        let mut connection = only_reading(path).connect().await.map_err(classify)?;
        done = self::done(&mut connection).await?;
        connection.close().await.map_err(classify)?;
    }
    let missing = SQLITE.iter().filter(|migration| !done.contains(&migration.version));
    Ok(missing.map(PendingMigration::from).collect())
}

/// The migrations that a file has seen.
async fn done(connection: &mut SqliteConnection) -> Result<Vec<i64>, BackendError> {
    if !has_table(connection, "_sqlx_migrations").await? {
        return Ok(Vec::new());
    }
    sqlx::query_scalar("SELECT version FROM _sqlx_migrations").fetch_all(connection).await.map_err(classify)
}

async fn has_table(connection: &mut SqliteConnection, name: &'static str) -> Result<bool, BackendError> {
    let found = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = $1");
    let found: i64 = found.bind(name).fetch_one(connection).await.map_err(classify)?;
    Ok(found > 0)
}

/// Refuses a file that only a newer build may use.
async fn refuse_newer(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    if has_table(connection, "compatibility").await? {
        let needed: i64 = sqlx::query_scalar("SELECT oldest_build FROM compatibility")
            .fetch_one(connection)
            .await
            .map_err(classify)?;
        if needed > i64::from(BUILD) {
            return Err(OpenError::TooOld { needed });
        }
    }
    Ok(())
}

pub(super) fn limit_pages(options: SqliteConnectOptions, pages: Option<u32>) -> SqliteConnectOptions {
    // SQLite's own largest count, which is also its default.
    options.pragma("max_page_count", pages.unwrap_or(4_294_967_294).to_string())
}

/// Runs what is missing in one transaction that holds the write lock, so that two processes never do it together.
async fn migrate(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(classify)?;
    refuse_newer(&mut transaction).await?;
    let mut migrations = Migrator::with_migrations(SQLITE.iter().cloned().collect());
    // An older build may run on a newer schema as long as the check above lets it.
    migrations.set_ignore_missing(true);
    migrations.run_direct(None, &mut *transaction, false).await.map_err(OpenError::Migration)?;
    transaction.commit().await.map_err(classify)?;
    Ok(())
}
