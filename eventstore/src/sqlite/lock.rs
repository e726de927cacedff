//! One `serve` or `work` on one file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Why the file could not be claimed.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has claimed it.
    #[error(
        "{} is in use by another `chancery serve` or `chancery work`{}: stop that one first, or give this one a folder \
         of its own with --data",
        path.display(),
        holder.as_ref().map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    Held {
        /// The database.
        path: PathBuf,
        /// The other's process id, as far as it wrote it down.
        holder: Option<u32>,
    },
    /// The lock file cannot be made or locked.
    #[error("the lock file {} cannot be used", path.display())]
    Unusable {
        /// The lock file.
        path: PathBuf,
        /// What the file system said.
        #[source]
        source: std::io::Error,
    },
}

/// The claim on one database file. The operating system lets go of it when the process ends, however it ends.
#[derive(Debug)]
#[must_use = "the claim ends when this is dropped"]
pub struct ServiceLock {
    _file: File,
}

impl ServiceLock {
    /// Claims a database file that need not exist yet.
    ///
    /// # Errors
    /// [`LockError::Held`] says who holds it and what to do.
    pub fn take(database: &Path) -> Result<Self, LockError> {
        let path = beside(database);
        let unusable = |source| LockError::Unusable { path: path.clone(), source };
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0).map_err(unusable)?;
                file.write_all(std::process::id().to_string().as_bytes()).map_err(unusable)?;
                Ok(Self { _file: file })
            }
            Err(TryLockError::WouldBlock) => {
                Err(LockError::Held { path: database.to_owned(), holder: holder(&mut file) })
            }
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }
}

fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

/// The process id that the holder wrote down; only said for a person's convenience.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
