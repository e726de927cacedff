//! Second factors: added, asked for, counted once, and obeyed on every node.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_domain::policy::Policy;
use chancery_eventstore::verify::Options;
use chancery_tests::site::{Authenticator, PASSWORD, Page, STEP, Setup, SoftKey, TestSite, User, World, count};

const ADA: &str = "ada@example.org";
const NEW_PASSWORD: &str = "Staple-horse9battery";

async fn added_and_used(world: World) {
    let (one, two) = world.two_nodes().await;
    one.age().await;
    let mut ada = one.registered(ADA).await;
    let page = ada.get("/account?done=welcome").await;
    assert!(page.text().contains("Add a second factor now"), "{}", page.text());
    let before = ada.cookies.clone();
    let app = ada.add_totp().await;
    assert_ne!(ada.cookies, before, "the first device lifts the session, under another secret");
    let mut former = ada.clone();
    former.cookies = before;
    assert!(!former.is_signed_in().await);
    let list = ada.on(&two).get("/account/security").await;
    assert!(list.text().contains("Authenticator app") && list.text().contains("Last used"), "{}", list.text());

    let mut elsewhere = two.browser_at("198.51.100.1");
    let used = app.code(&one);
    let page = elsewhere.sign_in(ADA, PASSWORD).await;
    assert_eq!(page.path, "/login/verify");
    assert!(!elsewhere.is_signed_in().await && !elsewhere.on(&one).is_signed_in().await);
    let text = page.text();
    let (app_at, password_at) = (text.find("one-time code").unwrap(), text.find("Password").unwrap());
    assert!(app_at < password_at, "the password stands last: {text}");
    let page = elsewhere.answer_totp(&app.wrong_code(&one)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = elsewhere.answer_totp(&used).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "its step was used when the device was added");
    assert!(page.text().contains("used already"), "{}", page.text());
    one.clock.advance(STEP);
    let page = elsewhere.on(&one).answer_totp(&app.code(&one)).await;
    assert_eq!((page.status, page.path.as_str()), (StatusCode::OK, "/account"));

    // The list has what was used, and whoever is signed in with the device may rename it and take it away.
    let mut ada = ada.on(&two);
    let form = ada.device_page().await.form("/account/security/device/rename").with("device_name", "Old telephone");
    assert_eq!(ada.submit(&form).await.path, "/account/security?done=renamed");
    let form = ada.on(&one).device_page().await.form("/account/security/device/remove");
    assert!(ada.get("/account/security").await.text().contains("Old telephone"));
    assert_eq!(ada.submit(&form).await.path, "/account/security?done=removed");
    assert_eq!(two.browser_at("198.51.100.2").sign_in(ADA, PASSWORD).await.path, "/account?done=asked-again");
    one.settle().await;
    let report = world.verify(Options::default()).await;
    assert!(report.divergences.is_empty(), "{:?}", report.divergences);
}

#[tokio::test]
async fn a_device_is_added_asked_for_renamed_and_removed_on_sqlite() {
    added_and_used(World::sqlite().await).await;
}

#[tokio::test]
async fn a_device_is_added_asked_for_renamed_and_removed_on_two_nodes() {
    added_and_used(World::postgres().await).await;
}

/// The methods that a page offers one click away, in its order.
fn offered(page: &Page) -> Vec<&str> {
    // The switch of languages stands outside.
    let main = page.body.split("<main").nth(1).and_then(|rest| rest.split("</main>").next()).unwrap_or_default();
    let names = main.split("method=").skip(1).filter_map(|rest| rest.split(['"', '&']).next());
    names.filter(|name| !name.is_empty()).collect()
}

#[tokio::test]
async fn the_method_that_was_used_last_is_offered_first() {
    let site = TestSite::new().await;
    let (mut ada, app) = site.registered_with_app(ADA).await;
    let mut key = SoftKey::new();
    ada.add_key("second", &mut key, User::Present).await;
    let mut browser = site.browser_at("198.51.100.1");
    browser.sign_in(ADA, PASSWORD).await;
    assert_eq!(browser.answer_totp(&app.code(&site)).await.path, "/account");

    site.clock.advance(STEP);
    let mut browser = site.browser_at("198.51.100.2");
    let page = browser.sign_in(ADA, PASSWORD).await;
    assert_eq!(offered(&page), ["totp", "key", "password"]);
    let page = browser.asks_key().await;
    assert_eq!(offered(&page), ["totp", "password"], "the others are one click away");
    let answer = key.answer(&page, User::Present);
    assert_eq!(browser.answer_key(&page, &answer).await.path, "/account");

    site.clock.advance(STEP);
    let page = site.browser_at("198.51.100.3").sign_in(ADA, PASSWORD).await;
    assert_eq!(offered(&page), ["key", "totp", "password"]);
}

