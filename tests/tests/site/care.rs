//! What becomes of a change that the account's owner did not make.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use chancery_domain::account::Account;
use chancery_domain::values::EmailAddress;
use chancery_eventstore::verify::Options;
use chancery_service::accounts::administer::{Measure, Measured};
use chancery_service::accounts::email_claim;
use chancery_tests::site::{Browser, PASSWORD, SentMail, Setup, SoftKey, TestSite, User, World};

const ADA: &str = "ada@example.org";
const THIEF: &str = "198.51.100.66";
const HALF_AN_HOUR: Duration = Duration::from_secs(1800);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The newest mail to the account that says these words.
fn mail_about(site: &TestSite, words: &str) -> SentMail {
    let says = |mail: &SentMail| mail.says(words);
    site.mails.to(ADA).into_iter().rfind(says).unwrap_or_else(|| panic!("no mail says {words}"))
}

async fn account(site: &TestSite) -> Account {
    let claim = email_claim(&EmailAddress::parse(ADA).unwrap().normalised());
    site.app.store.find::<Account>(&claim).await.unwrap().unwrap().state
}

/// Presses the button of a link.
async fn disown(browser: &mut Browser<'_>, link: &str) -> StatusCode {
    let page = browser.get(link).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let page = browser.submit(&page.form(link)).await;
    assert!(page.status != StatusCode::OK || page.text().contains("Your account is protected"), "{}", page.text());
    page.status
}

/// The owner signed in a while ago; since then somebody who knows the password added an app and made codes.
async fn broken_into(site: &TestSite) -> (Browser<'_>, Browser<'_>) {
    let ada = site.registered(ADA).await;
    site.after(HALF_AN_HOUR).await;
    let mut thief = site.browser_at(THIEF);
    assert_eq!(thief.sign_in(ADA, PASSWORD).await.path, "/account");
    thief.add_totp().await;
    thief.issue_codes().await;
    site.settle().await;
    (ada, thief)
}

async fn the_owner_says_so(world: World) {
    let site = world.site(Setup::default()).await;
    let (mut ada, mut thief) = broken_into(&site).await;
    let link = mail_about(&site, "a second factor was added").not_me();
    let before = site.event_types().await;
    let mut scanner = site.browser_at("198.51.100.7");
    for method in [Method::GET, Method::HEAD, Method::GET] {
        let answer = scanner.send(method, &link, None).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert!(!answer.body.contains(ADA), "the address is masked");
    }
    assert_eq!(site.event_types().await, before, "looking does nothing");
    assert!(thief.is_signed_in().await);

    let mut phone = site.browser_at("192.0.2.77");
    assert_eq!(disown(&mut phone, &link).await, StatusCode::OK);
    assert!(!phone.is_signed_in().await, "the button signs nobody in");
    assert!(!thief.is_signed_in().await && ada.is_signed_in().await, "what was opened before stays");
    let types = site.event_types().await;
    let expected = ["account.change_disowned", "account.factor_suspended", "account.sessions_ended"];
    assert_eq!(types[types.len() - 3..], expected);
    let page = thief.sign_in(ADA, PASSWORD).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "the password is worthless");

    // Again, by the same link: told that it is done, and nothing happens.
    let page = phone.get(&link).await;
    assert!(page.text().contains("Your account is protected"));
    let disowned = |types: Vec<String>| types.iter().filter(|name| *name == "account.change_disowned").count();
    assert_eq!(disowned(site.event_types().await), 1);
    site.settle().await;
    assert!(mail_about(&site, "Its password no longer works").text.contains("/account/security"));
    assert!(!mail_about(&site, "Its password no longer works").text.contains("/n/"), "that is not disowned in turn");

    // The codes have a link of their own.
    assert_eq!(
        disown(&mut phone, &mail_about(&site, "recovery codes were put in force").not_me()).await,
        StatusCode::OK
    );
    let state = account(&site).await;
    assert!(state.factors.recovery.as_ref().unwrap().suspended && state.factors.counting().next().is_none());

    // The mailbox sets a new password, and nothing that was suspended lets anybody in.
    site.settle().await;
    ada.sign_out().await;
    ada.lose_password(ADA).await;
    site.settle().await;
    ada.follow_link(&site.mails.link_to(ADA)).await;
    let page = ada.get("/login/verify").await;
    assert!(!page.text().contains("one-time code"), "{}", page.text());
    site.world().assert_clean().await;
}

