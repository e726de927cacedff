//! Jobs in processes of their own: what an operator meets.

use std::time::Duration;

use chancery_service::ports::{Clock, SystemClock};
use chancery_tests::nats::{NatsServer, client_of, documented_account, purge_until_replaced, until, until_within};
use chancery_tests::served::{Many, Served};
use chancery_tests::smtp::{Fault, How, Stage};
use futures::StreamExt;
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";
const BOB: &str = "bob@example.org";
/// For how long NATS is away.
const AWAY: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_wait_while_nats_is_away_and_people_do_not() {
    let nats = NatsServer::start().await;
    let url = nats.url();
    let mut many = Many::start(nats, &url).await;
    let working = many.work("work", &["--metrics-listen", "127.0.0.1:0"]);
    let mut ada = many.served.person();
    ada.register("Ada", "Lovelace", ADA);
    let link = many.mails.mail_to(ADA).await.path();
    assert_eq!(ada.follow_link(&link), "/account?done=welcome");
    until_check(&many, "nats", "ok", "").await;

    many.nats.stop().await;
    let away_since = SystemClock.now();
    assert!(many.check("nats").starts_with("FAIL"), "{}", many.check("nats"));
    let mut bob = many.served.person();
    assert_eq!(bob.register("Bob", "Babbage", BOB), "/check-mail");
    assert!(many.served.person().sign_in(ADA, chancery_tests::site::PASSWORD).contains("Ada Lovelace"));
    until_within(AWAY * 2, "20 s have passed", async || {
        assert!(ada.is_signed_in());
        SystemClock.now().since(away_since) >= AWAY
    })
    .await;
    assert!(!many.mails.mails().iter().any(|mail| mail.to.iter().any(|to| to == BOB)));
    many.nats.start_again().await;
    let link = many.mails.mail_to(BOB).await.path();
    assert_eq!(bob.follow_link(&link), "/account?done=welcome");
    many.assert_clean();
    drop(working);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_dead_in_one_process_is_seen_and_tried_again_from_another() {
    let nats = NatsServer::start().await;
    let url = nats.url();
    let many = Many::start(nats, &url).await;
    many.mails.fail(Fault::once(Stage::Rcpt, How::Answer("550 5.1.1 nobody".to_owned())));
    let _workers = [many.work("relay", &["--jobs", "relay"]), many.work("mail", &["--jobs", "mail"])];
    let mut ada = many.served.person();
    ada.register("Ada", "Lovelace", ADA);
    until_check(&many, "jobs", "FAIL", "mail has 1 dead: see 'chancery jobs'").await;
    let (_, list) = many.beside(&["jobs"]);
    let id =
        list.lines().find(|line| line.contains("refused 550")).unwrap().split_whitespace().next().unwrap().to_owned();
    let (code, shown) = many.beside(&["jobs", "show", &id]);
    assert!(code == Some(0) && shown.contains("state    dead"), "{shown}");
    assert_eq!(many.beside(&["jobs", "requeue", &id]), (Some(0), format!("{id} is tried again\n")));
    let link = many.mails.mail_to(ADA).await.path();
    assert_eq!(ada.follow_link(&link), "/account?done=welcome");
    until_check(&many, "jobs", "ok", "").await;
    many.assert_clean();
}

/// What a server without workers tells programs follows what `work` does: nothing else moves its read models.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_of_a_server_without_workers_see_what_work_did() {
    let nats = NatsServer::start().await;
    let url = nats.url();
    let many = Many::start(nats, &url).await;
    let (code, said) =
        many.beside(&["application", "register", "--name", "Rooms", "--scope", "accounts:read,accounts:invite"]);
    let secret = said.lines().find(|line| line.starts_with("chancery_as1_"));
    let program =
        Program { served: &many.served, secret: secret.unwrap_or_else(|| panic!("{code:?} {said}")).to_owned() };

    let invitation = json!({ "email": ADA, "first_name": "Ada", "last_name": "Lovelace" });
    let (status, invited) = program.ask("POST", "/v1/invitations", "Idempotency-Key: 1\r\n", &invitation.to_string());
    assert_eq!(status, 202, "{invited}");
    let text = |answer: &Value, name: &str| answer[name].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    let (id, position) = (text(&invited, "id"), text(&invited, "position"));
    // The read model stands still, as long as nobody moves it.
    let changes = |more: &str| program.ask("GET", &format!("/v1/accounts/changes?{more}"), "", "");
    let (status, behind) = changes(&format!("at-least={position}"));
    assert_eq!(status, 409, "{behind}");
    assert!(text(&behind, "type").ends_with("#problem-not-yet"), "{behind}");

    let _working = many.work("work", &[]);
    let link = many.mails.mail_to(ADA).await.path();
    let (status, told) = tokio::task::block_in_place(|| changes(&format!("wait=20&at-least={position}")));
    assert_eq!((status, &told["changes"][0]["gone"]), (200, &json!(false)), "{told}");
    let uid = text(&told["changes"][0], "uid");
    let (_, account) = program.ask("GET", &format!("/v1/accounts/{uid}"), "", "");
    assert_eq!((&account["email"], &account["state"]), (&json!(ADA), &json!("unconfirmed")));
    let state = || text(&program.ask("GET", &format!("/v1/invitations/{id}"), "", "").1, "state");
    assert_eq!(state(), "open");

    assert_eq!(many.served.person().follow_link(&link), "/account?done=welcome");
    let after = text(&told, "next");
    let (status, told) = tokio::task::block_in_place(|| changes(&format!("wait=20&after={after}")));
    assert_eq!((status, &told["changes"][0]["uid"]), (200, &json!(uid)), "{told}");
    assert_eq!(told["changes"][0]["fields"], json!(["state", "confirmed"]));
    until("the invitation is accepted", async || state() == "accepted").await;
}

