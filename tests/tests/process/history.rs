//! A database that was put back from a copy, or a standby that was promoted short of its primary, is another history: nobody
//! is served by it before an operator has begun a new epoch, and nothing of the old one is worth anything then.

use std::fs;
use std::time::Duration;

use chancery_domain::log::KnownHead;
use chancery_tests::audit::{last_known, last_seen};
use chancery_tests::postgres::{Server, program};
use chancery_tests::served::{OnPostgres, Person, Served};
use chancery_tests::site::PASSWORD;
use chancery_tests::smtp::SmtpSink;

const ADA: &str = "ada@example.org";
const REASON: [&str; 4] = ["log", "new-epoch", "--reason", "the disk died"];

async fn registered(service: &Served, sink: &SmtpSink) -> Person {
    let mut ada = service.person();
    assert_eq!(ada.register("Ada", "Lovelace", ADA), "/check-mail");
    let link = sink.mail_to(ADA).await.link();
    assert_eq!(ada.follow_link(link[link.find("/l/").unwrap()..].trim()), "/account?done=welcome");
    ada
}

/// What readiness says once it says this.
async fn readiness(service: &Served, part: &str) -> String {
    let asked = "GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut answer = String::new();
    for _ in 0..1200 {
        answer = service.raw(asked.as_bytes());
        if answer.contains(part) {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it never says {part}: {answer}")
}

fn said(output: &std::process::Output) -> String {
    [&output.stdout[..], &output.stderr].concat().iter().map(|byte| char::from(*byte)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_put_back_is_another_history() {
    let sink = SmtpSink::start().await;
    let mut service = Served::start(&["--smtp", &sink.url(), "--mail-from", "no-reply@example.org"]);
    let mut ada = registered(&service, &sink).await;
    service.stop();
    let data = service.folder().join("data");
    let database = data.join("chancery.db");
    let copy = service.folder().join("copy.db");
    fs::copy(&database, &copy).unwrap();

    service.again().unwrap();
    assert!(ada.is_signed_in());
    assert!(service.person().sign_in(ADA, PASSWORD).contains("Ada Lovelace"), "this sign-in will be lost");
    service.stop();
    for beside in ["-wal", "-shm"] {
        let _ = fs::remove_file(service.folder().join(format!("data/chancery.db{beside}")));
    }
    fs::copy(&copy, &database).unwrap();

    let refused = service.again().unwrap_err();
    assert!(refused.contains("run 'chancery log new-epoch --reason …'"), "{refused}");
    for command in [&["account", "suspend", "n7k2m9qx", "--reason", "x"][..], &["check"], &["jobs"]] {
        let output = service.beside(command);
        assert_eq!(output.status.code(), Some(1), "{command:?}: {}", said(&output));
        assert!(said(&output).contains("the log was seen here up to position"), "{command:?}: {}", said(&output));
    }
    let seen = last_seen(&data);
    let begun = service.beside(REASON);
    assert!(said(&begun).contains("the log is in epoch 2: start every server and worker again"), "{}", said(&begun));
    assert_eq!(last_known(&data).await, Some(seen), "its first event names what was seen");
    service.again().unwrap();
    assert!(readiness(&service, "ready").await.contains("\"epoch\":2"));
    assert!(!ada.is_signed_in(), "a session of the epoch before");
    assert!(ada.sign_in(ADA, PASSWORD).contains("Ada Lovelace"));
    // And back to the copy of the epoch before: what was seen is of a younger one.
    service.stop();
    for beside in ["-wal", "-shm"] {
        let _ = fs::remove_file(service.folder().join(format!("data/chancery.db{beside}")));
    }
    fs::copy(&copy, &database).unwrap();
    let refused = service.again().unwrap_err();
    assert!(refused.contains("epoch 2 of the log was seen here and the database is in epoch 1"), "{refused}");
    // Elsewhere a newer event was seen. One that is older than what was seen here is none of the last.
    let seen = last_seen(&data);
    let told = |position: i64| {
        let head = format!("{}.{position}.{}", seen.epoch, "ab".repeat(32));
        service.beside([&REASON[..], &["--last-known-head", head.as_str()]].concat())
    };
    let refused = told(seen.position - 1);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(said(&refused).contains("the data folder itself knows a newer event"), "{}", said(&refused));
    let begun = told(seen.position + 7);
    assert!(said(&begun).contains("the log is in epoch 3"), "no epoch comes twice: {}", said(&begun));
    let elsewhere = KnownHead { epoch: 2, position: seen.position + 7, record: [0xab; 32] };
    assert_eq!(last_known(&data).await, Some(elsewhere));
    service.again().unwrap();
    service.assert_clean(&[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dump_put_back_under_a_running_service_stops_it() {
    let server = Server::start(&[]).await;
    let sink = SmtpSink::start().await;
    let database = OnPostgres::new(&server, &sink).await;
    let mut service = database.serve();
    let mut ada = registered(&service, &sink).await;
    let whole = server.url_of(&database.database);
    let dump = server.folder().join("dump");
    server.run(&[&program("pg_dump"), "--format=custom", "--file", dump.to_str().unwrap(), &whole]);
    assert!(service.person().sign_in(ADA, PASSWORD).contains("Ada Lovelace"), "this sign-in will be lost");

    let maintenance = server.url_of("postgres");
    server.run(&[&program("dropdb"), "--force", "--maintenance-db", &maintenance, &database.database]);
    server.run(&[&program("createdb"), "--maintenance-db", &maintenance, "--template=template0", &database.database]);
    server.run(&[&program("pg_restore"), "--exit-on-error", "--dbname", &whole, dump.to_str().unwrap()]);

    readiness(&service, "the log was seen here up to position").await;
    let refused = service.raw(b"GET /account HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(!refused.starts_with("HTTP/1.1 500"), "{refused}");
    let arguments: Vec<&str> = database.arguments().iter().map(String::as_str).collect();
    let begun = service.beside([&REASON[..], &arguments].concat());
    assert!(said(&begun).contains("the log is in epoch 2"), "{}", said(&begun));
    assert_eq!(service.ended().code(), Some(1), "{}", service.log());
    assert!(service.log().contains("the log has begun a new epoch"), "{}", service.log());
    service.again().unwrap();
    assert!(!ada.is_signed_in(), "a session of the epoch before");
    assert!(ada.sign_in(ADA, PASSWORD).contains("Ada Lovelace"));
    service.assert_clean(&arguments);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_lacks_acknowledged_events_is_another_history() {
    let server = Server::start(&[]).await;
    let mut standby = server.standby().await;
    let sink = SmtpSink::start().await;
    let database = OnPostgres::new(&server, &sink).await;
    let mut service = database.serve();
    let mut ada = registered(&service, &sink).await;
    server.is_followed_by(&standby).await;
    standby.stop().await;
    assert!(service.person().sign_in(ADA, PASSWORD).contains("Ada Lovelace"), "this sign-in will be lost");

    let _promoted = server.replaced_by(standby).await;
    readiness(&service, "the log was seen here up to position").await;
    let arguments: Vec<&str> = database.arguments().iter().map(String::as_str).collect();
    let begun = service.beside([&REASON[..], &arguments].concat());
    assert!(said(&begun).contains("the log is in epoch 2"), "{}", said(&begun));
    assert_eq!(service.ended().code(), Some(1), "{}", service.log());
    service.again().unwrap();
    assert!(ada.sign_in(ADA, PASSWORD).contains("Ada Lovelace"));
    service.assert_clean(&arguments);
}

/// A standby that has everything goes on in the primary's place, and nobody has to do anything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_has_everything_is_the_same_history() {
    let server = Server::start(&[]).await;
    let mut standby = server.standby().await;
    let sink = SmtpSink::start().await;
    let database = OnPostgres::new(&server, &sink).await;
    let service = database.serve();
    let mut ada = registered(&service, &sink).await;
    server.is_followed_by(&standby).await;
    standby.stop().await;
    let _promoted = server.replaced_by(standby).await;
    assert!(ada.is_signed_in());
    assert!(service.person().sign_in(ADA, PASSWORD).contains("Ada Lovelace"));
    readiness(&service, "\"status\":\"ready\"").await;
    let arguments: Vec<&str> = database.arguments().iter().map(String::as_str).collect();
    service.assert_clean(&arguments);
}

/// With synchronous replication nothing that was acknowledged is lost when the primary is, and nobody has to do anything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_servers_the_one_that_was_promoted_is_used() {
    let mut server = Server::start(&[]).await;
    let standby = server.standby().await;
    server.be_synchronous().await;
    let sink = SmtpSink::start().await;
    let database = OnPostgres::with_standby(&server, Some(&standby), &sink).await;
    let service = database.serve();
    let mut ada = registered(&service, &sink).await;
    let mut phone = service.person();
    assert!(phone.sign_in(ADA, PASSWORD).contains("Ada Lovelace"));
    server.kill9().await;
    standby.promote().await;
    assert!(phone.is_signed_in() && ada.is_signed_in());
    assert!(service.person().sign_in(ADA, PASSWORD).contains("Ada Lovelace"));
    readiness(&service, "\"status\":\"ready\"").await;
    assert!(service.log().contains("the primary is another server now"), "{}", service.log());
    let arguments: Vec<&str> = database.arguments().iter().map(String::as_str).collect();
    service.assert_clean(&arguments);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_in_recovery_is_no_primary() {
    let server = Server::start(&[]).await;
    let sink = SmtpSink::start().await;
    let database = OnPostgres::new(&server, &sink).await;
    let mut service = database.serve();
    service.stop();
    let mut standby = server.standby().await;
    standby.stop().await;
    let _standby = server.replaced_by_standby(standby).await;
    let refused = service.again().unwrap_err();
    assert!(refused.contains("the database server is in recovery: name the primary instead"), "{refused}");
}
