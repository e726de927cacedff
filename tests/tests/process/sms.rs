//! The binary with a gateway for messages to telephones: what it is asked, and that it is reached only where it may be.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use chancery_tests::nats::until;
use chancery_tests::served::{Person, Served};
use chancery_tests::site::form_of;
use chancery_tests::smtp::SmtpSink;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const NUMBER: &str = "+32470123456";

async fn take(
    State(heard): State<UnboundedSender<(HeaderMap, Value)>>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, &'static str) {
    heard.send((headers, serde_json::from_str(&body).unwrap())).unwrap();
    (StatusCode::ACCEPTED, r#"{"status":"queued"}"#)
}

/// A gateway on this machine; its port, and what it is asked.
async fn gateway() -> (u16, UnboundedReceiver<(HeaderMap, Value)>) {
    let (heard, hears) = unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new().route("/v1/messages", post(take)).with_state(heard);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (port, hears)
}

/// The operator's file, as the manual shows it.
fn file(folder: &Path, port: u16) -> String {
    let path = folder.join("sms.toml");
    let toml = format!(
        r#"
        url = "http://127.0.0.1:{port}/v1/messages"
        body = '{{"to": "{{to}}", "text": "{{text}}", "reference": "{{id}}"}}'
        [headers]
        Content-Type = "application/json"
        Authorization = "Bearer hunter2"
        [success]
        status = [200, 202]
        json = {{ "/status" = "queued" }}
        "#
    );
    fs::write(&path, toml).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    path.display().to_string()
}

/// Somebody who has an account and has typed a telephone's number.
async fn begun(served: &Served, sink: &SmtpSink) -> Person {
    let (mut ada, email) = (served.person(), "ada@example.org");
    assert_eq!(ada.register("Ada", "Lovelace", email), "/check-mail");
    let link = sink.mail_to(email).await.path();
    assert_eq!(ada.follow_link(&link), "/account?done=welcome");
    let form = form_of(&ada.get("/account/security/phone"), "/account/security/phone").with("phone_number", NUMBER);
    assert_eq!(ada.post(&form), "/account/security/phone/code");
    ada
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_leaves_by_the_gateway_and_its_secret_stands_in_no_log() {
    let (sink, folder) = (SmtpSink::start().await, tempfile::tempdir().unwrap());
    let (port, mut hears) = gateway().await;
    let (file, url) = (file(folder.path(), port), sink.url());
    let sms = ["--sms-gateway", &file, "--outgoing-allow", "127.0.0.1"];
    let mail = ["--smtp", &url, "--mail-from", "no-reply@example.org"];
    let mut served = Served::start(&[&sms[..], &mail, &["--log-level", "debug"]].concat());
    assert!(!served.greeting.concat().contains("/dev/sms"), "there is a gateway");
    let mut ada = begun(&served, &sink).await;
    let (headers, body) = hears.recv().await.unwrap();
    assert_eq!((&headers["authorization"], &body["to"]), (&"Bearer hunter2".parse().unwrap(), &Value::from(NUMBER)));
    assert_eq!(body["reference"].as_str().unwrap().len(), 32);
    let text = body["text"].as_str().unwrap();
    let code = text.rsplit_once("\n@localhost #").unwrap().1;
    let form = form_of(&ada.get("/account/security/phone/code"), "/account/security/phone/code");
    assert_eq!(ada.post(&form.with("sms_code", code)), "/account/security?done=added-without-codes");

    let checked = served.beside([&["check"], &sms[..], &mail].concat());
    let out = String::from_utf8_lossy(&checked.stdout).into_owned();
    let line = out.lines().find(|line| line.split_whitespace().nth(1) == Some("sms"));
    assert!(
        line.unwrap().ends_with("the gateway's file can be used; 1 of 5000 messages of the day were sent"),
        "{out}"
    );
    served.stop();
    for told in ["hunter2", NUMBER, code] {
        assert!(!served.log().contains(told), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_on_this_machine_that_was_not_opened_is_never_reached() {
    let (sink, folder) = (SmtpSink::start().await, tempfile::tempdir().unwrap());
    let (port, mut hears) = gateway().await;
    let (file, url) = (file(folder.path(), port), sink.url());
    let served = Served::start(&["--sms-gateway", &file, "--smtp", &url, "--mail-from", "no-reply@example.org"]);
    begun(&served, &sink).await;
    until("the log says why", async || served.log().contains("set outgoing-allow if this is meant")).await;
    assert!(hears.try_recv().is_err());
}
