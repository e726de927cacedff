//! What a form must have, and what it must not; and what stays the same between a form, its answer and the page that
//! waits: the statement that was shown, the mailbox, the address, the browser.

use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use chancery_domain::account::{Account, AccountEvent};
use chancery_domain::values::{EmailAddress, Language};
use chancery_service::accounts::email_claim;
use chancery_service::throttle::Limits;
use chancery_tests::site::{Browser, Form, PASSWORD, Setup, TestSite, World};

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

/// What a form has besides what a person fills in.
const NOT_TYPED: [&str; 6] = ["csrf", "command", "challenge", "pow", "wait", "statement"];

/// Sends a form anew with each of its fields left out; returns those that were filled in by a person, in order.
async fn without_each(browser: &Browser<'_>, form: impl AsyncFn(&mut Browser<'_>) -> Form) -> Vec<String> {
    let whole = form(&mut browser.clone()).await;
    let typed: Vec<String> = whole.fields.keys().filter(|name| !NOT_TYPED.contains(&name.as_str())).cloned().collect();
    for name in &typed {
        let mut browser = browser.clone();
        let lacking = form(&mut browser).await.without(name);
        let page = browser.submit(&lacking).await;
        match (lacking.action.as_str(), name.as_str()) {
            ("/login/password", "name") => {
                assert_eq!((page.path.as_str(), page.status), ("/login", StatusCode::OK), "it begins anew with it");
                continue;
            }
            ("/account/sessions/end", "session") => {
                assert_eq!(page.status, StatusCode::BAD_REQUEST, "no person fills it in");
                continue;
            }
            _ => {}
        }
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{} without {name}", lacking.action);
        assert!(page.body.contains(&format!("id=\"{name}-error\"")), "{} without {name}", lacking.action);
        let again = page.form(&lacking.action).fields;
        for (other, value) in lacking.fields.iter().filter(|(other, _)| typed.contains(other)) {
            if !other.contains("password") && other != "privacy" {
                assert_eq!(again[other], *value, "{}: what was typed stays", lacking.action);
            }
        }
    }
    for name in ["csrf", "command"] {
        let mut browser = browser.clone();
        let lacking = form(&mut browser).await.without(name);
        assert_eq!(browser.post(&lacking).await.status, StatusCode::FORBIDDEN, "{} without {name}", lacking.action);
    }
    typed
}

#[tokio::test]
async fn a_field_that_is_missing_is_named_beside_it() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    // A session that could be ended.
    site.browser_at("198.51.100.4").sign_in(ADA, PASSWORD).await;
    let account = site.event_types().await.len();
    let typed = without_each(&site.browser(), async |browser| browser.registration("b@example.org").await).await;
    assert_eq!(typed, ["confirm_email", "email", "first_name", "last_name", "mail_language", "privacy"]);

    let name = async |browser: &mut Browser<'_>| browser.get("/login").await.form("/login").with("name", ADA);
    assert_eq!(without_each(&site.browser(), name).await, ["name"]);

    let password = async |browser: &mut Browser<'_>| {
        let page = browser.get("/login").await;
        let page = browser.submit(&page.form("/login").with("name", ADA)).await;
        page.form("/login/password").with("password", PASSWORD)
    };
    assert_eq!(without_each(&site.browser(), password).await, ["name", "password"]);

    let lost = async |browser: &mut Browser<'_>| {
        browser.get("/lost-password").await.form("/lost-password").solved().with("name", ADA)
    };
    assert_eq!(without_each(&site.browser(), lost).await, ["name"]);

    let new = "Staple-horse9battery";
    let change = async |browser: &mut Browser<'_>| {
        let form = browser.get("/account").await.form("/account/password").with("current_password", PASSWORD);
        form.with("new_password", new).with("confirm_password", new)
    };
    assert_eq!(without_each(&ada, change).await, ["confirm_password", "current_password", "new_password"]);
    let language = async |browser: &mut Browser<'_>| browser.get("/account").await.form("/account/language");
    assert_eq!(without_each(&ada, language).await, ["mail_language"]);
    let session = async |browser: &mut Browser<'_>| browser.get("/account").await.form("/account/sessions/end");
    assert_eq!(without_each(&ada, session).await, ["session"]);
    assert_eq!(site.event_types().await.len(), account, "nothing happened");

    let mut carla = site.browser_at("198.51.100.1");
    assert_eq!(carla.register("carla@example.org").await.path, "/check-mail");
    let code = async |browser: &mut Browser<'_>| {
        browser.get("/check-mail").await.form("/check-mail").with("code", "ABCD-EFGH")
    };
    assert_eq!(without_each(&carla, code).await, ["code"]);
    site.settle().await;
    ada.lose_password(ADA).await;
    site.settle().await;
    let registration = ["confirm_password", "first_name", "last_name", "new_password", "privacy"];
    let reset = ["confirm_password", "new_password"];
    for (address, expected) in [("carla@example.org", registration.as_slice()), (ADA, reset.as_slice())] {
        let link = site.mails.link_to(address);
        let form = async |browser: &mut Browser<'_>| {
            let form = browser.get(&link).await.form(&link).with("new_password", new).with("confirm_password", new);
            if address == ADA { form } else { form.with("privacy", "on") }
        };
        assert_eq!(without_each(&site.browser_at("198.51.100.2"), form).await, expected, "{address}");
        let mut browser = site.browser_at("198.51.100.3");
        let whole = form(&mut browser).await;
        assert!(browser.submit(&whole).await.path.starts_with("/account?done="), "and nothing was lost");
    }
}

