//! A bounded pool of threads of its own, which serves a [`FairQueue`].

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fmt, io, thread};

use chancery_domain::Timestamp;
use metrics::{counter, gauge, histogram};
use thiserror::Error;
use tokio::sync::{oneshot, watch};

use super::fair_queue::{Asker, FairQueue, Pushed, Ticket};
use crate::ports::Clock;

/// Waiting jobs, a gauge.
const QUEUE_DEPTH: &str = "chancery_password_hash_queue_depth";
/// Jobs by `outcome`: `done`, `refused` (no room), `shed` (made room for another), `cancelled`, `panicked`.
const JOBS: &str = "chancery_password_hash_jobs_total";
/// Time between queueing and start in seconds, a histogram.
const WAIT: &str = "chancery_password_hash_wait_seconds";

/// How much the workers step back for the threads that answer requests, which work for milliseconds at most.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

/// Why a job did not give its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PoolError {
    /// There was no room for the job, or it had to make room for one that is worth more.
    #[error(transparent)]
    Busy(#[from] PoolBusy),
    /// The pool was shut down before.
    #[error("the hashing pool is shut down")]
    Stopped,
    /// The job panicked.
    #[error("a hashing job panicked")]
    Panicked,
}

/// There is no room in the queue now (HTTP 503).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("too many passwords are being hashed; try again in {} s", .retry_after.as_secs())]
pub struct PoolBusy {
    /// About how long the jobs that wait now will take: whole seconds, 1 to 60.
    pub retry_after: Duration,
}

/// What a job is told: go on with this context, or there is no room.
type Grant<'a, C> = Result<&'a mut C, PoolBusy>;
/// Says whether the job ran; it does not when nobody waits for it any longer.
type Task<C> = Box<dyn FnOnce(Grant<'_, C>) -> bool + Send>;

struct Job<C> {
    task: Task<C>,
    queued: Timestamp,
}

struct State<C> {
    queue: FairQueue<Job<C>>,
    closed: bool,
    /// Mean duration of the last jobs, for `retry_after`.
    mean: Duration,
}

struct Shared<C> {
    state: Mutex<State<C>>,
    /// Signalled when a job was queued or the pool closed.
    changed: Condvar,
    clock: Arc<dyn Clock>,
    workers: NonZeroUsize,
    /// How long a worker keeps its context when there is nothing to do.
    keep_idle: Duration,
    alive: watch::Sender<usize>,
}

/// Threads that each own a context `C` (made on first use, dropped when idle) and run jobs on it.
///
/// Jobs wait in a bounded [`FairQueue`]. Dropping the future of [`WorkerPool::run`] takes its job out of the queue.
/// Dropping the pool lets the threads finish what waits and end.
pub struct WorkerPool<C>(Arc<Shared<C>>);

impl<C: Default + 'static> WorkerPool<C> {
    /// Starts `workers` threads behind a queue of `capacity` waiting jobs.
    ///
    /// # Errors
    /// The system's, where it starts no thread.
    pub fn start(
        workers: NonZeroUsize,
        capacity: usize,
        keep_idle: Duration,
        clock: Arc<dyn Clock>,
    ) -> io::Result<Self> {
        let state = State { queue: FairQueue::new(capacity), closed: false, mean: Duration::from_millis(50) };
        let pool = Self(Arc::new(Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
            clock,
            workers,
            keep_idle,
            alive: watch::Sender::new(0),
        }));
        for number in 0..workers.get() {
            let alive = Alive::new(Arc::clone(&pool.0));
            thread::Builder::new().name(format!("password-hash-{number}")).spawn(move || {
                step_back();
                alive.0.work();
            })?;
        }
        Ok(pool)
    }

    /// Runs `job` on one of the threads, in its turn.
    ///
    /// # Errors
    /// See [`PoolError`].
    pub async fn run<T, F>(&self, asker: Asker, job: F) -> Result<T, PoolError>
    where
        T: Send + 'static,
        F: FnOnce(&mut C) -> T + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let task = move |grant: Grant<'_, C>| {
            let wanted = !answer.is_closed();
            if wanted {
                // The asker may leave while the job runs; then nobody needs the answer.
                let _ = answer.send(grant.map(job));
            }
            wanted
        };
        let _cancel = Cancel { shared: &self.0, ticket: self.0.queue(asker, Box::new(task))? };
        match answered.await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(PoolError::Panicked),
        }
    }

    /// How many jobs wait.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.0.lock().queue.len()
    }

    /// Takes no more jobs, finishes those that wait, and returns when all threads are about to end.
    pub async fn shut_down(&self) {
        self.0.close();
        // The sender lives in `self`, so the channel cannot be closed.
        let _ = self.0.alive.subscribe().wait_for(|alive| *alive == 0).await;
    }
}

