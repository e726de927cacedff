//! What was erased after a backup does not come back with it: a registration that lapsed, a password that was changed, second
//! factors that were removed, a month's network data.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use chancery_eventstore::keys::Destroyed;
use chancery_eventstore::sqlite::OpenOptions;
use chancery_eventstore::{Backend, KeyClass, KeyRow, SqliteBackend};
use chancery_tests::audit::{ANOTHER, story};
use chancery_tests::postgres::program;
use chancery_tests::served::Served;
use chancery_tests::site::{PASSWORD, World};
use chancery_tests::smtp::SmtpSink;
use chancery_tests::store::postgres::PostgresFixture;
use tempfile::TempDir;

use super::{Safe, registered, said, text};

/// A year in which a registration lapsed, a password was changed, and a month's network data was given up: all of it after
/// the backup, which brings all of it back.
async fn what_was_erased_stays_erased(world: World, restored_on: Option<&PostgresFixture>) {
    let (sink, safe) = (SmtpSink::start().await, Safe::new());
    let keys = world.keys().to_owned();
    let dump = safe.at("dump");
    let site = story(&world, async || {
        let database = restored_on.map(|_| world.fixture());
        on(database, Safe::command(&keys, &["backup", text(&safe.at("backup")), "--keys-to", text(&safe.at("keys"))]));
        if let Some(fixture) = database {
            run(Command::new(program("pg_dump"))
                .args(["--format=custom", "--file", text(&dump)])
                .arg(plain(&fixture.database().url())));
        }
    })
    .await;
    let destroyed = Destroyed::read(&world.ledger()).unwrap();
    fs::copy(world.ledger(), safe.at("ledger")).unwrap();
    let lost = site.world().backend().keys(destroyed.ids()).await.unwrap();
    assert_eq!(lost.iter().filter(|key| key.wrapped.is_none()).count(), destroyed.ids().len(), "no other key is in it");
    let classes = |rows: &[KeyRow], class| rows.iter().filter(|key| key.class == class).count();
    for class in [KeyClass::Data, KeyClass::Credential, KeyClass::Network] {
        assert!(classes(&lost, class) > 0, "{class:?}");
    }
    if let Some(fixture) = restored_on {
        let target = plain(&fixture.database().url());
        run(Command::new(program("psql")).args(["--quiet", "--command", "DROP SCHEMA chancery CASCADE"]).arg(&target));
        run(Command::new(program("psql"))
            .args(["--quiet", "--command", "DROP TABLE IF EXISTS _sqlx_migrations"])
            .arg(&target));
        run(Command::new(program("pg_restore")).args(["--exit-on-error", "--dbname", &target]).arg(&dump));
    }
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let restore = safe.restore();
    let restored = on(restored_on, Safe::command(&data, &restore.iter().map(String::as_str).collect::<Vec<_>>()));
    let backend = opened(restored_on, &data).await;
    let again = backend.keys(destroyed.ids()).await.unwrap();
    assert!(again.iter().all(|key| key.wrapped.is_none()), "{again:?}");
    assert!(restored.contains(&format!("destroyed since: {}\n", again.len())), "{restored}");
    for class in [KeyClass::Data, KeyClass::Credential, KeyClass::Network] {
        assert!(classes(&again, class) > 0, "{class:?} came back");
    }
    let written = Destroyed::read(&data.join("destroyed-keys")).unwrap();
    assert_eq!(written, destroyed, "the next restore knows them too");
    backend.close().await;
    on(restored_on, Safe::command(&data, &["audit", "verify"]));
    let counts = on(restored_on, Safe::command(&data, &["audit", "query", "--count-by", "type"]));
    for event_type in [
        "account.erased",
        "account.password_destroyed",
        "account.factor_removed",
        "account.recovery_codes_removed",
        "network.key_destroyed",
        "log.restored",
    ] {
        assert!(counts.contains(event_type), "{event_type}: {counts}");
    }

    // The address is free again, and everybody else is there.
    let mail = ["--smtp", &sink.url(), "--mail-from", "no-reply@example.org"].map(ToOwned::to_owned);
    let database = restored_on.map(|fixture| by_file(fixture, folder.path())).unwrap_or_default();
    let arguments: Vec<&str> = mail.iter().chain(&database).map(String::as_str).collect();
    let service = Served::start_in(folder, 0, &arguments);
    let mut never = registered(&service, &sink, "Grace", "never@example.org").await;
    assert!(never.get("/account").contains("Grace Lovelace"), "a new account, not the one that lapsed");
    assert!(service.person().sign_in("bob@example.org", PASSWORD).contains("/sign-out"));
    for password in [PASSWORD, ANOTHER] {
        assert!(!service.person().sign_in("ada@example.org", password).contains("/sign-out"), "{password}");
    }
}

/// A URL for PostgreSQL's own programs.
fn plain(url: &str) -> String {
    url.split('?').next().unwrap_or_default().to_owned()
}

/// Runs a program that must succeed.
fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", said(&output));
    said(&output)
}

/// The same for ours, on a database.
fn on(database: Option<&PostgresFixture>, mut command: Command) -> String {
    if let Some(fixture) = database {
        command.env("CHANCERY_DATABASE", fixture.url());
    }
    run(&mut command)
}

/// A PostgreSQL database for a process that is given its password by a file.
fn by_file(fixture: &PostgresFixture, folder: &Path) -> Vec<String> {
    let url = plain(&fixture.url());
    let (before, rest) = url.split_once('@').unwrap();
    let (user, password) = before.rsplit_once(':').unwrap();
    let file = folder.join("password");
    fs::write(&file, password).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    vec!["--database".into(), format!("{user}@{rest}"), "--database-password-file".into(), text(&file).into()]
}

async fn opened(database: Option<&PostgresFixture>, data: &Path) -> Arc<dyn Backend> {
    match database {
        Some(fixture) => Arc::new(fixture.backend().await),
        None => Arc::new(SqliteBackend::open(data.join("chancery.db"), OpenOptions::default()).await.unwrap()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_erased_after_the_backup_stays_erased_on_sqlite() {
    what_was_erased_stays_erased(World::sqlite().await, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_erased_after_the_backup_stays_erased_on_postgresql() {
    let fixture = PostgresFixture::new().await;
    what_was_erased_stays_erased(World::postgres().await, Some(&fixture)).await;
}
