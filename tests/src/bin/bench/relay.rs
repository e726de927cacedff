//! The relay to NATS, and what comes after it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::context::PublishAckFuture;
use async_nats::jetstream::{self, ContextBuilder, stream};
use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::policy::Policy;
use chancery_eventstore::db::sql;
use chancery_eventstore::nats::{Generation, Nats, NatsFeed, WINDOW};
use chancery_eventstore::{Backend, Db, EventRow, Position, record};
use chancery_service::accounts::administer::Measure;
use chancery_tests::nats::{NatsServer, nats, nats_with_room};
use chancery_tests::served::Many;
use chancery_tests::site::{TestSite, World, form_of};
use chancery_workers::jobs::NAMES;
use chancery_workers::runner::Runner;
use chancery_workers::{Context, Fact, Job, Outcome, Relay};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::clock::Stopwatch;
use crate::report::{Line, Table, allowed, median, percentile};
use crate::workload::generated;
use crate::{Effort, accounts};

/// Events of the log that is relayed, at most: the bare publisher has all of them in memory.
const MOST: u64 = 1_000_000;

/// Events that are read at once.
const RANGE: u32 = 4_000;

/// What a stream needs for a message beside its content, generously.
const OVERHEAD: u64 = 256;

/// Measures the relay beside a bare publisher, and the way from an append to a job and to a mail.
pub async fn measure(effort: Effort) -> Table {
    let mut lines = vec![relay(effort).await];
    let mut calls = idle(effort.repetitions * 100).await;
    lines.push(allowed("an event appended to its job called, idle, p50", percentile(&mut calls, 0.5), 15.0, 5.0));
    lines.push(allowed("the same, p99", percentile(&mut calls, 0.99), 50.0, 20.0));
    let mut mails = registrations(effort.repetitions * 6).await;
    let half = percentile(&mut mails, 0.5);
    lines.push(allowed("a registration, POST to mail in the sink, p50", half, 400.0, 80.0));
    Table {
        heading: format!(
            "Through NATS, on PostgreSQL. The relay is measured beside a bare async-nats publisher of the same records with the \
             same window of {WINDOW} messages. A ratio beside an allowed time is that time divided by the measured one."
        ),
        lines,
    }
}

async fn relay(effort: Effort) -> Line {
    let server = NatsServer::start().await;
    let world = World::postgres().await;
    let end = generated(&world, effort.events.min(MOST)).await;
    let (db, backend) = (world.db(), world.backend());
    let mut records: Vec<Vec<u8>> = Vec::new();
    while records.len() < usize::try_from(end.0).expect("a size") {
        let after = Position(i64::try_from(records.len()).expect("a position"));
        let mut each = |row: EventRow| records.push(record::encode(&row).expect("a record"));
        backend.scan(after, RANGE, &mut each).await.expect("the log is read");
    }
    let room = 2 * records.iter().map(|record| record.len() as u64 + OVERHEAD).sum::<u64>();
    let client = server.client().await;
    let (nats, mut rounds) = (nats_with_room(&server.url(), room).await, Vec::new());
    for repetition in 1..=effort.repetitions {
        let count = records.len() as f64;
        let bare = count / bare(&server.url(), &records, room).await.as_secs_f64();
        let relayed = count / relayed(&nats, db, backend, &client).await.as_secs_f64();
        eprintln!("{repetition}/{}: bare {bare:.0}/s, relay {relayed:.0}/s, of {count} events", effort.repetitions);
        rounds.push((relayed, bare));
    }
    let rate = |pick: fn(&(f64, f64)) -> f64| format!("{:.0}/s", median(rounds.iter().map(pick).collect()));
    Line {
        what: "relay to JetStream, events".to_owned(),
        measured: rate(|round| round.0),
        beside: rate(|round| round.1),
        ratio: median(rounds.iter().map(|round| round.0 / round.1).collect()),
        floor: Some(0.7),
        aim: Some(0.9),
    }
}

/// How long a publisher takes that has the records in memory and checks nothing.
async fn bare(url: &str, records: &[Vec<u8>], room: u64) -> Duration {
    let client = async_nats::connect(url).await.expect("NATS answers");
    let context = ContextBuilder::new().max_ack_inflight(WINDOW).build(client);
    let config = stream::Config {
        name: "bare".to_owned(),
        subjects: vec!["bare".to_owned()],
        max_bytes: i64::try_from(room).expect("a size"),
        ..stream::Config::default()
    };
    context.create_stream(config).await.expect("a stream");
    let watch = Stopwatch::start();
    let mut window = VecDeque::<PublishAckFuture>::new();
    for record in records {
        if window.len() == WINDOW {
            window.pop_front().expect("the oldest").await.expect("it is stored");
        }
        window.push_back(context.publish("bare", record.clone().into()).await.expect("it is sent"));
    }
    for acknowledgement in window {
        acknowledgement.await.expect("it is stored");
    }
    let taken = watch.elapsed();
    context.delete_stream("bare").await.expect("the stream goes");
    taken
}

