//! The service's own app: enrolled on one node and confirmed on another, with a PIN that nobody keeps, and good for a code.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_domain::account::{AccountEvent, Device};
use chancery_service::throttle::Limits;
use chancery_tests::site::{PASSWORD, PIN, Page, Phone, Setup, TestSite, World};
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";
const OTHER_PIN: &str = "9316";

async fn added_and_used(world: World) {
    let (one, two) = world.two_nodes().await;
    one.age().await;
    let mut ada = one.registered(ADA).await;
    let page = ada.begin_phone().await;
    assert_eq!(page.path, "/account/security/mobile/pair");
    let (uid, code) = page.pairing();
    let mut phone = Phone::new();
    let looked = two.message("look", json!({ "uid": uid, "code": code })).await;
    assert_eq!(
        (looked.text_of("name"), looked.text_of("account")),
        ("Telephone".to_owned(), "a•••@e•••.org".to_owned())
    );
    assert_eq!(phone.take(&two, (&uid, &code), PIN).await.json, json!({ "state": "waiting" }));
    assert_eq!(phone.state(&one, &uid).await, "waiting");
    let mut ada = ada.on(&two);
    let page = ada.get("/account/security/mobile/pair").await;
    assert!(page.text().contains("Model 3 Android 17"), "{}", page.text());
    let form = page.form("/account/security/mobile/pair");
    let before = ada.clone();
    assert_eq!(ada.submit(&form).await.path, "/account/security?done=added-without-codes");
    assert_eq!(phone.state(&one, &uid).await, "confirmed");
    // The same form again, its answer lost, ends in the same place.
    let mut again = before;
    assert_eq!(again.submit(&form).await.path, "/account/security?done=added-without-codes");
    let link = "<a href=\"/account/security/mobile\">Manage my mobile devices</a>";
    assert!(ada.get("/account").await.body.contains(link), "in one step from the account");
    assert!(ada.get("/account/security/mobile").await.text().contains("Telephone"));
    let rows = one.events().await;
    let added = rows.iter().rfind(|row| row.event_type == "account.factor_added").unwrap();
    let AccountEvent::FactorAdded(added) = one.app.store.open_event(added).await.unwrap() else { panic!() };
    let told = Device { os: "Android 17".into(), manufacturer: String::new(), model: "Model 3".into() };
    assert_eq!(added.device, told, "what the page showed is what is recorded");

    let mut elsewhere = one.browser_at("198.51.100.1");
    assert_eq!(elsewhere.sign_in(ADA, PASSWORD).await.path, "/login/verify");
    let page = elsewhere.on(&two).answer_phone(&phone, OTHER_PIN).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "another PIN makes another code");
    let page = elsewhere.get("/login/verify?method=qr").await;
    let (device, challenge) = page.challenge();
    assert_eq!(device, phone.id);
    let form = page.form("/login/verify").with("app_code", &phone.code(PIN, &challenge));
    let mut twin = elsewhere.clone();
    assert_eq!(elsewhere.on(&two).submit(&form).await.path, "/account");
    // Nobody else is let in by what was used, not even from a copy of the same browser.
    let other_form = twin.in_another_tab(&form);
    assert_ne!(twin.submit(&other_form).await.path, "/account");
    one.settle().await;
    world.assert_clean().await;
}

#[tokio::test]
async fn a_telephone_is_added_and_signs_in_on_sqlite() {
    added_and_used(World::sqlite().await).await;
}

#[tokio::test]
async fn a_telephone_is_added_and_signs_in_on_two_nodes() {
    added_and_used(World::postgres().await).await;
}

#[tokio::test]
async fn a_pin_is_four_digits_that_nobody_guesses_first_typed_twice() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    for (pin, again, told) in [
        ("123", "123", "four digits"),
        ("12345", "12345", "four digits"),
        ("1234", "1234", "guess this PIN first"),
        ("8888", "8888", "guess this PIN first"),
        (PIN, OTHER_PIN, "differ"),
        ("", "", "Choose a PIN"),
    ] {
        let page = ada.get("/account/security/mobile/add").await;
        let form = page.form("/account/security/mobile/add").with("device_name", "My own name");
        let page = ada.submit(&form.with("pin", pin).with("confirm_pin", again)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{pin}");
        assert!(page.text().contains(told), "{pin}: {}", page.text());
        assert!(page.body.contains("My own name"), "what was typed is kept");
        assert!(pin.is_empty() || !page.body.contains(&format!("\"{pin}\"")), "but not the PIN");
    }
    assert_eq!(ada.get("/account/security/mobile/pair").await.path, "/account/security/mobile?done=ended");
}

