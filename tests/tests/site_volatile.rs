//! The volatile rows emptied, or put back by a minute, in the midst of every flow: people are asked again, and nothing
//! that is single-use leads to anything twice. A proof of work whose row was put back counts once more for each further
//! name, and that is all.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::time::Duration;

use axum::http::StatusCode;
use chancery_eventstore::volatile::VolatileKind;
use chancery_tests::site::volatile::{copy, counts_once, empty, of_account, put_back};
use chancery_tests::site::{Authenticator, Browser, PASSWORD, PIN, Setup, SoftKey, TestSite, User, World};

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

async fn every_form_about_factors(site: &TestSite, ada: &mut Browser<'_>) {
    // The password that counts is the one that was set just now.
    ada.sign_in(ADA, "Staple-horse9battery").await;
    let page = ada.get("/account/security/totp").await;
    let app = Authenticator::of(&page);
    let form = page.form("/account/security/totp").with("one_time_code", &app.code(site));
    counts_once(site, ada.clone(), &form).await;

    ada.sign_in(ADA, "Staple-horse9battery").await;
    let page = ada.get("/login/verify?method=totp").await;
    let form = page.form("/login/verify").with("one_time_code", &app.code(site));
    counts_once(site, ada.clone(), &form).await;
    site.age().await;

    ada.sign_in(ADA, "Staple-horse9battery").await;
    ada.answer_totp(&app.code(site)).await;
    site.clock.advance(Duration::from_secs(30));
    let page = ada.get("/account/verify").await;
    let form = page.form("/account/verify").with("one_time_code", &app.code(site));
    counts_once(site, ada.clone(), &form).await;
    site.age().await;

    ada.sign_in(ADA, "Staple-horse9battery").await;
    ada.answer_totp(&app.code(site)).await;
    let page = ada.new_codes().await;
    let codes = page.recovery_codes();
    let confirm = "/account/security/codes/confirm";
    let again = ada.submit(&page.form(confirm).with("recovery_code", "0000-0000-00000")).await.form(confirm);
    let before = copy(site).await;
    counts_once(site, ada.clone(), &page.form(confirm).with("recovery_code", &codes[0])).await;
    let issued = of_account(site).await;
    put_back(site, &before).await;
    ada.submit(&again.with("recovery_code", &codes[0])).await;
    assert_eq!(of_account(site).await, issued, "a set that counted does not count anew, or used codes would");
    site.age().await;
    ada.sign_in(ADA, "Staple-horse9battery").await;
    let page = ada.get("/login/verify?method=recovery").await;
    counts_once(site, ada.clone(), &page.form("/login/verify").with("recovery_code", &codes[0])).await;
    site.age().await;

    for what in ["on", "off"] {
        ada.sign_in(ADA, "Staple-horse9battery").await;
        ada.answer_totp(&app.code(site)).await;
        let form = ada.get("/account/security").await.form("/account/security/always");
        assert_eq!(form.fields["always"], what);
        counts_once(site, ada.clone(), &form).await;
        site.age().await;
    }

    for what in ["rename", "remove"] {
        ada.sign_in(ADA, "Staple-horse9battery").await;
        ada.answer_totp(&app.code(site)).await;
        let form = ada.device_page().await.form(&format!("/account/security/device/{what}"));
        let form = if what == "rename" { form.with("device_name", "Old telephone") } else { form };
        counts_once(site, ada.clone(), &form).await;
        site.age().await;
    }

    ada.sign_in(ADA, "Staple-horse9battery").await;
    ada.add_totp().await;
    let form = ada.get("/account/security/panic").await.form("/account/security/panic");
    counts_once(site, ada.clone(), &form).await;
    site.age().await;
}

async fn every_form_of_the_account(site: &TestSite, ada: &mut Browser<'_>, password: &str) {
    for action in ["/account/language", "/account/sessions/end", "/sign-out/everywhere"] {
        ada.sign_in(ADA, password).await;
        site.browser_at("198.51.100.9").sign_in(ADA, password).await;
        let form = ada.get("/account").await.form(action);
        let form = if action == "/account/language" { form.with("mail_language", "el") } else { form };
        counts_once(site, ada.clone(), &form).await;
        site.age().await;
    }
}

async fn every_form_about_what_was_lost(world: World) {
    let site = world.site(Setup::default()).await;
    site.age().await;
    let (mut ada, _) = site.registered_with_app(ADA).await;
    let codes = ada.issue_codes().await;
    let form = ada.get("/account/security").await.form("/account/security/always");
    ada.submit(&form).await;
    let mut phone = site.browser_at("192.0.2.78");
    phone.sign_in(ADA, PASSWORD).await;
    let form = phone.get("/login/lost").await.form("/login/lost");
    counts_once(&site, phone.clone(), &form).await;
    let link = site.mails.link_to(ADA);
    let form = phone.get(&link).await.form(&link).with("password", PASSWORD);
    counts_once(&site, phone.clone(), &form).await;
    site.age().await;

    ada.sign_in(ADA, PASSWORD).await;
    assert_eq!(ada.answer_recovery_code(&codes[0]).await.path, "/account/security");
    let form = ada.device_page().await.form("/account/security/device/resume");
    counts_once(&site, ada.clone(), &form).await;
    let told = site.mails.to(ADA).into_iter().rfind(|mail| mail.text.contains("/n/")).unwrap();
    let form = phone.get(&told.not_me()).await.form(&told.not_me());
    counts_once(&site, phone.clone(), &form).await;
    site.world().assert_clean().await;
}

