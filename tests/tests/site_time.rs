//! What time alone does: network data that is forgotten, clocks that disagree.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_service::ports::{Clock, SystemClock};
use chancery_tests::site::{PASSWORD, TestSite};
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
    site.clock.set(SystemClock.now().minus(Duration::from_secs(4)));
    assert!(site.app.readiness().await.is_ok());
    assert_eq!(ada.get("/health/ready").await.status, StatusCode::OK);
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.path, "/account");
    site.clock.set(SystemClock.now().plus(Duration::from_secs(7)));
    assert!(site.app.readiness().await.is_err(), "ahead is as wrong as behind");
}
