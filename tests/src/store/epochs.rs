//! Epochs, and what an instance has seen of the log's history.

use chancery_domain::log::LOG_STREAM;
use chancery_eventstore::{
    AppendError, Backend, Batcher, BatcherOptions, Difference, Position, Prepared, PreparedEvent, Seen, Status,
};

use super::commands::{command, event, stream};
use super::{Fixture, accept};

/// The first command of an epoch.
fn beginning(expected: i64) -> Prepared {
    let begun = PreparedEvent { event_type: "log.epoch_begun", ..event() };
    Prepared { events: vec![begun], ..command(LOG_STREAM, expected) }
}

async fn begin(backend: &dyn Backend, epoch: i64, expected: i64) {
    let status = backend.begin_epoch(epoch, &beginning(expected)).await.unwrap();
    assert!(matches!(status, Status::Appended { .. }), "{status:?}");
}

/// A process that began in one epoch writes nothing in the next, whether or not it has looked meanwhile.
pub async fn an_old_epoch_writes_nothing_more(fixture: &impl Fixture) {
    let (old, other) = (fixture.open().await, fixture.open().await);
    assert_eq!(old.look().await.unwrap().epoch, 1);
    accept(&*old, &command(stream(), 0)).await;
    begin(&*other, 2, 0).await;
    let difference = Difference::NewEpoch { own: 1, found: 2 };
    let batcher = Batcher::start(old.clone(), BatcherOptions::default());
    for _ in 0..2 {
        match batcher.append(command(stream(), 0)).await {
            Err(AppendError::OtherHistory(found)) => assert_eq!(found, difference),
            other => panic!("{other:?}"),
        }
    }
    assert!(old.look().await.is_err());
    assert_eq!(old.history().verdict(), Err(difference));
    old.history().superseded().await;

    let started = fixture.open().await;
    let head = started.look().await.unwrap();
    assert_eq!((head.epoch, head.position), (2, Position(2)));
    accept(&*started, &command(stream(), 0)).await;
}

/// An epoch's number is higher than any before it, and of two operators one begins it.
pub async fn no_epoch_comes_twice(fixture: &impl Fixture) {
    begin(&*fixture.open().await, 7, 0).await;
    for epoch in [1, 6, 7] {
        assert!(fixture.open().await.begin_epoch(epoch, &beginning(1)).await.is_err(), "{epoch}");
    }
    assert_eq!(fixture.open().await.begin_epoch(8, &beginning(0)).await.unwrap(), Status::WrongVersion);
    let head = fixture.open().await.head().await.unwrap();
    assert_eq!((head.epoch, head.position), (7, Position(1)));
}

/// Nobody is told of an append before its process has noted the newest event, and a look notes those of others.
pub async fn what_was_acknowledged_was_seen(fixture: &impl Fixture) {
    let (one, other) = (fixture.open().await, fixture.open().await);
    let log = one.look().await.unwrap().log;
    assert_eq!(one.history().seen(), None);
    let batcher = Batcher::start(one.clone(), BatcherOptions::default());
    let seen = |backend: &dyn Backend| backend.history().seen().map(|Seen { position, .. }| position);
    for expected in 1..4 {
        let position = batcher.append(command(stream(), 0)).await.unwrap().position();
        assert_eq!((position, seen(&*one)), (Position(expected), Some(Position(expected))));
    }
    accept(&*other, &command(stream(), 0)).await;
    one.look().await.unwrap();
    assert_eq!(seen(&*one), Some(Position(4)));
    other.look().await.unwrap();
    assert_eq!(one.history().seen(), other.history().seen(), "noted from what was written as from what stands there");
    assert_eq!(one.history().seen().map(|seen| (seen.log, seen.epoch)), Some((log, 1)));
}
