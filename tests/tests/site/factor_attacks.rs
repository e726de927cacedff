//! What an attacker tries with an enrolment or a session that is not theirs, and by going from a strong factor to a weak one.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode};
use chancery_eventstore::db::sql;
use chancery_eventstore::volatile::VolatileKind;
use chancery_tests::site::{Authenticator, Browser, Form, NUMBER, PASSWORD, PIN, Phone, SoftKey, TestSite, User};

const ADA: &str = "ada@example.org";
const EVE: &str = "eve@example.org";

async fn count(site: &TestSite, event_type: &str) -> usize {
    site.event_types().await.iter().filter(|name| *name == event_type).count()
}

/// What a session can change, as forms that this browser was given in a session of its own.
async fn forms_of_all_changes(browser: &mut Browser<'_>) -> Vec<Form> {
    let totp = browser.get("/account/security/totp").await;
    let code = Authenticator::of(&totp);
    let page = browser.key_page("second").await;
    let told = SoftKey::new().create(&page, User::Present);
    let security = browser.get("/account/security").await;
    let device = browser.device_page().await;
    let mut forms = vec![
        totp.form("/account/security/totp").with("one_time_code", &code.code(browser.site())),
        page.form("/account/security/key").with("security_key", &told),
        browser.get("/account/security/phone").await.form("/account/security/phone").with("phone_number", NUMBER),
        security.form("/account/security/codes"),
        security.form("/account/security/always"),
        browser.get("/account/security/panic").await.form("/account/security/panic"),
        device.form("/account/security/device/remove"),
        device.form("/account/security/device/rename").with("device_name", "Mine"),
    ];
    let add = browser.get("/account/security/mobile/add").await.form("/account/security/mobile/add");
    forms.push(add.with("pin", PIN).with("confirm_pin", PIN));
    let (_, pair) = browser.pair_phone().await;
    forms.push(pair.form("/account/security/mobile/pair"));
    let password = browser.get("/account").await.form("/account/password").with("current_password", PASSWORD);
    let new = "Staple-horse9battery";
    forms.push(password.with("new_password", new).with("confirm_password", new));
    forms
}

/// Sends them in a session that must prove more, and is led there; a telephone that another session took is nobody's here.
async fn are_refused(browser: &mut Browser<'_>, forms: &[Form]) {
    for form in forms {
        // Under keys of this browser, which it has new ones of since somebody signed out.
        let form = browser.in_another_tab(form);
        let answer = browser.post(&form).await;
        let leads = answer.header("location");
        let is_over = form.action.ends_with("/pair") && leads == "/account/security/mobile?done=ended";
        assert!(leads.starts_with("/account/verify?target=") || is_over, "{}: {} {leads}", form.action, answer.status);
    }
}

#[tokio::test]
async fn a_stolen_session_changes_nothing_without_a_fresh_proof() {
    let site = TestSite::new().await;
    let (ada, _) = site.registered_with_app(ADA).await;
    let (mut eve, app) = site.registered_with_app(EVE).await;
    site.clock.advance(Duration::from_secs(600));
    assert_eq!(eve.prove_totp(&app.code(&site)).await.path, "/account/security");
    let forms = forms_of_all_changes(&mut eve).await;
    site.settle().await;
    let (before, mails) = (site.event_types().await, site.mails.sent().len());
    // In the browser in which all of these would work; only the session is another's.
    let (name, session) = ada.cookies.iter().find(|(name, _)| name.contains("session")).expect("a session");
    let mut thief = eve.clone();
    thief.cookies.insert(name.clone(), session.clone());
    assert!(thief.is_signed_in().await && thief.get("/account").await.text().contains(ADA));
    are_refused(&mut thief, &forms).await;
    for path in ["totp", "key?key=passkey", "phone", "mobile/add", "panic"] {
        let page = thief.get(&format!("/account/security/{path}")).await;
        assert!(page.path.starts_with("/account/verify?target="), "{path}: {}", page.path);
    }
    site.settle().await;
    assert_eq!(site.event_types().await, before);
    assert_eq!(site.mails.sent().len(), mails);
    // The forms are good ones: in the session in which they were made they do what they say.
    let rename = forms.iter().find(|form| form.action.ends_with("rename")).expect("a form");
    assert_eq!(eve.post(rename).await.header("location"), "/account/security?done=renamed");
}

