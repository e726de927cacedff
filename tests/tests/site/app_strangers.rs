//! Requests that the owner did not make: wrong numbers, denials, and strangers who ask and ask again.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_tests::site::{PASSWORD, PIN, TestSite, count};
use serde_json::json;

const ADA: &str = "ada@example.org";
const TWO_MINUTES: Duration = Duration::from_secs(120);

#[tokio::test]
async fn a_wrong_number_ends_the_request_and_the_page_asks_anew_where_somebody_wants_that() {
    let site = TestSite::new().await;
    site.age().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    let (mut stranger, page) = site.asks_phones_of(ADA, "198.51.100.1").await;
    let request = phone.request(&site).await;
    let number = if page.number() == "42" { "43" } else { "42" };
    let wrong = site.device_message("requests/approve", phone.approves(&request, number, PIN)).await;
    assert_eq!((wrong.status, wrong.problem()), (StatusCode::FORBIDDEN, "wrong-number"));
    let late = site.device_message("requests/approve", phone.approves(&request, &page.number(), PIN)).await;
    assert_eq!((late.status, late.problem()), (StatusCode::NOT_FOUND, "request-gone"));
    assert_eq!(stranger.get("/login/verify/state").await.body, "\"over\"");
    // Shown again it asks nobody by itself.
    for _ in 0..3 {
        let over = stranger.ask_phones().await;
        assert!(over.text().contains("not the one on this page"), "{}", over.text());
        assert_eq!(phone.requests(&site).await.len(), 0);
    }
    let over = stranger.ask_phones().await;
    let anew = stranger.submit(&over.form("/login/verify")).await;
    assert_eq!(anew.path, "/login/verify?method=pin");
    stranger.let_in(&phone, &anew).await;
    // Whose password was right: the owner is told of what came to nothing, once a day.
    site.settle().await;
    let told =
        |site: &TestSite| site.mails.to(ADA).iter().filter(|mail| mail.says("second factor was then wrong")).count();
    assert_eq!(told(&site), 1);
    site.asks_phones_of(ADA, "198.51.100.2").await;
    site.clock.advance(TWO_MINUTES);
    assert_eq!(phone.requests(&site).await.len(), 0);
    assert_eq!(count(&site, "account.second_factor_failed").await, 2, "nobody answered, and the app was opened");
    site.settle().await;
    assert_eq!(told(&site), 1);
    // In a browser that the account knows it is nothing to tell.
    ada.sign_out().await;
    ada.sign_in(ADA, PASSWORD).await;
    ada.ask_phones().await;
    site.clock.advance(TWO_MINUTES);
    assert_eq!(ada.get("/login/verify/state").await.body, "\"over\"");
    assert_eq!(count(&site, "account.second_factor_failed").await, 2);
}

#[tokio::test]
async fn whoever_asks_again_before_the_time_is_over_is_told_of_all_the_same() {
    let site = TestSite::new().await;
    site.age().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    ada.sign_out().await;
    let failed = "account.second_factor_failed";
    let (mut stranger, _) = site.asks_phones_of(ADA, "198.51.100.1").await;
    // The page shown again asks nothing anew, and the password typed again does.
    stranger.ask_phones().await;
    assert_eq!(count(&site, failed).await, 0);
    for told in 1..=2 {
        site.clock.advance(Duration::from_secs(1));
        stranger.sign_in(ADA, PASSWORD).await;
        stranger.ask_phones().await;
        assert_eq!(count(&site, failed).await, told);
    }
    assert_eq!(phone.requests(&site).await.len(), 1);
    site.settle().await;
    let mails = site.mails.to(ADA);
    assert_eq!(mails.iter().filter(|mail| mail.says("second factor was then wrong")).count(), 1, "once a day");
    // What nobody looks at any more is noted when somebody next types the password.
    site.clock.advance(TWO_MINUTES);
    assert_eq!(count(&site, failed).await, 2);
    ada.sign_in(ADA, PASSWORD).await;
    assert_eq!(count(&site, failed).await, 3);
    // What a telephone has approved is no failure, whether or not its page goes on.
    let over = stranger.ask_phones().await;
    let page = stranger.submit(&over.form("/login/verify")).await;
    assert_eq!(phone.approve(&site, &page, PIN).await.status, StatusCode::OK);
    stranger.sign_in(ADA, PASSWORD).await;
    stranger.ask_phones().await;
    assert_eq!(count(&site, failed).await, 3);
}

