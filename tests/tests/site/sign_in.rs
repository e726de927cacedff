//! Signing in and out: sessions, limits, locks, and who may never be locked out.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::StatusCode;
use chancery_domain::account::AccountEvent;
use chancery_service::accounts::administer::Measure;
use chancery_tests::site::{PASSWORD, Setup, TestSite, World, count};

const ADA: &str = "ada@example.org";
const WRONG: &str = "Wrong-horse7battery";
const MINUTE: Duration = Duration::from_secs(60);

/// What the counted summaries say, in order.
async fn failures(site: &TestSite) -> Vec<u32> {
    let (mut counts, mut since) = (Vec::new(), None);
    for row in site.events().await.iter().filter(|row| row.event_type == "account.sign_in_failed") {
        if let AccountEvent::SignInFailed(failed) = site.app.store.open_event(row).await.expect("the event opens") {
            assert_eq!(*since.get_or_insert(failed.since), failed.since, "all since the window's beginning");
            counts.push(failed.count);
        }
    }
    counts
}

#[tokio::test]
async fn cookies_on_https_are_bound_to_the_host() {
    let site = TestSite::new().await;
    let ada = site.registered(ADA).await;
    for name in ["__Host-chancery-browser", "__Host-chancery-session", "__Host-chancery-known"] {
        assert!(ada.cookies.contains_key(name), "{name} in {:?}", ada.cookies.keys());
    }
    let page = site.browser().get("/login").await;
    assert_eq!(page.header("strict-transport-security"), "max-age=63072000");
    let setup = Setup { public_url: "http://localhost:8080".to_owned(), ..Setup::default() };
    let local = World::sqlite().await.site(setup).await;
    let mut browser = local.browser();
    assert_eq!(browser.get("/login").await.header("strict-transport-security"), "");
    assert!(browser.cookies.contains_key("chancery-browser"));
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_or_old() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    for _ in 0..3 {
        site.clock.advance(59 * MINUTE);
        assert!(ada.get("/account").await.path == "/account", "use keeps it alive");
    }
    site.clock.advance(60 * MINUTE);
    assert!(!ada.is_signed_in().await, "idle for an hour");

    ada.sign_in(ADA, PASSWORD).await;
    for _ in 0..14 {
        site.clock.advance(50 * MINUTE);
        assert!(ada.is_signed_in().await);
    }
    site.clock.advance(21 * MINUTE);
    assert!(!ada.is_signed_in().await, "twelve hours old, used or not");
}

#[tokio::test]
async fn a_public_computer_is_forgotten_soon() {
    let site = TestSite::new().await;
    site.registered(ADA).await;
    let mut ada = site.browser_at("198.51.100.1");
    let page = ada.get("/login").await;
    let page = ada.submit(&page.form("/login").with("name", ADA)).await;
    let form = page.form("/login/password").with("password", PASSWORD).with("public_computer", "on");
    assert_eq!(ada.submit(&form).await.path, "/account");
    assert_eq!(ada.cookie("chancery-known"), None, "it never becomes a known browser");
    site.clock.advance(14 * MINUTE);
    assert!(ada.is_signed_in().await);
    site.clock.advance(MINUTE);
    assert!(!ada.is_signed_in().await);
}

#[tokio::test]
async fn signing_out_leaves_the_known_browser_cookie_alone() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let known = ada.cookie("chancery-known").map(str::to_owned);
    assert!(known.is_some());
    let ended = ada.cookies.clone();
    let page = ada.sign_out().await;
    assert_eq!(page.header("clear-site-data"), "\"cache\"");
    assert_eq!(ada.cookie("chancery-session"), None);
    assert_eq!(ada.cookie("chancery-known").map(str::to_owned), known);
    // The cookie of a session that ended is worth nothing.
    ada.cookies = ended;
    assert_eq!(ada.get("/account").await.path, "/login?ended&target=/account");
    // Signing out everywhere forgets it.
    ada.sign_in(ADA, PASSWORD).await;
    let page = ada.get("/account").await;
    ada.submit(&page.form("/sign-out/everywhere")).await;
    for _ in 0..site.app.limits.sign_in_network.max {
        ada.sign_in(ADA, WRONG).await;
    }
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS, "unknown from then on");
}

