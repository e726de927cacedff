//! A browser in which several factors were proved lately stands for the password, and never for a second factor. Whoever types
//! the same name in any other browser sees what an unknown name leads to.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use chancery_domain::account::{Account, AccountEvent, Level, SignInMethod, SignedIn, Strength};
use chancery_domain::policy::{AdaptiveSignIn, Policy};
use chancery_domain::values::EmailAddress;
use chancery_eventstore::PostgresOptions;
use chancery_service::accounts::administer::{Measure, Measured};
use chancery_service::accounts::email_claim;
use chancery_tests::site::{ANSWER_AFTER, Browser, PASSWORD, PIN, Page, Phone, Setup, SoftKey, TestSite, User, World};

const ADA: &str = "ada@example.org";
const EVE: &str = "eve@example.org";
const UNKNOWN: &str = "nob@example.org";
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn last_sign_in(site: &TestSite) -> SignedIn {
    let rows = site.events().await;
    let row = rows.iter().rfind(|row| row.event_type == "account.signed_in").unwrap();
    match site.app.store.open_event(row).await.unwrap() {
        AccountEvent::SignedIn(signed_in) => signed_in,
        other => panic!("{other:?}"),
    }
}

async fn account(site: &TestSite, email: &str) -> Account {
    let claim = email_claim(&EmailAddress::parse(email).unwrap().normalised());
    site.app.store.find::<Account>(&claim).await.unwrap().unwrap().state
}

/// Signs in with the password and the app, and out again.
async fn proves_both(site: &TestSite, browser: &mut Browser<'_>, email: &str, phone: &Phone) {
    assert_eq!(browser.sign_in(email, PASSWORD).await.path, "/login/verify");
    let page = browser.ask_phones().await;
    assert_eq!(phone.approve(site, &page, PIN).await.status, StatusCode::OK);
    assert_eq!(browser.go_on(&page).await.path, "/account");
    browser.sign_out().await;
}

/// Somebody with the app, signed out, in whose browser both factors were proved a moment ago.
async fn proved<'a>(site: &'a TestSite, email: &str) -> (Browser<'a>, Phone) {
    let (mut browser, phone) = site.registered_with_phone(email).await;
    browser.sign_out().await;
    assert_eq!(browser.give_name(email).await.path, "/login", "a device that was added is no sign-in with it");
    proves_both(site, &mut browser, email, &phone).await;
    (browser, phone)
}

/// Whether the password comes next.
fn asks_for_password(page: &Page) -> bool {
    page.status == StatusCode::OK && page.find_form("/login/password").is_some()
}

async fn without_password(world: World, one: TestSite, two: TestSite) {
    one.age().await;
    let (mut ada, phone) = proved(&one, ADA).await;
    let page = ada.give_name(ADA).await;
    assert_eq!(page.path, "/login/verify");
    let text = page.text();
    assert!(text.contains("without your password") && text.contains("Mobile App PIN Code"), "{text}");
    assert!(!text.contains("QR Code") && !text.contains("lost"), "only what verifies who uses it: {text}");
    let password = text.rfind("You need your password").unwrap();
    assert!(password > text.find("PIN Code").unwrap(), "the password stands last: {text}");

    let mut there = ada.on(&two);
    let page = there.ask_phones().await;
    assert_eq!(phone.approve(&one, &page, PIN).await.status, StatusCode::OK);
    let before = there.clone();
    let form = page.form("/login/verify");
    assert_eq!(there.submit(&form).await.path, "/account");
    let signed_in = last_sign_in(&one).await;
    assert_eq!((signed_in.level, &signed_in.strengths[..]), (Level::Medium, &[Strength::MobileApp][..]));
    let methods: Vec<_> = signed_in.proofs.iter().map(|proof| proof.method).collect();
    assert_eq!(methods, [SignInMethod::MobileAppPinCode], "no password");
    assert!(signed_in.known_browser);
    // Sent again, its answer lost, it ends in the same place.
    assert_eq!(before.clone().submit(&form).await.path, "/account");

    // The password is a way as well, and leads to everything that follows it.
    there.sign_out().await;
    there.give_name(ADA).await;
    let page = there.get("/login/verify?method=password").await;
    assert!(asks_for_password(&page), "{}", page.text());
    let page = there.submit(&page.form("/login/password").with("password", PASSWORD)).await;
    assert!(page.path == "/login/verify" && page.text().contains("QR Code"), "{}", page.text());
    one.settle().await;
    world.assert_clean().await;
}

