//! Group commit: takes what is queued and writes it in one transaction; the commit before is the batching window.

mod destroyed;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chancery_domain::{ClaimKind, KeyId, StreamId};
use tokio::sync::{Notify, oneshot, watch};

use crate::append::{Prepared, Reservation, Status};
use crate::backend::{Backend, BackendError};
use crate::history::Difference;
use crate::keys::Ledger;
use crate::priority::Priority;
use crate::record;
use crate::row::{CommandId, Position};
use destroyed::destroyed;

/// How much a batcher holds.
#[derive(Clone, Debug)]
pub struct BatcherOptions {
    /// Commands that may wait in all. What is worth less uses only a part of it, see [`Priority::share`].
    pub queue: usize,
    /// Commands of one stream that may wait.
    pub per_stream: usize,
    /// Commands in one batch.
    pub batch: usize,
    /// How often a batch is repeated after a lost connection, with a growing pause.
    pub repeats: u32,
    /// Where keys that were destroyed are written down before that is acknowledged.
    pub ledger: Option<Arc<Ledger>>,
}

impl Default for BatcherOptions {
    fn default() -> Self {
        Self { queue: 4096, per_stream: 16, batch: 256, repeats: 8, ledger: None }
    }
}

/// An acknowledged append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Committed {
    /// Written by this call.
    Appended {
        /// The first event's position.
        first: Position,
        /// The last event's position.
        last: Position,
    },
    /// The same command had been written before.
    Duplicate {
        /// The first event's position.
        first: Position,
        /// The last event's position.
        last: Position,
    },
}

impl Committed {
    /// The position from which on every read sees the command's effect.
    #[must_use]
    pub const fn position(self) -> Position {
        match self {
            Self::Appended { last, .. } | Self::Duplicate { last, .. } => last,
        }
    }
}

/// Why an append was not acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The stream or a guard has moved on: load, decide and try again.
    #[error("the stream or one that the decision depends on has moved on")]
    WrongVersion,
    /// A key that sealed a part has been destroyed meanwhile.
    #[error("a sealing key has been destroyed")]
    KeyGone,
    /// A value is reserved for another stream.
    #[error("a value is reserved for another stream ({0:?})")]
    ReservationTaken(ClaimKind),
    /// The command id stands for another request.
    #[error("the command id stands for another request")]
    OtherRequest,
    /// A record would be too long.
    #[error(transparent)]
    TooLarge(#[from] record::TooLarge),
    /// Too much is waiting, in all or for this stream.
    #[error("too many commands are waiting")]
    Overloaded,
    /// The process is shutting down.
    #[error("the service is shutting down")]
    Closed,
    /// The database does not answer; whether the command was written is not known, repeating it tells.
    #[error("the database cannot be reached")]
    Unavailable,
    /// The database has no room; nothing was written.
    #[error("the database has no room left")]
    Full,
    /// The database's history is not the one that this process has seen.
    #[error(transparent)]
    OtherHistory(#[from] Difference),
    /// The database refused the batch.
    #[error("the database refused the append: {0}")]
    Rejected(String),
}

impl From<&BackendError> for AppendError {
    fn from(error: &BackendError) -> Self {
        match error {
            BackendError::Unavailable(_) => Self::Unavailable,
            BackendError::Full(_) => Self::Full,
            BackendError::Busy => Self::Overloaded,
            BackendError::OtherHistory(difference) => Self::OtherHistory(difference.clone()),
            BackendError::Rejected(source) => Self::Rejected(source.to_string()),
            BackendError::Damaged(what) => Self::Rejected(what.clone()),
        }
    }
}

type Answer = oneshot::Sender<Result<Committed, AppendError>>;

struct Waiting {
    command: Prepared,
    answer: Answer,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    per_stream: HashMap<StreamId, usize>,
    closed: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    arrived: Notify,
    options: BatcherOptions,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Queues commands for the one writer of this process.
pub struct Batcher {
    shared: Arc<Shared>,
    head: watch::Receiver<Position>,
    task: Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl std::fmt::Debug for Batcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batcher").field("options", &self.shared.options).finish_non_exhaustive()
    }
}

impl Batcher {
    /// Starts the writer on the current runtime.
    #[must_use]
    pub fn start(backend: Arc<dyn Backend>, options: BatcherOptions) -> Self {
        let shared = Arc::new(Shared { queue: Mutex::default(), arrived: Notify::new(), options });
        let (written, head) = watch::channel(Position::START);
        let task = tokio::spawn(write(Arc::clone(&shared), backend, written));
        Self { shared, head, task: Mutex::new(Some(task)) }
    }

    /// Tells the newest position that this process has written: a hint to look at the log.
    #[must_use]
    pub fn written(&self) -> watch::Receiver<Position> {
        self.head.clone()
    }

    /// How many commands wait.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.shared.queue().waiting.len()
    }

    /// Whether something of this worth would be queued now.
    #[must_use]
    pub fn has_room(&self, priority: Priority) -> bool {
        self.depth() < priority.share(self.shared.options.queue)
    }

    /// Appends one command's events and waits until they are durable.
    ///
    /// # Errors
    /// [`AppendError`] says why not, and whether to load and decide again.
    pub async fn append(&self, command: Prepared) -> Result<Committed, AppendError> {
        command.events.iter().try_for_each(|event| record::check(&command, event))?;
        let (answer, answered) = oneshot::channel();
        {
            let mut queue = self.shared.queue();
            if queue.closed {
                return Err(AppendError::Closed);
            }
            let of_stream = queue.per_stream.get(&command.stream).copied().unwrap_or(0);
            let places = command.priority.share(self.shared.options.queue);
            if queue.waiting.len() >= places || of_stream >= self.shared.options.per_stream {
                return Err(AppendError::Overloaded);
            }
            queue.per_stream.insert(command.stream, of_stream + 1);
            queue.waiting.push_back(Waiting { command, answer });
        }
        self.shared.arrived.notify_one();
        answered.await.unwrap_or(Err(AppendError::Closed))
    }

    /// Takes no more commands, writes those that wait, and returns when the last is answered.
    pub async fn close(&self) {
        self.shared.queue().closed = true;
        self.shared.arrived.notify_one();
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            // A panic in the writer has been reported by the runtime; there is nothing left to write.
            let _ = task.await;
        }
    }
}

