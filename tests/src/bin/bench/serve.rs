//! The real binary on SQLite with 100,000 events: when it is ready, what it holds in memory, and how soon a mail leaves.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use chancery_domain::values::Language;
use chancery_service::password_hash::HashParameters;
use chancery_tests::site::{TestSite, World};
use chancery_tests::smtp::SmtpSink;
use futures::future::join_all;

use crate::Effort;
use crate::accounts;
use crate::clock::Stopwatch;
use crate::report::{Line, Table, percentile};
use crate::served::Served;
use crate::sign_in::saturate;

const EVENTS: usize = 100_000;
const PEOPLE: usize = 64;

/// Measures `chancery serve` as an operator would start it.
pub async fn measure(effort: Effort) -> Table {
    let world = World::sqlite().await;
    seed(&world).await;
    let folder = world.file().parent().expect("a folder").to_owned();
    let (mut ready, mut idle) = (Vec::new(), Vec::new());
    for _ in 0..effort.repetitions {
        let watch = Stopwatch::start();
        let served = Served::start(&folder, &[]);
        ready.push(watch.elapsed());
        // What start needed is let go soon after it.
        tokio::time::sleep(Duration::from_secs(3)).await;
        idle.push(served.resident());
    }
    let sink = SmtpSink::start().await;
    let served = Served::start(&folder, &["--smtp", &sink.url(), "--mail-from", "no-reply@example.org"]);
    let mut delays = Vec::new();
    for n in 0..(effort.repetitions * 10) {
        delays.push(registration(&served, &sink, n).await);
    }
    let busy = under_load(served, effort.run * 2).await;
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    let limit = |what: &str, measured: f64, unit: &str, floor: f64, aim: f64| Line {
        what: what.to_owned(),
        measured: format!("{measured:.0} {unit}"),
        beside: format!("{floor} {unit} allowed"),
        ratio: floor / measured,
        floor: Some(1.0),
        aim: Some((floor / aim * 10.0).round() / 10.0),
    };
    idle.sort_by(f64::total_cmp);
    Table {
        heading: format!(
            "`chancery serve` on SQLite with {EVENTS} events. Resident memory is `VmRSS`; a ratio is what is allowed \
             divided by what was measured."
        ),
        lines: vec![
            limit("ready after", milliseconds(percentile(&mut ready, 0.5)), "ms", 300.0, 100.0),
            limit("resident when idle", idle[idle.len() / 2], "MB", 40.0, 25.0),
            limit(
                "resident under load (32 clients sign in), the most, without the pool's memory",
                busy,
                "MB",
                40.0,
                25.0,
            ),
            limit(
                "registration, POST to mail in the sink, p50",
                milliseconds(percentile(&mut delays, 0.5)),
                "ms",
                200.0,
                50.0,
            ),
        ],
    }
}

/// The most that it holds while 32 clients sign in, without what the pool's threads hash in.
async fn under_load(served: Served, run: Duration) -> f64 {
    let served = Arc::new(served);
    let load = saturate(&served, 32, PEOPLE, address);
    let (watch, mut most) = (Stopwatch::start(), 0f64);
    while watch.elapsed() < run {
        most = most.max(served.resident());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    load.end().await;
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    most - threads as f64 * f64::from(HashParameters::default().memory_kib) * 1024.0 / 1e6
}

fn address(n: usize) -> String {
    format!("person{n}@example.org")
}

async fn seed(world: &World) {
    let site = world.site(accounts::setup()).await;
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        people.push(accounts::signed_in(&site, &address(n)).await);
    }
    let each = EVENTS / PEOPLE;
    join_all(people.iter().map(|(client, person)| change(&site, client, person, each))).await;
    site.settle().await;
    site.app.store.close().await;
}

async fn change(
    site: &TestSite,
    client: &chancery_service::client::Client,
    person: &chancery_service::accounts::session::SignedInPerson,
    times: usize,
) {
    for n in 0..times {
        let language = if n % 2 == 0 { Language::French } else { Language::English };
        let form = accounts::form(site, client, "/account/language");
        site.app.change_mail_language(client, person, form, language).await.expect("the language changes");
    }
}

/// One registration; how long after its POST the mail is in the sink.
async fn registration(served: &Served, sink: &SmtpSink, n: usize) -> Duration {
    let email = format!("new{n}@example.org");
    let mut visitor = served.visitor();
    let form = visitor.registration(&email);
    let watch = Stopwatch::start();
    let posted = tokio::task::spawn_blocking(move || visitor.post("/register", &form));
    sink.mail_to(&email).await;
    let took = watch.elapsed();
    let answer = posted.await.expect("the request ends");
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    took
}