#[tokio::test]
async fn the_password_is_left_out_in_a_browser_that_is_believed_on_sqlite() {
    let world = World::sqlite().await;
    let second = Setup { seed: 2, ..Setup::default() };
    let (one, two) = (world.site(Setup::default()).await, world.site(second).await);
    without_password(world, one, two).await;
}

#[tokio::test]
async fn the_password_is_left_out_in_a_browser_that_is_believed_on_two_nodes() {
    let (world, fixture) = World::postgres_with_fixture().await;
    let one = world.site(Setup::default()).await;
    let second = Setup { seed: 2, ..Setup::default() };
    let two = world.node(PostgresOptions::new(fixture.service())).await.site(second).await;
    without_password(world, one, two).await;
}

#[tokio::test]
async fn a_passkey_follows_such_a_browser_where_it_needs_the_password_anywhere_else() {
    let policy = Policy { passkey_needs_password: true, ..Policy::default() };
    let site = World::sqlite().await.site(Setup { policy, ..Setup::default() }).await;
    site.age().await;
    let mut ada = site.registered(ADA).await;
    let mut key = SoftKey::new();
    ada.add_key("passkey", &mut key, User::Verified).await;
    let mut second = SoftKey::new();
    ada.add_key("second", &mut second, User::Present).await;
    ada.sign_out().await;
    ada.sign_in(ADA, PASSWORD).await;
    let page = ada.asks_key().await;
    let answer = key.answer(&page, User::Verified);
    assert_eq!(ada.answer_key(&page, &answer).await.path, "/account");
    ada.sign_out().await;

    assert_eq!(ada.give_name(ADA).await.path, "/login/verify");
    let page = ada.asks_key().await;
    assert_eq!(chancery_tests::site::asked(&page).allow_credentials.len(), 1, "only the passkey is asked");
    let answer = key.answer(&page, User::Verified);
    assert_eq!(ada.answer_key(&page, &answer).await.path, "/account");
    let signed_in = last_sign_in(&site).await;
    assert_eq!(signed_in.proofs.iter().map(|proof| proof.method).collect::<Vec<_>>(), [SignInMethod::Passkey]);
    assert_eq!(signed_in.strengths, [Strength::PasswordWebauthn]);
    site.world().assert_clean().await;
}

/// What a browser is shown for a name, without what is random, and how long that took.
async fn shown(site: &TestSite, browser: &Browser<'_>, name: &str) -> (Duration, StatusCode, String, String) {
    let mut browser = browser.clone();
    let form = browser.get("/login").await.form("/login").with("name", name);
    let sent = site.app.now();
    let answer = browser.send(Method::POST, "/login", Some(form.body())).await;
    let took = site.app.now().since(sent);
    (took, answer.status, answer.header("location").to_owned(), answer.text().replace(name, "NAME"))
}

