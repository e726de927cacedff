//! NATS for tests: a server of the test's own, that it kills, starts again, and looks into.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_nats::jetstream::{self, consumer};
use chancery_eventstore::nats::{Nats, NatsOptions, StreamId};
use chancery_eventstore::record;
use chancery_eventstore::{EventRow, Position};
use futures::StreamExt;
use rustix::process::{Pid, Signal, kill_process};

use crate::environment;
use crate::leash::Leash;
use crate::postgres::free_port;

mod scene;

pub use scene::Scene;

/// How long a server may take to start.
const START: Duration = Duration::from_secs(20);

/// Room for the copy of the log in tests, unless they say otherwise.
pub const ROOM: u64 = 64 * 1024 * 1024;

/// A nats-server that one test starts, kills and starts again. It is stopped and its store deleted with this value.
#[derive(Debug)]
pub struct NatsServer {
    leash: Option<Leash>,
    folder: tempfile::TempDir,
    /// The folder of everything that JetStream writes.
    store: PathBuf,
    #[expect(dead_code, reason = "deletes the store on a disk of its own")]
    disk: Option<tempfile::TempDir>,
    port: u16,
}

impl NatsServer {
    /// One with JetStream and nothing else.
    pub async fn start() -> Self {
        Self::start_with("").await
    }

    /// One with more in its configuration: accounts, limits, or `jetstream: disabled` as the last word.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start_with(more: &str) -> Self {
        Self::start_on(None, more).await
    }

    /// The same with its store on the small tmpfs of `tests/run`, which other files fill.
    pub async fn start_on_tmpfs(more: &str) -> Self {
        let disk = tempfile::Builder::new().prefix("nats-").tempdir_in(environment::tmpfs()).unwrap();
        Self::start_on(Some(disk), more).await
    }

    async fn start_on(disk: Option<tempfile::TempDir>, more: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("nats-").tempdir().unwrap();
        let store = disk.as_ref().unwrap_or(&folder).path().join("store");
        let mut server = Self { leash: None, folder, store, disk, port: free_port() };
        server.configure(more);
        server.start_again().await;
        server
    }

    /// Changes what [`NatsServer::start_with`] added, from the next start on.
    pub fn configure(&self, more: &str) {
        // The store may be told its limits by what is added.
        let jetstream = if more.contains("jetstream") {
            more.replace("STORE", &self.store().display().to_string())
        } else {
            format!("jetstream {{ store_dir: \"{}\" }}\n{more}", self.store().display())
        };
        fs::write(self.config(), format!("listen: \"127.0.0.1:{}\"\n{jetstream}\n", self.port)).unwrap();
    }

    /// Starts it again with the same port and store.
    ///
    /// # Panics
    /// If it runs, or does not start.
    pub async fn start_again(&mut self) {
        assert!(self.leash.is_none(), "the server is running");
        let log = OpenOptions::new().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let command = ["nats-server".to_owned(), "-c".to_owned(), self.config().display().to_string()];
        self.leash = Some(Leash::start("TERM", &command, log));
        let listens = async {
            while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let started = tokio::time::timeout(START, listens).await;
        assert!(started.is_ok(), "nats-server does not listen:\n{}", self.log());
    }

    /// Kills it at once.
    pub async fn kill9(&mut self) {
        let leash = self.leash.take().unwrap();
        kill_process(Pid::from_raw(i32::try_from(leash.server()).unwrap()).unwrap(), Signal::KILL).unwrap();
        tokio::task::spawn_blocking(move || drop(leash)).await.unwrap();
    }

    /// Stops it as an operator would.
    pub async fn stop(&mut self) {
        let leash = self.leash.take().unwrap();
        tokio::task::spawn_blocking(move || drop(leash)).await.unwrap();
    }

    /// Where it listens, without a user.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The same with a user and a password.
    #[must_use]
    pub fn url_of(&self, user: &str, password: &str) -> String {
        format!("nats://{user}:{password}@127.0.0.1:{}", self.port)
    }

    /// The folder of everything that JetStream writes.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.store.clone()
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("nats.conf")
    }

    /// A client that may do everything.
    pub async fn client(&self) -> jetstream::Context {
        client(&self.url()).await
    }
}

