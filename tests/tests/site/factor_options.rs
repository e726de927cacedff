//! Second factors: always asked for, all gone at once, taken away by an administrator, and what their owner is told.

use axum::http::StatusCode;
use chancery_domain::policy::Policy;
use chancery_domain::values::EmailAddress;
use chancery_eventstore::verify::Options;
use chancery_service::accounts::administer::{Measure, Measured};
use chancery_service::accounts::email_claim;
use chancery_service::throttle::{Limit, Limits};
use chancery_tests::site::{PASSWORD, STEP, Setup, TestSite, World};

const ADA: &str = "ada@example.org";

/// What the newest mails to the account say of its security, oldest first.
fn told(site: &TestSite) -> Vec<String> {
    let mails = site.mails.to(ADA).into_iter().filter(|mail| mail.subject.starts_with("Security of your account"));
    let told: Vec<String> = mails.map(|mail| mail.text).collect();
    let links = ["https://login.example.org/account/security", "https://login.example.org/n/"];
    assert!(told.iter().all(|text| links.iter().any(|link| text.contains(link))), "{told:?}");
    told
}

/// Checks that exactly one more mail was sent, and what it says.
async fn is_told(site: &TestSite, before: usize, words: &str) {
    site.settle().await;
    let told = told(site);
    assert_eq!(told.len(), before + 1, "{words}: {told:?}");
    let text = told[before].split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(words), "{words}: {text}");
}

#[tokio::test]
async fn whoever_asks_for_it_never_signs_in_with_the_password_alone() {
    let site = TestSite::new().await;
    let (mut ada, app) = site.registered_with_app(ADA).await;
    is_told(&site, 0, "a second factor was added").await;
    let mut other = site.browser_at("198.51.100.1");
    other.sign_in(ADA, PASSWORD).await;
    let page = other.get("/login/verify?method=password").await;
    other.submit(&page.form("/login/verify")).await;
    assert!(other.is_signed_in().await);
    // A form that was begun while the password sufficed.
    let mut late = site.browser_at("198.51.100.2");
    late.sign_in(ADA, PASSWORD).await;
    let begun = late.get("/login/verify?method=password").await.form("/login/verify");

    let form = ada.get("/account/security").await.form("/account/security/always");
    assert_eq!(ada.submit(&form).await.path, "/account/security?done=always-on");
    is_told(&site, 1, "always asks for a second factor").await;
    assert!(ada.is_signed_in().await && !other.is_signed_in().await, "what began without one has ended");
    assert_eq!(late.submit(&begun).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!late.is_signed_in().await);
    let page = other.sign_in(ADA, PASSWORD).await;
    assert!(page.text().contains("you chose"), "{}", page.text());
    assert_eq!(page.form("/login/verify").fields["method"], "totp");
    let form = ada.device_page().await.form("/account/security/device/remove");
    assert_eq!(ada.submit(&form).await.path, "/account/security?done=last-one");
    assert_eq!(other.answer_totp(&app.code(&site)).await.path, "/account");

    let form = ada.get("/account/security").await.form("/account/security/always");
    assert_eq!(ada.submit(&form).await.path, "/account/security?done=always-off");
    is_told(&site, 2, "no longer always asks").await;
    let form = ada.device_page().await.form("/account/security/device/remove");
    assert_eq!(ada.submit(&form).await.path, "/account/security?done=removed");
    is_told(&site, 3, "a second factor was removed").await;
}

#[tokio::test]
async fn in_a_panic_everything_but_the_password_goes() {
    let site = TestSite::new().await;
    let (mut ada, app) = site.registered_with_app(ADA).await;
    ada.add_totp().await;
    let codes = ada.issue_codes().await;
    site.settle().await;
    let before = told(&site).len();
    let mut thief = site.browser_at("198.51.100.1");
    thief.sign_in(ADA, PASSWORD).await;
    assert_eq!(thief.answer_totp(&app.code(&site)).await.path, "/account");
    let mut waiting = site.browser_at("198.51.100.2");
    waiting.sign_in(ADA, PASSWORD).await;
    let waiting_for = waiting.get("/login/verify?method=recovery").await.form("/login/verify");

    let form = ada.get("/account/security/panic").await.form("/account/security/panic");
    let page = ada.submit(&form).await;
    assert_eq!(page.path, "/account/security?done=all-removed");
    assert!(page.text().contains("no second factor yet") && page.text().contains("You have none yet"));
    is_told(&site, before, "all second factors and recovery codes were removed").await;
    assert!(!thief.is_signed_in().await);
    waiting.submit(&waiting_for.with("recovery_code", &codes[0])).await;
    assert!(!waiting.is_signed_in().await);
    assert_eq!(site.browser_at("198.51.100.3").sign_in(ADA, PASSWORD).await.path, "/account?done=asked-again");
    let report = site.world().verify(Options::default()).await;
    assert!(report.divergences.is_empty(), "{:?}", report.divergences);
}