/// A program with a real connection to one server.
struct Program<'a> {
    served: &'a Served,
    secret: String,
}

impl Program<'_> {
    /// One request: its status and what came back.
    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, Value) {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            self.secret,
            body.len()
        );
        let answer = self.served.raw(request.as_bytes());
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let status = head[9..12].parse().expect("a status");
        (status, serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}")))
    }
}

/// Waits for a line of `chancery check`.
async fn until_check(many: &Many, name: &str, mark: &str, words: &str) {
    until(&format!("{name}: {mark} {words}"), async || {
        let line = many.check(name);
        // Shown if the test fails.
        eprintln!("{line}");
        line.starts_with(mark) && line.contains(words)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documented_account_has_all_the_rights_that_are_needed_and_no_others() {
    let mut config = documented_account("hunter2");
    // Somebody else of the same account, who may do everything.
    config = config.replace("users: [{", "users: [{ user: admin, password: admin }, {");
    let server = NatsServer::start_with(&config).await;
    let (url, admin) = (server.url_of("chancery", "hunter2"), client_of(&server.url(), "admin", "admin").await);
    let admin = async_nats::jetstream::new(admin);
    let many = Many::start(server, &url).await;
    let _working = many.work("work", &[]);
    let mut ada = many.served.person();
    ada.register("Ada", "Lovelace", ADA);
    assert_eq!(ada.follow_link(&many.mails.mail_to(ADA).await.path()), "/account?done=welcome");
    until_check(&many, "nats", "ok", "").await;
    // A new generation, and the old one goes.
    purge_until_replaced(&admin).await;
    assert_eq!(many.served.person().register("Bob", "Babbage", BOB), "/check-mail");
    many.mails.mail_to(BOB).await;
    assert!(!many.nats.log().contains("Violation"), "{}", many.nats.log());
    assert!(!many.nats.log().contains("hunter2"));

    // What it does not need it may not.
    let other = client_of(&many.nats.url(), "chancery", "hunter2").await;
    let name = admin.stream_names().next().await.unwrap().unwrap();
    let purge = format!("$JS.API.STREAM.PURGE.{name}");
    let request = other.request(purge, "{}".into()).await;
    assert!(request.is_err(), "no right to purge");
    many.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_check_says_in_one_line_what_is_wrong_with_nats() {
    let lacking = documented_account("pw").replace("\"$JS.API.STREAM.MSG.GET.*\",", "");
    let server = NatsServer::start_with(&lacking).await;
    let url = server.url_of("chancery", "pw");
    let mut many = Many::start(server, &url).await;
    let _working = many.work("work", &[]);
    many.served.person().register("Ada", "Lovelace", ADA);
    let wrong = async |many: &Many, words: &str| until_check(many, "nats", "FAIL", words).await;
    wrong(&many, "the NATS account lacks a right: ").await;
    assert!(many.check("nats").contains("STREAM.MSG.GET"), "{}", many.check("nats"));

    for (config, words) in [
        ("jetstream: disabled", "JetStream is off"),
        ("max_payload: 65536\njetstream { store_dir: \"STORE\" }", "set its max_payload to at least 66559"),
    ] {
        many.nats.stop().await;
        many.nats.configure(&format!("{config}\nauthorization {{ user: chancery, password: pw }}"));
        many.nats.start_again().await;
        wrong(&many, words).await;
    }
    many.nats.stop().await;
    many.nats.configure(&documented_account("pw").replace("max_file: 1GB", "max_file: 1MB"));
    many.nats.start_again().await;
    wrong(&many, "the account's disk limit is 1048576 bytes, but the stream is to have 33554432: raise max_file").await;
    many.nats.stop().await;
    many.nats.configure(&documented_account("another"));
    many.nats.start_again().await;
    wrong(&many, "NATS refuses this user").await;
}

#[test]
fn a_second_process_on_sqlite_is_refused_with_what_to_do() {
    let mut served = Served::start(&[]);
    let refused = served.beside(["work", "--nats", "nats://127.0.0.1:4222"]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(said.starts_with("chancery: 'chancery work' needs PostgreSQL: "), "{said}");
    assert_eq!(said.lines().count(), 1);
    served.terminate();
    served.ended();
    let refused = served.beside(["serve", "--no-workers"]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(said.starts_with("chancery: --no-workers needs PostgreSQL: "), "{said}");
}
