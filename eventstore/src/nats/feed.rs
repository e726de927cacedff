//! The feed from NATS: a job's durable consumer, shared by all processes that run the job.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::{Consumer, pull};
use async_nats::jetstream::{self, AckKind};
use async_trait::async_trait;
use futures::{FutureExt, StreamExt};
use tokio::sync::Mutex;

use super::generation::Generation;
use super::look::{LookError, Step, look};
use super::plan::{Give, give, passed};
use super::{Nats, NatsError, names};
use crate::backend::{Backend, BackendError};
use crate::db::Db;
use crate::feed::Feed;
use crate::record;
use crate::row::{EventRow, Position};

/// Messages that this process asks for ahead.
const AHEAD: usize = 400;
/// How long a request for messages stands, and how often the server says that it does.
const REQUEST: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(5));
/// How long the feed waits for a message before it looks around and lets its caller do so.
const WAIT: Duration = Duration::from_secs(1);
/// The pause after trouble, unless the connection changes before.
const PAUSE: Duration = Duration::from_millis(500);

/// Gives a job what the relay copied. Where the stream lacks something, or has something else, the log itself is read.
pub struct NatsFeed {
    nats: Nats,
    backend: Arc<dyn Backend>,
    db: Db,
    jobs: &'static [&'static str],
    name: &'static str,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    session: Option<Session>,
    /// Why nothing comes, once that was told.
    told: Option<String>,
}

/// One subscription to the stream of one generation.
struct Session {
    generation: Generation,
    consumer: Consumer<pull::Config>,
    messages: pull::Stream,
    held: BTreeMap<i64, Held>,
    /// Up to here the consumer has been through the stream, and nothing more is waited for: a job whose floor stands before
    /// it is given the log.
    done: Position,
    /// The floor after which nothing came when it was last looked around.
    waited: Option<Position>,
}

impl Session {
    /// Learns how far the consumer has been. What it has been through and does not give comes no more where everything was
    /// acknowledged, since then the job was set back. It comes late where another process took it, and is slow or was
    /// killed: that is not waited for a second time, since what two processes note is noted once.
    fn learn(&mut self, after: Position) {
        let info = self.consumer.cached_info();
        let waited_before = self.waited.replace(after) == Some(after);
        if info.num_ack_pending == 0 || waited_before {
            self.done = self.generation.at(info.delivered.stream_sequence);
        }
    }
}

/// A message that is not acknowledged yet.
struct Held {
    /// `None` if it cannot be read.
    row: Option<EventRow>,
    message: jetstream::Message,
}

/// Why the stream gives nothing just now.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Look(#[from] LookError),
    #[error("the relay has not made the stream yet, or has stopped")]
    NoStream,
    #[error("the stream holds what the log lacks")]
    Lacking,
    #[error("the stream gives no more messages")]
    Ended(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    #[error("a new copy of the log has begun")]
    Superseded,
}

impl From<BackendError> for Trouble {
    fn from(error: BackendError) -> Self {
        Self::Look(error.into())
    }
}

impl From<NatsError> for Trouble {
    fn from(error: NatsError) -> Self {
        Self::Look(error.into())
    }
}

impl std::fmt::Debug for NatsFeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NatsFeed").field("name", &self.name).finish_non_exhaustive()
    }
}

