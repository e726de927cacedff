//! What only SQLite has: a file, triggers that guard it, and a lock beside it.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use chancery_eventstore::db::{Statement, sql};
use chancery_eventstore::sqlite::{LockError, OpenError, OpenOptions, SqliteBackend};
use chancery_eventstore::volatile::Volatile as _;
use chancery_eventstore::{Backend, BackendError, Db, Feed as _, LogFeed, Position, Prepared, feed, oldest_build};
use chancery_service::ports::{Clock as _, SystemClock};
use chancery_tests::store::commands::{NOW, command, data_key, event, stream};
use chancery_tests::store::sqlite::SqliteFixture;
use chancery_tests::store::{Fixture as _, accept, append};
use futures::future::join_all;
use sqlx::SqliteConnection;

/// A file with three events, the last two of one stream, one key that is destroyed and one that is not.
async fn written() -> (SqliteFixture, SqliteBackend) {
    let fixture = SqliteFixture::new().await;
    let backend = fixture.backend().await;
    let account = stream();
    let (gone, living) = (data_key(account), data_key(account));
    accept(&backend, &Prepared { new_keys: vec![gone.clone(), living], ..command(stream(), 0) }).await;
    let two = vec![event(), event()];
    accept(&backend, &Prepared { events: two, destroyed_keys: vec![gone.id], ..command(account, 0) }).await;
    (fixture, backend)
}

async fn refusal(connection: &mut SqliteConnection, statement: &'static str) -> String {
    let error = sqlx::raw_sql(statement).execute(connection).await.expect_err(statement);
    error.as_database_error().unwrap_or_else(|| panic!("{error}")).message().to_owned()
}

/// Whoever reads a file that nobody writes is told when somebody has begun to; what would write is refused.
#[tokio::test]
async fn a_file_that_is_only_read_stays_as_it_is() {
    let (fixture, backend) = written().await;
    let path = backend.path().to_owned();
    let beside = SqliteBackend::open_to_read(&path, Default::default()).await.unwrap();
    assert_eq!(beside.head().await.unwrap().position, Position(3));
    accept(&backend, &command(stream(), 0)).await;
    assert_eq!(beside.head().await.unwrap().position, Position(4), "it reads with the others");
    assert!(beside.append(&[command(stream(), 0)]).await.is_err());
    assert!(beside.is_sound());
    beside.close().await;
    backend.close().await;

    let still = SqliteBackend::open_to_read(&path, Default::default()).await.unwrap();
    assert_eq!(still.head().await.unwrap().position, Position(4));
    assert!(still.is_sound());
    assert!(still.append(&[command(stream(), 0)]).await.is_err());
    assert!(!path.with_extension("db-wal").exists() && !path.with_extension("db-shm").exists());
    let writing = fixture.backend().await;
    assert!(!still.is_sound(), "somebody may write now");
    accept(&writing, &command(stream(), 0)).await;
    writing.close().await;
    assert!(!still.is_sound(), "somebody wrote");
}

