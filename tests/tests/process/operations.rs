//! The running service as an operator knows it: what it measures, what a command beside it does at once, how it stops
//! while there is still something to do.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::Duration;

use chancery_domain::values::Uid;
use chancery_service::ports::{Clock, SystemClock};
use chancery_tests::environment;
use chancery_tests::nats::until;
use chancery_tests::net::{free_port, get};
use chancery_tests::served::{Person, Served};
use chancery_tests::site::{PASSWORD, form_of};
use chancery_tests::smtp::SmtpSink;
use rustix::process::{Pid, Signal, kill_process};

const ADA: &str = "ada@example.org";

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

    let nothing = served.beside(["account", "reset-factors", uid, "--reason", "a lost phone"]);
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("has no second factor"), "{nothing:?}");
}

/// The code of the newest message to a telephone, as a developer reads it.
async fn sms_code(served: &Served) -> String {
    let mut developer = served.person();
    let mut code = None;
    until("a message", async || {
        let page = developer.get(&served.messages());
        let shown = page.split_once("@localhost #").and_then(|(_, rest)| rest.split('<').next());
        code = shown.map(|shown| shown.trim().to_owned());
        code.is_some()
    })
    .await;
    code.unwrap()
}

/// Somebody adds a telephone, says that it is lost, and finds it again; then it is lost for good.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn second_factors_are_given_back_and_taken_away_by_commands_beside_the_service() {
    let sink = SmtpSink::start().await;
    // Whoever just began has half of each limit.
    let limits = ["--limit-mail-network-hour", "20", "--limit-mail-network-day", "20"];
    let mut served = Served::start(&[&["--smtp", &sink.url()][..], &limits].concat());
    let mut ada = joined(&served, &sink).await;
    let page = ada.get("/account");
    let uid = page.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| Uid::parse(word).is_ok()).unwrap();
    let form = form_of(&ada.get("/account/security/phone"), "/account/security/phone");
    assert_eq!(ada.post(&form.with("phone_number", "+32470123456")), "/account/security/phone/code");
    let code = sms_code(&served).await;
    let form = form_of(&ada.get("/account/security/phone/code"), "/account/security/phone/code");
    assert_eq!(ada.post(&form.with("sms_code", &code)), "/account/security?done=added-without-codes");
    // What comes after the password in a browser that has never been here.
    let after_password = |served: &Served| {
        let mut person = served.person();
        let page = person.sign_in(ADA, PASSWORD);
        (person, page)
    };
    let run = |served: &Served, name: &str| {
        let output = served.beside(["account", name, uid, "--reason", "seen in person"]);
        let said = [&output.stdout[..], &output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    };
    let (done, said) = run(&served, "resume-factors");
    assert!(!done && said.contains("has no second factor that its owner suspended as lost"), "{said}");

    let (mut elsewhere, page) = after_password(&served);
    assert!(page.contains("method=sms"), "{page}");
    let form = form_of(&elsewhere.get("/login/lost"), "/login/lost");
    elsewhere.submit(&form);
    let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mail = sink.wait_until("a link", |mail| words(mail.text()).contains("asked for a link to suspend them")).await;
    let link = mail.links().into_iter().find_map(|link| link.find("/l/").map(|at| link[at..].to_owned())).unwrap();
    let form = form_of(&elsewhere.get(&link), &link).with("password", PASSWORD);
    let page = elsewhere.submit(&form);
    assert!(page.contains("Your devices are suspended"), "{page}");
    assert!(!after_password(&served).1.contains("method=sms"));

    let (done, said) = run(&served, "resume-factors");
    assert!(done && said.contains("can use its second factors again, in force at once"), "{said}");
    assert!(after_password(&served).1.contains("method=sms"));
    let (done, said) = run(&served, "reset-factors");
    assert!(done && said.contains("has no second factor any more, and its sessions have ended"), "{said}");
    let (mut person, page) = after_password(&served);
    assert!(page.contains("Ada Lovelace") && person.is_signed_in(), "the password is enough: {page}");
    let told = "an administrator of Chancery removed";
    sink.wait_until(told, |mail| words(mail.text()).contains(told)).await;
    let history = served.beside(["audit", "history", uid]);
    let history = String::from_utf8_lossy(&history.stdout).into_owned();
    for sentence in
        ["A suspended second factor counts again, by the administrator ", "took all second factors away, by"]
    {
        assert!(history.contains(sentence), "{sentence}: {history}");
    }
    served.stop();
    served.assert_clean(&[]);
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
    served.assert_clean(&[]);
}

/// The next word of the process to its service manager.
fn told(socket: &UnixDatagram) -> String {
    let mut word = [0; 256];
    let length = socket.recv(&mut word).expect("a word in time");
    String::from_utf8_lossy(&word[..length]).trim().to_owned()
}

#[test]
fn a_service_manager_is_told_that_it_is_ready_that_it_lives_and_that_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut child = Command::new(environment::chancery())
        .env_clear()
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "200000")
        .args(["serve", "--hash-memory", "7MiB", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path().join("data"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    assert_eq!(told(&socket), "READY=1");
    assert_eq!([told(&socket), told(&socket), told(&socket)], ["WATCHDOG=1"; 3]);
    kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), Signal::TERM).unwrap();
    let words = std::iter::repeat_with(|| told(&socket)).find(|word| word != "WATCHDOG=1");
    assert_eq!(words.as_deref(), Some("STOPPING=1"));
    assert!(child.wait().unwrap().success());
}
