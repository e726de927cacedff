//! SQLite under load: the process is killed, the disk fills up.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;

use chancery_domain::StreamId;
use chancery_eventstore::sqlite::{OpenOptions, SqliteBackend};
use chancery_eventstore::volatile::Volatile as _;
use chancery_eventstore::{
    AppendError, Backend, BackendError, Batcher, BatcherOptions, CommandId, Db, Position, Prepared, Status,
};
use chancery_tests::audit::assert_sound;
use chancery_tests::store::commands::{Dice, NOW, command, email, events, mac, stream};
use chancery_tests::store::sqlite::SqliteFixture;
use futures::future::join_all;
use sqlx::Row;
use uuid::Uuid;

/// Every command of the file with what belongs to it, as one that knows nothing of the store reads it.
struct Stored {
    places: HashMap<Uuid, (StreamId, i64, i64)>,
}

/// Reads the whole file and asserts that it is consistent: no gap, no half command, every state row up to date.
async fn whole(fixture: &SqliteFixture) -> Stored {
    let mut raw = fixture.raw().await;
    let check: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut raw).await.unwrap();
    assert_eq!(check, "ok");
    let head: i64 = sqlx::query_scalar("SELECT position FROM head").fetch_one(&mut raw).await.unwrap();
    let events = sqlx::query("SELECT position, stream, version, command FROM events ORDER BY position")
        .fetch_all(&mut raw)
        .await
        .unwrap();
    let mut versions = BTreeMap::<Vec<u8>, i64>::new();
    let mut commands = HashMap::<Uuid, Vec<i64>>::new();
    for (row, position) in events.iter().zip(1..) {
        assert_eq!(row.get::<i64, _>(0), position, "a gap");
        let version = versions.entry(row.get(1)).or_default();
        *version += 1;
        assert_eq!(row.get::<i64, _>(2), *version);
        commands.entry(row.get(3)).or_default().push(position);
    }
    assert_eq!(head, events.len() as i64);

    let mut places = HashMap::new();
    for row in sqlx::query("SELECT command, stream, first_position, last_position FROM commands")
        .fetch_all(&mut raw)
        .await
        .unwrap()
    {
        let (id, first, last): (Uuid, i64, i64) = (row.get(0), row.get(2), row.get(3));
        let stream = StreamId::from_bytes(row.get::<&[u8], _>(1).try_into().unwrap());
        assert!(commands.remove(&id).unwrap().into_iter().eq(first..=last), "a command's events stand together");
        places.insert(id, (stream, first, last));
    }
    assert!(commands.is_empty(), "events without their command");
    let states: Vec<(Vec<u8>, i64)> =
        sqlx::query_as("SELECT stream, version FROM states").fetch_all(&mut raw).await.unwrap();
    assert_eq!(states.into_iter().collect::<BTreeMap<_, _>>(), versions, "the inline states are up to date");
    let reservations: i64 = sqlx::query_scalar("SELECT count(*) FROM reservations").fetch_one(&mut raw).await.unwrap();
    assert_eq!(reservations, places.len() as i64, "each command claims one value");
    Stored { places }
}

/// The process gets SIGKILL under load, 50 times, and five times at its start: what was acknowledged is there, once, where it was said to be.
#[tokio::test]
async fn killed_under_load() {
    let fixture = SqliteFixture::new().await;
    let mut dice = Dice::new();
    let mut acknowledged = Vec::new();
    let mut unacknowledged = 0;
    for round in 0..55 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_store-writer"))
            .arg(fixture.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the writer starts");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Killed at its start now and then, before anything is acknowledged.
        let before_kill = if round % 11 == 10 { 0 } else { 1 + dice.below(300) };
        for _ in 0..before_kill {
            acknowledged.push(lines.next().expect("the writer writes on").unwrap());
        }
        child.kill().expect("SIGKILL");
        child.wait().expect("the writer ends");
        // What it had printed before it died counts as well; only its last line may be cut.
        let mut rest: Vec<_> = lines.map(Result::unwrap).collect();
        if rest.last().is_some_and(|line| line.split(' ').count() < 4) {
            rest.pop();
        }
        acknowledged.extend(rest);

        let backend = fixture.backend().await;
        let head = backend.head().await.unwrap().position;
        let last = backend.read(Position(head.0 - 1), 10).await.unwrap();
        assert_eq!(last.len(), usize::from(head.0 > 0), "nothing behind the head");
    }
    assert_sound(&Db::Sqlite(Arc::new(fixture.backend().await))).await;
    let stored = whole(&fixture).await;
    for line in &acknowledged {
        let parts: Vec<_> = line.split(' ').collect();
        let [id, stream, first, last] = parts[..] else { panic!("{line}") };
        let id: Uuid = id.parse().unwrap();
        let place = (StreamId::from(stream.parse::<Uuid>().unwrap()), first.parse().unwrap(), last.parse().unwrap());
        assert_eq!(stored.places.get(&id), Some(&place), "an acknowledged command was lost or moved");
    }
    unacknowledged += stored.places.len() - acknowledged.len();
    println!("{} acknowledged, {unacknowledged} written without an acknowledgement", acknowledged.len());
    assert!(acknowledged.len() > 1_000);
}