#[tokio::test]
async fn in_no_other_browser_is_a_name_told_from_one_that_nobody_has() {
    let site = TestSite::new().await;
    let (ada, _) = proved(&site, ADA).await;
    let (eve, _) = proved(&site, EVE).await;
    let stranger = site.browser_at("198.51.100.1");
    // Somebody's own browser, which is known to the account, but where the password alone was proved.
    let mut with_password = site.browser_at("198.51.100.2");
    with_password.sign_in(ADA, PASSWORD).await;
    let form = with_password.get("/login/verify?method=password").await.form("/login/verify");
    assert_eq!(with_password.submit(&form).await.path, "/account");
    with_password.sign_out().await;
    // A cookie of which one character is another.
    let mut forged = ada.clone();
    let (name, cookie) = forged.cookies.iter().find(|(name, _)| name.ends_with("chancery-known")).unwrap();
    let (name, mut cookie) = (name.clone(), cookie.clone());
    let flipped = if cookie.starts_with('A') { "B" } else { "A" };
    cookie.replace_range(..1, flipped);
    forged.cookies.insert(name, cookie);

    assert!(shown(&site, &ada, ADA).await.1.is_redirection());
    for (browser, waits) in [(&stranger, false), (&eve, true), (&with_password, true), (&forged, true)] {
        let nobody = shown(&site, browser, UNKNOWN).await;
        assert_eq!(nobody, shown(&site, browser, ADA).await);
        assert_eq!((nobody.0, nobody.1), (if waits { ANSWER_AFTER } else { Duration::ZERO }, StatusCode::OK));
        assert!(nobody.3.contains("NAME") && nobody.3.contains("Password"), "{}", nobody.3);
    }
    // The same is asked of the database, too.
    let mut calls = Vec::new();
    for name in [UNKNOWN, ADA] {
        let mut browser = eve.clone();
        let form = browser.get("/login").await.form("/login").with("name", name);
        site.ports.calls();
        browser.post(&form).await;
        calls.push(site.ports.calls());
    }
    assert_eq!(calls[0], calls[1]);
}

#[tokio::test]
async fn what_ends_it_ends_it_at_the_next_name_that_is_typed() {
    let site = TestSite::new().await;
    let (mut ada, phone) = proved(&site, ADA).await;
    let believed = async |browser: &Browser<'_>| shown(&site, browser, ADA).await;
    let nobody = async |browser: &Browser<'_>| shown(&site, browser, UNKNOWN).await;

    // Sign out everywhere.
    let kept = ada.clone();
    assert!(believed(&kept).await.1.is_redirection());
    let mut elsewhere = site.browser_at("198.51.100.1");
    elsewhere.sign_in(ADA, PASSWORD).await;
    let page = elsewhere.ask_phones().await;
    phone.approve(&site, &page, PIN).await;
    elsewhere.go_on(&page).await;
    let form = elsewhere.get("/account").await.form("/sign-out/everywhere");
    elsewhere.submit(&form).await;
    assert_eq!(believed(&kept).await, nobody(&kept).await);
    // An old copy of the cookie says no more than it did, and a new one is another.
    proves_both(&site, &mut ada, ADA, &phone).await;
    assert!(believed(&ada).await.1.is_redirection());
    assert_eq!(believed(&kept).await, nobody(&kept).await);

    // A reset.
    let kept = ada.clone();
    let mut reader = site.browser_at("198.51.100.3");
    reader.lose_password(ADA).await;
    site.settle().await;
    assert_eq!(reader.follow_link(&site.mails.link_to(ADA)).await.path, "/login/verify");
    assert_eq!(believed(&kept).await, nobody(&kept).await);

    // Another password, which leaves other browsers known.
    site.clock.advance(Duration::from_secs(301));
    proves_both(&site, &mut ada, ADA, &phone).await;
    let kept = ada.clone();
    ada.sign_in(ADA, PASSWORD).await;
    let page = ada.ask_phones().await;
    phone.approve(&site, &page, PIN).await;
    ada.go_on(&page).await;
    let other = "Other-horse8battery";
    let form = ada.get("/account").await.form("/account/password").with("current_password", PASSWORD);
    let page = ada.submit(&form.with("new_password", other).with("confirm_password", other)).await;
    assert_eq!(page.path, "/account?done=password-changed", "{}", page.text());
    assert_eq!(believed(&kept).await, nobody(&kept).await);
}

#[tokio::test]
async fn an_old_copy_of_the_cookie_lasts_no_longer_though_a_later_sign_in_lasts() {
    let site = TestSite::new().await;
    let (mut ada, phone) = proved(&site, ADA).await;
    let old = ada.clone();
    site.after(20 * DAY).await;
    assert_eq!(ada.give_name(ADA).await.path, "/login/verify");
    let page = ada.ask_phones().await;
    assert_eq!(phone.approve(&site, &page, PIN).await.status, StatusCode::OK);
    assert_eq!(ada.go_on(&page).await.path, "/account");
    ada.sign_out().await;
    site.after(11 * DAY).await;
    assert_eq!(shown(&site, &old, ADA).await, shown(&site, &old, UNKNOWN).await, "31 days");
    assert!(shown(&site, &ada, ADA).await.1.is_redirection(), "11 days");
    site.after(20 * DAY).await;
    assert_eq!(shown(&site, &ada, ADA).await, shown(&site, &ada, UNKNOWN).await);
}

