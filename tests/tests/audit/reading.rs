//! The auditor's commands change nothing: not the log beside a running service, not a copy that is kept as evidence, not a
//! schema that is not of today.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use chancery_tests::audit::{story, uid_of};
use chancery_tests::environment;
use chancery_tests::site::World;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

/// Everything that only reads.
fn commands(uid: &str) -> Vec<Vec<&str>> {
    vec![
        vec!["audit", "history", uid],
        vec!["audit", "state", uid],
        vec!["audit", "state", uid, "--at", "2026-06-01"],
        vec!["audit", "replay"],
        vec!["audit", "query", "--count-by", "type"],
        vec!["audit", "query", "--over", "model"],
        vec!["audit", "verify"],
        vec!["projections", "status"],
        vec!["projections", "rebuild", "activity_v1", "--verify"],
    ]
}

/// Runs a command on a data folder with keys from elsewhere: its exit code, and what it said.
fn run(data: &Path, keys: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(environment::chancery());
    command.env_clear().args(arguments).arg("--data").arg(data).stdin(Stdio::null());
    let output = command.arg("--master-key").arg(keys.join("master.key")).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

/// What lies in a folder, byte for byte.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    files.map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_changes_nothing() {
    let site = story(&World::sqlite().await, async || {}).await;
    let uid = uid_of(&site, "bob@example.org").await.to_string();
    let (keys, file) = (site.world().keys().to_owned(), site.world().file());

    // Beside a running service, whose newest events stand in its write-ahead log.
    let log = || (fs::read(&file).unwrap(), fs::read(file.with_extension("db-wal")).unwrap());
    let before = log();
    assert!(!before.1.is_empty());
    let mut beside = Vec::new();
    for command in commands(&uid) {
        let (code, said) = run(file.parent().unwrap(), &keys, &command);
        assert_eq!(code, Some(0), "{command:?}: {said}");
        assert!(log() == before, "{command:?} changes the log");
        beside.push(said);
    }

    // A copy that nobody may write, in a folder where nobody may make a file.
    site.app.store.close().await;
    let evidence = tempfile::tempdir().unwrap();
    let copy = evidence.path().join("chancery.db");
    fs::copy(&file, &copy).unwrap();
    fs::set_permissions(&copy, Permissions::from_mode(0o400)).unwrap();
    fs::set_permissions(evidence.path(), Permissions::from_mode(0o500)).unwrap();
    let before = contents(evidence.path());
    for (command, same) in commands(&uid).iter().zip(&beside) {
        let (code, said) = run(evidence.path(), &keys, command);
        assert_eq!((code, &said), (Some(0), same), "{command:?}");
        // Whoever runs this may be above permissions: then what was made would lie there.
        assert!(contents(evidence.path()) == before, "{command:?} leaves something behind");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_that_is_not_of_today_is_left_as_it_is() {
    let world = World::sqlite().await;
    let site = story(&world, async || {}).await;
    let uid = uid_of(&site, "bob@example.org").await.to_string();
    site.app.store.close().await;
    world.backend().close().await;
    let older = tempfile::tempdir().unwrap();
    let copy = older.path().join("chancery.db");
    fs::copy(world.file(), &copy).unwrap();
    let mut connection = SqliteConnectOptions::new().filename(&copy).connect().await.unwrap();
    let newest = "DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
    sqlx::raw_sql(newest).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let before = contents(older.path());
    for command in commands(&uid) {
        let (code, said) = run(older.path(), world.keys(), &command);
        assert_eq!(code, Some(3), "{command:?}: {said}");
        assert!(said.contains("'chancery migrate' brings it up to date") && said.lines().count() == 1, "{said}");
        assert!(contents(older.path()) == before, "{command:?} changes it");
    }
    // The log may not be there at all.
    let nothing = tempfile::tempdir().unwrap();
    for command in commands(&uid) {
        let (code, said) = run(nothing.path(), world.keys(), &command);
        assert!(code == Some(3) && said.contains("there is no database at"), "{command:?}: {said}");
        assert!(contents(nothing.path()).is_empty(), "{command:?}");
    }
}
