//! Appends through the batcher beside clients that insert one bare row a commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chancery_eventstore::{Backend, PostgresBackend, PostgresMigrator, PostgresOptions};
use chancery_tests::environment;
use chancery_tests::postgres::{Database, throw_away_database};
use futures::future::join_all;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, Executor};

use crate::Effort;
use crate::clock::Stopwatch;
use crate::report::{Line, Table, median};
use crate::workload::{Until, Writes, commands_a_second};

const SERVICE: &str = "chancery_bench";
const EVENT: Writes = Writes { state: false };
const STATE: Writes = Writes { state: true };

/// What is run, in the order of one interleaved round.
const RUNS: [Run; 7] = [
    Run::Bare(64),
    Run::Append(64, EVENT),
    Run::Append(512, EVENT),
    Run::Append(64, STATE),
    Run::Append(512, STATE),
    Run::Bare(1),
    Run::Append(1, EVENT),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    /// So many clients, each with a connection and a prepared statement, insert a row of 300 bytes a commit.
    Bare(usize),
    /// So many clients append through one batcher.
    Append(usize, Writes),
}

/// Measures everything with the emulated flush and with the disk's own.
pub async fn measure(effort: Effort) -> Table {
    let mut lines = Vec::new();
    for emulated in [true, false] {
        emulate_flush(emulated).await;
        let rounds = rounds(effort).await;
        let flush = if emulated { "1 ms flush" } else { "the disk's own flush" };
        // The floors hold for the emulated flush; what the disk's own gives is shown beside it.
        let gate = |floor: f64, aim: f64| emulated.then_some((floor, aim));
        lines.push(line(&rounds, format!("one event, 64 clients, {flush}"), 1, 0, gate(0.8, 1.2)));
        lines.push(line(&rounds, format!("one event, 512 clients, {flush}"), 2, 0, gate(1.0, 2.0)));
        lines.push(line(&rounds, format!("event and state row, 64 clients, {flush}"), 3, 0, gate(0.5, 1.0)));
        lines.push(line(&rounds, format!("event and state row, 512 clients, {flush}"), 4, 0, gate(0.8, 1.6)));
        lines.push(line(&rounds, format!("one event, a lone client, {flush}"), 6, 5, gate(0.6, 0.85)));
    }
    emulate_flush(false).await;
    Table {
        heading:
            "Appends on PostgreSQL with `fsync` on, beside as many clients as the line says (at most 64) that insert \
                  one bare row of 300 bytes a commit. Rates are medians, ratios are medians of the ratios within a \
                  round. The 1 ms flush is `commit_delay=1000, commit_siblings=0`."
                .to_owned(),
        lines,
    }
}

/// One line from the rounds' rates.
fn line(rounds: &[Vec<f64>], what: String, run: usize, beside: usize, gate: Option<(f64, f64)>) -> Line {
    let rate = |run: usize| format!("{:.0}/s", median(rounds.iter().map(|round| round[run]).collect()));
    Line {
        what,
        measured: rate(run),
        beside: rate(beside),
        ratio: median(rounds.iter().map(|round| round[run] / round[beside]).collect()),
        floor: gate.map(|(floor, _)| floor),
        aim: gate.map(|(_, aim)| aim),
    }
}

async fn rounds(effort: Effort) -> Vec<Vec<f64>> {
    let mut rounds = Vec::new();
    for repetition in 1..=effort.repetitions {
        let mut round = Vec::new();
        for run in RUNS {
            // A database of its own for each run, so that every table is fresh.
            let database = throw_away_database().await;
            let rate = match run {
                Run::Bare(clients) => bare(&database, clients, effort).await,
                Run::Append(clients, writes) => {
                    let backend = backend(&database).await;
                    let rate =
                        commands_a_second(Arc::new(backend.clone()), clients, writes, Until::After(effort.run)).await;
                    backend.close().await;
                    rate
                }
            };
            eprintln!("{repetition}/{}: {run:?}: {rate:.0}/s", effort.repetitions);
            round.push(rate);
        }
        rounds.push(round);
    }
    rounds
}

async fn backend(database: &Database) -> PostgresBackend {
    let migrator = PostgresMigrator::new(database.superuser(), Some(SERVICE.to_owned()));
    migrator.up().await.expect("the schema is made");
    let mut owner = connect(&database.superuser()).await;
    owner.execute("ALTER ROLE chancery_bench PASSWORD 'bench'").await.expect("the service's role gets a password");
    owner.close().await.expect("a connection is closed");
    let options = PostgresOptions::new(database.role(SERVICE, "bench"));
    PostgresBackend::connect(options).await.expect("the service connects")
}

async fn bare(database: &Database, clients: usize, effort: Effort) -> f64 {
    const INSERT: &str = "INSERT INTO bare (content) VALUES ($1)";
    let mut owner = connect(&database.superuser()).await;
    owner
        .execute("CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, content bytea NOT NULL)")
        .await
        .expect("the bare table is made");
    owner.close().await.expect("a connection is closed");
    let options = database.superuser();
    let connections = join_all((0..clients).map(|_| async {
        let mut connection = connect(&options).await;
        // The first one prepares the statement.
        sqlx::query(INSERT).bind([7_u8; 300].as_slice()).execute(&mut connection).await.expect("a row is inserted");
        connection
    }))
    .await;
    let acknowledged = Arc::new(AtomicU64::new(0));
    let watch = Stopwatch::start();
    let running: Vec<_> = connections
        .into_iter()
        .map(|mut connection| {
            let acknowledged = Arc::clone(&acknowledged);
            tokio::spawn(async move {
                while watch.elapsed() < effort.run {
                    let row = sqlx::query(INSERT).bind([7_u8; 300].as_slice());
                    row.execute(&mut connection).await.expect("a row is inserted");
                    acknowledged.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    join_all(running).await.into_iter().for_each(|client| client.expect("a client ends by itself"));
    acknowledged.load(Ordering::Relaxed) as f64 / watch.elapsed().as_secs_f64()
}

/// Makes every flush take a millisecond longer, or as long as the disk takes.
async fn emulate_flush(emulated: bool) {
    let url: PgConnectOptions =
        environment::variable("CHANCERY_TEST_POSTGRES").parse().expect("CHANCERY_TEST_POSTGRES is a URL");
    let mut server = connect(&url).await;
    let settings = if emulated {
        ["ALTER SYSTEM SET commit_delay = 1000", "ALTER SYSTEM SET commit_siblings = 0"]
    } else {
        ["ALTER SYSTEM RESET commit_delay", "ALTER SYSTEM RESET commit_siblings"]
    };
    for statement in settings.into_iter().chain(["SELECT pg_reload_conf()"]) {
        server.execute(statement).await.expect("the server's settings are changed");
    }
    server.close().await.expect("a connection is closed");
}

async fn connect(options: &PgConnectOptions) -> PgConnection {
    options.connect().await.expect("the server answers")
}