#[tokio::test]
async fn a_51st_session_ends_the_one_that_was_used_least_recently() {
    let site = TestSite::new().await;
    let mut first = site.registered(ADA).await;
    let mut browsers = Vec::new();
    for _ in 1..50 {
        site.clock.advance(Duration::from_secs(61));
        let mut browser = first.clone();
        browser.cookies.retain(|name, _| name.contains("known"));
        browser.sign_in(ADA, PASSWORD).await;
        browsers.push(browser);
        assert!(first.is_signed_in().await);
    }
    site.clock.advance(Duration::from_secs(61));
    let mut one_more = first.clone();
    one_more.cookies.retain(|name, _| name.contains("known"));
    assert_eq!(one_more.sign_in(ADA, PASSWORD).await.path, "/account");
    assert!(first.is_signed_in().await, "the first one was in use all the time");
    assert!(!browsers[0].is_signed_in().await);
    assert!(browsers[1].is_signed_in().await);
    assert_eq!(count(&site, "account.sessions_ended").await, 1);
}

#[tokio::test]
async fn strangers_lock_themselves_out_and_nobody_else() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    ada.sign_out().await;
    let mut stranger = site.browser_at("198.51.100.1");
    let max = site.app.limits.sign_in_network.max;
    for _ in 0..max {
        assert_eq!(stranger.sign_in(ADA, WRONG).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let refused = stranger.sign_in(ADA, PASSWORD).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "the right password is refused too");
    site.settle().await;
    assert_eq!(failures(&site).await, [1, 2, 4, 8, max], "the first of the series, each doubling, and the sum");
    assert_eq!(count(&site, "account.sign_in_locked").await, 1);
    let told = site
        .mails
        .to(ADA)
        .into_iter()
        .filter(|mail| mail.raw.contains("sign-in-locked") || mail.text.contains("wrong"))
        .count();
    assert!(told <= 1);
    assert_eq!(site.mails.to(ADA).len(), 2, "the registration, and one word of the lock");
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.path, "/account", "the owner's known browser");
    let page = site.browser_at("203.0.113.5").sign_in(ADA, PASSWORD).await;
    assert_eq!(page.path, "/account?done=asked-again", "another network");
    // The mailed reset always works.
    let page = stranger.lose_password(ADA).await;
    assert_eq!(page.path, "/check-mail");
    // A quarter of an hour later the window is over.
    site.clock.advance(15 * MINUTE);
    assert_eq!(stranger.sign_in(ADA, PASSWORD).await.path, "/account");
}

