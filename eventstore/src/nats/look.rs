//! Looks at the log and at its copies on NATS, and says what is to be done.

use super::compare::{Divergence, LogEnd, StreamEnd, Verdict, Why, compare};
use super::generation::Generation;
use super::names::StreamId;
use super::{Nats, NatsError};
use crate::backend::{Backend, BackendError, Head};
use crate::db::{Db, sql};
use crate::record;
use crate::row::Position;

/// Why it cannot be said.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The database's.
    #[error("the database does not say how far the log was passed on")]
    Backend(#[from] BackendError),
    /// NATS's.
    #[error(transparent)]
    Nats(#[from] NatsError),
}

/// What is to be done by whoever relays; whoever reads waits for [`Step::Publish`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Publish what follows this position.
    Publish(Position),
    /// Make the stream of the generation in force: nobody has yet.
    Make,
    /// Begin this generation.
    Begin(Generation, Why),
    /// Nothing, until the log has a new epoch.
    Stop(Divergence),
}

/// How things stand.
#[derive(Clone, Debug)]
pub struct Look {
    /// The log's head.
    pub head: Head,
    /// The generation in force.
    pub generation: Generation,
    /// All streams of the log on NATS.
    pub streams: Vec<StreamId>,
    /// What is to be done.
    pub step: Step,
}

impl Look {
    /// The stream of the generation in force.
    #[must_use]
    pub const fn stream(&self) -> StreamId {
        self.generation.stream(self.head.log)
    }
}

/// Looks. `jobs` are those whose floors count; `doubt` is a position where a writer was told that another wrote, besides
/// the stream's end.
///
/// Floors are read before the stream, and the stream before the head: whatever a job was given had been in the stream, and
/// whatever is in the stream had been in the log.
///
/// # Errors
/// [`LookError`].
pub async fn look(
    nats: &Nats,
    db: &Db,
    backend: &dyn Backend,
    jobs: &[&str],
    doubt: Option<Position>,
) -> Result<Look, LookError> {
    let floors: Vec<(String, i64)> = db.fetch(sql("SELECT job, position FROM job_floors")).await?;
    let floors =
        || floors.iter().filter(|(job, _)| jobs.contains(&job.as_str())).map(|(_, position)| Position(*position));
    let generation = Generation::current(db).await?;
    let log = backend.head().await?.log;
    let mut streams = nats.streams(log).await?;
    streams.sort_by_key(|stream| (stream.epoch, stream.generation));
    let own = generation.stream(log);
    let mut ends = Vec::new();
    for stream in streams.iter().filter(|stream| (stream.epoch, stream.generation) >= (own.epoch, own.generation)) {
        ends.push((*stream, nats.end(*stream).await?));
    }
    let head = backend.head().await?;
    let highest_floor = floors().max().unwrap_or_default();
    let log_end = LogEnd { head: head.position, highest_floor, passed: generation.passed };
    let lowest = floors().min().unwrap_or(head.position);
    let next = |why| {
        // Beyond every stream that stands: one of this number may be left of a history that the log lost.
        let last = streams.iter().filter(|stream| stream.epoch == head.epoch).map(|stream| stream.generation).max();
        let number = if generation.epoch == head.epoch { generation.number } else { 0 };
        let number = number.max(last.unwrap_or(0)).saturating_add(1);
        // A job may still move its floor out of messages that it holds of the old one, but never beyond the log.
        let (epoch, base, passed) = (head.epoch, lowest, head.position);
        Step::Begin(Generation { epoch, number, base, made: false, passed, stopped: false }, why)
    };
    let step = if let Some(later) = streams.iter().map(|stream| stream.epoch).max().filter(|epoch| *epoch > head.epoch)
    {
        Step::Stop(Divergence::Epoch { stream: later, log: head.epoch })
    } else if let Some(stop) = stray(&ends, own, backend, head.epoch, &log_end).await? {
        Step::Stop(stop)
    } else if generation.number == 0 {
        next(Why::Missing)
    } else if generation.epoch != head.epoch {
        next(Why::Epoch)
    } else {
        let end = ends.into_iter().find(|(stream, _)| *stream == own).map_or(StreamEnd::Missing, |(_, end)| end);
        let recorded = recorded(backend, generation.base, &end).await?;
        match compare(generation.base, &end, &log_end, recorded.as_deref()) {
            Verdict::Begin(Why::Missing) if !generation.made => Step::Make,
            Verdict::Begin(why) => next(why),
            Verdict::Stop(stop) => Step::Stop(stop),
            Verdict::Continue(after) => match doubtful(nats, own, &generation, backend, &log_end, doubt).await? {
                Some(Verdict::Begin(_)) => next(Why::Foreign),
                Some(Verdict::Stop(stop)) => Step::Stop(stop),
                Some(Verdict::Continue(_)) | None => Step::Publish(after),
            },
        }
    };
    Ok(Look { head, generation, streams, step })
}

