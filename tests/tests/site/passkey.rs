//! Passkeys before any name was typed: what is asked, and what of its answers signs in.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_domain::account::{AccountEvent, Level, Strength};
use chancery_domain::policy::Policy;
use chancery_tests::site::{Setup, SoftKey, TestSite, User, World, count};

const ADA: &str = "ada@example.org";
const EVE: &str = "eve@example.org";

#[tokio::test]
async fn a_passkey_signs_in_without_name_and_password() {
    let site = TestSite::new().await;
    let (mut ada, mut key) = (site.registered(ADA).await, SoftKey::new());
    ada.add_key("passkey", &mut key, User::Verified).await;
    let mut browser = site.browser_at("198.51.100.1");
    let (page, question) = browser.passkey_question().await;
    let answer = key.answer_first(&question, User::Verified, |_| ());
    let form = page.form("/login/passkey").with("security_key", &answer);
    let page = browser.submit(&form).await;
    assert_eq!((page.status, page.path.as_str()), (StatusCode::OK, "/account"));
    // Whoever prepared the page there knows the form and the pre-session cookie, but not what the key signed.
    let mut thief = site.browser_at("203.0.113.9");
    thief.cookies = browser.cookies.clone();
    thief.cookies.retain(|name, _| name.contains("browser"));
    assert_ne!(thief.submit(&form.clone().with("security_key", "{}")).await.path, "/account");
    assert!(!thief.is_signed_in().await, "the same form with another answer is another request");
    let rows = site.events().await;
    let row = rows.iter().rfind(|row| row.event_type == "account.signed_in").unwrap();
    let AccountEvent::SignedIn(signed_in) = site.app.store.open_event(row).await.unwrap() else { panic!("{row:?}") };
    assert_eq!((signed_in.level, signed_in.strengths.as_slice()), (Level::Medium, &[Strength::PasswordWebauthn][..]));
    assert_eq!(signed_in.proofs.len(), 1, "no password was given");
    // The answer was lost: the same form ends in the same place, and opens nothing else.
    let before = count(&site, "account.signed_in").await;
    browser.cookies.retain(|name, _| !name.contains("session"));
    assert_eq!(browser.submit(&form).await.path, "/account");
    assert_eq!(count(&site, "account.signed_in").await, before);
    // It is as fresh as any sign-in with a key.
    assert_eq!(browser.key_page("second").await.path, "/account/security/key?key=second");
    // The same answer in another browser, and once more in this one.
    browser.sign_out().await;
    for mut again in [site.browser_at("198.51.100.2"), browser] {
        let (page, _) = again.passkey_question().await;
        let page = again.answer_passkey(&page, &answer).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text().contains("took too long"), "{}", page.text());
        assert!(!again.is_signed_in().await);
    }
}

#[tokio::test]
async fn a_passkey_on_a_public_computer_leaves_nothing_behind() {
    let site = TestSite::new().await;
    let (mut ada, mut key) = (site.registered(ADA).await, SoftKey::new());
    ada.add_key("passkey", &mut key, User::Verified).await;
    let mut library = site.browser_at("198.51.100.1");
    let (page, question) = library.passkey_question().await;
    let answer = key.answer_first(&question, User::Verified, |_| ());
    let wrong = page.form("/login/passkey").with("security_key", "{}").with("public_computer", "yes");
    let page = library.post(&wrong).await;
    assert!(
        page.body.contains("id=\"public_computer\" name=\"public_computer\" value=\"yes\" checked"),
        "{}",
        page.body
    );
    let (page, question_again) = library.passkey_question().await;
    assert_ne!(question, question_again, "what was answered is asked no more");
    let answer_again = key.answer_first(&question_again, User::Verified, |_| ());
    assert_ne!(answer, answer_again);
    let form = page.form("/login/passkey").with("security_key", &answer_again).with("public_computer", "yes");
    assert_eq!(library.submit(&form).await.path, "/account");
    assert_eq!(library.cookies.keys().filter(|name| name.contains("known")).count(), 0, "{:?}", library.cookies.keys());
    site.clock.advance(Duration::from_secs(15 * 60));
    assert!(!library.is_signed_in().await, "a session there is short");
    assert!(ada.is_signed_in().await);
}

