//! Whether the tables say what the log says: everything that follows from the events is computed anew and compared with
//! what stands in the database.
//!
//! It works on one moment of the database, so that appends beside it are neither held up nor taken for tampering. Events
//! are read in the order of the log, once for each *pass*; a pass folds the streams of one part of the stream ids, chosen
//! so that what it keeps in memory is bounded whatever the log's size, on several threads that share the streams among
//! them. What two threads never share is a stream, so that each folds its events in order.
//!
//! What cannot be found by this: events cut off at the end of the log together with all that followed from them, and a
//! log that was rewritten from its beginning with its keys. Both need something kept outside the database.

mod commands;
mod compare;
mod erased;
mod fold;
mod following;
mod keyset;
mod order;
mod worker;

use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};
use std::sync::Arc;

use chancery_domain::{KeyId, StreamId};
use tokio::sync::mpsc;

pub use erased::Kind;
pub use following::{Follower, Observer, Opened, Pass};

use crate::backend::{BackendError, Head};
use crate::db::Db;
use crate::keys::{KeyError, Wrapper};
use crate::row::{EventRow, Position};
use crate::snapshot::Snapshot;
use commands::CommandSums;
use fold::Folded;
use keyset::KeySet;
use order::Order;
use worker::Worker;

/// Events that are read at once.
const RANGE: i64 = 4_000;
/// Batches that wait for a worker at most; each holds a worker's share of a range.
const QUEUED: usize = 4;
/// Divergences that are kept; more are only counted.
const KEPT: usize = 1_000;

/// How much is held in memory, and on how many threads it works.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Streams that are folded in one pass, about; each takes one to three KiB.
    pub streams: u64,
    /// Events of the streams of one pass, about; each may leave up to 100 bytes of expectations.
    pub events: u64,
    /// Threads that open and fold.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { streams: 120_000, events: 2_000_000, threads: 2 }
    }
}

/// A place where the database does not say what the log says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Divergence {
    /// The event that it is about: where it stands, or the last one that should have led to what is compared.
    pub position: Position,
    /// The table in which something else stands.
    pub table: &'static str,
    /// What that means, in one sentence.
    pub meaning: String,
}

/// What was found out.
#[derive(Clone, Debug)]
pub struct Report {
    /// The log's head at the moment that was looked at.
    pub head: Head,
    /// Events that were read.
    pub events: u64,
    /// Streams that were folded.
    pub streams: u64,
    /// Streams whose key was destroyed by their last event: their facts stand, their content is gone.
    pub erased: u64,
    /// Inline states of an earlier fold, which are folded anew when they are needed.
    pub of_earlier_fold: u64,
    /// The divergences by position, the first ones only.
    pub divergences: Vec<Divergence>,
    /// How many more there are.
    pub more: u64,
    /// What could not be checked, and why: each reason with how often.
    pub unchecked: BTreeMap<String, u64>,
}

/// What is found while it works.
#[derive(Debug, Default)]
pub struct Findings {
    /// Those of the lowest positions; the highest of them stands on top.
    divergences: BinaryHeap<Divergence>,
    more: u64,
    unchecked: BTreeMap<String, u64>,
}

impl Findings {
    /// Notes a divergence.
    pub fn differs(&mut self, position: Position, table: &'static str, meaning: impl Into<String>) {
        self.divergences.push(Divergence { position, table, meaning: meaning.into() });
        if self.divergences.len() > KEPT {
            self.divergences.pop();
            self.more += 1;
        }
    }

    /// Notes that something could not be checked.
    pub fn unchecked(&mut self, reason: impl Into<String>) {
        *self.unchecked.entry(reason.into()).or_default() += 1;
    }

    fn absorb(&mut self, other: Self) {
        for divergence in other.divergences {
            self.differs(divergence.position, divergence.table, divergence.meaning);
        }
        self.more += other.more;
        for (reason, count) in other.unchecked {
            *self.unchecked.entry(reason).or_default() += count;
        }
    }
}

/// Why it could not go on.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The database did not answer.
    #[error("the database cannot be read")]
    Backend(#[from] BackendError),
    /// The wrapping keys are not this log's, or a service key is gone.
    #[error("the keys cannot be used")]
    Key(#[from] KeyError),
    /// A thread ended before its work did.
    #[error("a thread of the verification ended before its work did")]
    Thread,
}

/// What is compared with what.
#[derive(Debug)]
pub struct Verifier<'a> {
    /// The database.
    pub db: &'a Db,
    /// The wrapping keys; without them nothing sealed is opened, and what needs that is not checked.
    pub wrapper: Option<Arc<dyn Wrapper>>,
    /// Every aggregate of the log.
    pub kinds: &'static [Kind],
    /// Tables that follow the log.
    pub followers: Vec<Arc<dyn Follower>>,
    /// Memory and threads.
    pub options: Options,
}

