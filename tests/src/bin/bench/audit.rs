//! What an auditor waits for, on a large log made by the generator, on PostgreSQL over loopback: reading it all, folding it
//! all, verifying it all, and rebuilding the largest read model while people sign in.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chancery_domain::StreamId;
use chancery_eventstore::verify::{Options, fold_all};
use chancery_eventstore::{Backend, Db, EventRow, Position, Wrapper};
use chancery_projections::{Activity, Rebuild};
use chancery_tests::audit::assert_clean;
use chancery_tests::site::{TestSite, World};
use futures::StreamExt;
use futures::future::join_all;
use sqlx::postgres::PgPoolCopyExt;
use tokio::sync::mpsc;

use crate::Effort;
use crate::accounts;
use crate::clock::Stopwatch;
use crate::report::{Line, Table, median, percentile};
use crate::workload::{generated, tidied};

/// Events that are read at once.
const RANGE: u32 = 4_000;

/// Measures on a log of so many events over a tenth as many accounts.
pub async fn measure(effort: Effort) -> Table {
    let (world, postgres) = World::postgres_with_fixture().await;
    let end = generated(&world, effort.events).await;
    let site = Arc::new(world.site(accounts::setup()).await);
    let pool = sqlx::PgPool::connect_with(postgres.service()).await.expect("the service connects");
    tidied(&postgres).await;

    let (mut grouped, mut folded, mut verified) = (Vec::new(), Vec::new(), Vec::new());
    for repetition in 1..=effort.repetitions {
        let copied = copy(&pool).await;
        let read = group(world.backend(), end).await;
        grouped.push((end.0 as f64 / copied.as_secs_f64(), end.0 as f64 / read.as_secs_f64()));
        let watch = Stopwatch::start();
        let streams = fold(&world).await;
        folded.push(end.0 as f64 / watch.elapsed().as_secs_f64());
        let watch = Stopwatch::start();
        assert_clean(&world.verify(Options::default()).await);
        verified.push(end.0 as f64 / watch.elapsed().as_secs_f64());
        eprintln!(
            "{repetition}/{}: copied in {copied:?}, read and grouped in {read:?}, {streams} streams folded at {:.0}/s, \
             verified at {:.0}/s, {} MiB at most",
            effort.repetitions,
            folded.last().copied().unwrap_or_default(),
            verified.last().copied().unwrap_or_default(),
            highest_memory()
        );
    }
    let (rate, quiet, busy) = rebuild(&site, &world, end).await;
    let per_second = |rate: f64| format!("{rate:.0}/s");
    let least = |what: &str, rate: f64, floor: f64, aim: f64| Line {
        what: what.to_owned(),
        measured: per_second(rate),
        beside: format!("{floor:.0}/s wanted"),
        ratio: rate / floor,
        floor: Some(1.0),
        aim: Some(aim / floor),
    };
    let milliseconds = |span: Duration| format!("{:.1} ms", span.as_secs_f64() * 1000.0);
    Table {
        heading: format!(
            "An audit of {end} events over {} accounts, on PostgreSQL over loopback; the process held {} MiB at most.",
            effort.events / 10,
            highest_memory()
        ),
        lines: vec![
            Line {
                what: "the whole log read, decoded, grouped by stream, not opened".to_owned(),
                measured: per_second(median(grouped.iter().map(|round| round.1).collect())),
                beside: format!("{} by COPY BINARY", per_second(median(grouped.iter().map(|round| round.0).collect()))),
                ratio: median(grouped.iter().map(|round| round.1 / round.0).collect()),
                floor: Some(0.6),
                aim: Some(1.0),
            },
            least("opened and folded to account states", median(folded), 100_000.0, 300_000.0),
            least("full audit verify", median(verified), 40_000.0, 150_000.0),
            least("rebuild of activity_v1 while people sign in", rate, 40_000.0, 120_000.0),
            Line {
                what: "their sign-ins' p99 meanwhile".to_owned(),
                measured: milliseconds(busy),
                beside: format!("{} when quiet", milliseconds(quiet)),
                ratio: quiet.as_secs_f64() / busy.as_secs_f64(),
                floor: Some(0.5),
                aim: Some(0.77),
            },
        ],
    }
}

/// The most memory that this process ever held, in MiB.
fn highest_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().split(' ').next()).and_then(|number| number.parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}

async fn copy(pool: &sqlx::PgPool) -> Duration {
    let watch = Stopwatch::start();
    let statement = "COPY (SELECT * FROM chancery.events ORDER BY position) TO STDOUT (FORMAT binary)";
    let mut copied = pool.copy_out_raw(statement).await.expect("the log is copied");
    while let Some(chunk) = copied.next().await {
        chunk.expect("a chunk arrives");
    }
    watch.elapsed()
}

