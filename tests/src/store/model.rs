//! Random histories: the store does what a few maps in memory do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chancery_domain::{Actor, ClaimKind, KeyId, StreamId, Timestamp};
use chancery_eventstore::{
    Backend, CommandId, EventRow, Fingerprint, Guard, Head, InlineState, KeyClass, KeyRow, NewKey, Position, Prepared,
    PreparedEvent, Priority, Remembered, Reservation, StateRow, Status, Version,
};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::commands::fresh;
use super::{Fixture, append};

const STREAMS: usize = 4;
const KEYS: usize = 6;
const VALUES: usize = 6;
const COMMANDS: usize = 24;
const NODES: usize = 2;

/// A command in small numbers, which shrink well; [`World`] says what they stand for.
#[derive(Clone, Debug)]
struct Step {
    command: usize,
    fingerprint: u8,
    stream: usize,
    /// How far the expected version is from the right one.
    off: i64,
    guards: Vec<(usize, i64)>,
    sealing: BTreeSet<usize>,
    new: BTreeSet<usize>,
    destroyed: BTreeSet<usize>,
    claims: BTreeSet<usize>,
    releases: BTreeSet<usize>,
    events: usize,
    state: Option<Option<u8>>,
    decided: i64,
}

fn step() -> impl Strategy<Value = Step> {
    let mostly_right = || prop_oneof![8 => Just(0_i64), 1 => Just(1), 1 => Just(-1)];
    let rarely = |of: usize| prop_oneof![3 => Just(BTreeSet::new()), 1 => btree_set(0..of, 1..3)];
    (
        (0..COMMANDS, 0..2_u8, 0..STREAMS, mostly_right()),
        prop_oneof![2 => Just(Vec::new()), 1 => vec((0..STREAMS, mostly_right()), 1..3)],
        (rarely(KEYS), rarely(KEYS), rarely(KEYS), rarely(VALUES), rarely(VALUES)),
        (1..4_usize, proptest::option::weighted(0.8, proptest::option::weighted(0.8, any::<u8>())), 0..100_i64),
    )
        .prop_map(|((command, fingerprint, stream, off), guards, keys_and_values, (events, state, decided))| {
            let (sealing, new, destroyed, claims, releases) = keys_and_values;
            let sealing = &sealing - &new;
            Step {
                command,
                fingerprint,
                stream,
                off,
                guards,
                sealing,
                new,
                destroyed,
                claims,
                releases,
                events,
                state,
                decided,
            }
        })
}

/// A batch and the node that it goes through.
fn history() -> impl Strategy<Value = Vec<(usize, Vec<Step>)>> {
    vec((0..NODES, vec(step(), 1..6)), 1..25)
}

/// What the small numbers of one history stand for, and the model of it.
struct World {
    commands: Vec<CommandId>,
    streams: Vec<StreamId>,
    keys: Vec<KeyId>,
    values: Vec<Reservation>,
    head: Head,
    log: Vec<EventRow>,
    remembered: BTreeMap<CommandId, Remembered>,
    reserved: BTreeMap<usize, StreamId>,
    key_rows: BTreeMap<KeyId, KeyRow>,
    /// Each with the key that it is sealed under.
    states: BTreeMap<StreamId, (StateRow, Option<KeyId>)>,
}

impl World {
    fn new(head: Head) -> Self {
        let kinds = [ClaimKind::Email, ClaimKind::Session];
        let value = |number: usize| Reservation {
            kind: kinds[number % 2],
            mac: [fresh(), fresh()].concat().try_into().unwrap(),
        };
        Self {
            commands: (0..COMMANDS).map(|_| CommandId(Uuid::from_bytes(fresh()))).collect(),
            streams: (0..STREAMS).map(|_| StreamId::from_bytes(fresh())).collect(),
            keys: (0..KEYS).map(|_| KeyId::from_bytes(fresh())).collect(),
            values: (0..VALUES).map(value).collect(),
            head,
            log: Vec::new(),
            remembered: BTreeMap::new(),
            reserved: BTreeMap::new(),
            key_rows: BTreeMap::new(),
            states: BTreeMap::new(),
        }
    }

    fn version(&self, stream: StreamId) -> i64 {
        self.log.iter().filter(|row| row.stream == stream).count() as i64
    }

    /// Half of the keys are data keys of a stream, the others network keys, two of which share a month.
    fn new_key(&self, number: usize) -> NewKey {
        let of_stream = number < KEYS / 2;
        NewKey {
            id: self.keys[number],
            class: if of_stream { KeyClass::Data } else { KeyClass::Network },
            owner: of_stream.then(|| self.streams[number]),
            purpose: (!of_stream).then(|| format!("{}-{}", Uuid::from(self.keys[KEYS - 1]), number / 4)),
            wrapped: vec![number as u8; 40],
            wrapper: [number as u8; 8],
            created: Timestamp(number as i64),
        }
    }