/// Whoever gives a browser their own cookies before its owner signs in gains nothing by what happens in it then.
#[tokio::test]
async fn cookies_that_somebody_planted_open_nothing_once_the_owner_has_signed_in() {
    let site = TestSite::new().await;
    let (mut ada, app) = site.registered_with_app(ADA).await;
    ada.sign_out().await;
    let (mut eve, _) = site.registered_with_app(EVE).await;
    let begun = eve.begin_phone().await;
    let (uid, code) = begun.pairing();
    let mut victim = site.browser_at("198.51.100.1");
    victim.cookies = eve.cookies.clone();
    // The password in the browser whose pre-session cookie somebody else has, too.
    assert_eq!(victim.sign_in(ADA, PASSWORD).await.path, "/login/verify");
    let mut thief = eve.clone();
    thief.cookies.retain(|name, _| name.contains("browser"));
    assert!(!thief.is_signed_in().await);
    assert_eq!(victim.answer_totp(&app.code(&site)).await.path, "/account");
    assert!(victim.get("/account").await.text().contains(ADA));
    // Neither what was planted nor what the planter kept is in the owner's session.
    assert!(!thief.is_signed_in().await, "the pre-session cookie alone is no session");
    assert!(!eve.get("/account").await.text().contains(ADA));
    // What was begun before is not the owner's to finish.
    let mut phone = Phone::new();
    phone.take(&site, (&uid, &code), PIN).await;
    let page = victim.get("/account/security/mobile/pair").await;
    assert_eq!(page.path, "/account/security/mobile?done=ended");
    assert_eq!(count(&site, "account.factor_added").await, 2, "the app of each");
}

/// Whoever knows a browser's pre-session cookie from before finds nothing of what its owner proves later: not what is asked,
/// not what a telephone said, and not the session that it opens.
#[tokio::test]
async fn a_cookie_that_somebody_planted_finds_nothing_after_the_first_proof() {
    let site = TestSite::new().await;
    site.age().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    ada.sign_out().await;
    let mut thief = site.browser_at("203.0.113.9");
    thief.get("/login").await;
    let mut victim = site.browser_at("198.51.100.1");
    victim.cookies = thief.cookies.clone();
    let other_tab = victim.get("/login").await.form("/login").with("name", ADA);
    let password = victim.give_name(ADA).await.form("/login/password").with("password", PASSWORD);
    // Its first answer is lost; then the button is pressed twice.
    assert_eq!(victim.clone().post(&password).await.header("location"), "/login/verify");
    for _ in 0..2 {
        assert_eq!(victim.submit(&password).await.path, "/login/verify");
    }
    let page = victim.ask_phones().await;
    assert_eq!(thief.cookie("chancery-browser"), victim.cookie("chancery-browser"), "what was planted is there");
    assert_eq!(thief.get("/login/verify").await.path, "/login");
    assert_eq!(thief.get("/login/verify/state").await.body, "\"over\"");
    assert_eq!(phone.approve(&site, &page, PIN).await.status, StatusCode::OK);
    let stolen = thief.in_another_tab(&page.form("/login/verify"));
    assert_eq!(thief.submit(&stolen).await.path, "/login");
    // Not even with the password: then there is a request of the thief's own, which nobody answers.
    assert_eq!(thief.sign_in(ADA, PASSWORD).await.path, "/login/verify");
    let own = thief.ask_phones().await;
    assert!(thief.go_on(&own).await.text().contains("has not answered yet"));
    assert!(!thief.is_signed_in().await);
    // The owner goes on, also in the tab that lay open.
    let next = victim.submit(&other_tab).await;
    assert!(next.find_form("/login/password").is_some(), "{}", next.text());
    assert_eq!(victim.go_on(&page).await.path, "/account");
    // The very form, sent again: in the owner's browser its answer may have been lost, elsewhere it opens nothing.
    thief.go_on(&page).await;
    assert!(!thief.is_signed_in().await);
    victim.cookies.retain(|name, _| !name.contains("session"));
    assert_eq!(victim.go_on(&page).await.path, "/account");
}

/// The session goes on in the browser that had it: neither the pre-session cookie is enough to be given it, nor another session.
#[tokio::test]
async fn a_form_that_proved_more_gives_the_session_back_to_whoever_had_it_and_to_nobody_else() {
    let site = TestSite::new().await;
    let (mut ada, app) = site.registered_with_app(ADA).await;
    let (mut eve, other) = site.registered_with_app(EVE).await;
    let form = ada.get("/account/verify?method=totp").await.form("/account/verify");
    let before = ada.clone();
    assert_eq!(ada.submit(&form.clone().with("one_time_code", &app.code(&site))).await.path, "/account/security");
    let planted = before.cookies.iter().filter(|(name, _)| name.contains("browser"));
    let planted: Vec<_> = planted.map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut stranger = site.browser_at("203.0.113.9");
    stranger.cookies.extend(planted.clone());
    eve.cookies.extend(planted);
    for (browser, app) in [(&mut stranger, &app), (&mut eve, &other)] {
        browser.submit(&form.clone().with("one_time_code", &app.code(&site))).await;
        assert!(!browser.get("/account").await.text().contains(ADA));
    }
    // Its answer was lost.
    let mut again = before;
    assert_eq!(again.submit(&form.with("one_time_code", &app.code(&site))).await.path, "/account/security");
    assert!(again.get("/account").await.text().contains(ADA));
}