#[tokio::test]
async fn this_was_not_me_ends_it_asks_for_a_new_password_and_pauses_where_it_came_from() {
    let site = TestSite::new().await;
    site.age().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    let (mut stranger, page) = site.asks_phones_of(ADA, "198.51.100.1").await;
    let request = phone.request(&site).await;
    let denied = site.device_message("requests/deny", phone.denies(&request)).await;
    assert_eq!(denied.json, json!({ "state": "denied" }));
    assert_eq!(site.device_message("requests/deny", phone.denies(&request)).await.status, StatusCode::OK, "once more");
    let late = site.device_message("requests/approve", phone.approves(&request, &page.number(), PIN)).await;
    assert_eq!(late.problem(), "request-gone");
    assert_eq!(stranger.go_on(&page).await.path, "/login", "the password is worth nothing");
    assert!(ada.is_signed_in().await, "what was open before stays open");
    site.settle().await;
    assert!(site.mails.to(ADA).iter().any(|mail| mail.says("This wasn’t me") && mail.says("no longer works")));
    // The owner sets a new one; whoever learns that too is not heard from there for a day.
    site.clock.advance(Duration::from_secs(3_600));
    ada.lose_password(ADA).await;
    site.settle().await;
    let link = site.mails.link_to(ADA);
    ada.follow_link(&link).await;
    let mut neighbour = site.browser_at("198.51.100.1");
    let mut afar = site.browser_at("198.51.100.9");
    for (browser, asked) in [(&mut stranger, false), (&mut neighbour, false), (&mut afar, true)] {
        assert_eq!(browser.sign_in(ADA, PASSWORD).await.path, "/login/verify");
        let page = browser.ask_phones().await;
        assert_eq!(page.text().contains("is not asked until"), !asked, "{}", page.text());
    }
    assert_eq!(phone.requests(&site).await.len(), 1);
    // A browser that the account knows is asked in the same network all the same.
    let page = afar.get("/login/verify?method=pin").await;
    afar.let_in(&phone, &page).await;
    afar.sign_out().await;
    let moved = site.browser_at("198.51.100.1");
    let mut known = moved;
    known.cookies = afar.cookies.clone();
    assert_eq!(known.sign_in(ADA, PASSWORD).await.path, "/login/verify");
    assert!(!known.ask_phones().await.text().contains("is not asked until"));
    site.clock.advance(Duration::from_secs(24 * 3_600));
    neighbour.sign_in(ADA, PASSWORD).await;
    assert!(!neighbour.ask_phones().await.text().contains("is not asked until"), "a day later");
}

#[tokio::test]
async fn a_denial_in_a_known_browser_pauses_nothing() {
    let site = TestSite::new().await;
    site.age().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    ada.sign_out().await;
    ada.sign_in(ADA, PASSWORD).await;
    ada.ask_phones().await;
    assert_eq!(phone.deny(&site).await.status, StatusCode::OK);
    ada.lose_password(ADA).await;
    site.settle().await;
    let link = site.mails.link_to(ADA);
    let page = ada.follow_link(&link).await;
    assert_eq!(page.path, "/login/verify", "a mailbox is no factor");
    let page = ada.ask_phones().await;
    ada.let_in(&phone, &page).await;
}

#[tokio::test]
async fn strangers_bomb_nobody_and_take_no_place_of_a_known_browser() {
    let site = TestSite::new().await;
    site.age().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    ada.sign_out().await;
    let mut strangers: Vec<_> = (1..=3).map(|n| site.browser_at(&format!("203.0.113.{n}"))).collect();
    for stranger in &mut strangers {
        stranger.sign_in(ADA, PASSWORD).await;
    }
    // One each, however often the page is shown.
    let first = strangers[0].ask_phones().await;
    for _ in 0..5 {
        assert_eq!(strangers[0].ask_phones().await.number(), first.number());
    }
    assert_eq!(phone.requests(&site).await.len(), 1);
    strangers[1].ask_phones().await;
    let third = strangers[2].ask_phones().await;
    assert!(third.text().contains("Other browsers are asking"), "{}", third.text());
    assert_eq!(phone.requests(&site).await.len(), 2, "none ends another one's");
    ada.sign_in(ADA, PASSWORD).await;
    site.clock.advance(Duration::from_secs(1));
    let own = ada.ask_phones().await;
    assert_eq!(phone.requests(&site).await.len(), 3);
    ada.let_in(&phone, &own).await;
    // Two were asked for; ten an hour, from all of them together.
    site.clock.advance(TWO_MINUTES);
    for n in 0..8 {
        let stranger = &mut strangers[n % 3];
        let page = stranger.ask_phones().await;
        let page = if page.body.contains("name=\"again\"") {
            stranger.submit(&page.form("/login/verify")).await
        } else {
            page
        };
        assert_eq!(page.status, StatusCode::OK, "{n}: {}", page.text());
        site.clock.advance(TWO_MINUTES + Duration::from_secs(30));
        stranger.sign_in(ADA, PASSWORD).await;
    }
    let limited = strangers[2].ask_phones().await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS, "{}", limited.text());
    // The owner's browser has a counter of its own.
    ada.sign_out().await;
    ada.sign_in(ADA, PASSWORD).await;
    let own = ada.ask_phones().await;
    ada.let_in(&phone, &own).await;
}

