//! A lost key of somebody who still has a weaker device: it is removed after the same wait as everything is.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_domain::account::Account;
use chancery_domain::values::EmailAddress;
use chancery_service::accounts::email_claim;
use chancery_service::throttle::{Limit, Limits};
use chancery_tests::site::{Authenticator, Browser, PASSWORD, SentMail, Setup, SoftKey, TestSite, User, World, count};

const ADA: &str = "ada@example.org";
const LOST: &str = "/account/security/lost";
const DAY: Duration = Duration::from_secs(24 * 3600);

fn mail_about(site: &TestSite, words: &str) -> SentMail {
    let mail = site.mails.to(ADA).into_iter().rfind(|mail| mail.says(words));
    mail.unwrap_or_else(|| panic!("no mail says {words}"))
}

async fn devices(site: &TestSite) -> usize {
    let claim = email_claim(&EmailAddress::parse(ADA).unwrap().normalised());
    site.app.store.find::<Account>(&claim).await.unwrap().unwrap().state.factors.devices.len()
}

/// Somebody with an app and a key, both eight days old, who signs in with the app.
async fn with_old_key(site: &TestSite) -> (Browser<'_>, Authenticator, SoftKey) {
    let (mut ada, app) = site.registered_with_app(ADA).await;
    let mut key = SoftKey::new();
    ada.add_key("second", &mut key, User::Present).await;
    site.after(8 * DAY).await;
    ada.sign_in(ADA, PASSWORD).await;
    assert_eq!(ada.answer_totp(&app.code(site)).await.path, "/account");
    (ada, app, key)
}

/// Says that the key is lost.
async fn loses_key(browser: &mut Browser<'_>) {
    let form = browser.get(LOST).await.form(LOST);
    for _ in 0..2 {
        let page = browser.submit(&form).await;
        assert!(page.text().contains("Its removal waits"), "{}", page.text());
    }
}

#[tokio::test]
async fn a_lost_key_is_removed_with_a_weaker_device_after_the_same_wait() {
    let site = TestSite::new().await;
    let (mut ada, app, _) = with_old_key(&site).await;
    // The password alone does not do, where that signs in.
    let mut thief = site.browser_at("198.51.100.66");
    thief.sign_in(ADA, PASSWORD).await;
    let form = thief.get("/login/verify?method=password").await.form("/login/verify");
    assert_eq!(thief.submit(&form).await.path, "/account");
    assert!(thief.get(LOST).await.path.starts_with("/account/verify"));

    loses_key(&mut ada).await;
    assert_eq!(count(&site, "account.recovery_requested").await, 1);
    site.settle().await;
    let told = mail_about(&site, "that a device of it is lost: Security key");
    assert!(told.says("Nothing has changed yet"));
    let page = ada.get(&told.not_me()).await;
    assert!(page.text().contains("Device Security key"), "the page says the same: {}", page.text());
    // Also those who are signed in read of it.
    assert!(ada.get("/account").await.text().contains("It was said that a device of this account is lost"));
    // The weaker device neither removes the key before the end nor cancels that.
    site.after(Duration::from_secs(60)).await;
    let mut desktop = site.browser_at("192.0.2.77");
    desktop.sign_in(ADA, PASSWORD).await;
    assert!(desktop.get("/login/recovery").await.text().contains("a device of this account is lost"));
    assert_eq!(desktop.answer_totp(&app.code(&site)).await.path, "/account");
    assert!(desktop.get(LOST).await.find_form("/account/security/device/remove").is_none());
    assert_eq!(count(&site, "account.recovery_cancelled").await, 0);
    site.after(DAY).await;
    mail_about(&site, "The removal of a lost device of your account at Chancery, Security key");
    site.after(2 * DAY).await;
    desktop.sign_in(ADA, PASSWORD).await;
    desktop.answer_totp(&app.code(&site)).await;
    let form = desktop.get(LOST).await.form("/account/security/device/remove");
    assert_eq!(desktop.submit(&form).await.path, "/account/security?done=removed");
    let types = site.event_types().await;
    assert_eq!(types[types.len() - 2..], ["account.recovery_completed", "account.factor_removed"]);
    assert_eq!(devices(&site).await, 1);
    assert_eq!(desktop.get("/account").await.path, "/account", "no device is owed");
    site.world().assert_clean().await;
}

