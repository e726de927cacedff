//! The volatile rows emptied, or put back by a minute, in the midst of every flow: people are asked again, and nothing
//! that is single-use leads to anything twice. A proof of work whose row was put back counts once more for each further
//! name, and that is all.

mod forms;

use std::time::Duration;

use axum::http::StatusCode;
use chancery_eventstore::volatile::VolatileKind;
use chancery_tests::site::volatile::{copy, empty, of_account, put_back};
use chancery_tests::site::{PASSWORD, PIN, TestSite};

const ADA: &str = "ada@example.org";

#[tokio::test]
async fn a_form_whose_row_was_lost_is_asked_for_again() {
    let site = TestSite::new().await;
    let mut ada = site.browser();
    let form = ada.registration(ADA).await;
    empty(&site).await;
    let page = ada.submit(&form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let again = page.form("/register").solved().with("privacy", "on");
    assert_eq!(again.fields["email"], ADA, "what was typed stays");
    assert_eq!(ada.submit(&again).await.path, "/check-mail");
    site.world().assert_clean().await;
}

#[tokio::test]
async fn a_form_put_back_leads_to_nothing_twice() {
    let site = TestSite::new().await;
    for name in ["known", "unknown"] {
        let address = format!("{name}@example.org");
        if name == "known" {
            site.registered(&address).await;
        }
        let mut ada = site.browser_at("198.51.100.7");
        let page = ada.get("/lost-password").await;
        let form = page.form("/lost-password").solved().with("name", &address);
        let before = copy(&site).await;
        ada.submit(&form).await;
        site.settle().await;
        let (events, mails) = (of_account(&site).await, site.mails.sent().len());
        site.after(Duration::from_secs(60)).await;
        put_back(&site, &before).await;
        assert_eq!(ada.submit(&form).await.path, "/check-mail");
        site.settle().await;
        assert_eq!(of_account(&site).await, events, "{name}: the log remembers");
        assert_eq!(site.mails.sent().len(), mails);
    }
    site.world().assert_clean().await;
}

/// Whether the log remembers the form depends on the first name's account, so it is not asked for the second name.
#[tokio::test]
async fn a_form_put_back_counts_once_for_each_further_name() {
    for first in ["known@example.org", "unknown@example.org"] {
        let site = TestSite::new().await;
        site.registered("known@example.org").await;
        site.registered(ADA).await;
        site.mails.clear();
        let mut browser = site.browser_at("198.51.100.7");
        let form = browser.get("/lost-password").await.form("/lost-password").solved();
        let before = copy(&site).await;
        for (name, mails) in [(first, 0), (ADA, 1), (ADA, 1)] {
            put_back(&site, &before).await;
            assert_eq!(browser.submit(&form.clone().with("name", name)).await.path, "/check-mail");
            site.settle().await;
            assert_eq!(site.mails.to(ADA).len(), mails, "after {first}");
        }
        site.world().assert_clean().await;
    }
}

#[tokio::test]
async fn a_page_that_waits_begins_anew_when_its_row_is_lost() {
    let site = TestSite::new().await;
    let mut ada = site.browser();
    ada.register(ADA).await;
    site.settle().await;
    empty(&site).await;
    assert_eq!(ada.get("/check-mail").await.path, "/login");
    // The link needs no row at all.
    let link = site.mails.link_to(ADA);
    assert_eq!(ada.follow_link(&link).await.path, "/account?done=welcome");
    site.world().assert_clean().await;
}

#[tokio::test]
async fn a_link_or_code_that_was_used_stays_used() {
    let site = TestSite::new().await;
    let mut ada = site.browser();
    ada.register(ADA).await;
    site.settle().await;
    let mail = site.mails.to(ADA).pop().unwrap();
    let before = copy(&site).await;
    ada.follow_link(&mail.link()).await;
    for lose in [true, false] {
        if lose {
            empty(&site).await;
        } else {
            put_back(&site, &before).await;
        }
        assert_eq!(site.browser_at("198.51.100.1").get(&mail.link()).await.status, StatusCode::GONE);
    }
    let page = ada.get("/check-mail").await;
    let page = ada.submit(&page.form("/check-mail").with("code", &mail.code())).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    site.world().assert_clean().await;
}

#[tokio::test]
async fn a_lost_record_of_use_at_most_asks_to_sign_in() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    empty(&site).await;
    assert!(ada.is_signed_in().await, "within the idle time of its beginning nothing is missed");
    site.clock.advance(Duration::from_secs(50 * 60));
    assert!(ada.is_signed_in().await);
    let before = copy(&site).await;
    site.clock.advance(Duration::from_secs(50 * 60));
    assert!(ada.is_signed_in().await);
    put_back(&site, &before).await;
    site.clock.advance(Duration::from_secs(15 * 60));
    assert!(!ada.is_signed_in().await, "an old record only asks again");
    // A session that ended does not come back with its record.
    ada.sign_in(ADA, PASSWORD).await;
    let before = copy(&site).await;
    let cookies = ada.cookies.clone();
    ada.sign_out().await;
    put_back(&site, &before).await;
    ada.cookies = cookies;
    assert!(!ada.is_signed_in().await);
    site.world().assert_clean().await;
}

