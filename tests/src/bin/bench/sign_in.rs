//! Sign-ins beside bare argon2id with the same parameters, and a page while they saturate the pool.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use chancery_service::password_hash::HashParameters;
use chancery_tests::site::{Form, PASSWORD, Setup, World};
use futures::future::join_all;
use tokio::task::spawn_blocking;

use crate::Effort;
use crate::accounts::setup;
use crate::clock::Stopwatch;
use crate::report::{Line, Table, median, percentile};
use crate::served::{Served, Visitor, cpu_seconds};

/// Enough that none meets the bound of its sessions.
const ACCOUNTS: usize = 400;

/// The run of a round in which the browsers are new.
const ELSEWHERE: usize = 4;

struct Measured {
    rate: f64,
    cpu: f64,
}

/// Measures 1, 8 and 32 clients of the real binary, over its socket.
pub async fn measure(effort: Effort) -> Table {
    let world = World::sqlite().await;
    // Their passwords are hashed at the full cost, so that none is hashed anew.
    let site = world.site(Setup { hash: HashParameters::default(), ..setup() }).await;
    for n in 0..ACCOUNTS {
        let _ = site.registered(&address(n)).await;
    }
    site.app.store.close().await;
    let folder = world.file().parent().expect("a folder").to_owned();
    let served = Arc::new(Served::start(&folder, &[]));
    let people = Arc::new(
        in_turn(ACCOUNTS, {
            let served = Arc::clone(&served);
            move |number| {
                let mut browser = served.visitor();
                let form = browser.password_form(&address(number));
                browser.sign_in(&form);
                browser.forget_session();
                browser
            }
        })
        .await,
    );
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut rounds: Vec<Vec<Measured>> = Vec::new();
    for repetition in 1..=effort.repetitions {
        let mut round = vec![bare(threads, effort.run)];
        // A little more than can be sent in the time.
        let most = (round[0].rate * effort.run.as_secs_f64() * 1.2) as usize + 32;
        for clients in [1, 8, 32] {
            let people = Arc::clone(&people);
            let asked = in_turn(most, move |number| ask(people[number % ACCOUNTS].clone(), number)).await;
            round.push(sign_ins(&served, clients, asked, effort.run).await);
        }
        let elsewhere = Arc::clone(&served);
        let asked = in_turn(most, move |number| ask(elsewhere.visitor(), number)).await;
        round.push(sign_ins(&served, 32, asked, effort.run).await);
        let shown: Vec<String> = round.iter().map(|run| format!("{:.1}/s {:.1} ms", run.rate, run.cpu * 1e3)).collect();
        eprintln!("{repetition}/{}: {shown:?}", effort.repetitions);
        rounds.push(round);
    }
    let mut pages = page_while_saturated(&served, effort.run).await;
    let limits = |run: usize, floor: f64| if run == ELSEWHERE { (None, None) } else { (Some(floor), Some(0.95)) };
    let time = |what: &str, run: usize| {
        let cpu = |run: usize| format!("{:.1} ms", 1e3 * median(rounds.iter().map(|round| round[run].cpu).collect()));
        let (floor, aim) = limits(run, 0.87);
        let ratio = median(rounds.iter().map(|round| round[0].cpu / round[run].cpu).collect());
        let what = format!("sign-in, server's CPU time, {what}");
        Line { what, measured: cpu(run), beside: cpu(0), ratio, floor, aim }
    };
    let rate = |what: &str, run: usize| {
        let rate = |run: usize| format!("{:.1}/s", median(rounds.iter().map(|round| round[run].rate).collect()));
        let (floor, aim) = limits(run, 0.85);
        let ratio = median(rounds.iter().map(|round| round[run].rate / round[0].rate).collect());
        let what = format!("sign-ins a second, pool saturated ({what})");
        Line { what, measured: rate(run), beside: rate(0), ratio, floor, aim }
    };
    let mut lines = vec![
        time("1 client", 1),
        time("8 clients", 2),
        time("32 clients", 3),
        time("32 clients in new browsers, mail included", ELSEWHERE),
        rate("32 clients", 3),
        rate("32 clients in new browsers, mail included", ELSEWHERE),
    ];
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
                  memory kept between hashes. A sign-in is the POST of a password to the running binary, over a connection of \
                  its own, by a browser that has the page already and has signed in to the account before; in a new one the \
                  owner gets a mail besides, which is written, sent and recorded in the same time. CPU time is the server's. Its \
                  ratios are bare divided by ours, so that 0.87 is a factor of 1.15. A page's GET is measured at the client, over its socket; a ratio \
                  beside an allowed time is that time divided by the measured one."
            .to_owned(),
        lines,
    }
}

