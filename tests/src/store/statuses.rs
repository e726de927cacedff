//! What becomes of each command of a batch.

use chancery_domain::ClaimKind;
use chancery_eventstore::{BackendError, Fingerprint, Position, Prepared, PreparedEvent, Status, Version};

use super::commands::{command, data_key, email, event, fresh, guard, stream};
use super::{Fixture, accept, append};

/// Positions run on without a gap, over the events of a batch and from batch to batch.
pub async fn appended(fixture: &impl Fixture) {
    let backend = fixture.open().await;
    let two = Prepared { events: vec![event(), event()], ..command(stream(), 0) };
    let statuses = append(&*backend, &[command(stream(), 0), two.clone(), command(stream(), 0)]).await;
    let placed: Vec<_> = statuses.iter().map(positions).collect();
    assert_eq!(placed, [(1, 1), (2, 3), (4, 4)]);

    let statuses = append(&*backend, &[command(two.stream, 2)]).await;
    assert_eq!(positions(&statuses[0]), (5, 5));
    assert_eq!(backend.head().await.unwrap().position, Position(5));
    let versions: Vec<_> =
        backend.read_stream(two.stream, Version(0), 10).await.unwrap().iter().map(|row| row.version.0).collect();
    assert_eq!(versions, [1, 2, 3]);
    assert!(append(&*backend, &[]).await.is_empty());
}

fn positions(status: &Status) -> (i64, i64) {
    match status {
        Status::Appended { first, last, .. } => (first.0, last.0),
        other => panic!("{other:?}"),
    }
}

/// A known id is answered with what it led to, by every instance, whatever else is asked under it.
pub async fn duplicate(fixture: &impl Fixture) {
    let (one, other) = (fixture.open().await, fixture.open().await);
    accept(&*one, &command(stream(), 0)).await;
    let first = Prepared { events: vec![event(), event()], ..command(stream(), 0) };
    accept(&*one, &first).await;
    let told = [Status::Duplicate { fingerprint: first.fingerprint, first: Position(2), last: Position(3) }];
    for backend in [&one, &other] {
        assert_eq!(append(&**backend, std::slice::from_ref(&first)).await, told);
        let again = Prepared { command: first.command, fingerprint: Fingerprint(fresh()), ..command(stream(), 0) };
        assert_eq!(append(&**backend, &[again]).await, told, "the kept fingerprint is told, not the new one");
    }
    let remembered = other.remembered(first.command).await.unwrap().unwrap();
    assert_eq!((remembered.fingerprint, remembered.stream), (first.fingerprint, first.stream));
    assert_eq!((remembered.first, remembered.last), (Position(2), Position(3)));
    assert_eq!(one.head().await.unwrap().position, Position(3), "nothing was written again");

    // What was refused is not remembered.
    let refused = command(first.stream, 7);
    assert_eq!(append(&*one, std::slice::from_ref(&refused)).await, [Status::WrongVersion]);
    assert_eq!(one.remembered(refused.command).await.unwrap(), None);
    accept(&*one, &Prepared { expected: Version(2), ..refused }).await;
}

/// A sealing key must be there and not destroyed.
pub async fn key_gone(fixture: &impl Fixture) {
    let (one, other) = (fixture.open().await, fixture.open().await);
    let account = stream();
    let key = data_key(account);
    accept(&*one, &Prepared { new_keys: vec![key.clone()], ..command(account, 0) }).await;
    let sealed = || Prepared { sealing_keys: vec![key.id], ..command(account, 1) };
    let stale = sealed();
    accept(&*one, &sealed()).await;
    let unknown = Prepared { sealing_keys: vec![data_key(account).id], ..command(account, 2) };
    assert_eq!(append(&*one, &[unknown]).await, [Status::KeyGone]);

    accept(&*other, &Prepared { destroyed_keys: vec![key.id], ..command(account, 2) }).await;
    assert_eq!(append(&*one, &[Prepared { expected: Version(3), ..stale.clone() }]).await, [Status::KeyGone]);
    // One of several is enough.
    let living = data_key(stream());
    accept(&*one, &Prepared { new_keys: vec![living.clone()], ..command(stream(), 0) }).await;
    let half = Prepared { sealing_keys: vec![living.id, key.id], expected: Version(3), ..stale };
    assert_eq!(append(&*one, &[half]).await, [Status::KeyGone]);
}

/// The stream must have exactly as many events as expected.
pub async fn wrong_version(fixture: &impl Fixture) {
    let backend = fixture.open().await;
    let written = stream();
    assert_eq!(append(&*backend, &[command(written, 1)]).await, [Status::WrongVersion], "a gap at the beginning");
    accept(&*backend, &command(written, 0)).await;
    for expected in [0, 2, -1, i64::MAX - 1] {
        assert_eq!(append(&*backend, &[command(written, expected)]).await, [Status::WrongVersion], "{expected}");
    }
    accept(&*backend, &command(written, 1)).await;

    // Where the state row is missing, or was never kept, the events themselves are counted.
    let stateless = stream();
    accept(&*backend, &Prepared { state: None, ..command(stateless, 0) }).await;
    for expected in [0, 2] {
        assert_eq!(append(&*backend, &[command(stateless, expected)]).await, [Status::WrongVersion], "{expected}");
    }
    accept(&*backend, &command(stateless, 1)).await;
    fixture.execute("DELETE FROM states").await;
    for expected in [0, 1, 3] {
        assert_eq!(append(&*backend, &[command(stateless, expected)]).await, [Status::WrongVersion], "{expected}");
    }
    accept(&*backend, &command(stateless, 2)).await;
    assert_eq!(backend.state(stateless).await.unwrap().unwrap().version, Version(3));
}

