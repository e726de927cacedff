//! What is written together, what waits, and what is turned away.

use std::ops::RangeInclusive;

use chancery_domain::{Actor, Timestamp};
use futures::future::join_all;
use futures::poll;
use uuid::Uuid;

use super::*;
use crate::append::{Guard, NewKey, PreparedEvent};
use crate::backend::KeyClass;
use crate::keys::Destroyed;
use crate::row::{Fingerprint, Version};
use crate::sqlite::{OpenOptions, SqliteBackend};

fn stream(n: u8) -> StreamId {
    StreamId::from_bytes([n; 16])
}

fn key(n: u8) -> KeyId {
    KeyId::from_bytes([n; 16])
}

fn email(n: u8) -> Reservation {
    Reservation { kind: ClaimKind::Email, mac: [n; 32] }
}

/// A command with an id of its own: `id` also tells it apart in what is expected.
fn command(id: u8, of: u8) -> Prepared {
    Prepared {
        command: CommandId(Uuid::from_bytes([id; 16])),
        fingerprint: Fingerprint([id; 16]),
        stream: stream(of),
        expected: Version(0),
        guards: Vec::new(),
        sealing_keys: Vec::new(),
        new_keys: Vec::new(),
        claims: Vec::new(),
        releases: Vec::new(),
        destroyed_keys: Vec::new(),
        events: vec![PreparedEvent { event_type: "test.happened", schema_version: 1, ..PreparedEvent::default() }],
        state: None,
        decided: Timestamp(1),
        actor: Actor::Visitor,
        correlation: Uuid::nil(),
        causing: None,
        priority: Priority::Session,
    }
}

fn guarding(id: u8, of: u8, guarded: u8) -> Prepared {
    Prepared { guards: vec![Guard { stream: stream(guarded), version: Version(0) }], ..command(id, of) }
}

fn queue(commands: impl IntoIterator<Item = Prepared>) -> Queue {
    let mut queue = Queue::default();
    for command in commands {
        *queue.per_stream.entry(command.stream).or_default() += 1;
        queue.waiting.push_back(Waiting { command, answer: oneshot::channel().0 });
    }
    queue
}

/// The ids of the commands in each batch, until nothing waits.
fn batches(commands: impl IntoIterator<Item = Prepared>, most: usize) -> Vec<Vec<u8>> {
    let mut queue = queue(commands);
    let mut batches = Vec::new();
    while !queue.waiting.is_empty() {
        let batch = select(&mut queue, most);
        assert!(!batch.is_empty(), "the first in the queue is always taken");
        batches.push(batch.iter().map(|waiting| waiting.command.command.0.as_bytes()[0]).collect());
    }
    assert!(queue.per_stream.is_empty(), "nothing is counted that does not wait");
    batches
}

mod together {
    use super::*;

    #[test]
    fn commands_that_touch_nothing_in_common_in_their_order() {
        assert_eq!(batches((1..=4).map(|n| command(n, n)), 3), [vec![1, 2, 3], vec![4]]);
    }

    #[test]
    fn one_of_a_stream() {
        assert_eq!(batches([command(1, 1), command(2, 1), command(3, 2)], 9), [vec![1, 3], vec![2]]);
    }

    #[test]
    fn one_of_a_command_id() {
        let again = Prepared { command: command(1, 1).command, ..command(2, 2) };
        assert_eq!(batches([command(1, 1), again, command(3, 3)], 9), [vec![1, 3], vec![1]]);
    }

    #[test]
    fn one_of_a_reservation_whether_claimed_or_released() {
        let claiming = |id| Prepared { claims: vec![email(1)], ..command(id, id) };
        let releasing = |id| Prepared { releases: vec![email(1)], ..command(id, id) };
        assert_eq!(batches([claiming(1), claiming(2)], 9), [[1], [2]]);
        assert_eq!(batches([releasing(1), claiming(2)], 9), [[1], [2]]);
        assert_eq!(batches([claiming(1), releasing(2)], 9), [[1], [2]]);
        let other = Prepared { claims: vec![email(2)], ..command(3, 3) };
        let same_mac_of_another_kind =
            Prepared { claims: vec![Reservation { kind: ClaimKind::Uid, ..email(1) }], ..command(4, 4) };
        assert_eq!(batches([claiming(1), other, same_mac_of_another_kind], 9), [[1, 3, 4]]);
    }

