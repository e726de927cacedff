//! Where a person wanted to go: kept on every way through the forms, and followed by the browser that began only.

use std::time::Duration;

use axum::http::StatusCode;
use chancery_domain::account::LinkPurpose;
use chancery_tests::site::{Browser, Form, PASSWORD, Page, TestSite};
use scraper::{Html, Selector};

const ADA: &str = "ada@example.org";

/// A browser that began with a target, and the link that was mailed.
async fn requested<'a>(site: &'a TestSite, target: &str) -> (Browser<'a>, String) {
    let mut desktop = site.browser();
    let form = desktop.registration(ADA).await.with("target", target);
    assert_eq!(desktop.submit(&form).await.path, "/check-mail");
    site.settle().await;
    (desktop, site.mails.link_to(ADA))
}

fn ways(page: &Page) -> Vec<String> {
    let html = Html::parse_document(&page.body);
    let links = Selector::parse("a[href]").expect("a selector");
    html.select(&links).filter_map(|link| link.value().attr("href")).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_browser_that_began_goes_on_and_any_other_is_told_where_to_return() {
    let site = TestSite::new().await;
    let (mut desktop, link) = requested(&site, "/help").await;
    assert_eq!(desktop.follow_link(&link).await.path, "/help");

    let form = desktop.get("/lost-password?target=/help").await.form("/lost-password").solved().with("name", ADA);
    desktop.submit(&form).await;
    site.settle().await;
    let mut phone = site.browser_at("192.0.2.9");
    let page = phone.follow_link(&site.mails.link_to(ADA)).await;
    assert_eq!(page.path, "/account?done=password-reset&return=%2Fhelp");
    assert!(page.text().contains("go back to the service from which you came: /help"), "{}", page.text());
}

/// What leads elsewhere, as it is and as a browser might read it.
const EVIL: [&str; 9] = [
    "//evil.example",
    "https:evil.example",
    "https://evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/%2f%2fevil.example",
    "https://login.example.org@evil.example/",
    "javascript:alert(1)",
    "/%5cevil.example",
];

/// The page with an evil target in its query, and its form, into which the target is forced all the same.
async fn with_evil(browser: &mut Browser<'_>, path: &str, evil: &str) -> Form {
    let encoded = percent_encoding::utf8_percent_encode(evil, percent_encoding::NON_ALPHANUMERIC);
    let form = browser.get(&format!("{path}?target={encoded}")).await.form(path);
    assert!(!form.fields.contains_key("target"), "{path}: {evil}");
    form.with("target", evil)
}

/// By every way that ends signed in.
#[tokio::test]
async fn targets_lead_nowhere_else() {
    let site = TestSite::new().await;
    for (n, evil) in EVIL.into_iter().enumerate() {
        let address = format!("ada{n}@example.org");
        let mut browser = site.browser_at(&format!("198.51.100.{n}"));
        let form = with_evil(&mut browser, "/register", evil).await.registering(&address);
        assert_eq!(browser.submit(&form).await.path, "/check-mail");
        site.settle().await;
        assert_eq!(browser.follow_link(&site.mails.link_to(&address)).await.path, "/account?done=welcome", "{evil}");

        let form = with_evil(&mut browser, "/lost-password", evil).await.solved().with("name", &address);
        assert_eq!(browser.submit(&form).await.path, "/check-mail");
        site.settle().await;
        let page = browser.follow_link(&site.mails.link_to(&address)).await;
        assert_eq!(page.path, "/account?done=password-reset", "{evil}");

        let form = with_evil(&mut browser, "/login", evil).await.with("name", &address);
        let form = browser.submit(&form).await.form("/login/password");
        assert!(!form.fields.contains_key("target"), "{evil}");
        let answer = browser.post(&form.with("password", PASSWORD).with("target", evil)).await;
        assert_eq!(answer.header("location"), "/account", "{evil}");
    }
    let mut browser = site.browser_at("198.51.100.100");
    let page = browser.get("/login?target=%2Fprivacy").await;
    let page = browser.submit(&page.form("/login").with("name", "ada0@example.org")).await;
    let answer = browser.post(&page.form("/login/password").with("password", PASSWORD)).await;
    assert_eq!(answer.header("location"), "/privacy");
}

#[tokio::test]
async fn where_to_return_is_text_and_a_place_of_our_own() {
    let site = TestSite::new().await;
    let (_, link) = requested(&site, "/<b>bold</b>?secret=1").await;
    let mut phone = site.browser_at("192.0.2.9");
    let page = phone.follow_link(&link).await;
    assert!(page.text().contains("/<b>bold</b>"), "{}", page.text());
    assert!(!page.body.contains("<b>") && !page.text().contains("secret"), "{}", page.body);
    for elsewhere in ["%2F%2Fevil.example", "https%3A%2F%2Fevil.example", "%2Faccount", "%2F"] {
        let page = phone.get(&format!("/account?done=welcome&return={elsewhere}")).await;
        assert!(!page.text().contains("go back to"), "{elsewhere}: {}", page.text());
    }
}

#[tokio::test]
async fn a_lost_answer_ends_where_the_first_one_led() {
    let site = TestSite::new().await;
    let (mut desktop, link) = requested(&site, "/help").await;
    let form = desktop.get(&link).await.form(&link).with("new_password", PASSWORD).with("confirm_password", PASSWORD);
    let form = form.with("privacy", "on");
    // The answer is lost: the browser never sees the cookie.
    let mut lost = desktop.clone();
    assert_eq!(lost.post(&form).await.header("location"), "/help");
    assert_eq!(desktop.post(&form).await.header("location"), "/help");
    assert!(desktop.is_signed_in().await);
}

#[tokio::test]
async fn a_lost_answer_tells_another_browser_where_to_return_as_the_first_did() {
    let site = TestSite::new().await;
    let (_, link) = requested(&site, "/help").await;
    let mut phone = site.browser_at("192.0.2.9");
    let form = phone.get(&link).await.form(&link).with("new_password", PASSWORD).with("confirm_password", PASSWORD);
    let form = form.with("privacy", "on");
    let mut lost = phone.clone();
    assert_eq!(lost.post(&form).await.header("location"), "/account?done=welcome&return=%2Fhelp");
    assert_eq!(phone.post(&form).await.header("location"), "/account?done=welcome&return=%2Fhelp");
}

#[tokio::test]
async fn a_renewed_link_keeps_the_target_in_the_browser_that_began() {
    // Whether or not the end of the old one is recorded yet.
    for recorded in [true, false] {
        let site = TestSite::new().await;
        let (mut desktop, link) = requested(&site, "/help").await;
        site.clock.advance(Duration::from_secs(91 * 60));
        if recorded {
            site.settle().await;
        }
        let page = desktop.get(&link).await;
        assert_eq!(desktop.submit(&page.form("/link/again")).await.path, "/check-mail");
        site.settle().await;
        assert_eq!(desktop.follow_link(&site.mails.link_to(ADA)).await.path, "/help");
    }
}

#[tokio::test]
async fn a_link_renewed_elsewhere_leads_to_the_account() {
    let site = TestSite::new().await;
    let (_, link) = requested(&site, "/help").await;
    site.after(Duration::from_secs(91 * 60)).await;
    let mut phone = site.browser_at("192.0.2.9");
    let page = phone.get(&link).await;
    phone.submit(&page.form("/link/again")).await;
    site.settle().await;
    assert_eq!(phone.follow_link(&site.mails.link_to(ADA)).await.path, "/account?done=welcome");
}

#[tokio::test]
async fn a_link_of_another_purpose_says_so() {
    let site = TestSite::new().await;
    let (mut desktop, link) = requested(&site, "/help").await;
    let id = site.app.read_link_token(link.strip_prefix("/l/").unwrap()).unwrap().id;
    let other = site.app.link_token(id, LinkPurpose::Reset);
    let page = desktop.get(&format!("/l/{}", other.expose())).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.text().contains("This link is for something else"), "{}", page.text());
    assert_eq!(desktop.submit(&page.form("/link/again")).await.path, "/check-mail");
    assert_eq!(desktop.follow_link(&link).await.path, "/help");
}

