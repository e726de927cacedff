//! What happened: the append-only log, the keys that seal it, and the feeds that follow it.
//!
//! The log is one table of events with a gapless, commit-ordered position. Two implementations of [`Backend`], one
//! for PostgreSQL and one for SQLite, give the same outcomes and pass the same tests; all else here is above them.

pub mod append;
pub mod backend;
pub mod backup;
pub mod batcher;
pub mod build;
pub mod db;
pub mod feed;
pub mod history;
pub mod keys;
mod migrations;
pub mod nats;
mod pending;
pub mod postgres;
mod priority;
pub mod readers;
pub mod record;
pub mod row;
pub mod seal;
pub mod snapshot;
pub mod sqlite;
pub mod store;
pub mod tables;
pub mod verify;
pub mod volatile;

pub use append::{Guard, InlineState, NewKey, Prepared, PreparedEvent, Reservation, Status};
pub use backend::{Backend, BackendError, Columns, EachEvent, Head, KeyClass, KeyRow, Remembered, StateRow};
pub use batcher::{AppendError, Batcher, BatcherOptions, Committed};
pub use build::{BUILD, oldest_build};
pub use db::Db;
pub use feed::{Feed, LogFeed};
pub use history::{Difference, History, Seen};
pub use keys::{KeyError, KeyRing, Purpose, Wrapper};
pub use pending::PendingMigration;
pub use postgres::{PostgresBackend, PostgresMigrator, PostgresOptions};
pub use priority::Priority;
pub use readers::Readers;
pub use row::{CommandId, EventRow, Fingerprint, Position, Version};
pub use seal::SecretKey;
pub use snapshot::Snapshot;
pub use sqlite::SqliteBackend;
pub use store::{Commit, CommitError, DecisionInputs, Loaded, ReadError, Refolded, Store, StreamKey, check_known};