/// Whoever opens the file with another program cannot change the past by a mistake either.
#[tokio::test]
async fn triggers_guard_the_log() {
    let (fixture, backend) = written().await;
    let before = backend.read(Position::START, 10).await.unwrap();
    let head = backend.head().await.unwrap();
    let mut raw = fixture.raw().await;

    // What each statement copies is the last event; it would be a good row at the next position and version.
    macro_rules! copy {
        ($verb:literal, $position:literal, $version:literal) => {
            concat!(
                $verb,
                " INTO events SELECT ",
                $position,
                ", stream, ",
                $version,
                ", event_type, schema_version, decided, recorded, command, correlation, causing, actor_kind, actor_id, ",
                "key_id, actor_key_id, network_key_id, subject, inputs, details, mac_key_id, mac ",
                "FROM events WHERE position = 3"
            )
        };
    }
    for recursive in ["PRAGMA recursive_triggers = OFF", "PRAGMA recursive_triggers = ON"] {
        sqlx::raw_sql(recursive).execute(&mut raw).await.unwrap();
        for (statement, message) in [
            ("UPDATE events SET event_type = 'test.other' WHERE position = 2", "an event is never changed"),
            ("UPDATE OR REPLACE events SET position = 1 WHERE position = 2", "an event is never changed"),
            ("UPDATE events SET subject = NULL", "an event is never changed"),
            ("DELETE FROM events WHERE position = 3", "an event is never removed"),
            ("DELETE FROM events", "an event is never removed"),
            (copy!("INSERT", "3", "3"), "position behind the last one"),
            (copy!("INSERT", "5", "3"), "position behind the last one"),
            (copy!("INSERT", "0", "3"), "position behind the last one"),
            (copy!("INSERT OR REPLACE", "3", "2"), "behind"),
            (copy!("INSERT OR REPLACE", "2", "3"), "position behind the last one"),
            (copy!("INSERT OR IGNORE", "7", "3"), "position behind the last one"),
            (copy!("REPLACE", "4", "2"), "version behind its stream's last one"),
            (copy!("INSERT", "4", "2"), "version behind its stream's last one"),
            (copy!("INSERT", "4", "4"), "version behind its stream's last one"),
            ("UPDATE head SET position = 2", "never goes back"),
            ("UPDATE head SET position = 4", "follows the log"),
            ("UPDATE head SET recorded = recorded - 1", "never goes back"),
            ("UPDATE head SET epoch = epoch - 1", "never goes back"),
            ("UPDATE head SET log = randomblob(16)", "never goes back"),
            ("DELETE FROM head", "the head is never removed"),
            ("INSERT OR REPLACE INTO head SELECT one, log, 9, position, recorded FROM head", "there is one head"),
            ("UPDATE commands SET first_position = 1", "never changed"),
            ("DELETE FROM commands", "never forgotten"),
            ("INSERT OR REPLACE INTO commands SELECT * FROM commands", "never replaced"),
            ("UPDATE keys SET wrapped = x'00', destroyed = NULL WHERE wrapped IS NULL", "never comes back"),
            ("DELETE FROM keys", "never forgotten"),
            ("INSERT OR REPLACE INTO keys SELECT * FROM keys", "never replaced"),
        ] {
            let told = refusal(&mut raw, statement).await;
            assert!(told.contains(message), "{statement}: {told}");
        }
    }
    assert_eq!(backend.read(Position::START, 10).await.unwrap(), before);
    assert_eq!(backend.head().await.unwrap(), head);

    // The triggers let pass what they should.
    sqlx::raw_sql("UPDATE head SET epoch = epoch + 1").execute(&mut raw).await.unwrap();
    sqlx::raw_sql(copy!("INSERT", "4", "3")).execute(&mut raw).await.unwrap();
    sqlx::raw_sql("UPDATE head SET position = 4").execute(&mut raw).await.unwrap();
    accept(&backend, &command(stream(), 0)).await;
    assert_eq!(backend.head().await.unwrap().position, Position(5));
}

/// A file is made only on request, closed to others, in WAL mode and with durable commits; its schema is made once,
/// however many begin at the same moment.
#[tokio::test(flavor = "multi_thread")]
async fn opening() {
    let fixture = SqliteFixture::new().await;
    let missing = SqliteBackend::open(fixture.path(), OpenOptions::default()).await.unwrap_err();
    assert!(matches!(missing, OpenError::Missing(_)), "{missing:?}");
    assert!(missing.to_string().contains(&fixture.path().display().to_string()));
    assert!(!fixture.path().exists(), "it was made all the same");
    let create = OpenOptions { create: true, ..OpenOptions::default() };
    let nowhere = SqliteBackend::open(fixture.path().join("below/a/file"), create).await.unwrap_err();
    assert!(matches!(nowhere, OpenError::NotMade { .. }), "{nowhere:?}");

    let backends = join_all((0..6).map(|_| fixture.backend())).await;
    let heads = join_all(backends.iter().map(Backend::head)).await;
    let log = heads[0].as_ref().unwrap().log;
    assert!(heads.iter().all(|head| head.as_ref().unwrap().log == log), "{heads:?}");
    accept(&backends[0], &command(stream(), 0)).await;
    for file in ["", "-wal", "-shm"] {
        let path = format!("{}{file}", fixture.path().display());
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{path}");
    }

    let pragmas = backends[0]
        .write(async |connection| {
            sqlx::query_as::<_, (String, i64, i64, i64)>(
                "SELECT (SELECT * FROM pragma_journal_mode), (SELECT * FROM pragma_synchronous), \
                (SELECT * FROM pragma_secure_delete), (SELECT * FROM pragma_foreign_keys)",
            )
            .fetch_one(connection)
            .await
        })
        .await
        .unwrap();
    assert_eq!(pragmas, ("wal".into(), 2, 1, 1));
    let refused = sqlx::query("DELETE FROM volatile_birth")
        .execute(&mut *backends[0].readers().lend().await.unwrap())
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("readonly"), "{refused}");
}

