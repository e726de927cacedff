//! Recovering an account whose devices are lost: what the person does who lost them, and what a stranger cannot.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use chancery_domain::Timestamp;
use chancery_domain::account::Account;
use chancery_domain::policy::{Policy, RecoveryWait};
use chancery_domain::values::EmailAddress;
use chancery_eventstore::db::sql;
use chancery_service::accounts::email_claim;
use chancery_service::texts::Texts;
use chancery_service::throttle::{Limit, Limits};
use chancery_tests::environment;
use chancery_tests::site::{Authenticator, Browser, NUMBER, PASSWORD, Page, SentMail, Setup, TestSite, World, count};
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";
const OTHER_PASSWORD: &str = "Other-horse8battery";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The mails to the account that say these words.
fn mails_about(site: &TestSite, words: &str) -> Vec<SentMail> {
    site.mails.to(ADA).into_iter().filter(|mail| mail.says(words)).collect()
}

fn mail_about(site: &TestSite, words: &str) -> SentMail {
    mails_about(site, words).pop().unwrap_or_else(|| panic!("no mail says {words}"))
}

async fn account(site: &TestSite) -> Account {
    let claim = email_claim(&EmailAddress::parse(ADA).unwrap().normalised());
    site.app.store.find::<Account>(&claim).await.unwrap().unwrap().state
}

async fn ends(site: &TestSite) -> Timestamp {
    account(site).await.recovery.open.unwrap().ends
}

/// As pages and mails say a moment.
fn shown(moment: Timestamp) -> String {
    Texts::of(chancery_domain::values::Language::English).moment(moment)
}

/// Somebody whose app is eight days old.
async fn with_old_app(site: &TestSite) -> (Browser<'_>, Authenticator) {
    let (ada, app) = site.registered_with_app(ADA).await;
    site.after(8 * DAY).await;
    (ada, app)
}

/// Asks for the link, with the right password and nothing else.
async fn asks_for_link(site: &TestSite, browser: &mut Browser<'_>, password: &str) -> String {
    browser.sign_in(ADA, password).await;
    let page = browser.get("/login/recovery").await;
    let page = browser.submit(&page.form("/login/recovery")).await;
    assert!(page.text().contains("We have sent you a link"), "{}", page.text());
    site.settle().await;
    mail_about(site, "asked for a link to recover it").link()
}

async fn posts_password(browser: &mut Browser<'_>, link: &str, password: &str) -> Page {
    let form = browser.get(link).await.form(link).with("password", password);
    browser.submit(&form).await
}

/// A recovery waits that was asked for with this password and the mailed link.
async fn asks_for_recovery(site: &TestSite, browser: &mut Browser<'_>, password: &str) {
    let link = asks_for_link(site, browser, password).await;
    let page = posts_password(browser, &link, password).await;
    assert!(page.text().contains("A recovery is waiting"), "{}", page.text());
    site.settle().await;
}

