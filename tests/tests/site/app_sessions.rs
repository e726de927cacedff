//! The app in an open session: more is proved by it, and whoever holds it ends a session that is somebody else's.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_tests::site::{PASSWORD, PIN, TestSite};
use serde_json::json;

const ADA: &str = "ada@example.org";

#[tokio::test]
async fn more_is_proved_in_a_session_by_the_telephone() {
    let site = TestSite::new().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    site.clock.advance(Duration::from_secs(700));
    let page = ada.get("/account/verify?method=pin&target=%2Faccount%2Fsecurity%2Ftotp").await;
    let told = phone.requests(&site).await;
    assert_eq!(told[0]["purpose"], json!("change"));
    assert_eq!(ada.get("/account/verify/state").await.body, "\"waiting\"");
    assert_eq!(ada.get("/login/verify/state").await.body, "\"over\"", "a request is for what it was asked for");
    assert_eq!(phone.approve(&site, &page, PIN).await.status, StatusCode::OK);
    assert_eq!(ada.submit(&page.form("/account/verify")).await.path, "/account/security/totp");
}

#[tokio::test]
async fn this_was_not_me_ends_the_session_that_asked_and_no_other() {
    let site = TestSite::new().await;
    site.age().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    let mut stolen = site.browser_at("198.51.100.1");
    stolen.sign_in(ADA, PASSWORD).await;
    let page = stolen.ask_phones().await;
    assert_eq!(phone.approve(&site, &page, PIN).await.status, StatusCode::OK);
    assert_eq!(stolen.go_on(&page).await.path, "/account");
    site.clock.advance(Duration::from_secs(700));
    let page = stolen.get("/account/verify?method=pin&target=%2Faccount%2Fsecurity%2Ftotp").await;
    assert_eq!(phone.requests(&site).await[0]["purpose"], json!("change"));
    let request = phone.request(&site).await;
    let denied = site.device_message("requests/deny", phone.denies(&request)).await;
    assert_eq!(denied.json, json!({ "state": "denied" }));
    assert_ne!(stolen.submit(&page.form("/account/verify")).await.path, "/account/security/totp");
    assert!(!stolen.is_signed_in().await, "whoever asked is out");
    assert!(ada.is_signed_in().await, "the owner is not");
    site.settle().await;
    site.world().assert_clean().await;
}

#[tokio::test]
async fn this_was_not_me_ends_it_though_it_has_gone_on_under_another_id() {
    let site = TestSite::new().await;
    site.age().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    let mut stolen = site.browser_at("198.51.100.1");
    stolen.sign_in(ADA, PASSWORD).await;
    let page = stolen.ask_phones().await;
    assert_eq!(phone.approve(&site, &page, PIN).await.status, StatusCode::OK);
    assert_eq!(stolen.go_on(&page).await.path, "/account");
    stolen.get("/account/verify?method=pin").await;
    let request = phone.request(&site).await;
    // Meanwhile the password is changed in it, so that it goes on as another session.
    let other = "Thief-horse8battery";
    let form = stolen.get("/account").await.form("/account/password").with("current_password", PASSWORD);
    let page = stolen.submit(&form.with("new_password", other).with("confirm_password", other)).await;
    assert_eq!(page.path, "/account?done=password-changed", "{}", page.text());
    assert!(!ada.is_signed_in().await, "every other session has ended by that");
    let denied = site.device_message("requests/deny", phone.denies(&request)).await;
    assert_eq!(denied.json, json!({ "state": "denied" }));
    assert!(!stolen.is_signed_in().await, "whoever asked is out");
    assert!(
        !stolen.sign_in(ADA, "Thief-horse9battery").await.path.contains("verify"),
        "and the password is worth nothing"
    );
    site.settle().await;
    site.world().assert_clean().await;
}
