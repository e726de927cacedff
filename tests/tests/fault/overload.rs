//! Ten times as many sign-ins as can be hashed: those that are let in end in bounded time, the others are told when to
//! come back, nobody who is signed in notices much, and soon after it is as before.

use std::sync::Arc;
use std::time::Duration;

use chancery_domain::Timestamp;
use chancery_service::ports::{Clock as _, SystemClock};
use chancery_tests::nats::until;
use chancery_tests::served::{Person, Served};
use chancery_tests::site::{PASSWORD, form_of};
use chancery_tests::smtp::SmtpSink;
use tokio::task::{JoinSet, spawn_blocking};

const ADA: &str = "ada@example.org";
const BOB: &str = "bob@example.org";

/// Passwords that may wait to be hashed; by one thread.
const QUEUE: u32 = 8;

/// For how long more is offered than can be done, at least.
const OVERLOAD: Duration = Duration::from_secs(5);

/// Sign-ins that are offered, at least.
const LEAST: u32 = 80;

/// What the requests beside the hash may take on a machine that does nothing else but refuse.
const MARGIN: Duration = Duration::from_secs(3);

fn begun() -> Timestamp {
    SystemClock.now()
}

fn since(begun: Timestamp) -> Duration {
    SystemClock.now().since(begun)
}

/// A browser in a network of its own that never was here.
fn stranger(served: &Served, number: u32) -> Person {
    let mut person = served.person();
    person.headers = vec![format!("X-Forwarded-For: 10.{}.{}.1", number / 250, number % 250)];
    person
}

/// What became of a sign-in.
#[derive(Clone, Copy, Debug)]
enum Told {
    /// Signed in, so long after the password was sent.
    In(Duration),
    /// Come back later.
    Later,
}

/// Signs in as far as it gets without pressing a button twice.
fn try_to_sign_in(person: &mut Person, name: &str) -> Told {
    let mut ask = |method: &str, path: &str, body: &str, expected: u16| {
        let asked = begun();
        let answer = person.ask_once(method, path, body);
        match answer.status {
            503 => assert!(answer.text.contains("retry-after: "), "when to come back: {}", answer.text),
            status => assert_eq!(status, expected, "{method} {path}: {}", answer.text),
        }
        (answer.status == expected).then(|| (answer, since(asked)))
    };
    let mut signed_in = || {
        let (page, _) = ask("GET", "/login", "", 200)?;
        let (page, _) = ask("POST", "/login", &form_of(&page.text, "/login").with("name", name).body(), 200)?;
        let form = form_of(&page.text, "/login/password").with("password", PASSWORD);
        let (answer, took) = ask("POST", "/login/password", &form.body(), 303)?;
        assert!(answer.location.starts_with("/account"), "{}", answer.location);
        Some(took)
    };
    signed_in().map_or(Told::Later, Told::In)
}