#[tokio::test]
async fn what_is_signed_for_one_request_is_worth_nothing_for_another() {
    let site = TestSite::new().await;
    let (_ada, phone) = site.registered_with_phone(ADA).await;
    let (_eve, theirs) = site.registered_with_phone("eve@example.org").await;
    let (mut one, mut two) = (site.browser_at("198.51.100.1"), site.browser_at("198.51.100.2"));
    one.sign_in(ADA, PASSWORD).await;
    two.sign_in(ADA, PASSWORD).await;
    let first = one.ask_phones().await;
    let first_id = phone.request(&site).await;
    site.clock.advance(Duration::from_secs(1));
    let second = two.ask_phones().await;
    let second_id = phone.request(&site).await;
    assert_ne!(first_id, second_id);
    let right = phone.approves(&first_id, &first.number(), PIN);
    for (member, value) in [
        ("request", json!(second_id)),
        ("number", json!(second.number())),
        ("proof", phone.approves(&second_id, &first.number(), PIN)["proof"].clone()),
        ("signature", theirs.approves(&first_id, &first.number(), PIN)["signature"].clone()),
        ("device", json!(theirs.id)),
        ("uid", json!(theirs.uid)),
    ] {
        let mut moved = right.clone();
        if moved[member] == value {
            continue;
        }
        moved[member] = value;
        let answer = site.device_message("requests/approve", moved).await;
        assert_eq!((answer.status, answer.problem()), (StatusCode::NOT_FOUND, "device-gone"), "{member}");
    }
    assert_eq!(count(&site, "account.factor_pin_failed").await, 0, "what is not signed never counts");
    // Another account's telephone answers nothing here.
    let foreign = site.device_message("requests/approve", theirs.approves(&first_id, &first.number(), PIN)).await;
    assert_eq!(foreign.problem(), "request-gone");
    assert_eq!(site.device_message("requests/approve", right.clone()).await.status, StatusCode::OK);
    assert_eq!(site.device_message("requests/approve", right).await.status, StatusCode::OK, "its answer was lost");
    // What was said of the first opens nothing in the second's browser.
    assert!(two.go_on(&second).await.text().contains("has not answered yet"));
    assert_eq!(one.go_on(&first).await.path, "/account");
}

#[tokio::test]
async fn messages_that_nobody_signed_have_an_end_and_say_nothing() {
    let site = TestSite::new().await;
    site.age().await;
    let (_ada, phone) = site.registered_with_phone(ADA).await;
    let mut stranger = chancery_tests::site::Phone::new();
    stranger.id = phone.id.clone();
    let mut said = Vec::new();
    for uid in [phone.uid.as_str(), "nzzzzzzz", "no uid at all"] {
        stranger.uid = uid.to_owned();
        let answer = site.device_message("requests", stranger.asks_at(site.millis())).await;
        said.push((answer.status, answer.problem().to_owned(), answer.json["detail"].clone()));
    }
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
    for _ in 0..57 {
        site.device_message("requests", stranger.asks_at(site.millis())).await;
    }
    let limited = site.device_message("requests", stranger.asks_at(site.millis())).await;
    assert_eq!((limited.status, limited.problem()), (StatusCode::TOO_MANY_REQUESTS, "rate-limited"));
    assert_eq!(phone.requests(&site).await.len(), 0, "a telephone of the same network is heard all the same");
    let raw = phone.asks_at(site.millis());
    for (member, value) in
        [("device", json!("x")), ("signature", json!("AAAA")), ("time", json!("now")), ("more", json!(1))]
    {
        let mut message = raw.clone();
        message[member] = value;
        assert_eq!(site.device_message("requests", message).await.status.as_u16(), 422, "{member}");
    }
}
