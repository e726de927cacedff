//! The ledger of destroyed keys: a file beside the database and its backups, so that a database that is put back from a
//! backup does not bring back what was erased since. It holds nothing but the ids of keys.
//!
//! A key's id is written after the append that destroyed it and before that append is acknowledged. The database knows them
//! too; what a kill kept out of the file is added at the next start.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chancery_domain::KeyId;
use data_encoding::HEXLOWER;
use uuid::Uuid;

use crate::backend::{Backend, BackendError};
use crate::backup::{FileError, write_at_once};

/// The first line.
const FORM: &str = "chancery-destroyed-keys 1";
/// A key's line: 32 digits and the line's end.
const LINE: u64 = 33;
/// Keys that a ledger may have: each takes 16 bytes of memory while it is read.
const MOST: usize = 32_000_000;
/// Keys that are read from the database at once.
const PAGE: u32 = 10_000;
/// The pause before what could not be written is tried again.
const AGAIN: Duration = Duration::from_secs(10);

/// Why a ledger cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file system's refusal.
    #[error("the ledger of destroyed keys {} cannot be used", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        #[source]
        source: std::io::Error,
    },
    /// It is none of ours, or somebody changed it.
    #[error("{} is no ledger of destroyed keys, or its line {line} was changed: put the file back as it was", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
    },
    /// It is another log's.
    #[error("the ledger of destroyed keys {} is of the log {found}, and the database holds the log {own}", path.display())]
    OtherLog {
        /// The file.
        path: PathBuf,
        /// The database's log.
        own: Uuid,
        /// The file's.
        found: Uuid,
    },
    /// It has more keys than can be held.
    #[error("the ledger of destroyed keys {} has more than {MOST} keys", .0.display())]
    TooLong(PathBuf),
    /// The database did not tell which keys are destroyed.
    #[error("the destroyed keys cannot be read")]
    Backend(#[from] BackendError),
}

/// What a ledger holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destroyed {
    /// The log whose keys they were.
    pub log: Uuid,
    ids: Vec<KeyId>,
}

impl Destroyed {
    /// Reads a ledger, strictly; a last line that a kill cut short was never told anybody and does not count.
    ///
    /// # Errors
    /// [`LedgerError`]: it cannot be read, or is not as we write it.
    pub fn read(path: &Path) -> Result<Self, LedgerError> {
        let unusable = |source| LedgerError::Unusable { path: path.to_owned(), source };
        let damaged = |line| LedgerError::Damaged { path: path.to_owned(), line };
        let mut file = BufReader::new(File::open(path).map_err(unusable)?);
        let mut next = |line: usize| -> Result<Option<String>, LedgerError> {
            let mut bytes = Vec::new();
            (&mut file).take(128).read_until(b'\n', &mut bytes).map_err(unusable)?;
            match bytes.pop() {
                None => Ok(None),
                Some(b'\n') => String::from_utf8(bytes).map(Some).map_err(|_| damaged(line)),
                // The end of the file, in the middle of a line.
                Some(_) if bytes.len() < 127 => Ok(None),
                Some(_) => Err(damaged(line)),
            }
        };
        if next(1)?.as_deref() != Some(FORM) {
            return Err(damaged(1));
        }
        let log = next(2)?.as_deref().and_then(parse_log).ok_or_else(|| damaged(2))?;
        let mut ids = Vec::new();
        while let Some(text) = next(ids.len() + 3)? {
            let id = parse_id(&text).ok_or_else(|| damaged(ids.len() + 3))?;
            if ids.len() == MOST {
                return Err(LedgerError::TooLong(path.to_owned()));
            }
            ids.push(id);
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(Self { log, ids })
    }

    /// None of a log's keys.
    #[must_use]
    pub const fn none(log: Uuid) -> Self {
        Self { log, ids: Vec::new() }
    }

    /// What this ledger and another of the same log hold together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.ids.extend(other.ids);
        self.ids.sort_unstable();
        self.ids.dedup();
        self
    }

    /// The ids, in order, each once.
    #[must_use]
    pub fn ids(&self) -> &[KeyId] {
        &self.ids
    }

    /// The keys that the database knows to be destroyed and this does not hold, a page at a time.
    ///
    /// # Errors
    /// The database's, or what `each` returns, which ends it.
    pub async fn lacking<E: From<BackendError>>(
        &self,
        backend: &dyn Backend,
        mut each: impl AsyncFnMut(Vec<KeyId>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut after = KeyId::default();
        loop {
            let page = backend.destroyed_keys(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = *last;
            let lacking: Vec<KeyId> = page.into_iter().filter(|id| self.ids.binary_search(id).is_err()).collect();
            if !lacking.is_empty() {
                each(lacking).await?;
            }
        }
    }
}

/// The ledger that a process writes.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    log: Uuid,
    /// What could not be written yet, in its order.
    waiting: Mutex<Vec<KeyId>>,
    is_trying: AtomicBool,
}

impl Ledger {
    /// The ledger of a log in this file, which need not exist yet.
    #[must_use]
    pub fn new(path: PathBuf, log: Uuid) -> Self {
        Self { path, log, waiting: Mutex::default(), is_trying: AtomicBool::new(false) }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the file holds; nothing if there is none.
    ///
    /// # Errors
    /// [`LedgerError`]: it cannot be read, or is not this log's.
    pub fn held(&self) -> Result<Destroyed, LedgerError> {
        if self.is_unbegun()? {
            return Ok(Destroyed::none(self.log));
        }
        let held = Destroyed::read(&self.path)?;
        if held.log != self.log {
            return Err(LedgerError::OtherLog { path: self.path.clone(), own: self.log, found: held.log });
        }
        Ok(held)
    }

    /// Whether there is no file, or one whose first lines a kill cut short.
    fn is_unbegun(&self) -> Result<bool, LedgerError> {
        let header = header(self.log);
        let mut found = Vec::new();
        match File::open(&self.path).and_then(|file| file.take(header.len() as u64).read_to_end(&mut found)) {
            Ok(_) => Ok(found.len() < header.len() && header.as_bytes().starts_with(&found)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
            Err(source) => Err(LedgerError::Unusable { path: self.path.clone(), source }),
        }
    }

    /// Adds keys that are destroyed, and returns when they are on the disk.
    ///
    /// Where that fails they are kept in memory and tried again: what is destroyed is destroyed, and whoever asked for it
    /// must not be told otherwise. Until then the gauge `chancery_destroyed_keys_unwritten` is not 0.
    pub async fn add(self: &Arc<Self>, ids: impl IntoIterator<Item = KeyId>) {
        self.waiting().extend(ids);
        if self.flush().await || self.is_trying.swap(true, Ordering::Relaxed) {
            return;
        }
        let ledger = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(AGAIN).await;
                let Some(ledger) = ledger.upgrade() else { return };
                if ledger.flush().await {
                    ledger.is_trying.store(false, Ordering::Relaxed);
                    return;
                }
            }
        });
    }

