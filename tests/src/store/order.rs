//! Position order is commit order: a reader that follows `position > n` misses nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chancery_domain::StreamId;
use chancery_eventstore::{Backend, CommandId, Position, Prepared, Status};
use futures::future::join_all;
use tokio::sync::{Notify, watch};

use super::commands::{Dice, command, event, stream};
use super::{Fixture, append};

const COMMANDS: i64 = 20_000;
const NODES: i64 = 4;
const WRITERS: i64 = 4;

/// Four nodes with four writers each, some of whose transactions linger. One reader follows from the beginning and one
/// from the middle; each sees every event once, in order, without a gap, and what it sees is what the writers were
/// told.
pub async fn readers_miss_nothing(fixture: &impl Fixture) {
    let reader = fixture.open().await;
    fixture.linger().await;
    let written = Arc::new(Notify::new());
    let mut writers = Vec::new();
    for _ in 0..NODES {
        let node = fixture.open().await;
        for _ in 0..WRITERS {
            writers.push(tokio::spawn(write(Arc::clone(&node), COMMANDS / NODES / WRITERS, Arc::clone(&written))));
        }
    }
    let (told_end, end) = watch::channel(None);
    let from_start = tokio::spawn(follow(Arc::clone(&reader), 0, Arc::clone(&written), end.clone()));
    // Each command has two events on average.
    let from_middle = tokio::spawn(follow(reader, COMMANDS, Arc::clone(&written), end));

    let mut told = BTreeMap::new();
    for acknowledged in join_all(writers).await {
        for (position, command) in acknowledged.expect("the writer ends") {
            assert_eq!(told.insert(position, command), None, "position {position} was given twice");
        }
    }
    assert_eq!(told.values().collect::<BTreeSet<_>>().len() as i64, COMMANDS);
    told_end.send_replace(told.keys().next_back().copied());
    written.notify_waiters();
    let seen = from_start.await.expect("the reader ends");
    assert!(seen.iter().map(|(position, id, _)| (position, id)).eq(told.iter()), "the reader saw something else");
    let seen_from_middle = from_middle.await.expect("the reader ends");
    assert_eq!(seen_from_middle, seen[COMMANDS as usize..]);

    let mut versions = BTreeMap::<StreamId, i64>::new();
    for (position, _, (stream, version)) in seen {
        let last = versions.entry(stream).or_default();
        *last += 1;
        assert_eq!(version, *last, "a stream's versions are in the order of positions, at {position}");
    }
}

/// Appends batches of random size until as many commands are written, some to new streams, some to one of its own.
async fn write(node: Arc<dyn Backend>, commands: i64, written: Arc<Notify>) -> Vec<(Position, CommandId)> {
    let mut dice = Dice::new();
    let (own, mut version) = (stream(), 0);
    let mut acknowledged = Vec::new();
    let mut left = commands;
    while left > 0 {
        let mut batch = Vec::new();
        let size = (1 + dice.below(16) as i64).min(left);
        left -= size;
        for number in 0..size {
            let several = 1 + dice.below(3) as i64;
            let events = vec![event(); several as usize];
            if number == 0 {
                batch.push(Prepared { events, ..command(own, version) });
                version += several;
            } else {
                batch.push(Prepared { events, ..command(stream(), 0) });
            }
        }
        for (command, status) in batch.iter().zip(append(&*node, &batch).await) {
            let Status::Appended { first, last, .. } = status else { panic!("{status:?}") };
            acknowledged.extend((first.0..=last.0).map(|position| (Position(position), command.command)));
        }
        written.notify_waiters();
    }
    acknowledged
}

type Seen = (Position, CommandId, (StreamId, i64));

/// Reads behind `after` until the last event, once it is known which one that is.
async fn follow(
    node: Arc<dyn Backend>,
    after: i64,
    written: Arc<Notify>,
    end: watch::Receiver<Option<Position>>,
) -> Vec<Seen> {
    let mut after = Position(after);
    let mut seen = Vec::new();
    loop {
        let next = written.notified();
        tokio::pin!(next);
        next.as_mut().enable();
        if end.borrow().is_some_and(|end| after >= end) {
            return seen;
        }
        let rows = node.read(after, 333).await.unwrap();
        if rows.is_empty() {
            next.await;
            continue;
        }
        for row in rows {
            assert_eq!(row.position.0, after.0 + 1, "no gap, nothing twice");
            after = row.position;
            seen.push((row.position, row.command, (row.stream, row.version.0)));
        }
    }
}