/// A dropped batcher writes what it holds and ends.
impl Drop for Batcher {
    fn drop(&mut self) {
        self.shared.queue().closed = true;
        self.shared.arrived.notify_one();
    }
}

/// Closes the queue when the writer ends, however it ends: nobody waits for a writer that is gone.
struct Closing(Arc<Shared>);

impl Drop for Closing {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        queue.closed = true;
        queue.waiting.clear();
    }
}

async fn write(shared: Arc<Shared>, backend: Arc<dyn Backend>, written: watch::Sender<Position>) {
    let _closing = Closing(Arc::clone(&shared));
    loop {
        let (empty, closed) = {
            let queue = shared.queue();
            (queue.waiting.is_empty(), queue.closed)
        };
        if empty && closed {
            return;
        }
        if empty {
            shared.arrived.notified().await;
            continue;
        }
        // Clients that the last commit woke come back at once: let them in before the queue is taken.
        let mut depth = shared.queue().waiting.len();
        for _ in 0..32 {
            tokio::task::yield_now().await;
            let grown = shared.queue().waiting.len();
            if grown == depth || grown >= shared.options.batch {
                break;
            }
            depth = grown;
        }
        let batch = select(&mut shared.queue(), shared.options.batch);
        metrics::histogram!("chancery_append_batch_commands").record(batch.len() as f64);
        metrics::gauge!("chancery_append_queue_depth").set(shared.queue().waiting.len() as f64);
        metrics::counter!("chancery_appends_total").increment(batch.len() as u64);
        write_batch(&*backend, batch, &shared.options, &written).await;
    }
}

async fn write_batch(
    backend: &dyn Backend,
    batch: Vec<Waiting>,
    options: &BatcherOptions,
    written: &watch::Sender<Position>,
) {
    let (commands, answers): (Vec<_>, Vec<_>) =
        batch.into_iter().map(|waiting| (waiting.command, waiting.answer)).unzip();
    match append_repeating(backend, &commands, options.repeats).await {
        Ok(statuses) => {
            // Before anybody is told.
            let newest = commands.iter().zip(&statuses).filter_map(|(command, status)| match status {
                Status::Appended { last, recorded, .. } => Some((command, *last, *recorded)),
                _ => None,
            });
            if let Some((command, last, recorded)) = newest.max_by_key(|(_, last, _)| *last)
                && let Some(row) = command.last_row(last, recorded)
            {
                backend.history().saw(&row);
            }
            if let Some(ledger) = &options.ledger {
                let destroyed = destroyed(backend, &commands, &statuses).await;
                if !destroyed.is_empty() {
                    ledger.add(destroyed).await;
                }
            }
            let newest = statuses.iter().filter_map(|status| match status {
                Status::Appended { last, .. } | Status::Duplicate { last, .. } => Some(*last),
                _ => None,
            });
            if let Some(newest) = newest.max() {
                written.send_if_modified(|head| std::mem::replace(head, newest.max(*head)) != *head);
            }
            for ((status, command), answer) in statuses.into_iter().zip(&commands).zip(answers) {
                // A caller that went away does not need the answer.
                let _ = answer.send(judge(status, command));
            }
        }
        Err(BackendError::Rejected(error)) if commands.len() > 1 => {
            // One command is at fault: find it, so that its neighbours do not suffer.
            tracing::warn!(%error, "a batch was rejected; writing its commands one by one");
            for (command, answer) in commands.into_iter().zip(answers) {
                Box::pin(write_batch(backend, vec![Waiting { command, answer }], options, written)).await;
            }
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, commands = commands.len(), "an append failed");
            for answer in answers {
                let _ = answer.send(Err(AppendError::from(&error)));
            }
        }
    }
}