/// One after the other at the same browser: what the first one began is not added to the second one's account.
#[tokio::test]
async fn what_one_began_another_does_not_finish_at_the_same_browser() {
    let site = TestSite::new().await;
    let mut browser = site.registered(EVE).await;
    let totp = browser.get("/account/security/totp").await;
    let app = Authenticator::of(&totp);
    let page = browser.key_page("passkey").await;
    let told = SoftKey::new().create(&page, User::Verified);
    browser.begin_number(NUMBER).await;
    let sms = browser.get("/account/security/phone/code").await.form("/account/security/phone/code");
    let sms = sms.with("sms_code", &site.sms_code(NUMBER).await);
    let (_, pair) = browser.pair_phone().await;
    let codes = browser.new_codes().await;
    let confirm = "/account/security/codes/confirm";
    let forms = [
        totp.form("/account/security/totp").with("one_time_code", &app.code(&site)),
        page.form("/account/security/key").with("security_key", &told),
        sms,
        pair.form("/account/security/mobile/pair"),
        codes.form(confirm).with("recovery_code", &codes.recovery_codes()[0]),
    ];
    // Eve leaves, and Ada comes.
    browser.sign_out().await;
    let mut ada = site.registered(ADA).await;
    ada.sign_out().await;
    browser.sign_in(ADA, PASSWORD).await;
    assert!(browser.get("/account").await.text().contains(ADA));
    for form in &forms {
        browser.post(form).await;
        browser.post(&browser.in_another_tab(form)).await;
    }
    for event_type in ["account.factor_added", "account.recovery_codes_issued"] {
        assert_eq!(count(&site, event_type).await, 0, "{event_type}");
    }
    // Each is given what is her own.
    assert_ne!(Authenticator::of(&browser.get("/account/security/totp").await).code(&site), app.code(&site));
}

/// Whoever can write to the database exchanges what two sessions have begun, of two accounts or of one: neither opens in the
/// other's place.
#[tokio::test]
async fn the_secrets_of_two_enrolments_are_not_swapped() {
    for of_one_account in [false, true] {
        let site = TestSite::new().await;
        let mut ada = site.registered(ADA).await;
        let mut other = if of_one_account { site.browser_at("198.51.100.1") } else { site.registered(EVE).await };
        if of_one_account {
            other.sign_in(ADA, PASSWORD).await;
        }
        let theirs = Authenticator::of(&other.get("/account/security/totp").await);
        let page = ada.get("/account/security/totp").await;
        let (own, form) = (Authenticator::of(&page), page.form("/account/security/totp"));
        let rows = sql("SELECT key, sealed FROM volatile_rows WHERE CAST(kind AS bigint) = $1");
        let rows = rows.bind(VolatileKind::Enrolment as i64);
        let rows: Vec<(Vec<u8>, Vec<u8>)> = site.db.fetch(rows).await.expect("the rows");
        let [(one, first), (two, second)] = &rows[..] else { panic!("{} rows", rows.len()) };
        for (key, sealed) in [(one, second), (two, first)] {
            let swap = sql("UPDATE volatile_rows SET sealed = $1 WHERE key = $2");
            site.db.execute(swap.bind(sealed.clone()).bind(key.clone())).await.expect("a swap");
        }
        for app in [&theirs, &own] {
            ada.post(&ada.in_another_tab(&form).with("one_time_code", &app.code(&site))).await;
        }
        assert_eq!(count(&site, "account.factor_added").await, 0);
        let anew = Authenticator::of(&ada.get("/account/security/totp").await).code(&site);
        assert!(![theirs.code(&site), own.code(&site)].contains(&anew), "it begins anew");
    }
}

