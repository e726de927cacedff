//! Which history a process has seen: it tells a log that was restored, or a standby that was promoted short of its
//! primary, from the log that gave the acknowledgements.
//!
//! A process keeps the newest event that it has seen in a [file](file) too, and looks whether the database still has it
//! at its start, on each new connection, and every second. Where it has not, nothing is appended, until
//! `chancery log new-epoch` says that the old history is over.

mod file;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use aws_lc_rs::digest;
use tokio::sync::watch;
use uuid::Uuid;

use crate::backend::Head;
use crate::record;
use crate::row::{EventRow, Position};
use file::SeenFile;
pub use file::SeenFileError;

/// An event that was seen, and the history that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The log's id.
    pub log: Uuid,
    /// The epoch in which it was seen.
    pub epoch: i64,
    /// The event's position.
    pub position: Position,
    /// SHA-256 of its [record](crate::record).
    pub record: [u8; 32],
}

impl Seen {
    /// An event of a log as it is seen now; `None` for one that no log can hold.
    #[must_use]
    pub fn of(head: &Head, event: &EventRow) -> Option<Self> {
        let record = record::encode(event).ok()?;
        Some(Self { log: head.log, epoch: head.epoch, position: event.position, record: sha256(&record) })
    }
}

/// How the database's history differs from the one that was seen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// It is no history of this log at all.
    #[error(
        "the database holds the log {found}, and this data folder belongs to the log {seen}: name the right one with \
         --database, or another folder with --data"
    )]
    OtherLog {
        /// The log that was seen.
        seen: Uuid,
        /// The database's.
        found: Uuid,
    },
    /// The log began a new epoch while the process ran: its sessions, links and positions are of the one before.
    #[error("the log has begun epoch {found} and this process is of epoch {own}: start it again")]
    NewEpoch {
        /// The process's.
        own: i64,
        /// The log's.
        found: i64,
    },
    /// An epoch that had begun is unknown to the database.
    #[error(
        "epoch {seen} of the log was seen here and the database is in epoch {found}: it was restored or is not up to \
         date; if this is the log from now on, run 'chancery log new-epoch --reason …'"
    )]
    OlderEpoch {
        /// The epoch that was seen.
        seen: i64,
        /// The database's.
        found: i64,
    },
    /// Events that were acknowledged are missing.
    #[error(
        "the log was seen here up to position {seen} and the database's ends at {found}: it was restored or is not up \
         to date; if this is the log from now on, run 'chancery log new-epoch --reason …'"
    )]
    Shorter {
        /// The newest position that was seen.
        seen: Position,
        /// The database's newest.
        found: Position,
    },
    /// Another event stands where one was acknowledged.
    #[error(
        "the event at position {0} is not the one that was seen here: the log was restored and went on, or it was \
         rewritten; if this is the log from now on, run 'chancery log new-epoch --reason …'"
    )]
    Otherwise(Position),
    /// The relay stopped, since the log's copy on NATS is of another history.
    #[error("{0}; if this is the log from now on, run 'chancery log new-epoch --reason …'")]
    Stream(String),
}

/// What a process knows of its log's history.
#[derive(Debug)]
pub struct History {
    known: Mutex<Known>,
    /// The log and epoch that this process works in, from its first look on.
    own: OnceLock<(Uuid, i64)>,
    difference: watch::Sender<Option<Difference>>,
    /// Why the relay stopped, as the last look found it.
    stopped: Mutex<Option<String>>,
}

#[derive(Debug, Default)]
struct Known {
    seen: Option<Seen>,
    file: Option<SeenFile>,
}

impl Default for History {
    fn default() -> Self {
        Self::of(Known::default())
    }
}

impl History {
    fn of(known: Known) -> Self {
        Self {
            known: Mutex::new(known),
            own: OnceLock::new(),
            difference: watch::Sender::new(None),
            stopped: Mutex::default(),
        }
    }

    /// What the processes of a data folder have seen, to be kept up to date there by this one.
    ///
    /// # Errors
    /// [`SeenFileError`]: a file cannot be used.
    pub fn keep(folder: &Path) -> Result<Self, SeenFileError> {
        let (file, seen) = SeenFile::take(folder)?;
        Ok(Self::of(Known { seen, file: Some(file) }))
    }