/// A client of any server that may do everything.
pub async fn client(url: &str) -> jetstream::Context {
    jetstream::new(async_nats::connect(url).await.unwrap())
}

/// The same, as this user.
pub async fn client_of(url: &str, user: &str, password: &str) -> async_nats::Client {
    let options = async_nats::ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned());
    options.custom_inbox_prefix("_INBOX_chancery").connect(url).await.unwrap()
}

/// The connection that the service makes.
pub async fn nats(url: &str) -> Nats {
    nats_with_room(url, ROOM).await
}

/// The same, with so much room for the copy of the log.
pub async fn nats_with_room(url: &str, stream_bytes: u64) -> Nats {
    let options = NatsOptions { urls: url.into(), credentials: None, authorities: None, stream_bytes };
    Nats::keep(&options).await.unwrap()
}

/// The account of the manual, with another password.
///
/// # Panics
/// If the manual has none.
#[must_use]
pub fn documented_account(password: &str) -> String {
    let manual = fs::read_to_string(environment::repository().join("docs/operate.md")).unwrap();
    let account = manual.split("```nats\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(account.contains("\"change me\""));
    format!("jetstream {{ store_dir: \"STORE\" }}\n{}", account.replace("change me", password))
}

/// Everything that a stream holds, in its order, with each message's sequence.
///
/// # Panics
/// If a message is no record.
pub async fn content(client: &jetstream::Context, stream: StreamId) -> Vec<(u64, EventRow)> {
    let mut handle = client.get_stream(stream.stream()).await.unwrap();
    let count = handle.info().await.unwrap().state.messages;
    let consumer = handle.create_consumer(consumer::pull::OrderedConfig::default()).await.unwrap();
    let messages = consumer.messages().await.unwrap().take(usize::try_from(count).unwrap());
    messages
        .map(|message| {
            let message = message.unwrap();
            let row = record::decode(&message.payload).unwrap();
            assert_eq!(position(&message), row.position.to_string());
            (message.info().unwrap().stream_sequence, row)
        })
        .collect()
        .await
}

fn position(message: &jetstream::Message) -> String {
    message.headers.as_ref().unwrap().get("Chancery-Position").unwrap().to_string()
}

/// Whether a stream holds the log from after its base on: every event once, in order.
///
/// # Panics
/// If it does not.
pub fn assert_copy(content: &[(u64, EventRow)], base: Position, log: &[EventRow]) {
    let expected: Vec<(u64, &EventRow)> = (1..).zip(log.iter().filter(|row| row.position > base)).collect();
    assert_eq!(content.len(), expected.len(), "as many messages as events after {base}");
    for ((sequence, row), (place, event)) in content.iter().zip(expected) {
        assert_eq!((*sequence, row), (place, event));
    }
}

/// Purges the only stream until another one stands in its place. An event that comes right after a purge makes the stream a
/// copy again: then it is purged once more.
///
/// # Panics
/// If none does.
pub async fn purge_until_replaced(client: &jetstream::Context) {
    let names = async || client.stream_names().map(Result::unwrap).collect::<Vec<String>>().await;
    let first = names().await;
    until("a new generation begins", async || {
        let now = names().await;
        if now == first
            && let Ok(mut stream) = client.get_stream(&first[0]).await
            && stream.info().await.is_ok_and(|info| info.state.messages > 0)
        {
            // It may be deleted in between.
            let _purged = stream.purge().await.ok();
        }
        now.len() == 1 && now != first
    })
    .await;
}

/// Copies a folder with everything in it.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Waits until something holds.
///
/// # Panics
/// If it does not within half a minute.
pub async fn until(what: &str, holds: impl AsyncFnMut() -> bool) {
    until_within(Duration::from_secs(30), what, holds).await;
}

/// Waits that long until something holds.
///
/// # Panics
/// If it does not.
pub async fn until_within(patience: Duration, what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(patience, waiting).await.is_ok(), "never: {what}");
}
