//! Clients that append through a batcher, each to a stream of its own, as fast as they are answered.

use std::sync::Arc;
use std::time::Duration;

use chancery_domain::{Actor, KeyId, StreamId, Timestamp};
use chancery_eventstore::seal::{Associated, Part, PartKey};
use chancery_eventstore::{
    Backend, Batcher, BatcherOptions, CommandId, Fingerprint, InlineState, KeyClass, NewKey, Position, Prepared,
    PreparedEvent, Priority, SecretKey, Version,
};
use chancery_tests::generator::{Scale, generate};
use chancery_tests::site::World;
use chancery_tests::store::postgres::PostgresFixture;
use futures::future::join_all;
use sqlx::Executor;

use crate::clock::{Stopwatch, random_id, time_ordered_id};

/// What each command writes besides one sealed event and its command id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writes {
    /// A state row.
    pub state: bool,
}

/// A stream with its data key and its version.
struct Client {
    stream: StreamId,
    key: KeyId,
    secret: SecretKey,
    version: Version,
    writes: Writes,
}

impl Client {
    fn new(writes: Writes) -> Self {
        Self {
            stream: random_id().into(),
            key: random_id().into(),
            secret: SecretKey::random(),
            version: Version(0),
            writes,
        }
    }

    /// The next command: an event with 160 bytes about the subject, sealed, and a state of 400 bytes, sealed.
    fn command(&self) -> Prepared {
        let id = time_ordered_id();
        let command = CommandId(id);
        let decided = Timestamp(1_700_000_000_000_000 + self.version.0);
        let version = Version(self.version.0 + 1);
        let actor = Actor::Person(self.stream);
        let associated = Associated {
            key: Some(self.key),
            stream: self.stream,
            version,
            event_type: "account.signed_in",
            schema_version: 1,
            decided,
            command,
            actor: &actor,
            correlation: id,
            causing: None,
        };
        let part = |part| PartKey::derive(&self.secret, None, self.stream, version, part);
        let bound = associated.bytes();
        let first = self.version == Version(0);
        Prepared {
            command,
            fingerprint: Fingerprint(*id.as_bytes()),
            stream: self.stream,
            expected: self.version,
            guards: Vec::new(),
            sealing_keys: if first { Vec::new() } else { vec![self.key] },
            new_keys: if first { vec![self.new_key()] } else { Vec::new() },
            claims: Vec::new(),
            releases: Vec::new(),
            destroyed_keys: Vec::new(),
            events: vec![PreparedEvent {
                event_type: "account.signed_in",
                schema_version: 1,
                key: Some(self.key),
                subject: Some(part(Part::Subject).seal(&bound, &[7; 160])),
                ..PreparedEvent::default()
            }],
            state: self.writes.state.then(|| InlineState {
                aggregate: "account",
                fold_version: 1,
                key: Some(self.key),
                sealed: Some(part(Part::State).seal(&bound, &[7; 400])),
            }),
            decided,
            actor,
            correlation: id,
            causing: None,
            priority: Priority::Session,
        }
    }

    fn new_key(&self) -> NewKey {
        NewKey {
            id: self.key,
            class: KeyClass::Data,
            owner: Some(self.stream),
            purpose: None,
            wrapped: vec![7; 60],
            wrapper: [7; 8],
            created: Timestamp(0),
        }
    }

    async fn append(&mut self, batcher: &Batcher) {
        batcher.append(self.command()).await.map(drop).expect("the append is written");
        self.version.0 += 1;
    }
}

/// When clients stop.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// After so long.
    After(Duration),
    /// When each of them has had so many commands acknowledged.
    Commands(u64),
}

/// How many commands a second that many clients have acknowledged, each client's first one not counted.
pub async fn commands_a_second(backend: Arc<dyn Backend>, clients: usize, writes: Writes, until: Until) -> f64 {
    let batcher = Arc::new(Batcher::start(backend, BatcherOptions::default()));
    let mut streams: Vec<_> = (0..clients).map(|_| Client::new(writes)).collect();
    join_all(streams.iter_mut().map(|client| client.append(&batcher))).await;
    let watch = Stopwatch::start();
    let running: Vec<_> = streams
        .into_iter()
        .map(|mut client| {
            let batcher = Arc::clone(&batcher);
            tokio::spawn(async move {
                let mut acknowledged = 0_u64;
                while match until {
                    Until::After(run) => watch.elapsed() < run,
                    Until::Commands(commands) => acknowledged < commands,
                } {
                    client.append(&batcher).await;
                    acknowledged += 1;
                }
                acknowledged
            })
        })
        .collect();
    let acknowledged = join_all(running).await;
    let acknowledged: u64 = acknowledged.into_iter().map(|client| client.expect("a client ends by itself")).sum();
    let rate = acknowledged as f64 / watch.elapsed().as_secs_f64();
    batcher.close().await;
    rate
}

/// Fills an empty log with so many events over a tenth as many accounts; its end.
pub async fn generated(world: &World, events: u64) -> Position {
    let store = world.store().await;
    let watch = Stopwatch::start();
    let end = generate(&store, Scale { accounts: events / 10, events }).await;
    eprintln!("{end} events generated in {:?}", watch.elapsed());
    end
}

/// Does what the server would do by itself in the minutes after so much was written, so that neither statistics nor the
/// disk have anything to make up for in the midst of a measurement.
pub async fn tidied(postgres: &PostgresFixture) {
    let mut owner = postgres.owner().await;
    for statement in ["VACUUM ANALYZE", "CHECKPOINT"] {
        owner.execute(statement).await.expect("the database is tidied");
    }
}
