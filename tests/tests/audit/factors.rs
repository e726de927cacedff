//! What became of people's second factors, as an auditor reads it: each story in sentences, in its order, by the program
//! itself; and a verification that finds nothing after all of it.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::Duration;

use axum::http::StatusCode;
use chancery_domain::campaign::Plan;
use chancery_service::accounts::administer::{Measure, Measured};
use chancery_tests::audit::uid_of;
use chancery_tests::environment;
use chancery_tests::site::{Browser, NUMBER, PASSWORD, PIN, SentMail, SoftKey, TestSite, User};

const DAY: Duration = Duration::from_secs(24 * 3600);
const A_WHILE: Duration = Duration::from_secs(301);
const OTHER_PIN: &str = "9316";

/// The newest mail to somebody that says these words.
fn mail_about(site: &TestSite, email: &str, words: &str) -> SentMail {
    let mail = site.mails.to(email).into_iter().rfind(|mail| mail.says(words));
    mail.unwrap_or_else(|| panic!("no mail to {email} says {words}"))
}

/// One-time codes and recovery codes, from the first to the last.
async fn by_app(site: &TestSite, email: &str) {
    let (mut person, app) = site.registered_with_app(email).await;
    let codes = person.issue_codes().await;
    let form = person.device_page().await.form("/account/security/device/rename").with("device_name", "Old one");
    person.submit(&form).await;
    for what in ["always-on", "always-off"] {
        let form = person.get("/account/security").await.form("/account/security/always");
        assert_eq!(person.submit(&form).await.path, format!("/account/security?done={what}"));
    }
    let mut elsewhere = site.browser_at("198.51.100.1");
    elsewhere.sign_in(email, PASSWORD).await;
    elsewhere.answer_totp(&app.wrong_code(site)).await;
    // Behind the answer.
    site.answered().await;
    assert_eq!(elsewhere.answer_recovery_code(&codes[0]).await.path, "/account/security");
    let form = elsewhere.get("/account/security/panic").await.form("/account/security/panic");
    assert_eq!(elsewhere.submit(&form).await.path, "/account/security?done=all-removed");
}

/// A telephone with the app, blocked by its PIN, unblocked, given another PIN, and what it denies.
async fn by_phone(site: &TestSite, email: &str) {
    let (mut person, phone) = site.registered_with_phone(email).await;
    let codes = person.issue_codes().await;
    person.sign_out().await;
    person.sign_in(email, PASSWORD).await;
    let page = person.ask_phones().await;
    let request = phone.request(site).await;
    for pin in ["9310", "9311", "9312", "9313", "9314"] {
        site.device_message("requests/approve", phone.approves(&request, &page.number(), pin)).await;
    }
    assert_eq!(person.answer_recovery_code(&codes[0]).await.path, "/account/security");
    let form = person.device_page().await.form("/account/security/device/resume");
    assert_eq!(person.submit(&form).await.path, "/account/security?done=resumed");
    let changed = site.device_message("pin", phone.changes_pin(1, site.millis(), (PIN, OTHER_PIN))).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    site.clock.advance(A_WHILE);
    let mut stranger = site.browser_at("198.51.100.2");
    stranger.sign_in(email, PASSWORD).await;
    stranger.ask_phones().await;
    let request = phone.request(site).await;
    assert_eq!(site.device_message("requests/deny", phone.denies(&request)).await.status, StatusCode::OK);
}

/// A key and a number; the key was copied, and the mail about the number is disowned.
async fn by_key_and_number(site: &TestSite, email: &str) {
    let mut person = site.registered(email).await;
    person.add_number(NUMBER).await;
    person.issue_codes().await;
    site.clock.advance(A_WHILE);
    let mut browser = site.browser_at("198.51.100.3");
    browser.sign_in(email, PASSWORD).await;
    browser.ask_for_code().await;
    assert_eq!(browser.answer_sms(&site.sms_code(NUMBER).await).await.path, "/account");
    let mut key = SoftKey::new();
    browser.add_key("second", &mut key, User::Present).await;
    let signs = async |browser: &mut Browser<'_>, key: &mut SoftKey| {
        browser.sign_in(email, PASSWORD).await;
        let page = browser.asks_key().await;
        (page.clone(), key.answer(&page, User::Present))
    };
    let mut one = site.browser_at("198.51.100.4");
    let mut two = site.browser_at("198.51.100.5");
    // Signed first and sent last, it has the lower counter.
    let (early, first) = signs(&mut one, &mut key).await;
    let (late, second) = signs(&mut two, &mut key).await;
    assert_eq!(two.answer_key(&late, &second).await.path, "/account");
    assert_eq!(one.answer_key(&early, &first).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    site.settle().await;
    let link = mail_about(site, email, "a second factor was added").not_me();
    let form = one.get(&link).await.form(&link);
    one.submit(&form).await;
}

