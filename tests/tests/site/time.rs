//! What time alone does: network data that is forgotten, clocks that disagree.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_eventstore::Db;
use chancery_service::password_hash::HashParameters;
use chancery_service::ports::{Clock, SystemClock};
use chancery_tests::site::{PASSWORD, Setup, TestSite, World};
use chancery_workers::timers;

const ADA: &str = "ada@example.org";
const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test]
async fn addresses_and_browsers_do_not_live_as_long_as_the_account() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let signed_in = site.events().await.into_iter().find(|row| row.event_type == "account.signed_in").unwrap();
    let details = site.app.store.open_details(&signed_in).await.unwrap().unwrap();
    assert_eq!(details.address.as_deref(), Some("192.0.2.1"));
    assert!(ada.get("/account").await.text().contains("Firefox on Linux"));

    // The month ended on 31 May; twelve months later its key goes, and not a day before.
    site.after(365 * DAY).await;
    site.sweep().await;
    assert!(site.app.store.open_details(&signed_in).await.unwrap().is_some());
    site.after(31 * DAY).await;
    site.sweep().await;
    assert!(site.app.store.open_details(&signed_in).await.unwrap().is_none());
    let event: chancery_domain::account::AccountEvent = site.app.store.open_event(&signed_in).await.unwrap();
    assert!(matches!(event, chancery_domain::account::AccountEvent::SignedIn(_)), "the fact itself remains");
    assert_eq!(site.event_types().await.iter().filter(|name| *name == "network.key_destroyed").count(), 1);
    let stream = signed_in.stream;
    assert!(site.activity.recent(stream, chancery_domain::Timestamp::default()).await.unwrap().is_empty());
    // Doing it again changes nothing, and life goes on.
    site.sweep().await;
    assert_eq!(site.event_types().await.iter().filter(|name| *name == "network.key_destroyed").count(), 1);
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.path, "/account");
    assert_eq!(timers::statuses(&site.db).await.unwrap()[0].name, "network-keys");
}

#[tokio::test]
async fn a_node_whose_clock_is_wrong_decides_nothing() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    ada.sign_out().await;
    // The driven clock is months away from the database's.
    assert!(site.app.readiness().await.is_err());
    let page = ada.sign_in(ADA, PASSWORD).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.header("retry-after").parse::<u64>().unwrap() > 0);
    assert_eq!(ada.get("/health/ready").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ada.get("/health/live").await.status, StatusCode::OK);
    site.clock.set(SystemClock.now().minus(Duration::from_secs(2)));
    assert!(site.app.readiness().await.is_ok());
    assert_eq!(ada.get("/health/ready").await.status, StatusCode::OK);
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.path, "/account");
    for wrong in [SystemClock.now().plus(Duration::from_secs(10)), SystemClock.now().minus(Duration::from_secs(6))] {
        site.clock.set(wrong);
        assert!(site.app.readiness().await.is_err(), "ahead is as wrong as behind");
    }
    site.world().assert_clean().await;
}

/// A failure behind the check uses nothing up: whoever is turned away sends the same form again.
#[tokio::test]
async fn what_passed_its_check_and_met_a_failure_can_be_sent_again() {
    let site = TestSite::new().await;
    site.registered(ADA).await;
    site.clock.set(SystemClock.now());
    assert!(site.app.readiness().await.is_ok());
    let (mut eve, mut ada) = (site.browser_at("198.51.100.1"), site.browser_at("198.51.100.2"));
    let registration = eve.registration("eve@example.org").await;
    let reset = ada.get("/lost-password").await.form("/lost-password").solved().with("name", ADA);

    site.clock.set(SystemClock.now().plus(Duration::from_secs(60)));
    assert!(site.app.readiness().await.is_err());
    assert_eq!(eve.submit(&registration).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ada.submit(&reset).await.status, StatusCode::SERVICE_UNAVAILABLE);
    site.clock.set(SystemClock.now());
    assert!(site.app.readiness().await.is_ok());
    assert_eq!(eve.submit(&registration).await.path, "/check-mail");
    assert_eq!(ada.submit(&reset).await.path, "/check-mail");
    site.settle().await;
    assert_eq!(site.mails.to("eve@example.org").len(), 1);
    site.world().assert_clean().await;
}

/// No room is no reason for a riddle, and what was asked for works again as soon as there is some.
#[tokio::test]
async fn a_full_disk_is_a_clear_answer_and_it_goes_on_by_itself() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    ada.sign_out().await;
    let Db::Sqlite(backend) = &site.db else { panic!("the site runs on SQLite") };
    backend.limit_pages(Some(1)).await;
    let mut bob = site.browser_at("198.51.100.1");
    // What is written to pages that were made before may still find room.
    let mut tries = 0;
    let refused = loop {
        let page = bob.sign_in(ADA, PASSWORD).await;
        if page.status != StatusCode::OK {
            break page;
        }
        tries += 1;
        assert!(tries < 1_000, "the disk is never full");
    };
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{}", refused.text());
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0));
    let page = ada.sign_in(ADA, PASSWORD).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.text());
    backend.limit_pages(None).await;
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.status, StatusCode::OK);
    assert!(ada.is_signed_in().await);
    site.world().assert_clean().await;
}

