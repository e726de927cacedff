//! The files in the data folder that hold the newest event that a process has seen: one for each process that runs at the
//! same time. A file is written without waiting for the disk: it outlives its process, however that ends.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::Read;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use uuid::Uuid;

use super::Seen;
use crate::row::Position;

/// The folder in the data folder.
const FOLDER: &str = "seen";
/// Processes that run at the same time in one data folder.
const MOST: usize = 64;
/// The longest file that is read; ours are shorter.
const LONGEST: u64 = 512;
const FORM: &str = "chancery-seen 1";

/// Why what was seen cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum SeenFileError {
    /// The file system's refusal.
    #[error("the file {} with the newest event that was seen cannot be used", path.display())]
    Unusable {
        /// The file or folder.
        path: PathBuf,
        /// What the file system said.
        #[source]
        source: std::io::Error,
    },
    /// It is none of ours.
    #[error(
        "the file {} does not tell the newest event that was seen: put it back from where it was changed, or remove it \
         if you know that the database was not restored",
        .0.display()
    )]
    Damaged(PathBuf),
    /// Too many processes share the folder.
    #[error("{MOST} processes run in the data folder {} already: give this one a folder of its own with --data", .0.display())]
    Crowded(PathBuf),
}

/// A file that this process holds.
#[derive(Debug)]
pub(super) struct SeenFile(File);

impl SeenFile {
    /// Takes a file that no other process holds, and tells the newest event that any process has seen.
    pub(super) fn take(data: &Path) -> Result<(Self, Option<Seen>), SeenFileError> {
        let folder = data.join(FOLDER);
        let unusable = |path: &Path, source| SeenFileError::Unusable { path: path.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(|error| unusable(&folder, error))?;
        for number in 0..MOST {
            let path = folder.join(number.to_string());
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
            let file = file.map_err(|error| unusable(&path, error))?;
            match file.try_lock() {
                Ok(()) => return Ok((Self(file), newest(data)?)),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(unusable(&path, error)),
            }
        }
        Err(SeenFileError::Crowded(data.to_owned()))
    }

    /// Overwrites it in one call, which is whole or not at all whenever the process is killed.
    pub(super) fn write(&self, seen: &Seen) -> std::io::Result<()> {
        self.0.write_all_at(render(seen).as_bytes(), 0)
    }
}

/// The newest event that any process of a data folder has seen.
pub(super) fn newest(data: &Path) -> Result<Option<Seen>, SeenFileError> {
    let folder = data.join(FOLDER);
    let mut newest: Option<Seen> = None;
    for number in 0..MOST {
        let path = folder.join(number.to_string());
        let unusable = |source| SeenFileError::Unusable { path: path.clone(), source };
        if !fs::exists(&path).map_err(unusable)? {
            break;
        }
        let mut text = String::new();
        File::open(&path).map_err(unusable)?.take(LONGEST).read_to_string(&mut text).map_err(unusable)?;
        // Taken, and nothing seen yet.
        if text.is_empty() {
            continue;
        }
        let seen = parse(&text).ok_or_else(|| SeenFileError::Damaged(path.clone()))?;
        let order = |seen: &Seen| (seen.epoch, seen.position);
        if newest.as_ref().is_none_or(|newest| order(newest) < order(&seen)) {
            newest = Some(seen);
        }
    }
    Ok(newest)
}

/// Always of the same length, so that a newer text covers an older one.
fn render(seen: &Seen) -> String {
    format!(
        "{FORM}\nlog {}\nepoch {:020}\nposition {:020}\nrecord {}\n",
        seen.log,
        seen.epoch,
        seen.position.0,
        HEXLOWER.encode(&seen.record)
    )
}

fn parse(text: &str) -> Option<Seen> {
    let mut lines = text.lines();
    let mut value = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
    value("chancery-seen").filter(|version| *version == "1")?;
    let seen = Seen {
        log: Uuid::parse_str(value("log")?).ok()?,
        epoch: value("epoch")?.parse().ok()?,
        position: Position(value("position")?.parse().ok()?),
        record: HEXLOWER.decode(value("record")?.as_bytes()).ok()?.try_into().ok()?,
    };
    // Nothing but what we write ourselves.
    (seen.epoch > 0 && seen.position.0 > 0 && render(&seen) == text).then_some(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(epoch: i64, position: i64) -> Seen {
        Seen { log: Uuid::from_u128(7), epoch, position: Position(position), record: [9; 32] }
    }

    #[test]
    fn what_was_seen_is_found_again_by_any_process() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(newest(data.path()).unwrap(), None);
        let (one, none) = SeenFile::take(data.path()).unwrap();
        let (other, _) = SeenFile::take(data.path()).unwrap();
        assert_eq!(none, None);
        one.write(&seen(1, 1_000)).unwrap();
        other.write(&seen(1, 999)).unwrap();
        assert_eq!(newest(data.path()).unwrap(), Some(seen(1, 1_000)));
        other.write(&seen(2, 5)).unwrap();
        drop(other);
        assert_eq!(SeenFile::take(data.path()).unwrap().1, Some(seen(2, 5)), "its file is free again");
        one.write(&seen(3, 1)).unwrap();
        assert_eq!(newest(data.path()).unwrap(), Some(seen(3, 1)), "a shorter number leaves nothing of the longer one");
    }

    #[test]
    fn a_file_that_is_not_ours_is_refused() {
        let data = tempfile::tempdir().unwrap();
        drop(SeenFile::take(data.path()).unwrap());
        let path = data.path().join(FOLDER).join("0");
        let whole = render(&seen(1, 5));
        let changed = [
            whole[..whole.len() - 1].to_owned(),
            whole.replace("chancery-seen 1", "chancery-seen 2"),
            whole.replace("position 0", "position -"),
            format!("{whole} "),
            "\0".repeat(300),
        ];
        for text in changed {
            fs::write(&path, &text).unwrap();
            assert!(matches!(newest(data.path()), Err(SeenFileError::Damaged(_))), "{text:?}");
        }
        fs::write(&path, whole).unwrap();
        assert_eq!(newest(data.path()).unwrap(), Some(seen(1, 5)));
    }
}