    /// The write skew: of two commands that each guard what the other writes, the later must see the earlier's effect.
    #[test]
    fn no_guard_beside_a_write_of_what_it_guards() {
        assert_eq!(batches([command(1, 1), guarding(2, 2, 1)], 9), [[1], [2]]);
        assert_eq!(batches([guarding(1, 1, 2), command(2, 2)], 9), [[1], [2]]);
        assert_eq!(batches([guarding(1, 1, 2), guarding(2, 2, 1)], 9), [[1], [2]]);
        // Any number may guard what nobody writes.
        assert_eq!(batches([guarding(1, 1, 9), guarding(2, 2, 9), guarding(3, 3, 9)], 9), [[1, 2, 3]]);
    }

    #[test]
    fn no_key_that_seals_one_and_is_destroyed_by_another() {
        let sealing = |id| Prepared { sealing_keys: vec![key(1)], ..command(id, id) };
        let destroying = |id| Prepared { destroyed_keys: vec![key(1)], ..command(id, id) };
        assert_eq!(batches([sealing(1), destroying(2)], 9), [[1], [2]]);
        assert_eq!(batches([destroying(1), sealing(2)], 9), [[1], [2]]);
        assert_eq!(batches([sealing(1), sealing(2)], 9), [[1, 2]]);
        // A command may destroy what seals its own parts.
        let own = Prepared { sealing_keys: vec![key(1)], ..destroying(1) };
        assert_eq!(batches([own, command(2, 2)], 9), [[1, 2]]);
    }

    #[test]
    fn of_a_stream_the_later_never_overtakes() {
        // The second of stream 1 waits for another reason than its stream; the third has none, and waits with it.
        let waiting = Prepared { command: command(9, 9).command, ..command(1, 1) };
        let commands = [command(9, 2), waiting, command(3, 1), command(4, 3)];
        assert_eq!(batches(commands, 9), [vec![9, 4], vec![9], vec![3]]);
    }

    #[test]
    fn what_waits_keeps_its_place() {
        let commands = [command(1, 1), command(2, 1), command(3, 2), command(4, 2), command(5, 3)];
        assert_eq!(batches(commands, 2), [vec![1, 3], vec![2, 4], vec![5]]);
    }
}

async fn backend() -> (tempfile::TempDir, Arc<SqliteBackend>) {
    let folder = tempfile::tempdir().unwrap();
    let options = OpenOptions { create: true, ..OpenOptions::default() };
    let backend = SqliteBackend::open(folder.path().join("chancery.db"), options).await.unwrap();
    (folder, Arc::new(backend))
}

fn streams(ids: RangeInclusive<u8>) -> impl Iterator<Item = Prepared> {
    ids.map(|n| command(n, n))
}

/// The writer runs on the test's own thread, so that nothing is written before the test waits.
#[tokio::test(flavor = "current_thread")]
async fn a_streams_full_queue_refuses_that_stream_alone() {
    let (_folder, backend) = backend().await;
    let batcher = Batcher::start(backend, BatcherOptions { per_stream: 2, ..BatcherOptions::default() });
    let mut waiting: Vec<_> = [1, 2]
        .map(|id| Box::pin(batcher.append(Prepared { expected: Version(id - 1), ..command(id as u8, 1) })))
        .into();
    for append in &mut waiting {
        assert!(poll!(append).is_pending());
    }
    assert!(matches!(batcher.append(command(3, 1)).await, Err(AppendError::Overloaded)));
    let mut other = Box::pin(batcher.append(command(4, 2)));
    assert!(poll!(&mut other).is_pending());
    assert_eq!(batcher.depth(), 3);

    for append in waiting {
        assert!(matches!(append.await, Ok(Committed::Appended { .. })));
    }
    assert!(matches!(other.await, Ok(Committed::Appended { .. })));
    // There is room again.
    let third = Prepared { expected: Version(2), ..command(5, 1) };
    assert!(matches!(batcher.append(third).await, Ok(Committed::Appended { .. })));
}

