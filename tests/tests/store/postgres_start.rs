//! What start refuses, and what a migration does.

use chancery_eventstore::postgres::{MigrationError, StartError};
use chancery_eventstore::{BUILD, Backend, PostgresBackend, PostgresMigrator, PostgresOptions, oldest_build};
use chancery_tests::postgres::{Server, throw_away_database};
use chancery_tests::store::postgres::PostgresFixture;
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

async fn refusal(options: PgConnectOptions) -> StartError {
    PostgresBackend::connect(PostgresOptions::new(options)).await.expect_err("start is refused")
}

#[tokio::test]
async fn a_role_that_could_rewrite_the_log_is_refused() {
    let fixture = PostgresFixture::new().await;
    let role = &fixture.role();
    match refusal(fixture.database().superuser()).await {
        StartError::TooPowerful { role, reason } => assert_eq!((&*role, reason), ("postgres", "is a superuser")),
        other => panic!("{other}"),
    }
    let other = format!("{role}_other");
    fixture.run(format!("CREATE ROLE {other}")).await.expect("one more role");
    for (give, take, reason) in [
        ("GRANT postgres TO {role}", "REVOKE postgres FROM {role}", "is a superuser"),
        ("ALTER ROLE {role} CREATEROLE", "ALTER ROLE {role} NOCREATEROLE", "may make roles"),
        ("ALTER ROLE {role} BYPASSRLS", "ALTER ROLE {role} NOBYPASSRLS", "may make roles"),
        ("GRANT pg_write_all_data TO {role}", "REVOKE pg_write_all_data FROM {role}", "may write every table"),
        ("GRANT INSERT ON events TO {role}", "REVOKE INSERT ON events FROM {role}", "may write the log's tables"),
        ("GRANT DELETE ON keys TO PUBLIC", "REVOKE DELETE ON keys FROM PUBLIC", "may write the log's tables"),
        (
            "ALTER TABLE volatile_rows OWNER TO {role}",
            "ALTER TABLE volatile_rows OWNER TO postgres",
            "owns the database",
        ),
        ("ALTER FUNCTION append OWNER TO {role}", "ALTER FUNCTION append OWNER TO postgres", "owns the database"),
        ("ALTER SCHEMA chancery OWNER TO {role}", "ALTER SCHEMA chancery OWNER TO postgres", "owns the database"),
        // By way of another role, and without inheriting its rights.
        (
            "GRANT {other} TO {role}; ALTER ROLE {role} NOINHERIT; GRANT UPDATE ON states TO {other}",
            "REVOKE UPDATE ON states FROM {other}; ALTER ROLE {role} INHERIT; REVOKE {other} FROM {role}",
            "may write the log's tables",
        ),
    ] {
        let statement = |text: &str| text.replace("{role}", role).replace("{other}", &other);
        fixture.run(statement(give)).await.expect(give);
        match refusal(fixture.service()).await {
            StartError::TooPowerful { role: told, reason: why } => {
                assert_eq!(told, *role);
                assert!(why.starts_with(reason), "{give}: {why}");
            }
            other => panic!("{give}: {other}"),
        }
        fixture.run(statement(take)).await.expect(take);
        fixture.backend().await.close().await;
    }
}

#[tokio::test]
async fn a_role_without_the_services_rights_is_told_what_to_run() {
    let fixture = PostgresFixture::new().await;
    let role = &fixture.role();
    fixture.run(format!("REVOKE chancery_service FROM {role}")).await.expect("rights are taken");
    let error = refusal(fixture.service()).await;
    assert!(matches!(&error, StartError::NotGranted(told) if told == role), "{error}");
    assert!(error.to_string().ends_with(&format!("run GRANT chancery_service TO {role}")), "{error}");
}