impl<C> Drop for WorkerPool<C> {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl<C> fmt::Debug for WorkerPool<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerPool").field("workers", &self.0.workers).finish_non_exhaustive()
    }
}

impl<C> Shared<C> {
    fn lock(&self) -> MutexGuard<'_, State<C>> {
        // Nothing panics while it holds the lock; the state is whole in any case.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn queue(&self, asker: Asker, task: Task<C>) -> Result<Ticket, PoolError> {
        let job = Job { task, queued: self.clock.now() };
        let mut state = self.lock();
        if state.closed {
            return Err(PoolError::Stopped);
        }
        let busy = state.busy(self.workers);
        let pushed = state.queue.push(asker, job);
        gauge!(QUEUE_DEPTH).set(depth(&state));
        drop(state);
        match pushed {
            Pushed::Queued(ticket) => {
                self.changed.notify_one();
                Ok(ticket)
            }
            Pushed::InPlaceOf(shed, ticket) => {
                counter!(JOBS, "outcome" => "shed").increment(1);
                (shed.task)(Err(busy));
                Ok(ticket)
            }
            Pushed::Refused(_) => {
                counter!(JOBS, "outcome" => "refused").increment(1);
                Err(busy.into())
            }
        }
    }
}

impl<C> State<C> {
    fn busy(&self, workers: NonZeroUsize) -> PoolBusy {
        let jobs = u32::try_from(self.queue.len() / workers).unwrap_or(u32::MAX);
        let seconds = self.mean.saturating_mul(jobs).as_secs_f64().ceil().clamp(1.0, 60.0);
        PoolBusy { retry_after: Duration::from_secs_f64(seconds) }
    }
}

/// What a worker does next.
enum Next<C> {
    Run(Job<C>),
    DropContext,
    End,
}

impl<C: Default> Shared<C> {
    fn work(&self) {
        let mut context: Option<C> = None;
        loop {
            match self.next(context.is_some()) {
                Next::Run(job) => {
                    let started = self.clock.now();
                    histogram!(WAIT).record(started.since(job.queued).as_secs_f64());
                    let own = context.get_or_insert_default();
                    let outcome = match catch_unwind(AssertUnwindSafe(|| (job.task)(Ok(own)))) {
                        Ok(true) => "done",
                        Ok(false) => "cancelled",
                        Err(_) => {
                            // What the job left behind is not to be trusted.
                            context = None;
                            "panicked"
                        }
                    };
                    counter!(JOBS, "outcome" => outcome).increment(1);
                    if outcome == "done" {
                        self.learn(self.clock.now().since(started));
                    }
                }
                Next::DropContext => context = None,
                Next::End => return,
            }
        }
    }

    fn next(&self, holds_context: bool) -> Next<C> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.queue.pop() {
                gauge!(QUEUE_DEPTH).set(depth(&state));
                return Next::Run(job);
            }
            if state.closed {
                return Next::End;
            }
            if !holds_context {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let waited = self.changed.wait_timeout(state, self.keep_idle);
            let timeout;
            (state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            if timeout.timed_out() && state.queue.is_empty() {
                return Next::DropContext;
            }
        }
    }

    /// Moves the mean by an eighth of the difference.
    fn learn(&self, took: Duration) {
        let mut state = self.lock();
        state.mean = state.mean * 7 / 8 + took / 8;
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge; no queue is near 2^52 long")]
fn depth<C>(state: &State<C>) -> f64 {
    state.queue.len() as f64
}

/// Lowers this thread's priority. Where the system refuses, the thread keeps what it has.
fn step_back() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
}

/// Counts a thread for as long as it lives.
struct Alive<C>(Arc<Shared<C>>);

impl<C> Alive<C> {
    fn new(shared: Arc<Shared<C>>) -> Self {
        shared.alive.send_modify(|alive| *alive += 1);
        Self(shared)
    }
}

impl<C> Drop for Alive<C> {
    fn drop(&mut self) {
        self.0.alive.send_modify(|alive| *alive -= 1);
    }
}

/// Takes a job out of the queue when its asker goes away.
struct Cancel<'a, C> {
    shared: &'a Shared<C>,
    ticket: Ticket,
}

impl<C> Drop for Cancel<'_, C> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        let waiting = state.queue.remove(self.ticket);
        if waiting.is_some() {
            gauge!(QUEUE_DEPTH).set(depth(&state));
            counter!(JOBS, "outcome" => "cancelled").increment(1);
        }
        drop(state);
    }
}