    fn prepare(&self, step: &Step) -> Prepared {
        let stream = self.streams[step.stream];
        let keys = |numbers: &BTreeSet<usize>| numbers.iter().map(|number| self.keys[*number]).collect();
        let values = |numbers: &BTreeSet<usize>| numbers.iter().map(|number| self.values[*number]).collect();
        let guard = |(stream, off): &(usize, i64)| {
            let stream = self.streams[*stream];
            Guard { stream, version: Version(self.version(stream) + off) }
        };
        // A month's key goes with the event that says so only.
        let of_month = step.destroyed.iter().any(|key| *key >= KEYS / 2);
        let told = if of_month { "network.key_destroyed" } else { "test.happened" };
        Prepared {
            command: self.commands[step.command],
            fingerprint: Fingerprint([step.fingerprint; 16]),
            stream,
            expected: Version(self.version(stream) + step.off),
            guards: step.guards.iter().map(guard).collect(),
            sealing_keys: keys(&step.sealing),
            new_keys: step.new.iter().map(|number| self.new_key(*number)).collect(),
            claims: values(&step.claims),
            releases: values(&step.releases),
            // A stream's key goes with an event of its stream only.
            destroyed_keys: keys(
                &step.destroyed.iter().copied().filter(|key| *key >= KEYS / 2 || *key == step.stream).collect(),
            ),
            events: (0..step.events)
                .map(|number| PreparedEvent {
                    event_type: told,
                    schema_version: number as u16,
                    subject: Some(fresh().to_vec()),
                    ..PreparedEvent::default()
                })
                .collect(),
            state: step.state.map(|sealed| InlineState {
                aggregate: "test",
                fold_version: 1,
                key: sealed.map(|_| self.keys[step.stream]),
                sealed: sealed.map(|byte| vec![byte; 30]),
            }),
            decided: Timestamp(step.decided),
            actor: Actor::Service,
            correlation: Uuid::from_bytes(fresh()),
            causing: None,
            priority: Priority::Session,
        }
    }

    fn refusal(&self, command: &Prepared) -> Option<Status> {
        let living = |id: &KeyId| self.key_rows.get(id).is_some_and(|row| row.wrapped.is_some());
        let there = |key: &NewKey| {
            let same = |row: &KeyRow| row.class == key.class && row.purpose == key.purpose && row.wrapped.is_some();
            self.key_rows.contains_key(&key.id) || key.purpose.is_some() && self.key_rows.values().any(same)
        };
        let holder = |value: &&Reservation| self.reserved.get(&self.number(value));
        let taken = command.claims.iter().filter(|value| holder(value).is_some_and(|holder| *holder != command.stream));
        if let Some(known) = self.remembered.get(&command.command) {
            return Some(Status::Duplicate { fingerprint: known.fingerprint, first: known.first, last: known.last });
        }
        if !command.sealing_keys.iter().all(living) || command.new_keys.iter().any(there) {
            return Some(Status::KeyGone);
        }
        if command.expected.0 != self.version(command.stream)
            || command.guards.iter().any(|guard| guard.version.0 != self.version(guard.stream))
        {
            return Some(Status::WrongVersion);
        }
        taken.map(|value| value.kind).min().map(Status::ReservationTaken)
    }

    fn number(&self, value: &Reservation) -> usize {
        self.values.iter().position(|known| known == value).unwrap()
    }

    fn write(&mut self, command: &Prepared) -> Status {
        let first = Position(self.head.position.0 + 1);
        self.head.recorded = self.head.recorded.max(command.decided);
        for (event, version) in command.events.iter().zip(command.expected.0 + 1..) {
            self.head.position.0 += 1;
            self.log.push(EventRow {
                position: self.head.position,
                stream: command.stream,
                version: Version(version),
                event_type: event.event_type.into(),
                schema_version: event.schema_version,
                decided: command.decided,
                recorded: self.head.recorded,
                command: command.command,
                correlation: command.correlation,
                causing: None,
                actor: command.actor.clone(),
                key: None,
                actor_key: None,
                network_key: None,
                subject: event.subject.clone(),
                inputs: None,
                details: None,
                mac_key: None,
                mac: None,
            });
        }
        let last = self.head.position;
        let known = Remembered { fingerprint: command.fingerprint, stream: command.stream, first, last };
        self.remembered.insert(command.command, known);
        for value in &command.releases {
            let number = self.number(value);
            if self.reserved.get(&number) == Some(&command.stream) {
                self.reserved.remove(&number);
            }
        }
        for value in &command.claims {
            self.reserved.insert(self.number(value), command.stream);
        }
        for NewKey { id, class, owner, purpose, wrapped, wrapper, created } in command.new_keys.iter().cloned() {
            self.key_rows.insert(id, KeyRow { id, class, owner, purpose, wrapped: Some(wrapped), wrapper, created });
        }
        for id in &command.destroyed_keys {
            if let Some(row) = self.key_rows.get_mut(id) {
                row.wrapped = None;
            }
        }
        if let Some(state) = &command.state {
            let version = Version(self.version(command.stream));
            let (sealed, fold_version) = (state.sealed.clone(), state.fold_version);
            let row = StateRow { stream: command.stream, version, fold_version, sealed, key: None };
            self.states.insert(command.stream, (row, state.key));
        }
        Status::Appended { first, last, recorded: self.head.recorded }
    }