/// Lost devices: suspended and resumed by an administrator; a recovery cancelled, and one that comes to its end.
async fn lost(site: &TestSite, email: &str) {
    let (mut person, _) = site.registered_with_app(email).await;
    person.issue_codes().await;
    site.after(8 * DAY).await;
    let mut browser = site.browser_at("198.51.100.6");
    let ask = async |browser: &mut Browser<'_>, page: &str, words: &str| {
        browser.sign_in(email, PASSWORD).await;
        let form = browser.get(page).await.form(page);
        browser.submit(&form).await;
        site.settle().await;
        let link = mail_about(site, email, words).link();
        let form = browser.get(&link).await.form(&link).with("password", PASSWORD);
        browser.submit(&form).await;
        site.settle().await;
    };
    ask(&mut browser, "/login/lost", "asked for a link to suspend them").await;
    let uid = uid_of(site, email).await;
    let resumed = site.app.administer("root", &uid, &Measure::ResumeFactors, "found again").await.unwrap();
    assert_eq!(resumed, Measured::Done);
    let recovery = "asked for a link to recover it";
    ask(&mut browser, "/login/recovery", recovery).await;
    let cancel = mail_about(site, email, "Nothing has changed yet").not_me();
    let form = browser.get(&cancel).await.form(&cancel);
    browser.submit(&form).await;
    ask(&mut browser, "/login/recovery", recovery).await;
    site.after(3 * DAY).await;
    ask(&mut browser, "/login/recovery", recovery).await;
    browser.add_totp().await;
    let reset = site.app.administer("root", &uid, &Measure::ResetFactors, "lost, seen in person").await.unwrap();
    assert_eq!(reset, Measured::Done);
}

/// A passkey that signs in before any name was typed.
async fn by_passkey(site: &TestSite, email: &str) {
    let (mut person, mut key) = (site.registered(email).await, SoftKey::new());
    person.add_key("passkey", &mut key, User::Verified).await;
    let mut browser = site.browser_at("198.51.100.7");
    let (page, question) = browser.passkey_question().await;
    let answer = key.answer_first(&question, User::Verified, |_| ());
    assert_eq!(browser.answer_passkey(&page, &answer).await.path, "/account");
}

/// A browser in which both factors were proved stands for the password; then somebody else knows that, and their sign-in is
/// disowned.
async fn by_known_browser(site: &TestSite, email: &str) {
    let (mut person, phone) = site.registered_with_phone(email).await;
    person.sign_out().await;
    person.sign_in(email, PASSWORD).await;
    let page = person.ask_phones().await;
    person.let_in(&phone, &page).await;
    person.sign_out().await;
    assert_eq!(person.give_name(email).await.path, "/login/verify", "without the password");
    let page = person.ask_phones().await;
    person.let_in(&phone, &page).await;
    person.sign_out().await;
    let (mut stranger, page) = site.asks_phones_of(email, "198.51.100.8").await;
    stranger.let_in(&phone, &page).await;
    site.settle().await;
    let link = mail_about(site, email, "somebody signed in to your account").not_me();
    let form = person.get(&link).await.form(&link);
    person.submit(&form).await;
    assert!(!stranger.is_signed_in().await);
    assert_eq!(person.give_name(email).await.path, "/login", "no browser is believed any more");
}

/// Codes by SMS end for somebody who has nothing else, and who signs in by one a last time.
async fn by_campaign(site: &TestSite, email: &str) {
    let mut person = site.registered(email).await;
    person.add_number(NUMBER).await;
    site.settle().await;
    let dates = [0, 10, 20, 30].map(|days| site.app.now().plus(DAY * days));
    let plan = Plan { dates, grace: 7 * 24 * 3600, rate: 1_000, words: Vec::new() };
    site.app.plan_campaign("root", plan, "decided").await.unwrap().unwrap();
    site.settle().await;
    for _ in 0..3 {
        site.after(10 * DAY).await;
    }
    let mut browser = site.browser_at("198.51.100.9");
    assert_eq!(browser.sign_in(email, PASSWORD).await.path, "/login/verify");
    browser.ask_for_code().await;
    assert_eq!(browser.answer_sms(&site.sms_code(NUMBER).await).await.path, "/account/security");
    browser.add_totp().await;
}

/// What is told of a person's factors, one sentence a line.
fn history(site: &TestSite, uid: &str) -> Vec<(String, String)> {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(environment::chancery());
        command.env_clear().args(arguments).stdin(Stdio::null());
        command.arg("--data").arg(site.world().file().parent().unwrap());
        let output = command.arg("--master-key").arg(site.world().keys().join("master.key")).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let objects = run(&["audit", "history", uid, "--json"]);
    let objects = objects.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let types: Vec<String> = objects.map(|object| object["type"].as_str().unwrap().to_owned()).collect();
    let told = run(&["audit", "history", uid]);
    for personal in ["example.org", "Lovelace", "198.51.100.", NUMBER, "seen in person"] {
        assert!(!told.contains(personal), "{personal}: {told}");
    }
    let sentences: Vec<String> = told.lines().map(str::to_owned).collect();
    let mut rest = sentences.iter();
    let mut story = Vec::new();
    for name in types {
        let version = if name == "account.signed_in" { 2 } else { 1 };
        let words = chancery_service::audit::sentences::sentence(&name, version).unwrap();
        let line = rest.find(|line| line.contains(words));
        let line = line.unwrap_or_else(|| panic!("{name} is not told in its place: {told}"));
        story.push((name, line.clone()));
    }
    story
}

