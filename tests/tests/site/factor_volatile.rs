//! The volatile rows put back by a minute, and then emptied, in the midst of what telephones and apps do: nothing that was
//! used is accepted again, in whatever tab, and whoever has lost something is asked anew.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_tests::site::volatile::{Copy, copy, counts_once, empty, put_back};
use chancery_tests::site::{Authenticator, Browser, Form, NUMBER, PASSWORD, PIN, Setup, TestSite, World};

const ADA: &str = "ada@example.org";
/// A one-time code is still taken then.
const HALF_A_MINUTE: Duration = Duration::from_secs(30);

/// What happened to accounts but for wrong answers, which are counted.
async fn happened(site: &TestSite) -> usize {
    let types = site.event_types().await;
    let counted = |name: &&String| name.starts_with("account.") && *name != "account.second_factor_failed";
    types.iter().filter(counted).count()
}

/// Sends a form in another tab of the browser, the rows as they were before it was sent, and once more when all are gone:
/// nothing happens.
async fn is_used_up(site: &TestSite, browser: &Browser<'_>, form: &Form, before: &Copy) {
    let done = happened(site).await;
    site.after(HALF_A_MINUTE).await;
    for lost in [false, true] {
        put_back(site, before).await;
        if lost {
            empty(site).await;
        }
        let page = browser.clone().submit(&browser.in_another_tab(form)).await;
        site.settle().await;
        assert_eq!(happened(site).await, done, "{}, lost: {lost}: {}", form.action, page.text());
    }
}

/// Somebody past the password, in a browser of their own.
async fn past_password<'a>(site: &'a TestSite, address: &str) -> Browser<'a> {
    let mut browser = site.browser_at(address);
    assert_eq!(browser.sign_in(ADA, PASSWORD).await.path, "/login/verify");
    browser
}

async fn codes_are_used_up(world: World) {
    let site = world.site(Setup::default()).await;
    site.age().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    ada.add_number(NUMBER).await;
    site.after(HALF_A_MINUTE).await;

    let mut browser = past_password(&site, "198.51.100.1").await;
    let page = browser.get("/login/verify?method=qr").await;
    let form = page.form("/login/verify").with("app_code", &phone.code(PIN, &page.challenge().1));
    let before = copy(&site).await;
    assert_eq!(browser.clone().submit(&form).await.path, "/account");
    is_used_up(&site, &browser, &form, &before).await;

    let mut browser = past_password(&site, "198.51.100.2").await;
    browser.ask_for_code().await;
    let code = site.sms_code(NUMBER).await;
    let form = browser.get("/login/verify?method=sms").await.form("/login/verify").with("sms_code", &code);
    let before = copy(&site).await;
    assert_eq!(browser.clone().submit(&form).await.path, "/account");
    is_used_up(&site, &browser, &form, &before).await;
    // Whoever has lost the rows begins anew, and is let in.
    assert_eq!(browser.sign_in(ADA, PASSWORD).await.path, "/login/verify");
    browser.ask_for_code().await;
    let anew = site.sms_code(NUMBER).await;
    assert_ne!(anew, code);
    assert_eq!(browser.answer_sms(&anew).await.path, "/account");
    site.world().assert_clean().await;
}

#[tokio::test]
async fn codes_of_a_telephone_are_used_up_on_sqlite() {
    codes_are_used_up(World::sqlite().await).await;
}

#[tokio::test]
async fn codes_of_a_telephone_are_used_up_on_postgresql() {
    codes_are_used_up(World::postgres().await).await;
}

/// Added, removed, and the rows of its enrolment back: it does not come back with them.
async fn enrolments_are_used_up(world: World) {
    let site = world.site(Setup::default()).await;
    site.age().await;
    let (mut ada, _) = site.registered_with_app(ADA).await;
    for what in ["phone", "number", "app"] {
        let form = match what {
            "phone" => ada.pair_phone().await.1.form("/account/security/mobile/pair"),
            "number" => {
                ada.begin_number(NUMBER).await;
                let code = site.sms_code(NUMBER).await;
                let page = ada.get("/account/security/phone/code").await;
                page.form("/account/security/phone/code").with("sms_code", &code)
            }
            _ => {
                let page = ada.get("/account/security/totp").await;
                let code = Authenticator::of(&page).code(&site);
                page.form("/account/security/totp").with("one_time_code", &code)
            }
        };
        let before = copy(&site).await;
        let page = ada.submit(&form).await;
        assert!(page.path.starts_with("/account/security?done=added"), "{what}: {}", page.text());
        let list = ada.get("/account/security").await;
        let last = list.body.rfind("/account/security/device?device=").expect("a device");
        let path = list.body[last..].split('"').next().unwrap_or_default().to_owned();
        let remove = ada.get(&path).await.form("/account/security/device/remove");
        assert_eq!(ada.submit(&remove).await.path, "/account/security?done=removed", "{what}");
        is_used_up(&site, &ada, &form, &before).await;
    }
    site.world().assert_clean().await;
}

#[tokio::test]
async fn enrolments_of_devices_that_were_removed_are_used_up_on_sqlite() {
    enrolments_are_used_up(World::sqlite().await).await;
}

#[tokio::test]
async fn enrolments_of_devices_that_were_removed_are_used_up_on_postgresql() {
    enrolments_are_used_up(World::postgres().await).await;
}

/// A form that is sent again is the same form, whatever became of the rows: that of each enrolment, and of a PIN's request.
#[tokio::test]
async fn forms_of_telephones_count_once() {
    let site = TestSite::new().await;
    let (mut ada, phone) = site.registered_with_phone(ADA).await;
    ada.begin_number(NUMBER).await;
    let code = site.sms_code(NUMBER).await;
    let page = ada.get("/account/security/phone/code").await;
    counts_once(&site, ada.clone(), &page.form("/account/security/phone/code").with("sms_code", &code)).await;
    let page = ada.get("/account/security/phone").await;
    let form = page.form("/account/security/phone").with("phone_number", "+32470999999");
    counts_once(&site, ada.clone(), &form).await;
    site.age().await;

    let mut browser = past_password(&site, "198.51.100.1").await;
    let page = browser.get("/login/verify?method=sms").await;
    counts_once(&site, browser.clone(), &page.form("/login/verify/sms")).await;
    site.age().await;

    let mut browser = past_password(&site, "198.51.100.2").await;
    let page = browser.ask_phones().await;
    assert_eq!(phone.approve(&site, &page, PIN).await.status, StatusCode::OK);
    counts_once(&site, browser, &page.form("/login/verify")).await;
    site.world().assert_clean().await;
}
