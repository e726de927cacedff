//! What bad input gets: a clear answer, and nothing is lost.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use chancery_tests::site::{Browser, Form, PASSWORD, Setup, TestSite, World};

const ADA: &str = "ada@example.org";

fn with(name: &'static str, value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(name, HeaderValue::from_str(value).unwrap());
    headers
}

async fn raw(browser: &mut Browser<'_>, action: &str, body: &str) -> StatusCode {
    browser.send(Method::POST, action, Some(body.to_owned())).await.status
}

#[tokio::test]
async fn bodies_that_are_no_form_of_ours() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    let form = browser.registration(ADA).await;
    let body = form.body();
    for (what, body, status) in [
        ("a field twice", format!("{body}&email=b%40example.org"), StatusCode::BAD_REQUEST),
        ("an unknown field", format!("{body}&admin=1"), StatusCode::BAD_REQUEST),
        ("broken UTF-8", body.replace("Lovelace", "%FF%FE"), StatusCode::BAD_REQUEST),
        ("NUL", body.replace("Lovelace", "Love%00lace"), StatusCode::BAD_REQUEST),
        ("a name of a megabyte", body.replace("Lovelace", &"a".repeat(1 << 20)), StatusCode::PAYLOAD_TOO_LARGE),
        ("nothing at all", String::new(), StatusCode::FORBIDDEN),
    ] {
        assert_eq!(raw(&mut browser, "/register", &body).await, status, "{what}");
    }
    let mut odd = browser.clone();
    odd.headers.extend(with("content-type", "application/json"));
    assert_eq!(raw(&mut odd, "/register", "{}").await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    odd.headers.extend(with("content-type", "multipart/form-data; boundary=x"));
    assert_eq!(raw(&mut odd, "/register", &body).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(site.event_types().await.iter().all(|name| !name.starts_with("account.")), "nothing happened");
    assert_eq!(browser.submit(&form).await.path, "/check-mail", "and nothing was lost");
}

#[tokio::test]
async fn every_wrong_field_is_named_beside_it_and_what_was_typed_stays() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    let form = browser.registration(ADA).await;
    let wrong = form
        .clone()
        .with("first_name", "A\u{202e}da")
        .with("last_name", "")
        .with("email", "ada@@example.org")
        .with("confirm_email", "eve@example.org")
        .with("mail_language", "tlh")
        .without("privacy");
    let page = browser.submit(&wrong).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["first_name", "last_name", "email", "confirm_email", "mail_language", "privacy"] {
        let marked = page.body.contains(&format!("href=\"#{field}\""));
        assert!(marked, "{field} is in the summary");
    }
    let again = page.form("/register");
    assert_eq!(again.fields["email"], "ada@@example.org");
    assert_eq!(page.body.matches("autofocus").count(), 1, "the first wrong field has the focus");
    assert_ne!(again.fields["command"], form.fields["command"], "the new form is a new command");
}

#[tokio::test]
async fn addresses_that_are_refused_on_the_form() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    for (address, word) in [
        ("someone@mailinator.com", "disposable"),
        ("someone@x.MAILINATOR.com", "disposable"),
        ("someone@institution.example", "internal"),
    ] {
        let form = browser.registration(address).await;
        let page = browser.submit(&form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{address}");
        assert!(page.text().to_lowercase().contains(word), "{address}: {}", page.text());
    }
    assert!(site.mails.sent().is_empty());
}

