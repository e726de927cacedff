//! The running service gets SIGKILL in the midst of a mail. The mail server has it, and nobody recorded that: the service
//! sends the same mail again, with the same Message-ID and the same link, and that is all that happens.

use std::sync::Arc;
use std::time::Duration;

use chancery_tests::nats::{until, until_within};
use chancery_tests::net::{free_port, get};
use chancery_tests::postgres::Server;
use chancery_tests::served::{OnPostgres, Served};
use chancery_tests::smtp::{Fault, How, SmtpSink, Stage};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};
use tokio::sync::Notify;

const ADA: &str = "ada@example.org";

/// Longer than it takes until a process that says nothing is known to be dead.
const TAKEN_OVER: Duration = Duration::from_secs(60);

/// How often the log tells of an event of this type, as an auditor counts it.
fn told(service: &Served, database: &[String], event_type: &str) -> usize {
    let replay = ["audit", "replay", "--json"].map(ToOwned::to_owned);
    let replayed = service.beside(replay.iter().chain(database));
    assert!(replayed.status.success(), "{}", String::from_utf8_lossy(&replayed.stderr));
    let event_type = serde_json::Value::from(event_type);
    let log = String::from_utf8_lossy(&replayed.stdout).into_owned();
    log.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["type"] == event_type).count()
}

/// A service whose metrics are at this port, and whose mail server has a mail and has not answered yet.
async fn held(service: &Served, sink: &SmtpSink) -> Arc<Notify> {
    let answer = Arc::new(Notify::new());
    sink.fail(Fault::once(Stage::Content, How::DoAndWait(Arc::clone(&answer))).to(ADA));
    assert_eq!(service.person().register("Ada", "Lovelace", ADA), "/check-mail");
    sink.wait_for(1).await;
    answer
}

/// Waits until the service has heard that the mail was taken.
async fn heard(metrics: u16) {
    until("the service hears the answer", async || {
        get(metrics, "/metrics").contains("chancery_mails_total{outcome=\"sent\"} 1")
    })
    .await;
}

/// Starts the killed service again: it sends the same mail, once, and records that; the link works.
async fn goes_on(mut service: Served, sink: &SmtpSink, database: &[String]) {
    assert_eq!(told(&service, database, "account.email_link_sent"), 0, "nobody recorded that the mail left");
    service.again().unwrap();
    until_within(TAKEN_OVER, "the mail is sent again", async || sink.mails().len() == 2).await;
    until("and that is recorded", async || told(&service, database, "account.email_link_sent") == 1).await;
    until("no mail waits any more", async || {
        let jobs = service.beside(["jobs"].map(ToOwned::to_owned).iter().chain(database));
        !String::from_utf8_lossy(&jobs.stdout).lines().any(|line| line.starts_with("mail "))
    })
    .await;

    let mails = sink.mails();
    assert_eq!(mails.len(), 2, "the same mail again, and no other: {mails:?}");
    assert!(!mails[0].message_id().is_empty());
    assert_eq!(mails[0].message_id(), mails[1].message_id());
    assert_eq!(mails[0].link(), mails[1].link());
    assert_eq!(mails[0].raw, mails[1].raw, "the same to the byte");
    assert_eq!(told(&service, database, "account.email_link_requested"), 1, "one link");
    assert_eq!(service.person().follow_link(&mails[0].path()), "/account?done=welcome");
    let arguments: Vec<&str> = database.iter().map(String::as_str).collect();
    service.assert_clean(&arguments);
}

/// A service on SQLite, and the port of its metrics.
fn on_sqlite(sink: &SmtpSink) -> (Served, u16) {
    let port = free_port();
    let metrics = format!("127.0.0.1:{port}");
    (Served::start(&["--smtp", &sink.url(), "--metrics-listen", &metrics]), port)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_the_mail_servers_answer_it_sends_the_same_mail_again() {
    let sink = SmtpSink::start().await;
    let (mut service, _) = on_sqlite(&sink);
    let _answer = held(&service, &sink).await;
    service.kill();
    goes_on(service, &sink, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_the_answer_and_the_record_on_sqlite_it_sends_the_same_mail_again() {
    let sink = SmtpSink::start().await;
    let (mut service, metrics) = on_sqlite(&sink);
    let answer = held(&service, &sink).await;
    // Whoever holds the file's lock keeps the record from being written.
    let file = service.folder().join("data").join("chancery.db");
    let mut lock = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    lock.execute("BEGIN IMMEDIATE").await.unwrap();
    answer.notify_one();
    heard(metrics).await;
    service.kill();
    lock.close().await.unwrap();
    goes_on(service, &sink, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_the_answer_and_the_record_on_postgresql_it_sends_the_same_mail_again() {
    let server = Server::start(&[]).await;
    let (sink, metrics) = (SmtpSink::start().await, free_port());
    let database = OnPostgres::new(&server, &sink).await;
    let mut service = database.serve_with(&["--metrics-listen", &format!("127.0.0.1:{metrics}")]);
    let answer = held(&service, &sink).await;
    let superuser = server.superuser().database(&database.database);
    let mut lock = superuser.connect().await.unwrap();
    lock.execute("BEGIN; SELECT FROM chancery.head FOR UPDATE").await.unwrap();
    answer.notify_one();
    heard(metrics).await;
    service.kill();
    end_sessions(superuser.connect().await.unwrap(), &format!("{}_service", database.database)).await;
    lock.close().await.unwrap();
    goes_on(service, &sink, database.arguments()).await;
}

/// Ends what the killed process left in the database: it waits for the lock, and would write when it gets it.
async fn end_sessions(mut superuser: PgConnection, role: &str) {
    let theirs = format!("FROM pg_stat_activity WHERE usename = '{role}'");
    superuser.execute(AssertSqlSafe(format!("SELECT pg_terminate_backend(pid) {theirs}"))).await.unwrap();
    let count = format!("SELECT count(*) {theirs}");
    loop {
        let left: i64 = sqlx::query_scalar(AssertSqlSafe(count.clone())).fetch_one(&mut superuser).await.unwrap();
        if left == 0 {
            break;
        }
    }
}