/// No row says anything in the clear: it is sealed, or empty where its being there says it all.
#[tokio::test]
async fn no_row_can_be_read_without_a_key() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    site.clock.advance(Duration::from_secs(120));
    let used = site.app.now();
    assert!(ada.is_signed_in().await);
    site.browser_at("198.51.100.1").register("bob@example.org").await;
    site.browser_at("198.51.100.1").get("/register").await;
    let now = site.app.now();
    let rows = copy(&site).await.0;
    let kinds: std::collections::BTreeSet<i64> = rows.iter().map(|row| row.0).collect();
    let all = [VolatileKind::Pending, VolatileKind::SessionUse, VolatileKind::Form].map(|kind| kind as i64);
    assert_eq!(kinds, all.into(), "a kind of row that this test does not make");
    let mut plain: Vec<Vec<u8>> = ["bob", "example", "Ada", "Lovelace"].map(|text| text.as_bytes().to_vec()).into();
    plain.extend([used, now].map(|moment| moment.micros().to_be_bytes()[..5].to_vec()));
    for (kind, _, sealed, _) in rows {
        let sealed_length = if kind == VolatileKind::Form as i64 { 0..=0 } else { 61..=usize::MAX };
        assert!(sealed_length.contains(&sealed.len()), "kind {kind}: {sealed:?}");
        for plain in &plain {
            assert!(!sealed.windows(plain.len()).any(|window| window == plain), "kind {kind}: {plain:?}");
        }
    }
}

#[tokio::test]
async fn emptied_counters_start_at_half() {
    let site = TestSite::new().await;
    site.registered(ADA).await;
    empty(&site).await;
    let mut stranger = site.browser_at("198.51.100.1");
    let mut tries = 0;
    while stranger.sign_in(ADA, "Wrong-horse7battery").await.status != StatusCode::TOO_MANY_REQUESTS {
        tries += 1;
    }
    assert_eq!(tries, site.app.limits.sign_in_network.max / 2);
    site.world().assert_clean().await;
}

#[tokio::test]
async fn a_request_of_the_app_that_was_lost_is_asked_anew_and_one_that_came_back_opens_nothing() {
    let site = TestSite::new().await;
    site.age().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    ada.sign_out().await;
    ada.sign_in(ADA, PASSWORD).await;
    let page = ada.ask_phones().await;
    let lost = copy(&site).await;
    assert_eq!(phone.approve(&site, &page, PIN).await.status, StatusCode::OK);
    let approved = copy(&site).await;
    let stolen = ada.clone();
    assert_eq!(ada.go_on(&page).await.path, "/account");
    // Put back with what the telephone said, and another form of the same browser.
    put_back(&site, &approved).await;
    let form = stolen.in_another_tab(&page.form("/login/verify"));
    assert_ne!(stolen.clone().submit(&form).await.path, "/account");
    // Put back as it waited: what the telephone says once more is over, too.
    put_back(&site, &lost).await;
    let mut again = stolen.clone();
    let waiting = again.ask_phones().await;
    assert_eq!(phone.approve(&site, &waiting, PIN).await.status, StatusCode::OK);
    let form = again.in_another_tab(&waiting.form("/login/verify"));
    assert_ne!(again.submit(&form).await.path, "/account");
    // A wrong PIN counts once, however often the row comes back.
    let mut other = site.browser_at("198.51.100.4");
    other.sign_in(ADA, PASSWORD).await;
    let page = other.ask_phones().await;
    let request = phone.request(&site).await;
    let before = copy(&site).await;
    for _ in 0..3 {
        put_back(&site, &before).await;
        let wrong = site.device_message("requests/approve", phone.approves(&request, &page.number(), "9316")).await;
        assert_eq!(wrong.json["tries"], serde_json::json!(4), "{}", wrong.text);
    }
    empty(&site).await;
    assert_eq!(other.get("/login/verify/state").await.body, "\"over\"");
    assert_eq!(other.sign_in(ADA, PASSWORD).await.path, "/login/verify");
    let page = other.ask_phones().await;
    assert_eq!(phone.approve(&site, &page, PIN).await.status, StatusCode::OK);
    assert_eq!(other.go_on(&page).await.path, "/account");
    site.world().assert_clean().await;
}
