//! What a longer log costs: sign-ins and appends on generated logs of ten thousand events and more, each beside itself on
//! the smallest.

use std::sync::Arc;
use std::time::Duration;

use chancery_tests::site::{TestSite, World};

use crate::Effort;
use crate::accounts;
use crate::clock::Stopwatch;
use crate::report::{Line, Table, median};
use crate::workload::{Until, Writes, commands_a_second, generated, tidied};

/// The smallest log, beside which the others are measured.
const SMALLEST: u64 = 10_000;

/// Accounts that are signed in to beside the generated ones.
const PEOPLE: usize = 20;

/// Sign-ins of one round on one log.
const SIGN_INS: usize = 200;

/// Clients that append, and what each of them appends in one round.
const CLIENTS: usize = 64;
const COMMANDS: u64 = 60;

/// A generated log with a site on it.
struct Log {
    world: World,
    site: TestSite,
    disk: Disk,
}

/// Bytes on disk for each event.
#[derive(Clone, Copy, Debug)]
struct Disk {
    /// Its row and the indexes of that table.
    event: i64,
    /// All tables of the log: command ids, keys and states too.
    everything: i64,
}

/// What one round found: the median sign-in, in seconds, and commands a second.
#[derive(Clone, Copy, Debug)]
struct Found {
    sign_in: f64,
    rate: f64,
}

/// Measures logs of ten times as many events each, up to the wanted size. Every round begins with a new smallest log, so
/// that what is appended to it does not make it a large one.
pub async fn measure(effort: Effort) -> Table {
    let sizes: Vec<u64> = std::iter::successors(Some(SMALLEST * 10), |size| Some(size * 10))
        .take_while(|size| *size <= effort.events)
        .collect();
    let mut large = Vec::new();
    for size in &sizes {
        large.push(Log::new(*size).await);
    }
    let mut rounds = Vec::new();
    for repetition in 1..=effort.repetitions * 2 {
        let mut round = vec![Log::new(SMALLEST).await.measure().await];
        for log in &large {
            round.push(log.measure().await);
        }
        eprintln!("{repetition}/{}: {round:?}", effort.repetitions * 2);
        rounds.push(round);
    }
    let of = |place: usize, pick: fn(&Found) -> f64| median(rounds.iter().map(|round| pick(&round[place])).collect());
    let beside = |place: usize, ratio: fn(&Found, &Found) -> f64| {
        median(rounds.iter().map(|round| ratio(&round[place], &round[0])).collect())
    };
    let limits = (Some(1.0 / 1.15), Some(1.0 / 1.03));
    let round_to = |limit: Option<f64>| limit.map(|limit| (limit * 100.0).round() / 100.0);
    let mut lines = Vec::new();
    for (place, size) in (1..).zip(&sizes) {
        let milliseconds = |place| format!("{:.2} ms", of(place, |found| found.sign_in) * 1e3);
        lines.push(Line {
            what: format!("a sign-in with {size} events"),
            measured: milliseconds(place),
            beside: milliseconds(0),
            ratio: beside(place, |found, smallest| smallest.sign_in / found.sign_in),
            floor: round_to(limits.0),
            aim: round_to(limits.1),
        });
        let rate = |place| format!("{:.0}/s", of(place, |found| found.rate));
        lines.push(Line {
            what: format!("appends with {size} events"),
            measured: rate(place),
            beside: rate(0),
            ratio: beside(place, |found, smallest| found.rate / smallest.rate),
            floor: round_to(limits.0),
            aim: round_to(limits.1),
        });
    }
    if let Some((log, size)) = large.last().zip(sizes.last()) {
        for (what, bytes) in [("its row and indexes", log.disk.event), ("all tables", log.disk.everything)] {
            lines.push(Line {
                what: format!("on disk for each of {size} events, {what}"),
                measured: format!("{bytes} bytes"),
                beside: "–".to_owned(),
                ratio: 1.0,
                floor: None,
                aim: None,
            });
        }
    }
    Table {
        heading: format!(
            "On PostgreSQL, beside the same with {SMALLEST} events; every log is generated, over a tenth as many accounts. A \
             sign-in is the use case with the look-up of its session, its hash as cheap as argon2id allows, so that the log's \
             part shows: the median of one after the other. Appends are events with state rows by {CLIENTS} clients. Ratios \
             are medians of the ratios within a round; 0.87 is a factor of 1.15, 0.97 one of 1.03."
        ),
        lines,
    }
}

impl Log {
    async fn new(events: u64) -> Self {
        let (world, postgres) = World::postgres_with_fixture().await;
        generated(&world, events).await;
        let site = world.site_at_rest(accounts::setup()).await;
        accounts::age(&site).await;
        for number in 0..PEOPLE {
            accounts::registered(&site, &address(number)).await;
        }
        tidied(&postgres).await;
        let disk = Disk {
            event: postgres.number("SELECT pg_total_relation_size('events') / count(*) FROM events").await,
            everything: postgres
                .number(
                    "SELECT (SELECT sum(pg_total_relation_size(oid)) FROM pg_class \
                     WHERE relnamespace = 'chancery'::regnamespace AND relkind = 'r')::bigint / count(*) FROM events",
                )
                .await,
        };
        Self { world, site, disk }
    }

    async fn measure(&self) -> Found {
        // What this log's pages and connections lost to the others' comes back.
        self.sign_ins(PEOPLE).await;
        let mut times: Vec<f64> = self.sign_ins(SIGN_INS).await.iter().map(Duration::as_secs_f64).collect();
        times.sort_by(f64::total_cmp);
        let until = Until::Commands(COMMANDS);
        let rate = commands_a_second(Arc::clone(self.world.backend()), CLIENTS, Writes { state: true }, until).await;
        Found { sign_in: times[times.len() / 2], rate }
    }

    async fn sign_ins(&self, count: usize) -> Vec<Duration> {
        let mut times = Vec::new();
        for number in 0..count {
            let client = accounts::client(&self.site, number);
            let watch = Stopwatch::start();
            let person = accounts::sign_in(&self.site, &client, &address(number % PEOPLE)).await;
            times.push(watch.elapsed());
            // So that an account's sessions do not become more.
            accounts::sign_out(&self.site, &client, &person).await;
        }
        times
    }
}

fn address(number: usize) -> String {
    format!("reader{number}@example.org")
}
