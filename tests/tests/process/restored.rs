//! A dump put back beside the stream of the history that was lost: nobody decides anything before an operator has begun a
//! new epoch, on a machine that has seen nothing of that history, too.

use std::collections::BTreeMap;

use chancery_tests::nats::{NatsServer, client, purge_until_replaced, until};
use chancery_tests::net::{free_port, get};
use chancery_tests::served::{Many, Person};
use chancery_tests::site::{PASSWORD, form_of};

const ADA: &str = "ada@example.org";
const BOB: &str = "bob@example.org";
const CAROL: &str = "carol@example.org";
const DORA: &str = "dora@example.org";
const READY: &str = "GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

async fn joins(many: &Many, email: &str) -> Person {
    let mut person = many.served.person();
    assert_eq!(person.register("Ada", "Lovelace", email), "/check-mail");
    let link = many.mails.mail_to(email).await.path();
    assert_eq!(person.follow_link(&link), "/account?done=welcome");
    person
}

/// How many mails each person has.
fn mails(many: &Many) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for mail in many.mails.mails() {
        *count.entry(mail.to[0].clone()).or_default() += 1;
    }
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dump_put_back_stops_nodes_and_relay_until_a_new_epoch() {
    let nats = NatsServer::start().await;
    let url = nats.url();
    let mut many = Many::start(nats, &url).await;
    let (port, stream) = (free_port(), client(&url).await);
    let listen = format!("127.0.0.1:{port}");
    let work = |many: &Many| many.work("work", &["--metrics-listen", &listen]);
    let mut working = work(&many);
    joins(&many, ADA).await;
    // A second generation begins, so that the dump knows of it.
    purge_until_replaced(&stream).await;
    joins(&many, BOB).await;
    let dump = many.folder().join("dump");
    many.postgres.dump(&dump);
    joins(&many, CAROL).await;
    until("the stream has more than the dump", async || many.check("nats").contains("generation 2")).await;
    let before = mails(&many);

    // The machine is lost, and with it what was seen there; the keys are put back, too.
    many.served.kill();
    working.kill9();
    many.postgres.put_back(&dump);
    std::fs::remove_dir_all(many.served.folder().join("data/seen")).unwrap();
    many.served.again().unwrap();
    working = work(&many);

    let why = "the log was restored from an older copy; if this is the log from now on, run 'chancery log new-epoch";
    until("serve is not ready", async || many.served.raw(READY.as_bytes()).contains("the log was restored")).await;
    until("work is not ready", async || get(port, "/health/ready").contains(why)).await;
    assert!(get(port, "/metrics").contains("\nchancery_relay_stopped 1\n"), "{}", get(port, "/metrics"));
    assert!(many.check("nats").contains("the relay has stopped: "), "{}", many.check("nats"));
    // Nothing is decided, by nobody.
    let mut ada = many.served.person();
    let form = form_of(&ada.get("/login"), "/login").with("name", ADA);
    let form = form_of(&ada.submit(&form), "/login/password").with("password", PASSWORD);
    assert_eq!(ada.ask_once("POST", &form.action, &form.body()).status, 503);
    let (code, said) = many.beside(&["application", "register", "--name", "Rooms", "--scope", "accounts:read"]);
    assert!(code == Some(1) && said.contains(why), "{code:?} {said}");

    let (code, said) = many.beside(&["log", "new-epoch", "--reason", "the machine was lost"]);
    assert!(code == Some(0) && said.contains("the log is in epoch 2"), "{code:?} {said}");
    assert_eq!(many.served.ended().code(), Some(1), "{}", many.served.log());
    many.served.again().unwrap();
    working.kill9();
    let working = work(&many);
    until("work is ready", async || get(port, "/health/ready").contains("\r\n\r\nready")).await;
    assert!(many.served.person().sign_in(ADA, PASSWORD).contains("Ada Lovelace"));
    joins(&many, DORA).await;
    until("the stream is copied", async || many.check("nats").contains("epoch 2, generation 1")).await;
    let mut expected = before;
    expected.insert(DORA.to_owned(), 1);
    // Of a sign-in by a browser that nobody knows.
    *expected.get_mut(ADA).unwrap() += 1;
    until("everybody has the mails of what happened", async || mails(&many) == expected).await;
    many.assert_clean();
    assert_eq!(mails(&many), expected, "no mail is repeated");
    drop(working);
}
