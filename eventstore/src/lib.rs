//! What happened: the append-only log, the keys that seal it, and the feeds that follow it.
//!
//! The log is one table of events with a gapless, commit-ordered position. Two implementations of [`Backend`], one
//! for PostgreSQL and one for SQLite, give the same outcomes and pass the same tests; all else here is above them.

pub mod append;
pub mod backend;
pub mod batcher;
pub mod build;
pub mod db;
pub mod feed;
pub mod keys;
mod pending;
pub mod postgres;
pub mod record;
pub mod row;
pub mod seal;
pub mod sqlite;
pub mod store;
pub mod tables;
pub mod volatile;

pub use append::{Guard, InlineState, NewKey, Prepared, PreparedEvent, Reservation, Status};
pub use backend::{Backend, BackendError, Columns, EachEvent, Head, KeyClass, KeyRow, Remembered, StateRow};
pub use batcher::{AppendError, Batcher, BatcherOptions, Committed};
pub use build::BUILD;
pub use db::Db;
pub use feed::{Feed, LogFeed};
pub use keys::{KeyError, KeyRing, Purpose, Wrapper};
pub use pending::PendingMigration;
pub use postgres::{PostgresBackend, PostgresMigrator, PostgresOptions};
pub use row::{CommandId, EventRow, Fingerprint, Position, Version};
pub use seal::SecretKey;
pub use sqlite::SqliteBackend;
pub use store::{Commit, CommitError, DecisionInputs, Loaded, ReadError, Refolded, Store, StreamKey};
