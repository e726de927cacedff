//! The app's PIN: tried no more than five times in a row, blocked, unblocked and changed.

use axum::http::StatusCode;
use chancery_tests::site::{PASSWORD, PIN, TestSite, count};
use serde_json::json;

const ADA: &str = "ada@example.org";
const OTHER_PIN: &str = "9316";

#[tokio::test]
async fn five_wrong_pins_in_a_row_block_the_telephone_until_its_owner_unblocks_it() {
    let site = TestSite::new().await;
    site.age().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    let codes = ada.issue_codes().await;
    ada.sign_out().await;
    ada.sign_in(ADA, PASSWORD).await;
    let page = ada.ask_phones().await;
    let request = phone.request(&site).await;
    for (pin, left) in [("9310", 4), ("9311", 3), ("9312", 2), ("9313", 1)] {
        let wrong = site.device_message("requests/approve", phone.approves(&request, &page.number(), pin)).await;
        assert_eq!(
            (wrong.status, wrong.problem(), &wrong.json["tries"]),
            (StatusCode::FORBIDDEN, "wrong-pin", &json!(left))
        );
        // The same message once more is the same guess.
        let again = site.device_message("requests/approve", phone.approves(&request, &page.number(), pin)).await;
        assert_eq!(again.json["tries"], json!(left), "{pin}");
    }
    // A right one, and the count begins anew.
    assert_eq!(phone.approve(&site, &page, PIN).await.status, StatusCode::OK);
    assert_eq!(ada.go_on(&page).await.path, "/account");
    ada.sign_out().await;
    ada.sign_in(ADA, PASSWORD).await;
    let page = ada.ask_phones().await;
    let request = phone.request(&site).await;
    for pin in ["9310", "9311", "9312", "9313", "9314"] {
        site.device_message("requests/approve", phone.approves(&request, &page.number(), pin)).await;
    }
    assert_eq!(count(&site, "account.factor_blocked").await, 1);
    let blocked = site.device_message("requests/approve", phone.approves(&request, &page.number(), PIN)).await;
    assert_eq!((blocked.status, blocked.problem()), (StatusCode::FORBIDDEN, "device-blocked"));
    assert_eq!(ada.get("/login/verify/state").await.body, "\"over\"");
    let told = ada.get("/login/verify?method=pin").await;
    assert!(told.text().contains("the telephone is blocked"), "{}", told.text());
    site.settle().await;
    let mails = site.mails.to(ADA);
    assert!(mails.iter().any(|mail| mail.says("fifth time in a row") && mail.says("Telephone")));
    // Nor does it show a code that counts.
    assert!(ada.get("/login/verify?method=qr").await.body.contains("recovery"), "the way is gone");
    assert_eq!(ada.answer_recovery_code(&codes[0]).await.path, "/account/security");
    let device = ada.device_page().await;
    assert!(device.text().contains("wrong five times in a row"), "{}", device.text());
    let unblock = device.form("/account/security/device/resume");
    assert_eq!(ada.submit(&unblock).await.path, "/account/security?done=resumed");
    site.settle().await;
    assert!(site.mails.to(ADA).iter().any(|mail| mail.says("blocked device") && mail.says("in force again")));
    ada.sign_out().await;
    ada.sign_in(ADA, PASSWORD).await;
    let page = ada.ask_phones().await;
    assert_eq!(phone.approve(&site, &page, PIN).await.status, StatusCode::OK);
    assert_eq!(ada.go_on(&page).await.path, "/account");
    site.settle().await;
    site.world().assert_clean().await;
}

#[tokio::test]
async fn however_many_pins_are_tried_at_once_no_more_than_five_are_judged() {
    let site = TestSite::new().await;
    let (ada, phone) = site.registered_with_phone(ADA).await;
    let mut pages = Vec::new();
    for address in ["198.51.100.1", "198.51.100.2"] {
        let mut stranger = site.browser_at(address);
        stranger.sign_in(ADA, PASSWORD).await;
        site.clock.advance(std::time::Duration::from_secs(1));
        pages.push(stranger.ask_phones().await);
    }
    drop(ada);
    let requests = phone.requests(&site).await;
    assert_eq!(requests.len(), 2);
    let mut numbers = Vec::new();
    for request in &requests {
        // The newest is shown first.
        let page = &pages[pages.len() - 1 - numbers.len()];
        numbers.push((request["request"].as_str().unwrap().to_owned(), page.number()));
    }
    for round in 0..12_u32 {
        let tries = (0..40_u32).map(|n| {
            let (request, number) = &numbers[usize::try_from(n % 2).unwrap()];
            let pin = format!("{:04}", 9_000 + 40 * round + n);
            site.device_message("requests/approve", phone.approves(request, number, &pin))
        });
        futures::future::join_all(tries).await;
    }
    assert_eq!(count(&site, "account.factor_pin_failed").await, 5);
    assert_eq!(count(&site, "account.factor_blocked").await, 1);
}

#[tokio::test]
async fn no_message_tries_more_pins_than_one() {
    let site = TestSite::new().await;
    let (_ada, phone) = site.registered_with_phone(ADA).await;
    for (old, left) in [("9310", 4), ("9311", 3), ("9311", 3), ("9312", 2), ("9313", 1), ("9314", 0)] {
        let wrong = site.device_message("pin", phone.changes_pin(7, site.millis(), (old, OTHER_PIN))).await;
        assert_eq!((wrong.problem(), &wrong.json["tries"]), ("wrong-pin", &json!(left)), "under one id: {old}");
    }
    let right = site.device_message("pin", phone.changes_pin(8, site.millis(), (PIN, OTHER_PIN))).await;
    assert_eq!(right.problem(), "device-blocked");
}