    /// Adds what the database knows to be destroyed and the file does not hold, and tells how many that were. The file is
    /// there from then on, so that a missing one is known to be lost.
    ///
    /// # Errors
    /// [`LedgerError`]: the file cannot be used, or the database does not answer.
    pub async fn catch_up(self: &Arc<Self>, backend: &dyn Backend) -> Result<u64, LedgerError> {
        if self.is_unbegun()? {
            write(&self.path, self.log, &[])?;
        }
        let held = self.held()?;
        let mut added = 0;
        held.lacking(backend, async |lacking| {
            added += lacking.len() as u64;
            write(&self.path, self.log, &lacking)
        })
        .await?;
        Ok(added)
    }

    /// Adds what other processes wrote down, where this file does not hold it. A new file comes to be with all of it or not
    /// at all, so that a part of it is never taken for the whole.
    ///
    /// # Errors
    /// [`LedgerError`]: the file cannot be used.
    pub fn take_over(&self, other: &Destroyed) -> Result<(), LedgerError> {
        if self.is_unbegun()? {
            let text = header(self.log) + &lines(&other.ids);
            return write_at_once(&self.path, text.as_bytes())
                .map_err(|FileError { path, source }| LedgerError::Unusable { path, source });
        }
        let held = self.held()?;
        let lacking: Vec<KeyId> = other.ids.iter().filter(|id| held.ids.binary_search(id).is_err()).copied().collect();
        if lacking.is_empty() { Ok(()) } else { write(&self.path, self.log, &lacking) }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<KeyId>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what waits; whether nothing waits any more.
    async fn flush(self: &Arc<Self>) -> bool {
        let ledger = Arc::clone(self);
        let flushed = tokio::task::spawn_blocking(move || {
            // Held while the file is written: what comes meanwhile waits for it.
            let mut waiting = ledger.waiting();
            let written = if waiting.is_empty() { Ok(()) } else { write(&ledger.path, ledger.log, &waiting) };
            if written.is_ok() {
                waiting.clear();
            }
            metrics::gauge!("chancery_destroyed_keys_unwritten").set(waiting.len() as f64);
            written
        });
        match flushed.await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "destroyed keys could not be written down");
                false
            }
            // The runtime ends; the next start finds them in the database.
            Err(_) => false,
        }
    }
}

fn header(log: Uuid) -> String {
    format!("{FORM}\nlog {log}\n")
}

fn lines(ids: &[KeyId]) -> String {
    ids.iter().fold(String::with_capacity(ids.len() * 33), |mut text, id| {
        text.push_str(&HEXLOWER.encode(id.as_bytes()));
        text.push('\n');
        text
    })
}

fn parse_log(line: &str) -> Option<Uuid> {
    let log = Uuid::try_parse(line.strip_prefix("log ")?).ok()?;
    // Nothing but what we write ourselves.
    (format!("log {log}") == line).then_some(log)
}

fn parse_id(line: &str) -> Option<KeyId> {
    HEXLOWER.decode(line.as_bytes()).ok()?.try_into().ok().map(KeyId::from_bytes)
}

/// Adds keys at the file's end and waits for the disk. Processes that share the file take turns.
fn write(path: &Path, log: Uuid, ids: &[KeyId]) -> Result<(), LedgerError> {
    let unusable = |source| LedgerError::Unusable { path: path.to_owned(), source };
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path).map_err(unusable)?;
    file.lock().map_err(unusable)?;
    let header = header(log);
    let (length, own) = (file.metadata().map_err(unusable)?.len(), header.len() as u64);
    let mut found = vec![0; usize::try_from(length.min(own)).unwrap_or_default()];
    file.read_exact_at(&mut found, 0).map_err(unusable)?;
    let mut text = String::new();
    if length < own {
        // Empty, or cut short by a kill; of another file it is not the beginning.
        if !header.as_bytes().starts_with(&found) {
            return Err(LedgerError::Damaged { path: path.to_owned(), line: 1 });
        }
        file.set_len(0).map_err(unusable)?;
        text.push_str(&header);
    } else if found != header.as_bytes() {
        // Says what is wrong with it.
        let held = Destroyed::read(path)?;
        return Err(LedgerError::OtherLog { path: path.to_owned(), own: log, found: held.log });
    } else {
        // A line that a kill cut short was never told anybody.
        file.set_len(length - (length - own) % LINE).map_err(unusable)?;
    }
    text.push_str(&lines(ids));
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(unusable)?;
    if length == 0 {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(unusable)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