/// A body with a field twice, or with one that the form does not have, is no form of ours, whatever else is in it.
#[tokio::test]
async fn a_field_twice_or_an_unknown_one_is_refused_by_every_form() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let used = site.mails.link_to(ADA);
    site.browser_at("198.51.100.1").sign_in(ADA, PASSWORD).await;
    ada.lose_password(ADA).await;
    site.registered_with_app("bob@example.org").await;
    let mut bob = site.browser_at("198.51.100.2");
    bob.sign_in("bob@example.org", PASSWORD).await;
    let page = bob.get("/login/lost").await;
    bob.submit(&page.form("/login/lost")).await;
    let mut stranger = site.browser_at("198.51.100.3");
    let waits = stranger.register("carla@example.org").await;
    site.settle().await;

    // A new one: the one that was sent leads to nothing more in any case.
    let lost_devices = bob.get("/login/lost").await.form("/login/lost");
    let mut forms: Vec<(Browser<'_>, Form)> = vec![(bob, lost_devices)];
    let page = ada.get("/account").await;
    for action in ["password", "language", "sessions/end"] {
        forms.push((ada.clone(), page.form(&format!("/account/{action}"))));
    }
    for action in ["/sign-out", "/sign-out/everywhere"] {
        forms.push((ada.clone(), page.form(action)));
    }
    let login = stranger.get("/login").await;
    let password = stranger.submit(&login.form("/login").with("name", ADA)).await.form("/login/password");
    let mut of_stranger = vec![
        stranger.registration("dora@example.org").await,
        stranger.get("/lost-password").await.form("/lost-password").solved().with("name", ADA),
        password.with("password", PASSWORD),
        stranger.get(&used).await.form("/link/again"),
    ];
    of_stranger.extend(["/login", "/login/passkey", "/login/passkey/question"].map(|action| login.form(action)));
    of_stranger.extend(["/check-mail", "/check-mail/again"].map(|action| waits.form(action)));
    let mut links = Vec::from(["carla@example.org", ADA, "bob@example.org"].map(|address| site.mails.link_to(address)));
    links.push(site.mails.to(ADA).into_iter().rfind(|mail| mail.text.contains("/n/")).unwrap().not_me());
    for link in &links {
        of_stranger.push(stranger.get(link).await.form(link));
    }
    forms.extend(of_stranger.into_iter().map(|form| (stranger.clone(), form)));

    let (events, mails) = (site.event_types().await, site.mails.sent().len());
    for (browser, form) in &forms {
        let body = form.body();
        let twice = form.fields.keys().map(|name| format!("{body}&{name}=x"));
        for odd in twice.chain([format!("{body}&admin=1")]) {
            let answer = browser.clone().send(Method::POST, &form.action, Some(odd.clone())).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}: {odd}", form.action);
        }
    }
    site.settle().await;
    assert_eq!(site.event_types().await, events, "nothing happened");
    assert_eq!(site.mails.sent().len(), mails);
    for (mut browser, form) in forms {
        let status = browser.post(&form).await.status;
        let is_form = ![StatusCode::BAD_REQUEST, StatusCode::FORBIDDEN].contains(&status);
        assert!(is_form, "{} without them: {status}", form.action);
    }
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

/// A mail that was promised and never asked for: the same form sent again asks for it.
#[tokio::test]
async fn a_form_that_led_to_nothing_behind_its_answer_leads_to_its_mail_when_it_is_sent_again() {
    for action in ["/lost-password", "/register"] {
        let site = TestSite::new().await;
        site.registered(ADA).await;
        site.mails.clear();
        site.after(Duration::from_secs(2 * 24 * 3600)).await;
        let mut ada = site.browser_at("198.51.100.1");
        let form = match action {
            "/register" => ada.registration(ADA).await,
            _ => ada.get(action).await.form(action).solved().with("name", ADA),
        };
        let away = [
            "CREATE TABLE kept AS SELECT stream, state FROM states",
            "UPDATE states SET state = x'00' WHERE aggregate = 'account'",
        ];
        let back = ["UPDATE states SET state = (SELECT state FROM kept WHERE kept.stream = states.stream)"];
        for (damage, mails) in [(away.as_slice(), 0), (back.as_slice(), 1), (&[], 1)] {
            for statement in damage {
                site.db.execute(chancery_eventstore::db::sql(statement)).await.unwrap();
            }
            assert_eq!(ada.submit(&form).await.path, "/check-mail", "{action}");
            site.settle().await;
            assert_eq!(site.mails.to(ADA).len(), mails, "{action}");
        }
    }
}
