//! Second factors on two nodes at once: what both are told opens one session, and what is guessed is counted in sum.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_eventstore::PostgresOptions;
use chancery_service::throttle::Limits;
use chancery_tests::site::{Browser, Form, NUMBER, PASSWORD, PIN, Setup, SoftKey, TestSite, User, World};
use futures::future::{join, join_all};

const ADA: &str = "ada@example.org";

/// Enough that no challenge is remembered of the round before, nor a message too many sent.
const A_WHILE: Duration = Duration::from_secs(301);

/// Two nodes over one database, each with connections of its own.
async fn nodes_with(limits: Limits) -> [TestSite; 2] {
    let (world, fixture) = World::postgres_with_fixture().await;
    let one = world.site(Setup { limits, ..Setup::default() }).await;
    one.age().await;
    let node = world.node(PostgresOptions::new(fixture.service())).await;
    [one, node.site(Setup { seed: 2, limits, ..Setup::default() }).await]
}

async fn nodes() -> [TestSite; 2] {
    nodes_with(Limits::default()).await
}

async fn sessions(site: &TestSite) -> usize {
    site.event_types().await.iter().filter(|name| *name == "account.signed_in").count()
}

/// Sends two forms at the same moment, each from a browser at a node of its own; one lets somebody in.
async fn one_of_both([one, two]: [&TestSite; 2], browsers: [&Browser<'_>; 2], forms: [Form; 2], what: &str) {
    let before = sessions(one).await;
    let (mut left, mut right) = (browsers[0].on(one), browsers[1].on(two));
    let (left, right) = join(left.post(&forms[0]), right.post(&forms[1])).await;
    let opened = [&left, &right].iter().filter(|page| page.header("location").starts_with("/account")).count();
    assert_eq!((opened, sessions(one).await), (1, before + 1), "{what}: {} {}", left.text(), right.text());
}

/// The same answer in two tabs of one browser.
async fn one_of_both_tabs(nodes: [&TestSite; 2], browser: &Browser<'_>, form: Form, what: &str) {
    let other = browser.in_another_tab(&form);
    one_of_both(nodes, [browser, browser], [form, other], what).await;
}

/// Somebody past the password, in a browser of their own.
async fn past_password<'a>(node: &'a TestSite, n: usize) -> Browser<'a> {
    let mut browser = node.browser_at(&format!("198.51.100.{n}"));
    assert_eq!(browser.sign_in(ADA, PASSWORD).await.path, "/login/verify");
    browser
}

/// A code that is typed is nobody's own: it is sent from two browsers, too.
#[tokio::test]
async fn a_typed_code_opens_one_session_though_both_nodes_get_it_at_once() {
    let [one, two] = nodes().await;
    let (mut ada, app) = one.registered_with_app(ADA).await;
    let codes = ada.issue_codes().await;
    for (round, code) in codes.iter().enumerate().take(5) {
        one.clock.advance(A_WHILE);
        for (method, field) in [("totp", "one_time_code"), ("recovery", "recovery_code")] {
            let answer = if method == "totp" { app.code(&one) } else { code.clone() };
            let path = format!("/login/verify?method={method}");
            let (mut left, mut right) =
                (past_password(&one, 2 * round).await, past_password(&two, 2 * round + 1).await);
            let forms = [left.get(&path).await, right.get(&path).await]
                .map(|page| page.form("/login/verify").with(field, &answer));
            one_of_both([&one, &two], [&left, &right], forms, method).await;
        }
    }
    one.settle().await;
    one.world().assert_clean().await;
}

#[tokio::test]
async fn an_answer_to_a_question_opens_one_session_though_both_nodes_get_it_at_once() {
    let [one, two] = nodes().await;
    let (mut ada, phone) = one.registered_with_phone(ADA).await;
    let mut key = SoftKey::new();
    ada.add_key("second", &mut key, User::Present).await;
    // By the key that is there now: a session with the app alone would not add any more.
    assert_eq!(ada.prove_key(&mut key, User::Present).await.path, "/account/security");
    ada.add_number(NUMBER).await;
    for round in 0..4 {
        one.clock.advance(A_WHILE);
        let mut browser = past_password(&one, round).await;
        let page = browser.asks_key().await;
        let answer = key.answer(&page, User::Present);
        let form = page.form("/login/verify").with("security_key", &answer);
        one_of_both_tabs([&one, &two], &browser, form, "key").await;

        let mut browser = past_password(&two, round).await;
        let page = browser.get("/login/verify?method=qr").await;
        let form = page.form("/login/verify").with("app_code", &phone.code(PIN, &page.challenge().1));
        one_of_both_tabs([&one, &two], &browser, form, "QR code").await;

        let mut browser = past_password(&one, round).await;
        let page = browser.ask_phones().await;
        assert_eq!(phone.approve(&two, &page, PIN).await.status, StatusCode::OK);
        one_of_both_tabs([&one, &two], &browser, page.form("/login/verify"), "PIN code").await;

        let mut browser = past_password(&two, round).await;
        browser.ask_for_code().await;
        let code = one.sms_code(NUMBER).await;
        let page = browser.get("/login/verify?method=sms").await;
        let form = page.form("/login/verify").with("sms_code", &code);
        one_of_both_tabs([&one, &two], &browser, form, "SMS").await;
    }
    one.settle().await;
    one.world().assert_clean().await;
}

