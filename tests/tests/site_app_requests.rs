//! The app as a way of signing in: the page waits and shows a number, the telephone shows the request, and whoever has
//! neither the number nor the PIN opens nothing.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_domain::account::{AccountEvent, Level, SignInMethod, SignedIn, Strength};
use chancery_eventstore::PostgresOptions;
use chancery_tests::site::{PASSWORD, PIN, Setup, TestSite, World};
use serde_json::json;

const ADA: &str = "ada@example.org";
const OTHER_PIN: &str = "9316";
const TWO_MINUTES: Duration = Duration::from_secs(120);

/// How the last session began.
async fn last_sign_in(site: &TestSite) -> SignedIn {
    let rows = site.events().await;
    let row = rows.iter().rfind(|row| row.event_type == "account.signed_in").expect("a sign-in");
    match site.app.store.open_event(row).await.expect("readable") {
        AccountEvent::SignedIn(signed_in) => signed_in,
        other => panic!("{other:?}"),
    }
}

async fn count(site: &TestSite, name: &str) -> usize {
    site.event_types().await.iter().filter(|other| *other == name).count()
}

async fn approved_elsewhere(world: World, one: TestSite, two: TestSite) {
    one.age().await;
    let (mut ada, phone) = one.registered_with_phone(ADA).await;
    ada.sign_out().await;
    assert_eq!(phone.requests(&two).await.len(), 0);
    let mut elsewhere = one.browser_at("198.51.100.1");
    assert_eq!(elsewhere.sign_in(ADA, PASSWORD).await.path, "/login/verify");
    let page = elsewhere.ask_phones().await;
    assert_eq!(elsewhere.get("/login/verify/state").await.body, "\"waiting\"");
    let told = phone.requests(&two).await;
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&told[0]["browser"], &told[0]["address"], &told[0]["number"], &told[0]["purpose"]),
        (&json!("Firefox, Linux"), &json!("198.51.100.1"), &json!(true), &json!("sign-in"))
    );
    assert!(page.text().contains("Firefox, Linux") && page.text().contains("198.51.100.1"), "{}", page.text());
    assert!(!told[0].to_string().contains(&format!("\"{}\"", page.number())), "the number is on the page only");
    // The page that goes on too early waits on.
    let early = elsewhere.on(&two).go_on(&page).await;
    assert!(early.text().contains("has not answered yet"), "{}", early.text());
    assert_eq!(early.number(), page.number(), "the same request");
    assert_eq!(phone.approve(&two, &page, PIN).await.json, json!({ "state": "approved" }));
    assert_eq!(elsewhere.get("/login/verify/state").await.body, "\"approved\"");
    assert_eq!(phone.requests(&one).await.len(), 0);
    let before = elsewhere.clone();
    let form = page.form("/login/verify");
    assert_eq!(elsewhere.on(&two).submit(&form).await.path, "/account");
    let signed_in = last_sign_in(&one).await;
    assert_eq!((signed_in.level, signed_in.strengths.as_slice()), (Level::Medium, &[Strength::PasswordMobileApp][..]));
    assert_eq!(signed_in.proofs[1].method, SignInMethod::MobileAppPinCode);
    // Sent again, its answer lost, it ends in the same place; anything else does not.
    assert_eq!(before.clone().submit(&form).await.path, "/account");
    let other = form.with("command", "0198c0de-0000-7000-8000-000000000001");
    assert_ne!(before.clone().submit(&other).await.path, "/account");
    one.settle().await;
    world.assert_clean().await;
}

#[tokio::test]
async fn a_telephone_answers_and_the_page_goes_on_on_sqlite() {
    let world = World::sqlite().await;
    let second = Setup { seed: 2, ..Setup::default() };
    let (one, two) = (world.site(Setup::default()).await, world.site(second).await);
    approved_elsewhere(world, one, two).await;
}

#[tokio::test]
async fn a_telephone_answers_and_the_page_goes_on_on_two_nodes() {
    let (world, fixture) = World::postgres_with_fixture().await;
    let one = world.site(Setup::default()).await;
    let second = Setup { seed: 2, ..Setup::default() };
    let two = world.node(PostgresOptions::new(fixture.service())).await.site(second).await;
    approved_elsewhere(world, one, two).await;
}

