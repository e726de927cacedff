//! Logs beside the service that keeps them, which stands still.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::path::Path;
use std::sync::Arc;

use chancery_eventstore::keys::{CredentialKeys, FileKeys};
use chancery_eventstore::{BatcherOptions, Db, SqliteBackend, Store};
use chancery_service::ports::{Clock as _, SystemClock};

/// The log in a data folder, with its keys, and the tables beside it.
///
/// # Panics
/// If it cannot be opened.
pub async fn log_in(data: &Path) -> (Store, Db) {
    let backend = Arc::new(SqliteBackend::open(data.join("chancery.db"), Default::default()).await.unwrap());
    let credentials = data.join("credentials.key");
    let keys = FileKeys::open(&data.join("master.key"), CredentialKeys::From(&credentials)).unwrap();
    let log = Arc::<SqliteBackend>::clone(&backend);
    let store = Store::open(log, Arc::new(keys), BatcherOptions::default(), SystemClock.now()).await.unwrap();
    (store, Db::Sqlite(backend))
}
