//! Events that only a newer build knows: what stands behind them waits for that build, everything else goes on, and an
//! operator hears of it.

use async_trait::async_trait;
use axum::http::StatusCode;
use chancery_domain::account::Account;
use chancery_domain::events::READS;
use chancery_domain::values::EmailAddress;
use chancery_domain::{Aggregate, KeyId, Timestamp};
use chancery_eventstore::db::sql;
use chancery_eventstore::seal::Associated;
use chancery_eventstore::{
    BackendError, EventRow, Feed, InlineState, Position, Prepared, PreparedEvent, Purpose, Status, Version,
};
use chancery_service::accounts::email_claim;
use chancery_tests::site::{Now, PASSWORD, Setup, TestSite, World};
use chancery_tests::store::commands;
use chancery_workers::runner::RunError;
use chancery_workers::{admin, living};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};

const ADA: &str = "ada@example.org";
const BOB: &str = "bob@example.org";

fn value(recorder: &PrometheusRecorder, name: &str) -> u64 {
    let text = recorder.handle().render();
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
    value.unwrap_or_default()
}

/// The MAC of a row without a sealed part, as whoever has the service's key makes it, and that key's id.
fn row_mac(site: &TestSite, row: &Associated<'_>) -> (KeyId, [u8; 32]) {
    let key = site.app.store.keys().service(Purpose::Row);
    (key.id, key.key.mac(&[&row.bytes()]))
}

/// A newer build adds to an account's stream what this one does not know.
async fn levitate(site: &TestSite, email: &str) {
    let claim = email_claim(&EmailAddress::parse(email).unwrap().normalised());
    let loaded = site.app.store.find::<Account>(&claim).await.unwrap().unwrap();
    let backend = site.app.store.backend();
    let event = PreparedEvent { event_type: "account.levitated", ..commands::event() };
    let key = backend.data_key(loaded.stream).await.unwrap().map(|row| row.id);
    let state = InlineState {
        aggregate: Account::NAME,
        fold_version: Account::FOLD_VERSION + 1,
        key,
        sealed: Some(b"as that build folds".to_vec()),
    };
    let prepared =
        Prepared { state: Some(state), decided: site.app.now(), ..commands::command(loaded.stream, loaded.version.0) };
    let (mac_key, mac) = row_mac(
        site,
        &Associated {
            key: None,
            stream: loaded.stream,
            version: Version(loaded.version.0 + 1),
            event_type: event.event_type,
            schema_version: event.schema_version,
            decided: prepared.decided,
            command: prepared.command,
            actor: &prepared.actor,
            correlation: prepared.correlation,
            causing: prepared.causing,
        },
    );
    let bound = PreparedEvent { subject: None, inputs: None, mac_key: Some(mac_key), mac: Some(mac), ..event };
    let newer = Prepared { events: vec![bound], ..prepared };
    let statuses = backend.append(&[newer]).await.unwrap();
    assert!(matches!(statuses[0], Status::Appended { .. }), "{statuses:?}");
}

#[tokio::test]
async fn a_stream_with_an_unknown_event_is_refused_with_an_alarm_and_everybody_else_goes_on() {
    for world in [World::sqlite().await, World::postgres().await] {
        let site = world.site(Setup::default()).await;
        site.age().await;
        let (mut ada, mut bob) = (site.registered(ADA).await, site.registered(BOB).await);
        let recorder = PrometheusBuilder::new().build_recorder();
        let _here = metrics::set_default_local_recorder(&recorder);
        levitate(&site, ADA).await;

        let refused = ada.get("/account").await;
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!refused.header("retry-after").is_empty());
        assert_eq!(value(&recorder, "chancery_unknown_events_total"), 1);
        assert_eq!(bob.get("/account").await.status, StatusCode::OK);
        assert_eq!(value(&recorder, "chancery_unknown_events_total"), 1);

        // Before a first proof nobody learns that there is such an account; the operator hears of it all the same.
        let mut stranger = site.browser_at("198.51.100.7");
        let unreadable = "chancery_unseen_failures_total{what=\"account-unreadable\"}";
        let nobody = stranger.sign_in("nobody@example.org", PASSWORD).await;
        assert_eq!(value(&recorder, unreadable), 0);
        let somebody = stranger.sign_in(ADA, PASSWORD).await;
        assert_eq!(somebody.status, nobody.status);
        assert!(value(&recorder, unreadable) > 0 && value(&recorder, "chancery_unknown_events_total") > 1);
        assert!(site.browser_at("198.51.100.8").sign_in(BOB, PASSWORD).await.text().contains("Ada Lovelace"));
    }
}

/// A log in which every event from a position on is of a type that this build does not know.
struct NewerFrom(Position, Now);

#[async_trait]
impl Feed for NewerFrom {
    async fn next(&self, after: Position, limit: u32) -> Result<Vec<EventRow>, BackendError> {
        let mut rows = self.1.next(after, limit).await?;
        for row in rows.iter_mut().filter(|row| row.position >= self.0) {
            row.event_type = "account.levitated".to_owned();
        }
        Ok(rows)
    }
}