#[tokio::test]
async fn what_somebody_else_added_is_suspended_and_they_are_out_on_sqlite() {
    the_owner_says_so(World::sqlite().await).await;
}

#[tokio::test]
async fn what_somebody_else_added_is_suspended_and_they_are_out_on_postgres() {
    the_owner_says_so(World::postgres().await).await;
}

#[tokio::test]
async fn a_link_that_is_none_too_old_or_for_something_else_does_nothing() {
    let site = TestSite::new().await;
    let (_, mut thief) = broken_into(&site).await;
    let link = mail_about(&site, "a second factor was added").not_me();
    let token = link.strip_prefix("/n/").unwrap();
    let mailed = site.mails.link_to(ADA).replace("/l/", "");
    let mut flipped = token.to_owned();
    flipped.replace_range(30..31, if &token[30..31] == "a" { "b" } else { "a" });
    let mut guesser = site.browser_at("198.51.100.9");
    for wrong in [mailed.as_str(), &flipped, "x", &token[..20]] {
        let page = guesser.get(&format!("/n/{wrong}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{wrong}");
        assert!(page.text().contains("damaged"));
    }
    assert_eq!(guesser.get(&format!("/l/{token}")).await.status, StatusCode::NOT_FOUND, "it sets no password");
    // What mail programs do to it is undone.
    assert!(guesser.get(&format!("/n/{}.", token.to_uppercase())).await.find_form(&link).is_some());

    let form = guesser.get(&link).await.form(&link);
    let before = site.event_types().await.len();
    site.after(30 * DAY).await;
    assert_eq!(guesser.get(&link).await.status, StatusCode::GONE);
    let late = guesser.post(&form).await.status;
    assert!([StatusCode::GONE, StatusCode::FORBIDDEN].contains(&late), "{late}");
    let types = site.event_types().await;
    assert!(!types[before..].iter().any(|name| name == "account.change_disowned"), "{types:?}");
    thief.sign_in(ADA, PASSWORD).await;
    assert_eq!(thief.get("/login/verify").await.status, StatusCode::OK, "the password still counts");
}

#[tokio::test]
async fn the_same_form_twice_is_one_disowning() {
    let site = TestSite::new().await;
    let (_, _) = broken_into(&site).await;
    let link = mail_about(&site, "a second factor was added").not_me();
    let mut phone = site.browser_at("192.0.2.77");
    let form = phone.get(&link).await.form(&link);
    for _ in 0..2 {
        assert_eq!(phone.post(&form).await.status, StatusCode::OK);
    }
    let types = site.event_types().await;
    assert_eq!(types.iter().filter(|name| *name == "account.change_disowned").count(), 1);
}

#[tokio::test]
async fn a_new_password_is_disowned_too_and_older_factors_keep_working() {
    let site = TestSite::new().await;
    let (mut ada, app) = site.registered_with_app(ADA).await;
    site.after(HALF_AN_HOUR).await;
    ada.sign_out().await;
    // Somebody who reads the owner's mail.
    let mut thief = site.browser_at(THIEF);
    thief.lose_password(ADA).await;
    site.settle().await;
    thief.follow_link(&site.mails.link_to(ADA)).await;
    assert!(!thief.is_signed_in().await, "a mailbox is no factor");
    site.settle().await;
    let mail = mail_about(&site, "somebody else can read your mail");
    assert_eq!(disown(&mut site.browser_at("192.0.2.77"), &mail.not_me()).await, StatusCode::OK);
    // The step that was open for the thief's password is none any more.
    assert_eq!(thief.get("/login/verify?method=totp").await.path, "/login");
    let state = account(&site).await;
    assert!(state.password.is_none() && state.factors.counting().count() == 1);

    ada.lose_password(ADA).await;
    site.settle().await;
    ada.follow_link(&site.mails.link_to(ADA)).await;
    assert_eq!(ada.answer_totp(&app.code(&site)).await.path, "/account");
    let report = site.world().verify(Options::default()).await;
    assert!(report.divergences.is_empty(), "{:?}", report.divergences);
}

async fn a_strange_sign_in(world: World) {
    let site = world.site(Setup::default()).await;
    let told =
        || site.mails.to(ADA).into_iter().filter(|mail| mail.subject.starts_with("A sign-in")).collect::<Vec<_>>();
    let mut ada = site.registered(ADA).await;
    ada.sign_out().await;
    ada.sign_in(ADA, PASSWORD).await;
    ada.add_totp().await;
    let form = ada.device_page().await.form("/account/security/device/remove");
    ada.submit(&form).await;
    site.settle().await;
    assert!(told().is_empty(), "neither the first session of all, nor a known browser, nor more that is proved there");

    site.after(Duration::from_secs(60)).await;
    let mut thief = site.browser_at(THIEF);
    for sign_ins in 0..2 {
        thief.sign_in(ADA, PASSWORD).await;
        assert!(thief.is_signed_in().await);
        site.settle().await;
        let [mail] = &told()[..] else { panic!("one mail after {sign_ins} more: {:?}", told()) };
        let text = mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("in a browser that we do not know"), "{text}");
    }
    let link = told()[0].not_me();
    let page = site.browser_at("198.51.100.7").get(&link).await;
    assert_eq!((page.status, page.body.contains(ADA)), (StatusCode::OK, false), "the address is masked");
    assert!(thief.is_signed_in().await, "looking does nothing");
    assert_eq!(disown(&mut site.browser_at("192.0.2.77"), &link).await, StatusCode::OK);
    assert!(!thief.is_signed_in().await && ada.is_signed_in().await, "what was opened a minute before stays");
    let page = thief.sign_in(ADA, PASSWORD).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "the password is worthless");

    // A reset has a mail of its own, and its session is no other news.
    ada.sign_out().await;
    site.mails.clear();
    ada.lose_password(ADA).await;
    site.settle().await;
    ada.follow_link(&site.mails.link_to(ADA)).await;
    assert!(ada.is_signed_in().await);
    site.settle().await;
    assert!(told().is_empty());
    site.world().assert_clean().await;
}

