//! Connections that are cut, servers that die, disks that fill up: nothing acknowledged is lost, nothing is applied
//! twice.

use std::fs::{self, File};
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use chancery_eventstore::{
    AppendError, Backend, Batcher, BatcherOptions, Committed, Db, Position, PostgresBackend, PostgresOptions, Prepared,
    PreparedEvent,
};
use chancery_tests::audit::assert_sound;
use chancery_tests::net::{Cut, CutProxy, Postgres};
use chancery_tests::postgres::Server;
use chancery_tests::site::{Setup, World};
use chancery_tests::store::commands::{command, event, stream};
use chancery_tests::store::load::{Load, hold};
use chancery_tests::store::postgres::PostgresFixture;
use chancery_tests::store::{Fixture, accept};
use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Patient enough for a server's restart.
fn patient() -> BatcherOptions {
    BatcherOptions { repeats: 20, ..BatcherOptions::default() }
}

fn through(address: SocketAddr, options: PgConnectOptions) -> PostgresOptions {
    PostgresOptions::new(options.host(&address.ip().to_string()).port(address.port()))
}

fn address(options: &PgConnectOptions) -> SocketAddr {
    format!("{}:{}", options.get_host(), options.get_port()).parse().expect("an address of the loopback")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_connections() {
    const CUTS: usize = 40;
    let fixture = PostgresFixture::new().await;
    let proxy = CutProxy::start(address(&fixture.service()), Postgres::statements_with("chancery.append"))
        .await
        .expect("a proxy listens");
    let backend = PostgresBackend::connect(through(proxy.address(), fixture.service())).await.expect("a connection");
    let batcher = Arc::new(Batcher::start(Arc::new(backend), BatcherOptions::default()));
    let load = Load::start(&batcher, 4);
    load.more(20).await;
    let cuts = [Cut::BeforeRequest, Cut::DuringRequest, Cut::BeforeAnswer];
    for round in 0..CUTS {
        for cut in cuts {
            proxy.cut_next(1, cut);
            // Sometimes the repetition is cut as well.
            proxy.pass_next(round % 3);
        }
    }
    while proxy.planned() > 0 {
        load.more(1).await;
    }
    load.more(20).await;
    let told = load.finish().await;
    for cut in cuts {
        assert_eq!(proxy.cuts(cut), CUTS, "{cut:?}");
    }
    assert_eq!(told.repeated, 0, "the batcher repeats by itself");
    hold(&*fixture.open().await, &told).await;
    assert_sound(&Db::Postgres(Arc::new(fixture.backend().await))).await;
}

/// What stands in the log when a batch is repeated may be another request's with the same id: the caller is told so.
#[tokio::test]
async fn a_lost_answer_is_found_by_repeating() {
    let fixture = PostgresFixture::new().await;
    let proxy = CutProxy::start(address(&fixture.service()), Postgres::statements_with("chancery.append"))
        .await
        .expect("a proxy listens");
    let backend = PostgresBackend::connect(through(proxy.address(), fixture.service())).await.expect("a connection");
    let batcher = Batcher::start(Arc::new(backend), BatcherOptions::default());
    proxy.cut_next(1, Cut::BeforeAnswer);
    let first = command(stream(), 0);
    let told = batcher.append(first.clone()).await.expect("acknowledged");
    assert_eq!(told, Committed::Duplicate { first: Position(1), last: Position(1) });
    assert_eq!((proxy.cuts(Cut::BeforeAnswer), proxy.requests()), (1, 2));
    let told = batcher.append(first).await.expect("acknowledged");
    assert!(matches!(told, Committed::Duplicate { .. }), "{told:?}");
    assert_sound(&Db::Postgres(Arc::new(fixture.backend().await))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server() {
    let mut server = Server::start(&[]).await;
    let fixture = PostgresFixture::on(server.database().await).await;
    let stores = [fixture.open().await, fixture.open().await];
    let batchers = stores.clone().map(|backend| Arc::new(Batcher::start(backend, patient())));
    let loads = batchers.each_ref().map(|batcher| Load::start(batcher, 8));
    for _ in 0..5 {
        for load in &loads {
            load.more(50).await;
        }
        server.kill9().await;
        server.start_again().await;
    }
    let mut told = chancery_tests::store::load::Told::default();
    for load in loads {
        load.more(50).await;
        let part = load.finish().await;
        told.acknowledged.extend(part.acknowledged);
        told.repeated += part.repeated;
    }
    hold(&*fixture.open().await, &told).await;
    assert_sound(&Db::Postgres(Arc::new(fixture.backend().await))).await;
}

#[tokio::test]
async fn a_full_disk() {
    let mut server = Server::start(&[]).await;
    let folder = server.tablespace_on_tmpfs("small").await;
    let fixture = PostgresFixture::on(server.database().await).await;
    fixture.execute("ALTER TABLE events SET TABLESPACE small").await;
    let backend = fixture.open().await;
    let batcher = Batcher::start(Arc::clone(&backend), BatcherOptions::default());
    let large = |version| {
        let part = Some(vec![7; 30_000]);
        let events = vec![PreparedEvent { subject: part.clone(), inputs: part, ..event() }];
        Prepared { events, ..command(stream(), version) }
    };
    accept(&*backend, &large(0)).await;
    let head = backend.head().await.expect("the head is read");

    let ballast = folder.with_file_name("ballast");
    let mut file = File::create(&ballast).expect("a file beside the tablespace");
    while file.write_all(&[0; 4096]).is_ok() {}
    // What is written to TOAST pages that were made before may still find room.
    let mut accepted = 0;
    let refused = loop {
        let next = large(0);
        match batcher.append(next.clone()).await {
            Ok(_) => accepted += 1,
            Err(AppendError::Full) => break next,
            Err(error) => panic!("{error}"),
        }
        assert!(accepted < 1000, "the disk is never full");
    };
    assert_eq!(backend.head().await.expect("the head is read").position.0, head.position.0 + accepted);
    assert_eq!(backend.read_stream(refused.stream, Default::default(), 9).await.expect("a stream is read"), []);
    assert_eq!(backend.state(refused.stream).await.expect("a state is read"), None);
    assert_eq!(backend.remembered(refused.command).await.expect("a command is looked up"), None);

    fs::remove_file(&ballast).expect("room is made");
    drop(file);
    let told = batcher.append(refused).await.expect("it goes on by itself");
    assert!(matches!(told, Committed::Appended { .. }), "{told:?}");
    assert_sound(&Db::Postgres(Arc::new(fixture.backend().await))).await;
    drop(fixture);
}

/// What a form leads to is written behind its answer. Where the events have no room, nothing more is promised to anybody,
/// whether a name has an account or not; what was promised before follows as soon as there is room.
#[tokio::test]
async fn a_full_disk_breaks_no_promise() {
    const ADA: &str = "ada@example.org";
    let mut server = Server::start(&[]).await;
    let folder = server.tablespace_on_tmpfs("small").await;
    let fixture = PostgresFixture::on(server.database().await).await;
    fixture.execute("ALTER TABLE events SET TABLESPACE small").await;
    let site = World::on_postgres(fixture).await.site(Setup::default()).await;
    site.age().await;
    site.registered(ADA).await;
    site.after(Duration::from_secs(48 * 3600)).await;
    site.mails.clear();

    let ballast = folder.with_file_name("ballast");
    let mut file = File::create(&ballast).expect("a file beside the tablespace");
    while file.write_all(&[0; 4096]).is_ok() {}
    let mut promised = Vec::new();
    let (mut late, form) = loop {
        // What is written to pages that were made before may still find room.
        let number = promised.len();
        assert!(number < 250, "the disk is never full");
        let (mut browser, address) =
            (site.browser_at(&format!("198.51.100.{number}")), format!("p{number}@example.org"));
        let form = browser.registration(&address).await;
        let page = browser.submit(&form).await;
        if page.status == StatusCode::SERVICE_UNAVAILABLE {
            assert!(page.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0));
            break (browser, form);
        }
        assert_eq!(page.path, "/check-mail", "{}", page.text());
        promised.push(address);
    };
    for name in [ADA, "nobody@example.org"] {
        let page = site.browser_at("203.0.113.1").lose_password(name).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{name}: {}", page.text());
    }

    fs::remove_file(&ballast).expect("room is made");
    drop(file);
    site.settle().await;
    for address in &promised {
        assert_eq!(site.mails.to(address).len(), 1, "{address}");
    }
    assert_eq!(late.submit(&form).await.path, "/check-mail", "the check of what was refused was not used up");
    assert_eq!(site.browser_at("203.0.113.1").lose_password(ADA).await.path, "/check-mail");
    site.settle().await;
    assert_eq!((site.mails.to(ADA).len(), site.mails.to(&format!("p{}@example.org", promised.len())).len()), (1, 1));
    site.world().assert_clean().await;
}

/// A network that hands on `bytes` of what the client sends next, and nothing at all afterwards, in neither direction.
#[derive(Clone, Debug)]
struct Stall(tokio::sync::watch::Sender<Option<usize>>);

impl Stall {
    async fn before(server: SocketAddr) -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let stall = Self(tokio::sync::watch::Sender::new(None));
        let shared = stall.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(server).await.expect("the server answers");
                tokio::spawn(shared.clone().relay(client, server));
            }
        });
        (stall, address)
    }

    async fn relay(self, mut client: TcpStream, mut server: TcpStream) {
        let (mut asked, mut told) = ([0; 4096], [0; 4096]);
        loop {
            let room = *self.0.borrow();
            let most = room.unwrap_or(asked.len()).min(asked.len());
            tokio::select! {
                length = client.read(&mut asked[..most]), if most > 0 => match length {
                    Ok(0) | Err(_) => return,
                    Ok(length) => {
                        server.write_all(&asked[..length]).await.expect("the server reads");
                        self.0.send_if_modified(|room| room.as_mut().map(|room| *room -= length).is_some());
                    }
                },
                length = server.read(&mut told), if room.is_none() => match length {
                    Ok(0) | Err(_) => return,
                    Ok(length) => client.write_all(&told[..length]).await.expect("the client reads"),
                },
                // Held open for as long as the test lasts.
                () = std::future::pending(), if most == 0 => {}
            }
        }
    }
}

