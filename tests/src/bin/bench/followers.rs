//! A thousand applications that follow the changes of accounts on one node: how long after a change was acknowledged it
//! has reached them.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chancery_domain::application::{ApplicationName, Scope};
use chancery_tests::site::{PASSWORD, World, form_of};
use chancery_tests::store::postgres::PostgresFixture;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinSet, spawn_blocking};

use crate::Effort;
use crate::accounts;
use crate::clock::Stopwatch;
use crate::report::{Table, allowed, percentile};
use crate::served::{Served, Visitor};
use crate::workload::{generated, tidied};

const APPLICATIONS: usize = 1_000;
/// How many of them come at the same time.
const AT_ONCE: usize = 16;

const ADA: &str = "ada@example.org";

/// Measures `chancery serve` on PostgreSQL.
pub async fn measure(effort: Effort) -> Table {
    let (world, fixture) = World::postgres_with_fixture().await;
    generated(&world, effort.events).await;
    // Nothing of this log is left for jobs to do.
    chancery_workers::set_floors(world.db(), &**world.backend()).await.expect("the floors are set");
    let site = world.site_at_rest(accounts::setup()).await;
    accounts::age(&site).await;
    accounts::registered(&site, ADA).await;
    let mut secrets = Vec::with_capacity(APPLICATIONS);
    for n in 0..APPLICATIONS {
        let name: ApplicationName = format!("Follower {n}").parse().expect("a name");
        let registered = site.app.register_application("bench", &name, &[Scope::AccountsRead]).await;
        let (_, secret) = registered.expect("it is answered").expect("the name is free");
        secrets.push(secret.expose().to_string());
    }
    site.settle().await;
    tidied(&fixture).await;
    let after = site.app.log_position(site.app.store.backend().head().await.expect("the head").position).to_string();
    site.app.store.close().await;
    drop(site);

    let database = database(world.keys(), &fixture);
    let served = Served::start(world.keys(), &database.each_ref().map(String::as_str));
    let (clock, (told, mut heard)) = (Stopwatch::start(), mpsc::unbounded_channel());
    let (mut followers, door) = (JoinSet::new(), Arc::new(Semaphore::new(AT_ONCE)));
    for secret in secrets {
        let entry = Arc::clone(&door).acquire_owned().await.expect("the door stays open");
        followers.spawn(follow(served.port(), secret, after.clone(), entry, clock, told.clone()));
    }
    let mut all = async || {
        let mut times = Vec::with_capacity(APPLICATIONS);
        while times.len() < APPLICATIONS {
            times.push(heard.recv().await.expect("the followers listen"));
        }
        times
    };
    // The first word of each says that it is heard.
    all().await;
    let visitor = served.visitor();
    let mut ada = spawn_blocking(move || sign_in(visitor)).await.expect("somebody is signed in");
    let mut times = Vec::new();
    for round in 0..effort.repetitions * 4 {
        let asked = spawn_blocking(move || {
            change(&mut ada, round);
            (clock.elapsed(), ada)
        });
        let (asked, arrived) = tokio::join!(asked, all());
        let (acknowledged, back) = asked.expect("the change is acknowledged");
        // Some hear of it before the answer is read.
        times.extend(arrived.into_iter().map(|at| at.saturating_sub(acknowledged)));
        ada = back;
    }
    drop(followers);
    let (half, most) = (percentile(&mut times, 0.5), percentile(&mut times, 0.99));
    Table {
        heading: format!(
            "{APPLICATIONS} applications hold a stream of changes open (Server-Sent Events) on one `chancery serve` on \
             PostgreSQL with a log of {} events, all on this machine. The time is from a change's acknowledgement to its event, over {} changes. A \
             ratio is the allowed time divided by the measured one.",
            effort.events,
            effort.repetitions * 4
        ),
        lines: vec![
            allowed("a change reaches an application, p50", half, 1000.0, 200.0),
            allowed("the same, p99", most, 1000.0, 200.0),
        ],
    }
}

/// The arguments by which a process finds the database.
fn database(folder: &Path, fixture: &PostgresFixture) -> [String; 4] {
    let url = fixture.url().split('?').next().unwrap_or_default().to_owned();
    let (user, rest) = url.split_once('@').expect("a user and a host");
    let (user, password) = user.rsplit_once(':').expect("a password");
    let file = folder.join("password");
    fs::write(&file, password).expect("the password is written");
    fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("its rights are set");
    let file = file.to_str().expect("a path").to_owned();
    ["--database".to_owned(), format!("{user}@{rest}"), "--database-password-file".to_owned(), file]
}

/// Follows the changes; tells when the first word came, and then each change.
async fn follow(
    port: u16,
    secret: String,
    after: String,
    entry: OwnedSemaphorePermit,
    clock: Stopwatch,
    told: UnboundedSender<Duration>,
) {
    let mut entry = Some(entry);
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("it listens");
    let request = format!(
        "GET /v1/accounts/changes?after={after} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {secret}\r\n\
         Accept: text/event-stream\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let (mut unread, mut piece) = (String::new(), vec![0; 4096]);
    loop {
        let read = stream.read(&mut piece).await.expect("it answers");
        assert!(read > 0, "the stream ended: {unread}");
        unread.push_str(&String::from_utf8_lossy(&piece[..read]));
        while let Some((event, rest)) = unread.split_once("\n\n") {
            // Each word stands in a chunk of its own; the first is a remark, as are those that keep the stream alive.
            let is_news = event.contains("event: change") || event.contains("HTTP/1.1 200");
            unread = rest.to_owned();
            entry = entry.filter(|_| !is_news);
            if is_news && told.send(clock.elapsed()).is_err() {
                return;
            }
        }
    }
}

fn sign_in(mut ada: Visitor) -> Visitor {
    let name = form_of(&ada.get("/login"), "/login").with("name", ADA);
    let page = ada.post("/login", &name);
    let answer = ada.post("/login/password", &form_of(&page, "/login/password").with("password", PASSWORD));
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    ada
}

fn change(ada: &mut Visitor, round: usize) {
    let language = if round.is_multiple_of(2) { "fr" } else { "de" };
    let form = form_of(&ada.get("/account"), "/account/language").with("mail_language", language);
    let answer = ada.post("/account/language", &form);
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
}
