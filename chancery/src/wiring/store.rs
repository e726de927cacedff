//! Opening the log.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chancery_eventstore::sqlite::{OpenOptions, ServiceLock};
use chancery_eventstore::{
    Backend, BatcherOptions, Db, KeyError, PendingMigration, PostgresBackend, SqliteBackend, Store,
};
use chancery_service::ports::Clock;

use super::keys::{self, Credentials};
use crate::error::CommandError;
use crate::settings::Settings;

/// The name of the SQLite database in the data folder.
const FILE: &str = "chancery.db";

/// Who opens the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// `serve`: makes the data folder, the SQLite file and the keys where there is nothing yet, and is the only one on
    /// a SQLite file.
    Service,
    /// A command beside a running service: makes nothing.
    Beside,
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

/// Opens the database that the settings name.
///
/// # Errors
/// One sentence: it is not there, cannot be reached, is in use, or is not fit for use.
pub async fn database(settings: &Settings, opening: Opening) -> Result<Database, CommandError> {
    if opening == Opening::Service {
        make_folder(&settings.data)?;
    }
    match settings.postgres()? {
        Some(options) => {
            let name = format!(
                "PostgreSQL at {}, database {}",
                options.connection.get_host(),
                options.connection.get_database().unwrap_or_default()
            );
            let postgres = PostgresBackend::connect(options).await;
            let postgres = Arc::new(postgres.map_err(|error| CommandError::failure(name.clone()).because(error))?);
            let backend = Arc::<PostgresBackend>::clone(&postgres);
            Ok(Database { backend, db: Db::Postgres(postgres), lock: None, name })
        }
        None => sqlite(settings.data.join(FILE), opening).await,
    }
}

/// What opening the settings' SQLite file would run.
///
/// # Errors
/// The file cannot be read.
pub async fn pending(settings: &Settings) -> Result<Vec<PendingMigration>, CommandError> {
    let path = settings.data.join(FILE);
    let pending = SqliteBackend::pending(&path).await;
    pending.map_err(|error| CommandError::failure(format!("SQLite at {}", path.display())).because(error))
}

async fn sqlite(path: PathBuf, opening: Opening) -> Result<Database, CommandError> {
    let name = format!("SQLite at {}", path.display());
    if opening == Opening::Beside && !path.exists() {
        return Err(CommandError::failure(format!(
            "there is no database at {}: 'chancery serve' makes it; --data names another folder, --database PostgreSQL",
            path.display()
        )));
    }
    let options = OpenOptions { create: opening == Opening::Service, ..OpenOptions::default() };
    let sqlite = SqliteBackend::open(&path, options).await;
    let sqlite = Arc::new(sqlite.map_err(|error| CommandError::failure(name.clone()).because(error))?);
    let lock = match opening {
        Opening::Service => Some(sqlite.lock_for_service().map_err(|error| CommandError::of(&error))?),
        Opening::Beside => None,
    };
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
    Store::open(backend, Arc::new(wrapper), BatcherOptions::default(), clock.now()).await.map_err(|error| match error {
        KeyError::OtherWrappingKey(_) => CommandError::failure(format!(
            "{} is not the key file that this log was begun with ({}): name the right one with --master-key",
            settings.master_key_path().display(),
            database.name,
        )),
        error => CommandError::failure(format!("the keys of {} cannot be used", database.name)).because(error),
    })
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