#[tokio::test]
async fn the_schema_must_fit_the_build() {
    let fixture = PostgresFixture::new().await;
    let mut owner = fixture.database().superuser().connect().await.expect("the owner connects");
    let oldest: i32 = sqlx::query_scalar("SELECT oldest_build FROM chancery.compatibility")
        .fetch_one(&mut owner)
        .await
        .expect("a new database says which builds may run on it");
    assert_eq!(oldest, oldest_build());
    fixture.run(format!("UPDATE compatibility SET oldest_build = {}", BUILD + 1)).await.expect("a newer schema");
    let error = refusal(fixture.service()).await;
    assert!(matches!(error, StartError::TooOld { oldest } if oldest == BUILD + 1), "{error}");
    fixture.run(format!("UPDATE compatibility SET oldest_build = {BUILD}")).await.expect("this build's schema");
    fixture.backend().await.close().await;

    fixture.run("DELETE FROM _sqlx_migrations WHERE version = 2".to_owned()).await.expect("a migration is forgotten");
    let error = refusal(fixture.service()).await;
    assert!(matches!(error, StartError::Behind(1)), "{error}");

    let empty = throw_away_database().await;
    let error = refusal(empty.role(&fixture.role(), "suite")).await;
    assert!(matches!(error, StartError::NotMigrated), "{error}");
}

#[tokio::test]
async fn a_server_that_could_lose_commits_is_refused() {
    let mut server = Server::start(&[]).await;
    let fixture = PostgresFixture::on(server.database().await).await;
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        fixture.run(format!("ALTER SYSTEM SET {setting} = off")).await.expect("the setting is changed");
        fixture.run("SELECT pg_reload_conf()".to_owned()).await.expect("the settings are read");
        // The server reads them when it comes to it.
        while fixture
            .number(&format!("SELECT count(*) FROM pg_settings WHERE name = '{setting}' AND setting = 'off'"))
            .await
            == 0
        {}
        let error = refusal(fixture.service()).await;
        assert!(matches!(&error, StartError::Unsafe(told) if told == setting), "{error}");
        fixture.run(format!("ALTER SYSTEM RESET {setting}")).await.expect("the setting is changed back");
        fixture.run("SELECT pg_reload_conf()".to_owned()).await.expect("the settings are read");
        while fixture
            .number(&format!("SELECT count(*) FROM pg_settings WHERE name = '{setting}' AND setting = 'off'"))
            .await
            == 1
        {}
    }
    let backend = fixture.backend().await;
    backend.close().await;

    // The same data, started as a standby that follows nobody.
    fixture
        .run(
            "DO $$ BEGIN EXECUTE format('COPY (SELECT) TO %L', current_setting('data_directory') || '/standby.signal'); END $$;
            CHECKPOINT"
                .to_owned(),
        )
        .await
        .expect("the standby's mark is written");
    server.stop().await;
    server.start_again().await;
    let error = refusal(fixture.service()).await;
    assert!(matches!(error, StartError::InRecovery), "{error}");
}

#[tokio::test]
async fn migrating_plans_first_and_repeats_harmlessly() {
    let database = throw_away_database().await;
    let migrator = PostgresMigrator::new(database.superuser(), Some(database.name().to_owned()));
    let plan = migrator.plan().await.expect("a plan");
    assert_eq!(plan, migrator.plan().await.expect("the same plan"), "planning changed something");
    assert!(plan[0].name.starts_with("0001_") && plan[0].sql.contains("CREATE TABLE chancery.events"));
    assert!(plan.last().expect("not empty").sql.contains("GRANT chancery_service"));
    migrator.up().await.expect("the schema is made");
    migrator.up().await.expect("nothing is left to do");
    let left: Vec<_> = migrator.plan().await.expect("a plan").into_iter().map(|pending| pending.name).collect();
    assert_eq!(left, ["service login"], "the login's rights are looked after each time");
}

#[tokio::test]
async fn a_foreign_schema_and_missing_rights_are_named() {
    let fixture = PostgresFixture::new().await;
    let migrator = PostgresMigrator::new(fixture.service(), None);
    // Nothing is left to do, but the owner alone may look.
    let error = migrator.up().await.expect_err("the service cannot migrate");
    assert!(matches!(error, MigrationError::Rights(_)), "{error:?}");

    fixture
        .run("INSERT INTO _sqlx_migrations SELECT 9999, 'newer', now(), true, '\\x00', 0".to_owned())
        .await
        .expect("a newer build's migration");
    let error =
        PostgresMigrator::new(fixture.database().superuser(), None).up().await.expect_err("the database is newer");
    assert!(matches!(error, MigrationError::Foreign(_)), "{error:?}");
}
