//! Opening the log.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chancery_eventstore::backup::DATABASE;
use chancery_eventstore::keys::Ledger;
use chancery_eventstore::sqlite::{OpenOptions, ServiceLock};
use chancery_eventstore::{
    Backend, BackendError, BatcherOptions, Db, Difference, History, KeyError, PendingMigration, PostgresBackend,
    PostgresOptions, SqliteBackend, Store,
};
use chancery_service::ports::Clock;
use chancery_workers::living;

use super::keys::{self, Credentials};
use crate::error::CommandError;
use crate::settings::Settings;

/// Who opens the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// `serve`: makes the data folder, the SQLite file and the keys where there is nothing yet, and is the only one on
    /// a SQLite file.
    Service,
    /// `work`: keeps what it has seen of the log in the data folder, which it makes, and makes nothing else.
    Work,
    /// A command beside a running service: makes nothing.
    Beside,
    /// A command that only reads: changes nothing, not even a schema that is not of today, and leaves no trace.
    Reading,
    /// The same, on whatever history the database holds: for the command that begins a new epoch.
    AnyHistory,
}

/// The database, open.
#[derive(Debug)]
pub struct Database {
    /// As the store uses it.
    pub backend: Arc<dyn Backend>,
    /// As following read models and jobs use it.
    pub db: Db,
    /// The claim of a service on its SQLite file, held until this is dropped.
    pub lock: Option<ServiceLock>,
    /// What to call it in a sentence; never with a password.
    pub name: String,
}

impl Database {
    /// Says whether what a command that only reads has read holds together.
    ///
    /// # Errors
    /// A file that nobody wrote in when it was opened was written in meanwhile.
    pub fn was_still(&self) -> Result<(), CommandError> {
        match &self.db {
            Db::Sqlite(sqlite) if !sqlite.is_sound() => Err(CommandError::unchecked(format!(
                "{} was at rest, and somebody began to write in it while it was read: run this again",
                self.name
            ))),
            _ => Ok(()),
        }
    }
}

/// Opens the database that the settings name.
///
/// # Errors
/// One sentence: it is not there, cannot be reached, is in use, or is not fit for use.
pub async fn database(settings: &Settings, opening: Opening) -> Result<Database, CommandError> {
    database_in(settings, opening, &settings.data).await
}

/// The same, where a SQLite file is in `folder`.
///
/// # Errors
/// As [`database`].
pub async fn database_in(settings: &Settings, opening: Opening, folder: &Path) -> Result<Database, CommandError> {
    if matches!(opening, Opening::Service | Opening::Work) {
        make_folder(&settings.data)?;
    }
    let history = match opening {
        Opening::Service | Opening::Work => History::keep(&settings.data),
        Opening::Beside | Opening::Reading => History::consult(&settings.data),
        Opening::AnyHistory => Ok(History::default()),
    };
    let history = Arc::new(history.map_err(|error| CommandError::of(&error))?);
    match settings.postgres()? {
        Some(options) => {
            let name = format!(
                "PostgreSQL at {}, database {}",
                std::iter::once(&options.connection)
                    .chain(&options.others)
                    .map(|server| server.get_host())
                    .collect::<Vec<_>>()
                    .join(", "),
                options.connection.get_database().unwrap_or_default()
            );
            let postgres = PostgresBackend::connect(PostgresOptions { history, ..options }).await;
            let postgres = Arc::new(postgres.map_err(|error| CommandError::failure(name.clone()).because(error))?);
            let backend = Arc::<PostgresBackend>::clone(&postgres);
            Ok(Database { backend, db: Db::Postgres(postgres), lock: None, name })
        }
        None => sqlite(folder.join(DATABASE), opening, history).await,
    }
}

/// What opening the settings' SQLite file would run.
///
/// # Errors
/// The file cannot be read.
pub async fn pending(settings: &Settings) -> Result<Vec<PendingMigration>, CommandError> {
    let path = settings.data.join(DATABASE);
    let pending = SqliteBackend::pending(&path).await;
    pending.map_err(|error| CommandError::failure(format!("SQLite at {}", path.display())).because(error))
}