#[tokio::test]
async fn a_job_halts_before_an_unknown_event_and_the_build_that_knows_it_is_given_it() {
    for world in [World::sqlite().await, World::postgres().await] {
        let site = world.site(Setup::default()).await;
        site.age().await;
        for person in [ADA, BOB] {
            site.browser().register(person).await;
            site.answered().await;
        }
        let events = site.events().await;
        let created = |row: &EventRow| row.event_type == "account.created";
        let unknown = events.iter().rfind(|row| created(row)).unwrap().position;
        let runner = site.runner("mail");
        let feed = || Now(site.app.store.backend().clone());
        let recorder = PrometheusBuilder::new().build_recorder();
        let _here = metrics::set_default_local_recorder(&recorder);
        for halted in 1..=2 {
            let error = runner.dispatch(&NewerFrom(unknown, feed())).await.unwrap_err();
            assert!(matches!(error, RunError::Read(error) if error.is_newer()));
            assert_eq!(runner.floor().await.unwrap(), Position(unknown.0 - 1), "not passed over");
            assert_eq!(value(&recorder, "chancery_unknown_events_total"), halted);
        }
        runner.execute().await.unwrap();
        assert_eq!((site.mails.to(ADA).len(), site.mails.to(BOB).len()), (1, 0), "what stands before it is done");

        site.settle().await;
        assert_eq!((site.mails.to(ADA).len(), site.mails.to(BOB).len()), (1, 1));
    }
}

#[tokio::test]
async fn an_item_whose_event_is_unknown_waits_for_the_build_that_noted_it() {
    let site = TestSite::new().await;
    site.browser().register(ADA).await;
    site.answered().await;
    let runner = site.runner("mail");
    // The newer build notes it, and this one takes it.
    runner.dispatch(&Now(site.app.store.backend().clone())).await.unwrap();
    site.db.execute(sql("DROP TRIGGER events_no_update")).await.unwrap();
    let kept =
        "CREATE TABLE kept AS SELECT position, event_type, subject, inputs, details, mac_key_id, mac FROM events";
    site.db.execute(sql(kept)).await.unwrap();
    let row = site.events().await.into_iter().find(|row| row.event_type == "account.email_link_requested").unwrap();
    let (mac_key, mac) = row_mac(
        &site,
        &Associated {
            key: row.key,
            stream: row.stream,
            version: row.version,
            event_type: "account.levitated",
            schema_version: row.schema_version,
            decided: row.decided,
            command: row.command,
            actor: &row.actor,
            correlation: row.correlation,
            causing: row.causing,
        },
    );
    let newer =
        sql("UPDATE events SET event_type = 'account.levitated', subject = NULL, inputs = NULL, details = NULL, \
                     mac_key_id = $1, mac = $2 WHERE position = $3");
    let newer = newer.bind(mac_key.as_bytes().as_slice()).bind(mac.to_vec()).bind(row.position);
    site.db.execute(newer).await.unwrap();
    for _ in 0..50 {
        runner.execute().await.unwrap();
        site.clock.advance(std::time::Duration::from_secs(20));
    }
    assert!(site.mails.to(ADA).is_empty());
    let waiting: Vec<(String, String)> = site.db.fetch(sql("SELECT state, reason FROM jobs")).await.unwrap();
    assert_eq!(waiting, [("waiting".to_owned(), "newer-event".to_owned())]);
    assert!(admin::dead(&site.db, 10).await.unwrap().is_empty());

    // The newer build comes again: it need not wait until the pauses have grown.
    let known = "UPDATE events SET (event_type, subject, inputs, details, mac_key_id, mac) = \
                 (SELECT event_type, subject, inputs, details, mac_key_id, mac FROM kept \
                  WHERE kept.position = events.position)";
    site.db.execute(sql(known)).await.unwrap();
    runner.execute().await.unwrap();
    assert_eq!(site.mails.to(ADA).len(), 1);
}

/// Of which generation of stored shapes a node may write while such processes are known.
async fn heard(site: &TestSite, processes: &[(&str, i64, u16)]) -> u16 {
    site.db.execute(sql("DELETE FROM workers")).await.unwrap();
    for (name, ago, reads) in processes {
        let seen = Timestamp(site.app.now().micros() - ago * 1_000_000);
        let row = sql("INSERT INTO workers (name, seen, reads) VALUES ($1, $2, $3)");
        site.db.execute(row.bind(*name).bind(seen).bind(i64::from(*reads))).await.unwrap();
    }
    living::announce(&site.db, &site.app.store, "own", site.app.now()).await.unwrap();
    site.app.store.readers().at(site.app.now())
}

#[tokio::test]
async fn what_every_live_process_reads_is_written() {
    let site = World::postgres().await.site(Setup::default()).await;
    assert_eq!(heard(&site, &[]).await, READS, "alone");
    assert_eq!(heard(&site, &[("next", 1, READS + 1)]).await, READS, "it cannot write more than it knows");
    assert_eq!(heard(&site, &[("next", 1, READS + 1), ("old", 14, READS - 1)]).await, READS - 1, "it may live");
    assert_eq!(heard(&site, &[("old", 16, READS - 1)]).await, READS, "it is dead");
    // One of before there was such a number says no more than that it lives.
    site.db.execute(sql("INSERT INTO workers (name, seen) VALUES ('ancient', 9000000000000000)")).await.unwrap();
    living::hear(&site.db, &site.app.store, site.app.now()).await.unwrap();
    assert_eq!(site.app.store.readers().at(site.app.now()), 0);
    // What was heard is not believed for ever.
    site.db.execute(sql("DELETE FROM workers WHERE name = 'ancient'")).await.unwrap();
    living::announce(&site.db, &site.app.store, "own", site.app.now()).await.unwrap();
    site.clock.advance(std::time::Duration::from_secs(11));
    assert_eq!(site.app.store.readers().at(site.app.now()), 0);

    // Where only one process can be, it is alone whatever was left there.
    let site = World::sqlite().await.site(Setup::default()).await;
    assert_eq!(heard(&site, &[("killed", 0, READS - 1)]).await, READS);
}