#[tokio::test]
async fn five_wrong_pins_end_an_enrolment_however_many_are_sent_at_once() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let (uid, code) = ada.begin_phone().await.pairing();
    let mut phone = Phone::new();
    let wrong = phone.take(&site, (&uid, &code), OTHER_PIN).await;
    assert_eq!((wrong.status, wrong.problem(), &wrong.json["tries"]), (StatusCode::FORBIDDEN, "wrong-pin", &json!(4)));
    let tries = (0..20).map(|_| site.message("initialise", phone.takes((&uid, &code), OTHER_PIN)));
    let answers = futures::future::join_all(tries).await;
    let compared = answers.iter().filter(|answer| answer.problem() == "wrong-pin").count();
    assert_eq!(compared, 4, "no more than five in all");
    let late = site.message("initialise", phone.takes((&uid, &code), PIN)).await;
    assert_eq!((late.status, late.problem()), (StatusCode::NOT_FOUND, "enrolment-gone"));
    assert_eq!(ada.get("/account/security/mobile/pair").await.path, "/account/security/mobile?done=ended");
    assert_eq!(phone.state(&site, &uid).await, "ended");
}

#[tokio::test]
async fn a_code_is_taken_once_and_within_five_minutes() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let (uid, code) = ada.begin_phone().await.pairing();
    let (mut phone, mut other) = (Phone::new(), Phone::new());
    for one in [&mut phone, &mut other] {
        one.id = site.message("look", json!({ "uid": uid, "code": code })).await.text_of("enrolment");
    }
    let taken = [phone.takes((&uid, &code), PIN), other.takes((&uid, &code), PIN)];
    let taken = futures::future::join_all(taken.map(|message| site.message("initialise", message))).await;
    let mut statuses: Vec<_> = taken.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404], "of two telephones one");
    // It may say so once more, its answer lost; the other one hears that it came too late.
    let (winner, loser) = if taken[0].status == StatusCode::OK { (&phone, &other) } else { (&other, &phone) };
    assert_eq!(site.message("initialise", winner.takes((&uid, &code), PIN)).await.json, json!({ "state": "waiting" }));
    assert_eq!((winner.state(&site, &uid).await, loser.state(&site, &uid).await), ("waiting".into(), "ended".into()));
    let page = ada.get("/account/security/mobile/pair").await;
    assert!(ada.submit(&page.form("/account/security/mobile/pair")).await.path.contains("done=added"));
    assert_eq!((winner.state(&site, &uid).await, loser.state(&site, &uid).await), ("confirmed".into(), "ended".into()));
    // The typed code is the same enrolment's, in any case, and gone with it.
    let typed = ada.begin_phone().await;
    let (uid, _) = typed.pairing();
    let short = typed_code(&typed).to_lowercase();
    assert_eq!(short.len(), 9, "{short}");
    assert_eq!(site.message("look", json!({ "uid": uid, "code": short })).await.status, StatusCode::OK);
    site.clock.advance(Duration::from_secs(300));
    let late = site.message("look", json!({ "uid": uid, "code": short })).await;
    assert_eq!((late.status, late.problem()), (StatusCode::NOT_FOUND, "enrolment-gone"));
}

#[tokio::test]
async fn what_is_not_signed_or_not_an_answer_at_all_is_refused() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let (uid, code) = ada.begin_phone().await.pairing();
    let (mut phone, mut other) = (Phone::new(), Phone::new());
    phone.id = site.message("look", json!({ "uid": uid, "code": code })).await.text_of("enrolment");
    let right = phone.takes((&uid, &code), PIN);
    // Another's key, the key of another PIN, a signature over something else.
    other.id.clone_from(&phone.id);
    for (member, foreign) in [
        ("public_key", other.takes((&uid, &code), PIN)),
        ("pin_key", phone.takes((&uid, &code), OTHER_PIN)),
        ("signature", other.takes((&uid, &code), PIN)),
    ] {
        let mut message = right.clone();
        message[member] = foreign[member].clone();
        let answer = site.message("initialise", message).await;
        assert_eq!((answer.status, answer.problem()), (StatusCode::FORBIDDEN, "wrong-signature"), "{member}");
    }
    other.id = "0".repeat(32);
    let moved = site.message("initialise", other.takes((&uid, &code), PIN)).await;
    assert_eq!(moved.problem(), "wrong-signature", "of another enrolment");
    let with = |member: &str, value: Value| {
        let mut message = right.clone();
        message[member] = value;
        message
    };
    for (message, status) in [
        (with("public_key", json!("AAAA")), 422),
        (with("pin_key", json!("not base64!")), 422),
        (with("device", json!({ "model": "x".repeat(65) })), 422),
        (with("device", json!({ "model": "a\u{0}b" })), 422),
        (with("unknown", json!(1)), 422),
        (with("pin", json!(4071)), 422),
    ] {
        assert_eq!(site.message("initialise", message.clone()).await.status.as_u16(), status, "{message}");
    }
    let raw = right.to_string();
    let foreign = site.message_from("https://evil.example", "initialise", raw.clone()).await;
    assert_eq!((foreign.status, foreign.problem()), (StatusCode::FORBIDDEN, "other-origin"));
    for (body, status) in [(String::from("{"), 400), ("x".repeat(20_000), 413), (String::new(), 400)] {
        assert_eq!(site.message_from("https://login.example.org", "look", body).await.status.as_u16(), status);
    }
    assert_eq!(site.message("initialise", right).await.status, StatusCode::OK, "none of that used it up");
}