impl NatsFeed {
    /// The feed of the job `name`; `jobs` are those whose floors count for a generation.
    #[must_use]
    pub fn new(
        nats: Nats,
        backend: Arc<dyn Backend>,
        db: Db,
        jobs: &'static [&'static str],
        name: &'static str,
    ) -> Self {
        Self { nats, backend, db, jobs, name, state: Mutex::default() }
    }

    async fn give(&self, session: &mut Option<Session>, after: Position, limit: u32) -> Result<Vec<EventRow>, Trouble> {
        if !self.nats.is_connected() {
            return Err(NatsError::Away(None).into());
        }
        let session = match session {
            Some(session) => session,
            None => session.insert(self.begin(after).await?),
        };
        for (_, held) in passed(&mut session.held, after) {
            acknowledge(&held.message).await?;
        }
        if session.held.is_empty() && after < session.done {
            return self
                .out_of_log(after, limit.min(u32::try_from(session.done.0 - after.0).unwrap_or(u32::MAX)))
                .await;
        }
        if session.held.is_empty() {
            match tokio::time::timeout(WAIT, session.messages.next()).await {
                Ok(message) => self.hold(session, after, message).await?,
                Err(_) => return self.idle(session, after).await,
            }
        }
        while session.held.len() < AHEAD {
            let Some(message) = session.messages.next().now_or_never() else { break };
            self.hold(session, after, message).await?;
        }
        match give(&session.held, |held| held.row.is_some(), after, limit) {
            Give::Held(count) => Ok(session.held.values().take(count).filter_map(|held| held.row.clone()).collect()),
            Give::Nothing => Ok(Vec::new()),
            Give::FromLog(count) => self.out_of_log(after, count).await,
        }
    }

    /// What the stream does not give, or does not give any more.
    async fn out_of_log(&self, after: Position, count: u32) -> Result<Vec<EventRow>, Trouble> {
        metrics::counter!("chancery_feed_gaps_total", "job" => self.name).increment(1);
        let rows = self.backend.read(after, count).await?;
        if rows.is_empty() { Err(Trouble::Lacking) } else { Ok(rows) }
    }

    /// Nothing came for a while: looks whether nothing was to come.
    async fn idle(&self, session: &mut Session, after: Position) -> Result<Vec<EventRow>, Trouble> {
        if !session.generation.is_current(&self.db).await? {
            return Err(Trouble::Superseded);
        }
        if after < self.backend.head().await?.position {
            session.consumer.info().await.map_err(ended)?;
            session.learn(after);
        }
        Ok(Vec::new())
    }

    async fn begin(&self, after: Position) -> Result<Session, Trouble> {
        let look = look(&self.nats, &self.db, &*self.backend, self.jobs, None).await?;
        if !matches!(look.step, Step::Publish(_)) {
            return Err(Trouble::NoStream);
        }
        let generation = look.generation;
        let stream = self.nats.context.get_stream_no_info(look.stream().stream()).await.map_err(ended)?;
        let config = names::consumer(self.name, generation.base, after);
        let consumer: Consumer<pull::Config> = stream.get_or_create_consumer(self.name, config).await.map_err(ended)?;
        let (stands, heartbeat) = REQUEST;
        let messages = consumer.stream().max_messages_per_batch(AHEAD).expires(stands).heartbeat(heartbeat);
        let messages = messages.messages().await.map_err(ended)?;
        tracing::info!(job = self.name, generation = generation.number, "fed by NATS");
        let held = BTreeMap::new();
        let mut session = Session { generation, consumer, messages, held, done: Position::START, waited: None };
        session.learn(after);
        Ok(session)
    }

    async fn hold<E: std::error::Error + Send + Sync + 'static>(
        &self,
        session: &mut Session,
        after: Position,
        message: Option<Result<jetstream::Message, E>>,
    ) -> Result<(), Trouble> {
        let message = match message {
            Some(Ok(message)) => message,
            Some(Err(error)) => return Err(ended(error)),
            None => return Err(Trouble::Ended(None)),
        };
        let sequence = message.info().map_err(|error| Trouble::Ended(Some(error)))?.stream_sequence;
        let position = session.generation.at(sequence).0;
        if position <= after.0 {
            acknowledge(&message).await?;
            return Ok(());
        }
        let row = record::decode(&message.payload).ok().filter(|row| row.position.0 == position);
        if row.is_none() {
            metrics::counter!("chancery_feed_poisoned_total", "job" => self.name).increment(1);
            tracing::error!(
                job = self.name,
                position,
                "a message on NATS is not the log's record: the log itself is read"
            );
        }
        session.held.insert(position, Held { row, message });
        Ok(())
    }

    fn measure(&self, waits: bool) {
        metrics::gauge!("chancery_feed_waits", "job" => self.name).set(f64::from(u8::from(waits)));
    }
}

fn ended(error: impl std::error::Error + Send + Sync + 'static) -> Trouble {
    Trouble::Ended(Some(Box::new(error)))
}

/// Without waiting for the server's word: a message that comes again is passed already.
async fn acknowledge(message: &jetstream::Message) -> Result<(), Trouble> {
    message.ack_with(AckKind::Ack).await.map_err(|error| Trouble::Ended(Some(error)))
}

#[async_trait]
impl Feed for NatsFeed {
    async fn next(&self, after: Position, limit: u32) -> Result<Vec<EventRow>, BackendError> {
        let mut state = self.state.lock().await;
        let trouble = match self.give(&mut state.session, after, limit).await {
            Ok(rows) => {
                self.measure(false);
                state.told = None;
                return Ok(rows);
            }
            Err(trouble) => trouble,
        };
        // What was held comes again, to whoever asks first.
        state.session = None;
        match trouble {
            Trouble::Look(LookError::Backend(error)) => return Err(error),
            Trouble::Superseded => return Ok(Vec::new()),
            // Said once, not with every try.
            trouble if state.told.as_ref() != Some(&trouble.to_string()) => {
                tracing::warn!(error = &trouble as &dyn std::error::Error, job = self.name, "not fed by NATS");
                state.told = Some(trouble.to_string());
            }
            _ => {}
        }
        self.measure(true);
        self.nats.changed_within(PAUSE).await;
        Ok(Vec::new())
    }
}
