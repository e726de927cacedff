//! What a mail about a second factor names, and that the page behind its link says no more.

use axum::http::StatusCode;
use chancery_domain::account::Account;
use chancery_domain::values::EmailAddress;
use chancery_service::accounts::administer::{Measure, Measured};
use chancery_service::accounts::email_claim;
use chancery_tests::site::{Authenticator, Browser, PASSWORD, SentMail, Setup, TestSite, World};

const ADA: &str = "ada@example.org";

fn words(mail: &SentMail) -> String {
    mail.text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The only mail since the last look that says these words.
async fn told(site: &TestSite, about: &str) -> SentMail {
    site.settle().await;
    let mails: Vec<_> = site.mails.to(ADA).into_iter().filter(|mail| words(mail).contains(about)).collect();
    let [mail] = &mails[..] else { panic!("{} mails say {about}", mails.len()) };
    site.mails.clear();
    mail.clone()
}

async fn account(site: &TestSite) -> Account {
    let claim = email_claim(&EmailAddress::parse(ADA).unwrap().normalised());
    site.app.store.find::<Account>(&claim).await.unwrap().unwrap().state
}

/// What anybody reads who opens the link of a mail.
async fn page_of(site: &TestSite, mail: &SentMail) -> String {
    let page = site.browser_at("198.51.100.7").get(&mail.not_me()).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    page.text()
}

async fn disown(site: &TestSite, mail: &SentMail) {
    let mut browser = site.browser_at("198.51.100.8");
    let link = mail.not_me();
    let form = browser.get(&link).await.form(&link);
    assert!(browser.submit(&form).await.text().contains("Your account is protected"));
}

/// Adds an app under a name; the app, and the path of its page.
async fn add(ada: &mut Browser<'_>, name: &str) -> (Authenticator, String) {
    let app = ada.add_totp().await;
    let list = ada.get("/account/security").await;
    let last = list.body.rfind("/account/security/device?device=").unwrap();
    let path = list.body[last..].split('"').next().unwrap().to_owned();
    let form = ada.get(&path).await.form("/account/security/device/rename").with("device_name", name);
    assert_eq!(ada.submit(&form).await.path, "/account/security?done=renamed");
    (app, path)
}

async fn names_are_those_of_then(world: World) {
    let site = world.site(Setup::default()).await;
    let (mut ada, _) = site.registered_with_app(ADA).await;
    let added = told(&site, "a second factor was added").await;
    assert!(words(&added).contains("at Chancery: Authenticator app."), "{}", words(&added));

    let rename = async |ada: &mut Browser<'_>, name: &str| {
        let form = ada.device_page().await.form("/account/security/device/rename").with("device_name", name);
        assert_eq!(ada.submit(&form).await.path, "/account/security?done=renamed");
    };
    rename(&mut ada, "Τηλέφωνο <1>").await;
    let renamed = told(&site, "was given another name").await;
    let text = words(&renamed);
    assert!(text.contains("the second factor Authenticator app of your account"), "{text}");
    assert!(text.contains("\u{2068}Τηλέφωνο <1>\u{2069}"), "{text}");
    rename(&mut ada, "Telephone").await;
    told(&site, "another name: Telephone.").await;

    // Whoever holds a link reads what its mail said, whatever became of the device since.
    let page = page_of(&site, &added).await;
    assert!(page.contains("A second factor was added") && page.contains("Authenticator app"), "{page}");
    let page = page_of(&site, &renamed).await;
    assert!(page.contains("was given another name"), "{page}");
    assert!(page.contains("Device Authenticator app New name Τηλέφωνο <1>"), "{page}");
    assert!(!page.contains(ADA) && !page.contains("Telephone"), "no more than the mail did: {page}");

    add(&mut ada, "Second").await;
    told(&site, "another name: Second.").await;
    let form = ada.device_page().await.form("/account/security/device/remove");
    assert_eq!(ada.submit(&form).await.path, "/account/security?done=removed");
    let removed = told(&site, "a second factor was removed").await;
    assert!(words(&removed).contains("at Chancery: Telephone."), "{}", words(&removed));
    assert!(removed.text.contains("/help/one-time-codes\n"), "how one of its kind is added: {}", removed.text);
    assert!(page_of(&site, &removed).await.contains("Device Telephone When"));

    // A name that the owner did not give is no reason to lose the device.
    disown(&site, &renamed).await;
    let state = account(&site).await;
    assert!(state.password.is_none() && state.factors.counting().count() == 1);
    site.world().assert_clean().await;
}

#[tokio::test]
async fn mails_name_the_device_as_it_was_called_then_on_sqlite() {
    names_are_those_of_then(World::sqlite().await).await;
}

#[tokio::test]
async fn mails_name_the_device_as_it_was_called_then_on_postgres() {
    names_are_those_of_then(World::postgres().await).await;
}

#[tokio::test]
async fn what_an_administrator_resumes_is_told_in_one_mail_and_disowned_together() {
    let site = TestSite::new().await;
    let (mut ada, _) = site.registered_with_app(ADA).await;
    add(&mut ada, "Second").await;
    let mut desktop = site.browser_at("192.0.2.77");
    desktop.sign_in(ADA, PASSWORD).await;
    let page = desktop.get("/login/lost").await;
    desktop.submit(&page.form("/login/lost")).await;
    site.settle().await;
    let link = site.mails.link_to(ADA);
    let form = desktop.get(&link).await.form(&link).with("password", PASSWORD);
    desktop.submit(&form).await;
    assert_eq!(account(&site).await.factors.counting().count(), 0);

    let uid = account(&site).await.identity.unwrap().uid;
    let resumed = site.app.administer("root", &uid, &Measure::ResumeFactors, "seen in person").await.unwrap();
    assert_eq!(resumed, Measured::Done);
    assert_eq!(account(&site).await.factors.counting().count(), 2);
    let mail = told(&site, "put in force again").await;
    assert!(words(&mail).contains("were put in force again: Authenticator app, Second."), "{}", words(&mail));
    let page = page_of(&site, &mail).await;
    assert!(page.contains("Device Authenticator app Device Second When"), "{page}");
    disown(&site, &mail).await;
    assert_eq!(account(&site).await.factors.counting().count(), 0, "all that came back goes again");
}

#[tokio::test]
async fn the_last_device_that_counts_stays_while_others_are_suspended() {
    let site = TestSite::new().await;
    let (mut ada, app) = site.registered_with_app(ADA).await;
    told(&site, "a second factor was added").await;
    let (_, second) = add(&mut ada, "Second").await;
    let added = told(&site, "a second factor was added").await;
    disown(&site, &added).await;
    ada.lose_password(ADA).await;
    site.settle().await;
    ada.follow_link(&site.mails.link_to(ADA)).await;
    assert_eq!(ada.answer_totp(&app.code(&site)).await.path, "/account");
    let form = ada.device_page().await.form("/account/security/device/remove");
    let page = ada.submit(&form).await;
    assert_eq!(page.path, "/account/security?done=others-suspended");
    assert!(page.text().contains("others are suspended"), "{}", page.text());
    let remove = ada.get(&second).await.form("/account/security/device/remove");
    assert_eq!(ada.submit(&remove).await.path, "/account/security?done=removed");
    let form = ada.device_page().await.form("/account/security/device/remove");
    assert_eq!(ada.submit(&form).await.path, "/account/security?done=removed");
    assert!(account(&site).await.factors.is_empty());
}
