//! What the service's role cannot do, and what not even the owner can do by mistake.

use std::time::Duration;

use chancery_domain::Timestamp;
use chancery_eventstore::{BackendError, KeyClass, NewKey, Position, Prepared};
use chancery_tests::store::commands::{command, data_key, destroying_month, stream};
use chancery_tests::store::postgres::PostgresFixture;
use chancery_tests::store::{Fixture, accept};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};

/// SQLSTATE of a missing right.
const INSUFFICIENT_PRIVILEGE: &str = "42501";

fn code(result: Result<impl Sized, sqlx::Error>) -> String {
    match result.map(drop).expect_err("the statement is refused") {
        sqlx::Error::Database(error) => error.code().expect("a code").into_owned(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn the_service_writes_the_log_through_the_append_only() {
    let fixture = PostgresFixture::new().await;
    accept(&*fixture.open().await, &command(stream(), 0)).await;
    let mut raw = fixture.raw().await;
    let mut statements = Vec::new();
    for table in ["head", "events", "commands", "reservations", "keys", "states", "compatibility", "_sqlx_migrations"] {
        statements.extend([
            format!("INSERT INTO chancery.{table} SELECT * FROM chancery.{table}"),
            format!("UPDATE chancery.{table} SET {} = DEFAULT", column(table)),
            format!("DELETE FROM chancery.{table}"),
            format!("TRUNCATE chancery.{table}"),
            format!("DO $$ BEGIN LOCK chancery.{table} IN ROW EXCLUSIVE MODE; END $$"),
            format!("SELECT * FROM chancery.{table} FOR KEY SHARE"),
            format!("DROP TABLE chancery.{table}"),
            format!("ALTER TABLE chancery.{table} ADD extra int"),
            format!("ALTER TABLE chancery.{table} DISABLE TRIGGER ALL"),
            format!("CREATE TRIGGER own BEFORE INSERT ON chancery.{table} EXECUTE FUNCTION chancery.refuse_change()"),
        ]);
    }
    statements.extend(
        [
            "ALTER TABLE chancery.events DISABLE TRIGGER append_only",
            "DROP TRIGGER append_only ON chancery.events",
            "SET session_replication_role = replica",
            "CREATE OR REPLACE FUNCTION chancery.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'",
            "DROP FUNCTION chancery.append",
            "ALTER FUNCTION chancery.append RESET ALL",
            "CREATE TABLE chancery.own (n int)",
            "SET ROLE postgres",
            "TRUNCATE chancery.volatile_rows",
        ]
        .map(str::to_owned),
    );
    for statement in statements {
        let result = raw.execute(AssertSqlSafe(statement.clone())).await;
        assert_eq!(code(result), INSUFFICIENT_PRIVILEGE, "{statement}");
    }
    assert_eq!(fixture.number("SELECT count(*) FROM events").await, 1);
}

/// The role can append what it likes, but nobody's key goes without an event of theirs, and no service key at all.
#[tokio::test]
async fn no_key_is_destroyed_without_a_trace() {
    let fixture = PostgresFixture::new().await;
    let backend = fixture.open().await;
    let account = stream();
    let key = data_key(account);
    accept(&*backend, &Prepared { new_keys: vec![key.clone()], ..command(account, 0) }).await;
    let service =
        NewKey { class: KeyClass::Service, owner: None, purpose: Some("link".to_owned()), ..data_key(account) };
    let service = backend.add_key(&service).await.expect("a service key is added").id;
    for id in [key.id, service] {
        let refused = backend.append(&[Prepared { destroyed_keys: vec![id], ..command(stream(), 0) }]).await;
        let Err(BackendError::Rejected(error)) = refused else { panic!("{refused:?}") };
        assert_eq!(code(Err::<(), _>(error)), INSUFFICIENT_PRIVILEGE);
        assert!(backend.key(id).await.expect("keys are read").expect("it is there").wrapped.is_some());
    }
    accept(&*backend, &Prepared { destroyed_keys: vec![key.id], ..command(account, 1) }).await;
    assert_eq!(backend.key(key.id).await.expect("keys are read").expect("its row stays").wrapped, None);
}

/// A column that every row of the table has.
fn column(table: &str) -> &str {
    match table {
        "head" | "compatibility" => "one",
        "events" | "reservations" | "states" => "stream",
        "commands" => "command",
        "keys" => "id",
        _ => "version",
    }
}

#[tokio::test]
async fn the_append_is_not_led_astray_by_the_callers_own_tables() {
    let fixture = PostgresFixture::new().await;
    let mut raw = fixture.raw().await;
    raw.execute(
        "CREATE TEMP TABLE head (LIKE chancery.head); CREATE TEMP TABLE events (LIKE chancery.events);
        INSERT INTO pg_temp.head SELECT 1, log, epoch, 41, recorded FROM chancery.head;
        SET search_path = pg_temp, chancery",
    )
    .await
    .expect("temporary tables are the caller's own");
    let call = "SELECT base FROM chancery.append(
        ARRAY[ROW(1, gen_random_uuid(), '\\x00', gen_random_uuid(), 0, 0, 1, NULL, NULL, NULL, NULL)::chancery.new_command],
        ARRAY[ROW(1, gen_random_uuid(), 1, 'test.happened', 1, 0, gen_random_uuid(), gen_random_uuid(), NULL, 0::smallint,
            '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::chancery.new_event],
        '{}', '{}', '{}', '{}', '{}', '{}')";
    let base: i64 = sqlx::query_scalar(call).fetch_one(&mut raw).await.expect("the append is called");
    assert_eq!(base, 0, "the caller's own head was believed");
    assert_eq!(fixture.number("SELECT position FROM head").await, 1);
    assert_eq!(fixture.number("SELECT count(*) FROM events").await, 1);
}

#[tokio::test]
async fn nobody_changes_an_event() {
    let fixture = PostgresFixture::new().await;
    let backend = fixture.open().await;
    accept(&*backend, &command(stream(), 0)).await;
    let before = backend.read(chancery_eventstore::Position::START, 10).await.expect("the log is read");
    for mode in ["origin", "replica"] {
        for statement in [
            "UPDATE events SET event_type = 'other'",
            "DELETE FROM events",
            "TRUNCATE events",
            "UPDATE events SET decided = 0 WHERE false",
            "INSERT INTO events SELECT * FROM events ON CONFLICT (position) DO UPDATE SET decided = 0",
        ] {
            let result = fixture.run(format!("SET session_replication_role = {mode}; {statement}")).await;
            assert_eq!(code(result), INSUFFICIENT_PRIVILEGE, "{mode}: {statement}");
        }
    }
    assert_eq!(backend.read(chancery_eventstore::Position::START, 10).await.expect("the log is read"), before);
}

#[tokio::test]
async fn only_service_and_network_keys_are_added_without_an_event() {
    let fixture = PostgresFixture::new().await;
    let mut raw = fixture.raw().await;
    for (class, purpose) in [(1, "'any'"), (2, "'any'"), (4, "NULL")] {
        let call = format!(
            "SELECT chancery.add_key(gen_random_uuid(), {class}::smallint, NULL, {purpose}, '\\x00', '\\x00', 0)"
        );
        assert_eq!(code(raw.execute(AssertSqlSafe(call)).await), "22023", "{class} {purpose}");
    }
    assert_eq!(fixture.number("SELECT count(*) FROM keys").await, 0);
}

#[tokio::test]
async fn others_get_nothing() {
    let fixture = PostgresFixture::new().await;
    let stranger = format!("{}_stranger", fixture.role());
    fixture.run(format!("CREATE ROLE {stranger} LOGIN PASSWORD 'x'")).await.expect("a role without rights");
    let mut connection =
        fixture.database().superuser().username(&stranger).password("x").connect().await.expect("a stranger connects");
    for statement in [
        "SELECT * FROM chancery.events",
        "SELECT chancery.append('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
        "SELECT chancery.stream_version(gen_random_uuid())",
        "DELETE FROM chancery.volatile_rows",
    ] {
        assert_eq!(code(connection.execute(statement).await), INSUFFICIENT_PRIVILEGE, "{statement}");
    }
}

/// Recorded times never go back, so that one event of a clock gone wrong would hold all later ones at its moment.
#[tokio::test]
async fn nothing_is_recorded_ahead_of_the_databases_clock() {
    let fixture = PostgresFixture::new().await;
    let backend = fixture.open().await;
    let ahead = |now: Timestamp, seconds| now.plus(Duration::from_secs(seconds));
    let now = backend.database_time().await.expect("the database tells its time");
    accept(&*backend, &Prepared { decided: ahead(now, 5), ..command(stream(), 0) }).await;
    let refused = backend.append(&[Prepared { decided: ahead(now, 60), ..command(stream(), 0) }]).await;
    let Err(BackendError::Rejected(error)) = refused else { panic!("{refused:?}") };
    assert_eq!(code(Err::<(), _>(error)), INSUFFICIENT_PRIVILEGE);
    assert_eq!(backend.head().await.expect("the head is read").position, Position(1));
    // An hour later it is true.
    fixture
        .execute(
            "CREATE OR REPLACE FUNCTION chancery.clock() RETURNS bigint LANGUAGE sql VOLATILE
            RETURN (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + 3600000000",
        )
        .await;
    accept(&*backend, &Prepared { decided: ahead(now, 60), ..command(stream(), 0) }).await;
}

/// A month's network key goes with the event that says so, and an epoch begins with its own.
#[tokio::test]
async fn what_an_event_must_tell_happens_with_that_event_only() {
    let fixture = PostgresFixture::new().await;
    let backend = fixture.open().await;
    let month =
        NewKey { class: KeyClass::Network, owner: None, purpose: Some("2026-05".to_owned()), ..data_key(stream()) };
    let month = backend.add_key(&month).await.expect("a network key is added").id;
    let refused = backend.append(&[Prepared { destroyed_keys: vec![month], ..command(stream(), 0) }]).await;
    let Err(BackendError::Rejected(error)) = refused else { panic!("{refused:?}") };
    assert_eq!(code(Err::<(), _>(error)), INSUFFICIENT_PRIVILEGE);
    accept(&*backend, &destroying_month(month, stream(), 0)).await;
    assert_eq!(backend.key(month).await.expect("keys are read").expect("its row stays").wrapped, None);

    let refused = backend.begin_epoch(2, &command(stream(), 0)).await;
    let Err(BackendError::Rejected(error)) = refused else { panic!("{refused:?}") };
    assert_eq!(code(Err::<(), _>(error)), INSUFFICIENT_PRIVILEGE);
    assert_eq!(backend.head().await.expect("the head is read").epoch, 1);
}