#[tokio::test]
async fn a_telephone_whose_clock_is_wrong_is_told_the_time() {
    let site = TestSite::new().await;
    let (_ada, phone) = site.registered_with_phone(ADA).await;
    let now = site.millis();
    for (off, taken) in
        [(-119_000, true), (119_000, true), (-121_000, false), (121_000, false), (i64::MAX - now, false)]
    {
        let answer = site.device_message("requests", phone.asks_at(now + off)).await;
        assert_eq!(answer.status == StatusCode::OK, taken, "{off}: {}", answer.text);
        if !taken {
            assert_eq!((answer.problem(), &answer.json["time"]), ("wrong-clock", &json!(now)));
        }
    }
    let late = site.device_message("pin", phone.changes_pin(1, now - 121_000, (PIN, OTHER_PIN))).await;
    assert_eq!(late.problem(), "wrong-clock");
}

#[tokio::test]
async fn an_app_of_another_version_is_told_so_whatever_it_says() {
    let site = TestSite::new().await;
    let (_, phone) = site.registered_with_phone(ADA).await;
    for version in [0, 2, 10] {
        for path in ["requests", "enrolments/look", "what-there-never-was"] {
            let told = site.device_message_of(version, path, phone.asks_at(site.millis())).await;
            assert_eq!((told.status, told.problem()), (StatusCode::GONE, "app-outdated"), "{version} {path}");
        }
    }
    let told = site.device_message_of(1, "what-there-never-was", json!({})).await;
    assert_eq!((told.status, told.problem()), (StatusCode::NOT_FOUND, "not-found"));
    assert_eq!(site.device_message_of(1, "requests", phone.asks_at(site.millis())).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_pin_is_changed_once_by_whoever_knows_the_old_one() {
    let site = TestSite::new().await;
    site.age().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    ada.sign_out().await;
    let wrong = site.device_message("pin", phone.changes_pin(1, site.millis(), ("9310", OTHER_PIN))).await;
    assert_eq!((wrong.problem(), &wrong.json["tries"]), ("wrong-pin", &json!(4)), "it counts as it does elsewhere");
    let right = phone.changes_pin(2, site.millis(), (PIN, OTHER_PIN));
    let changed = futures::future::join_all((0..4).map(|_| site.device_message("pin", right.clone()))).await;
    assert!(changed.iter().any(|answer| answer.json == json!({ "state": "changed" })));
    assert_eq!(
        site.device_message("pin", right.clone()).await.json,
        json!({ "state": "changed" }),
        "its answer was lost"
    );
    assert_eq!(count(&site, "account.factor_pin_changed").await, 1);
    // Under the same id nothing else is carried out.
    let other = site.device_message("pin", phone.changes_pin(2, site.millis(), (OTHER_PIN, PIN))).await;
    assert_eq!((other.status.as_u16(), other.problem()), (422, "idempotency-key-reused"));
    let old = site.device_message("pin", phone.changes_pin(3, site.millis(), (PIN, "4711"))).await;
    assert_eq!((old.problem(), &old.json["tries"]), ("wrong-pin", &json!(4)), "the old one is wrong, the first since");
    // From here on both ways go by the new one.
    ada.sign_in(ADA, PASSWORD).await;
    assert_eq!(ada.answer_phone(&phone, PIN).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(ada.answer_phone(&phone, OTHER_PIN).await.path, "/account");
    ada.sign_out().await;
    ada.sign_in(ADA, PASSWORD).await;
    let page = ada.ask_phones().await;
    assert_eq!(phone.approve(&site, &page, PIN).await.problem(), "wrong-pin");
    assert_eq!(phone.approve(&site, &page, OTHER_PIN).await.status, StatusCode::OK);
    assert_eq!(ada.go_on(&page).await.path, "/account");
    // Changed by somebody else, it is disowned by the mail about it.
    site.settle().await;
    let mail = site.mails.to(ADA).into_iter().rfind(|mail| mail.says("PIN of a device")).expect("a mail");
    let mut mailbox = site.browser_at("198.51.100.7");
    let page = mailbox.get(&mail.not_me()).await;
    assert!(page.text().contains("The PIN of a device was changed"), "{}", page.text());
    mailbox.submit(&page.form(&mail.not_me())).await;
    assert_eq!(site.device_message("requests", phone.asks_at(site.millis())).await.problem(), "device-suspended");
    site.settle().await;
    site.world().assert_clean().await;
}

#[tokio::test]
async fn secrets_are_not_swapped_between_telephones() {
    let site = TestSite::new().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    ada.sign_out().await;
    ada.sign_in(ADA, PASSWORD).await;
    assert_eq!(ada.answer_phone(&phone, PIN).await.path, "/account");
    let tablet = ada.add_phone().await;
    let mut message = phone.changes_pin(1, site.millis(), (PIN, OTHER_PIN));
    let theirs = tablet.changes_pin(1, site.millis(), (PIN, OTHER_PIN));
    // The other one's secret under this one's signature, and the other way round.
    message["pin_key"] = theirs["pin_key"].clone();
    assert_eq!(site.device_message("pin", message.clone()).await.problem(), "device-gone");
    message = theirs;
    message["device"] = json!(phone.id);
    assert_eq!(site.device_message("pin", message).await.problem(), "device-gone");
    assert_eq!(count(&site, "account.factor_pin_changed").await, 0);
    assert_eq!(count(&site, "account.factor_pin_failed").await, 0);
}
