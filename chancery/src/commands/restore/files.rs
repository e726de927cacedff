//! The files of a restore: everything happens in a folder of its own, and one rename at the end puts the database in its
//! place. Whatever a kill leaves behind is thrown away by the next try.

use std::fs;
use std::path::{Path, PathBuf};

use chancery_eventstore::backup::{
    DATABASE, FileError, Manifest, copy_secret, copy_with_hash, new_folder, sync_file, sync_folder,
};
use chancery_eventstore::sqlite::ServiceLock;
use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::error::CommandError;
use crate::settings::Settings;

/// The folder in the data folder.
const FOLDER: &str = "restoring";

/// Where a database is made ready.
pub(super) struct Place {
    folder: PathBuf,
    /// Held until the database is in its place: neither a service nor another restore begins meanwhile.
    _lock: ServiceLock,
}

impl Place {
    /// Takes the place.
    pub(super) fn take(settings: &Settings) -> Result<Self, CommandError> {
        new_folder(&settings.data).map_err(failed)?;
        let database = settings.data.join(DATABASE);
        let lock = ServiceLock::take(&database).map_err(|error| CommandError::of(&error))?;
        if database.exists() {
            return Err(taken(&database));
        }
        Ok(Self { folder: settings.data.join(FOLDER), _lock: lock })
    }

    /// The folder that holds the database until it is ready.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Copies the database and, where they are not there yet, the keys.
    pub(super) fn fill(
        &self,
        settings: &Settings,
        backup: &Path,
        manifest: &Manifest,
        keys_from: Option<&Path>,
    ) -> Result<(), CommandError> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder).map_err(|source| failed(FileError::new(&self.folder, source)))?;
        }
        new_folder(&self.folder).map_err(failed)?;
        let from = backup.join(DATABASE);
        let copied = copy_with_hash(&from, &self.folder.join(DATABASE)).map_err(failed)?;
        if manifest.file.as_ref() != Some(&copied) {
            return Err(CommandError::failure(format!(
                "{} is not the file that was backed up: it was changed since, or the disk lost a part of it",
                from.display()
            )));
        }
        put_keys(settings, keys_from)
    }

    /// Puts the database in its place, in one step.
    pub(super) fn settle(self, settings: &Settings) -> Result<(), CommandError> {
        let (from, to) = (self.folder.join(DATABASE), settings.data.join(DATABASE));
        sync_folder(&self.folder).map_err(failed)?;
        sync_file(&from).map_err(failed)?;
        renameat_with(CWD, &from, CWD, &to, RenameFlags::NOREPLACE).map_err(|error| match error {
            rustix::io::Errno::EXIST => taken(&to),
            error => failed(FileError::new(&to, error.into())),
        })?;
        sync_folder(&settings.data).map_err(failed)?;
        // Nothing that matters is left in it.
        let _ = fs::remove_dir_all(&self.folder);
        Ok(())
    }
}

/// Puts the key files in their places; one of the same content may be there, no other is replaced.
pub(super) fn put_keys(settings: &Settings, keys_from: Option<&Path>) -> Result<(), CommandError> {
    let keys = [(settings.master_key_path(), "master.key"), (settings.credentials_key_path(), "credentials.key")];
    for (path, name) in keys {
        match keys_from {
            None if path.exists() => {}
            None => {
                return Err(CommandError::usage(format!(
                    "the key file {} is missing: name the folder with the backed up keys with --keys-from",
                    path.display()
                )));
            }
            Some(folder) => {
                let name = path.file_name().unwrap_or(name.as_ref());
                if !copy_secret(&folder.join(name), &path).map_err(failed)? {
                    return Err(CommandError::failure(format!(
                        "{} is another key than the one in {}, and is not replaced: move it away, or leave out \
                         --keys-from if it is the right one",
                        path.display(),
                        folder.display()
                    )));
                }
            }
        }
    }
    Ok(())
}

fn taken(database: &Path) -> CommandError {
    CommandError::failure(format!(
        "there is a database at {} already: move it away with its side files, or name another folder with --data",
        database.display()
    ))
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where errors are mapped")]
fn failed(error: FileError) -> CommandError {
    CommandError::of(&error)
}
