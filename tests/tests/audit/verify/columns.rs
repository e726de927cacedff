//! Every column of every declared table is changed, one after the other: that is found, or it is said here why it need not
//! be.

use std::sync::Arc;

use chancery_domain::Timestamp;
use chancery_eventstore::keys::{CredentialKeys, FileKeys};
use chancery_eventstore::tables::{Class, TABLES, Table};
use chancery_eventstore::verify::{Options, Report};
use chancery_tests::audit::assert_clean;
use chancery_tests::site::World;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, SqliteConnection};

/// Tables of which the log tells nothing, and why nobody misses it there.
const UNTOLD: [(&str, &str); 6] = [
    ("compatibility", "what the start of a build compares with itself"),
    ("job_floors", "a floor set back repeats what is harmless; one set ahead leaves items out, which is no decision"),
    ("jobs", "what still waits to be done, by items that come and go"),
    ("relay_generation", "the relay compares it with the stream itself"),
    ("timers", "how much was done of late, and what an operator stopped"),
    ("projection_builds", "a rebuild that goes on from elsewhere is found in what it builds"),
];

/// Columns whose change the database alone does not show, and why that is borne.
const UNFOUND: [(&str, &str); 10] = [
    ("head.log", "each process holds it against what it has seen, and the keys against their file"),
    ("events.actor_key_id", "nobody in this story acts on another person's account"),
    ("commands.fingerprint", "of a request that nobody kept: with another one its repetition is refused"),
    ("keys.purpose", "without the key of a purpose the service does not start"),
    ("keys.wrapper", "it says which key file a key is wrapped under; whether that opens it is tried"),
    ("keys.created", "nothing is decided by it"),
    ("keys.destroyed", "that a key is destroyed is compared; when it was, its event tells"),
    ("states.fold_version", "a state of another fold is never trusted, and reported as such"),
    ("projection_cursors.name", "a read model without its cursor is begun anew"),
    ("projection_cursors.error", "a text for operators"),
];

/// Whether nothing in the log says what stands in a table.
fn is_untold(table: &Table) -> bool {
    table.class == Class::Volatile || UNTOLD.iter().any(|(name, _)| *name == table.name)
}

/// Another value of the same type.
fn other(column: &str) -> String {
    let bytes = format!(
        "unhex(substr(hex({column}), 1, length(hex({column})) - 2) || \
         CASE substr(hex({column}), -2) WHEN '00' THEN '01' ELSE '00' END)"
    );
    format!("CASE typeof({column}) WHEN 'integer' THEN {column} + 1 WHEN 'text' THEN {column} || 'x' ELSE {bytes} END")
}

/// Rows of which verification looks at every column. Of a key that is destroyed nothing is left that could be opened, and
/// a credential's it may not open.
fn examined(table: &Table) -> &'static str {
    if table.name == "keys" { "AND class <> 2 AND wrapped IS NOT NULL" } else { "" }
}

/// Changes this column in the row that has a value there and comes last by the table's first column.
async fn change(connection: &mut SqliteConnection, table: &Table, column: &str) -> u64 {
    let all: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let (all, first) = (all.join(", "), all[0]);
    let (name, examined) = (table.name, examined(table));
    let row = format!("SELECT {all} FROM {name} WHERE {column} IS NOT NULL {examined} ORDER BY {first} DESC LIMIT 1");
    let update = format!("UPDATE {name} SET {column} = {} WHERE ({all}) IS ({row})", other(column));
    match connection.execute(AssertSqlSafe(update.clone())).await {
        Ok(done) => done.rows_affected(),
        Err(error) => panic!("{update}: {error}"),
    }
}

async fn verify(world: &World, now: Timestamp) -> Result<Report, chancery_eventstore::verify::VerifyError> {
    let keys = FileKeys::open(&world.keys().join("master.key"), CredentialKeys::Without).unwrap();
    let options = Options { streams: 1_000, events: 100_000, threads: 2 };
    chancery_service::audit::verify(world.db(), world.backend(), Some(Arc::new(keys)), now, options).await
}

/// Changes every column of a verified log whose triggers are gone, and puts it back each time.
pub async fn every_change_is_found(world: &World, now: Timestamp, put_back: impl AsyncFn()) {
    assert_clean(&verify(world, now).await.unwrap());
    let mut wrong = Vec::new();
    for table in TABLES.iter().filter(|table| !is_untold(table)) {
        for column in table.columns.iter().map(|column| column.name) {
            let at = format!("{}.{column}", table.name);
            if UNFOUND.iter().any(|(unfound, _)| *unfound == at) {
                continue;
            }
            let mut connection = SqliteConnectOptions::new().filename(world.file()).connect().await.unwrap();
            connection.execute("PRAGMA ignore_check_constraints = ON").await.unwrap();
            if change(&mut connection, table, column).await != 1 {
                wrong.push(format!("{at}: no row has a value there"));
            }
            connection.close().await.unwrap();
            // What cannot be gone through because of it is found, too.
            if verify(world, now).await.is_ok_and(|report| report.divergences.is_empty()) {
                wrong.push(format!("{at}: it is not found"));
            }
            put_back().await;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
