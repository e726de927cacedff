//! What is read is what was written.

use chancery_domain::{Actor, KeyId, StreamId, Timestamp};
use chancery_eventstore::{EventRow, Position, Prepared, PreparedEvent, Status, Version};

use super::commands::{NOW, command, event, fresh, mac, stream};
use super::{Fixture, accept, append};

/// Every field of a row comes back, absent, short and long, for every kind of actor.
pub async fn round_trip(fixture: &impl Fixture) {
    let backend = fixture.open().await;
    let key = || Some(KeyId::from_bytes(fresh()));
    let events = vec![
        PreparedEvent { event_type: "test.bare", mac_key: key(), mac: Some(mac()), ..PreparedEvent::default() },
        PreparedEvent {
            event_type: "test.full",
            schema_version: u16::MAX,
            key: key(),
            actor_key: key(),
            network_key: key(),
            subject: Some(Vec::new()),
            inputs: Some((0..=255).collect()),
            details: Some(vec![0; 20_000]),
            mac_key: None,
            mac: None,
        },
    ];
    let actors = [
        Actor::Visitor,
        Actor::Person(stream()),
        Actor::Administrator("a pseudonym; 'quoted' \u{3b1}".into()),
        Actor::Worker("mail".into()),
        Actor::Application(stream()),
        Actor::Service,
    ];
    let mut expected = Vec::new();
    for (number, actor) in (1_i64..).zip(actors) {
        let decided = Timestamp(NOW.micros() + number);
        let causing = (number > 1).then_some(Position(number - 1));
        let command = Prepared { events: events.clone(), actor, decided, causing, ..command(stream(), 0) };
        accept(&*backend, &command).await;
        for (index, event) in (0_i64..).zip(&command.events) {
            expected.push(EventRow {
                position: Position(2 * number - 1 + index),
                stream: command.stream,
                version: Version(1 + index),
                event_type: event.event_type.into(),
                schema_version: event.schema_version,
                decided,
                recorded: decided,
                command: command.command,
                correlation: command.correlation,
                causing,
                actor: command.actor.clone(),
                key: event.key,
                actor_key: event.actor_key,
                network_key: event.network_key,
                subject: event.subject.clone(),
                inputs: event.inputs.clone(),
                details: event.details.clone(),
                mac_key: event.mac_key,
                mac: event.mac,
            });
        }
    }
    let other = fixture.open().await;
    assert_eq!(other.read(Position::START, 100).await.unwrap(), expected);

    // For whoever opens some events only: those have all that opens them, and the others what stands in the clear.
    let in_the_clear = |row: &EventRow| EventRow { subject: None, inputs: None, details: None, ..row.clone() };
    for types in [&["test.full", "test.none"][..], &["test.bare"], &[]] {
        let rows = other.read_to_open(Position::START, 100, types).await.unwrap();
        assert_eq!(rows.len(), expected.len());
        for (row, expected) in rows.iter().zip(&expected) {
            assert_eq!(in_the_clear(row), in_the_clear(expected));
            if types.contains(&expected.event_type.as_str()) {
                assert_eq!((&row.subject, &row.details), (&expected.subject, &expected.details));
            }
        }
        assert_eq!(other.read_to_open(Position(3), 2, types).await.unwrap(), rows[3..5]);
    }
}

/// The recorded time is the decided one, raised to the one before, within a batch and from batch to batch.
pub async fn recorded_never_goes_back(fixture: &impl Fixture) {
    let (one, other) = (fixture.open().await, fixture.open().await);
    let at =
        |micros: i64| Prepared { decided: Timestamp(micros), events: vec![event(), event()], ..command(stream(), 0) };
    let mut recorded = Vec::new();
    for (backend, batch) in [
        (&one, vec![at(100), at(50), at(120), at(110)]),
        (&other, vec![at(60)]),
        (&one, vec![at(119), at(121)]),
        (&other, vec![at(-5)]),
    ] {
        for status in append(&**backend, &batch).await {
            match status {
                Status::Appended { recorded: at, .. } => recorded.push(at.micros()),
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(recorded, [100, 100, 120, 120, 120, 120, 121, 121]);
    let rows = one.read(Position::START, 100).await.unwrap();
    let stored: Vec<_> = rows.iter().step_by(2).map(|row| row.recorded.micros()).collect();
    assert_eq!(stored, recorded);
    let decided: Vec<_> = rows.iter().step_by(2).map(|row| row.decided.micros()).collect();
    assert_eq!(decided, [100, 50, 120, 110, 60, 119, 121, -5]);
    assert_eq!(one.head().await.unwrap().recorded, Timestamp(121));
}

/// Reading in parts gives the whole, of the log and of a stream.
pub async fn reading_in_parts(fixture: &impl Fixture) {
    let backend = fixture.open().await;
    let written = stream();
    for version in 0..7 {
        append(&*backend, &[command(written, version), command(stream(), 0)]).await;
    }
    let all = backend.read(Position::START, 100).await.unwrap();
    assert_eq!(all.len(), 14);
    for limit in [1, 3, 14, 15] {
        let mut after = Position::START;
        let mut read = Vec::new();
        loop {
            let part = backend.read(after, limit).await.unwrap();
            assert!(part.len() <= limit as usize);
            let Some(last) = part.last() else { break };
            after = last.position;
            read.extend(part);
        }
        assert_eq!(read, all);
    }
    assert_eq!(backend.read(Position(14), 5).await.unwrap(), []);
    assert_eq!(backend.read(Position(99), 5).await.unwrap(), []);

    let of_stream: Vec<_> = all.iter().filter(|row| row.stream == written).cloned().collect();
    assert_eq!(backend.read_stream(written, Version(0), 100).await.unwrap(), of_stream);
    assert_eq!(backend.read_stream(written, Version(2), 3).await.unwrap(), of_stream[2..5]);
    assert_eq!(backend.read_stream(written, Version(7), 3).await.unwrap(), []);
    assert_eq!(backend.read_stream(StreamId::from_bytes(fresh()), Version(0), 3).await.unwrap(), []);
}

/// The log has an id and an epoch before its first event, the same for every instance, and the database tells the time.
pub async fn head_tells_one_log(fixture: &impl Fixture) {
    let (one, other) = (fixture.open().await, fixture.open().await);
    let head = one.head().await.unwrap();
    assert_eq!((head.epoch, head.position, head.recorded), (1, Position::START, Timestamp(0)));
    assert_eq!(head.log.get_version_num(), 4, "{}", head.log);
    accept(&*one, &command(stream(), 0)).await;
    let later = other.head().await.unwrap();
    assert_eq!((later.log, later.epoch, later.position), (head.log, 1, Position(1)));

    #[expect(clippy::disallowed_methods, reason = "the database's clock is compared with the machine's")]
    let machine = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_micros() as i64;
    let database = one.database_time().await.unwrap().micros();
    assert!((database - machine).abs() < 5_000_000, "{database} {machine}");
}