/// What stands where a writer was told that another wrote. The messages after it were accepted all the same.
async fn doubtful(
    nats: &Nats,
    stream: StreamId,
    generation: &Generation,
    backend: &dyn Backend,
    log: &LogEnd,
    doubt: Option<Position>,
) -> Result<Option<Verdict>, LookError> {
    let Some(sequence) = doubt.map(|position| position.0.saturating_sub(generation.base.0)).filter(|at| *at > 0) else {
        return Ok(None);
    };
    let Some(record) = nats.message(stream, sequence).await? else { return Ok(None) };
    let there = StreamEnd::Message { sequence, record };
    let recorded = recorded(backend, generation.base, &there).await?;
    let log = LogEnd { highest_floor: Position::START, ..*log };
    Ok(Some(compare(generation.base, &there, &log, recorded.as_deref())))
}

/// What a generation that the database does not know of says against the log: it was begun by a history that is lost. One
/// of an epoch that was ended on purpose is no measure.
async fn stray(
    ends: &[(StreamId, StreamEnd)],
    own: StreamId,
    backend: &dyn Backend,
    epoch: i64,
    log: &LogEnd,
) -> Result<Option<Divergence>, BackendError> {
    for (_, end) in ends.iter().filter(|(stream, _)| *stream != own && stream.epoch >= epoch) {
        let StreamEnd::Message { sequence, record } = end else { continue };
        let Ok(row) = record::decode(record) else { continue };
        let base = Position(row.position.0.saturating_sub(*sequence));
        let recorded = recorded(backend, base, end).await?;
        let log = LogEnd { highest_floor: Position::START, ..*log };
        if let Verdict::Stop(stop) = compare(base.min(log.head), end, &log, recorded.as_deref()) {
            return Ok(Some(stop));
        }
        if row.position > log.head {
            return Ok(Some(Divergence::Beyond { stream: row.position, log: log.head }));
        }
    }
    Ok(None)
}

/// The log's own record at the position that a stream's last message has.
async fn recorded(backend: &dyn Backend, base: Position, end: &StreamEnd) -> Result<Option<Vec<u8>>, BackendError> {
    let StreamEnd::Message { sequence, .. } = end else { return Ok(None) };
    let Some(position) = base.0.checked_add(*sequence).filter(|position| *position > 0) else { return Ok(None) };
    let rows = backend.read(Position(position - 1), 1).await?;
    Ok(rows.first().filter(|row| row.position.0 == position).and_then(|row| record::encode(row).ok()))
}

/// Takes a step that makes or begins a stream, whoever else takes it at the same time; then one looks again.
///
/// # Errors
/// [`LookError`].
pub async fn step_into(nats: &Nats, db: &Db, look: &Look) -> Result<(), LookError> {
    let generation = match look.step {
        Step::Publish(_) | Step::Stop(_) => return Ok(()),
        Step::Make => look.generation,
        Step::Begin(next, why) => {
            if !look.generation.replace(db, &next).await? {
                return Ok(());
            }
            tracing::warn!(
                generation = next.number,
                base = next.base.0,
                why = why.name(),
                "a new copy of the log begins on NATS"
            );
            metrics::counter!("chancery_relay_generations_total", "why" => why.name()).increment(1);
            next
        }
    };
    // First the old ones go, since there may be room for one only.
    for old in look.streams.iter().filter(|old| (old.epoch, old.generation) < (generation.epoch, generation.number)) {
        nats.delete(*old).await?;
    }
    nats.make(generation.stream(look.head.log)).await?;
    Ok(generation.remember_made(db).await?)
}
