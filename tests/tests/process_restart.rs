//! The whole way in, out and back on PostgreSQL with a real mail server, while PostgreSQL is killed and started again in the middle.
//!
//! The person presses a button again where a person would, and is not stranded.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use chancery_eventstore::PostgresMigrator;
use chancery_tests::postgres::Server;
use chancery_tests::served::{Person, Served};
use chancery_tests::site::{Form, PASSWORD, form_of};
use chancery_tests::smtp::SmtpSink;
use sqlx::{ConnectOptions, Executor};

const ADA: &str = "ada@example.org";

async fn served(server: &Server, sink: &SmtpSink) -> (Served, tempfile::TempDir) {
    let database = server.database().await;
    PostgresMigrator::new(database.superuser(), Some("chancery_story".to_owned())).up().await.unwrap();
    let mut owner = database.superuser().connect().await.unwrap();
    owner.execute("ALTER ROLE chancery_story PASSWORD 'secret'").await.unwrap();
    drop(owner);
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    fs::write(&password, "secret\n").unwrap();
    fs::set_permissions(&password, Permissions::from_mode(0o600)).unwrap();
    let url = format!("postgres://chancery_story@{}/{}", server.address(), database.name());
    // The database is the server's own, and goes with it.
    std::mem::forget(database);
    let arguments = ["--database", &url, "--smtp", &sink.url(), "--mail-from", "no-reply@example.org"];
    let password = ["--database-password-file", password.to_str().unwrap()];
    (Served::start(&[&arguments[..], &password].concat()), folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_is_killed_between_and_during_every_step() {
    let mut server = Server::start(&[]).await;
    let sink = SmtpSink::start().await;
    let (service, _folder) = served(&server, &sink).await;
    let mut ada = service.person();

    let form = form_of(&ada.get("/register"), "/register").registering(ADA);
    server.kill9().await;
    let pressed = tokio::task::spawn_blocking(move || {
        let location = post_or_begin_again(&mut ada, &form, &[("privacy", "on")]);
        (ada, location)
    });
    server.start_again().await;
    let (mut ada, location) = pressed.await.unwrap();
    assert_eq!(location, "/check-mail");
    let link = mailed_link(&sink).await;

    server.kill9().await;
    server.start_again().await;
    let form = form_of(&ada.get(&link), &link).with("privacy", "on");
    let form = form.with("new_password", PASSWORD).with("confirm_password", PASSWORD);
    server.kill9().await;
    let pressed = tokio::task::spawn_blocking(move || {
        let location = ada.post(&form);
        (ada, location)
    });
    server.start_again().await;
    let (mut ada, location) = pressed.await.unwrap();
    assert_eq!(location, "/account?done=welcome");
    server.kill9().await;
    server.start_again().await;
    let account = ada.get("/account");
    assert!(account.contains("Ada Lovelace"), "the session is in the log, not in memory: {account}");
    assert!(ada.presses > 5, "a person who met a closed door pressed again");

    // Out, and in again.
    let form = form_of(&account, "/sign-out");
    server.kill9().await;
    let pressed = tokio::task::spawn_blocking(move || {
        ada.submit(&form);
        ada
    });
    server.start_again().await;
    let mut ada = pressed.await.unwrap();
    assert!(!ada.is_signed_in());
    server.kill9().await;
    server.start_again().await;
    assert!(ada.sign_in(ADA, PASSWORD).contains("Ada Lovelace"));

    // The password is lost, at another browser.
    sink.clear();
    let mut phone = service.person();
    let form = form_of(&phone.get("/lost-password"), "/lost-password").solved().with("name", ADA);
    server.kill9().await;
    let pressed = tokio::task::spawn_blocking(move || {
        let location = post_or_begin_again(&mut phone, &form, &[]);
        (phone, location)
    });
    server.start_again().await;
    let (mut phone, location) = pressed.await.unwrap();
    assert_eq!(location, "/check-mail");
    let link = mailed_link(&sink).await;
    server.kill9().await;
    server.start_again().await;
    assert_eq!(phone.follow_link(&link), "/account?done=password-reset");
    assert!(phone.is_signed_in());
    assert!(!ada.is_signed_in(), "every other session has ended");
}

async fn mailed_link(sink: &SmtpSink) -> String {
    let link = sink.mail_to(ADA).await.link();
    link[link.find("/l/").unwrap()..].trim().to_owned()
}

/// As [`Person::post`]; where the crash emptied the volatile rows, the form comes back with what was typed.
fn post_or_begin_again(person: &mut Person, form: &Form, ticked: &[(&str, &str)]) -> String {
    let answer = person.ask("POST", &form.action, &form.body());
    if answer.status == 303 {
        return answer.location;
    }
    assert_eq!(answer.status, 422, "{}", answer.text);
    let again = form_of(&answer.text, &form.action).solved();
    assert!(again.fields.values().any(|value| value == ADA), "what was typed stays");
    person.post(&ticked.iter().fold(again, |form, (field, value)| form.with(field, value)))
}
