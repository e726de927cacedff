//! The app as a way of signing in: the page waits and shows a number, the telephone shows the request, and whoever has
//! neither the number nor the PIN opens nothing.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_domain::account::{AccountEvent, Level, SignInMethod, SignedIn, Strength};
use chancery_tests::site::{PASSWORD, PIN, TestSite, World};
use serde_json::json;

const ADA: &str = "ada@example.org";
const OTHER_PIN: &str = "9316";

/// How the last session began.
async fn last_sign_in(site: &TestSite) -> SignedIn {
    let rows = site.events().await;
    let row = rows.iter().rfind(|row| row.event_type == "account.signed_in").expect("a sign-in");
    match site.app.store.open_event(row).await.expect("readable") {
        AccountEvent::SignedIn(signed_in) => signed_in,
        other => panic!("{other:?}"),
    }
}

async fn approved_elsewhere(world: World) {
    let (one, two) = world.two_nodes().await;
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
    let other = before.in_another_tab(&form);
    assert_ne!(before.clone().submit(&other).await.path, "/account");
    one.settle().await;
    world.assert_clean().await;
}

#[tokio::test]
async fn a_telephone_answers_and_the_page_goes_on_on_sqlite() {
    approved_elsewhere(World::sqlite().await).await;
}

#[tokio::test]
async fn a_telephone_answers_and_the_page_goes_on_on_two_nodes() {
    approved_elsewhere(World::postgres().await).await;
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
    // Nor in a browser into which somebody put the pre-session cookie of their own.
    let mut planted = mobile.clone();
    planted.cookies.retain(|name, _| name.contains("browser"));
    for browser in [None, Some(&other), Some(&planted)] {
        let answer = match browser {
            Some(browser) => site.device_message_in(browser, "requests", asks.clone()).await,
            None => site.device_message("requests", asks.clone()).await,
        };
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
    mobile.let_in(&phone, &page).await;
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
    let (mut elsewhere, page) = site.asks_phones_of(ADA, "198.51.100.1").await;
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