#[tokio::test]
async fn who_left_a_second_factor_for_later_is_asked_once_more() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let offer = ada.get("/account?done=welcome").await.text();
    assert!(offer.contains("Add a second factor now") && offer.contains("Later"), "{offer}");
    let stands = |text: &str, what: &str| text.find(what).unwrap_or_else(|| panic!("no {what} in {text}"));
    let (key, app) = ("Add a security key or trusted platform", "Add a mobile device");
    assert!(stands(&offer, key) < stands(&offer, app) && offer.contains("Add an authenticator app"), "{offer}");
    let mut telephone = ada.clone();
    telephone.headers.insert("sec-ch-ua-mobile", "?1".parse().unwrap());
    let offer = telephone.get("/account?done=welcome").await.text();
    assert!(stands(&offer, app) < stands(&offer, key), "what fits the device stands first: {offer}");
    assert!(!ada.get("/account").await.text().contains("Add a second factor now"), "later it is");
    // The session of the first password was the first one.
    for sign_in in 2..5 {
        ada.sign_out().await;
        let page = ada.get("/login").await;
        let page = ada.submit(&page.form("/login").with("name", ADA)).await;
        let form = page.form("/login/password").with("password", PASSWORD);
        for _ in 0..2 {
            // Also where the answer was lost.
            let page = ada.submit(&form).await;
            assert_eq!(page.text().contains("this one last time"), sign_in == 3, "{sign_in}: {}", page.text());
            assert_eq!(page.path, if sign_in == 3 { "/account?done=asked-again" } else { "/account" });
        }
        assert!(!ada.get("/account").await.text().contains("this one last time"));
    }
    ada.get("/account?lang=de").await;
    let german = ada.get("/account?done=asked-again").await.text();
    assert!(german.contains("Wir fragen noch dieses eine Mal") && german.contains("Später"), "{german}");
    ada.get("/account?lang=en").await;

    // Nobody is kept from where they wanted to go, and whoever has one is not asked.
    let mut bob = site.registered("bob@example.org").await;
    for _ in 0..2 {
        bob.sign_out().await;
        let page = bob.get("/login?target=%2Faccount%2Fsecurity").await;
        let page = bob.submit(&page.form("/login").with("name", "bob@example.org")).await;
        let page = bob.submit(&page.form("/login/password").with("password", PASSWORD)).await;
        assert_eq!(page.path, "/account/security");
    }
    bob.add_totp().await;
    assert!(!bob.get("/account?done=asked-again").await.text().contains("this one last time"));
}

#[tokio::test]
async fn where_one_is_always_asked_for_who_has_none_is_led_to_it() {
    let policy = Policy { second_factor_required: true, ..Policy::default() };
    for (policy, always) in [(Policy::default(), true), (policy, false)] {
        let site = World::sqlite().await.site(Setup { policy, ..Setup::default() }).await;
        let mut ada = site.registered(ADA).await;
        if always {
            // The owner's own choice outlives the panic in which everything goes.
            ada.add_totp().await;
            let form = ada.get("/account/security").await.form("/account/security/always");
            ada.submit(&form).await;
            let form = ada.get("/account/security/panic").await.form("/account/security/panic");
            let page = ada.submit(&form).await;
            assert_eq!(page.path, "/account/security?done=all-removed");
            assert!(page.text().contains("Please add a second factor again"), "{}", page.text());
            let add = ada.get("/account/security/totp").await;
            assert_eq!((add.status, add.path.as_str()), (StatusCode::OK, "/account/security/totp"), "at once");
        }
        ada.sign_out().await;
        let page = ada.sign_in(ADA, PASSWORD).await;
        assert_eq!(page.path, "/account/security?done=must-add");
        assert!(page.text().contains("your account has none"), "{}", page.text());
        ada.add_totp().await;
        ada.sign_out().await;
        assert_eq!(ada.sign_in(ADA, PASSWORD).await.path, "/login/verify");
    }
}