/// A guard's stream must still be at the version that was read; 0 stands for one that does not exist.
pub async fn guards(fixture: &impl Fixture) {
    let backend = fixture.open().await;
    let policy = stream();
    let nowhere = stream();
    accept(&*backend, &command(policy, 0)).await;
    let guarded = |guards| Prepared { guards, ..command(stream(), 0) };
    accept(&*backend, &guarded(vec![guard(policy, 1), guard(nowhere, 0)])).await;
    for wrong in [guard(policy, 0), guard(policy, 2), guard(nowhere, 1)] {
        let refused = guarded(vec![guard(policy, 1), wrong]);
        assert_eq!(append(&*backend, &[refused]).await, [Status::WrongVersion], "{wrong:?}");
    }
    accept(&*backend, &command(policy, 1)).await;
    assert_eq!(append(&*backend, &[guarded(vec![guard(policy, 1)])]).await, [Status::WrongVersion]);
    accept(&*backend, &guarded(vec![guard(policy, 2)])).await;
}

/// Of two streams one holds a value; a stream that claims again what it holds is not in its own way.
pub async fn reservation_taken(fixture: &impl Fixture) {
    let backend = fixture.open().await;
    let value = email();
    let holder = stream();
    accept(&*backend, &Prepared { claims: vec![value], ..command(holder, 0) }).await;
    accept(&*backend, &Prepared { claims: vec![value], ..command(holder, 1) }).await;
    let refused = Prepared { claims: vec![email(), value], ..command(stream(), 0) };
    let told = append(&*backend, std::slice::from_ref(&refused)).await;
    assert_eq!(told, [Status::ReservationTaken(ClaimKind::Email)]);
    assert_eq!(backend.reserved(ClaimKind::Email, &refused.claims[0].mac).await.unwrap(), None, "half a command");
    // The same MAC of another kind is another value.
    let session = chancery_eventstore::Reservation { kind: ClaimKind::Session, mac: value.mac };
    accept(&*backend, &Prepared { claims: vec![session], ..command(stream(), 0) }).await;
}

/// Where several things speak against a command, the first in the stated order is told.
pub async fn precedence(fixture: &impl Fixture) {
    let backend = fixture.open().await;
    let value = email();
    let taken = Prepared { claims: vec![value], ..command(stream(), 0) };
    let moved = command(stream(), 0);
    let known = command(stream(), 0);
    append(&*backend, &[taken, moved.clone(), known.clone()]).await;

    let all_wrong = Prepared {
        command: known.command,
        sealing_keys: vec![data_key(stream()).id],
        guards: vec![guard(moved.stream, 0)],
        claims: vec![value],
        ..command(known.stream, 5)
    };
    let told = append(&*backend, std::slice::from_ref(&all_wrong)).await;
    assert!(matches!(told[0], Status::Duplicate { .. }), "{told:?}");
    let all_wrong = Prepared { command: command(stream(), 0).command, ..all_wrong };
    assert_eq!(append(&*backend, std::slice::from_ref(&all_wrong)).await, [Status::KeyGone]);
    let all_wrong = Prepared { sealing_keys: Vec::new(), ..all_wrong };
    assert_eq!(append(&*backend, std::slice::from_ref(&all_wrong)).await, [Status::WrongVersion]);
    let all_wrong = Prepared { expected: Version(1), ..all_wrong };
    assert_eq!(append(&*backend, std::slice::from_ref(&all_wrong)).await, [Status::WrongVersion]);
    let all_wrong = Prepared { guards: vec![guard(moved.stream, 1)], ..all_wrong };
    let told = append(&*backend, std::slice::from_ref(&all_wrong)).await;
    assert_eq!(told, [Status::ReservationTaken(ClaimKind::Email)]);
    accept(&*backend, &Prepared { claims: Vec::new(), ..all_wrong }).await;
}