#[tokio::test]
async fn who_waits_for_a_mail_turns_back_with_the_target() {
    let site = TestSite::new().await;
    let (mut desktop, _) = requested(&site, "/help").await;
    let waiting = ways(&desktop.get("/check-mail").await);
    for way in ["/register?target=%2Fhelp", "/login?target=%2Fhelp"] {
        assert!(waiting.iter().any(|seen| seen == way), "{waiting:?}");
    }
}

#[tokio::test]
async fn no_way_between_the_forms_loses_the_target() {
    let site = TestSite::new().await;
    let mut ada = site.browser();
    let begun = ada.get("/login?target=%2Fhelp%3Fa%3D1%26b%3D2").await;
    assert!(begun.text().contains("you go on to: /help"), "{}", begun.text());
    let password = ada.submit(&begun.form("/login").with("name", ADA)).await;
    let mut seen = vec![];
    for page in [begun, password] {
        for way in ways(&page).into_iter().filter(|way| way.contains("target=")) {
            let next = ada.get(&way).await;
            let path = way.split('?').next().unwrap();
            assert_eq!(next.form(path).fields["target"], "/help?a=1&b=2", "{way}");
            // From there on, too: another language, and back.
            for way in ways(&next).into_iter().filter(|way| way.contains("target=")) {
                let path = way.split('?').next().unwrap();
                assert_eq!(ada.get(&way).await.form(path).fields["target"], "/help?a=1&b=2", "{way}");
            }
            seen.push(way);
        }
    }
    for way in ["/login?", "/register?", "/lost-password?"] {
        assert!(seen.iter().any(|seen| seen.starts_with(way)), "{seen:?}");
    }
    for page in ["/register", "/lost-password", "/login"] {
        let page = ada.get(&format!("{page}?target=/help")).await;
        for language in ["en", "fr", "de", "el"] {
            let switch = format!("&lang={language}");
            assert!(ways(&page).iter().any(|way| way.ends_with(&switch) && way.contains("target=%2Fhelp")));
        }
    }
}
