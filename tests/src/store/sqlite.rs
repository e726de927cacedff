//! A file of a test's own.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use chancery_eventstore::Backend;
use chancery_eventstore::sqlite::{OpenOptions, SqliteBackend};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Row, SqliteConnection};

use super::Fixture;

/// A SQLite file in a temporary folder, which is deleted with this value.
#[derive(Debug)]
pub struct SqliteFixture {
    folder: tempfile::TempDir,
}

impl SqliteFixture {
    /// A folder without a file.
    pub async fn new() -> Self {
        Self { folder: tempfile::Builder::new().prefix("store-").tempdir().expect("a temporary folder") }
    }

    /// The file.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("chancery.db")
    }

    /// One more instance, with the type of its own.
    pub async fn backend(&self) -> SqliteBackend {
        let options = OpenOptions { create: true, ..OpenOptions::default() };
        SqliteBackend::open(self.path(), options).await.expect("the file opens")
    }

    /// Whether the file or one beside it holds these bytes.
    pub fn holds(&self, bytes: &[u8]) -> bool {
        ["", "-wal", "-shm"].iter().any(|file| {
            let content = std::fs::read(format!("{}{file}", self.path().display())).expect("the files can be read");
            content.windows(bytes.len()).any(|window| window == bytes)
        })
    }

    /// A connection that knows nothing of the store.
    pub async fn raw(&self) -> SqliteConnection {
        SqliteConnectOptions::new().filename(self.path()).connect().await.expect("the file opens")
    }
}

#[async_trait]
impl Fixture for SqliteFixture {
    async fn open(&self) -> Arc<dyn Backend> {
        Arc::new(self.backend().await)
    }

    async fn columns(&self) -> Vec<(String, Vec<String>)> {
        drop(self.backend().await);
        let rows = sqlx::query(
            "SELECT t.name, c.name FROM sqlite_schema AS t JOIN pragma_table_xinfo(t.name) AS c
            WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND t.name <> '_sqlx_migrations'
            ORDER BY t.name, c.cid",
        )
        .fetch_all(&mut self.raw().await)
        .await
        .expect("the schema is told");
        let mut tables: Vec<(String, Vec<String>)> = Vec::new();
        for row in rows {
            let (table, column) = (row.get(0), row.get(1));
            match tables.last_mut() {
                Some((name, columns)) if *name == table => columns.push(column),
                _ => tables.push((table, vec![column])),
            }
        }
        tables
    }

    /// SQLite's one writer blocks all others anyway.
    async fn linger(&self) {}

    async fn execute(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&mut self.raw().await).await.expect("the statements run");
    }
}