/// Two connections read ranges in turn; two tasks have the streams, and see each one's events in order.
async fn group(backend: &Arc<dyn Backend>, end: Position) -> Duration {
    const TASKS: usize = 2;
    let watch = Stopwatch::start();
    let (senders, groupers): (Vec<_>, Vec<_>) = (0..TASKS)
        .map(|_| {
            let (sender, mut receiver) = mpsc::channel::<Vec<EventRow>>(4);
            let grouper = tokio::spawn(async move {
                let mut streams: HashMap<StreamId, (i64, usize)> = HashMap::new();
                while let Some(rows) = receiver.recv().await {
                    for row in rows {
                        let stream = streams.entry(row.stream).or_default();
                        assert_eq!(row.version.0, stream.0 + 1, "a stream's events come in order");
                        *stream = (row.version.0, stream.1 + row.subject.map_or(0, |subject| subject.len()));
                    }
                }
                streams.len()
            });
            (sender, grouper)
        })
        .unzip();
    let read = |after: Position| {
        let backend = Arc::clone(backend);
        tokio::spawn(async move {
            let mut shares: Vec<Vec<EventRow>> = vec![Vec::new(); TASKS];
            let mut each = |row: EventRow| shares[usize::from(row.stream.as_bytes()[15]) % TASKS].push(row);
            backend.scan(after, RANGE, &mut each).await.expect("the log is read");
            shares
        })
    };
    let mut next = Position::START;
    let mut under_way = std::collections::VecDeque::new();
    loop {
        while under_way.len() < 2 && next < end {
            under_way.push_back(read(next));
            next = Position(next.0 + i64::from(RANGE));
        }
        let Some(range) = under_way.pop_front() else { break };
        for (sender, share) in senders.iter().zip(range.await.expect("a range is read")) {
            sender.send(share).await.expect("the groupers go on");
        }
    }
    drop(senders);
    for grouper in groupers {
        assert!(grouper.await.expect("a grouper ends by itself") > 0);
    }
    watch.elapsed()
}

async fn fold(world: &World) -> u64 {
    let keys = chancery_eventstore::keys::FileKeys::open(
        &world.keys().join("master.key"),
        chancery_eventstore::keys::CredentialKeys::Without,
    );
    let wrapper: Arc<dyn Wrapper> = Arc::new(keys.expect("the key file"));
    let db: &Db = world.db();
    fold_all(db, wrapper, chancery_service::audit::AGGREGATES, Options::default()).await.expect("the log is folded")
}

/// People who sign in beside a rebuild, and how many of them at the same time.
const PEOPLE: usize = 200;
const CLIENTS: usize = 8;

/// Sign-ins from which a p99 is read, at least.
const SIGN_INS: usize = 1_000;

/// The rate of a rebuild, and the p99 of sign-ins when nothing else goes on and beside it. A rebuild that is done before
/// there are enough of them is repeated.
async fn rebuild(site: &Arc<TestSite>, world: &World, end: Position) -> (f64, Duration, Duration) {
    accounts::age(site).await;
    for number in 0..PEOPLE {
        accounts::registered(site, &address(number)).await;
    }
    let (rebuilding, enough) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let mut quiet = sign_ins(site, &rebuilding, &enough).await;
    rebuilding.store(true, Ordering::Relaxed);
    enough.store(false, Ordering::Relaxed);
    let running = {
        let (site, world) = (Arc::clone(site), world.clone());
        let (rebuilding, enough) = (Arc::clone(&rebuilding), Arc::clone(&enough));
        tokio::spawn(async move {
            let mut rates = Vec::new();
            while rates.is_empty() || !enough.load(Ordering::Relaxed) {
                let activity = Activity::new(site.app.store.clone(), world.db().clone()).projection();
                let rebuild = Rebuild::new(world.db().clone(), Arc::clone(world.backend()), activity);
                let watch = Stopwatch::start();
                let rebuilt = rebuild.run(|_| {}).await.expect("the read model is rebuilt");
                let took = watch.elapsed();
                eprintln!("rebuilt {} rows in {took:?}", rebuilt.rows);
                rates.push(end.0 as f64 / took.as_secs_f64());
            }
            rebuilding.store(false, Ordering::Relaxed);
            rates
        })
    };
    let mut busy = sign_ins(site, &rebuilding, &enough).await;
    let rates = running.await.expect("the rebuild ends by itself");
    eprintln!("{} sign-ins when quiet, {} beside {} rebuilds", quiet.len(), busy.len(), rates.len());
    (median(rates), percentile(&mut quiet, 0.99), percentile(&mut busy, 0.99))
}

fn address(number: usize) -> String {
    format!("reader{number}@example.org")
}

/// The times of sign-ins, until there are enough of them, of which it tells, and nothing goes on beside them.
async fn sign_ins(site: &Arc<TestSite>, beside: &Arc<AtomicBool>, enough: &Arc<AtomicBool>) -> Vec<Duration> {
    let next = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (site, next) = (Arc::clone(site), Arc::clone(&next));
            let (beside, enough) = (Arc::clone(beside), Arc::clone(enough));
            tokio::spawn(async move {
                let mut times = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= SIGN_INS {
                        enough.store(true, Ordering::Relaxed);
                        if !beside.load(Ordering::Relaxed) {
                            return times;
                        }
                    }
                    let client = accounts::client(&site, number);
                    let watch = Stopwatch::start();
                    let person = accounts::sign_in(&site, &client, &address(number % PEOPLE)).await;
                    times.push(watch.elapsed());
                    // So that an account's sessions do not become more.
                    accounts::sign_out(&site, &client, &person).await;
                }
            })
        })
        .collect();
    let times = join_all(clients).await;
    times.into_iter().flat_map(|client| client.expect("a client ends by itself")).collect()
}