#[tokio::test]
async fn every_form_about_factors_comes_from_the_services_own_pages() {
    let site = TestSite::new().await;
    let (mut ada, _) = site.registered_with_app(ADA).await;
    ada.add_number(NUMBER).await;
    let mut forms = vec![ada.get("/account/security/phone").await.form("/account/security/phone")];
    ada.begin_number("+32470999999").await;
    forms.push(ada.get("/account/security/phone/code").await.form("/account/security/phone/code"));
    forms.push(ada.get("/account/verify?method=sms").await.form("/account/verify/sms"));
    ada.sign_out().await;
    ada.sign_in(ADA, PASSWORD).await;
    forms.push(ada.get("/login/verify?method=totp").await.form("/login/verify"));
    forms.push(ada.get("/login/verify?method=sms").await.form("/login/verify/sms"));
    forms.push(ada.get("/login/lost").await.form("/login/lost"));
    forms.push(ada.get("/login/recovery").await.form("/login/recovery"));
    let before = site.event_types().await;
    for form in &forms {
        for origin in ["https://evil.example", "null"] {
            let mut browser = ada.clone();
            browser.headers.insert("origin", HeaderValue::from_static(origin));
            assert_eq!(browser.post(form).await.status, StatusCode::FORBIDDEN, "{} from {origin}", form.action);
        }
        let mut stranger = site.browser_at("198.51.100.1");
        stranger.get("/login").await;
        assert_eq!(stranger.post(form).await.status, StatusCode::FORBIDDEN, "{}: another's token", form.action);
        let forged = form.clone().with("csrf", "AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(ada.post(&forged).await.status, StatusCode::FORBIDDEN, "{}", form.action);
    }
    assert_eq!(site.event_types().await, before);
}

#[tokio::test]
async fn a_weak_factor_neither_removes_a_strong_one_nor_adds_another() {
    let site = TestSite::new().await;
    let (mut ada, app) = site.registered_with_app(ADA).await;
    let mut key = SoftKey::new();
    ada.add_key("second", &mut key, User::Present).await;
    assert_eq!(ada.prove_key(&mut key, User::Present).await.path, "/account/security");
    // What a session by the key is given is sent in one by the app, in the same browser.
    let list = ada.get("/account/security").await;
    let devices = list.body.split("/account/security/device?device=").skip(1);
    let devices: Vec<String> = devices.filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect();
    assert_eq!(devices.len(), 2);
    let mut forms = forms_of_all_changes(&mut ada).await;
    for device in &devices {
        let page = ada.get(&format!("/account/security/device?device={device}")).await;
        forms.push(page.form("/account/security/device/remove"));
    }
    ada.sign_out().await;
    site.clock.advance(Duration::from_secs(60));
    ada.sign_in(ADA, PASSWORD).await;
    assert_eq!(ada.answer_totp(&app.code(&site)).await.path, "/account");
    site.settle().await;
    let before = site.event_types().await;
    are_refused(&mut ada, &forms).await;
    assert_eq!(site.event_types().await, before);
}

/// A thief at a session that the app proved adds a key of their own: it counts for nothing there.
#[tokio::test]
async fn a_factor_that_is_added_in_a_session_does_not_lift_it_where_there_was_one() {
    let site = TestSite::new().await;
    let (mut ada, app) = site.registered_with_app(ADA).await;
    site.clock.advance(Duration::from_secs(600));
    assert_eq!(ada.prove_totp(&app.code(&site)).await.path, "/account/security");
    let session = ada.cookie("chancery-session").map(str::to_owned);
    let mut key = SoftKey::new();
    ada.add_key("passkey", &mut key, User::Verified).await;
    assert_eq!(ada.cookie("chancery-session").map(str::to_owned), session, "it goes on as it was");
    for path in ["totp", "key?key=second", "panic"] {
        let page = ada.get(&format!("/account/security/{path}")).await;
        assert!(page.path.starts_with("/account/verify?target="), "{path}: {}", page.path);
        assert!(page.text().contains("Use your security key or trusted platform"), "{}", page.text());
    }
    // By a ceremony of its own it does.
    assert_eq!(ada.prove_key(&mut key, User::Verified).await.path, "/account/security");
    assert_eq!(ada.get("/account/security/panic").await.path, "/account/security/panic");
}

/// A recovery code opens the account's own pages and nothing else, wherever the person wanted to go.
#[tokio::test]
async fn a_recovery_code_leads_to_the_account_only() {
    let site = TestSite::new().await;
    let (mut ada, app) = site.registered_with_app(ADA).await;
    let codes = ada.issue_codes().await;
    for (method, field, code, path) in [
        ("totp", "one_time_code", app.code(&site), "/help"),
        ("recovery", "recovery_code", codes[0].clone(), "/account/security"),
    ] {
        let mut browser = site.browser_at("198.51.100.1");
        let page = browser.get("/login?target=%2Fhelp").await;
        let page = browser.submit(&page.form("/login").with("name", ADA)).await;
        let page = browser.submit(&page.form("/login/password").with("password", PASSWORD)).await;
        assert_eq!(page.path, "/login/verify?target=%2Fhelp");
        let page = browser.get(&format!("/login/verify?target=%2Fhelp&method={method}")).await;
        let page = browser.submit(&page.form("/login/verify").with(field, &code)).await;
        assert_eq!(page.path, path, "{method}");
    }
}
