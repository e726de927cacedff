//! What stays the same between a form, its answer and the page that waits: the statement that was shown, the mailbox, the
//! address, the browser.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use chancery_domain::account::{Account, AccountEvent};
use chancery_domain::values::{EmailAddress, Language};
use chancery_service::accounts::email_claim;
use chancery_service::throttle::Limits;
use chancery_tests::site::{Setup, TestSite, World};

const ADA: &str = "ada@example.org";

/// Version and language of every statement that was accepted, in order.
async fn accepted(site: &TestSite) -> Vec<(String, Language)> {
    let mut accepted = Vec::new();
    for row in site.events().await {
        if row.event_type == "account.privacy_statement_accepted"
            && let AccountEvent::PrivacyStatementAccepted(event) = site.app.store.open_event(&row).await.unwrap()
        {
            accepted.push((event.version, event.language));
        }
    }
    accepted
}

#[tokio::test]
async fn a_statement_is_accepted_in_the_language_in_which_it_was_shown() {
    let site = TestSite::new().await;
    let mut ada = site.browser();
    ada.headers.insert(header::ACCEPT_LANGUAGE, "el".parse().unwrap());
    let form = ada.registration(ADA).await.with("mail_language", "fr");
    // Another language chosen in another tab changes nothing about what was read here.
    ada.get("/help?lang=de").await;
    assert_eq!(ada.submit(&form).await.path, "/check-mail");
    site.settle().await;
    assert_eq!(accepted(&site).await, [("test-1".to_owned(), Language::Greek)]);
}

#[tokio::test]
async fn a_statement_that_changed_is_not_accepted_unseen() {
    let world = World::sqlite().await;
    let before = world.site(Setup::default()).await;
    before.age().await;
    let after = world.site(Setup { privacy_version: "test-2".to_owned(), seed: 2, ..Setup::default() }).await;
    let mut ada = before.browser();
    let form = ada.registration(ADA).await;
    let mut ada = ada.on(&after);
    let mut page = ada.submit(&form).await;
    let shown = form.fields["statement"].clone();
    for claimed in [shown.replace("test-1", "test-2"), shown, String::new()] {
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text().contains("The privacy statement has changed"), "{}", page.text());
        let again = page.form("/register");
        for field in ["first_name", "last_name", "email", "confirm_email", "mail_language"] {
            assert_eq!(again.fields[field], form.fields[field], "what was typed stays");
        }
        assert!(!again.fields.contains_key("privacy"), "the tick was for another statement");
        page = ada.submit(&again.solved().with("privacy", "on").with("statement", &claimed)).await;
    }
    let again = page.form("/register").solved().with("privacy", "on");
    assert_eq!(ada.submit(&again).await.path, "/check-mail");
    after.settle().await;
    assert_eq!(accepted(&after).await, [("test-2".to_owned(), Language::English)]);
}

#[tokio::test]
async fn the_names_of_one_account_share_one_mailbox_and_no_page_tells() {
    let site = TestSite::new().await;
    site.registered(ADA).await;
    let claim = email_claim(&EmailAddress::parse(ADA).unwrap().normalised());
    let account = site.app.store.find::<Account>(&claim).await.unwrap().unwrap();
    let uid = account.state.identity.unwrap().uid.to_string();
    for first in [ADA, &uid] {
        site.after(Duration::from_secs(2 * 24 * 3600)).await;
        site.mails.clear();
        let names = [first, if first == ADA { &uid } else { ADA }, "n2222222", "nobody@example.org"];
        let mut pages = Vec::new();
        for name in names {
            let mut sent = 0;
            while site.browser_at("198.51.100.1").lose_password(name).await.path == "/check-mail" {
                site.settle().await;
                sent += 1;
            }
            pages.push(sent);
        }
        assert_eq!(pages, [4; 4], "three an hour, and what is kept for resets");
        assert_eq!(site.mails.to(ADA).len(), 4, "whichever name was typed, {first} at first");
        site.after(Duration::from_secs(3600)).await;
        site.browser_at("198.51.100.1").lose_password(names[1]).await;
        site.settle().await;
        assert_eq!(site.mails.to(ADA).len(), 5);
    }
}

#[tokio::test]
async fn a_network_does_not_reach_the_reserve_of_every_address() {
    let mut limits = Limits::default();
    limits.mail_reset_reserve_network.max = 2;
    let site = World::sqlite().await.site(Setup { limits, ..Setup::default() }).await;
    site.age().await;
    let mut pages = Vec::new();
    for n in 0..4 {
        let mut sent = 0;
        while site.browser_at("198.51.100.1").lose_password(&format!("person{n}@example.org")).await.path
            == "/check-mail"
        {
            sent += 1;
        }
        pages.push(sent);
    }
    assert_eq!(pages, [4, 4, 3, 3]);
}

#[tokio::test]
async fn the_page_that_waits_shows_what_an_address_is_made_of() {
    let site = TestSite::new().await;
    for typed in ["p\u{430}yp\u{430}l@example.org", "ada@p\u{430}yp\u{430}l.example"] {
        let safe = EmailAddress::parse(typed).unwrap().display_safe();
        assert!(safe.contains("xn--"), "{safe}");
        for page in [site.browser().register(typed).await, site.browser().lose_password(typed).await] {
            assert_eq!(page.path, "/check-mail");
            assert!(page.text().contains(&safe) && !page.text().contains(typed), "{}", page.text());
        }
    }
}

#[tokio::test]
async fn a_browser_is_known_again_for_two_days_after_its_last_visit() {
    let site = TestSite::new().await;
    let mut ada = site.browser();
    ada.get("/login").await;
    let secret = ada.cookie("chancery-browser").unwrap().to_owned();
    site.after(Duration::from_secs(2 * 24 * 3600 - 60)).await;
    let form = ada.registration(ADA).await;
    let posted = ada.post(&form).await;
    let waiting = ada.send(Method::GET, "/check-mail", None).await;
    for page in [&posted, &waiting] {
        let cookies: Vec<_> = page.headers.get_all(header::SET_COOKIE).iter().collect();
        let renewed =
            format!("__Host-chancery-browser={secret}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=172800");
        assert_eq!(cookies, [renewed.as_str()], "{}", page.path);
    }
    assert_eq!(waiting.status, StatusCode::OK);
}