#[tokio::test]
async fn one_code_opens_one_session_however_often_it_is_sent() {
    let site = TestSite::new().await;
    let (_, app) = site.registered_with_app(ADA).await;
    let mut browsers = Vec::new();
    for n in 0..8 {
        let mut browser = site.browser_at(&format!("198.51.100.{n}"));
        browser.sign_in(ADA, PASSWORD).await;
        let page = browser.get("/login/verify?method=totp").await;
        let form = page.form("/login/verify").with("one_time_code", &app.code(&site));
        browsers.push((browser, form));
    }
    let before = count(&site, "account.signed_in").await;
    let sent = browsers.iter_mut().map(|(browser, form)| browser.post(form));
    let answers = futures::future::join_all(sent).await;
    let opened = answers.iter().filter(|page| page.status == StatusCode::SEE_OTHER).count();
    assert_eq!((opened, count(&site, "account.signed_in").await), (1, before + 1));
    // Whoever was let in and lost the answer is let in again by the same form; nobody else is.
    let winner = answers.iter().position(|page| page.status == StatusCode::SEE_OTHER).unwrap();
    let (browser, form) = &mut browsers[winner];
    browser.cookies.retain(|name, _| !name.contains("session"));
    assert_eq!(browser.submit(form).await.path, "/account");
    assert_eq!(count(&site, "account.signed_in").await, before + 1);
}

#[tokio::test]
async fn wrong_answers_are_limited_over_all_browsers_and_never_in_the_owners_own() {
    let site = TestSite::new().await;
    let (mut ada, app) = site.registered_with_app(ADA).await;
    ada.sign_out().await;
    let mut strangers = [site.browser_at("198.51.100.1"), site.browser_at("203.0.113.1")];
    for stranger in &mut strangers {
        assert_eq!(stranger.sign_in(ADA, PASSWORD).await.path, "/login/verify");
    }
    for n in 0..10 {
        let page = strangers[n % 2].answer_totp(&app.wrong_code(&site)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "try {n}");
    }
    for stranger in &mut strangers {
        let page = stranger.answer_totp(&app.code(&site)).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "also the right one");
    }
    assert_eq!(count(&site, "account.second_factor_failed").await, 4, "at 1, 2, 4 and 8");
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.path, "/login/verify");
    assert_eq!(ada.answer_totp(&app.code(&site)).await.path, "/account", "a known browser has tries of its own");
    // An hour later strangers may try again, and right answers are given back.
    site.clock.advance(Duration::from_secs(3_601));
    for _ in 0..12 {
        let mut stranger = site.browser_at("198.51.100.9");
        stranger.sign_in(ADA, PASSWORD).await;
        assert_eq!(stranger.answer_totp(&app.code(&site)).await.path, "/account");
        site.clock.advance(Duration::from_secs(60));
    }
}

#[tokio::test]
async fn what_waits_for_an_answer_is_asked_again_and_then_forgotten() {
    let site = TestSite::new().await;
    let (_, app) = site.registered_with_app(ADA).await;
    let mut browser = site.browser_at("198.51.100.1");
    browser.sign_in(ADA, PASSWORD).await;
    let page = browser.get("/login/verify?method=totp").await;
    site.clock.advance(Duration::from_secs(241));
    let page = browser.submit(&page.form("/login/verify").with("one_time_code", &app.code(&site))).await;
    assert!(page.text().contains("took too long"), "{}", page.text());
    let page = browser.submit(&page.form("/login/verify").with("one_time_code", &app.code(&site))).await;
    assert_eq!(page.path, "/account");
    browser.sign_out().await;

    browser.sign_in(ADA, PASSWORD).await;
    let page = browser.get("/login/verify?method=totp").await;
    site.clock.advance(Duration::from_secs(600));
    let page = browser.submit(&page.form("/login/verify").with("one_time_code", &app.code(&site))).await;
    assert_eq!(page.path, "/login", "the password was typed too long ago");
    // A password that was changed meanwhile was the wrong one to begin with.
    let mut thief = site.browser_at("198.51.100.2");
    thief.sign_in(ADA, PASSWORD).await;
    let waiting = thief.get("/login/verify?method=totp").await.form("/login/verify");
    let mut ada = site.browser_at("198.51.100.3");
    ada.lose_password(ADA).await;
    site.settle().await;
    let link = site.mails.link_to(ADA);
    let page = ada.get(&link).await.form(&link);
    ada.submit(&page.with("new_password", NEW_PASSWORD).with("confirm_password", NEW_PASSWORD)).await;
    let page = thief.submit(&waiting.with("one_time_code", &app.code(&site))).await;
    assert_eq!(page.path, "/login");
}

