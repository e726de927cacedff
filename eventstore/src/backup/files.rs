//! Files of a backup: written for their owner alone, on the disk before anybody is told, and never over another.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use super::CopiedFile;

/// The longest secret that is copied; a key file has a few short lines.
const LONGEST_SECRET: u64 = 4096;

/// What the file system refused.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be used", path.display())]
pub struct FileError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the file system said.
    #[source]
    pub source: std::io::Error,
}

impl FileError {
    /// The refusal of a file.
    #[must_use]
    pub fn new(path: &Path, source: std::io::Error) -> Self {
        Self { path: path.to_owned(), source }
    }
}

/// What was found where a folder is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folder {
    /// There was nothing, or an empty folder.
    New,
    /// There are files in it.
    Filled,
}

/// Makes a folder for its owner alone, unless there is one.
///
/// # Errors
/// The file system's.
pub fn new_folder(path: &Path) -> Result<Folder, FileError> {
    let failed = |source| FileError::new(path, source);
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
    let mut files = fs::read_dir(path).map_err(failed)?;
    Ok(if files.next().is_none() { Folder::New } else { Folder::Filled })
}

/// Whether a folder is another one or lies in it, whatever links lead there. Both must exist.
///
/// # Errors
/// The file system's.
pub fn is_within(inner: &Path, outer: &Path) -> Result<bool, FileError> {
    let real = |path: &Path| path.canonicalize().map_err(|source| FileError::new(path, source));
    Ok(real(inner)?.starts_with(real(outer)?))
}

/// Waits until a file is on the disk.
///
/// # Errors
/// The file system's.
pub fn sync_file(path: &Path) -> Result<(), FileError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|source| FileError::new(path, source))
}

/// Waits until a folder's entries are on the disk.
///
/// # Errors
/// The file system's.
pub fn sync_folder(path: &Path) -> Result<(), FileError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(|source| FileError::new(path, source))
}

/// Length and SHA-256 of a file.
///
/// # Errors
/// The file system's.
pub fn hash_of(path: &Path) -> Result<CopiedFile, FileError> {
    read_through(path, &mut std::io::sink())
}

/// Copies a file to one that does not exist yet, for its owner alone, waits for the disk, and tells what was copied.
///
/// # Errors
/// The file system's.
pub fn copy_with_hash(from: &Path, to: &Path) -> Result<CopiedFile, FileError> {
    let failed = |source| FileError::new(to, source);
    let mut copy = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(failed)?;
    let copied = read_through(from, &mut copy)?;
    copy.sync_all().map_err(failed)?;
    Ok(copied)
}

/// Copies a small file with a secret, in one step, for its owner alone. One of the same content may be there already; no
/// other is replaced. Tells whether the same content is there now.
///
/// # Errors
/// The file system's.
pub fn copy_secret(from: &Path, to: &Path) -> Result<bool, FileError> {
    let read = |path: &Path| {
        let mut bytes = Zeroizing::new(Vec::new());
        let read = File::open(path).and_then(|file| file.take(LONGEST_SECRET).read_to_end(&mut bytes));
        read.map(|_| bytes)
    };
    let secret = read(from).map_err(|source| FileError::new(from, source))?;
    match read(to) {
        Ok(there) => Ok(*there == *secret),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => write_at_once(to, &secret).map(|()| true),
        Err(error) => Err(FileError::new(to, error)),
    }
}

/// Writes a whole file or none, for its owner alone.
pub(crate) fn write_at_once(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let failed = |source| FileError::new(path, source);
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    // What a kill left of it is nothing yet.
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&part, path).map_err(failed)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    sync_folder(folder)
}

fn read_through(from: &Path, to: &mut dyn Write) -> Result<CopiedFile, FileError> {
    let failed = |source| FileError::new(from, source);
    let mut file = File::open(from).map_err(failed)?;
    let (mut context, mut bytes, mut buffer) = (digest::Context::new(&digest::SHA256), 0, vec![0; 1 << 20]);
    loop {
        let read = file.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            return Ok(CopiedFile { bytes, sha256: HEXLOWER.encode(context.finish().as_ref()) });
        }
        let part = &buffer[..read];
        context.update(part);
        to.write_all(part).map_err(failed)?;
        bytes += read as u64;
    }
}