    /// The data key of a stream: at most one of this world's keys is.
    fn data_key(&self, stream: StreamId) -> Option<KeyRow> {
        self.key_rows.values().find(|row| row.owner == Some(stream)).cloned()
    }

    async fn compare(&self, backend: &dyn Backend) {
        assert_eq!(backend.head().await.unwrap(), self.head);
        let before = Position(self.head.position.0 - self.log.len() as i64);
        assert_eq!(backend.read(before, 10_000).await.unwrap(), self.log);
        for stream in &self.streams {
            let rows: Vec<_> = self.log.iter().filter(|row| row.stream == *stream).cloned().collect();
            assert_eq!(backend.read_stream(*stream, Version(0), 10_000).await.unwrap(), rows);
            let key = |id: Option<KeyId>| id.and_then(|id| self.key_rows.get(&id).cloned());
            let state = self.states.get(stream).cloned().map(|(row, id)| StateRow { key: key(id), ..row });
            assert_eq!(backend.state(*stream).await.unwrap(), state);
            assert_eq!(backend.data_key(*stream).await.unwrap(), self.data_key(*stream));
        }
        for (number, value) in self.values.iter().enumerate() {
            let holder = self.reserved.get(&number).copied();
            assert_eq!(backend.reserved(value.kind, &value.mac).await.unwrap(), holder);
        }
        for id in &self.keys {
            assert_eq!(backend.key(*id).await.unwrap(), self.key_rows.get(id).cloned());
        }
        for id in &self.commands {
            assert_eq!(backend.remembered(*id).await.unwrap(), self.remembered.get(id).copied());
        }
    }
}

/// Leaves out what a batcher would keep for a later batch.
fn compatible(steps: Vec<Step>) -> Vec<Step> {
    let mut kept: Vec<Step> = Vec::new();
    for step in steps {
        let keys = |step: &Step| &(&step.sealing | &step.new) | &step.destroyed;
        let values = |step: &Step| &step.claims | &step.releases;
        let guards = |by: &Step, stream: usize| by.guards.iter().any(|(guarded, _)| *guarded == stream);
        let apart = |other: &Step| {
            other.command != step.command
                && other.stream != step.stream
                && !guards(other, step.stream)
                && !guards(&step, other.stream)
                && keys(other).is_disjoint(&keys(&step))
                // Network keys with a month in common stand in each other's way as well.
                && (keys(other).iter().all(|key| *key < KEYS / 2) || keys(&step).iter().all(|key| *key < KEYS / 2))
                && values(other).is_disjoint(&values(&step))
        };
        let one_month = step.new.iter().filter(|key| **key >= KEYS / 2).count() <= 1;
        if one_month && kept.iter().all(apart) {
            kept.push(step);
        }
    }
    kept
}

/// Random histories through two nodes give the statuses that the model gives, and leave what the model holds.
pub async fn histories(fixture: &impl Fixture) {
    let mut nodes: Vec<Arc<dyn Backend>> = Vec::new();
    for _ in 0..NODES {
        nodes.push(fixture.open().await);
    }
    let config = Config { cases: 100, failure_persistence: None, ..Config::default() };
    let handle = Handle::current();
    let run = || {
        TestRunner::new(config).run(&history(), |history| {
            handle.block_on(async {
                let mut world = World::new(nodes[0].head().await.unwrap());
                for (node, steps) in history {
                    let batch: Vec<_> = compatible(steps).iter().map(|step| world.prepare(step)).collect();
                    let refusals: Vec<_> = batch.iter().map(|command| world.refusal(command)).collect();
                    let expected: Vec<_> = batch
                        .iter()
                        .zip(refusals)
                        .map(|(command, refusal)| refusal.unwrap_or_else(|| world.write(command)))
                        .collect();
                    assert_eq!(append(&*nodes[node], &batch).await, expected);
                }
                world.compare(&*nodes[0]).await;
            });
            Ok(())
        })
    };
    tokio::task::block_in_place(run).unwrap();
}
