//! `chancery backup`: a copy that the log can be put back from, beside a running service.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chancery_eventstore::backup::{
    self, BackupError, DATABASE, FileError, Folder, Kind, Manifest, copy_secret, hash_of, is_within, new_folder,
    sync_file,
};
use chancery_eventstore::history::History;
use chancery_eventstore::sqlite::{OpenOptions, SqliteBackend, check_copy};
use chancery_eventstore::{Backend, Db, Seen};
use chancery_service::ports::{Clock, SystemClock};

use super::restore::head_text;
use crate::cli::print;
use crate::error::CommandError;
use crate::settings::Settings;
use crate::wiring::{self, Credentials, Database, Opening};

/// What the command line says.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// A new or empty folder for the backup. It never gets a key: whoever has it alone can read nobody's data.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Another folder for copies of the two key files, to be kept elsewhere. The same keys may be there already.
    #[arg(long, value_name = "DIR")]
    keys_to: PathBuf,
}

/// Backs the log up.
///
/// # Errors
/// One sentence: what is in the way. A folder that holds a manifest holds a whole backup, and no other does.
pub async fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let Arguments { folder, keys_to } = arguments;
    let clock = SystemClock;
    let database = wiring::database(settings, Opening::Beside).await?;
    // The keys that are copied are known to be this log's.
    let store = wiring::store(settings, &database, Opening::Beside, Credentials::With, &clock).await?;
    make_folders(folder, keys_to)?;
    // What is destroyed by now must not come back from this backup.
    let ledger = wiring::ledger(settings, &*database.backend).await?;
    ledger.catch_up(&*database.backend).await.map_err(|error| CommandError::of(&error))?;

    let (newest, kind, file) = match &database.db {
        Db::Sqlite(sqlite) => {
            let path = folder.join(DATABASE);
            sqlite.copy_to(&path).await.map_err(|error| CommandError::of(&error))?;
            check_copy(&path).await.map_err(|error| CommandError::of(&error))?;
            let newest = newest_of(&path).await?;
            sync_file(&path).map_err(|error| CommandError::of(&error))?;
            (newest, Kind::Sqlite, Some(hash_of(&path).map_err(|error| CommandError::of(&error))?))
        }
        Db::Postgres(_) => (
            backup::newest(&*database.backend).await.map_err(|error| CommandError::of(&error))?,
            Kind::Postgresql,
            None,
        ),
    };
    for key in [settings.master_key_path(), settings.credentials_key_path()] {
        let name = key.file_name().unwrap_or(key.as_os_str());
        let copy = keys_to.join(name);
        if !copy_secret(&key, &copy).map_err(|error| CommandError::of(&error))? {
            return Err(CommandError::failure(format!(
                "{} is another key and is not replaced: name another folder with --keys-to",
                copy.display()
            )));
        }
    }
    let manifest = Manifest::new(kind, &newest, clock.now().to_string(), file);
    manifest.write(folder).map_err(|error| CommandError::of(&error))?;
    let told = told(&database, folder, keys_to, &newest);
    store.close().await;
    print(&told)?;
    Ok(ExitCode::SUCCESS)
}

/// Makes the two folders, and refuses those that would lie in each other: keys are worth nothing beside what they open.
fn make_folders(folder: &Path, keys_to: &Path) -> Result<(), CommandError> {
    let failed = |error: FileError| CommandError::of(&error);
    if new_folder(folder).map_err(failed)? == Folder::Filled {
        return Err(CommandError::usage(format!(
            "{} is not empty: name a new folder for each backup",
            folder.display()
        )));
    }
    new_folder(keys_to).map_err(failed)?;
    if is_within(keys_to, folder).map_err(failed)? || is_within(folder, keys_to).map_err(failed)? {
        return Err(CommandError::usage(
            "the keys must not lie with the backup that they open: name another folder with --keys-to",
        ));
    }
    Ok(())
}

/// The newest event of a copy. A copy is closed again as the one file that it was.
async fn newest_of(path: &Path) -> Result<Seen, CommandError> {
    let options = OpenOptions { readers: 1, history: History::default().into(), ..OpenOptions::default() };
    let failed = |error| CommandError::failure(format!("the copy {} cannot be opened", path.display())).because(error);
    let copy = SqliteBackend::open(path, options).await.map_err(failed)?;
    let newest = backup::newest(&copy).await;
    copy.close().await;
    newest.map_err(|error: BackupError| CommandError::of(&error))
}

fn told(database: &Database, folder: &Path, keys_to: &Path, newest: &Seen) -> String {
    let mut text = format!(
        "backup of the log {} up to position {}.{} in {}\n",
        newest.log,
        newest.epoch,
        newest.position,
        folder.display()
    );
    if let Db::Postgres(_) = database.db {
        let _ = writeln!(
            text,
            "now dump the database into it: pg_dump --format=custom --file {}/database.dump URL\n\
             the dump must be begun after this, so that it holds that position",
            folder.display()
        );
    }
    let _ = writeln!(text, "keys in {}: keep them apart from the backup", keys_to.display());
    let _ = writeln!(text, "newest event: {}", head_text(newest));
    text
}