/// Whoever had the password before the account had a device has no session any more once it has one that is required.
#[tokio::test]
async fn older_sessions_count_for_nothing_beside_the_first_device_that_is_required() {
    let policy = Policy { second_factor_required: true, ..Policy::default() };
    let site = World::sqlite().await.site(Setup { policy, ..Setup::default() }).await;
    let mut ada = site.registered(ADA).await;
    let mut older = site.browser_at("198.51.100.2");
    older.sign_in(ADA, PASSWORD).await;
    assert!(older.is_signed_in().await);
    ada.add_totp().await;
    assert!(ada.is_signed_in().await, "the one in which it was added goes on");
    assert!(!older.is_signed_in().await);
}

/// Of what is open, what began with the password alone counts for nothing from then on, on every node.
#[tokio::test]
async fn what_the_operator_requires_is_required_of_open_sessions_too() {
    let world = World::sqlite().await;
    let (one, two) = world.two_nodes().await;
    one.age().await;
    let (mut ada, app) = one.registered_with_app(ADA).await;
    let codes = ada.issue_codes().await;
    let mut by_code = one.browser_at("198.51.100.1");
    by_code.sign_in(ADA, PASSWORD).await;
    by_code.answer_recovery_code(&codes[0]).await;
    let [mut stays, mut leaves] = ["198.51.100.2", "198.51.100.3"].map(|address| one.browser_at(address));
    for browser in [&mut stays, &mut leaves] {
        browser.sign_in(ADA, PASSWORD).await;
        let page = browser.get("/login/verify?method=password").await;
        assert_eq!(browser.submit(&page.form("/login/verify")).await.path, "/account");
    }
    let has_none = one.registered("bob@example.org").await;
    let sign_out = leaves.get("/account").await.form("/sign-out");

    let policy = Policy { second_factor_required: true, ..Policy::default() };
    one.app.propose_policy(2, &policy).await.unwrap().unwrap();
    for browser in [&ada, &by_code, &has_none] {
        assert!(browser.on(&two).is_signed_in().await);
    }
    let mut stays = stays.on(&two);
    assert_eq!(stays.get("/account").await.path, "/login?ended&target=/account");
    // Whoever leaves has left, whatever is required later.
    let copied = leaves.clone();
    assert_eq!(leaves.on(&two).submit(&sign_out).await.status, StatusCode::OK);
    one.app.propose_policy(3, &Policy::default()).await.unwrap().unwrap();
    assert!(stays.is_signed_in().await, "nothing ended it");
    assert!(!copied.on(&two).is_signed_in().await);
    one.app.propose_policy(4, &policy).await.unwrap().unwrap();
    one.clock.advance(STEP);
    stays.sign_in(ADA, PASSWORD).await;
    assert_eq!(stays.answer_totp(&app.code(&one)).await.path, "/account");
    one.settle().await;
    world.assert_clean().await;
}