/// A new file says which builds may run on it, as the list of migrations has it.
#[tokio::test]
async fn the_oldest_build_that_may_run_on_it() {
    let fixture = SqliteFixture::new().await;
    drop(fixture.backend().await);
    let mut raw = fixture.raw().await;
    let oldest: i32 = sqlx::query_scalar("SELECT oldest_build FROM compatibility").fetch_one(&mut raw).await.unwrap();
    assert_eq!(oldest, oldest_build());
}

/// A schema that only newer builds may run on is left alone, and the person is told what to do.
#[tokio::test]
async fn a_newer_schema_is_refused() {
    let (fixture, backend) = written().await;
    drop(backend);
    let mut raw = fixture.raw().await;
    // A migration that this build does not know, and that older builds may run on.
    let newer = "INSERT INTO _sqlx_migrations SELECT 999999, 'newer', installed_on, success, checksum, execution_time
        FROM _sqlx_migrations LIMIT 1";
    sqlx::raw_sql(newer).execute(&mut raw).await.unwrap();
    accept(&fixture.backend().await, &command(stream(), 0)).await;

    sqlx::raw_sql("UPDATE compatibility SET oldest_build = 1000000").execute(&mut raw).await.unwrap();
    let refused = SqliteBackend::open(fixture.path(), OpenOptions::default()).await.unwrap_err();
    assert!(matches!(refused, OpenError::TooOld { needed: 1_000_000 }), "{refused:?}");
    assert!(refused.to_string().contains("use the newer program"), "{refused}");
}

/// One `serve` or `work` has the file; the second is told who has it and what to do; the command line writes beside it.
#[tokio::test]
async fn one_service_at_a_time() {
    let (fixture, served) = written().await;
    let lock = served.lock_for_service().unwrap();
    let other = fixture.backend().await;
    let refused = other.lock_for_service().unwrap_err();
    let LockError::Held { holder, .. } = &refused else { panic!("{refused:?}") };
    assert_eq!(*holder, Some(std::process::id()));
    let sentence = refused.to_string();
    for part in [&*fixture.path().display().to_string(), "stop that one first", "--data", "chancery serve"] {
        assert!(sentence.contains(part), "{sentence}");
    }
    accept(&other, &command(stream(), 0)).await;
    accept(&served, &command(stream(), 0)).await;
    assert_eq!(served.head().await.unwrap().position, Position(5));
    drop(lock);
    drop(other.lock_for_service().unwrap());
    drop(served.lock_for_service().unwrap());
}

/// Once an append that destroys a key is acknowledged, no file holds the key's bytes any more; where a reader was in the
/// way, once the next sweep is done. Other appends do not wait for that.
#[tokio::test]
async fn a_destroyed_key_leaves_no_bytes() {
    let fixture = SqliteFixture::new().await;
    let backend = fixture.backend().await;
    for number in 0..20 {
        let account = stream();
        let key = data_key(account);
        // Neighbours keep the page in use; the deleted cell is in its midst.
        let made =
            Prepared { new_keys: vec![data_key(account), key.clone(), data_key(account)], ..command(account, 0) };
        accept(&backend, &made).await;
        assert!(fixture.holds(&key.wrapped), "the test looks in the wrong place");
        // A reader that holds an old snapshot is in the way for a moment.
        let reader = if number % 4 == 3 {
            let mut reader = fixture.raw().await;
            sqlx::raw_sql("BEGIN; SELECT * FROM head").fetch_all(&mut reader).await.unwrap();
            Some(reader)
        } else {
            None
        };
        accept(&backend, &Prepared { destroyed_keys: vec![key.id], ..command(account, 1) }).await;
        if let Some(reader) = reader {
            backend.sweep(NOW).await.unwrap();
            assert!(fixture.holds(&key.wrapped), "the reader is in the way");
            sqlx::Connection::close(reader).await.unwrap();
            accept(&backend, &command(stream(), 0)).await;
            assert!(fixture.holds(&key.wrapped), "an append did what is the sweep's");
            backend.sweep(NOW).await.unwrap();
        }
        assert!(!fixture.holds(&key.wrapped), "round {number}");
        assert!(fixture.holds(&made.new_keys[0].wrapped));
    }
}

