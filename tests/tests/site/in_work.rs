//! What is answered where there is no room for a request, and what takes no room.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use chancery_api::http::in_work::InWork;
use chancery_domain::application::Scope;
use chancery_tests::site::{ANSWER_AFTER, Browser, Form, Setup, TestSite, World, program};
use futures::SinkExt;
use futures::channel::mpsc::{self, Sender};
use tokio::task::JoinHandle;
use tower::ServiceExt;

/// A form on its way: its head has come, its body has begun to.
struct Posted {
    rest: String,
    body: Sender<Result<String, Infallible>>,
    answer: JoinHandle<Response>,
}

impl Posted {
    async fn begin(site: &TestSite, browser: &Browser<'_>, form: &Form) -> Self {
        // A part is sent when the one that reads has taken it.
        let (mut body, parts) = mpsc::channel(0);
        let cookies: Vec<String> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::post(&form.action)
            .header(header::COOKIE, cookies.join("; "))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, &site.public_url)
            .body(Body::from_stream(parts))
            .unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 50_000))));
        let router = site.router();
        let answer = tokio::spawn(async move { router.oneshot(request).await.unwrap() });
        let mut first = form.body();
        let rest = first.split_off(1);
        body.send(Ok(first)).await.unwrap();
        Self { rest, body, answer }
    }

    /// Sends the rest.
    async fn end(mut self) -> JoinHandle<Response> {
        self.body.send(Ok(self.rest)).await.unwrap();
        self.answer
    }
}

fn is_busy_page(answer: &program::Answer) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text);
    assert_eq!(answer.header("retry-after"), "2");
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cache-control", "no-store"),
        ("strict-transport-security", "max-age=63072000"),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    assert!(answer.header("content-security-policy").contains("form-action 'self'"), "that of a page");
}

#[tokio::test]
async fn one_request_in_work_where_there_is_one_place() {
    let setup = Setup { in_work: InWork::new(1, 1), ..Setup::default() };
    let site = World::sqlite().await.site(setup).await;
    site.age().await;
    let anybody = site.program("Rooms", &Scope::ALL).await;
    let mut browser = site.browser();
    let sign_in = browser.get("/login").await.form("/login").with("name", "ada@example.org");
    let lost = browser.get("/lost-password").await.form("/lost-password").solved().with("name", "ada@example.org");

    let (first, second) = (Posted::begin(&site, &browser, &lost).await, Posted::begin(&site, &browser, &sign_in).await);
    assert_eq!(anybody.get("/login").await.status, StatusCode::OK, "bodies on their way take no place");

    // The answer waits for its moment, and the clock stands still: the one place is taken.
    let first = first.end().await;
    site.clock.until_sleepers(1).await;
    is_busy_page(&anybody.get("/login").await);
    let second = second.end().await.await.unwrap();
    is_busy_page(&program::read(second).await);
    let problem = anybody.get("/v1/accounts").await;
    assert_eq!((problem.status, problem.problem()), (StatusCode::SERVICE_UNAVAILABLE, "busy"), "{}", problem.text);
    assert_eq!(problem.header("retry-after"), "2");
    assert_eq!(problem.header("content-type"), "application/problem+json");
    assert_eq!(problem.header("x-content-type-options"), "nosniff");
    assert_eq!(anybody.get("/health/live").await.status, StatusCode::OK);

    site.clock.advance(ANSWER_AFTER);
    assert_eq!(first.await.unwrap().status(), StatusCode::SEE_OTHER);
    assert_eq!(anybody.get("/login").await.status, StatusCode::OK, "there is a place again");
}