fn address(n: usize) -> String {
    format!("person{n}@example.org")
}

/// A browser with the page that asks for the password of one of the accounts.
fn ask(mut browser: Visitor, number: usize) -> (Visitor, Form) {
    let form = browser.password_form(&address(number % ACCOUNTS));
    (browser, form)
}

/// Does something so many times, by so many clients at once that they have done it soon where each answer waits until it is
/// due; what came of it, in order.
async fn in_turn<T: Send + 'static>(count: usize, work: impl Fn(usize) -> T + Clone + Send + 'static) -> Vec<T> {
    let next = Arc::new(AtomicUsize::new(0));
    let working = (0..64).map(|_| {
        let (work, next) = (work.clone(), Arc::clone(&next));
        spawn_blocking(move || {
            let numbers = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
            numbers.take_while(|number| *number < count).map(|number| (number, work(number))).collect::<Vec<_>>()
        })
    });
    let done = join_all(working).await.into_iter().map(|done| done.expect("a client ends by itself"));
    let done: BTreeMap<usize, T> = done.flatten().collect();
    done.into_values().collect()
}

async fn sign_ins(served: &Arc<Served>, clients: usize, asked: Vec<(Visitor, Form)>, run: Duration) -> Measured {
    let waiting = Arc::new(Mutex::new(asked));
    let (watch, before) = (Stopwatch::start(), served.cpu_seconds());
    let running = (0..clients).map(|_| {
        let waiting = Arc::clone(&waiting);
        spawn_blocking(move || {
            let mut count = 0u32;
            while watch.elapsed() < run {
                let next = waiting.lock().expect("no client has panicked").pop();
                let Some((mut visitor, form)) = next else { break };
                visitor.sign_in(&form);
                count += 1;
            }
            count
        })
    });
    let counts = join_all(running).await.into_iter().map(|count| count.expect("a client ends by itself"));
    let count = f64::from(counts.sum::<u32>());
    Measured { rate: count / watch.elapsed().as_secs_f64(), cpu: (served.cpu_seconds() - before) / count }
}

/// Lets so many clients sign in over and over until they are told to end.
pub fn saturate(served: &Arc<Served>, count: usize, accounts: usize, address: fn(usize) -> String) -> Saturated {
    let stop = Arc::new(AtomicBool::new(false));
    let clients = (0..count)
        .map(|number| {
            let (served, stop) = (Arc::clone(served), Arc::clone(&stop));
            spawn_blocking(move || {
                let mut n = number;
                while !stop.load(Ordering::Relaxed) {
                    let mut visitor = served.visitor();
                    let form = visitor.password_form(&address(n % accounts));
                    visitor.sign_in(&form);
                    n += count;
                }
            })
        })
        .collect();
    Saturated { stop, clients }
}

/// Clients that sign in.
pub struct Saturated {
    stop: Arc<AtomicBool>,
    clients: Vec<tokio::task::JoinHandle<()>>,
}

impl Saturated {
    /// Waits until the last one was answered.
    pub async fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        for client in self.clients {
            client.await.expect("a client ends by itself");
        }
    }
}

async fn page_while_saturated(served: &Arc<Served>, run: Duration) -> Vec<Duration> {
    let load = saturate(served, 32, ACCOUNTS, address);
    let browser = Arc::clone(served);
    let times = spawn_blocking(move || {
        let (watch, mut times) = (Stopwatch::start(), Vec::new());
        let mut browser = browser.visitor();
        while watch.elapsed() < run * 2 {
            let one = Stopwatch::start();
            assert!(browser.get("/login").starts_with("HTTP/1.1 200"));
            times.push(one.elapsed());
        }
        times
    });
    let times = times.await.expect("the browser ends by itself");
    load.end().await;
    times
}

/// So many threads hash, each in memory of its own.
fn bare(threads: usize, run: Duration) -> Measured {
    let before = cpu_seconds("self");
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
        cpu: (cpu_seconds("self") - before) / f64::from(count),
    }
}
