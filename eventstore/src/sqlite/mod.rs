//! The log in one SQLite file: one writer per process, readers beside it, and the file system's lock between processes.
//!
//! Every statement hops to SQLite's own thread and back, so a batch is two scripts: one that takes the write lock and
//! judges all commands, one that writes what was accepted and commits.

mod append;
mod error;
mod judge;
mod lock;
mod open;
mod read;
mod script;
mod volatile;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use chancery_domain::{ClaimKind, KeyId, StreamId, Timestamp};
use sqlx::SqlitePool;

use crate::append::{NewKey, Prepared, Status};
use crate::backend::{Backend, BackendError, Columns, EachEvent, Head, KeyClass, KeyRow, Remembered, StateRow};
use crate::pending::PendingMigration;
use crate::row::{CommandId, Position, Version};

pub(crate) use error::classify;
pub use lock::{LockError, ServiceLock};
pub use open::{OpenError, OpenOptions};
use writer::Writer;

/// One SQLite file holding one log.
#[derive(Debug)]
pub struct SqliteBackend {
    path: PathBuf,
    writer: Writer,
    readers: SqlitePool,
    /// A key was destroyed and the write-ahead log may still hold its bytes.
    truncation_due: AtomicBool,
}

impl SqliteBackend {
    /// Opens the file, brings its schema up to date, and refuses it if only a newer build may run on it.
    ///
    /// # Errors
    /// [`OpenError`] says whether the file is missing, from a newer build, or cannot be used.
    pub async fn open(path: impl AsRef<Path>, options: OpenOptions) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let (writer, readers) = open::open(path, options).await?;
        Ok(Self { path: path.to_owned(), writer, readers, truncation_due: AtomicBool::new(false) })
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
        self.writer.run(work).await
    }

    /// Connections that can only read.
    #[must_use]
    pub const fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// Empties the write-ahead log, which would otherwise keep a destroyed key's bytes for a while. It waits only
    /// briefly for readers; if one is in the way, the next append tries again.
    async fn truncate(&self) {
        match self.writer.run(writer::truncate).await {
            Ok(true) => self.truncation_due.store(false, Ordering::Relaxed),
            Ok(false) => tracing::debug!("a reader kept the write-ahead log from being truncated"),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the write-ahead log was not truncated");
            }
        }
    }
}

#[async_trait]
impl Backend for SqliteBackend {
    async fn append(&self, batch: &[Prepared]) -> Result<Vec<Status>, BackendError> {
        append::check(batch)?;
        let statuses = self.writer.run(async |connection| append::append(connection, batch).await).await?;
        let destroyed = |(command, status): (&Prepared, &Status)| {
            !command.destroyed_keys.is_empty() && matches!(status, Status::Appended { .. })
        };
        if batch.iter().zip(&statuses).any(destroyed) {
            self.truncation_due.store(true, Ordering::Relaxed);
        }
        if self.truncation_due.load(Ordering::Relaxed) {
            self.truncate().await;
        }
        Ok(statuses)
    }

    async fn head(&self) -> Result<Head, BackendError> {
        read::head(&self.readers).await
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

    async fn state(&self, stream: StreamId) -> Result<Option<StateRow>, BackendError> {
        read::state(&self.readers, stream).await
    }

    async fn reserved_state(&self, kind: ClaimKind, mac: &[u8; 32]) -> Result<Option<StateRow>, BackendError> {
        read::reserved_state(&self.readers, kind, mac).await
    }

    async fn data_key(&self, stream: StreamId) -> Result<Option<KeyRow>, BackendError> {
        read::data_key(&self.readers, stream).await
    }

    async fn key(&self, id: KeyId) -> Result<Option<KeyRow>, BackendError> {
        read::key(&self.readers, id).await
    }

    async fn keys_of_class(&self, class: KeyClass) -> Result<Vec<KeyRow>, BackendError> {
        read::keys_of_class(&self.readers, class).await
    }

    async fn add_key(&self, key: &NewKey) -> Result<KeyRow, BackendError> {
        append::add_key(&self.writer, key).await
    }

    async fn database_time(&self) -> Result<Timestamp, BackendError> {
        read::time(&self.readers).await
    }
}