#[tokio::test]
async fn an_enrolment_is_worth_something_in_its_own_session_only() {
    let site = TestSite::new().await;
    let (mut ada, mut eve) = (site.registered(ADA).await, site.registered("eve@example.org").await);
    let (uid, code) = ada.begin_phone().await.pairing();
    let mut phone = Phone::new();
    assert_eq!(phone.take(&site, (&uid, &code), PIN).await.status, StatusCode::OK);
    // Somebody else's click adds nothing, nor does one in another session of the same account.
    let page = ada.get("/account/security/mobile/pair").await;
    assert_eq!(eve.get("/account/security/mobile/pair").await.path, "/account/security/mobile?done=ended");
    let mut elsewhere = site.browser_at("198.51.100.7");
    elsewhere.sign_in(ADA, PASSWORD).await;
    assert_eq!(elsewhere.get("/account/security/mobile/pair").await.path, "/account/security/mobile?done=ended");
    assert_eq!(phone.state(&site, &uid).await, "waiting");
    // Cancelled, it is gone for both sides.
    let cancel = page.form("/account/security/mobile/cancel");
    assert_eq!(ada.submit(&cancel).await.path, "/account/security/mobile");
    assert_eq!(phone.state(&site, &uid).await, "ended");
    let late = ada.submit(&page.form("/account/security/mobile/pair")).await;
    assert_eq!(late.path, "/account/security/mobile?done=ended");
    // A code belongs to its account: with another uid it is nobody's.
    let (_, code) = ada.begin_phone().await.pairing();
    let (theirs, _) = eve.begin_phone().await.pairing();
    let swapped = site.message("look", json!({ "uid": theirs, "code": code })).await;
    let unknown = site.message("look", json!({ "uid": "nzzzzzzz", "code": code })).await;
    assert_eq!((swapped.status, swapped.problem()), (StatusCode::NOT_FOUND, "enrolment-gone"));
    assert_eq!((unknown.status, unknown.problem()), (StatusCode::NOT_FOUND, "enrolment-gone"));
}

/// The code of an enrolment that is typed.
fn typed_code(page: &Page) -> String {
    page.text().split("Code ").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a code").to_owned()
}

#[tokio::test]
async fn typed_codes_are_guessed_neither_from_one_network_nor_for_one_account() {
    let mut limits = Limits::default();
    limits.pairing_account.max = 20;
    let site = World::sqlite().await.site(Setup { limits, ..Setup::default() }).await;
    site.age().await;
    let (mut ada, mut eve) = (site.registered(ADA).await, site.registered("eve@example.org").await);
    let page = ada.begin_phone().await;
    let (uid, code) = page.pairing();
    // However the uid is spelled.
    for spelling in [uid.clone(), uid.to_uppercase(), format!(" {uid}"), format!("{uid}\t")].iter().cycle().take(20) {
        let wrong = site.message("look", json!({ "uid": spelling, "code": "AAAA-AAAA" })).await;
        assert_eq!(wrong.status, StatusCode::NOT_FOUND);
    }
    let short = typed_code(&page);
    let limited = site.message("look", json!({ "uid": uid, "code": short })).await;
    assert_eq!((limited.status, limited.problem()), (StatusCode::TOO_MANY_REQUESTS, "rate-limited"));
    assert!(limited.header("retry-after").parse::<u64>().unwrap() > 0);
    let theirs = eve.begin_phone().await;
    let (other, _) = theirs.pairing();
    let message = |code: String| json!({ "uid": other, "code": code });
    assert_eq!(site.message("look", message(typed_code(&theirs))).await.status, StatusCode::OK, "another account");
    for _ in 0..10 {
        site.message("look", message("AAAA-AAAA".into())).await;
    }
    assert_eq!(site.message("look", message(typed_code(&theirs))).await.status.as_u16(), 429, "the same network");
    // What a camera reads nobody guesses, and so nobody is kept from it.
    assert_eq!(site.message("look", json!({ "uid": uid, "code": code })).await.status, StatusCode::OK);
    let wrong = site.message("look", message("A".repeat(22))).await;
    assert_eq!(wrong.status, StatusCode::TOO_MANY_REQUESTS, "but wrong ones have an end");
}