/// Twenty-four browsers past the password guess at the same moment by two ways on two nodes.
#[tokio::test]
async fn guesses_are_counted_in_sum_over_sessions_ways_and_nodes() {
    let [one, two] = nodes().await;
    let (mut ada, app) = one.registered_with_app(ADA).await;
    ada.issue_codes().await;
    let mut guesses = Vec::new();
    for n in 0..24 {
        let mut browser = past_password(if n % 2 == 0 { &one } else { &two }, n).await;
        let (method, field, wrong) = match n / 2 % 2 {
            0 => ("totp", "one_time_code", app.wrong_code(&one)),
            _ => ("recovery", "recovery_code", "0000-0000-00000".to_owned()),
        };
        let page = browser.get(&format!("/login/verify?method={method}")).await;
        guesses.push((browser, page.form("/login/verify").with(field, &wrong)));
    }
    let (mut wrong, mut limited) = (0, 0);
    while !guesses.is_empty() {
        let told = join_all(guesses.iter_mut().map(|(browser, form)| browser.post(form))).await;
        let mut told = told.iter().map(|page| page.status);
        guesses.retain(|_| {
            let status = told.next();
            wrong += usize::from(status == Some(StatusCode::UNPROCESSABLE_ENTITY));
            limited += usize::from(status == Some(StatusCode::TOO_MANY_REQUESTS));
            // So many at once may well keep each other from being judged: they are sent again.
            status == Some(StatusCode::SERVICE_UNAVAILABLE)
        });
    }
    assert_eq!((wrong, limited), (10, 14));
    for (mut browser, n) in [(past_password(&one, 100).await, 1), (past_password(&two, 101).await, 2)] {
        let page = browser.answer_totp(&app.code(&one)).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "the right one neither, on node {n}");
    }
    one.world().assert_clean().await;
}

/// Whoever knows the password signs in by it in any number of browsers. None of them has tries of its own, nor a place of its
/// own among the requests that a telephone is shown.
#[tokio::test]
async fn a_browser_in_which_only_the_password_was_used_is_a_strangers() {
    let [one, two] = nodes().await;
    let (mut ada, phone) = one.registered_with_phone(ADA).await;
    let app = ada.add_totp().await;
    one.clock.advance(A_WHILE);
    let mut strangers = Vec::new();
    for n in 0..4 {
        let mut browser = past_password(if n % 2 == 0 { &one } else { &two }, n).await;
        let form = browser.get("/login/verify?method=password").await.form("/login/verify");
        assert_eq!(browser.submit(&form).await.path, "/account");
        assert!(browser.cookie("chancery-known").is_some());
        strangers.push(browser);
    }
    let mut wrong = 0;
    for _ in 0..4 {
        for stranger in &mut strangers {
            // In the open session, where more is asked for whatever is to be changed.
            let page = stranger.prove_totp(&app.wrong_code(&one)).await;
            wrong += usize::from(page.status == StatusCode::UNPROCESSABLE_ENTITY);
        }
    }
    assert_eq!(wrong, 10);
    // Signed in again they are no others.
    let mut asked = 0;
    for stranger in &mut strangers {
        stranger.sign_out().await;
        assert_eq!(stranger.sign_in(ADA, PASSWORD).await.path, "/login/verify");
        assert_eq!(stranger.answer_totp(&app.code(&one)).await.status, StatusCode::TOO_MANY_REQUESTS);
        asked += usize::from(!stranger.ask_phones().await.text().contains("Other browsers are asking"));
    }
    assert_eq!((asked, phone.requests(&one).await.len()), (2, 2), "the last place is the owner's");
    ada.sign_out().await;
    ada.sign_in(ADA, PASSWORD).await;
    assert_eq!(ada.answer_totp(&app.code(&one)).await.path, "/account");
}

#[tokio::test]
async fn guesses_at_many_accounts_are_counted_in_sum_for_their_network() {
    let limits = Limits::default();
    let few = chancery_service::throttle::Limit { max: 6, ..limits.second_factor_network };
    let [one, two] = nodes_with(Limits { second_factor_network: few, ..limits }).await;
    let mut people = Vec::new();
    for n in 0..4 {
        let email = format!("person{n}@example.org");
        let (_, app) = one.registered_with_app(&email).await;
        people.push((email, app));
    }
    // An IPv6 network is one, whatever address of it is used.
    let mut wrong = 0;
    for (n, (email, app)) in people.iter().enumerate() {
        let node = if n % 2 == 0 { &one } else { &two };
        let mut thief = node.browser_at(&format!("2001:db8:0:1::{n}"));
        assert_eq!(thief.sign_in(email, PASSWORD).await.path, "/login/verify");
        for _ in 0..3 {
            wrong +=
                usize::from(thief.answer_totp(&app.wrong_code(&one)).await.status == StatusCode::UNPROCESSABLE_ENTITY);
        }
    }
    assert_eq!(wrong, 6);
    // From elsewhere each may try.
    let (email, app) = &people[3];
    let mut elsewhere = one.browser_at("2001:db8:0:2::1");
    elsewhere.sign_in(email, PASSWORD).await;
    assert_eq!(elsewhere.answer_totp(&app.code(&one)).await.path, "/account");
}
