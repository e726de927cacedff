//! The running service as an operator knows it: what it measures, what a command beside it does at once, how it stops
//! while there is still something to do.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use chancery_domain::values::Uid;
use chancery_service::ports::{Clock, SystemClock};
use chancery_tests::served::{Person, Served};
use chancery_tests::site::PASSWORD;
use chancery_tests::smtp::SmtpSink;

const ADA: &str = "ada@example.org";

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The answer to a GET; empty where nobody listens any more.
fn get(port: u16, path: &str) -> String {
    let ask = || {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map(|_| answer)
    };
    ask().unwrap_or_default()
}

async fn joined(served: &Served, sink: &SmtpSink) -> Person {
    let mut ada = served.person();
    ada.register("Ada", "Lovelace", ADA);
    let link = sink.mail_to(ADA).await.path();
    assert_eq!(ada.follow_link(&link), "/account?done=welcome");
    ada
}

/// A metric's value.
fn value(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_story_is_measured() {
    let (sink, port) = (SmtpSink::start().await, free_port());
    let metrics_listen = format!("127.0.0.1:{port}");
    let served = Served::start(&["--smtp", &sink.url(), "--metrics-listen", &metrics_listen]);
    let mut ada = joined(&served, &sink).await;
    ada.sign_in(ADA, "Wrong-horse7battery");
    assert!(ada.sign_in(ADA, PASSWORD).contains("Ada Lovelace"));
    let text = loop {
        let text = get(port, "/metrics");
        let head = value(&text, "chancery_log_position");
        let model = value(&text, "chancery_projection_position{projection=\"activity_v1\"}");
        // The head is looked at each second; the read model follows at once.
        if head.is_some_and(|head| head > 8.0 && model.is_some_and(|model| model >= head)) {
            break text;
        }
    };
    for (name, least) in [
        ("chancery_sign_ins_total{outcome=\"accepted\"}", 1.0),
        ("chancery_sign_ins_total{outcome=\"refused\"}", 1.0),
        ("chancery_appends_total", 5.0),
        ("chancery_append_batch_commands_count", 5.0),
        ("chancery_append_batch_commands_bucket{le=\"1\"}", 1.0),
        ("chancery_append_queue_depth", 0.0),
        ("chancery_mails_total{outcome=\"sent\"}", 1.0),
        ("chancery_jobs_total{job=\"mail\",outcome=\"done\"}", 1.0),
        ("chancery_password_hash_queue_depth", 0.0),
        ("chancery_clock_skew_seconds", 0.0),
        ("chancery_commands_total{command=\"sign-in\",aggregate=\"account\"}", 1.0),
    ] {
        assert!(value(&text, name).is_some_and(|value| value >= least), "{name} is not {least} or more in {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_taken_from_a_thief_by_a_command_beside_the_service() {
    let sink = SmtpSink::start().await;
    let served = Served::start(&["--smtp", &sink.url()]);
    let mut ada = joined(&served, &sink).await;
    let page = ada.get("/account");
    let uid = page.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| Uid::parse(word).is_ok()).unwrap();
    let measure = |name: &str| {
        let output = served.beside(["account", name, uid, "--reason", "a stolen phone"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let mut thief = served.person();
    assert!(thief.sign_in(ADA, PASSWORD).contains("Ada Lovelace"));
    assert!(ada.is_signed_in() && thief.is_signed_in());

    measure("end-sessions");
    assert!(!thief.is_signed_in() && !ada.is_signed_in(), "in the very next request");
    assert!(ada.sign_in(ADA, PASSWORD).contains("Ada Lovelace"), "who knows the password gets back in");

    measure("suspend");
    assert!(!ada.is_signed_in(), "in the very next request");
    ada.sign_in(ADA, PASSWORD);
    assert!(!ada.is_signed_in(), "not even with the password");

    measure("resume");
    assert!(ada.sign_in(ADA, PASSWORD).contains("Ada Lovelace"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_stops_in_time_whoever_keeps_it_waiting() {
    // A mail server that takes connections and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let smtp = format!("smtp-cleartext://127.0.0.1:{}", silent.local_addr().unwrap().port());
    let arguments = ["--smtp", &smtp, "--public-url", "https://login.example.org"];
    let mut served = Served::start_at(free_port(), &arguments);
    assert_eq!(served.person().register("Ada", "Lovelace", ADA), "/check-mail");
    let mail_under_way = silent.accept().unwrap();

    let mut kept = served.connect();
    kept.write_all(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    kept.read_exact(&mut [0; 16]).unwrap();
    let mut slow = served.connect();
    let head = "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Content-Length: 1000\r\n\r\nname=slow";
    slow.write_all(head.as_bytes()).unwrap();
    assert!(get(served.port, "/health/ready").starts_with("HTTP/1.1 200 "));

    let told = SystemClock.now();
    served.terminate();
    let turned = std::iter::repeat_with(|| get(served.port, "/health/ready"));
    let turned = turned.into_iter().find(|answer| !answer.starts_with("HTTP/1.1 200 ")).unwrap();
    assert!(turned.starts_with("HTTP/1.1 503 "), "not ready before it is gone: {turned}");
    assert!(get(served.port, "/health/live").starts_with("HTTP/1.1 200 "), "it still answers");
    let status = served.ended();
    let took = SystemClock.now().since(told);
    assert!(status.success(), "{status}: {}", served.log());
    assert!(took < Duration::from_secs(10), "it took {took:?}: {}", served.log());
    drop((mail_under_way, kept, slow));
}