async fn sqlite(path: PathBuf, opening: Opening, history: Arc<History>) -> Result<Database, CommandError> {
    let name = format!("SQLite at {}", path.display());
    if opening != Opening::Service && !path.exists() {
        return Err(CommandError::failure(format!(
            "there is no database at {}: 'chancery serve' makes it; --data names another folder, --database PostgreSQL",
            path.display()
        )));
    }
    let sqlite = match opening {
        Opening::Reading => SqliteBackend::open_to_read(&path, history).await,
        _ => {
            let options = OpenOptions { create: opening == Opening::Service, history, ..OpenOptions::default() };
            SqliteBackend::open(&path, options).await
        }
    };
    let sqlite = Arc::new(sqlite.map_err(|error| CommandError::failure(name.clone()).because(error))?);
    let lock = match opening {
        Opening::Service => Some(sqlite.lock_for_service().map_err(|error| CommandError::of(&error))?),
        Opening::Work | Opening::Beside | Opening::Reading | Opening::AnyHistory => None,
    };
    // PostgreSQL is looked at on every new connection.
    sqlite.look().await.map_err(|error| CommandError::failure(name.clone()).because(error))?;
    let backend = Arc::<SqliteBackend>::clone(&sqlite);
    Ok(Database { backend, db: Db::Sqlite(sqlite), lock, name })
}

/// Makes the data folder for its owner alone.
fn make_folder(path: &Path) -> Result<(), CommandError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| {
        CommandError::failure(format!("the data folder {} cannot be made", path.display())).because(error)
    })
}

/// Opens the keys and starts the one writer of this process.
///
/// # Errors
/// One sentence: a key file is missing, open to others, or of another log.
pub async fn store(
    settings: &Settings,
    database: &Database,
    opening: Opening,
    credentials: Credentials,
    clock: &dyn Clock,
) -> Result<Store, CommandError> {
    let wrapper = keys::wrapping(settings, &*database.backend, opening, credentials).await?;
    let backend = Arc::clone(&database.backend);
    let ledger = ledger(settings, &*backend).await?;
    if matches!(opening, Opening::Service | Opening::Work) {
        let added = ledger.catch_up(&*backend).await.map_err(|error| CommandError::of(&error))?;
        if added > 0 {
            tracing::info!(keys = added, "destroyed keys were added to their ledger");
        }
    }
    let options = BatcherOptions { ledger: Some(ledger), ..BatcherOptions::default() };
    Store::open(backend, Arc::new(wrapper), options, clock.now()).await.map_err(|error| match error {
        KeyError::OtherWrappingKey(_) => CommandError::failure(format!(
            "{} is not the key file that this log was begun with ({}): name the right one with --master-key",
            settings.master_key_path().display(),
            database.name,
        )),
        error => CommandError::failure(format!("the keys of {} cannot be used", database.name)).because(error),
    })
}

/// Says that this process lives and which stored shapes it reads, before it decides anything, and hears whether the relay
/// has stopped: then it decides nothing from its start on, and its readiness says why.
///
/// # Errors
/// The database does not answer, or is of another history.
pub async fn announce(database: &Database, store: &Store, name: &str, clock: &dyn Clock) -> Result<(), CommandError> {
    match database.backend.look().await {
        Ok(_) | Err(BackendError::OtherHistory(Difference::Stream(_))) => {}
        Err(error) => return Err(CommandError::failure(database.name.clone()).because(error)),
    }
    let announced = living::announce(&database.db, store, name, clock.now()).await;
    announced.map_err(|error| CommandError::failure("this process cannot announce itself").because(error))
}

/// The ledger of destroyed keys that the settings name.
///
/// # Errors
/// The database does not answer.
pub async fn ledger(settings: &Settings, backend: &dyn Backend) -> Result<Arc<Ledger>, CommandError> {
    let head = backend.head().await;
    let head = head.map_err(|error| CommandError::failure("the head of the log cannot be read").because(error))?;
    Ok(Arc::new(Ledger::new(settings.destroyed_keys_path(), head.log)))
}

/// How far this machine's clock is from the database's, either way.
///
/// # Errors
/// The database does not answer.
pub async fn clock_difference(store: &Store, clock: &dyn Clock) -> Result<Duration, CommandError> {
    let before = clock.now();
    let theirs = store.database_time().await;
    let theirs = theirs.map_err(|error| CommandError::failure("the database does not tell its time").because(error))?;
    // What the question itself took is no difference.
    Ok(before.since(theirs).max(theirs.since(clock.now())))
}