#[tokio::test]
async fn nothing_but_a_passkey_of_that_account_signs_in_first() {
    let site = TestSite::new().await;
    let (mut ada, mut key) = (site.registered(ADA).await, SoftKey::new());
    ada.add_key("passkey", &mut key, User::Verified).await;
    let (mut eve, mut second) = (site.registered(EVE).await, SoftKey::new());
    eve.add_key("second", &mut second, User::Verified).await;
    let signed_in = count(&site, "account.signed_in").await;
    let mut refusals = Vec::new();
    for what in 0..7 {
        let mut browser = site.browser_at("198.51.100.1");
        let (page, question) = browser.passkey_question().await;
        let answer = match what {
            0 => key.answer_first(&question, User::Present, |_| ()),
            1 => second.answer_first(&question, User::Verified, |_| ()),
            2 => key.answer_first(&question, User::Verified, |asked| asked.rp_id = "evil.example".to_owned()),
            // Another account's handle, and nobody's.
            3 | 4 => {
                let theirs = second.answer_first(&question, User::Verified, |_| ());
                let theirs: serde_json::Value = serde_json::from_str(&theirs).unwrap();
                let answer = key.answer_first(&question, User::Verified, |_| ());
                let mut told: serde_json::Value = serde_json::from_str(&answer).unwrap();
                let nobody = "AAAAAAAAAAAAAAAAAAAAAA".into();
                told["response"]["userHandle"] =
                    if what == 3 { theirs["response"]["userHandle"].clone() } else { nobody };
                told.to_string()
            }
            5 => "{}".to_owned(),
            _ => String::new(),
        };
        let page = browser.answer_passkey(&page, &answer).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
        assert!(!browser.is_signed_in().await, "{what}");
        refusals.push(page.text());
    }
    assert!(refusals[0].contains("This passkey was not accepted"), "{}", refusals[0]);
    assert!(refusals.iter().all(|text| *text == refusals[0]), "one text for all: {refusals:#?}");
    assert_eq!(count(&site, "account.signed_in").await, signed_in);
    // A question is answered in its time, and only where it was asked.
    let asked = site.browser_at("198.51.100.2").passkey_question().await.1;
    for (question, wait) in [(Some(asked), 0), (None, 241)] {
        let mut browser = site.browser_at("198.51.100.1");
        let (page, own) = browser.passkey_question().await;
        let question = question.unwrap_or(own);
        let answer = key.answer_first(&question, User::Verified, |_| ());
        site.clock.advance(Duration::from_secs(wait));
        let page = browser.answer_passkey(&page, &answer).await;
        assert!(page.text().contains("took too long"), "{}", page.text());
        assert!(!browser.is_signed_in().await);
    }
    assert_eq!(count(&site, "account.second_factor_failed").await, 0, "nobody is told of what nobody did");
}

/// Whatever one tab asks or answers, the other's question stands.
#[tokio::test]
async fn each_tab_has_a_question_of_its_own() {
    let site = TestSite::new().await;
    let (mut ada, mut key) = (site.registered(ADA).await, SoftKey::new());
    ada.add_key("passkey", &mut key, User::Verified).await;
    let mut browser = site.browser_at("198.51.100.1");
    let (first, asked_first) = browser.passkey_question().await;
    site.clock.advance(Duration::from_secs(61));
    let (second, asked_second) = browser.passkey_question().await;
    let unverified = key.answer_first(&asked_second, User::Present, |_| ());
    let page = browser.answer_passkey(&second, &unverified).await;
    assert!(page.text().contains("This passkey was not accepted"), "{}", page.text());
    let answer = key.answer_first(&asked_first, User::Verified, |_| ());
    assert_eq!(browser.answer_passkey(&first, &answer).await.path, "/account");
}

/// A balancer may lead the script to one node and the form to another; and who sends an answer to both gets one session.
#[tokio::test]
async fn an_answer_before_a_name_counts_once_on_two_nodes() {
    let (one, two) = World::postgres().await.two_nodes().await;
    one.age().await;
    let (mut ada, mut key) = (one.registered(ADA).await, SoftKey::new());
    ada.add_key("passkey", &mut key, User::Verified).await;
    let mut browser = one.browser_at("198.51.100.1");
    let (page, question) = browser.passkey_question().await;
    let answer = key.answer_first(&question, User::Verified, |_| ());
    assert_eq!(browser.on(&two).answer_passkey(&page, &answer).await.path, "/account");

    for round in 0..20 {
        let before = count(&one, "account.signed_in").await;
        let mut first = one.browser_at(&format!("198.51.100.{}", 10 + round));
        let (page, question) = first.passkey_question().await;
        // Two tabs of one browser: each form is a command of its own.
        let other = first.get("/login").await;
        let mut second = first.clone().on(&two);
        let answer = key.answer_first(&question, User::Verified, |_| ());
        let forms = [&page, &other].map(|page| page.form("/login/passkey").with("security_key", &answer));
        let sent = futures::future::join(first.post(&forms[0]), second.post(&forms[1])).await;
        let opened = [&sent.0, &sent.1].iter().filter(|page| page.header("location") == "/account").count();
        assert_eq!((opened, count(&one, "account.signed_in").await), (1, before + 1), "{round}");
        // No more are remembered of five minutes than anybody needs.
        one.clock.advance(Duration::from_secs(60));
    }
}

#[tokio::test]
async fn what_a_passkey_is_asked_is_limited_and_the_operator_may_want_the_password_too() {
    let site = TestSite::new().await;
    let mut browser = site.browser_at("198.51.100.1");
    let page = browser.get("/login").await;
    let form = page.form("/login/passkey/question");
    let first = browser.post(&form).await.body;
    assert_ne!(browser.post(&form).await.body, first, "each tab is asked something of its own");
    let mut limits = chancery_service::throttle::Limits::default();
    limits.passkey_questions.max = 2;
    let policy = Policy { passkey_needs_password: true, ..Policy::default() };
    let few = World::sqlite().await.site(Setup { limits, ..Setup::default() }).await;
    few.age().await;
    let mut browser = few.browser_at("198.51.100.1");
    let form = browser.get("/login").await.form("/login/passkey/question");
    assert_eq!(browser.post(&form).await.status, StatusCode::OK);
    assert_eq!(browser.post(&form).await.status, StatusCode::OK);
    assert_eq!(browser.post(&form).await.status, StatusCode::TOO_MANY_REQUESTS);

    let strict = World::sqlite().await.site(Setup { policy, ..Setup::default() }).await;
    let mut browser = strict.browser_at("198.51.100.1");
    assert!(browser.get("/login").await.find_form("/login/passkey").is_none());
}