/// A caller that goes away in the midst of an append leaves all of it or nothing, and nobody else waits for it.
#[tokio::test(flavor = "multi_thread")]
async fn cancelled_appends() {
    let fixture = SqliteFixture::new().await;
    let backend = fixture.backend().await;
    let other = fixture.backend().await;
    let (mut whole, mut nothing) = (0, 0);
    for polls in 0..60 {
        let cancelled = Prepared { events: vec![event(), event()], ..command(stream(), 0) };
        {
            let mut appending = std::pin::pin!(backend.append(std::slice::from_ref(&cancelled)));
            for _ in 0..polls {
                if futures::poll!(&mut appending).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        accept(&other, &command(stream(), 0)).await;
        accept(&backend, &command(stream(), 0)).await;
        match backend.remembered(cancelled.command).await.unwrap() {
            Some(_) => whole += 1,
            None => nothing += 1,
        }
        let told = append(&backend, &[cancelled]).await;
        assert!(!matches!(told[0], chancery_eventstore::Status::WrongVersion), "half of it was there");
    }
    assert!(nothing > 0, "{whole} {nothing}");
    let events = backend.read(Position::START, 1_000).await.unwrap();
    assert_eq!(events.len(), 60 * 4);
    assert!(events.iter().map(|row| row.position.0).eq(1..=240));
}

/// While another process holds the write lock, reads go on; an append waits, gives up in the end, and says that it is
/// worth repeating.
#[tokio::test(flavor = "multi_thread")]
async fn a_held_write_lock() {
    let (fixture, backend) = written().await;
    let mut raw = fixture.raw().await;
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut raw).await.unwrap();
    let waits = command(stream(), 0);
    let append = backend.append(std::slice::from_ref(&waits));
    let (refused, rows) = futures::join!(append, backend.read(Position::START, 10));
    assert_eq!(rows.unwrap().len(), 3);
    assert!(matches!(refused, Err(BackendError::Unavailable(_))), "{refused:?}");

    sqlx::raw_sql("ROLLBACK").execute(&mut raw).await.unwrap();
    accept(&backend, &waits).await;
}

/// A feed looks at the log although nothing woke it: what another process appends is seen within 250 ms after its answer.
#[tokio::test]
async fn what_another_process_appends_is_seen_without_a_wake_up() {
    let fixture = SqliteFixture::new().await;
    let (reader, other) = (fixture.open().await, fixture.backend().await);
    let (_never, written) = tokio::sync::watch::channel(Position::START);
    let feed = LogFeed::new(reader, written);
    // With room for the look itself within the 250 ms.
    assert!(feed::LOOK <= Duration::from_millis(200));
    let mut waits = Vec::new();
    for position in 1..=7 {
        // It waits by now, since it looked once and found nothing.
        let mut next = std::pin::pin!(feed.next(Position(position - 1), 10));
        assert!(futures::poll!(&mut next).is_pending());
        accept(&other, &command(stream(), 0)).await;
        let told = SystemClock.now();
        let rows = loop {
            let rows = (&mut next).await.unwrap();
            if !rows.is_empty() {
                break rows;
            }
            next.set(feed.next(Position(position - 1), 10));
        };
        waits.push(SystemClock.now().since(told));
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].position, Position(position));
    }
    // A machine that is busy may be late now and then.
    waits.sort();
    assert!(waits[waits.len() / 2] < Duration::from_millis(250), "{waits:?}");
}

