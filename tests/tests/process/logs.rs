//! What the running service logs: each line of a request with the request's id, and nothing that tells who it was.

use std::collections::BTreeSet;

use chancery_tests::collector::Collector;
use chancery_tests::served::Served;
use chancery_tests::site::{PASSWORD, form_of};
use chancery_tests::smtp::SmtpSink;
use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

const ADA: &str = "ada.of.the.log@example.org";
const NETWORK: &str = "203.0.113.77";
const WRONG: &str = "Wrong-horse7battery";
/// The password that is set in place of the lost one.
const RESET: &str = "Staple-horse9battery";
/// The one that this is changed to.
const CHANGED: &str = "Another-horse8battery";

/// The lines that no request leads to: what starts, what runs by itself.
fn is_of_a_request(line: &Value) -> bool {
    let own = [
        "request-registration",
        "complete-registration",
        "sign-in",
        "record-sign-in-failures",
        "request-password-reset",
        "complete-reset",
        "change-password",
    ];
    line["target"].as_str().unwrap().starts_with("chancery_api")
        || line["command"].as_str().is_some_and(|command| own.contains(&command))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_line_of_a_request_has_its_id_and_none_tells_who_asked() {
    lines_have_ids_and_tell_nobody(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_beside_traces_is_the_same() {
    let collector = Collector::start().await;
    lines_have_ids_and_tell_nobody(&["--otlp-endpoint", collector.url()]).await;
    assert!(!collector.spans().is_empty());
}

async fn lines_have_ids_and_tell_nobody(more: &[&str]) {
    let sink = SmtpSink::start().await;
    let arguments = [
        "--log-format",
        "json",
        "--log-level",
        "trace",
        "--trusted-proxies",
        "127.0.0.1/32",
        "--mail-from",
        "no-reply@example.org",
    ];
    let url = sink.url();
    let mut served = Served::start(&[&arguments[..], &["--smtp", &url], more].concat());
    let mut ada = served.person();
    ada.headers = vec![format!("X-Forwarded-For: {NETWORK}"), "User-Agent: Lovelace-Browser/7".to_owned()];
    assert_eq!(ada.register("Augusta", "Kingova", ADA), "/check-mail");
    let mail = sink.mail_to(ADA).await;
    let (link, code) = (mail.path(), mail.code());
    // A wrong code first: what is typed there is as secret as the right one.
    for typed in ["ZZZZ-9999", &code] {
        let form = form_of(&ada.get("/check-mail"), "/check-mail").with("code", typed);
        ada.submit(&form);
    }
    ada.get(&format!("{link}?typed=Kingova"));
    assert_eq!(ada.follow_link(&link), "/account?done=welcome");
    let first_session = ada.cookies["chancery-session"].clone();
    let form = form_of(&ada.get("/account"), "/sign-out");
    ada.submit(&form);
    for password in [WRONG, PASSWORD] {
        ada.sign_in(ADA, password);
    }
    assert!(ada.get("/account").contains("Kingova"));
    let form = form_of(&ada.get("/lost-password"), "/lost-password").solved().with("name", ADA);
    assert_eq!(ada.post(&form), "/check-mail");
    let lost = sink.wait_until("a reset", |mail| mail.subject().starts_with("Set a new password")).await;
    let (lost_link, lost_code) = (lost.path(), lost.code());
    let form = form_of(&ada.get(&lost_link), &lost_link);
    // From a link's page on, a browser tells our other pages where it was: at a link that is still open.
    ada.headers.push(format!("Referer: {}{lost_link}", served.url));
    assert!(ada.get("/account").contains("Kingova"));
    assert_eq!(ada.ask("GET", "/nowhere/Kingova", "").status, 404);
    let set = form.with("new_password", RESET).with("confirm_password", RESET);
    assert_eq!(ada.post(&set), "/account?done=password-reset");
    let form = form_of(&ada.get("/account"), "/account/password").with("current_password", RESET);
    let changed = form.with("new_password", CHANGED).with("confirm_password", CHANGED);
    assert_eq!(ada.post(&changed), "/account?done=password-changed");
    let told = sink.wait_until("a change", |mail| mail.subject().starts_with("Your password for")).await.link();
    served.terminate();
    assert!(served.ended().success());

    let log = served.log();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_requests: Vec<&Value> = lines.iter().filter(|line| is_of_a_request(line)).collect();
    for line in &of_requests {
        let id: uuid::Uuid = line["span"]["id"].as_str().unwrap_or_else(|| panic!("no id: {line}")).parse().unwrap();
        assert_eq!(id.get_version_num(), 7, "the service's own: {line}");
    }
    let answered: Vec<&&Value> = of_requests.iter().filter(|line| line["message"] == "answered").collect();
    let ids: BTreeSet<&str> = answered.iter().map(|line| line["span"]["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), answered.len(), "each request has one of its own");
    let routes: BTreeSet<&str> = answered.iter().map(|line| line["span"]["route"].as_str().unwrap()).collect();
    for route in ["/register", "/l/{token}", "/login/password", "/lost-password", "/account/password", "none"] {
        assert!(routes.contains(route), "{route}: {routes:?}");
    }
    let commands: BTreeSet<&str> = of_requests.iter().filter_map(|line| line["command"].as_str()).collect();
    assert_eq!(commands.len(), 7, "{commands:?}");

    let data = std::fs::read_dir(served.folder().join("data")).unwrap();
    let files: Vec<u8> = data.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap_or_default()).collect();
    assert!(files.windows(15).any(|bytes| bytes == b"account.created"), "the log is among them");
    let (token, session) = (&link["/l/".len()..], &ada.cookies["chancery-session"]);
    let (_, disown) = told.rsplit_once('/').unwrap();
    let typed = code.replace('-', "");
    let browser = &ada.cookies["chancery-browser"];
    for (what, secret) in [
        ("the address", ADA),
        ("the address", "ada.of.the.log"),
        ("a name", "Augusta"),
        ("a name", "Kingova"),
        ("the link", token),
        ("the lost password's link", &lost_link["/l/".len()..]),
        ("the lost password's code", &lost_code),
        ("the link that disowns a change", disown),
        ("the code", &code),
        ("the code", &typed),
        ("a wrong code", "ZZZZ"),
        ("the password", PASSWORD),
        ("a wrong password", WRONG),
        ("the password that was set", RESET),
        ("the password that it was changed to", CHANGED),
        ("a session", &first_session),
        ("a session", session),
        ("the browser", browser),
        ("the network", NETWORK),
        ("the user agent", "Lovelace-Browser"),
    ] {
        assert!(!secret.is_empty());
        let line = log.lines().find(|line| line.to_lowercase().contains(&secret.to_lowercase()));
        assert_eq!(line, None, "{what} is in the log");
        // What is short may lie there by chance.
        let is_kept = secret.len() > 6 && files.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
        assert!(!is_kept, "{what} lies in a file in the clear");
    }
    for secret in [&first_session, session] {
        let bytes = BASE64URL_NOPAD.decode(secret.as_bytes()).unwrap();
        assert!(bytes.len() == 32 && !files.windows(32).any(|kept| kept == bytes), "a session's secret lies in a file");
    }
}
