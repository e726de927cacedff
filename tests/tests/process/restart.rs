//! The whole way in, out and back on PostgreSQL with a real mail server, while PostgreSQL is killed and started again in the middle.
//!
//! The person presses a button again where a person would, and is not stranded.

use chancery_tests::nats::until;
use chancery_tests::postgres::Server;
use chancery_tests::served::{OnPostgres, Person};
use chancery_tests::site::{Form, PASSWORD, form_of};
use chancery_tests::smtp::SmtpSink;

const ADA: &str = "ada@example.org";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_is_killed_between_and_during_every_step() {
    let mut server = Server::start(&[]).await;
    let sink = SmtpSink::start().await;
    let database = OnPostgres::new(&server, &sink).await;
    let service = database.serve();
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
    let ready = async |status: &str| {
        let asked = "GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        service.raw(asked.as_bytes()).starts_with(&format!("HTTP/1.1 {status}"))
    };
    until("without its database it is not ready", async || ready("503").await).await;
    server.start_again().await;
    until("with its database it is ready", async || ready("200").await).await;
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
    let pressed = tokio::task::spawn_blocking(move || {
        let account = ada.sign_in(ADA, PASSWORD);
        (ada, account)
    });
    server.start_again().await;
    let (mut ada, account) = pressed.await.unwrap();
    assert!(account.contains("Ada Lovelace"));

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
    let pressed = tokio::task::spawn_blocking(move || {
        let location = phone.follow_link(&link);
        (phone, location)
    });
    server.start_again().await;
    let (mut phone, location) = pressed.await.unwrap();
    assert_eq!(location, "/account?done=password-reset");
    assert!(phone.is_signed_in());
    assert!(!ada.is_signed_in(), "every other session has ended");

    let replay = ["audit", "replay", "--json"].map(ToOwned::to_owned);
    let replayed = service.beside(replay.iter().chain(database.arguments()));
    let log = String::from_utf8_lossy(&replayed.stdout).into_owned();
    let types: Vec<String> = log
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["type"].as_str().unwrap().to_owned())
        .collect();
    // Nobody records that a link was mailed which was used before PostgreSQL was back.
    for (event_type, times) in [
        ("created", 1),
        ("email_link_requested", 2),
        ("email_confirmed", 1),
        ("password_set", 2),
        ("signed_in", 3),
        ("signed_out", 1),
        ("password_reset_requested", 1),
        ("sessions_ended", 1),
    ] {
        let told = types.iter().filter(|told| **told == format!("account.{event_type}")).count();
        assert!(told >= times, "{event_type} is told {told} times: {types:?}");
    }
    let verify = ["audit", "verify"].map(ToOwned::to_owned);
    let verified = service.beside(verify.iter().chain(database.arguments()));
    assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stdout));
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