#[tokio::test]
async fn a_click_adds_the_telephone_that_its_page_showed() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let (first, page) = ada.pair_phone().await;
    let old = page.form("/account/security/mobile/pair");
    let (second, page) = ada.pair_phone().await;
    assert_eq!(ada.submit(&old).await.path, "/account/security/mobile?done=ended", "an older tab");
    let renamed = page.form("/account/security/mobile/pair").with("device_name", "Another name");
    assert_eq!(ada.submit(&renamed).await.path, "/account/security/mobile?done=ended");
    let cancel = page.form("/account/security/mobile/cancel");
    ada.submit(&cancel).await;
    let late = ada.submit(&page.form("/account/security/mobile/pair")).await;
    assert_eq!(late.path, "/account/security/mobile?done=ended", "cancelled is cancelled");
    assert!(!site.event_types().await.iter().any(|name| name == "account.factor_added"));
    assert_ne!(first.id, second.id);
}

#[tokio::test]
async fn who_has_not_five_minutes_left_proves_more_first() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    site.clock.advance(Duration::from_secs(301));
    assert!(ada.begin_phone().await.path.starts_with("/account/verify"));
}

/// The link that was mailed last.
fn last_link(site: &TestSite) -> String {
    let mails = site.mails.to(ADA);
    mails.iter().rev().find(|mail| mail.text.contains("/l/")).expect("a mail with a link").link()
}