/// All that is told of somebody, among it these events in their order.
async fn tells(site: &TestSite, email: &str, story: &[&str]) -> Vec<(String, String)> {
    let uid = uid_of(site, email).await;
    let history = history(site, uid.as_str());
    let mut rest = history.iter();
    for event in story {
        let name = format!("account.{event}");
        assert!(rest.any(|(other, _)| *other == name), "{email}: {name} in its place of {history:#?}");
    }
    history
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_story_of_second_factors_is_told_in_sentences() {
    let site = TestSite::new().await;
    let people = ["app", "phone", "key", "lost"].map(|name| format!("{name}@example.org"));
    by_app(&site, &people[0]).await;
    by_phone(&site, &people[1]).await;
    by_key_and_number(&site, &people[2]).await;
    lost(&site, &people[3]).await;
    site.settle().await;
    site.world().assert_clean().await;
    let stories: [&[&str]; 4] = [
        &[
            "factor_added",
            "recovery_codes_issued",
            "factor_renamed",
            "sign_in_options_changed",
            "sign_in_options_changed",
            "second_factor_failed",
            "recovery_code_used",
            "factor_removed",
            "recovery_codes_removed",
        ],
        &[
            "factor_added",
            "recovery_codes_issued",
            "factor_pin_failed",
            "factor_blocked",
            "recovery_code_used",
            "factor_unblocked",
            "factor_pin_changed",
            "app_request_denied",
        ],
        &[
            "sms_code_requested",
            "factor_added",
            "recovery_codes_issued",
            "sms_code_requested",
            "factor_added",
            "factor_counter_went_back",
            "change_disowned",
            "factor_suspended",
        ],
        &[
            "factor_added",
            "recovery_codes_issued",
            "factors_suspended",
            "factor_resumed",
            "recovery_requested",
            "recovery_cancelled",
            "recovery_requested",
            "recovery_completed",
            "factor_removed",
            "recovery_codes_removed",
            "factor_added",
            "factors_reset",
        ],
    ];
    let mut told = BTreeSet::new();
    for (email, story) in people.iter().zip(stories) {
        told.extend(tells(&site, email, story).await.into_iter().map(|(name, _)| name));
    }
    // By whom, too.
    let uid = uid_of(&site, &people[3]).await;
    let history = history(&site, uid.as_str());
    let reset = history.iter().rfind(|(name, _)| name == "account.factors_reset").unwrap();
    assert!(reset.1.contains("An administrator took all second factors away, by the administrator "), "{}", reset.1);
    assert!(told.len() > 20, "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_ins_without_a_password_and_the_end_of_sms_are_told_in_sentences() {
    let site = TestSite::new().await;
    let people = ["passkey", "known", "campaign"].map(|name| format!("{name}@example.org"));
    by_passkey(&site, &people[0]).await;
    by_known_browser(&site, &people[1]).await;
    by_campaign(&site, &people[2]).await;
    site.settle().await;
    site.world().assert_clean().await;
    tells(&site, &people[0], &["signed_in", "factor_added", "signed_in"]).await;
    let story = [
        "factor_added",
        "signed_out",
        "app_request_opened",
        "signed_in",
        "signed_out",
        "app_request_opened",
        "signed_in",
        "app_request_opened",
        "signed_in",
        "change_disowned",
        "sessions_ended",
    ];
    let told = tells(&site, &people[1], &story).await;
    let disowned = told.iter().find(|(name, _)| name == "account.change_disowned").unwrap();
    assert!(disowned.1.contains("Whoever has the mailbox said that the owner had not made a change"), "{}", disowned.1);
    let story = [
        "sms_code_requested",
        "factor_added",
        "sms_deprecated",
        "sms_deprecated",
        "sms_deprecated",
        "sms_code_requested",
        "signed_in",
        "factor_added",
    ];
    let told = tells(&site, &people[2], &story).await;
    let stages: Vec<_> = told.iter().filter(|(name, _)| name == "account.sms_deprecated").collect();
    assert_eq!(stages.len(), 3, "announced, warned and ended: {told:#?}");
    for (_, line) in stages {
        assert!(
            line.contains("The campaign by which codes by SMS end reached the account, by the job campaign"),
            "{line}"
        );
    }
}