/// Appends, repeating after a lost connection.
async fn append_repeating(
    backend: &dyn Backend,
    commands: &[Prepared],
    repeats: u32,
) -> Result<Vec<Status>, BackendError> {
    let mut attempt = 0;
    loop {
        backend.history().verdict()?;
        match backend.append(commands).await {
            Ok(statuses) => return Ok(statuses),
            Err(BackendError::Unavailable(error)) if attempt < repeats => {
                tracing::warn!(%error, attempt, "the connection was lost; repeating the batch");
                attempt += 1;
                tokio::time::sleep(Duration::from_millis(25 << attempt.min(6))).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// What a status means to who asked. What a batch whose connection was lost finds written may be its own or that of
/// another request with the same id: the caller, who knows what the fingerprint leaves out, has to look.
pub(crate) fn judge(status: Status, command: &Prepared) -> Result<Committed, AppendError> {
    match status {
        Status::Duplicate { fingerprint, .. } if fingerprint != command.fingerprint => Err(AppendError::OtherRequest),
        Status::Duplicate { first, last, .. } => Ok(Committed::Duplicate { first, last }),
        Status::KeyGone => Err(AppendError::KeyGone),
        Status::WrongVersion => Err(AppendError::WrongVersion),
        Status::ReservationTaken(kind) => Err(AppendError::ReservationTaken(kind)),
        Status::Appended { first, last, .. } => Ok(Committed::Appended { first, last }),
    }
}

/// What the commands of a batch touch; a command that would touch the same waits for the next batch.
#[derive(Default)]
struct Touched {
    commands: HashSet<CommandId>,
    written: HashSet<StreamId>,
    guarded: HashSet<StreamId>,
    reservations: HashSet<Reservation>,
    sealing: HashSet<KeyId>,
    destroyed: HashSet<KeyId>,
}

impl Touched {
    fn admits(&self, command: &Prepared) -> bool {
        let claimed = |reservation| self.reservations.contains(reservation);
        !self.commands.contains(&command.command)
            && !self.written.contains(&command.stream)
            && !self.guarded.contains(&command.stream)
            && !command.guards.iter().any(|guard| self.written.contains(&guard.stream))
            && !command.claims.iter().any(claimed)
            && !command.releases.iter().any(claimed)
            && !command.sealing_keys.iter().any(|key| self.destroyed.contains(key))
            && !command.destroyed_keys.iter().any(|key| self.sealing.contains(key))
    }

    fn add(&mut self, command: &Prepared) {
        self.commands.insert(command.command);
        self.written.insert(command.stream);
        self.guarded.extend(command.guards.iter().map(|guard| guard.stream));
        self.reservations.extend(command.claims.iter().chain(&command.releases));
        self.sealing.extend(&command.sealing_keys);
        self.destroyed.extend(&command.destroyed_keys);
    }
}

/// Takes up to `most` commands off the queue that can be written together, in their order. Of one stream a later
/// command never overtakes an earlier one.
fn select(queue: &mut Queue, most: usize) -> Vec<Waiting> {
    let mut batch = Vec::new();
    let mut touched = Touched::default();
    let mut passed_over = HashSet::new();
    let mut rest = VecDeque::new();
    while batch.len() < most {
        let Some(waiting) = queue.waiting.pop_front() else { break };
        let stream = waiting.command.stream;
        if passed_over.contains(&stream) || !touched.admits(&waiting.command) {
            passed_over.insert(stream);
            rest.push_back(waiting);
            continue;
        }
        touched.add(&waiting.command);
        if let Some(count) = queue.per_stream.get_mut(&stream) {
            *count -= 1;
            if *count == 0 {
                queue.per_stream.remove(&stream);
            }
        }
        batch.push(waiting);
    }
    rest.append(&mut queue.waiting);
    queue.waiting = rest;
    batch
}

#[cfg(test)]
mod tests;