#[tokio::test]
async fn how_each_kind_is_added_is_told_to_anybody_and_wherever_it_is_chosen_or_refused() {
    let site = TestSite::new().await;
    let (key, totp, codes) = ("/help/security-key", "/help/one-time-codes", "/help/recovery-codes");
    let mut visitor = site.browser_at("198.51.100.1");
    let help = visitor.get("/help").await;
    for (path, language, title, step) in [
        (key, "en", "How can I add a security key or trusted platform?", "“Manage second factors”"),
        (totp, "de", "Wie füge ich eine Authentifizierungs-App hinzu?", "„Zweite Faktoren verwalten“"),
        (codes, "fr", "Comment ajouter des codes de récupération ?", "« Gérer les seconds facteurs »"),
        (key, "el", "Πώς προσθέτω κλειδί ασφαλείας ή έμπιστη πλατφόρμα;", "«Διαχείριση δεύτερων παραγόντων»"),
        ("/help/mobile-device", "fr", "Comment ajouter un appareil mobile ?", "« Gérer les seconds facteurs »"),
        ("/help/mobile-phone", "en", "How can I add a mobile phone (SMS)?", "“Manage second factors”"),
    ] {
        assert!(help.body.contains(path));
        let page = visitor.get(&format!("{path}?lang={language}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains(title) && page.text().contains(step), "{}", page.text());
    }
    let (mut ada, app) = site.registered_with_app(ADA).await;
    let page = ada.get("/account/security").await;
    assert!(
        [key, totp, codes, "/help/mobile-device", "/help/mobile-phone"].iter().all(|path| page.body.contains(path))
    );
    assert!(page.text().contains("Not every application accepts every method"), "{}", page.text());
    for (path, how) in [("/account/security/key", key), ("/account/security/totp", totp)] {
        assert!(ada.get(path).await.body.contains(how), "{path}");
    }
    assert!(ada.new_codes().await.body.contains(codes));
    let mut other = site.browser_at("198.51.100.2");
    other.sign_in(ADA, PASSWORD).await;
    let wrong = other.answer_totp(&app.wrong_code(&site)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains(totp) && wrong.text().contains("How can I add an authenticator app?"));
}

#[tokio::test]
async fn an_administrator_takes_lost_factors_away() {
    let site = TestSite::new().await;
    let (mut ada, _) = site.registered_with_app(ADA).await;
    ada.issue_codes().await;
    site.settle().await;
    let before = told(&site).len();
    let claim = email_claim(&EmailAddress::parse(ADA).unwrap().normalised());
    let account = site.app.store.find::<chancery_domain::account::Account>(&claim).await.unwrap().unwrap();
    let uid = account.state.identity.unwrap().uid;
    let reset = async || site.app.administer("root", &uid, &Measure::ResetFactors, "lost, seen in person").await;
    assert_eq!(reset().await.unwrap(), Measured::Done);
    is_told(&site, before, "an administrator of Chancery removed").await;
    assert!(!ada.is_signed_in().await);
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.path, "/account");
    assert_eq!(reset().await.unwrap(), Measured::NotNow, "there is nothing left");
}

#[tokio::test]
async fn the_owner_is_told_when_codes_are_used_and_when_factors_fail() {
    let site = TestSite::new().await;
    let (mut ada, app) = site.registered_with_app(ADA).await;
    site.settle().await;
    let codes = ada.issue_codes().await;
    is_told(&site, 1, "new recovery codes were put in force").await;
    let mut browser = site.browser_at("198.51.100.1");
    browser.sign_in(ADA, PASSWORD).await;
    for _ in 0..4 {
        browser.answer_totp(&app.wrong_code(&site)).await;
    }
    is_told(&site, 2, "and the second factor was then wrong").await;
    browser.answer_recovery_code(&codes[0]).await;
    is_told(&site, 3, "9 codes are left").await;
    // Where help is, is an address that opens.
    let help =
        told(&site)[3].lines().find_map(|line| line.strip_prefix("https://login.example.org/help/").map(str::to_owned));
    let page = browser.get(&format!("/help/{}", help.expect("the address of help"))).await;
    assert!(page.text().contains("How can I add recovery codes?"), "{}", page.text());
    // In a browser that is known it was the owner's own slip of the finger.
    ada.sign_out().await;
    ada.sign_in(ADA, PASSWORD).await;
    ada.answer_totp(&app.wrong_code(&site)).await;
    site.settle().await;
    assert_eq!(told(&site).len(), 4);
}

#[tokio::test]
async fn whoever_has_the_command_line_does_not_strip_the_accounts_one_after_the_other() {
    let limits = Limits::default();
    let limits = Limits { factor_resets: Limit { max: 1, ..limits.factor_resets }, ..limits };
    let site = World::sqlite().await.site(Setup { limits, ..Setup::default() }).await;
    let mut uids = Vec::new();
    for email in [ADA, "eve@example.org"] {
        let (_, _) = site.registered_with_app(email).await;
        let claim = email_claim(&EmailAddress::parse(email).unwrap().normalised());
        let account = site.app.store.find::<chancery_domain::account::Account>(&claim).await.unwrap().unwrap();
        uids.push(account.state.identity.unwrap().uid);
    }
    let reset = async |n: usize| site.app.administer("root", &uids[n], &Measure::ResetFactors, "lost").await.unwrap();
    assert_eq!(reset(0).await, Measured::Done);
    let Measured::TooMany(reached) = reset(1).await else { panic!("the second one waits") };
    assert!(reached.until > site.app.now());
    let resumed = site.app.administer("root", &uids[1], &Measure::Suspend, "stolen").await.unwrap();
    assert_eq!(resumed, Measured::Done, "all else goes on");
    site.after(std::time::Duration::from_secs(3600)).await;
    assert_eq!(reset(0).await, Measured::NotNow, "what changes nothing counts for nothing");
    assert_eq!(reset(1).await, Measured::Done);
}
