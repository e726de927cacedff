//! Sign-ins beside bare argon2id with the same parameters, and a page while they saturate the pool.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use chancery_domain::values::{Password, SignInName};
use chancery_service::password_hash::HashParameters;
use chancery_tests::site::{PASSWORD, Setup, TestSite, World};

use crate::Effort;
use crate::accounts::{client, form, setup};
use crate::clock::Stopwatch;
use crate::report::{Line, Table, median, percentile};

/// Enough that none meets the bound of its sessions.
const ACCOUNTS: usize = 400;

struct Measured {
    rate: f64,
    cpu: f64,
}

/// Measures 1, 8 and 32 clients.
pub async fn measure(effort: Effort) -> Table {
    let world = World::sqlite().await;
    // Their passwords are hashed at the full cost by the site that is measured, so that none is hashed anew.
    let site = world.site(Setup { hash: HashParameters::default(), ..setup() }).await;
    let site = Arc::new(site);
    for n in 0..ACCOUNTS {
        let _ = site.registered(&address(n)).await;
    }
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut rounds: Vec<Vec<Measured>> = Vec::new();
    for repetition in 1..=effort.repetitions {
        let mut round = vec![bare(threads, effort.run)];
        for clients in [1, 8, 32] {
            round.push(sign_ins(&site, clients, effort.run).await);
        }
        let shown: Vec<String> = round.iter().map(|run| format!("{:.1}/s {:.1} ms", run.rate, run.cpu * 1e3)).collect();
        eprintln!("{repetition}/{}: {shown:?}", effort.repetitions);
        rounds.push(round);
    }
    let mut pages = page_while_saturated(&site, effort.run).await;
    let mut lines: Vec<Line> = [(1, 1), (2, 8), (3, 32)]
        .into_iter()
        .map(|(run, clients)| {
            let ratio = median(rounds.iter().map(|round| round[0].cpu / round[run].cpu).collect());
            let cpu =
                |run: usize| format!("{:.1} ms", 1e3 * median(rounds.iter().map(|round| round[run].cpu).collect()));
            Line {
                what: format!("sign-in, server's CPU time, {clients} clients"),
                measured: cpu(run),
                beside: cpu(0),
                ratio,
                floor: Some(0.87),
                aim: Some(0.95),
            }
        })
        .collect();
    let rate = |run: usize| format!("{:.1}/s", median(rounds.iter().map(|round| round[run].rate).collect()));
    lines.push(Line {
        what: "sign-ins a second, pool saturated (32 clients)".to_owned(),
        measured: rate(3),
        beside: rate(0),
        ratio: median(rounds.iter().map(|round| round[3].rate / round[0].rate).collect()),
        floor: Some(0.85),
        aim: Some(0.95),
    });
    let p99 = percentile(&mut pages, 0.99).as_secs_f64() * 1e3;
    lines.push(Line {
        what: "a page's GET while sign-ins saturate the pool, p99".to_owned(),
        measured: format!("{p99:.1} ms"),
        beside: "25 ms allowed".to_owned(),
        ratio: 25.0 / p99,
        floor: Some(1.0),
        aim: Some(2.5),
    });
    Table {
        heading: "Sign-ins on SQLite beside bare argon2id (19 MiB, 2 passes, 1 lane) on as many threads as the pool has, \
                  memory kept between hashes. CPU time is the process's, the clients' part included; its ratios are bare \
                  divided by ours, so that 0.87 is a factor of 1.15. A ratio beside an allowed time is that time divided by \
                  the measured one."
            .to_owned(),
        lines,
    }
}

fn address(n: usize) -> String {
    format!("person{n}@example.org")
}

async fn sign_ins(site: &Arc<TestSite>, clients: usize, run: Duration) -> Measured {
    let next = Arc::new(AtomicUsize::new(0));
    let (watch, before) = (Stopwatch::start(), cpu_seconds());
    let running: Vec<_> = (0..clients)
        .map(|number| {
            let (site, next) = (Arc::clone(site), Arc::clone(&next));
            tokio::spawn(async move {
                while watch.elapsed() < run {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    one(&site, number, n % ACCOUNTS).await;
                }
            })
        })
        .collect();
    for client in running {
        client.await.expect("a client ends by itself");
    }
    let count = next.load(Ordering::Relaxed) as f64;
    Measured { rate: count / watch.elapsed().as_secs_f64(), cpu: (cpu_seconds() - before) / count }
}

async fn one(site: &Arc<TestSite>, number: usize, account: usize) {
    let browser = client(site, number);
    let name = SignInName::parse(&address(account)).expect("a name");
    let password = Password::from_typed(PASSWORD);
    let form = form(site, &browser, "/login/password");
    let outcome = site.app.sign_in(&browser, form, &name, &password, true, false).await;
    outcome.expect("the sign-in is answered").expect("the password is right");
}

async fn page_while_saturated(site: &Arc<TestSite>, run: Duration) -> Vec<Duration> {
    let stop = Arc::new(AtomicBool::new(false));
    let load: Vec<_> = (0..32)
        .map(|number| {
            let (site, stop) = (Arc::clone(site), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut n = number;
                while !stop.load(Ordering::Relaxed) {
                    one(&site, number, n % ACCOUNTS).await;
                    n += 32;
                }
            })
        })
        .collect();
    let (watch, mut times) = (Stopwatch::start(), Vec::new());
    let mut browser = site.browser();
    while watch.elapsed() < run * 2 {
        let one = Stopwatch::start();
        assert!(browser.get("/login").await.status.is_success());
        times.push(one.elapsed());
    }
    stop.store(true, Ordering::Relaxed);
    for client in load {
        client.await.expect("a client ends by itself");
    }
    times
}

/// So many threads hash, each in memory of its own.
fn bare(threads: usize, run: Duration) -> Measured {
    let before = cpu_seconds();
    let watch = Stopwatch::start();
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            thread::spawn(move || {
                let params = Params::new(19_456, 2, 1, Some(32)).expect("parameters");
                let mut memory = vec![Block::default(); params.block_count()];
                let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
                let (mut count, mut out) = (0u32, [0; 32]);
                while watch.elapsed() < run {
                    argon2
                        .hash_password_into_with_memory(PASSWORD.as_bytes(), b"sixteen bytes...", &mut out, &mut memory)
                        .expect("a hash");
                    count += 1;
                }
                count
            })
        })
        .collect();
    let count: u32 = workers.into_iter().map(|worker| worker.join().expect("a thread ends by itself")).sum();
    Measured {
        rate: f64::from(count) / watch.elapsed().as_secs_f64(),
        cpu: (cpu_seconds() - before) / f64::from(count),
    }
}

/// CPU time of this process so far, user and system, from `/proc/self/stat` (ticks of 10 ms).
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("the kernel tells");
    let after_name = stat.rsplit_once(") ").expect("the name stands in brackets").1;
    let ticks =
        |index: usize| after_name.split(' ').nth(index).and_then(|field| field.parse::<f64>().ok()).expect("ticks");
    (ticks(11) + ticks(12)) / 100.0
}
