//! Clients that append under faults, and what must hold of the log afterwards.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chancery_domain::StreamId;
use chancery_eventstore::{AppendError, Backend, Batcher, CommandId, EventRow, Position};

use super::commands::{command, stream};

/// What the clients were told.
#[derive(Debug, Default)]
pub struct Told {
    /// Every acknowledged command with its position.
    pub acknowledged: HashMap<CommandId, Position>,
    /// Commands that were repeated by their client because nobody knew what became of them.
    pub repeated: usize,
}

/// Clients that append one command after the other, each to its own stream. A command of unknown fate is repeated under
/// its id until it is acknowledged; anything but an acknowledgement or an unknown fate fails the test.
#[derive(Debug)]
pub struct Load {
    clients: Vec<tokio::task::JoinHandle<Told>>,
    acknowledged: Arc<AtomicUsize>,
    stop: tokio_util::sync::CancellationToken,
}

impl Load {
    /// Starts so many clients.
    pub fn start(batcher: &Arc<Batcher>, clients: usize) -> Self {
        let acknowledged = Arc::new(AtomicUsize::new(0));
        let stop = tokio_util::sync::CancellationToken::new();
        let clients = (0..clients)
            .map(|_| tokio::spawn(client(Arc::clone(batcher), Arc::clone(&acknowledged), stop.clone())))
            .collect();
        Self { clients, acknowledged, stop }
    }

    /// Waits until so many more commands were acknowledged.
    ///
    /// # Panics
    /// If that takes more than a minute, or all clients have ended.
    pub async fn more(&self, commands: usize) {
        let goal = self.acknowledged.load(Ordering::Relaxed) + commands;
        let reached = async {
            while self.acknowledged.load(Ordering::Relaxed) < goal {
                assert!(self.clients.iter().any(|client| !client.is_finished()), "the clients have ended");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), reached).await.expect("the clients go on");
    }

    /// Lets each client finish its command, and returns what they were told.
    pub async fn finish(self) -> Told {
        self.stop.cancel();
        let mut all = Told::default();
        for client in self.clients {
            let told = client.await.expect("a client ends by itself");
            all.acknowledged.extend(told.acknowledged);
            all.repeated += told.repeated;
        }
        all
    }
}

async fn client(
    batcher: Arc<Batcher>,
    acknowledged: Arc<AtomicUsize>,
    stop: tokio_util::sync::CancellationToken,
) -> Told {
    let mut told = Told::default();
    let own = stream();
    for version in 0.. {
        if stop.is_cancelled() {
            break;
        }
        let next = command(own, version);
        let committed = loop {
            match batcher.append(next.clone()).await {
                Ok(committed) => break committed,
                Err(AppendError::Unavailable) => told.repeated += 1,
                Err(error) => panic!("{error}"),
            }
        };
        told.acknowledged.insert(next.command, committed.position());
        acknowledged.fetch_add(1, Ordering::Relaxed);
    }
    told
}

/// Holds the log against what the clients were told: positions and versions without gaps, every acknowledged command
/// exactly once and where it was said to be, and nothing else.
pub async fn hold(backend: &dyn Backend, told: &Told) {
    let mut log: Vec<EventRow> = Vec::new();
    loop {
        let after = log.last().map_or(Position::START, |row| row.position);
        let rows = backend.read(after, 1000).await.expect("the log is read");
        if rows.is_empty() {
            break;
        }
        log.extend(rows);
    }
    let mut versions: HashMap<StreamId, i64> = HashMap::new();
    let mut commands = HashSet::new();
    for (position, row) in (1..).zip(&log) {
        assert_eq!(row.position, Position(position), "the log has a gap");
        let version = versions.entry(row.stream).or_default();
        *version += 1;
        assert_eq!(row.version.0, *version, "stream {} has a gap", row.stream);
        assert!(commands.insert(row.command), "a command of one event was applied twice");
        assert_eq!(told.acknowledged.get(&row.command), Some(&row.position), "the log and what was told differ");
    }
    assert_eq!(log.len(), told.acknowledged.len(), "an acknowledged command is lost");
    assert_eq!(backend.head().await.expect("the head is read").position.0, log.len() as i64);
    for (stream, version) in versions {
        let state = backend.state(stream).await.expect("a state is read").expect("a state row");
        assert_eq!(state.version.0, version, "the state row of {stream} is of another version");
    }
}