/// Of the followers of one process each is given every event once, in order, however far behind it is and however much it
/// takes at once.
#[tokio::test]
async fn followers_share_what_is_read_of_the_log() {
    const EVENTS: i64 = 60;
    let fixture = SqliteFixture::new().await;
    let backend = std::sync::Arc::new(fixture.backend().await);
    let (tell, written) = tokio::sync::watch::channel(Position::START);
    let feed = std::sync::Arc::new(LogFeed::new(backend.clone(), written));
    let follow = |limit: u32| {
        let feed = std::sync::Arc::clone(&feed);
        tokio::spawn(async move {
            let mut given = Vec::new();
            while given.len() < EVENTS as usize {
                let after = Position(given.len() as i64);
                let rows = feed.next(after, limit).await.unwrap();
                assert!(rows.len() <= limit as usize);
                given.extend(rows.iter().map(|row| row.position.0));
            }
            given
        })
    };
    let early = [1, 7, 200].map(follow);
    for position in 1..=EVENTS {
        accept(&*backend, &command(stream(), 0)).await;
        // Some are told of, some are left to the regular look.
        if position % 3 == 0 {
            tell.send(Position(position)).unwrap();
        }
    }
    let late = [1, 7, 200].map(follow);
    for given in early.into_iter().chain(late) {
        assert_eq!(given.await.unwrap(), (1..=EVENTS).collect::<Vec<_>>());
    }
}

/// What follows the log does not wait for the disk, and whoever comes after it does again, however it ended.
#[tokio::test]
async fn transactions_beside_the_log() {
    let fixture = SqliteFixture::new().await;
    let db = Db::Sqlite(std::sync::Arc::new(fixture.backend().await));
    let insert =
        |job: &str, floor: i64| sql("INSERT INTO job_floors (position, job) VALUES ($2, $1)").bind(job).bind(floor);
    let raise = |from: i64, to: i64| {
        sql("UPDATE job_floors SET position = $2 WHERE job = 'a' AND position = $1 AND $2 > $1").bind(from).bind(to)
    };
    let stands = async || {
        let floors: Vec<(String, i64)> =
            db.fetch(sql("SELECT job, position FROM job_floors ORDER BY job")).await.unwrap();
        let Db::Sqlite(backend) = &db else { unreachable!() };
        let pragma = sqlx::query_scalar("PRAGMA synchronous");
        let synchronous: i64 = backend.write(async |connection| pragma.fetch_one(connection).await).await.unwrap();
        assert_eq!(synchronous, 2, "a commit waits for the disk again");
        floors.into_iter().map(|(job, floor)| format!("{job} {floor}")).collect::<Vec<_>>().join(", ")
    };
    assert!(db.follow_if(Vec::new(), vec![insert("a", 1), insert("b", 2)]).await.unwrap());
    assert_eq!(stands().await, "a 1, b 2");
    for follows in [true, false] {
        let run = async |guards: Vec<Statement>, statements: Vec<Statement>| match follows {
            true => db.follow_if(guards, statements).await,
            false => db.transaction_if(guards, statements).await,
        };
        // The second guard does not hold: what the first one did is undone.
        assert!(!run(vec![raise(1, 5), raise(9, 10)], vec![insert("c", 3)]).await.unwrap());
        assert_eq!(stands().await, "a 1, b 2");
        // A statement fails after others.
        assert!(run(vec![raise(1, 5)], vec![insert("c", 3), insert("a", 4)]).await.is_err());
        assert_eq!(stands().await, "a 1, b 2");
        assert!(run(Vec::new(), vec![sql("DELETE FROM job_floors WHERE position = $2").bind(1)]).await.is_err());
        assert_eq!(stands().await, "a 1, b 2");
        assert!(run(vec![raise(1, 5)], vec![raise(5, 6)]).await.unwrap());
        assert_eq!(stands().await, "a 6, b 2");
        // More values than one script takes.
        let many = (0..1000).map(|n| insert(&format!("m{n}"), n)).collect();
        assert!(run(Vec::new(), many).await.unwrap());
        assert_eq!(db.execute(sql("DELETE FROM job_floors WHERE job LIKE 'm%'")).await.unwrap(), 1000);
        assert!(run(vec![sql("UPDATE job_floors SET position = 1 WHERE job = 'a'")], Vec::new()).await.unwrap());
    }
    let raised: Vec<(i64,)> = db
        .follow(sql("UPDATE job_floors SET position = position + $1 WHERE job <> '' RETURNING position").bind(40))
        .await
        .unwrap();
    assert_eq!(raised, [(41,), (42,)]);
    assert_eq!(stands().await, "a 41, b 42");
}