/// Refused commands of every sort in one batch leave no trace and do not touch the others.
pub async fn neighbours_stay(fixture: &impl Fixture) {
    let backend = fixture.open().await;
    let value = email();
    let known = Prepared { claims: vec![value], ..command(stream(), 0) };
    accept(&*backend, &known).await;
    let fine = || Prepared { claims: vec![email()], events: vec![event(), event()], ..command(stream(), 0) };
    let gone_key = data_key(stream());
    let mut never_made = data_key(stream());
    never_made.owner = Some(stream());
    let refused = [
        known.clone(),
        Prepared { sealing_keys: vec![gone_key.id], ..command(stream(), 0) },
        Prepared { claims: vec![email()], new_keys: vec![never_made.clone()], ..command(stream(), 3) },
        Prepared { guards: vec![guard(known.stream, 0)], ..command(stream(), 0) },
        Prepared { claims: vec![value], ..command(stream(), 0) },
    ];
    let batch: Vec<_> = refused.iter().flat_map(|refused| [fine(), refused.clone()]).chain([fine()]).collect();
    let statuses = append(&*backend, &batch).await;
    let mut next = 2;
    for (command, status) in batch.iter().zip(&statuses).step_by(2) {
        assert_eq!(positions(status), (next, next + 1));
        next += 2;
        assert_eq!(backend.read_stream(command.stream, Version(0), 9).await.unwrap().len(), 2);
        assert_eq!(backend.state(command.stream).await.unwrap().unwrap().version, Version(2));
        assert_eq!(backend.reserved(ClaimKind::Email, &command.claims[0].mac).await.unwrap(), Some(command.stream));
        assert!(backend.remembered(command.command).await.unwrap().is_some());
    }
    let told: Vec<_> = statuses.iter().skip(1).step_by(2).cloned().collect();
    assert!(matches!(told[0], Status::Duplicate { .. }));
    let rest =
        [Status::KeyGone, Status::WrongVersion, Status::WrongVersion, Status::ReservationTaken(ClaimKind::Email)];
    assert_eq!(told[1..], rest);
    for command in &refused[1..] {
        assert_eq!(backend.read_stream(command.stream, Version(0), 9).await.unwrap(), []);
        assert_eq!(backend.state(command.stream).await.unwrap(), None);
        assert_eq!(backend.remembered(command.command).await.unwrap(), None);
    }
    assert_eq!(backend.key(never_made.id).await.unwrap(), None);
    assert_eq!(backend.reserved(ClaimKind::Email, &refused[2].claims[0].mac).await.unwrap(), None);
    assert_eq!(backend.head().await.unwrap().position, Position(next - 1));
}

/// A record of 65,535 bytes is written, one of a byte more never is.
pub async fn too_large(fixture: &impl Fixture) {
    let backend = fixture.open().await;
    // What an event of a worker takes besides its parts.
    let length = |parts: [usize; 2]| {
        let [subject, inputs] = parts.map(|length| Some(vec![1; length]));
        Prepared {
            events: vec![PreparedEvent { event_type: "test.large", subject, inputs, ..PreparedEvent::default() }],
            ..command(stream(), 0)
        }
    };
    let empty = length([1, 1]);
    accept(&*backend, &empty).await;
    let row = backend.read_stream(empty.stream, Version(0), 1).await.unwrap().remove(0);
    let rest = 65_535 - (chancery_eventstore::record::encode(&row).unwrap().len() - 2);
    let longest = length([rest - 30_000, 30_000]);
    accept(&*backend, &longest).await;
    let row = backend.read_stream(longest.stream, Version(0), 1).await.unwrap().remove(0);
    assert_eq!(chancery_eventstore::record::encode(&row).unwrap().len(), 65_535);

    for longer in [length([rest - 30_000 + 1, 30_000]), length([65_536, 1])] {
        let error = backend.append(&[command(stream(), 0), longer]).await.unwrap_err();
        assert!(matches!(error, BackendError::Rejected(_)), "{error:?}");
    }
    assert_eq!(backend.head().await.unwrap().position, Position(2));
}

/// A command without events is a mistake of the caller.
pub async fn without_event(fixture: &impl Fixture) {
    let backend = fixture.open().await;
    let empty = Prepared { events: Vec::new(), ..command(stream(), 0) };
    let error = backend.append(&[command(stream(), 0), empty]).await.unwrap_err();
    assert!(matches!(error, BackendError::Rejected(_)), "{error:?}");
    assert_eq!(backend.head().await.unwrap().position, Position(0));
}

/// Batches of every size up to the batcher's largest, and with more events than commands.
pub async fn large_batches(fixture: &impl Fixture) {
    let backend = fixture.open().await;
    let mut position = 0;
    for size in [1, 2, 3, 31, 64, 65, 255, 256, 300] {
        let batch: Vec<_> = (0..size)
            .map(|number| Prepared {
                events: vec![event(); 1 + number % 3],
                claims: vec![email(); usize::from(number % 5 == 0)],
                ..command(stream(), 0)
            })
            .collect();
        let statuses = append(&*backend, &batch).await;
        for (command, status) in batch.iter().zip(&statuses) {
            let (first, last) = positions(status);
            assert_eq!(first, position + 1, "batch of {size}");
            position = last;
            assert_eq!(last - first + 1, command.events.len() as i64);
        }
        let read = backend.read(Position(positions(&statuses[0]).0 - 1), 10_000).await.unwrap();
        let subjects = read.iter().map(|row| row.subject.clone());
        assert!(subjects.eq(batch.iter().flat_map(|command| &command.events).map(|event| event.subject.clone())));
        assert!(read.iter().map(|row| row.position.0).eq(read[0].position.0..=position));
    }
}
