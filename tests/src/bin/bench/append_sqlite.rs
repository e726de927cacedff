//! Appends on SQLite through the batcher beside bare transactions of one row by the same driver.

use std::path::Path;
use std::sync::Arc;

use chancery_eventstore::SqliteBackend;
use chancery_eventstore::sqlite::OpenOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor};
use tempfile::TempDir;

use crate::Effort;
use crate::clock::Stopwatch;
use crate::report::{Line, Table, median};
use crate::workload::{Until, Writes, commands_a_second};

/// Measures one and 64 clients on the disk as it is.
pub async fn measure(effort: Effort) -> Table {
    let mut rounds = Vec::new();
    for repetition in 1..=effort.repetitions {
        let mut round = vec![bare(effort).await];
        for clients in [1, 64] {
            let folder = TempDir::new().expect("a temporary folder");
            let backend = open(folder.path()).await;
            let writes = Writes { state: false };
            round.push(commands_a_second(Arc::new(backend), clients, writes, Until::After(effort.run)).await);
        }
        eprintln!("{repetition}/{}: {round:.0?}", effort.repetitions);
        rounds.push(round);
    }
    let rate = |run: usize| format!("{:.0}/s", median(rounds.iter().map(|round| round[run]).collect()));
    let line = |what: &str, run: usize, floor, aim| Line {
        what: what.to_owned(),
        measured: rate(run),
        beside: rate(0),
        ratio: median(rounds.iter().map(|round| round[run] / round[0]).collect()),
        floor: Some(floor),
        aim: Some(aim),
    };
    Table {
        heading:
            "Appends on SQLite (WAL, `synchronous=FULL`, the disk's own flush), beside bare transactions of one row \
                  of 300 bytes by the same driver, one after the other."
                .to_owned(),
        lines: vec![line("one event, a lone client", 1, 0.5, 0.7), line("one event, 64 clients", 2, 2.5, 4.5)],
    }
}

async fn open(folder: &Path) -> SqliteBackend {
    let options = OpenOptions { create: true, ..OpenOptions::default() };
    SqliteBackend::open(folder.join("bench.db"), options).await.expect("a database is made")
}

async fn bare(effort: Effort) -> f64 {
    let folder = TempDir::new().expect("a temporary folder");
    let mut connection = SqliteConnectOptions::new()
        .filename(folder.path().join("bare.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await
        .expect("a database is made");
    connection
        .execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, content BLOB NOT NULL)")
        .await
        .expect("the bare table is made");
    let (watch, mut count) = (Stopwatch::start(), 0u32);
    while watch.elapsed() < effort.run {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.expect("a transaction begins");
        let insert = sqlx::query("INSERT INTO bare (content) VALUES ($1)").bind([7_u8; 300].as_slice());
        insert.execute(&mut *transaction).await.expect("a row is inserted");
        transaction.commit().await.expect("a transaction commits");
        count += 1;
    }
    f64::from(count) / watch.elapsed().as_secs_f64()
}