#[tokio::test(flavor = "current_thread")]
async fn a_full_queue_refuses_everybody() {
    let (_folder, backend) = backend().await;
    let batcher = Batcher::start(backend, BatcherOptions { queue: 3, ..BatcherOptions::default() });
    let mut waiting: Vec<_> = streams(1..=3).map(|command| Box::pin(batcher.append(command))).collect();
    for append in &mut waiting {
        assert!(poll!(append).is_pending());
    }
    assert!(matches!(batcher.append(command(4, 4)).await, Err(AppendError::Overloaded)));
    for answer in join_all(waiting).await {
        assert!(matches!(answer, Ok(Committed::Appended { .. })));
    }
    assert!(batcher.append(command(4, 4)).await.is_ok());
}

/// Eight places: a registration finds room in the first four only, a sign-out in the last one too.
#[tokio::test(flavor = "current_thread")]
async fn registrations_are_shed_first_and_sign_outs_last() {
    let (_folder, backend) = backend().await;
    let batcher = Batcher::start(backend, BatcherOptions { queue: 8, ..BatcherOptions::default() });
    let mut waiting: Vec<_> = Vec::new();
    for n in 0..8 {
        let has_room = Priority::ALL.map(|priority| batcher.has_room(priority));
        assert_eq!(has_room, [n < 4, n < 6, n < 7, true], "with {n} waiting");
        for priority in Priority::ALL.into_iter().filter(|priority| !has_room[*priority as usize]) {
            let refused = batcher.append(Prepared { priority, ..command(100, 100) }).await;
            assert!(matches!(refused, Err(AppendError::Overloaded)), "{priority:?} with {n} waiting");
        }
        let least = Priority::ALL.into_iter().find(|priority| has_room[*priority as usize]).unwrap();
        let mut append = Box::pin(batcher.append(Prepared { priority: least, ..command(n, n) }));
        assert!(poll!(&mut append).is_pending());
        waiting.push(append);
    }
    assert!(matches!(batcher.append(command(100, 100)).await, Err(AppendError::Overloaded)), "all places are taken");
    assert!(join_all(waiting).await.iter().all(Result::is_ok));
    assert!(batcher.has_room(Priority::Registration));
}

#[tokio::test(flavor = "current_thread")]
async fn closing_writes_what_waits_and_takes_no_more() {
    let (_folder, backend) = backend().await;
    let batcher = Batcher::start(Arc::clone(&backend) as Arc<dyn Backend>, BatcherOptions::default());
    let mut waiting: Vec<_> = streams(1..=3).map(|command| Box::pin(batcher.append(command))).collect();
    for append in &mut waiting {
        assert!(poll!(append).is_pending());
    }
    batcher.close().await;
    assert!(matches!(batcher.append(command(4, 4)).await, Err(AppendError::Closed)));
    assert_eq!(backend.head().await.unwrap().position, Position(3));
    assert_eq!(*batcher.written().borrow(), Position(3));
    assert!(join_all(waiting).await.iter().all(Result::is_ok));
}

#[tokio::test]
async fn a_command_is_written_once_and_its_id_stands_for_one_request() {
    let (_folder, backend) = backend().await;
    let batcher = Batcher::start(Arc::clone(&backend) as Arc<dyn Backend>, BatcherOptions::default());
    let (first, last) = (Position(1), Position(1));
    assert_eq!(batcher.append(command(1, 1)).await.unwrap(), Committed::Appended { first, last });
    assert_eq!(batcher.append(command(1, 1)).await.unwrap(), Committed::Duplicate { first, last });
    let other = Prepared { fingerprint: Fingerprint([9; 16]), ..command(1, 1) };
    assert!(matches!(batcher.append(other).await, Err(AppendError::OtherRequest)));
    assert!(matches!(batcher.append(command(2, 1)).await, Err(AppendError::WrongVersion)));
    assert_eq!(backend.head().await.unwrap().position, Position(1));
}

