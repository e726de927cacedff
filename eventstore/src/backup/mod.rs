//! What lies beside a backup of the database: which log it is of, and up to which event.

mod files;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use files::{
    FileError, Folder, copy_secret, copy_with_hash, hash_of, is_within, new_folder, sync_file, sync_folder,
};

pub(crate) use files::write_at_once;

use crate::backend::{Backend, BackendError, Head};
use crate::build::BUILD;
use crate::history::Seen;
use crate::row::Position;

/// The manifest's name in the backup's folder.
pub const MANIFEST: &str = "manifest.json";
/// The database's name in the backup of a SQLite database.
pub const DATABASE: &str = "chancery.db";
/// The version of the manifest's form.
const FORM: &str = "chancery-backup 1";
/// The longest manifest that is read; ours are far shorter.
const LONGEST: u64 = 16 * 1024;

/// Which database a backup is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One SQLite file, which lies beside the manifest.
    Sqlite,
    /// A PostgreSQL database, which its own tools dump.
    Postgresql,
}

/// The copy of a SQLite database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopiedFile {
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// What a backup is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    form: String,
    /// Which database it is of.
    pub database: Kind,
    /// The log's id.
    pub log: Uuid,
    /// The log's epoch.
    pub epoch: i64,
    /// The position of its newest event; of a PostgreSQL database, which is dumped afterwards, of the newest that must be
    /// in it.
    pub position: i64,
    /// SHA-256 of that event's record, in hexadecimal digits.
    pub record: String,
    /// The build that wrote it.
    pub build: i32,
    /// When it was made, by the clock of the machine: for people.
    pub made: String,
    /// The copy of a SQLite database.
    pub file: Option<CopiedFile>,
}

/// Why a backup cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no manifest: nothing was backed up there, or a backup was not finished.
    #[error("{} is no finished backup: it has no {MANIFEST}", .0.display())]
    NoManifest(PathBuf),
    /// It is none of ours.
    #[error("{} is no manifest of a backup: {what}", path.display())]
    Malformed {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A log without events holds nothing that could be lost.
    #[error("the log has no events yet: there is nothing to back up")]
    Empty,
    /// The log moved in a way that logs do not.
    #[error("the log has no event at its own head: run 'chancery audit verify'")]
    NoHead,
    /// The file system's refusal.
    #[error(transparent)]
    File(#[from] FileError),
    /// The database does not answer.
    #[error("the database cannot be read")]
    Backend(#[from] BackendError),
}

/// The newest event of a log, and the history that it belongs to.
///
/// # Errors
/// [`BackupError::Empty`], [`BackupError::NoHead`] and the database's.
pub async fn newest(backend: &dyn Backend) -> Result<Seen, BackupError> {
    let head: Head = backend.head().await?;
    if head.position == Position::START {
        return Err(BackupError::Empty);
    }
    let event = backend.event(head.position).await?.ok_or(BackupError::NoHead)?;
    Seen::of(&head, &event).ok_or(BackupError::NoHead)
}

impl Manifest {
    /// The manifest of a backup up to an event.
    #[must_use]
    pub fn new(database: Kind, newest: &Seen, made: String, file: Option<CopiedFile>) -> Self {
        Self {
            form: FORM.to_owned(),
            database,
            log: newest.log,
            epoch: newest.epoch,
            position: newest.position.0,
            record: HEXLOWER.encode(&newest.record),
            build: BUILD,
            made,
            file,
        }
    }

    /// Reads the manifest in a backup's folder, strictly.
    ///
    /// # Errors
    /// [`BackupError::NoManifest`], [`BackupError::Malformed`] and the file system's.
    pub fn read(folder: &Path) -> Result<Self, BackupError> {
        let path = folder.join(MANIFEST);
        let malformed = |what: String| BackupError::Malformed { path: path.clone(), what };
        let file = match File::open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(BackupError::NoManifest(folder.to_owned()));
            }
            file => file.map_err(|source| FileError::new(&path, source))?,
        };
        let mut text = String::new();
        file.take(LONGEST).read_to_string(&mut text).map_err(|source| FileError::new(&path, source))?;
        let manifest: Self = serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
        if manifest.form != FORM {
            return Err(malformed(format!("its form is not {FORM:?}")));
        }
        if manifest.epoch < 1 || manifest.position < 1 || manifest.record().is_none() {
            return Err(malformed("it names no event".to_owned()));
        }
        if manifest.file.is_some() != (manifest.database == Kind::Sqlite) {
            return Err(malformed("a file belongs to a backup of SQLite, and to no other".to_owned()));
        }
        Ok(manifest)
    }

    /// Writes the manifest into a backup's folder, as the last file of it: a folder with a manifest holds a whole backup.
    ///
    /// # Errors
    /// The file system's.
    pub fn write(&self, folder: &Path) -> Result<(), BackupError> {
        let mut text = serde_json::to_string_pretty(self).expect("encoding into memory does not fail");
        text.push('\n');
        Ok(write_at_once(&folder.join(MANIFEST), text.as_bytes())?)
    }

    /// The newest event that must be in the database, if its record can be read.
    fn record(&self) -> Option<[u8; 32]> {
        HEXLOWER.decode(self.record.as_bytes()).ok()?.try_into().ok()
    }

    /// The newest event that must be in the database.
    #[must_use]
    pub fn newest(&self) -> Seen {
        let record = self.record().unwrap_or_default();
        Seen { log: self.log, epoch: self.epoch, position: Position(self.position), record }
    }
}

#[cfg(test)]
mod tests;