#[tokio::test]
async fn parameters_that_were_raised_count_from_the_next_sign_in_on() {
    let world = World::sqlite().await;
    let weak = world.site(Setup::default()).await;
    weak.age().await;
    weak.registered(ADA).await;
    let hash = HashParameters { memory_kib: 16, iterations: 2, parallelism: 1 };
    let strong = world.site(Setup { hash, seed: 2, ..Setup::default() }).await;
    let rehashed =
        async || strong.event_types().await.iter().filter(|name| *name == "account.password_rehashed").count();
    strong.browser().sign_in(ADA, "Wrong-horse7battery").await;
    assert_eq!(rehashed().await, 0);
    for _ in 0..3 {
        assert!(strong.browser().sign_in(ADA, PASSWORD).await.path.starts_with("/account"));
        assert_eq!(rehashed().await, 1, "once");
    }
    assert_eq!(weak.browser().sign_in(ADA, PASSWORD).await.path, "/account", "a node of weaker settings can read it");
    assert_eq!(rehashed().await, 1, "and leaves it");
}

async fn stopped(site: &TestSite, timer: &str) -> bool {
    let timers = timers::statuses(&site.db).await.unwrap();
    timers.iter().any(|status| status.name == timer && status.stopped.is_some())
}

async fn resume(site: &TestSite, timer: &str) {
    assert!(timers::resume(&site.db, timer, site.app.now()).await.unwrap(), "{timer} was not stopped");
}

/// A job that cannot be undone stops above its rate, whatever becomes due meanwhile, and goes on when it is let.
#[tokio::test]
async fn registrations_above_the_rate_lapse_only_when_somebody_resumes_the_timer() {
    let lapse_rate = timers::Rate { max: 2, window: Duration::from_secs(3600) };
    let site = World::sqlite().await.site(Setup { lapse_rate, ..Setup::default() }).await;
    site.age().await;
    let addresses = [1, 2, 3, 4].map(|n| format!("person{n}@example.org"));
    for address in &addresses {
        site.browser().register(address).await;
    }
    site.settle().await;
    let reserved = async || {
        let mut reserved = 0;
        for address in &addresses {
            let normalised = chancery_domain::values::EmailAddress::parse(address).unwrap().normalised();
            let claim = chancery_service::accounts::email_claim(&normalised);
            let account = site.app.store.find::<chancery_domain::account::Account>(&claim).await.unwrap();
            reserved += usize::from(account.is_some());
        }
        reserved
    };
    assert_eq!(reserved().await, 4);
    site.after(8 * DAY).await;
    assert_eq!((reserved().await, stopped(&site, "lapse-registrations").await), (2, true));
    // A new window does not let it go on by itself.
    site.after(DAY).await;
    assert_eq!((reserved().await, stopped(&site, "lapse-registrations").await), (2, true));
    resume(&site, "lapse-registrations").await;
    site.after(DAY).await;
    assert_eq!((reserved().await, stopped(&site, "lapse-registrations").await), (0, false));
    assert_eq!(site.event_types().await.iter().filter(|name| *name == "account.registration_lapsed").count(), 4);
}

#[tokio::test]
async fn network_keys_above_the_rate_are_destroyed_only_when_somebody_resumes_the_timer() {
    const MONTHS: usize = 27;
    let policy = chancery_domain::policy::Policy { network_data_retention: 40 * 30 * 24 * 3600, ..Default::default() };
    let site = World::sqlite().await.site(Setup { policy, ..Setup::default() }).await;
    let mut ada = site.registered(ADA).await;
    // Each month has a key as soon as something happens in it.
    for _ in 1..MONTHS {
        site.after(31 * DAY).await;
        assert!(ada.sign_in(ADA, PASSWORD).await.path.starts_with("/account"));
    }
    let destroyed = async || site.event_types().await.iter().filter(|name| *name == "network.key_destroyed").count();
    site.after(80 * 30 * DAY).await;
    site.sweep().await;
    assert_eq!((destroyed().await, stopped(&site, "network-keys").await), (24, true));
    site.after(2 * DAY).await;
    site.sweep().await;
    assert_eq!((destroyed().await, stopped(&site, "network-keys").await), (24, true));
    resume(&site, "network-keys").await;
    site.sweep().await;
    assert_eq!((destroyed().await, stopped(&site, "network-keys").await), (MONTHS, false));
}
