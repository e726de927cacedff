//! `audit verify` on both databases: clean after whatever the service did, and every kind of tampering that a superuser
//! can do to a table, and that can be found from the database alone, is found.

mod columns;
mod tamperings;

use std::sync::Arc;
use std::time::Duration;

use chancery_eventstore::verify::{Options, Report};
use chancery_tests::audit::{assert_clean, story, verify};
use chancery_tests::site::{BEGINNING, PASSWORD, Setup, TestSite, World};
use chancery_tests::store::Fixture as _;
use chancery_tests::store::postgres::PostgresFixture;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};
use tamperings::tamperings;

/// A database whose owner does as they please.
struct Owned {
    world: World,
    postgres: Option<Arc<PostgresFixture>>,
}

/// The tables that are put back after each tampering.
const TABLES: [&str; 10] = [
    "events",
    "commands",
    "head",
    "keys",
    "reservations",
    "states",
    "projection_cursors",
    "activity_v1",
    "event_counts_v1",
    "account_changes_v1",
];

impl Owned {
    async fn run(&self, sql: &str) {
        let outcome = match &self.postgres {
            Some(fixture) => fixture.run(sql.to_owned()).await,
            None => {
                let options = SqliteConnectOptions::new().filename(self.world.file());
                let mut connection = options.busy_timeout(Duration::from_secs(5)).connect().await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.map(drop)
            }
        };
        if let Err(error) = outcome {
            panic!("{sql}: {error}");
        }
    }

    /// What stands between an owner and the rows goes.
    async fn disarm(&self) {
        if self.postgres.is_some() {
            self.run(
                "ALTER TABLE events DISABLE TRIGGER ALL; ALTER TABLE keys DISABLE TRIGGER ALL; \
                      ALTER TABLE head DISABLE TRIGGER ALL",
            )
            .await;
            return;
        }
        for trigger in [
            "events_no_update",
            "events_no_delete",
            "events_next_position",
            "events_next_version",
            "head_one",
            "head_no_delete",
            "head_never_back",
            "commands_no_replace",
            "commands_no_update",
            "commands_no_delete",
            "keys_no_replace",
            "keys_no_delete",
            "keys_stay_destroyed",
        ] {
            self.run(&format!("DROP TRIGGER {trigger}")).await;
        }
    }

    async fn save(&self, prefix: &str) {
        let save = |table| format!("CREATE TABLE {prefix}_{table} AS SELECT * FROM {table};");
        self.run(&TABLES.map(save).concat()).await;
    }

    async fn put_back(&self) {
        let put_back = |table| format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM saved_{table};");
        self.run(&TABLES.map(put_back).concat()).await;
    }

    /// The same database in the epoch that a site has begun in.
    fn on(self, site: &TestSite) -> Self {
        Self { world: site.world().clone(), ..self }
    }

    async fn verify(&self) -> Report {
        self.world.verify(Options { streams: 1_000, events: 100_000, threads: 2 }).await
    }
}

async fn every_tampering_is_found(owned: Owned) {
    let site = story(&owned.world, async || owned.save("old").await).await;
    let owned = owned.on(&site);
    assert_clean(&owned.verify().await);
    owned.disarm().await;
    owned.save("saved").await;
    let mut missed = Vec::new();
    for tampering in tamperings() {
        owned.run(tampering.postgres.filter(|_| owned.postgres.is_some()).unwrap_or(tampering.sql)).await;
        let report = owned.verify().await;
        let found = report
            .divergences
            .iter()
            .any(|found| found.table == tampering.table && found.meaning.contains(tampering.meaning));
        if !found {
            missed.push(format!("{}: {:#?} {:?}", tampering.what, report.divergences, report.unchecked));
        }
        owned.put_back().await;
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    assert_clean(&owned.verify().await);
    drop(site);
}

/// What the verification forgot to look at would show here: it walks the declared tables.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_column_of_a_declared_table_is_forgotten() {
    let owned = sqlite().await;
    let site = story(&owned.world, async || owned.save("old").await).await;
    let owned = owned.on(&site);
    owned.disarm().await;
    owned.save("saved").await;
    columns::every_change_is_found(&owned.world, site.app.now(), async || owned.put_back().await).await;
    assert_clean(&owned.verify().await);
    drop(site);
}

/// In passes and on any number of threads the same is found; without keys what can be said is said.
async fn passes_and_missing_keys(owned: Owned) {
    let site = story(&owned.world, async || owned.save("old").await).await;
    let owned = owned.on(&site);
    let whole = owned.verify().await;
    assert_clean(&whole);
    assert!(whole.erased == 4 && whole.streams >= 10, "{whole:?}");
    for (streams, threads) in [(1, 1), (2, 3), (3, 2)] {
        let parts = owned.world.verify(Options { streams, events: 10, threads }).await;
        assert_clean(&parts);
        assert_eq!((parts.streams, parts.events, parts.erased), (whole.streams, whole.events, whole.erased));
    }
    let without = |owned: &Owned| {
        let world = owned.world.clone();
        async move { verify(world.db(), world.backend(), None, BEGINNING, Options::default()).await }
    };
    let blind = without(&owned).await;
    assert!(blind.divergences.is_empty() && !blind.unchecked.is_empty(), "{blind:?}");
    owned.disarm().await;
    owned.run("DELETE FROM commands WHERE first_position = (SELECT max(c.first_position) FROM commands c)").await;
    let blind = without(&owned).await;
    assert!(blind.divergences.iter().any(|found| found.table == "commands"), "{blind:?}");
    drop(site);
}

/// Whatever goes on meanwhile is no divergence: people sign in and out, read models follow and are rebuilt.
async fn clean_beside_a_running_service(owned: Owned) {
    let site = owned.world.site(Setup::default()).await;
    site.age().await;
    let mut browser = site.registered("ada@example.org").await;
    let stop = tokio_util::sync::CancellationToken::new();
    let busy = async {
        let mut times = 0;
        while !stop.is_cancelled() {
            browser.sign_out().await;
            browser.sign_in("ada@example.org", PASSWORD).await;
            site.settle().await;
            times += 1;
        }
        times
    };
    let verifying = async {
        for _ in 0..10 {
            assert_clean(&owned.verify().await);
        }
        stop.cancel();
    };
    let (times, ()) = tokio::join!(busy, verifying);
    assert!(times > 0);
}

async fn sqlite() -> Owned {
    Owned { world: World::sqlite().await, postgres: None }
}

async fn postgres() -> Owned {
    let (world, fixture) = World::postgres_with_fixture().await;
    assert!(!fixture.columns().await.is_empty());
    Owned { world, postgres: Some(fixture) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_tampering_is_found_on_sqlite() {
    every_tampering_is_found(sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_tampering_is_found_on_postgresql() {
    every_tampering_is_found(postgres().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passes_and_missing_keys_on_sqlite() {
    passes_and_missing_keys(sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passes_and_missing_keys_on_postgresql() {
    passes_and_missing_keys(postgres().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clean_beside_a_running_service_on_sqlite() {
    clean_beside_a_running_service(sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clean_beside_a_running_service_on_postgresql() {
    clean_beside_a_running_service(postgres().await).await;
}