/// What a worker is told in the end.
type Finished = (HashMap<StreamId, Folded>, Findings, Vec<Box<dyn Observer>>, Said);

/// What events said of tables that are of no stream.
#[derive(Debug, Default)]
struct Said {
    /// Months' network keys that were destroyed.
    destroyed: Vec<(KeyId, Position)>,
    /// The newest epoch.
    epoch: Option<(i64, Position)>,
    /// Streams that have a key before their first event: invitations that are open.
    begun: HashSet<StreamId>,
}

/// What only all passes together can tell.
#[derive(Debug, Default)]
struct Across {
    /// Keys of streams without an event.
    orphans: Vec<(KeyId, StreamId)>,
    /// See [`Said::begun`].
    begun: HashSet<StreamId>,
}

/// Opens and folds every stream, and compares nothing: what a rebuild of all states takes. Returns how many streams.
///
/// # Errors
/// [`VerifyError`] if it cannot go on, or a stream cannot be folded.
pub async fn fold_all(
    db: &Db,
    wrapper: Arc<dyn Wrapper>,
    kinds: &'static [Kind],
    options: Options,
) -> Result<u64, VerifyError> {
    let verifier = Verifier { db, wrapper: Some(wrapper), kinds, followers: Vec::new(), options };
    let mut snapshot = db.snapshot().await?;
    let mut findings = Findings::default();
    let mut streams = 0;
    let outcome = async {
        let (last, count) = verifier.extent(&mut snapshot).await?;
        for number in 0..count {
            let pass = Pass { number, count };
            let mut each = |_: &EventRow, _: &mut Findings| {};
            let part = verifier.fold(pass, last, Depth::Subjects, &mut snapshot, &mut findings, &mut each).await?;
            streams += part.folded.len() as u64;
        }
        Ok(())
    }
    .await;
    snapshot.close().await;
    outcome.map(|()| streams)
}

/// How much of each event is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// What a fold needs.
    Subjects,
    /// Everything.
    All,
}

/// What the folds of a pass led to.
struct Part {
    keys: Arc<KeySet>,
    folded: HashMap<StreamId, Folded>,
    observers: Vec<Vec<Box<dyn Observer>>>,
    said: Said,
}