/// How long the relay takes to fill a new generation with the whole log.
async fn relayed(nats: &Nats, db: &Db, backend: &Arc<dyn Backend>, client: &jetstream::Context) -> Duration {
    for job in NAMES {
        let floor =
            sql("INSERT INTO job_floors (job, position) VALUES ($1, 0) ON CONFLICT (job) DO UPDATE SET position = 0");
        db.execute(floor.bind(job)).await.expect("a floor");
    }
    let head = backend.head().await.expect("the head");
    let before = Generation::current(db).await.expect("a generation");
    let _ = client.delete_stream(before.stream(head.log).stream()).await;
    let written = tokio::sync::watch::Sender::new(head.position);
    let relay = Relay::new(nats.clone(), db.clone(), Arc::clone(backend), written.subscribe());
    let watch = Stopwatch::start();
    let running = tokio::spawn(async move { relay.run().await });
    let taken = loop {
        let generation = Generation::current(db).await.expect("a generation");
        if let Ok(mut stream) = client.get_stream(generation.stream(head.log).stream()).await {
            let last = stream.info().await.expect("the stream").state.last_sequence;
            if generation.at(last) == head.position {
                break watch.elapsed();
            }
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    running.abort();
    taken
}

/// Tells when it is called.
struct Called(mpsc::UnboundedSender<Stopwatch>);

#[async_trait]
impl Job for Called {
    fn name(&self) -> &'static str {
        "bench"
    }

    fn acts_on_type(&self, event_type: &str) -> bool {
        matches!(event_type, "account.suspended" | "account.resumed")
    }

    fn due(&self, _: &Fact, decided: Timestamp, _: &Policy) -> Option<Timestamp> {
        Some(decided)
    }

    async fn act(&self, _: &Context, _: &EventRow, _: &Fact) -> Outcome {
        let _ = self.0.send(Stopwatch::start());
        Outcome::Done
    }
}

/// How long it takes from an acknowledged append to the call of a job that is fed by NATS and has nothing else to do.
async fn idle(times: usize) -> Vec<Duration> {
    let server = NatsServer::start().await;
    let site: TestSite = World::nats(&server.url()).await.site(accounts::setup()).await;
    let site = Arc::new(site);
    let (_, person) = accounts::signed_in(&site, "bench@example.org").await;
    let uid = person.account.state.identity.as_ref().expect("a person").uid;
    site.settle().await;
    let nats = nats(&server.url()).await;
    let (sender, mut called) = mpsc::unbounded_channel();
    let backend = Arc::clone(site.app.store.backend());
    let runner =
        Arc::new(Runner::new(Arc::clone(&site.app), site.db.clone(), Arc::new(Called(sender)), "bench".to_owned()));
    // A job of its own: the site's feed of another one may have taken messages that nobody fetches from it any more.
    let feed = NatsFeed::new(nats.clone(), backend, site.db.clone(), &NAMES, "bench");
    let stopping = CancellationToken::new();
    let (dispatcher, token) = (Arc::clone(&runner), stopping.clone());
    let executor = tokio::spawn(async move { runner.keep_executing(&token).await });
    let dispatching = tokio::spawn(async move { dispatcher.keep_dispatching(&feed).await });
    let (store, log) = (site.app.store.clone(), site.app.log.log);
    // As `serve` does with --nats.
    let waking = tokio::spawn(async move {
        let mut written = store.written();
        while written.changed().await.is_ok() {
            nats.wake(log).await;
        }
    });
    let mut taken = Vec::new();
    for turn in 0..times + 10 {
        let measure = if turn % 2 == 0 { Measure::Suspend } else { Measure::Resume };
        site.app.administer("bench", &uid, &measure, "bench").await.expect("it is done");
        let appended = Stopwatch::start();
        let call = called.recv().await.expect("the job is called");
        // The first ones find everything cold.
        if turn >= 10 {
            taken.push(appended.elapsed().saturating_sub(call.elapsed()));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stopping.cancel();
    let _ = executor.await;
    dispatching.abort();
    waking.abort();
    taken
}

/// How long it takes from the POST of a registration to its mail, in processes of their own.
async fn registrations(times: usize) -> Vec<Duration> {
    let server = NatsServer::start().await;
    let url = server.url();
    let many = Many::start(server, &url).await;
    let _working = many.work("work", &[]);
    let mut taken = Vec::new();
    for turn in 0..times + 2 {
        let email = format!("person{turn}@example.org");
        let mut person = many.served.person();
        person.headers = vec![format!("X-Forwarded-For: 10.0.{turn}.1")];
        let form = form_of(&person.get("/register"), "/register").registering(&email);
        let watch = Stopwatch::start();
        let posting = tokio::task::spawn_blocking(move || person.post(&form));
        many.mails.mail_to(&email).await;
        if turn >= 2 {
            taken.push(watch.elapsed());
        }
        assert_eq!(posting.await.expect("posted"), "/check-mail");
    }
    taken
}