#[tokio::test]
async fn a_suspended_telephone_opens_nothing_and_objects_to_a_recovery() {
    let site = TestSite::new().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    let tablet = ada.add_phone().await;
    site.clock.advance(Duration::from_secs(8 * 24 * 3600));
    let mut stranger = site.browser_at("203.0.113.1");
    stranger.sign_in(ADA, PASSWORD).await;
    let lost = stranger.get("/login/lost").await;
    stranger.submit(&lost.form("/login/lost")).await;
    site.settle().await;
    let link = last_link(&site);
    let page = stranger.get(&link).await;
    let form = page.form(&link).with("password", PASSWORD);
    stranger.submit(&form).await;
    stranger.sign_in(ADA, PASSWORD).await;
    let verify = stranger.get("/login/verify?method=qr").await;
    assert!(!verify.body.contains("/app#code="), "neither is asked: {}", verify.text());
    let recovery = stranger.get("/login/recovery").await;
    stranger.submit(&recovery.form("/login/recovery")).await;
    site.settle().await;
    let link = last_link(&site);
    let page = stranger.get(&link).await;
    stranger.submit(&page.form(&link).with("password", PASSWORD)).await;
    site.settle().await;
    // Its owner finds the second one again.
    let mut owner = site.browser_at("198.51.100.5");
    owner.sign_in(ADA, PASSWORD).await;
    for found in [&phone, &tablet] {
        let page = owner.get(&format!("/login/recovery?method=qr&device={}", found.id)).await;
        assert_eq!(page.challenge().0, found.id);
    }
    let page = owner.get(&format!("/login/recovery?method=qr&device={}", tablet.id)).await;
    let form = page.form("/login/recovery/cancel");
    let wrong = owner.submit(&form.clone().with("app_code", "00000000")).await;
    assert_eq!(
        (wrong.status, wrong.challenge().0),
        (StatusCode::UNPROCESSABLE_ENTITY, tablet.id.clone()),
        "the same again"
    );
    let code = tablet.code(PIN, &wrong.challenge().1);
    let page = owner.submit(&wrong.form("/login/recovery/cancel").with("app_code", &code)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(site.event_types().await.iter().any(|name| name == "account.recovery_cancelled"), "{}", page.text());
    site.world().assert_clean().await;
}

#[tokio::test]
async fn a_challenge_is_one_browsers_one_devices_and_good_for_two_minutes() {
    let site = TestSite::new().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    let tablet = ada.add_phone().await;
    ada.sign_out().await;
    let mut one = site.browser_at("198.51.100.1");
    one.sign_in(ADA, PASSWORD).await;
    let page = one.get("/login/verify?method=qr").await;
    let other = page.body.split("device=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (asked, challenge) = page.challenge();
    let (named, unnamed) = if asked == phone.id { (&phone, &tablet) } else { (&tablet, &phone) };
    assert_eq!(other, unnamed.id, "the page leads to the other one");
    // What one shows is not the other's answer, whichever device the form names.
    let form = page.form("/login/verify");
    for form in [form.clone(), form.clone().with("device", &unnamed.id)] {
        let page = one.submit(&form.with("app_code", &unnamed.code(PIN, &challenge))).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // In another browser it is worth nothing.
    let mut two = site.browser_at("198.51.100.2");
    two.sign_in(ADA, PASSWORD).await;
    let (device, here) = one.get("/login/verify?method=qr").await.challenge();
    let right = if device == phone.id { &phone } else { &tablet };
    let there = two.get("/login/verify?method=qr").await;
    let page = two.submit(&there.form("/login/verify").with("app_code", &right.code(PIN, &here))).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Two minutes later the same is asked with another challenge.
    let page = one.get("/login/verify?method=qr").await;
    let (device, challenge) = page.challenge();
    let right = if device == phone.id { &phone } else { &tablet };
    site.clock.advance(Duration::from_secs(120));
    let late = one.submit(&page.form("/login/verify").with("app_code", &right.code(PIN, &challenge))).await;
    assert!(late.text().contains("took too long"), "{}", late.text());
    assert_ne!(late.challenge().1, challenge);
    let page = one.get(&format!("/login/verify?method=qr&device={}", named.id)).await;
    assert_eq!(page.challenge().0, named.id);
    let code = named.code(PIN, &page.challenge().1);
    assert_eq!(one.submit(&page.form("/login/verify").with("app_code", &code)).await.path, "/account");
}

#[tokio::test]
async fn of_two_telephones_the_one_that_was_used_last_is_asked() {
    let site = TestSite::new().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    site.clock.advance(Duration::from_secs(1));
    let tablet = ada.add_phone().await;
    let mut last = None;
    for (round, used) in [&phone, &tablet, &tablet, &phone].into_iter().enumerate() {
        site.clock.advance(Duration::from_secs(1));
        let mut browser = site.browser_at(&format!("198.51.100.{round}"));
        browser.sign_in(ADA, PASSWORD).await;
        let page = browser.get("/login/verify?method=qr").await;
        let asked = page.challenge().0;
        assert!(last.is_none_or(|last: &Phone| last.id == asked), "round {round}: {asked}");
        let page = browser.get(&format!("/login/verify?method=qr&device={}", used.id)).await;
        let code = used.code(PIN, &page.challenge().1);
        assert_eq!(browser.submit(&page.form("/login/verify").with("app_code", &code)).await.path, "/account");
        last = Some(used);
    }
}

#[tokio::test]
async fn wrong_codes_pause_a_telephone_for_strangers_and_never_for_its_owner() {
    let site = TestSite::new().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    ada.sign_out().await;
    let mut stranger = site.browser_at("203.0.113.1");
    for hour in 0..2 {
        stranger.sign_in(ADA, PASSWORD).await;
        for _ in 0..10 {
            let page = stranger.answer_phone(&phone, OTHER_PIN).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "hour {hour}");
        }
        site.clock.advance(Duration::from_secs(3_601));
    }
    stranger.sign_in(ADA, PASSWORD).await;
    let page = stranger.answer_phone(&phone, PIN).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "twenty a day, whatever the hour allows");
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.path, "/login/verify");
    assert_eq!(ada.answer_phone(&phone, PIN).await.path, "/account");
    site.clock.advance(Duration::from_secs(24 * 3_600));
    stranger.sign_in(ADA, PASSWORD).await;
    assert_eq!(stranger.answer_phone(&phone, PIN).await.path, "/account");
}

#[tokio::test]
async fn a_telephone_that_was_removed_opens_nothing_and_its_keys_are_gone() {
    let site = TestSite::new().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    let mut other = site.browser_at("198.51.100.1");
    other.sign_in(ADA, PASSWORD).await;
    let page = other.get("/login/verify?method=qr").await;
    let form = page.form("/login/verify").with("app_code", &phone.code(PIN, &page.challenge().1));
    let remove = ada.device_page().await.form("/account/security/device/remove");
    assert_eq!(ada.submit(&remove).await.path, "/account/security?done=removed");
    assert_ne!(other.submit(&form).await.path, "/account");
    site.settle().await;
    assert!(site.mails.to(ADA).iter().any(|mail| mail.text.contains("/help/mobile-device\n")), "how another is added");
    site.world().assert_clean().await;
}
