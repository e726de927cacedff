//! A copy of the whole database beside a running service.

use std::fs::{self, OpenOptions as FileOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::SqliteBackend;
use super::error::classify;
use crate::backend::BackendError;

/// Why there is no copy, or none that can be trusted.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The file system's refusal.
    #[error("the copy {} cannot be written", path.display())]
    Unwritable {
        /// The copy.
        path: PathBuf,
        /// What the file system said.
        #[source]
        source: std::io::Error,
    },
    /// SQLite found it damaged.
    #[error("the copy {} is damaged: {what}", path.display())]
    Damaged {
        /// The copy.
        path: PathBuf,
        /// What SQLite said.
        what: String,
    },
    /// The database does not answer.
    #[error("the database cannot be copied")]
    Backend(#[from] BackendError),
}

impl SqliteBackend {
    /// Writes a copy of the database as it stands at this moment to a file that does not exist yet, for its owner alone, and
    /// returns when it is on the disk. The service goes on meanwhile. The copy holds no free pages, so that nothing comes
    /// along that was deleted.
    ///
    /// # Errors
    /// [`CopyError`].
    pub async fn copy_to(&self, path: &Path) -> Result<(), CopyError> {
        let unwritable = |source| CopyError::Unwritable { path: path.to_owned(), source };
        // SQLite fills an empty file, and would make one that others can read.
        FileOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(unwritable)?;
        let name = path.to_str().ok_or_else(|| unwritable(std::io::ErrorKind::InvalidFilename.into()))?;
        let copy = async {
            let mut connection = self.reading().connect().await?;
            sqlx::query("VACUUM INTO $1").bind(name).execute(&mut connection).await?;
            connection.close().await
        };
        copy.await.map_err(classify)?;
        fs::File::open(path).and_then(|file| file.sync_all()).map_err(unwritable)
    }
}

/// Lets SQLite look through a whole copy, and changes nothing in it.
///
/// # Errors
/// [`CopyError::Damaged`] with the first thing that is wrong, and the database's.
pub async fn check_copy(path: &Path) -> Result<(), CopyError> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true);
    let check = async {
        let mut connection = options.disable_statement_logging().connect().await?;
        let found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_all(&mut connection).await?;
        connection.close().await?;
        Ok(found)
    };
    let found = check.await.map_err(classify)?;
    match found.first().map(String::as_str) {
        Some("ok") => Ok(()),
        what => Err(CopyError::Damaged { path: path.to_owned(), what: what.unwrap_or("no answer").to_owned() }),
    }
}