#[tokio::test]
async fn every_form_about_what_was_lost_counts_once_on_sqlite() {
    every_form_about_what_was_lost(World::sqlite().await).await;
}

#[tokio::test]
async fn every_form_about_what_was_lost_counts_once_on_postgresql() {
    every_form_about_what_was_lost(World::postgres().await).await;
}

async fn every_form(world: World) {
    let site = world.site(Setup::default()).await;
    site.age().await;
    let mut ada = site.registered(ADA).await;

    let form = ada.get("/account").await.form("/sign-out");
    counts_once(&site, ada.clone(), &form).await;
    site.age().await;
    let page = ada.get("/login").await;
    let page = ada.submit(&page.form("/login").with("name", ADA)).await;
    counts_once(&site, ada.clone(), &page.form("/login/password").with("password", PASSWORD)).await;
    site.age().await;
    ada.sign_in(ADA, PASSWORD).await;
    let form = ada.get("/account").await.form("/account/password").with("current_password", PASSWORD);
    let new = "Staple-horse9battery";
    counts_once(&site, ada.clone(), &form.with("new_password", new).with("confirm_password", new)).await;
    site.age().await;

    every_form_of_the_account(&site, &mut ada, new).await;
    every_form_about_factors(&site, &mut ada).await;

    let form = ada.get("/lost-password").await.form("/lost-password").solved().with("name", ADA);
    counts_once(&site, ada.clone(), &form).await;
    let link = site.mails.link_to(ADA);
    let form = ada.get(&link).await.form(&link).with("new_password", PASSWORD).with("confirm_password", PASSWORD);
    counts_once(&site, ada.clone(), &form).await;
    site.age().await;
    let page = ada.lose_password(ADA).await;
    site.settle().await;
    counts_once(&site, ada.clone(), &page.form("/check-mail/again")).await;
    let link = site.mails.link_to(ADA);
    site.age().await;
    let page = ada.get(&link).await;
    counts_once(&site, ada.clone(), &page.form("/link/again")).await;
    site.age().await;

    let mut bob = site.browser_at("198.51.100.3");
    let page = bob.register("bob@example.org").await;
    site.settle().await;
    counts_once(&site, bob.clone(), &page.form("/check-mail/again")).await;
    site.age().await;
    let form = bob.registration("carla@example.org").await;
    counts_once(&site, bob.clone(), &form).await;
    let link = site.mails.link_to("carla@example.org");
    let page = bob.get(&link).await;
    let form = page.form(&link).with("new_password", PASSWORD).with("confirm_password", PASSWORD);
    counts_once(&site, bob.clone(), &form.with("privacy", "on")).await;
    site.world().assert_clean().await;
}

#[tokio::test]
async fn every_form_counts_once_on_sqlite() {
    every_form(World::sqlite().await).await;
}

#[tokio::test]
async fn every_form_counts_once_on_postgresql() {
    every_form(World::postgres().await).await;
}

/// The same answer of a key under another form, too, with what the browser was asked put back.
#[tokio::test]
async fn a_keys_answer_counts_once_whatever_becomes_of_its_question() {
    let site = TestSite::new().await;
    let (mut ada, mut key) = (site.registered(ADA).await, SoftKey::new());
    let page = ada.key_page("passkey").await;
    let told = key.create(&page, User::Verified);
    let form = page.form("/account/security/key").with("security_key", &told);
    counts_once(&site, ada.clone(), &form).await;
    site.age().await;

    let mut browser = site.browser_at("198.51.100.1");
    browser.sign_in(ADA, PASSWORD).await;
    let (page, other) = (browser.asks_key().await, browser.asks_key().await);
    let answer = key.answer(&page, User::Verified);
    let before = copy(&site).await;
    assert_eq!(browser.clone().answer_key(&page, &answer).await.path, "/account");
    let done = of_account(&site).await;
    put_back(&site, &before).await;
    let page = browser.answer_key(&other, &answer).await;
    assert!(page.text().contains("used already"), "{}", page.text());

    let mut browser = site.browser_at("198.51.100.2");
    let (page, question) = browser.passkey_question().await;
    let other = browser.get("/login").await;
    let answer = key.answer_first(&question, User::Verified, |_| ());
    let before = copy(&site).await;
    assert_eq!(browser.clone().answer_passkey(&page, &answer).await.path, "/account");
    put_back(&site, &before).await;
    assert_eq!(browser.answer_passkey(&other, &answer).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(of_account(&site).await, done + 1, "neither led to anything");
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
