//! Every form counts once, whatever becomes of the rows that it left.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_tests::site::volatile::{copy, counts_once, of_account, put_back};
use chancery_tests::site::{Authenticator, Browser, PASSWORD, Setup, SoftKey, TestSite, User, World};

use super::ADA;

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