#[tokio::test]
async fn what_changes_while_an_answer_is_on_its_way_refuses_it() {
    for change in ["device", "account", "everywhere"] {
        let site = TestSite::new().await;
        let (mut ada, phone) = proved(&site, ADA).await;
        let mut desk = site.browser_at("198.51.100.1");
        desk.sign_in(ADA, PASSWORD).await;
        let page = desk.ask_phones().await;
        phone.approve(&site, &page, PIN).await;
        desk.go_on(&page).await;
        assert_eq!(ada.give_name(ADA).await.path, "/login/verify", "{change}");
        let page = ada.ask_phones().await;
        assert_eq!(phone.approve(&site, &page, PIN).await.status, StatusCode::OK);
        match change {
            "device" => {
                let form = desk.device_page().await.form("/account/security/device/remove");
                assert_eq!(desk.submit(&form).await.path, "/account/security?done=removed");
            }
            "account" => {
                let uid = account(&site, ADA).await.identity.unwrap().uid;
                let done = site.app.administer("root", &uid, &Measure::Suspend, "stolen").await.unwrap();
                assert!(matches!(done, Measured::Done), "{done:?}");
            }
            _ => {
                let form = desk.get("/account").await.form("/sign-out/everywhere");
                desk.submit(&form).await;
            }
        }
        let page = ada.go_on(&page).await;
        assert_eq!(page.path, "/login", "{change}: begin anew");
        assert!(!ada.is_signed_in().await, "{change}");
        assert!(asks_for_password(&ada.give_name(ADA).await), "{change}");
    }
}

#[tokio::test]
async fn a_policy_that_allows_less_refuses_what_was_begun_under_another() {
    let world = World::sqlite().await;
    let one = world.site(Setup::default()).await;
    one.age().await;
    let (mut ada, phone) = proved(&one, ADA).await;
    assert_eq!(ada.give_name(ADA).await.path, "/login/verify");
    let page = ada.ask_phones().await;
    assert_eq!(phone.approve(&one, &page, PIN).await.status, StatusCode::OK);
    let policy = Policy { adaptive_sign_in: AdaptiveSignIn::OFF, ..Policy::default() };
    one.app.propose_policy(2, &policy).await.unwrap().unwrap();
    assert_eq!(ada.go_on(&page).await.path, "/login");
    assert!(!ada.is_signed_in().await);
    assert!(asks_for_password(&ada.give_name(ADA).await));
}

#[tokio::test]
async fn neither_a_weaker_way_nor_nothing_at_all_follows_such_a_browser() {
    let site = TestSite::new().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    let app = ada.add_totp().await;
    let codes = ada.issue_codes().await;
    ada.sign_out().await;
    site.clock.advance(Duration::from_secs(30));
    proves_both(&site, &mut ada, ADA, &phone).await;
    ada.give_name(ADA).await;
    for (way, field, value) in [
        ("totp", "one_time_code", app.code(&site)),
        ("recovery", "recovery_code", codes[0].clone()),
        ("password", "password", PASSWORD.to_owned()),
        ("qr", "app_code", "12345678".to_owned()),
        ("sms", "sms_code", "AAA-BBB-CCC".to_owned()),
    ] {
        let page = ada.give_name(ADA).await;
        assert_eq!(page.path, "/login/verify");
        let form = ada.get("/login/verify?method=pin").await.form("/login/verify");
        ada.submit(&form.with("method", way).with(field, &value)).await;
        assert!(!ada.is_signed_in().await, "{way}");
    }
    let failed = site.event_types().await.iter().filter(|name| *name == "account.second_factor_failed").count();
    assert_eq!(failed, 0, "nor can codes be guessed there");
    for page in ["/login/lost", "/login/recovery"] {
        ada.give_name(ADA).await;
        assert_eq!(ada.get(page).await.path, "/login", "{page} needs the password");
    }
}
