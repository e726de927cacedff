//! The log in one SQLite file: one writer per process, readers beside it, and the file system's lock between processes.
//!
//! Every statement hops to SQLite's own thread and back, so a batch is two scripts: one that takes the write lock and
//! judges all commands, one that writes what was accepted and commits.

mod append;
mod backup;
mod beside;
mod error;
mod judge;
mod lock;
mod open;
mod read;
mod readers;
mod script;
mod volatile;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use chancery_domain::{ClaimKind, KeyId, StreamId, Timestamp};

use crate::append::{NewKey, Prepared, Status};
use crate::backend::{Backend, BackendError, Columns, EachEvent, Head, KeyClass, KeyRow, Remembered, StateRow};
use crate::db::Commit;
use crate::history::History;
use crate::pending::PendingMigration;
use crate::row::{CommandId, Position, Version};
use crate::volatile::{Volatile as _, VolatileKind};

pub use backup::{CopyError, check_copy};
pub(crate) use beside::transact;
pub(crate) use error::classify;
pub use lock::{LockError, ServiceLock};
use open::Untouched;
pub use open::{OpenError, OpenOptions};
pub(crate) use read::after_within;
pub use readers::{Reader, Readers};
use writer::Writer;

/// One SQLite file holding one log.
#[derive(Debug)]
pub struct SqliteBackend {
    path: PathBuf,
    writer: Writer,
    readers: Readers,
    history: Arc<History>,
    reading: Reading,
    /// The write-ahead log may still hold a destroyed key's bytes. Changed only by whoever has the writer, so that no
    /// truncation counts for a key that was destroyed after it.
    truncation_due: AtomicBool,
}

/// What a process may do with the file.
#[derive(Debug)]
enum Reading {
    /// It writes too.
    AndWriting,
    /// It only reads what others write at the same time.
    Only,
    /// It only reads, and takes it that nobody writes.
    Still(Untouched),
}

