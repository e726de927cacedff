//! Every route: without credentials, with wrong ones, from elsewhere; and what every answer says to the browser.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use chancery_api::Development;
use chancery_domain::values::Language;
use chancery_service::mail::{Letter, Mail, MailSettings, Mailer, OutboxTransport, Sender};
use chancery_service::sms::SmsOutbox;
use chancery_tests::site::{BEGINNING, Page, Setup, TestSite, World};
use scraper::{Html, Selector};

const ADA: &str = "ada@example.org";

fn with(name: &'static str, value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(name, HeaderValue::from_str(value).unwrap());
    headers
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
    ("GET", "/n/0000000000000000000000000000000000"),
    ("POST", "/n/0000000000000000000000000000000000"),
    ("POST", "/link/again"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/login/password"),
    ("POST", "/login/password"),
    ("GET", "/login/passkey"),
    ("POST", "/login/passkey"),
    ("GET", "/login/passkey/question"),
    ("POST", "/login/passkey/question"),
    ("GET", "/login/verify"),
    ("POST", "/login/verify"),
    ("GET", "/login/verify/state"),
    ("GET", "/login/verify/sms"),
    ("POST", "/login/verify/sms"),
    ("GET", "/login/lost"),
    ("POST", "/login/lost"),
    ("GET", "/login/recovery"),
    ("POST", "/login/recovery"),
    ("GET", "/login/recovery/cancel"),
    ("POST", "/login/recovery/cancel"),
    ("GET", "/login/recovery/sms"),
    ("POST", "/login/recovery/sms"),
    ("GET", "/lost-password"),
    ("POST", "/lost-password"),
    ("GET", "/account"),
    ("GET", "/account/password"),
    ("POST", "/account/password"),
    ("GET", "/account/language"),
    ("POST", "/account/language"),
    ("GET", "/account/sessions/end"),
    ("POST", "/account/sessions/end"),
    ("GET", "/account/verify"),
    ("POST", "/account/verify"),
    ("GET", "/account/verify/state"),
    ("GET", "/account/verify/sms"),
    ("POST", "/account/verify/sms"),
    ("GET", "/account/security"),
    ("GET", "/account/security/totp"),
    ("POST", "/account/security/totp"),
    ("GET", "/account/security/key"),
    ("POST", "/account/security/key"),
    ("GET", "/account/security/mobile"),
    ("GET", "/account/security/mobile/add"),
    ("POST", "/account/security/mobile/add"),
    ("GET", "/account/security/mobile/pair"),
    ("POST", "/account/security/mobile/pair"),
    ("GET", "/account/security/mobile/state"),
    ("GET", "/account/security/mobile/cancel"),
    ("POST", "/account/security/mobile/cancel"),
    ("GET", "/account/security/phone"),
    ("POST", "/account/security/phone"),
    ("GET", "/account/security/phone/code"),
    ("POST", "/account/security/phone/code"),
    ("GET", "/account/security/device"),
    ("GET", "/account/security/device/rename"),
    ("POST", "/account/security/device/rename"),
    ("GET", "/account/security/device/remove"),
    ("POST", "/account/security/device/remove"),
    ("GET", "/account/security/device/resume"),
    ("POST", "/account/security/device/resume"),
    ("GET", "/account/security/lost"),
    ("POST", "/account/security/lost"),
    ("GET", "/account/security/codes"),
    ("POST", "/account/security/codes"),
    ("GET", "/account/security/codes/confirm"),
    ("POST", "/account/security/codes/confirm"),
    ("GET", "/account/security/codes/file"),
    ("POST", "/account/security/codes/file"),
    ("GET", "/account/security/always"),
    ("POST", "/account/security/always"),
    ("GET", "/account/security/panic"),
    ("POST", "/account/security/panic"),
    ("GET", "/sign-out"),
    ("POST", "/sign-out"),
    ("GET", "/sign-out/everywhere"),
    ("POST", "/sign-out/everywhere"),
    ("GET", "/privacy"),
    ("GET", "/help"),
    ("GET", "/help/security-key"),
    ("GET", "/help/one-time-codes"),
    ("GET", "/help/mobile-device"),
    ("GET", "/help/recovery-codes"),
    ("GET", "/help/mobile-phone"),
    ("GET", "/assets/none.css"),
    ("GET", "/app"),
    ("GET", "/app/worker.js"),
    ("GET", "/app/manifest.webmanifest"),
    ("GET", "/dev/mail"),
    ("GET", "/dev/mail/x"),
    ("GET", "/dev/sms"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
];

/// The source of the route table, to notice a route that the sweep does not know.
const TABLE: &str = include_str!("../../../api/src/routes/mod.rs");

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
            assert_guarded(&answer, path);
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

/// What every answer says to the browser, whoever asks.
fn assert_guarded(answer: &Page, path: &str) {
    let is_script = path == "/app/worker.js";
    let is_kept = path.starts_with("/assets/") || is_script || path == "/app/manifest.webmanifest";
    let is_link = ["/l/", "/n/"].iter().any(|prefix| path.starts_with(prefix));
    let referrer = if is_link { "same-origin" } else { "strict-origin-when-cross-origin" };
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("referrer-policy", referrer),
    ] {
        assert_eq!(answer.header(name), value, "{name} of {path}");
    }
    assert!(is_kept || answer.header("cache-control") == "no-store", "{path} may be kept");
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
    assert!(!policy.contains("unsafe"), "{path}: {policy}");
    assert!(answer.header("permissions-policy").contains("geolocation=()"), "{path}");
}

const KEY: &str = "0123456789abcdef";

/// A developer's service, which keeps its mails here.
async fn developers(outbox: &OutboxTransport) -> TestSite {
    let (mails, messages) = (Some(Arc::new(outbox.clone())), Some(SmsOutbox::default()));
    let development = Some(Arc::new(Development { key: KEY.to_owned(), mails, messages }));
    let public_url = "http://localhost:8080".to_owned();
    World::sqlite().await.site(Setup { public_url, development, ..Setup::default() }).await
}

/// What shows a developer's service's mails, and its messages to telephones.
const AIDS: [&str; 2] = ["/dev/mail", "/dev/sms"];

/// The mails and messages that a developer's service shows are for whoever sits at that machine and has the key: nobody else
/// learns that there is such a page.
#[tokio::test]
async fn the_mails_and_messages_of_a_development_service_are_for_its_own_machine() {
    let folder = tempfile::tempdir().unwrap();
    let site = developers(&OutboxTransport::open(folder.path()).unwrap()).await;
    let asked = async |path: &str, peer: &str, host: &'static str, key: &str, forwarding: Option<&'static str>| {
        let mut browser = site.browser_at(peer);
        browser.headers.insert(header::HOST, HeaderValue::from_static(host));
        if let Some(name) = forwarding {
            browser.headers.extend(with(name, "192.0.2.1"));
        }
        browser.get(&format!("{path}?key={key}")).await.status
    };
    for path in AIDS {
        assert_eq!(asked(path, "127.0.0.1", "localhost:8080", KEY, None).await, StatusCode::OK, "{path}");
        assert_eq!(asked(path, "::1", "[::1]:8080", KEY, None).await, StatusCode::OK, "{path}");
        for (what, peer, host, key, forwarding) in [
            ("another machine", "192.0.2.1", "localhost:8080", KEY, None),
            ("another name", "127.0.0.1", "login.example.org", KEY, None),
            ("another key", "127.0.0.1", "localhost:8080", "0123456789abcdee", None),
            ("no key", "127.0.0.1", "localhost:8080", "", None),
            ("through a proxy", "127.0.0.1", "localhost:8080", KEY, Some("x-forwarded-for")),
            ("through a proxy that hides", "127.0.0.1", "localhost:8080", KEY, Some("via")),
            ("through a proxy of the standard", "127.0.0.1", "localhost:8080", KEY, Some("forwarded")),
        ] {
            assert_eq!(asked(path, peer, host, key, forwarding).await, StatusCode::NOT_FOUND, "{path}: {what}");
        }
    }
}

/// A mail is shown with its own styles, and its page lets in no others.
#[tokio::test]
async fn a_mail_of_a_development_service_is_shown_with_its_own_styles_alone() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = OutboxTransport::open(folder.path()).unwrap();
    let site = developers(&outbox).await;
    let sender = Sender { name: None, address: "no-reply@localhost" };
    let settings = MailSettings::new("Chancery", sender, None, "localhost").unwrap();
    let mail = &Mail::RegistrationRepeated { lost_password_url: format!("{}/lost-password", site.public_url) };
    let letter = Letter { id: b"one", to: ADA, language: Language::Greek, mail, date: BEGINNING };
    Mailer::new(settings, Arc::new(outbox.clone())).deliver(letter).await.unwrap();

    let mut browser = site.browser_at("127.0.0.1");
    browser.headers.insert(header::HOST, HeaderValue::from_static("localhost:8080"));
    browser.get(&format!("/dev/mail?key={KEY}")).await;
    let path = format!("/dev/mail/{}", outbox.list()[0].id);
    let page = browser.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_guarded(&page, &path);
    let policy = page.header("content-security-policy");
    let source = policy.split("; ").find_map(|directive| directive.strip_prefix("style-src ")).unwrap();

    let select = |text: &str| Selector::parse(text).unwrap();
    let (page, frame) = (Html::parse_document(&page.body), select("iframe[srcdoc]"));
    let frame = page.select(&frame).next().unwrap().value().attr("srcdoc").unwrap();
    let framed = Html::parse_document(frame);
    let blocks: Vec<String> = framed.select(&select("style")).map(|style| style.text().collect()).collect();
    let [block] = blocks.as_slice() else { panic!("{frame}") };
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, block.as_bytes());
    let hash = format!("'sha256-{}'", data_encoding::BASE64.encode(hash.as_ref()));
    let [nonce, own] = source.split(' ').collect::<Vec<_>>()[..] else { panic!("{source}") };
    assert!(nonce.starts_with("'nonce-"), "{source}");
    assert_eq!(own, hash, "the browser shows the mail with its styles");
    assert!(framed.select(&select("[style]")).next().is_none(), "what stands in an attribute is not let in");
}

#[tokio::test]
async fn development_aids_do_not_exist_on_a_real_site() {
    for url in ["https://login.example.org", "http://localhost:8080"] {
        let site = World::sqlite().await.site(Setup { public_url: url.to_owned(), ..Setup::default() }).await;
        let mut browser = site.browser_at("127.0.0.1");
        browser.headers.insert(header::HOST, HeaderValue::from_static("localhost"));
        for path in AIDS {
            assert_eq!(browser.get(&format!("{path}?key=")).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
}