/// Whoever reads that a key is destroyed finds it in the ledger. A command that was written before says nothing by itself of
/// what it would destroy now.
#[tokio::test]
async fn a_destroyed_key_is_in_the_ledger_before_that_is_acknowledged() {
    let (folder, backend) = backend().await;
    let log = backend.head().await.unwrap().log;
    let path = folder.path().join("destroyed-keys");
    let ledger = Some(Arc::new(Ledger::new(path.clone(), log)));
    let batcher = Batcher::start(backend, BatcherOptions { ledger, ..BatcherOptions::default() });
    let new = |n: u8| NewKey {
        id: key(n),
        class: KeyClass::Data,
        owner: Some(stream(1)),
        purpose: None,
        wrapped: vec![n],
        wrapper: [0; 8],
        created: Timestamp(1),
    };
    let made = Prepared { new_keys: vec![new(1), new(2)], ..command(1, 1) };
    assert!(batcher.append(made).await.is_ok());
    assert!(!path.exists(), "nothing is destroyed yet");
    let destroying = |keys: &[u8]| Prepared {
        expected: Version(1),
        destroyed_keys: keys.iter().map(|n| key(*n)).collect(),
        ..command(2, 1)
    };
    assert!(matches!(batcher.append(destroying(&[1])).await, Ok(Committed::Appended { .. })));
    assert_eq!(Destroyed::read(&path).unwrap().ids(), [key(1)]);
    // Its connection was lost, and it comes again; another request with its id never was.
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(batcher.append(destroying(&[1, 2])).await, Ok(Committed::Duplicate { .. })));
    assert_eq!(Destroyed::read(&path).unwrap().ids(), [key(1)]);
    let late = Prepared { command: CommandId(Uuid::from_bytes([3; 16])), ..destroying(&[2]) };
    assert!(matches!(batcher.append(late).await, Err(AppendError::WrongVersion)));
    assert_eq!(Destroyed::read(&path).unwrap().ids(), [key(1)]);
}

/// The database turns the whole batch away; the commands are then written one by one.
#[tokio::test(flavor = "current_thread")]
async fn a_command_that_the_database_cannot_take_leaves_its_neighbours_alone() {
    let (_folder, backend) = backend().await;
    let batcher = Batcher::start(backend, BatcherOptions::default());
    let faulty = Prepared { events: Vec::new(), ..command(2, 2) };
    let answers = join_all([command(1, 1), faulty, command(3, 3)].map(|command| batcher.append(command))).await;
    assert!(matches!(answers[0], Ok(Committed::Appended { .. })));
    assert!(matches!(answers[1], Err(AppendError::Rejected(_))), "{:?}", answers[1]);
    assert!(matches!(answers[2], Ok(Committed::Appended { .. })));
}

#[tokio::test]
async fn a_record_that_is_too_long_is_refused_before_it_is_queued() {
    let (_folder, backend) = backend().await;
    let batcher = Batcher::start(backend, BatcherOptions::default());
    let mut long = command(1, 1);
    long.events[0].subject = Some(vec![0; 65_500]);
    assert!(matches!(batcher.append(long).await, Err(AppendError::TooLarge(_))));
    assert_eq!(batcher.depth(), 0);
}

#[test]
fn what_stands_in_the_log_already_is_told_so_if_it_is_the_same_request() {
    let (first, last) = (Position(3), Position(4));
    let found = |fingerprint| Status::Duplicate { fingerprint: Fingerprint(fingerprint), first, last };
    let judged = |status| judge(status, &command(1, 1));
    assert_eq!(judged(found([1; 16])).unwrap(), Committed::Duplicate { first, last });
    assert!(matches!(judged(found([2; 16])), Err(AppendError::OtherRequest)));
    assert!(matches!(judged(Status::KeyGone), Err(AppendError::KeyGone)));
    assert!(matches!(judged(Status::WrongVersion), Err(AppendError::WrongVersion)));
    let taken = judged(Status::ReservationTaken(ClaimKind::Uid));
    assert!(matches!(taken, Err(AppendError::ReservationTaken(ClaimKind::Uid))));
}