impl SqliteBackend {
    /// Opens the file, brings its schema up to date, and refuses it if only a newer build may run on it.
    ///
    /// # Errors
    /// [`OpenError`] says whether the file is missing, from a newer build, or cannot be used.
    pub async fn open(path: impl AsRef<Path>, options: OpenOptions) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let history = Arc::clone(&options.history);
        let (writer, readers) = open::open(path, options).await?;
        let reading = Reading::AndWriting;
        // A process that was killed between a commit and its truncation told nobody.
        Ok(Self { path: path.to_owned(), writer, readers, history, reading, truncation_due: AtomicBool::new(true) })
    }

    /// Opens the file to read only: nothing of it is changed, and whatever would write is refused by SQLite. Beside a
    /// service it reads with the others; a file at rest, such as a copy that is kept as evidence, is read without leaving
    /// anything beside it, and may lie where nothing can be written.
    ///
    /// # Errors
    /// [`OpenError`] says whether the file is missing, from a newer build, needs a migration, or cannot be used.
    pub async fn open_to_read(path: impl AsRef<Path>, history: Arc<History>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let (writer, readers, untouched) = open::open_to_read(path, OpenOptions::default().readers).await?;
        let reading = untouched.map_or(Reading::Only, Reading::Still);
        Ok(Self { path: path.to_owned(), writer, readers, history, reading, truncation_due: AtomicBool::new(false) })
    }

    /// Whether what was read holds: false where a file that was at rest is not any more, so that what came of it may be
    /// neither the old nor the new.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        match &self.reading {
            Reading::AndWriting | Reading::Only => true,
            Reading::Still(untouched) => untouched.still(),
        }
    }

    /// How a connection of its own is made that only reads.
    pub(crate) fn reading(&self) -> sqlx::sqlite::SqliteConnectOptions {
        open::only_reading(&self.path).immutable(matches!(self.reading, Reading::Still(_)))
    }

    /// What [`open`](Self::open) would run on the file, or on a new one if there is none. Changes nothing.
    ///
    /// # Errors
    /// [`OpenError`] if the file cannot be read.
    pub async fn pending(path: impl AsRef<Path>) -> Result<Vec<PendingMigration>, OpenError> {
        open::pending(path.as_ref()).await
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Claims the file for one `serve` or `work`, until the returned value is dropped or the process ends. The command
    /// line appends beside it without this lock.
    ///
    /// # Errors
    /// [`LockError::Held`] says who holds it and what to do.
    pub fn lock_for_service(&self) -> Result<ServiceLock, LockError> {
        ServiceLock::take(&self.path)
    }

    /// Changes how many pages of 4 KiB the file may have, as if a disk were filling or had got room; `None` lifts the
    /// limit. It holds for this process only.
    pub async fn limit_pages(&self, pages: Option<u32>) {
        self.writer.reconfigure(|options| open::limit_pages(options, pages)).await;
    }

    /// For following read models and jobs, whose rows are written in transactions of their own: waits its turn among
    /// this process's writers and runs `work` on the one connection that writes.
    ///
    /// # Errors
    /// What `work` returns. After an error the connection is closed, which rolls back what it had begun.
    pub async fn write<T>(
        &self,
        work: impl AsyncFnOnce(&mut sqlx::SqliteConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, BackendError> {
        self.writing(Commit::Flushed, work).await
    }

    /// The same, with a word on whether its commits wait for the disk.
    pub(crate) async fn writing<T>(
        &self,
        commit: Commit,
        work: impl AsyncFnOnce(&mut sqlx::SqliteConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, BackendError> {
        self.writer.run(commit, work).await
    }

    /// Connections that can only read.
    #[must_use]
    pub const fn readers(&self) -> &Readers {
        &self.readers
    }

    /// Empties the write-ahead log if it may still hold a destroyed key's bytes, which would otherwise stay for a while. It
    /// waits only briefly for readers; if one is in the way, the next sweep tries again.
    async fn truncate(&self) {
        let truncated = self.writer.run(Commit::Flushed, async |connection| {
            if !self.truncation_due.load(Ordering::Relaxed) {
                return Ok(true);
            }
            let truncated = writer::truncate(connection).await?;
            self.truncation_due.store(!truncated, Ordering::Relaxed);
            Ok(truncated)
        });
        match truncated.await {
            Ok(true) => {}
            Ok(false) => tracing::debug!("a reader kept the write-ahead log from being truncated"),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the write-ahead log was not truncated");
            }
        }
    }

    /// Appends a batch that was checked, and cleans up behind it if it destroyed a key. No other batch waits for that.
    async fn append_checked(&self, batch: &[Prepared], epoch: judge::Epoch) -> Result<Vec<Status>, BackendError> {
        let destroys = batch.iter().any(|command| !command.destroyed_keys.is_empty());
        let appended = self.writer.run(Commit::Flushed, async |connection| {
            if destroys {
                // Before it is so: the caller may go away in the midst of it.
                self.truncation_due.store(true, Ordering::Relaxed);
            }
            append::append(connection, batch, epoch).await
        });
        let statuses = appended.await?;
        if destroys {
            self.truncate().await;
        }
        Ok(statuses)
    }
}

#[async_trait]
impl Backend for SqliteBackend {
    async fn append(&self, batch: &[Prepared]) -> Result<Vec<Status>, BackendError> {
        append::check(batch)?;
        let epoch = judge::Epoch::Own(self.history.own().map(|(_, epoch)| epoch));
        self.append_checked(batch, epoch).await
    }

    async fn begin_epoch(&self, epoch: i64, command: &Prepared) -> Result<Status, BackendError> {
        let batch = std::slice::from_ref(command);
        append::check(batch)?;
        let statuses = self.append_checked(batch, judge::Epoch::New(epoch)).await?;
        statuses.into_iter().next().ok_or_else(|| BackendError::Damaged("an append gave no status".into()))
    }

    async fn close(&self) {
        self.readers.close().await;
        // The last connection to close would do this by itself, but one that was left half-way closes when it likes.
        if matches!(self.reading, Reading::AndWriting) {
            self.truncation_due.store(true, Ordering::Relaxed);
            self.truncate().await;
        }
        self.writer.close().await;
    }

    fn history(&self) -> &History {
        &self.history
    }

    async fn head(&self) -> Result<Head, BackendError> {
        read::head(&self.readers).await
    }

    async fn relay_stopped(&self) -> Result<Option<String>, BackendError> {
        read::relay_stopped(&self.readers).await
    }

    async fn scan(&self, after: Position, limit: u32, each: EachEvent<'_>) -> Result<(), BackendError> {
        read::after(&self.readers, after, limit, each).await
    }

    async fn stream(
        &self,
        stream: StreamId,
        after: Version,
        limit: u32,
        columns: Columns,
        each: EachEvent<'_>,
    ) -> Result<(), BackendError> {
        read::stream(&self.readers, stream, after, limit, columns, each).await
    }

    async fn remembered(&self, command: CommandId) -> Result<Option<Remembered>, BackendError> {
        read::remembered(&self.readers, command).await
    }

    async fn reserved(&self, kind: ClaimKind, mac: &[u8; 32]) -> Result<Option<StreamId>, BackendError> {
        read::reserved(&self.readers, kind, mac).await
    }

    async fn count_reserved(&self, kind: ClaimKind) -> Result<u64, BackendError> {
        read::count_reserved(&self.readers, kind).await
    }

    async fn holders(
        &self,
        kind: ClaimKind,
        after: &[u8; 32],
        limit: u32,
    ) -> Result<Vec<([u8; 32], StreamId)>, BackendError> {
        read::holders(&self.readers, kind, after, limit).await
    }

    async fn state(&self, stream: StreamId) -> Result<Option<StateRow>, BackendError> {
        read::state(&self.readers, stream).await
    }

    async fn reserved_state(&self, kind: ClaimKind, mac: &[u8; 32]) -> Result<Option<StateRow>, BackendError> {
        read::reserved_state(&self.readers, kind, mac).await
    }

    async fn reserved_state_with(
        &self,
        kind: ClaimKind,
        mac: &[u8; 32],
        row: (VolatileKind, &[u8; 32]),
        now: Timestamp,
    ) -> Result<Option<(StateRow, Option<Vec<u8>>)>, BackendError> {
        // Each statement is a call within the process.
        let Some(state) = self.reserved_state(kind, mac).await? else { return Ok(None) };
        Ok(Some((state, self.peek(row.0, row.1, now).await?)))
    }

    async fn reserved_states(
        &self,
        [one, other]: [(ClaimKind, &[u8; 32]); 2],
    ) -> Result<[Option<StateRow>; 2], BackendError> {
        Ok([self.reserved_state(one.0, one.1).await?, self.reserved_state(other.0, other.1).await?])
    }

    async fn data_key(&self, stream: StreamId) -> Result<Option<KeyRow>, BackendError> {
        read::data_key(&self.readers, stream).await
    }

    async fn key(&self, id: KeyId) -> Result<Option<KeyRow>, BackendError> {
        read::key(&self.readers, id).await
    }

    async fn keys(&self, ids: &[KeyId]) -> Result<Vec<KeyRow>, BackendError> {
        read::keys(&self.readers, ids).await
    }

    async fn keys_of_class(&self, class: KeyClass) -> Result<Vec<KeyRow>, BackendError> {
        read::keys_of_class(&self.readers, class).await
    }

    async fn destroyed_keys(&self, after: KeyId, limit: u32) -> Result<Vec<KeyId>, BackendError> {
        read::destroyed_keys(&self.readers, after, limit).await
    }

    async fn applications(&self) -> Result<Vec<StreamId>, BackendError> {
        read::applications(&self.readers).await
    }

    async fn add_key(&self, key: &NewKey) -> Result<KeyRow, BackendError> {
        append::add_key(&self.writer, key).await
    }

    async fn database_time(&self) -> Result<Timestamp, BackendError> {
        read::time(&self.readers).await
    }
}