/// What may be changed by whoever signed in with the password alone, or a while ago: nothing.
#[tokio::test]
async fn every_change_needs_a_fresh_proof_by_what_the_account_has() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    site.clock.advance(Duration::from_secs(600));
    let page = ada.get("/account/security/totp").await;
    assert_eq!(page.path, "/account/verify?target=%2Faccount%2Fsecurity%2Ftotp", "the sign-in is too old");
    let wrong = ada.submit(&page.form("/account/verify").with("password", NEW_PASSWORD)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = ada.submit(&wrong.form("/account/verify").with("password", PASSWORD)).await;
    assert_eq!(page.path, "/account/security/totp", "and on to where one wanted to go");
    let app = ada.add_totp().await;

    let mut browser = site.browser_at("198.51.100.1");
    browser.sign_in(ADA, PASSWORD).await;
    let page = browser.get("/login/verify?method=password").await;
    assert_eq!(browser.submit(&page.form("/login/verify")).await.path, "/account");
    assert!(browser.get("/account/security").await.text().contains("Authenticator app"));
    for path in ["/account/security/totp", "/account/security/device?device=00000000-0000-0000-0000-000000000000"] {
        assert!(browser.get(path).await.path.starts_with("/account/verify?target="), "{path}");
    }
    let page = browser.get("/account").await;
    let form = page.form("/account/password").with("current_password", PASSWORD);
    let form = form.with("new_password", NEW_PASSWORD).with("confirm_password", NEW_PASSWORD);
    assert_eq!(browser.post(&form).await.header("location"), "/account/verify?target=%2Faccount");
    // A form of the owner's page, begun in time and sent too late.
    let late = ada.device_page().await.form("/account/security/device/remove");
    site.clock.advance(Duration::from_secs(600));
    assert!(ada.post(&late).await.header("location").starts_with("/account/verify?target="));
    assert_eq!(count(&site, "account.factor_removed").await, 0);

    let page = browser.prove_totp(&app.code(&site)).await;
    assert_eq!(page.path, "/account/security");
    let page = browser.get("/account").await;
    let form = page.form("/account/password").with("current_password", PASSWORD);
    let form = form.with("new_password", NEW_PASSWORD).with("confirm_password", NEW_PASSWORD);
    assert_eq!(browser.submit(&form).await.path, "/account?done=password-changed");
}

#[tokio::test]
async fn an_enrolment_is_finished_in_the_session_that_began_it() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let mut thief = site.browser_at("198.51.100.1");
    thief.sign_in(ADA, PASSWORD).await;
    let begun = thief.get("/account/security/totp").await;
    let app = Authenticator::of(&begun);
    let own = ada.get("/account/security/totp").await;
    assert_ne!(app.code(&site), Authenticator::of(&own).code(&site), "each has a secret of its own");
    let page = ada.submit(&own.form("/account/security/totp").with("one_time_code", &app.code(&site))).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    // A stolen cookie of another session finishes nothing that was begun here: the form is this browser's.
    let moved = begun.form("/account/security/totp").with("one_time_code", &app.code(&site));
    assert_eq!(ada.post(&moved).await.status, StatusCode::FORBIDDEN);
    // It is over after a quarter of an hour.
    let own = ada.get("/account/security/totp").await;
    let app = Authenticator::of(&own);
    assert_eq!(Authenticator::of(&ada.get("/account/security/totp").await).code(&site), app.code(&site), "it goes on");
    site.clock.advance(Duration::from_secs(540));
    ada.get("/account/verify").await;
    let page = ada.get("/account/verify").await;
    ada.submit(&page.form("/account/verify").with("password", PASSWORD)).await;
    let page = ada.get("/account/security/totp").await;
    assert_ne!(Authenticator::of(&page).code(&site), app.code(&site), "the session goes on under another id");
    assert_eq!(count(&site, "account.factor_added").await, 0);
}

#[tokio::test]
async fn the_operator_may_ask_for_more_than_the_password() {
    let policy = Policy { second_factor_required: true, ..Policy::default() };
    let site = World::sqlite().await.site(Setup { policy, ..Setup::default() }).await;
    site.age().await;
    let (mut ada, app) = site.registered_with_app(ADA).await;
    let mut browser = site.browser_at("198.51.100.1");
    let page = browser.sign_in(ADA, PASSWORD).await;
    assert!(page.text().contains("always asks for a second factor"), "{}", page.text());
    let form = page.form("/login/verify");
    assert_eq!(form.fields["method"], "totp", "the only way begins at once");
    let page = browser.submit(&form.clone().with("method", "password")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "nothing lets a password alone pass");
    assert_eq!(browser.answer_totp(&app.code(&site)).await.path, "/account");
    let form = ada.device_page().await.form("/account/security/device/remove");
    assert_eq!(ada.submit(&form).await.path, "/account/security?done=last-one");
}