/// A person with an account, signed in.
async fn joins(served: &Served, sink: &SmtpSink, number: u32, email: &'static str) -> Person {
    let mut person = stranger(served, number);
    assert_eq!(person.register("Ada", "Lovelace", email), "/check-mail");
    let link = sink.mail_to(email).await.link();
    assert_eq!(person.follow_link(link[link.find("/l/").expect("a link")..].trim()), "/account?done=welcome");
    person
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_times_the_sign_ins_that_can_be_hashed() {
    let queue = QUEUE.to_string();
    let sink = SmtpSink::start().await;
    let smtp = sink.url();
    let served = Arc::new(Served::start(&[
        "--smtp",
        &smtp,
        "--mail-from",
        "no-reply@example.org",
        "--trusted-proxies",
        "127.0.0.1",
        "--hash-threads",
        "1",
        "--hash-queue",
        &queue,
        "--hash-iterations",
        "16",
        // They are all about one account, and none of them is a guess.
        "--limit-sign-in-unknown-browsers",
        "100000",
        "--log-level",
        "error",
    ]));
    joins(&served, &sink, 0, ADA).await;
    let mut bob = joins(&served, &sink, 1, BOB).await;
    let mut carol = stranger(&served, 2);
    assert!(matches!(try_to_sign_in(&mut carol, BOB), Told::In(_)));

    let mut alone: Vec<Duration> = (0..5)
        .map(|n| match try_to_sign_in(&mut stranger(&served, 10 + n), ADA) {
            Told::In(took) => took,
            Told::Later => panic!("there is nobody else"),
        })
        .collect();
    alone.sort_unstable();
    let (hash, before) = (alone[2], served.peak_memory());

    // Ten for each that can be hashed, whether the earlier ones were answered or not.
    let offered = LEAST.max(u32::try_from(OVERLOAD.as_millis() / (hash / 10).as_millis().max(1)).unwrap_or(LEAST));
    let mut pace = tokio::time::interval(hash / 10);
    let (mut strangers, begins) = (JoinSet::new(), begun());
    let mut pages = Vec::new();
    let mut leaves = Some(carol);
    let mut left = None;
    for n in 0..offered {
        pace.tick().await;
        let served = Arc::clone(&served);
        strangers.spawn_blocking(move || try_to_sign_in(&mut stranger(&served, 100 + n), ADA));
        if n % 10 == 5 {
            let asked = begun();
            let answer;
            (bob, answer) = spawn_blocking(move || {
                let answer = bob.ask_once("GET", "/account", "");
                (bob, answer)
            })
            .await
            .expect("it is asked");
            assert_eq!(answer.status, 200, "a page of somebody who is signed in: {}", answer.text);
            pages.push(since(asked));
        }
        if let Some(mut carol) = leaves.take_if(|_| n >= offered / 2) {
            left = Some(spawn_blocking(move || {
                let page = carol.ask_once("GET", "/account", "");
                let answer = carol.ask_once("POST", "/sign-out", &form_of(&page.text, "/sign-out").body());
                assert_eq!(answer.status, 200, "{}", answer.text);
                assert!(!carol.is_signed_in());
            }));
        }
    }
    left.expect("somebody signs out").await.expect("who signs out is never told to come back");
    let told: Vec<Told> = strangers.join_all().await;
    let took = since(begins);

    let mut accepted: Vec<Duration> = told
        .iter()
        .filter_map(|told| match told {
            Told::In(took) => Some(*took),
            Told::Later => None,
        })
        .collect();
    accepted.sort_unstable();
    let count = u32::try_from(accepted.len()).expect("a number");
    // What a hash takes on this machine while it is so busy; at most the queue goes first, and the one in work.
    let busy = hash.max(took / count.max(1));
    let bound = busy * (QUEUE + 2) + MARGIN;
    eprintln!(
        "alone {hash:?}; {offered} offered in {took:?}, {count} accepted, {busy:?} each, the last after {:?} of {bound:?}; \
         pages of a session {pages:?}; memory {before} to {}",
        accepted.last(),
        served.peak_memory()
    );
    assert!(count >= QUEUE, "it goes on hashing: {count}");
    assert!(count < offered / 2, "it turned away what it could not do: {count} of {offered} were accepted");
    assert!(accepted.last().is_some_and(|last| *last <= bound), "{:?} is more than {bound:?}", accepted.last());
    assert!(pages.iter().all(|took| *took <= bound), "{pages:?}");
    let grown = served.peak_memory().saturating_sub(before);
    assert!(grown < 64 << 20, "memory grew by {grown} bytes");

    // As before, at once.
    let again = begun();
    until("a sign-in works", async || matches!(try_to_sign_in(&mut stranger(&served, 20), ADA), Told::In(_))).await;
    assert!(since(again) < busy * QUEUE + MARGIN, "{:?}", since(again));
    assert_eq!(bob.ask_once("GET", "/account", "").status, 200);
    let verified = served.beside(["audit", "verify"]);
    assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stdout));
}