impl Verifier<'_> {
    /// Reads, folds and compares everything.
    ///
    /// # Errors
    /// [`VerifyError`] if it cannot go on; what differs is no error.
    pub async fn run(&self) -> Result<Report, VerifyError> {
        let mut snapshot = self.db.snapshot().await?;
        let report = self.run_on(&mut snapshot).await;
        snapshot.close().await;
        report
    }

    async fn run_on(&self, snapshot: &mut Snapshot) -> Result<Report, VerifyError> {
        let head = snapshot.head().await?;
        let mut findings = Findings::default();
        let mut report = Report {
            head,
            events: 0,
            streams: 0,
            erased: 0,
            of_earlier_fold: 0,
            divergences: Vec::new(),
            more: 0,
            unchecked: BTreeMap::new(),
        };
        let outcome = self.passes(snapshot, &mut report, &mut findings).await;
        match outcome {
            // Such a row no build wrote, so that somebody else did.
            Err(VerifyError::Backend(BackendError::Damaged(what))) => {
                findings.differs(Position::START, "events", format!("a row cannot be read: {what}"));
            }
            Err(error) => return Err(error),
            Ok(()) => {}
        }
        report.divergences = findings.divergences.into_sorted_vec();
        report.divergences.dedup();
        report.more = findings.more;
        report.unchecked = findings.unchecked;
        Ok(report)
    }

    async fn passes(
        &self,
        snapshot: &mut Snapshot,
        report: &mut Report,
        findings: &mut Findings,
    ) -> Result<(), VerifyError> {
        let (last, count) = self.extent(snapshot).await?;
        let mut across = Across::default();
        for number in 0..count {
            self.pass(Pass { number, count }, last, snapshot, report, &mut across, findings).await?;
        }
        compare::orphans(&across, self.wrapper.is_some(), findings);
        Ok(())
    }

    /// Reads the log and folds the streams of a pass; `each` sees every event.
    async fn fold(
        &self,
        pass: Pass,
        last: Position,
        depth: Depth,
        snapshot: &mut Snapshot,
        findings: &mut Findings,
        each: &mut (impl FnMut(&EventRow, &mut Findings) + Send),
    ) -> Result<Part, VerifyError> {
        let keys = Arc::new(KeySet::load(snapshot, self.wrapper.as_deref(), pass, findings).await?);
        for follower in &self.followers {
            follower.begin(snapshot, pass).await?;
        }
        let (mut senders, mut workers) = (Vec::new(), Vec::new());
        for _ in 0..self.options.threads.max(1) {
            let (sender, mut receiver) = mpsc::channel::<Vec<EventRow>>(QUEUED);
            let observers = self.followers.iter().map(|follower| follower.observer()).collect();
            let mut worker = Worker::new(Arc::clone(&keys), self.kinds, observers, depth);
            senders.push(sender);
            workers.push(tokio::task::spawn_blocking(move || {
                while let Some(rows) = receiver.blocking_recv() {
                    rows.iter().for_each(|row| worker.take(row));
                }
                worker.finish()
            }));
        }
        let mut after = Position::START;
        let mut reading = Ok(());
        while after < last && reading.is_ok() {
            let until = Position(after.0.saturating_add(RANGE).min(last.0));
            let mut shares: Vec<Vec<EventRow>> = senders.iter().map(|_| Vec::new()).collect();
            let threads = shares.len() as u64;
            reading = snapshot
                .events(after, until, &mut |row| {
                    each(&row, findings);
                    if pass.has(row.stream) {
                        let share = usize::try_from((following::spread(row.stream) >> 32) % threads).unwrap_or(0);
                        shares[share].push(row);
                    }
                })
                .await;
            after = until;
            for (sender, share) in senders.iter().zip(shares) {
                if !share.is_empty() {
                    sender.send(share).await.map_err(|_| VerifyError::Thread)?;
                }
            }
        }
        drop(senders);
        let mut part = Part { keys, folded: HashMap::new(), observers: Vec::new(), said: Said::default() };
        for worker in workers {
            let (streams, found, seen, said): Finished = worker.await.map_err(|_| VerifyError::Thread)?;
            part.folded.extend(streams);
            findings.absorb(found);
            part.observers.push(seen);
            part.said.destroyed.extend(said.destroyed);
            part.said.epoch = said.epoch.or(part.said.epoch);
            part.said.begun.extend(said.begun);
        }
        reading?;
        Ok(part)
    }

    /// The last position, and how many passes keep to the memory.
    async fn extent(&self, snapshot: &mut Snapshot) -> Result<(Position, u32), VerifyError> {
        let last = snapshot.last_position().await?;
        let by_streams = snapshot.count_states().await?.div_ceil(self.options.streams.max(1));
        let by_events = last.0.unsigned_abs().div_ceil(self.options.events.max(1));
        Ok((last, u32::try_from(by_streams.max(by_events).max(1)).unwrap_or(u32::MAX)))
    }

    async fn pass(
        &self,
        pass: Pass,
        last: Position,
        snapshot: &mut Snapshot,
        report: &mut Report,
        across: &mut Across,
        findings: &mut Findings,
    ) -> Result<(), VerifyError> {
        let mut order = (pass.number == 0).then(|| Order::new(CommandSums::new()));
        let mut each = |row: &EventRow, findings: &mut Findings| {
            if let Some(order) = &mut order {
                order.take(row, findings);
                report.events += 1;
            }
        };
        let part = self.fold(pass, last, Depth::All, snapshot, findings, &mut each).await?;
        let Part { keys, folded, mut observers, said } = part;
        if let Some(order) = order {
            let head = snapshot.head().await?;
            let sums = order.finish(&head, findings);
            commands::compare(snapshot, sums, last, findings).await?;
        }
        report.streams += folded.len() as u64;
        report.erased += folded.values().filter(|folded| folded.is_tombstone).count() as u64;
        compare::states(snapshot, pass, &folded, report, findings).await?;
        across.orphans.extend(compare::keys(pass, &folded, &said.destroyed, &keys, findings));
        across.begun.extend(&said.begun);
        compare::epoch(pass, &report.head, &said, &keys, findings);
        if keys.has_reservations() {
            compare::reservations(snapshot, pass, &folded, findings).await?;
        }
        for (index, follower) in self.followers.iter().enumerate().rev() {
            let seen = observers.iter_mut().map(|observers| observers.remove(index)).collect();
            if keys.is_open() || !follower.needs_keys() {
                follower.compare(seen, snapshot, pass, findings).await?;
            }
        }
        Ok(())
    }
}