async fn the_whole_way(world: World) {
    let site = world.site(Setup::default()).await;
    let (_, _) = with_old_app(&site).await;

    let mut desktop = site.browser_at("192.0.2.77");
    desktop.sign_in(ADA, PASSWORD).await;
    assert!(desktop.get("/login/lost").await.body.contains("/login/recovery"));
    let link = asks_for_link(&site, &mut desktop, PASSWORD).await;
    // Another browser, as mail is read anywhere; the password is asked for there too.
    let mut phone = site.browser_at("192.0.2.78");
    let before = site.event_types().await;
    for method in [Method::GET, Method::HEAD, Method::GET] {
        let answer = phone.send(method, &link, None).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(!answer.body.contains(ADA), "the address is masked");
    }
    assert_eq!(site.event_types().await, before, "looking does nothing");
    for wrong in ["", "Wrong horse 7 battery!"] {
        assert_eq!(posts_password(&mut phone, &link, wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let form = phone.get(&link).await.form(&link).with("password", PASSWORD);
    for _ in 0..2 {
        let page = phone.submit(&form).await;
        assert!(page.text().contains(&shown(ends(&site).await)), "{}", page.text());
    }
    assert_eq!(count(&site, "account.recovery_requested").await, 1);
    assert_eq!(ends(&site).await, site.app.now().plus(3 * DAY));
    assert_eq!(phone.get(&link).await.status, StatusCode::GONE);
    assert!(!phone.is_signed_in().await);

    // Told by mail at once, and on the page after the password.
    site.settle().await;
    let told = mail_about(&site, "all its second factors are lost. Nothing has changed yet");
    let until = shown(ends(&site).await);
    assert!(told.says(&until));
    desktop.sign_in(ADA, PASSWORD).await;
    let page = desktop.get("/login/verify").await;
    assert!(page.text().contains("A recovery of this account is waiting") && page.text().contains(&until));
    let page = desktop.get("/login/recovery").await;
    assert!(page.text().contains(&until) && page.find_form("/login/recovery").is_none(), "no second one");
    // And wherever somebody is signed in.
    let form = desktop.get("/login/verify?method=password").await.form("/login/verify");
    assert_eq!(desktop.submit(&form).await.path, "/account");
    for path in ["/account", "/account/security"] {
        let page = desktop.get(path).await;
        assert!(
            page.text().contains("A recovery of this account is waiting") && page.text().contains(&until),
            "{path}"
        );
    }

    // Every day once, whatever is done twice.
    for day in 1..=2 {
        site.after(DAY).await;
        let again = sql("UPDATE jobs SET next_at = 0, lease_until = 0 WHERE job = 'remind-recoveries'");
        assert_eq!(site.db.execute(again).await.unwrap(), 1);
        site.settle().await;
        let reminders = mails_about(&site, "is still waiting");
        let ids: BTreeSet<_> = reminders.iter().map(SentMail::message_id).collect();
        assert_eq!((ids.len(), reminders.len()), (day, 2 * day), "a repeat is the same mail");
        assert!(reminders.iter().all(|mail| mail.not_me() == told.not_me()), "the same link cancels it");
    }
    site.after(DAY).await;
    mail_about(&site, "is over. Nothing has changed by itself");
    assert_eq!(account(&site).await.factors.devices.len(), 1, "at the end nothing happens by itself");

    // Back with the password and a new link.
    desktop.sign_in(ADA, PASSWORD).await;
    assert!(desktop.get("/login/recovery").await.text().contains("The waiting time is over"));
    let link = asks_for_link(&site, &mut desktop, PASSWORD).await;
    assert!(phone.get(&link).await.text().contains("Remove all second factors"));
    let form = phone.get(&link).await.form(&link).with("password", PASSWORD);
    for _ in 0..2 {
        assert_eq!(phone.submit(&form).await.path, "/account/security", "also when its answer was lost");
    }
    assert_eq!(count(&site, "account.recovery_completed").await, 1);
    let state = account(&site).await;
    assert!(state.factors.devices.is_empty() && state.factors.recovery.is_none());
    // A device comes before anything else.
    for path in ["/account", "/account/security"] {
        let page = phone.get(path).await;
        assert_eq!(page.path, "/account/security");
        assert!(page.text().contains("Please add a device now"), "{}", page.text());
    }
    let form = phone.get("/account/security").await.form("/account/security/codes");
    let codes = phone.submit(&form).await;
    assert!(codes.recovery_codes().is_empty(), "no codes before a device: {}", codes.text());
    phone.add_totp().await;
    assert_eq!(phone.get("/account").await.path, "/account");
    site.settle().await;
    assert!(mail_about(&site, "since the waiting time was over").not_me().starts_with("/n/"));
    site.after(DAY).await;
    assert_eq!(mails_about(&site, "is over. Nothing has changed by itself").len(), 1, "no mail after the end");
    site.world().assert_clean().await;
}

#[tokio::test]
async fn who_lost_everything_waits_and_comes_back_on_sqlite() {
    the_whole_way(World::sqlite().await).await;
}

#[tokio::test]
async fn who_lost_everything_waits_and_comes_back_on_postgres() {
    the_whole_way(World::postgres().await).await;
}

#[tokio::test]
async fn who_lost_everything_waits_and_comes_back_fed_by_nats() {
    the_whole_way(World::nats(&environment::nats()).await).await;
}

async fn the_owner_objects(world: World) {
    let site = world.site(Setup::default()).await;
    let (mut ada, app) = with_old_app(&site).await;
    // A stranger knows the password and reads the mail.
    let mut stranger = site.browser_at("198.51.100.66");
    asks_for_recovery(&site, &mut stranger, PASSWORD).await;
    let link = mail_about(&site, "Nothing has changed yet").not_me();

    // The link: looking does nothing, the button does, once.
    let mut scanner = site.browser_at("198.51.100.7");
    for method in [Method::GET, Method::HEAD] {
        let answer = scanner.send(method, &link, None).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("referrer-policy"), "same-origin");
    }
    assert_eq!(count(&site, "account.recovery_cancelled").await, 0);
    let form = scanner.get(&link).await.form(&link);
    for _ in 0..2 {
        assert!(scanner.submit(&form).await.text().contains("The recovery is cancelled"));
    }
    assert_eq!(count(&site, "account.recovery_cancelled").await, 1);
    assert_eq!(scanner.get(&link).await.status, StatusCode::GONE);
    assert!(!scanner.is_signed_in().await, "the button signs nobody in");
    site.settle().await;
    assert!(!mail_about(&site, "was cancelled: its second factors stay").text.contains("/n/"));
    site.after(DAY).await;
    assert!(mails_about(&site, "is still waiting").is_empty());

    // An old mail does not cancel another recovery; a sign-in with the old device does, in its own decision.
    asks_for_recovery(&site, &mut stranger, PASSWORD).await;
    assert_eq!(scanner.get(&link).await.status, StatusCode::GONE);
    ada.sign_in(ADA, PASSWORD).await;
    assert_eq!(ada.answer_totp(&app.code(&site)).await.path, "/account");
    let types = site.event_types().await;
    assert_eq!(types[types.len() - 2..], ["account.recovery_cancelled", "account.signed_in"]);
    site.after(3 * DAY).await;
    stranger.sign_in(ADA, PASSWORD).await;
    assert!(stranger.get("/login/recovery").await.text().contains("Before that you wait"), "from the beginning");
    site.world().assert_clean().await;
}

#[tokio::test]
async fn the_mailed_link_and_an_old_device_cancel_it_on_sqlite() {
    the_owner_objects(World::sqlite().await).await;
}

#[tokio::test]
async fn the_mailed_link_and_an_old_device_cancel_it_on_postgres() {
    the_owner_objects(World::postgres().await).await;
}

#[tokio::test]
async fn a_mailbox_or_a_password_alone_neither_asks_nor_vetoes_nor_completes() {
    let site = TestSite::new().await;
    let (_, _) = with_old_app(&site).await;
    // Without the password there is no page, and no mail.
    let mut thief = site.browser_at("198.51.100.66");
    for path in ["/login/recovery", "/login/recovery/cancel"] {
        assert_eq!(thief.get(path).await.path, "/login");
    }
    // The password alone leads to a mail, and to nothing else.
    let link = asks_for_link(&site, &mut thief, PASSWORD).await;
    let mut reader = site.browser_at("198.51.100.8");
    let page = posts_password(&mut reader, &link, "Wrong horse 7 battery!").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "whoever reads the mail does not know the password");
    // Its link sets no password and suspends nothing.
    let form = reader.get(&link).await.form(&link).with("new_password", PASSWORD).with("confirm_password", PASSWORD);
    assert_eq!(reader.post(&form).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(account(&site).await.recovery.open, None);
    // While one waits no link is mailed, and the password alone does not cancel it.
    asks_for_recovery(&site, &mut thief, PASSWORD).await;
    thief.sign_in(ADA, PASSWORD).await;
    assert!(thief.get("/login/recovery").await.find_form("/login/recovery/cancel").is_none());
    site.after(3 * DAY).await;
    assert_eq!(account(&site).await.factors.devices.len(), 1);
    // A link of before does not complete it, nor one that is a day too old.
    assert_eq!(reader.get(&link).await.status, StatusCode::GONE);
    let link = asks_for_link(&site, &mut thief, PASSWORD).await;
    let page = posts_password(&mut reader, &link, "Wrong horse 7 battery!").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    site.after(DAY).await;
    assert_eq!(reader.get(&link).await.status, StatusCode::GONE);
    // A week later it is over.
    site.after(7 * DAY).await;
    thief.sign_in(ADA, PASSWORD).await;
    assert!(thief.get("/login/recovery").await.text().contains("Before that you wait"));
    assert_eq!(account(&site).await.factors.devices.len(), 1);
}

#[tokio::test]
async fn whoever_reads_the_mail_hastens_nothing_by_a_new_password() {
    let site = TestSite::new().await;
    let (_, _) = with_old_app(&site).await;
    let mut reader = site.browser_at("198.51.100.8");
    let reset = async |reader: &mut Browser<'_>, password: &str| {
        reader.lose_password(ADA).await;
        site.settle().await;
        let link = mail_about(&site, "is lost. Open this page to set a new one").link();
        let form = reader.get(&link).await.form(&link);
        reader.submit(&form.with("new_password", password).with("confirm_password", password)).await
    };
    // With the mailbox alone: a new password, and then the recovery. It takes seven days from the password on.
    assert_eq!(reset(&mut reader, OTHER_PASSWORD).await.path, "/login/verify");
    let first = site.app.now();
    asks_for_recovery(&site, &mut reader, OTHER_PASSWORD).await;
    assert_eq!(ends(&site).await, first.plus(7 * DAY));
    // Another one meanwhile puts it off; the page says until when.
    site.after(DAY).await;
    reset(&mut reader, PASSWORD).await;
    let second = site.app.now();
    assert_eq!(ends(&site).await, second.plus(7 * DAY));
    let page = reader.get("/login/verify").await;
    assert!(page.text().contains(&shown(second.plus(7 * DAY))), "{}", page.text());
    site.after(6 * DAY).await;
    assert!(reader.get("/login/recovery").await.find_form("/login/recovery").is_none());
    site.world().assert_clean().await;
}

#[tokio::test]
async fn a_device_that_came_later_neither_cancels_it_nor_survives_it() {
    let site = TestSite::new().await;
    let (mut ada, app) = with_old_app(&site).await;
    ada.sign_in(ADA, PASSWORD).await;
    ada.answer_totp(&app.code(&site)).await;
    // Somebody at the open browser adds an app of theirs.
    let theirs = ada.add_totp().await;
    site.after(Duration::from_secs(60)).await;
    let mut desktop = site.browser_at("192.0.2.77");
    asks_for_recovery(&site, &mut desktop, PASSWORD).await;
    site.after(Duration::from_secs(60)).await;
    let mut stranger = site.browser_at("198.51.100.66");
    stranger.sign_in(ADA, PASSWORD).await;
    assert_eq!(stranger.answer_totp(&theirs.code(&site)).await.path, "/account");
    assert_eq!(count(&site, "account.recovery_cancelled").await, 0, "it has no say");
    site.after(3 * DAY).await;
    let link = asks_for_link(&site, &mut desktop, PASSWORD).await;
    assert_eq!(posts_password(&mut desktop, &link, PASSWORD).await.path, "/account/security");
    assert!(account(&site).await.factors.devices.is_empty());
    assert!(!stranger.is_signed_in().await);
}

#[tokio::test]
async fn a_device_that_was_suspended_as_lost_still_cancels_it() {
    let site = TestSite::new().await;
    let (_, app) = with_old_app(&site).await;
    let mut stranger = site.browser_at("198.51.100.66");
    stranger.sign_in(ADA, PASSWORD).await;
    let form = stranger.get("/login/lost").await.form("/login/lost");
    stranger.submit(&form).await;
    site.settle().await;
    let link = mail_about(&site, "asked for a link to suspend them").link();
    assert!(posts_password(&mut stranger, &link, PASSWORD).await.text().contains("Your devices are suspended"));
    asks_for_recovery(&site, &mut stranger, PASSWORD).await;

    let mut ada = site.browser_at("192.0.2.77");
    ada.sign_in(ADA, PASSWORD).await;
    let page = ada.get("/login/recovery").await;
    let form = page.form("/login/recovery/cancel");
    for wrong in ["", "000000", &app.wrong_code(&site)] {
        let page = ada.post(&form.clone().with("one_time_code", wrong)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    assert_eq!(count(&site, "account.recovery_cancelled").await, 0);
    let form = ada.get("/login/recovery").await.form("/login/recovery/cancel");
    let form = form.with("one_time_code", &app.code(&site));
    for _ in 0..2 {
        assert!(ada.submit(&form).await.text().contains("The recovery is cancelled"));
    }
    assert_eq!(count(&site, "account.recovery_cancelled").await, 1);
    assert!(!ada.is_signed_in().await, "it lets nobody in");
    let state = account(&site).await;
    assert!(state.recovery.open.is_none() && state.factors.counting().next().is_none(), "and stays suspended");
    site.world().assert_clean().await;
}

#[tokio::test]
async fn a_telephone_that_was_suspended_as_lost_is_sent_a_code_and_still_cancels_it() {
    let site = TestSite::new().await;
    site.registered(ADA).await.add_number(NUMBER).await;
    site.after(8 * DAY).await;
    let mut stranger = site.browser_at("198.51.100.66");
    stranger.sign_in(ADA, PASSWORD).await;
    let form = stranger.get("/login/lost").await.form("/login/lost");
    stranger.submit(&form).await;
    site.settle().await;
    let link = mail_about(&site, "asked for a link to suspend them").link();
    assert!(posts_password(&mut stranger, &link, PASSWORD).await.text().contains("Your devices are suspended"));
    let sent = site.messages_to(NUMBER).await.len();
    asks_for_recovery(&site, &mut stranger, PASSWORD).await;

    let mut ada = site.browser_at("192.0.2.77");
    ada.sign_in(ADA, PASSWORD).await;
    let page = ada.get("/login/recovery").await;
    assert!(page.find_form("/login/recovery/cancel").is_none(), "a code must be sent first: {}", page.text());
    let page = ada.submit(&page.form("/login/recovery/sms")).await;
    assert_eq!(page.path, "/login/recovery?method=sms");
    let code = site.sms_code(NUMBER).await;
    assert_eq!(site.messages_to(NUMBER).await.len(), sent + 1);
    let form = page.form("/login/recovery/cancel");
    for wrong in ["", "AAA-AAA-AAA"] {
        let page = ada.post(&form.clone().with("sms_code", wrong)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    assert_eq!(count(&site, "account.recovery_cancelled").await, 0);
    let form = ada.get("/login/recovery?method=sms").await.form("/login/recovery/cancel").with("sms_code", &code);
    for _ in 0..2 {
        assert!(ada.submit(&form).await.text().contains("The recovery is cancelled"));
    }
    assert_eq!(count(&site, "account.recovery_cancelled").await, 1);
    assert!(!ada.is_signed_in().await, "it lets nobody in");
    let state = account(&site).await;
    assert!(state.recovery.open.is_none() && state.factors.counting().next().is_none(), "and stays suspended");
    // Nothing waits any more: no message is sent for it.
    ada.sign_in(ADA, PASSWORD).await;
    let form = ada.get("/login/recovery").await;
    assert!(form.find_form("/login/recovery/sms").is_none());
    site.world().assert_clean().await;
}

#[tokio::test]
async fn where_it_is_off_the_page_is_absent_and_says_who_can_help() {
    let policy = Policy { recovery_wait: RecoveryWait::OFF, ..Policy::default() };
    let site = World::sqlite().await.site(Setup { policy, ..Setup::default() }).await;
    let (_, _) = site.registered_with_app(ADA).await;
    let mut desktop = site.browser_at("192.0.2.77");
    desktop.sign_in(ADA, PASSWORD).await;
    let lost = desktop.get("/login/lost").await;
    assert!(!lost.body.contains("/login/recovery") && lost.text().contains("ask the people who run it"));
    let page = desktop.get("/login/recovery").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text().contains("ask the people who run it") && page.find_form("/login/recovery").is_none());
}

#[tokio::test]
async fn more_recoveries_than_the_rate_are_not_completed_within_the_hour() {
    let limits = Limits::default();
    let limits = Limits { recoveries: Limit { max: 0, ..limits.recoveries }, ..limits };
    let site = World::sqlite().await.site(Setup { limits, ..Setup::default() }).await;
    let (_, _) = with_old_app(&site).await;
    let mut desktop = site.browser_at("192.0.2.77");
    asks_for_recovery(&site, &mut desktop, PASSWORD).await;
    site.after(3 * DAY).await;
    let link = asks_for_link(&site, &mut desktop, PASSWORD).await;
    assert_eq!(posts_password(&mut desktop, &link, PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(account(&site).await.factors.devices.len(), 1);
    assert_eq!(desktop.get(&link).await.status, StatusCode::OK, "the link waits with the person");
}

#[tokio::test]
async fn the_app_is_told_of_it_until_it_is_cancelled() {
    let site = TestSite::new().await;
    let (_, phone) = site.registered_with_phone(ADA).await;
    site.after(8 * DAY).await;
    assert_eq!(phone.recovery(&site).await, Value::Null);
    let mut stranger = site.browser_at("198.51.100.66");
    asks_for_recovery(&site, &mut stranger, PASSWORD).await;
    let millis = |moment: Timestamp| moment.micros() / 1000;
    let open = account(&site).await.recovery.open.unwrap();
    let told = json!({ "everything": true, "from": millis(open.ends), "until": millis(open.until()) });
    assert_eq!(phone.recovery(&site).await, told);
    site.after(3 * DAY).await;
    assert_eq!(phone.recovery(&site).await, told, "and while it can be completed");
    let link = mail_about(&site, "Nothing has changed yet").not_me();
    let mut owner = site.browser_at("198.51.100.7");
    let form = owner.get(&link).await.form(&link);
    owner.submit(&form).await;
    assert_eq!(count(&site, "account.recovery_cancelled").await, 1);
    assert_eq!(phone.recovery(&site).await, Value::Null);
}