/// Every lock is recorded, and of the first of a day its owner is told.
#[tokio::test]
async fn two_networks_that_are_locked_out_in_a_day_are_one_mail() {
    let site = TestSite::new().await;
    site.registered(ADA).await;
    for (locks, address) in [(1, "198.51.100.1"), (2, "203.0.113.5")] {
        let mut stranger = site.browser_at(address);
        for _ in 0..site.app.limits.sign_in_network.max {
            assert_eq!(stranger.sign_in(ADA, WRONG).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert_eq!(stranger.sign_in(ADA, WRONG).await.status, StatusCode::TOO_MANY_REQUESTS);
        site.settle().await;
        assert_eq!(count(&site, "account.sign_in_locked").await, locks);
        assert_eq!(site.mails.to(ADA).len(), 2, "the registration, and one word of the first lock");
    }
}

#[tokio::test]
async fn a_known_browser_that_used_up_its_tries_is_a_stranger_and_never_locked_by_itself() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    ada.sign_out().await;
    for _ in 0..site.app.limits.sign_in_known_browser.max {
        ada.sign_in(ADA, WRONG).await;
    }
    site.settle().await;
    assert_eq!(count(&site, "account.sign_in_locked").await, 0);
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.path, "/account", "as a stranger may");
    ada.sign_out().await;
    for _ in 0..site.app.limits.sign_in_network.max {
        assert_eq!(ada.sign_in(ADA, WRONG).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    site.settle().await;
    assert_eq!(count(&site, "account.sign_in_locked").await, 1, "of the network");
}

#[tokio::test]
async fn a_right_password_is_no_failure_whatever_else_went_wrong() {
    let site = TestSite::new().await;
    site.registered(ADA).await;
    let mut ada = site.browser_at("198.51.100.1");
    site.app.clock_agrees.store(false, Ordering::Relaxed);
    for _ in 0..=site.app.limits.sign_in_network.max {
        assert_eq!(ada.sign_in(ADA, PASSWORD).await.status, StatusCode::SERVICE_UNAVAILABLE);
    }
    site.app.clock_agrees.store(true, Ordering::Relaxed);
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.path, "/account");
    site.settle().await;
    assert!(failures(&site).await.is_empty());
}

#[tokio::test]
async fn a_guess_at_the_current_password_is_a_guess() {
    let site = TestSite::new().await;
    let mut thief = site.registered(ADA).await;
    thief.cookies.retain(|name, _| !name.contains("known"));
    let new = "Staple-horse9battery";
    let mut page = thief.get("/account").await;
    for _ in 0..site.app.limits.sign_in_network.max {
        let form = page.form("/account/password").with("current_password", WRONG);
        page = thief.submit(&form.with("new_password", new).with("confirm_password", new)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let form = page.form("/account/password").with("current_password", PASSWORD);
    let form = form.with("new_password", new).with("confirm_password", new);
    assert_eq!(thief.submit(&form).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(thief.sign_in(ADA, PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS, "by the same counters");
    site.settle().await;
    assert_eq!(failures(&site).await, [1, 2, 4, 8, site.app.limits.sign_in_network.max]);
    assert_eq!(site.mails.to(ADA).len(), 2, "the registration, and one word of the lock");
}

#[tokio::test]
async fn a_new_sign_in_ends_the_session_that_its_browser_had() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let copied = ada.clone();
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.path, "/account");
    assert!(ada.is_signed_in().await);
    assert!(!copied.clone().is_signed_in().await, "a copied cookie ends with it");
    // Another person at the same browser.
    let copied = ada.clone();
    site.registered("bob@example.org").await;
    assert_eq!(ada.sign_in("bob@example.org", PASSWORD).await.path, "/account");
    assert!(!copied.clone().is_signed_in().await);
    assert_eq!(count(&site, "account.signed_out").await, 2);
}

#[tokio::test]
async fn everywhere_is_said_only_where_it_happened() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let mut thief = site.browser_at("198.51.100.1");
    thief.sign_in(ADA, PASSWORD).await;
    let page = ada.get("/account").await;
    site.clock.advance(59 * MINUTE);
    assert!(thief.is_signed_in().await);
    site.clock.advance(2 * MINUTE);
    let refused = ada.submit(&page.form("/sign-out/everywhere")).await;
    assert_eq!(refused.path, "/login?ended", "idle for an hour: nothing was ended");
    assert!(thief.is_signed_in().await);
    ada.sign_in(ADA, PASSWORD).await;
    let everywhere = ada.get("/account").await.form("/sign-out/everywhere");
    let before = ada.cookies.clone();
    for time in ["first", "answer lost"] {
        ada.cookies = before.clone();
        assert!(ada.submit(&everywhere).await.text().contains("everywhere"), "{time}");
    }
    assert!(!thief.is_signed_in().await);
}

#[tokio::test]
async fn tries_by_uid_tell_nothing_about_the_address() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let text = ada.get("/account").await.text();
    let uid = text.split_whitespace().find(|word| word.len() == 8 && word.starts_with('n')).unwrap().to_owned();
    let mut stranger = site.browser_at("198.51.100.1");
    for _ in 0..site.app.limits.sign_in_network.max {
        stranger.sign_in(&uid, WRONG).await;
    }
    assert_eq!(stranger.sign_in(&uid, WRONG).await.status, StatusCode::TOO_MANY_REQUESTS);
    // Were the counter shared, the one address that is limited at once would be the uid's.
    for name in [ADA, "somebody@example.org"] {
        assert_eq!(stranger.sign_in(name, WRONG).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
    }
}

#[tokio::test]
async fn a_network_that_tries_many_names_works_for_it_and_then_waits() {
    let site = TestSite::new().await;
    site.registered(ADA).await;
    let mut sprayer = site.browser_at("198.51.100.1");
    for n in 0..site.app.limits.spraying_checked.max {
        let page = sprayer.sign_in(&format!("person{n}@example.org"), WRONG).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let page = sprayer.get("/login").await;
    let page = sprayer.submit(&page.form("/login").with("name", ADA)).await;
    let form = page.form("/login/password").with("password", PASSWORD);
    assert!(form.fields.contains_key("challenge"), "a proof of work is asked for");
    let refused = sprayer.submit(&form.clone().without("challenge").without("pow").without("wait")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "leaving it out does not help");
    assert_eq!(sprayer.submit(&form.solved()).await.path, "/account");
    let page = site.browser_at("203.0.113.5").sign_in(ADA, PASSWORD).await;
    assert_eq!(page.path, "/account?done=asked-again", "others are not bothered");
}

#[tokio::test]
async fn a_changed_password_ends_every_other_session_and_is_mailed() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let mut elsewhere = site.browser_at("198.51.100.1");
    elsewhere.sign_in(ADA, PASSWORD).await;
    let new = "Staple-horse9battery";
    let page = ada.get("/account").await;
    let form = page.form("/account/password").with("new_password", new).with("confirm_password", new);
    let refused = ada.submit(&form.clone().with("current_password", WRONG)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = refused.form("/account/password").with("current_password", PASSWORD);
    let form = form.with("new_password", new).with("confirm_password", new);
    let mut copied = ada.clone();
    let before = ada.cookies.clone();
    for time in ["first", "answer lost"] {
        ada.cookies = before.clone();
        let page = ada.submit(&form).await;
        assert_eq!(page.path, "/account?done=password-changed", "{time}: {}", page.text());
    }
    assert!(!copied.is_signed_in().await, "the session was given a new secret");
    let third = form.with("new_password", "Still-Another-9-Words").with("confirm_password", "Still-Another-9-Words");
    assert_eq!(ada.submit(&third).await.status, StatusCode::CONFLICT, "nobody reads that a third password counts");
    assert!(ada.is_signed_in().await);
    assert!(!elsewhere.is_signed_in().await);
    assert_eq!(elsewhere.sign_in(ADA, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(elsewhere.sign_in(ADA, new).await.path, "/account?done=asked-again");
    site.settle().await;
    let subjects: Vec<_> = site.mails.to(ADA).into_iter().map(|mail| mail.subject).collect();
    assert_eq!(subjects.len(), 3, "the registration, the sign-in elsewhere, and one word of the change: {subjects:?}");
}

#[tokio::test]
async fn a_reset_ends_every_session_and_forgets_every_browser() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let mut finder = site.browser_at("198.51.100.1");
    finder.lose_password(ADA).await;
    site.settle().await;
    let link = site.mails.link_to(ADA);
    assert_eq!(finder.follow_link(&link).await.path, "/account?done=password-reset");
    assert!(!ada.is_signed_in().await);
    site.settle().await;
    assert_eq!(site.mails.to(ADA).len(), 3, "the registration, the link, and one word of the reset");
}

#[tokio::test]
async fn a_suspended_account_is_of_no_use_at_once() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let text = ada.get("/account").await.text();
    let uid = text.split_whitespace().find(|word| word.len() == 8 && word.starts_with('n')).unwrap();
    let uid = chancery_domain::values::Uid::parse(uid).unwrap();
    let mut finder = site.browser_at("198.51.100.1");
    finder.lose_password(ADA).await;
    site.settle().await;
    let link = site.mails.link_to(ADA);
    site.app.administer("root", &uid, &Measure::Suspend, "stolen").await.unwrap();
    assert!(!ada.is_signed_in().await);
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(finder.get(&link).await.status, StatusCode::GONE, "no mailed link works");
    site.app.administer("root", &uid, &Measure::Resume, "given back").await.unwrap();
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.path, "/account");
}

#[tokio::test]
async fn what_one_node_acknowledged_the_other_obeys() {
    for world in [World::sqlite().await, World::postgres().await] {
        let one = world.site(Setup::default()).await;
        let two = world.site(Setup { seed: 2, ..Setup::default() }).await;
        let ada = one.registered(ADA).await;
        assert!(ada.on(&two).is_signed_in().await);
        for _ in 0..20 {
            let mut there = ada.on(&two);
            there.cookies.retain(|name, _| !name.contains("session"));
            there.sign_in(ADA, PASSWORD).await;
            let mut here = there.on(&one);
            assert!(here.is_signed_in().await);
            here.sign_out().await;
            assert!(!there.is_signed_in().await, "the very next request");
        }
    }
}