#[tokio::test]
async fn the_key_itself_or_the_mailed_link_cancels_its_removal() {
    let site = TestSite::new().await;
    let (mut ada, _, mut key) = with_old_key(&site).await;
    loses_key(&mut ada).await;
    site.settle().await;
    let link = mail_about(&site, "that a device of it is lost").not_me();
    let mut phone = site.browser_at("192.0.2.77");
    let form = phone.get(&link).await.form(&link);
    assert!(phone.submit(&form).await.text().contains("The recovery is cancelled"));
    site.after(Duration::from_secs(1)).await;
    loses_key(&mut ada).await;
    phone.sign_in(ADA, PASSWORD).await;
    let page = phone.asks_key().await;
    let answer = key.answer(&page, User::Present);
    assert_eq!(phone.answer_key(&page, &answer).await.path, "/account");
    assert_eq!(count(&site, "account.recovery_cancelled").await, 2);
}

#[tokio::test]
async fn the_page_that_asks_for_a_key_leads_whoever_lost_it_to_what_the_other_device_can_do() {
    let site = TestSite::new().await;
    let (mut ada, app, _) = with_old_key(&site).await;
    site.after(Duration::from_secs(11 * 60)).await;
    let page = ada.get("/account/security/totp").await;
    assert!(page.path.starts_with("/account/verify") && page.find_form("/account/verify").is_some());
    assert!(!page.body.contains("one_time_code"), "the app does not suffice for that: {}", page.text());
    assert!(page.body.contains(&format!("href=\"{LOST}\"")), "{}", page.body);
    let page = ada.get(LOST).await;
    assert!(page.path.starts_with("/account/verify"), "{}", page.path);
    let page = ada.get(&format!("{}&method=totp", page.path)).await;
    let form = page.form("/account/verify").with("one_time_code", &app.code(&site));
    assert_eq!(ada.submit(&form).await.path, LOST);
    loses_key(&mut ada).await;
    // Too late for what the page posts, and back to it.
    site.after(3 * DAY).await;
    ada.sign_in(ADA, PASSWORD).await;
    ada.answer_totp(&app.code(&site)).await;
    let form = ada.get(LOST).await.form("/account/security/device/remove");
    site.after(Duration::from_secs(11 * 60)).await;
    let page = ada.submit(&form).await;
    assert!(page.path.starts_with("/account/verify") && page.path.contains("lost"), "{}", page.path);
    assert_eq!(devices(&site).await, 2);
}

#[tokio::test]
async fn a_device_that_came_lately_asks_for_nothing() {
    let site = TestSite::new().await;
    let (mut ada, app) = site.registered_with_app(ADA).await;
    let mut key = SoftKey::new();
    ada.add_key("second", &mut key, User::Present).await;
    site.after(Duration::from_secs(60)).await;
    ada.sign_in(ADA, PASSWORD).await;
    ada.answer_totp(&app.code(&site)).await;
    let page = ada.get(LOST).await;
    assert!(page.text().contains("came within the last seven days") && page.find_form(LOST).is_none());
    assert_eq!(count(&site, "account.recovery_requested").await, 0);
}

#[tokio::test]
async fn more_lost_keys_than_the_rate_are_not_removed_within_the_hour() {
    let limits = Limits::default();
    let limits = Limits { recoveries: Limit { max: 0, ..limits.recoveries }, ..limits };
    let site = World::sqlite().await.site(Setup { limits, ..Setup::default() }).await;
    let (mut ada, app, _) = with_old_key(&site).await;
    loses_key(&mut ada).await;
    site.after(3 * DAY).await;
    ada.sign_in(ADA, PASSWORD).await;
    ada.answer_totp(&app.code(&site)).await;
    let form = ada.get(LOST).await.form("/account/security/device/remove");
    assert_eq!(ada.submit(&form).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(devices(&site).await, 2);
}

#[tokio::test]
async fn the_app_is_told_that_the_removal_of_another_device_waits() {
    let site = TestSite::new().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    let app = ada.add_totp().await;
    ada.add_key("second", &mut SoftKey::new(), User::Present).await;
    site.after(8 * DAY).await;
    ada.sign_in(ADA, PASSWORD).await;
    assert_eq!(ada.answer_totp(&app.code(&site)).await.path, "/account");
    assert!(phone.recovery(&site).await.is_null());
    loses_key(&mut ada).await;
    assert_eq!(phone.recovery(&site).await["everything"], serde_json::json!(false));
}