#[tokio::test]
async fn a_wrong_number_ends_the_request_and_the_page_asks_anew_where_somebody_wants_that() {
    let site = TestSite::new().await;
    site.age().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    let mut stranger = site.browser_at("198.51.100.1");
    stranger.sign_in(ADA, PASSWORD).await;
    let page = stranger.ask_phones().await;
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
    assert_eq!(phone.approve(&site, &anew, PIN).await.status, StatusCode::OK);
    assert_eq!(stranger.go_on(&anew).await.path, "/account");
    // Whose password was right: the owner is told of what came to nothing, once a day.
    site.settle().await;
    let told =
        |site: &TestSite| site.mails.to(ADA).iter().filter(|mail| mail.says("second factor was then wrong")).count();
    assert_eq!(told(&site), 1);
    let mut another = site.browser_at("198.51.100.2");
    another.sign_in(ADA, PASSWORD).await;
    another.ask_phones().await;
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
    let mut stranger = site.browser_at("198.51.100.1");
    stranger.sign_in(ADA, PASSWORD).await;
    stranger.ask_phones().await;
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
async fn a_link_on_another_site_has_no_telephone_asked() {
    let site = TestSite::new().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    let mut elsewhere = site.browser_at("198.51.100.1");
    elsewhere.sign_in(ADA, PASSWORD).await;
    site.clock.advance(Duration::from_secs(500));
    for from in ["cross-site", "same-site"] {
        elsewhere.headers.insert("sec-fetch-site", from.parse().unwrap());
        let page = elsewhere.ask_phones().await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("/login/verify?method=pin"), "{from}: a link of our own leads on: {}", page.body);
        assert_eq!(phone.requests(&site).await.len(), 0, "{from}");
        assert_eq!(elsewhere.get("/login/verify/state").await.body, "\"over\"", "{from}");
    }
    // Nor in an open session.
    site.clock.advance(Duration::from_secs(50));
    ada.headers.insert("sec-fetch-site", "cross-site".parse().unwrap());
    ada.get("/account/verify?method=pin&target=%2Faccount%2Fsecurity%2Ftotp").await;
    assert_eq!(phone.requests(&site).await.len(), 0);
    for from in ["same-origin", "none"] {
        elsewhere.headers.insert("sec-fetch-site", from.parse().unwrap());
        let page = elsewhere.ask_phones().await;
        assert_eq!(page.number().len(), 2, "{from}");
        assert_eq!(phone.requests(&site).await.len(), 1, "{from}");
    }
}