    /// The same for a process that leaves nothing behind.
    ///
    /// # Errors
    /// [`SeenFileError`]: a file cannot be read.
    pub fn consult(folder: &Path) -> Result<Self, SeenFileError> {
        Ok(Self::of(Known { seen: file::newest(folder)?, file: None }))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest event that was seen.
    #[must_use]
    pub fn seen(&self) -> Option<Seen> {
        self.known().seen
    }

    /// The log and epoch that this process works in; `None` before its first look.
    #[must_use]
    pub fn own(&self) -> Option<(Uuid, i64)> {
        self.own.get().copied()
    }

    /// Notes an event that stands in the log.
    pub fn saw(&self, event: &EventRow) {
        let Some((log, epoch)) = self.own() else { return };
        // What the log holds has a record.
        let Ok(record) = record::encode(event) else { return };
        let mut known = self.known();
        if known.seen.is_some_and(|seen| seen.epoch >= epoch && seen.position >= event.position) {
            return;
        }
        let seen = Seen { log, epoch, position: event.position, record: sha256(&record) };
        known.seen = Some(seen);
        if let Some(file) = &known.file
            && let Err(error) = file.write(&seen)
        {
            tracing::error!(%error, "the newest event that was seen cannot be kept");
        }
    }

    /// Compares the database's head, and its event at the position of `seen`, with what was seen. `seen` must have been
    /// taken before the head was read. The first look that finds no difference fixes this process's log and epoch.
    ///
    /// # Errors
    /// [`Difference`], kept until a later look finds none.
    pub fn compare(&self, seen: Option<&Seen>, head: &Head, event: Option<&EventRow>) -> Result<(), Difference> {
        let result = self.difference(seen, head, event);
        if result.is_ok() {
            let _ = self.own.set((head.log, head.epoch));
        }
        let found = result.clone().err();
        if let Some(difference) = &found {
            tracing::error!(%difference, "this is another history");
        }
        self.difference.send_if_modified(|known| {
            let changed = *known != found;
            *known = found;
            changed
        });
        result
    }

    fn difference(&self, seen: Option<&Seen>, head: &Head, event: Option<&EventRow>) -> Result<(), Difference> {
        if let Some((log, epoch)) = self.own() {
            if log != head.log {
                return Err(Difference::OtherLog { seen: log, found: head.log });
            }
            if epoch < head.epoch {
                return Err(Difference::NewEpoch { own: epoch, found: head.epoch });
            }
        }
        let Some(seen) = seen else { return Ok(()) };
        if seen.log != head.log {
            return Err(Difference::OtherLog { seen: seen.log, found: head.log });
        }
        if seen.epoch > head.epoch {
            return Err(Difference::OlderEpoch { seen: seen.epoch, found: head.epoch });
        }
        // A history that was ended on purpose is no measure any more.
        if seen.epoch < head.epoch {
            return Ok(());
        }
        if seen.position > head.position {
            return Err(Difference::Shorter { seen: seen.position, found: head.position });
        }
        let same = event.is_some_and(|event| {
            event.position == seen.position && record::encode(event).is_ok_and(|bytes| sha256(&bytes) == seen.record)
        });
        if same { Ok(()) } else { Err(Difference::Otherwise(seen.position)) }
    }

    /// Takes in what the database says of the relay: why it stopped in this epoch of the log, if it did.
    ///
    /// # Errors
    /// [`Difference::Stream`], kept until the database says no more of it.
    pub fn hear(&self, stopped: Option<String>) -> Result<(), Difference> {
        let found = stopped.clone().map_or(Ok(()), |why| Err(Difference::Stream(why)));
        let mut known = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(difference) = &found
            && *known != stopped
        {
            tracing::error!(%difference, "this is another history");
        }
        *known = stopped;
        found
    }

    /// What the last look found.
    ///
    /// # Errors
    /// [`Difference`].
    pub fn verdict(&self) -> Result<(), Difference> {
        if let Some(difference) = self.difference.borrow().clone() {
            return Err(difference);
        }
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner).clone();
        stopped.map_or(Ok(()), |why| Err(Difference::Stream(why)))
    }

    /// Returns when the log has begun a new epoch: a process of the old one has nothing to do any more.
    pub async fn superseded(&self) {
        let mut difference = self.difference.subscribe();
        // The sender lives as long as this.
        let _ = difference.wait_for(|known| matches!(known, Some(Difference::NewEpoch { .. }))).await;
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

#[cfg(test)]
mod tests;