/// A client whose network stops in the midst of its request, or before its answer, is in nobody's way: the head's lock
/// is held by one statement at most, from its whole request to its commit.
#[tokio::test]
async fn a_slow_client_never_holds_the_lock() {
    let fixture = PostgresFixture::new().await;
    let (stall, address) = Stall::before(address(&fixture.service())).await;
    let direct = fixture.open().await;
    for bytes in [20_000, usize::MAX] {
        stall.0.send_replace(None);
        let slow = PostgresBackend::connect(through(address, fixture.service())).await.expect("a connection");
        accept(&slow, &command(stream(), 0)).await;
        stall.0.send_replace(Some(bytes));
        let large = PreparedEvent { subject: Some(vec![7; 60_000]), ..event() };
        let asked = Prepared { events: vec![large], ..command(stream(), 0) };
        let id = asked.command;
        let waiting = tokio::spawn(async move { slow.append(&[asked]).await });
        if bytes == usize::MAX {
            while direct.remembered(id).await.expect("a command is looked up").is_none() {}
        } else {
            let mut network = stall.0.subscribe();
            let stalled = network.wait_for(|room| *room == Some(0));
            tokio::time::timeout(Duration::from_secs(10), stalled).await.expect("bytes pass").expect("it is watched");
        }
        // Less than the database lets anybody hold the lock.
        let told = tokio::time::timeout(Duration::from_secs(4), direct.append(&[command(stream(), 0)])).await;
        told.expect("nobody holds the lock").expect("the batch is answered");
        assert!(!waiting.is_finished(), "the slow client was not slow");
        waiting.abort();
    }
    assert_sound(&Db::Postgres(Arc::new(fixture.backend().await))).await;
}

/// Under load no session of the service is ever seen inside a transaction that waits for its client.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_transaction_waits_for_its_client() {
    let fixture = PostgresFixture::new().await;
    let batcher = Arc::new(Batcher::start(fixture.open().await, BatcherOptions::default()));
    let load = Load::start(&batcher, 8);
    let mut working = 0;
    for _ in 0..100 {
        working += fixture
            .number(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                AND application_name = 'chancery' AND state = 'active' AND query LIKE '%chancery.append%'",
            )
            .await;
        let waiting = fixture
            .number(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                AND application_name = 'chancery' AND state LIKE 'idle in transaction%'",
            )
            .await;
        assert_eq!(waiting, 0);
    }
    assert!(working > 0, "no append was ever seen at work");
    let told = load.finish().await;
    hold(&*fixture.open().await, &told).await;
    assert_sound(&Db::Postgres(Arc::new(fixture.backend().await))).await;
}
