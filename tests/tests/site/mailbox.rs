//! Whoever has the mailbox sets a password, by the link or by its typed code: that is no second factor, and what was no longer
//! in force stays so.

use axum::http::StatusCode;
use chancery_domain::account::{Account, SuspensionReason};
use chancery_domain::values::EmailAddress;
use chancery_service::accounts::email_claim;
use chancery_tests::site::{Browser, Page, TestSite, count};

const ADA: &str = "ada@example.org";
const NEW_PASSWORD: &str = "Staple-horse9battery";

/// How the mail of a reset is used.
#[derive(Clone, Copy, Debug)]
enum By {
    Link,
    TypedCode,
}

/// Sets a new password with what was mailed; where that leads to.
async fn resets(site: &TestSite, browser: &mut Browser<'_>, by: By) -> Page {
    browser.lose_password(ADA).await;
    site.settle().await;
    let mail = site.mails.to(ADA).into_iter().rfind(|mail| mail.text.contains("/l/")).unwrap();
    let page = match by {
        By::Link => browser.get(&mail.link()).await,
        By::TypedCode => {
            let page = browser.get("/check-mail").await;
            browser.submit(&page.form("/check-mail").with("code", &mail.code())).await
        }
    };
    let form = page.form(&mail.link()).with("new_password", NEW_PASSWORD).with("confirm_password", NEW_PASSWORD);
    browser.submit(&form).await
}

#[tokio::test]
async fn a_mailbox_is_no_factor() {
    for by in [By::Link, By::TypedCode] {
        let site = TestSite::new().await;
        let (mut ada, app) = site.registered_with_app(ADA).await;
        let mut browser = site.browser_at("198.51.100.1");
        let page = resets(&site, &mut browser, by).await;
        assert_eq!(page.path, "/login/verify", "{by:?}");
        assert!(!browser.is_signed_in().await, "{by:?} set a password and opened nothing");
        assert!(!ada.is_signed_in().await, "and ended what was open");
        assert_eq!(browser.answer_totp(&app.code(&site)).await.path, "/account");
        let page = browser.get("/account/security").await;
        assert!(page.text().contains("Authenticator app"), "and removed nothing: {}", page.text());
    }
}

/// Of each device whether its PIN was wrong too often, and why it is suspended.
async fn standing(site: &TestSite) -> Vec<(bool, Option<SuspensionReason>)> {
    let claim = email_claim(&EmailAddress::parse(ADA).unwrap().normalised());
    let account = site.app.store.find::<Account>(&claim).await.unwrap().unwrap().state;
    account.factors.devices.iter().map(|factor| (factor.is_blocked(), factor.suspended)).collect()
}

#[tokio::test]
async fn what_is_blocked_or_suspended_stays_so() {
    for by in [By::Link, By::TypedCode] {
        let site = TestSite::new().await;
        let (mut ada, app) = site.registered_with_app(ADA).await;
        let phone = ada.add_phone().await;
        site.settle().await;
        let (_, page) = site.asks_phones_of(ADA, "198.51.100.2").await;
        let request = phone.request(&site).await;
        for pin in ["9310", "9311", "9312", "9313", "9314"] {
            site.device_message("requests/approve", phone.approves(&request, &page.number(), pin)).await;
        }
        site.settle().await;
        site.mails.clear();
        ada.add_phone().await;
        site.settle().await;
        let mails = site.mails.to(ADA);
        let link = mails.iter().find(|mail| mail.says("a second factor was added")).unwrap().not_me();
        let mut mailbox = site.browser_at("198.51.100.3");
        let form = mailbox.get(&link).await.form(&link);
        assert_eq!(mailbox.submit(&form).await.status, StatusCode::OK);
        let before = [(false, None), (true, None), (false, Some(SuspensionReason::Disowned))];
        assert_eq!(standing(&site).await, before);

        let mut browser = site.browser_at("198.51.100.1");
        let page = resets(&site, &mut browser, by).await;
        assert_eq!(page.path, "/login/verify", "{by:?}");
        assert!(!browser.is_signed_in().await, "{by:?}");
        assert_eq!(standing(&site).await, before, "{by:?}");
        for way in ["qr", "pin"] {
            assert!(!page.body.contains(&format!("method={way}")), "{by:?}: {way} is not offered: {}", page.text());
            let asked = browser.get(&format!("/login/verify?method={way}")).await;
            assert!(!asked.body.contains("/app#code=") && !asked.body.contains("shown-code"), "{}", asked.text());
        }
        assert_eq!(browser.answer_totp(&app.code(&site)).await.path, "/account", "what counted counts");
        assert_eq!(standing(&site).await, before, "nor does a sign-in put them in force");
        for event in ["account.factor_unblocked", "account.factor_resumed", "account.factor_removed"] {
            assert_eq!(count(&site, event).await, 0, "{event}");
        }
        site.settle().await;
        site.world().assert_clean().await;
    }
}