#[tokio::test]
async fn this_was_not_me_ends_it_asks_for_a_new_password_and_pauses_where_it_came_from() {
    let site = TestSite::new().await;
    site.age().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    let mut stranger = site.browser_at("198.51.100.1");
    stranger.sign_in(ADA, PASSWORD).await;
    let page = stranger.ask_phones().await;
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
    phone.approve(&site, &page, PIN).await;
    assert_eq!(afar.go_on(&page).await.path, "/account");
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
    let request = phone.request(&site).await;
    assert_eq!(site.device_message("requests/deny", phone.denies(&request)).await.status, StatusCode::OK);
    ada.lose_password(ADA).await;
    site.settle().await;
    let link = site.mails.link_to(ADA);
    let page = ada.follow_link(&link).await;
    assert_eq!(page.path, "/login/verify", "a mailbox is no factor");
    let page = ada.ask_phones().await;
    assert_eq!(phone.approve(&site, &page, PIN).await.status, StatusCode::OK);
    assert_eq!(ada.go_on(&page).await.path, "/account");
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
    assert_eq!(phone.approve(&site, &own, PIN).await.status, StatusCode::OK);
    assert_eq!(ada.go_on(&own).await.path, "/account");
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
    assert_eq!(phone.approve(&site, &own, PIN).await.status, StatusCode::OK);
    assert_eq!(ada.go_on(&own).await.path, "/account");
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
async fn on_mobile_needs_no_number_in_the_browser_that_asked_and_in_no_other() {
    let site = TestSite::new().await;
    let (_ada, phone) = site.registered_with_phone(ADA).await;
    let mut mobile = site.browser_at("198.51.100.1");
    let agent = "Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/140.0.0.0 Mobile Safari/537.36";
    assert!(!mobile.sign_in(ADA, PASSWORD).await.text().contains("On Mobile"), "on no telephone it is none");
    mobile.headers.insert("user-agent", agent.parse().unwrap());
    assert!(mobile.get("/login/verify").await.text().contains("On Mobile Authentication"));
    let page = mobile.get("/login/verify?method=mobile").await;
    let request = page.body.split("/app#ask=").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let asks = phone.asks_at(site.millis());
    let there = site.device_message_in(&mobile, "requests", asks.clone()).await;
    assert_eq!(there.json["requests"][0]["number"], json!(false));
    let elsewhere = site.browser_at("198.51.100.1");
    let mut other = elsewhere;
    other.get("/login").await;
    for answer in
        [site.device_message("requests", asks.clone()).await, site.device_message_in(&other, "requests", asks).await]
    {
        assert_eq!(answer.json["requests"][0]["number"], json!(true));
    }
    // Chosen in a stranger's browser and answered without the number: refused, and over.
    let without = phone.approves(&request, "", PIN);
    let refused = site.device_message_in(&other, "requests/approve", without.clone()).await;
    assert_eq!((refused.status, refused.problem()), (StatusCode::FORBIDDEN, "wrong-number"));
    assert_eq!(site.device_message_in(&mobile, "requests/approve", without).await.problem(), "request-gone");
    let over = mobile.get("/login/verify?method=mobile").await;
    let page = mobile.submit(&over.form("/login/verify")).await;
    let request = phone.request(&site).await;
    let approved = site.device_message_in(&mobile, "requests/approve", phone.approves(&request, "", PIN)).await;
    assert_eq!(approved.json, json!({ "state": "approved" }));
    assert_eq!(mobile.go_on(&page).await.path, "/account");
    let signed_in = last_sign_in(&site).await;
    assert_eq!(signed_in.proofs[1].method, SignInMethod::OnMobile);
    assert_eq!(signed_in.strengths, [Strength::PasswordMobileApp]);
    // With the number it is the PIN code way.
    mobile.sign_out().await;
    mobile.sign_in(ADA, PASSWORD).await;
    let page = mobile.get("/login/verify?method=mobile").await;
    assert_eq!(phone.approve(&site, &page, PIN).await.status, StatusCode::OK);
    assert_eq!(mobile.go_on(&page).await.path, "/account");
    assert_eq!(last_sign_in(&site).await.proofs[1].method, SignInMethod::MobileAppPinCode);
    // The PIN code way never goes without.
    mobile.sign_out().await;
    mobile.sign_in(ADA, PASSWORD).await;
    mobile.ask_phones().await;
    let request = phone.request(&site).await;
    let refused = site.device_message_in(&mobile, "requests/approve", phone.approves(&request, "", PIN)).await;
    assert_eq!(refused.problem(), "wrong-number");
}

#[tokio::test]
async fn a_telephone_that_goes_while_its_answer_is_on_its_way_opens_nothing() {
    let site = TestSite::new().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    let mut elsewhere = site.browser_at("198.51.100.1");
    elsewhere.sign_in(ADA, PASSWORD).await;
    let page = elsewhere.ask_phones().await;
    assert_eq!(phone.approve(&site, &page, PIN).await.status, StatusCode::OK);
    // The PIN that was right then is another one now.
    let changed = site.device_message("pin", phone.changes_pin(1, site.millis(), (PIN, OTHER_PIN))).await;
    assert_eq!(changed.json, json!({ "state": "changed" }));
    let page = elsewhere.go_on(&page).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text().contains("does not count any more"), "{}", page.text());
    let page = elsewhere.ask_phones().await;
    assert_eq!(phone.approve(&site, &page, OTHER_PIN).await.status, StatusCode::OK);
    let remove = ada.device_page().await.form("/account/security/device/remove");
    assert_eq!(ada.submit(&remove).await.path, "/account/security?done=removed");
    assert_ne!(elsewhere.go_on(&page).await.path, "/account");
    assert_eq!(site.device_message("requests", phone.asks_at(site.millis())).await.problem(), "device-gone");
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