/// A device that one node removed is worth nothing in the very next request to another, also in one that had begun.
#[tokio::test]
async fn a_removed_device_is_obeyed_at_once_on_every_node() {
    let (one, two) = World::postgres().await.two_nodes().await;
    one.age().await;
    let mut ada = one.registered(ADA).await;
    for round in 0..10 {
        let app = ada.add_totp().await;
        let mut browser = two.browser_at(&format!("198.51.100.{round}"));
        browser.sign_in(ADA, PASSWORD).await;
        one.clock.advance(STEP);
        let page = browser.get("/login/verify?method=totp").await;
        let form = page.form("/login/verify").with("one_time_code", &app.code(&one));
        let remove = ada.device_page().await.form("/account/security/device/remove");
        assert_eq!(ada.submit(&remove).await.path, "/account/security?done=removed");
        let page = browser.submit(&form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "round {round}");
        assert!(!browser.is_signed_in().await);
    }
}

#[tokio::test]
async fn recovery_codes_count_once_each_after_one_was_typed_back() {
    let site = TestSite::new().await;
    let (mut ada, app) = site.registered_with_app(ADA).await;
    let page = ada.new_codes().await;
    let codes = page.recovery_codes();
    assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), 10);
    let file = ada.post(&page.form("/account/security/codes/file")).await;
    assert!(file.header("content-disposition").starts_with("attachment;"), "{:?}", file.headers);
    assert!(codes.iter().all(|code| file.body.contains(code)), "{}", file.body);
    let mut browser = site.browser_at("198.51.100.1");
    let offered = browser.sign_in(ADA, PASSWORD).await;
    assert!(!offered.text().contains("Recovery code"), "they do not count yet: {}", offered.text());
    let confirm = "/account/security/codes/confirm";
    let page = ada.submit(&page.form(confirm).with("recovery_code", "0000-0000-00000")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.recovery_codes().is_empty(), "they are shown once");
    let page = ada.submit(&page.form(confirm).with("recovery_code", &codes[9])).await;
    assert_eq!(page.path, "/account/security?done=codes-issued");
    assert!(page.text().contains("10 codes are left"), "{}", page.text());

    for (code, left) in [(codes[0].clone(), "9 codes"), (codes[9].to_uppercase().replace('-', " "), "8 codes")] {
        let mut browser = site.browser_at("198.51.100.2");
        browser.sign_in(ADA, PASSWORD).await;
        let wrong = browser.answer_recovery_code("0000-0000-00000").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = browser.answer_recovery_code(&code).await;
        assert_eq!(page.path, "/account/security", "to where the device is replaced");
        assert!(page.text().contains(left), "{}", page.text());
        assert!(!browser.get("/account/security/totp").await.path.contains("verify"), "it stands for what was lost");
        browser.sign_out().await;
        browser.sign_in(ADA, PASSWORD).await;
        let page = browser.answer_recovery_code(&code).await;
        assert!(page.text().contains("used already"), "{}", page.text());
    }
    let mut used = site.events().await;
    used.retain(|row| row.event_type == "account.signed_in");
    let last: chancery_domain::account::AccountEvent = site.app.store.open_event(used.last().unwrap()).await.unwrap();
    let chancery_domain::account::AccountEvent::SignedIn(last) = last else { panic!("{last:?}") };
    assert_eq!(last.level, chancery_domain::account::Level::Basic, "it replaces no factor");

    let new = ada.issue_codes().await;
    let mut browser = site.browser_at("198.51.100.3");
    browser.sign_in(ADA, PASSWORD).await;
    assert_eq!(
        browser.answer_recovery_code(&codes[1]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "of the old set"
    );
    assert_eq!(browser.answer_recovery_code(&new[1]).await.path, "/account/security");
    site.clock.advance(STEP);
    assert_eq!(browser.prove_totp(&app.code(&site)).await.path, "/account/security");
}

#[tokio::test]
async fn a_recovery_code_only_signs_in_where_the_operator_says_so() {
    let policy = Policy { recovery_code_only_signs_in: true, ..Policy::default() };
    let site = World::sqlite().await.site(Setup { policy, ..Setup::default() }).await;
    site.age().await;
    let (mut ada, _) = site.registered_with_app(ADA).await;
    let codes = ada.issue_codes().await;
    let mut browser = site.browser_at("198.51.100.1");
    browser.sign_in(ADA, PASSWORD).await;
    assert_eq!(browser.answer_recovery_code(&codes[0]).await.path, "/account/security");
    let page = browser.get("/account/security/totp").await;
    assert!(page.path.starts_with("/account/verify"), "{}", page.path);
    assert_eq!(page.form("/account/verify").fields["method"], "totp", "nor does another one help");
}