/// The process gets SIGKILL between the commit that destroys a key and the truncation of the write-ahead log, which a
/// reader delays: whoever opens the file next cleans up, by its first sweep.
#[tokio::test]
async fn killed_before_the_bytes_of_a_destroyed_key_are_gone() {
    let fixture = SqliteFixture::new().await;
    drop(fixture.backend().await);
    let mut reader = fixture.raw().await;
    sqlx::raw_sql("BEGIN; SELECT * FROM head").execute(&mut reader).await.unwrap();
    let wrapped = mac();
    let mut child = Command::new(env!("CARGO_BIN_EXE_store-writer"))
        .arg(fixture.path())
        .arg(data_encoding::HEXLOWER.encode(&wrapped))
        .stdout(Stdio::piped())
        .spawn()
        .expect("the writer starts");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().expect("the key is destroyed").unwrap(), "destroyed");
    child.kill().expect("SIGKILL");
    child.wait().expect("the writer ends");

    let backend = fixture.backend().await;
    backend.head().await.unwrap();
    drop(reader);
    assert!(fixture.holds(&wrapped), "the writer was killed too late");
    backend.sweep(NOW).await.unwrap();
    assert!(!fixture.holds(&wrapped));
    assert_sound(&Db::Sqlite(Arc::new(backend))).await;
}

fn large() -> Prepared {
    let part = Some(vec![7; 3_000]);
    let large = |event| chancery_eventstore::PreparedEvent { subject: part.clone(), ..event };
    Prepared { events: events(2).into_iter().map(large).collect(), claims: vec![email()], ..command(stream(), 0) }
}

/// The disk is full: a clear error, nothing half written, reads go on; it goes on by itself when there is room.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk() {
    let fixture = SqliteFixture::new().await;
    let options = OpenOptions { create: true, max_page_count: Some(400), ..OpenOptions::default() };
    let backend = Arc::new(SqliteBackend::open(fixture.path(), options).await.unwrap());
    let batcher = Arc::new(Batcher::start(Arc::clone(&backend) as Arc<dyn Backend>, BatcherOptions::default()));
    let mut written: Vec<(CommandId, Position)> = Vec::new();
    let mut refused = Vec::new();
    for room in [Some(500), None] {
        // Full, and full again: each time until eight batches in a row were refused.
        let mut in_a_row = 0;
        while in_a_row < 8 {
            let commands: Vec<_> = (0..8).map(|_| large()).collect();
            let answers = join_all(commands.iter().map(|command| batcher.append(command.clone()))).await;
            in_a_row = if answers.iter().any(Result::is_ok) { 0 } else { in_a_row + 1 };
            for (command, answer) in commands.into_iter().zip(answers) {
                match answer {
                    Ok(committed) => written.push((command.command, committed.position())),
                    Err(AppendError::Full) => refused.push(command),
                    Err(other) => panic!("{other:?}"),
                }
            }
        }
        // A single command may still have found room where a batch did not.
        let error = loop {
            let single = large();
            match backend.append(std::slice::from_ref(&single)).await {
                Ok(statuses) => {
                    let [Status::Appended { last, .. }] = statuses[..] else { panic!("{statuses:?}") };
                    written.push((single.command, last));
                }
                Err(error) => break error,
            }
        };
        assert!(matches!(error, BackendError::Full(_)), "{error:?}");
        assert_eq!(error.to_string(), "the database has no room left");
        let head = backend.head().await.unwrap().position;
        assert_eq!(head, written.iter().map(|(_, last)| *last).max().unwrap());
        assert_eq!(whole(&fixture).await.places.len(), written.len());

        backend.limit_pages(room).await;
        // The same commands, by the same instance: no restart, no repair.
        let again = refused.split_off(refused.len().saturating_sub(5));
        for command in again {
            let committed = batcher.append(command.clone()).await.expect("there is room again");
            written.push((command.command, committed.position()));
        }
    }
    assert_sound(&Db::Sqlite(Arc::new(fixture.backend().await))).await;
    let stored = whole(&fixture).await;
    assert_eq!(stored.places.len(), written.len());
    for (id, last) in written {
        assert_eq!(stored.places[&id.0].2, last.0);
    }
    for command in refused {
        assert!(!stored.places.contains_key(&command.command.0), "a refused command was written");
    }
}