#[tokio::test]
async fn a_sign_in_from_a_browser_that_is_not_known_is_told_and_ended_on_sqlite() {
    a_strange_sign_in(World::sqlite().await).await;
}

#[tokio::test]
async fn a_sign_in_from_a_browser_that_is_not_known_is_told_and_ended_on_postgres() {
    a_strange_sign_in(World::postgres().await).await;
}

/// Asks for the link that suspends all devices, with the right password and nothing else.
async fn asks_to_suspend(site: &TestSite, browser: &mut Browser<'_>) -> String {
    browser.sign_in(ADA, PASSWORD).await;
    let page = browser.get("/login/lost").await;
    assert!(browser.submit(&page.form("/login/lost")).await.text().contains("We have sent you a link"));
    site.settle().await;
    mail_about(site, "asked for a link to suspend them").link()
}

async fn lost_devices_are_stopped(world: World) {
    let site = world.site(Setup::default()).await;
    let (mut ada, app) = site.registered_with_app(ADA).await;
    let codes = ada.issue_codes().await;
    let form = ada.get("/account/security").await.form("/account/security/always");
    ada.submit(&form).await;

    let mut desktop = site.browser_at("192.0.2.77");
    let link = asks_to_suspend(&site, &mut desktop).await;
    // Another browser, as mail is read anywhere; the password is asked for there too.
    let mut phone = site.browser_at("192.0.2.78");
    assert_eq!(phone.get(&link).await.status, StatusCode::OK);
    assert!(ada.is_signed_in().await, "looking does nothing");
    let form = phone.get(&link).await.form(&link);
    for wrong in ["", "Wrong horse 7 battery!"] {
        let page = phone.post(&form.clone().with("password", wrong)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
    }
    let form = phone.get(&link).await.form(&link).with("password", PASSWORD);
    for _ in 0..2 {
        assert!(phone.submit(&form).await.text().contains("Your devices are suspended"));
    }
    assert!(!phone.is_signed_in().await && !ada.is_signed_in().await, "nobody is signed in any more");
    assert_eq!(phone.get(&link).await.status, StatusCode::GONE);
    let types = site.event_types().await;
    assert_eq!(types.iter().filter(|name| *name == "account.factors_suspended").count(), 1);
    site.settle().await;
    mail_about(&site, "all devices of your account");

    // Neither the device nor the password alone signs in, also in the browser that had proved the password before.
    let state = account(&site).await;
    assert!(state.factors.devices.len() == 1 && state.factors.counting().next().is_none());
    ada.sign_in(ADA, PASSWORD).await;
    let page = ada.get("/login/verify?method=totp").await;
    assert!(!page.body.contains("one_time_code"), "{}", page.text());
    for way in ["totp", "password"] {
        let form = ada.get("/login/verify?method=recovery").await.form("/login/verify");
        let form = form.with("method", way).with("one_time_code", &app.code(&site)).with("recovery_code", "");
        ada.post(&form).await;
        assert!(!ada.is_signed_in().await, "{way}");
    }

    // A recovery code leads back.
    ada.sign_in(ADA, PASSWORD).await;
    assert_eq!(ada.answer_recovery_code(&codes[0]).await.path, "/account/security");
    let form = ada.device_page().await.form("/account/security/device/resume");
    assert_eq!(ada.submit(&form).await.path, "/account/security?done=resumed");
    site.settle().await;
    assert!(mail_about(&site, "put in force again").not_me().starts_with("/n/"));
    ada.sign_out().await;
    ada.sign_in(ADA, PASSWORD).await;
    assert_eq!(ada.answer_totp(&app.code(&site)).await.path, "/account");
    site.world().assert_clean().await;
}

#[tokio::test]
async fn lost_devices_are_suspended_and_resumed_on_sqlite() {
    lost_devices_are_stopped(World::sqlite().await).await;
}

#[tokio::test]
async fn lost_devices_are_suspended_and_resumed_on_postgres() {
    lost_devices_are_stopped(World::postgres().await).await;
}

#[tokio::test]
async fn a_mailbox_or_a_password_alone_suspends_nothing() {
    let site = TestSite::new().await;
    let (mut ada, _) = site.registered_with_app(ADA).await;
    // The password alone leads to a mail, and to nothing else; without it there is no mail.
    let mut thief = site.browser_at(THIEF);
    assert_eq!(thief.get("/login/lost").await.path, "/login");
    let link = asks_to_suspend(&site, &mut thief).await;
    // Whoever reads the mail does not know the password.
    let mut reader = site.browser_at("198.51.100.8");
    let form = reader.get(&link).await.form(&link).with("password", "Wrong horse 7 battery!");
    assert_eq!(reader.post(&form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Its link sets no password, and one that sets a password suspends nothing.
    let form = reader.get(&link).await.form(&link).with("new_password", PASSWORD).with("confirm_password", PASSWORD);
    assert_eq!(reader.post(&form).await.status, StatusCode::BAD_REQUEST);
    site.after(2 * DAY).await;
    assert_eq!(reader.get(&link).await.status, StatusCode::GONE);
    let state = account(&site).await;
    assert_eq!(state.factors.counting().count(), 1);
    ada.sign_in(ADA, PASSWORD).await;
    assert!(ada.get("/login/verify?method=totp").await.body.contains("one_time_code"));
}

#[tokio::test]
async fn a_browser_is_not_told_that_a_suspended_passkey_is_gone() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    site.after(HALF_AN_HOUR).await;
    let (mut other, mut key) = (site.browser_at(THIEF), SoftKey::new());
    assert_eq!(other.sign_in(ADA, PASSWORD).await.path, "/account");
    other.add_key("passkey", &mut key, User::Verified).await;
    site.settle().await;
    let link = mail_about(&site, "a second factor was added").not_me();
    assert_eq!(disown(&mut site.browser_at("192.0.2.77"), &link).await, StatusCode::OK);
    assert_eq!(account(&site).await.factors.counting().count(), 0);
    let page = ada.get("/account/security?done=removed").await;
    assert!(page.body.contains("allAcceptedCredentialIds&#34;:[&#34;"), "{}", page.body);
}

#[tokio::test]
async fn an_administrator_resumes_what_was_suspended() {
    let site = TestSite::new().await;
    let (_, _) = site.registered_with_app(ADA).await;
    let uid = account(&site).await.identity.unwrap().uid;
    let resume = async || site.app.administer("root", &uid, &Measure::ResumeFactors, "seen in person").await.unwrap();
    assert_eq!(resume().await, Measured::NotNow);
    let mut phone = site.browser_at("192.0.2.78");
    let link = asks_to_suspend(&site, &mut phone).await;
    let form = phone.get(&link).await.form(&link).with("password", PASSWORD);
    phone.submit(&form).await;
    assert_eq!(resume().await, Measured::Done);
    assert_eq!(account(&site).await.factors.counting().count(), 1);
}
