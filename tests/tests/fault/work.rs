//! Relays and workers die every second while people register: everybody gets one link that works, and the stream is the
//! log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use chancery_eventstore::nats::Generation;
use chancery_eventstore::{Backend, Db, Position};
use chancery_tests::nats::{NatsServer, assert_copy, client, content, until, until_within};
use chancery_tests::served::{Many, Person};
use chancery_tests::site::form_of;

const PEOPLE: usize = 500;
/// How many of them are at it at the same time.
const AT_ONCE: usize = 12;
/// For how long the processes are killed, at least.
const KILLING: usize = 30;

fn address(number: usize) -> String {
    format!("person{number}@example.org")
}

/// Fills in the form and presses, again where a form comes back: an answer that was lost has used up the person check.
fn press(person: &mut Person, email: &str) {
    let mut form = form_of(&person.get("/register"), "/register");
    for _ in 0..5 {
        let answer = person.ask("POST", "/register", &form.registering(email).body());
        if answer.status == 303 {
            assert_eq!(answer.location, "/check-mail");
            return;
        }
        assert_eq!(answer.status, 422, "{}", answer.text);
        form = form_of(&answer.text, "/register");
    }
    panic!("{email} is sent away again and again");
}

/// Everybody asks for an account, each from a network of their own.
fn register_all(many: &Many) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= PEOPLE {
                        return;
                    }
                    let mut person = many.served.person();
                    person.headers = vec![format!("X-Forwarded-For: 10.{}.{}.1", number / 250, number % 250)];
                    press(&mut person, &address(number));
                }
            });
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_relays_and_three_workers_are_killed_every_second_while_500_people_register() {
    let nats = NatsServer::start().await;
    let url = nats.url();
    let many = Arc::new(Many::start(nats, &url).await);
    let others = chancery_workers::ALL.into_iter().filter(|job| *job != "relay").collect::<Vec<_>>().join(",");
    let others = others.as_str();
    let kinds = ["relay", "relay", others, others, others];
    let mut processes: Vec<_> = kinds.iter().map(|jobs| many.work("work", &["--jobs", jobs])).collect();

    let people = thread::spawn({
        let many = Arc::clone(&many);
        move || register_all(&many)
    });
    let mut second = tokio::time::interval(Duration::from_secs(1));
    let mut killed = 0;
    while killed < KILLING || !people.is_finished() {
        second.tick().await;
        let place = killed % kinds.len();
        processes[place].kill9();
        processes[place] = many.work("work", &["--jobs", kinds[place]]);
        killed += 1;
    }
    people.join().unwrap();

    // What the last one held is taken over when it is seen to be dead.
    until_within(Duration::from_secs(90), "everybody has a mail", async || {
        many.mails.mails().iter().flat_map(|mail| mail.to.clone()).collect::<BTreeSet<String>>().len() == PEOPLE
    })
    .await;
    // What a worker did and could not record is done again when its lease is over.
    until_within(Duration::from_secs(150), "nothing is left to do", async || {
        many.check("jobs").starts_with("ok") && !many.beside(&["jobs"]).1.contains("mail")
    })
    .await;
    let mut links = BTreeMap::<String, BTreeSet<String>>::new();
    for mail in many.mails.mails() {
        links.entry(mail.to[0].clone()).or_default().insert(mail.path());
    }
    assert_eq!(links.len(), PEOPLE);
    for (person, links) in &links {
        assert_eq!(links.len(), 1, "{person} has one link, however often it came: {links:?}");
        let link = links.first().unwrap();
        assert!(many.served.person().get(link).contains("new_password"), "the link of {person} works");
    }
    let last = many.served.person().follow_link(links[&address(PEOPLE - 1)].first().unwrap());
    assert_eq!(last, "/account?done=welcome");

    let backend = Arc::new(many.postgres.backend().await);
    let generation = Generation::current(&Db::Postgres(Arc::clone(&backend))).await.unwrap();
    let head = backend.head().await.unwrap();
    let (client, stream) = (client(&url).await, generation.stream(head.log));
    until("the stream reaches the log's end", async || {
        let mut handle = client.get_stream(stream.stream()).await.unwrap();
        let last = handle.info().await.unwrap().state.last_sequence;
        generation.at(last) >= backend.head().await.unwrap().position
    })
    .await;
    let log = backend.read(Position::START, u32::MAX).await.unwrap();
    assert_copy(&content(&client, stream).await, generation.base, &log);
    assert_eq!(generation.number, 1, "no death is a reason to begin anew");
    many.assert_clean();
    drop(processes);
}