#[tokio::test]
async fn posts_from_elsewhere_are_refused() {
    let site = TestSite::new().await;
    let mut ada = site.registered(ADA).await;
    let page = ada.get("/account").await;
    let forms: Vec<Form> = ["/sign-out", "/account/password", "/account/language", "/sign-out/everywhere"]
        .into_iter()
        .map(|action| page.form(action))
        .collect();
    for form in &forms {
        for origin in
            ["https://evil.example", "null", "http://login.example.org", "https://login.example.org.evil.example"]
        {
            let mut browser = ada.clone();
            browser.headers.extend(with("origin", origin));
            assert_eq!(browser.post(form).await.status, StatusCode::FORBIDDEN, "{} from {origin}", form.action);
        }
        let stranger = &mut site.browser_at("198.51.100.1");
        stranger.get("/login").await;
        assert_eq!(stranger.post(form).await.status, StatusCode::FORBIDDEN, "another browser's token");
        let forged = form.clone().with("csrf", "AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(ada.post(&forged).await.status, StatusCode::FORBIDDEN);
        let moved = Form { action: "/account/language".to_owned(), ..form.clone() };
        if form.action != moved.action {
            assert_ne!(ada.post(&moved).await.status, StatusCode::SEE_OTHER, "a token is for one action");
        }
    }
    assert!(ada.is_signed_in().await);
    let mut headerless = ada.clone();
    headerless.headers.extend(with("sec-fetch-site", "cross-site"));
    headerless.headers.extend(with("origin", "https://evil.example"));
    assert_eq!(headerless.post(&forms[0]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_proof_of_work_is_good_once_and_for_its_form_only() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    let form = browser.registration(ADA).await;
    assert_eq!(browser.submit(&form).await.path, "/check-mail");
    let second = form.clone().with("email", "b@example.org").with("confirm_email", "b@example.org");
    assert_eq!(browser.submit(&second).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Another form with the first one's solution.
    let other = browser.registration("c@example.org").await;
    let stolen = other.with("challenge", &form.fields["challenge"]).with("pow", &form.fields["pow"]);
    assert_eq!(browser.submit(&stolen).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // A solution that is none.
    let other = browser.registration("c@example.org").await;
    assert_eq!(browser.submit(&other.with("pow", "999999")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    site.settle().await;
    assert_eq!(site.mails.sent().len(), 1);
}

#[tokio::test]
async fn without_scripts_the_form_waits_and_then_works() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    let form = browser.registration(ADA).await.with("pow", "");
    let page = browser.submit(&form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text().contains("second"), "it says how long: {}", page.text());
    let form = browser.registration(ADA).await.with("pow", "");
    site.clock.advance(site.app.person_check.wait(2));
    assert_eq!(browser.submit(&form).await.path, "/check-mail");
}

#[tokio::test]
async fn targets_lead_nowhere_else() {
    let site = TestSite::new().await;
    site.registered(ADA).await;
    for evil in [
        "//evil.example",
        "https:evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/%2f%2fevil.example",
        "https://login.example.org@evil.example/",
        "javascript:alert(1)",
        "/%5cevil.example",
    ] {
        let mut browser = site.browser_at("198.51.100.1");
        let encoded = percent_encoding::utf8_percent_encode(evil, percent_encoding::NON_ALPHANUMERIC);
        let page = browser.get(&format!("/login?target={encoded}")).await;
        assert!(!page.form("/login").fields.contains_key("target"), "{evil}");
        let page = browser.submit(&page.form("/login").with("name", ADA).with("target", evil)).await;
        let form = page.form("/login/password").with("password", PASSWORD).with("target", evil);
        let answer = browser.post(&form).await;
        assert_eq!(answer.header("location"), "/account", "{evil}");
    }
    let mut browser = site.browser_at("198.51.100.1");
    let page = browser.get("/login?target=%2Fprivacy").await;
    let page = browser.submit(&page.form("/login").with("name", ADA)).await;
    let answer = browser.post(&page.form("/login/password").with("password", PASSWORD)).await;
    assert_eq!(answer.header("location"), "/privacy");
}

#[tokio::test]
async fn host_and_forwarding_headers_of_strangers_change_nothing() {
    let site = TestSite::new().await;
    let mut browser = site.browser_at("198.51.100.1");
    browser.headers.extend(with("host", "evil.example"));
    browser.headers.extend(with("x-forwarded-host", "evil.example"));
    browser.register(ADA).await;
    site.settle().await;
    let mail = site.mails.to(ADA).pop().unwrap();
    assert!(mail.raw.contains("https://login.example.org/l/"));
    assert!(!mail.raw.contains("evil.example"));
    // An untrusted peer that claims another address each time meets the limit of its own.
    let mut statuses = Vec::new();
    for n in 0..4 {
        let mut liar = site.browser_at("203.0.113.9");
        liar.headers.extend(with("x-forwarded-for", &format!("192.0.2.{n}")));
        statuses.push(liar.register("victim@example.org").await.status);
    }
    assert_eq!(statuses.pop(), Some(StatusCode::TOO_MANY_REQUESTS));
}

#[tokio::test]
async fn cookies_of_another_installation_are_worth_nothing() {
    let other = TestSite::new().await;
    let theirs = other.registered(ADA).await;
    let site = TestSite::new().await;
    let mut browser = theirs.on(&site);
    assert!(!browser.is_signed_in().await);
    assert_eq!(browser.get("/register").await.status, StatusCode::OK);
    for garbage in ["", "x", "%00", &"A".repeat(5000)] {
        let mut browser = site.browser();
        for name in
            ["__Host-chancery-browser", "__Host-chancery-session", "__Host-chancery-known", "__Host-chancery-language"]
        {
            browser.cookies.insert(name.to_owned(), garbage.to_owned());
        }
        assert_eq!(browser.get("/account").await.path.split('?').next(), Some("/login"), "{garbage}");
    }
}

/// Every route, as the route table has it, with a method that it serves.
const ROUTES: &[(&str, &str)] = &[
    ("GET", "/"),
    ("GET", "/register"),
    ("POST", "/register"),
    ("GET", "/check-mail"),
    ("POST", "/check-mail"),
    ("POST", "/check-mail/again"),
    ("GET", "/l/0000000000000000000000000000000000"),
    ("POST", "/l/0000000000000000000000000000000000"),
    ("POST", "/link/again"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/login/password"),
    ("POST", "/login/password"),
    ("GET", "/lost-password"),
    ("POST", "/lost-password"),
    ("GET", "/account"),
    ("GET", "/account/password"),
    ("POST", "/account/password"),
    ("GET", "/account/language"),
    ("POST", "/account/language"),
    ("GET", "/account/sessions/end"),
    ("POST", "/account/sessions/end"),
    ("GET", "/sign-out"),
    ("POST", "/sign-out"),
    ("GET", "/sign-out/everywhere"),
    ("POST", "/sign-out/everywhere"),
    ("GET", "/privacy"),
    ("GET", "/help"),
    ("GET", "/assets/none.css"),
    ("GET", "/dev/mail"),
    ("GET", "/dev/mail/x"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
];

/// The source of the route table, to notice a route that the sweep does not know.
const TABLE: &str = include_str!("../../api/src/routes/mod.rs");

#[test]
fn the_sweep_knows_every_route() {
    let served: usize = TABLE
        .lines()
        .filter(|line| line.trim_start().starts_with(".route("))
        .map(|line| line.matches("get(").count() + line.matches("post(").count())
        .sum();
    assert_eq!(served, ROUTES.len(), "a route was added or removed: the sweep below must know it");
}

#[tokio::test]
async fn every_route_without_credentials_with_wrong_ones_and_from_elsewhere() {
    let site = TestSite::new().await;
    let mut ended = site.registered(ADA).await;
    let cookies = ended.cookies.clone();
    ended.sign_out().await;
    ended.cookies.extend(cookies.into_iter().filter(|(name, _)| name.contains("session")));
    for (method, path) in ROUTES {
        let method: Method = method.parse().unwrap();
        let post = method == Method::POST;
        for (what, browser) in [("no credentials", site.browser()), ("an ended session", ended.clone())] {
            let mut browser = browser;
            let answer = browser.send(method.clone(), path, post.then(String::new)).await;
            let status = answer.status;
            if post {
                assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path} with {what}");
            } else {
                assert!(!status.is_server_error() || *path == "/health/ready", "{method} {path} with {what}: {status}");
                assert!(!answer.body.contains(ADA), "{path} shows nobody's address");
            }
            for name in [
                "content-security-policy",
                "x-content-type-options",
                "referrer-policy",
                "cache-control",
                "x-frame-options",
            ] {
                assert!(!answer.header(name).is_empty(), "{method} {path} lacks {name}");
            }
        }
        let mut elsewhere = ended.clone();
        elsewhere.headers.extend(with("origin", "https://evil.example"));
        let answer = elsewhere.send(method.clone(), path, post.then(String::new)).await;
        assert!(!post || answer.status == StatusCode::FORBIDDEN, "{path}");
        let odd = site.browser().send(Method::DELETE, path, None).await.status;
        assert_eq!(odd, StatusCode::METHOD_NOT_ALLOWED, "DELETE {path}");
    }
    assert_eq!(site.browser().get("/nothing/here").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn development_aids_do_not_exist_on_a_real_site() {
    for url in ["https://login.example.org", "http://localhost:8080"] {
        let site = World::sqlite().await.site(Setup { public_url: url.to_owned(), ..Setup::default() }).await;
        let mut browser = site.browser_at("127.0.0.1");
        browser.headers.insert(header::HOST, HeaderValue::from_static("localhost"));
        assert_eq!(browser.get("/dev/mail?key=").await.status, StatusCode::NOT_FOUND);
    }
}
