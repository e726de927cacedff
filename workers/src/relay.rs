//! `relay`: copies the log to NATS. Any number of processes may run it: one goes on, the others stand by.
//!
//! It has no cursor of its own: the stream's end, compared with the log, says where it goes on. Run again from anywhere it
//! does nothing twice, since each message is stored only where the one before it stands.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chancery_eventstore::feed::LOOK;
use chancery_eventstore::nats::{
    Divergence, Generation, Look, LookError, Nats, NatsError, Publisher, Step, look, step_into,
};
use chancery_eventstore::{Backend, BackendError, Db, Position, record};
use futures::{FutureExt, StreamExt};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::jobs::NAMES;

/// Events read at once.
const BATCH: u32 = 512;

/// How often the stream's end is compared with the log although nothing went wrong.
const COMPARED: Duration = Duration::from_secs(5);

/// The pause after trouble, unless the connection changes before, and how long one that stands by leaves the other alone.
const PAUSE: Duration = Duration::from_millis(250);

/// The pause before a stream that has just gone is looked for.
const MOMENT: Duration = Duration::from_millis(20);

/// What keeps the relay from going on, in one sentence; `None` while it goes on.
pub type Trouble = Option<String>;

/// The relay of one process.
#[derive(Debug)]
pub struct Relay {
    nats: Nats,
    db: Db,
    backend: Arc<dyn Backend>,
    written: watch::Receiver<Position>,
    trouble: watch::Sender<Trouble>,
}

/// What a turn came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// Look again at once.
    Again,
    /// Wait for a new epoch.
    Stopped(Divergence),
}

/// Why a turn came to nothing.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Look(#[from] LookError),
    #[error("somebody else wrote event {0} to the stream")]
    Contended(Position),
    #[error("the log has a hole after event {0}")]
    Hole(Position),
}

impl From<NatsError> for Failure {
    fn from(error: NatsError) -> Self {
        Self::Look(error.into())
    }
}

impl From<BackendError> for Failure {
    fn from(error: BackendError) -> Self {
        Self::Look(error.into())
    }
}

impl Failure {
    const fn name(&self) -> &'static str {
        match self {
            Self::Look(LookError::Nats(error)) => error.name(),
            Self::Look(LookError::Backend(_)) => "database",
            Self::Contended(_) => "contended",
            Self::Hole(_) => "hole",
        }
    }
}

impl Relay {
    /// A relay of this log. `written` wakes it for this process's own appends.
    #[must_use]
    pub fn new(nats: Nats, db: Db, backend: Arc<dyn Backend>, written: watch::Receiver<Position>) -> Self {
        Self { nats, db, backend, written, trouble: watch::Sender::new(None) }
    }

    /// What keeps it from going on.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        self.trouble.borrow().clone()
    }

    /// Copies for ever; the caller drops it to stop it, at any moment.
    pub async fn run(&self) {
        let mut doubt = None;
        loop {
            let doubted = doubt.take();
            match self.turn(doubted).await {
                Ok(Turn::Again) => {}
                Ok(Turn::Stopped(divergence)) => {
                    // What was doubted is looked at again: the stream's end alone may be the log's own.
                    doubt = doubted;
                    metrics::gauge!("chancery_relay_stopped").set(1.0);
                    self.tell(format!("the relay has stopped until 'chancery log new-epoch': {divergence}"));
                    self.nats.changed_within(LOOK).await;
                }
                // Another relay does what is to be done; or somebody wrote there who should not.
                Err(Failure::Contended(position)) => {
                    doubt = Some(position);
                    self.goes_on();
                    tokio::time::sleep(PAUSE).await;
                }
                Err(Failure::Look(LookError::Nats(NatsError::NotFound(_)))) => tokio::time::sleep(MOMENT).await,
                Err(failure) => {
                    metrics::counter!("chancery_relay_errors_total", "reason" => failure.name()).increment(1);
                    self.tell(format!("the relay cannot go on: {failure}"));
                    self.nats.changed_within(PAUSE).await;
                }
            }
        }
    }

    /// Says once what is wrong.
    fn tell(&self, sentence: String) {
        self.trouble.send_if_modified(|trouble| {
            let is_new = trouble.as_ref() != Some(&sentence);
            if is_new {
                tracing::error!("{sentence}");
                *trouble = Some(sentence);
            }
            is_new
        });
    }

    fn goes_on(&self) {
        metrics::gauge!("chancery_relay_stopped").set(0.0);
        let goes_on_again = self.trouble.send_if_modified(|trouble| trouble.take().is_some());
        if goes_on_again {
            tracing::info!("the relay goes on");
        }
    }

    async fn turn(&self, doubt: Option<Position>) -> Result<Turn, Failure> {
        if !self.nats.is_connected() {
            return Err(NatsError::Away(None).into());
        }
        let look = look(&self.nats, &self.db, &*self.backend, &NAMES, doubt).await?;
        match look.step {
            // Every node looks there each second, and decides nothing while it is so.
            Step::Stop(divergence) => Generation::stop(&self.db, look.head.epoch, &divergence.to_string()).await?,
            _ if look.generation.stopped => Generation::go_on(&self.db).await?,
            _ => {}
        }
        match look.step {
            Step::Publish(after) => self.publish(&look, after).await.map(|()| Turn::Again),
            Step::Make | Step::Begin(..) => {
                step_into(&self.nats, &self.db, &look).await?;
                Ok(Turn::Again)
            }
            Step::Stop(divergence) => Ok(Turn::Stopped(divergence)),
        }
    }

    /// Publishes what the log has after `after`, and what comes, until it is time to look again.
    async fn publish(&self, look: &Look, after: Position) -> Result<(), Failure> {
        let mut publisher = Publisher::new(&self.nats, look.stream(), look.generation.base, after).await?;
        match self.copy(look, after, &mut publisher).await {
            Err(Failure::Look(LookError::Nats(NatsError::Contended))) => {
                Err(Failure::Contended(Position(publisher.stored().0 + 1)))
            }
            outcome => outcome,
        }
    }

    async fn copy(&self, look: &Look, after: Position, publisher: &mut Publisher) -> Result<(), Failure> {
        let mut waking = self.nats.waking(look.head.log).await?;
        let mut written = self.written.clone();
        let mut again = pin!(tokio::time::sleep(COMPARED));
        let (mut read_to, mut ahead, mut alone) = (after, None::<JoinHandle<_>>, false);
        loop {
            written.mark_unchanged();
            let records = match ahead.take() {
                Some(reading) => reading.await.unwrap_or_else(|_| Ok(Vec::new()))?,
                None => read(Arc::clone(&self.backend), read_to).await?,
            };
            let count = records.len();
            read_to = Position(read_to.0 + i64::try_from(count).unwrap_or(0));
            if count == BATCH as usize {
                // While these are on their way the next ones are read.
                ahead = Some(tokio::spawn(read(Arc::clone(&self.backend), read_to)));
            }
            for record in records {
                publisher.publish(record).await?;
                if !alone {
                    // Where another relay is at work, one message finds out.
                    publisher.settle().await?;
                    alone = true;
                }
            }
            if ahead.is_some() && !again.is_elapsed() {
                continue;
            }
            publisher.settle().await?;
            metrics::gauge!("chancery_relay_position").set(publisher.stored().0 as f64);
            self.goes_on();
            if again.is_elapsed() {
                return Ok(());
            }
            if count > 0 {
                continue;
            }
            tokio::select! {
                Ok(()) = written.changed() => {}
                Some(_) = waking.next() => while let Some(Some(_)) = waking.next().now_or_never() {},
                () = tokio::time::sleep(LOOK) => {}
                () = &mut again => {}
            }
        }
    }
}

/// The records of the next events, encoded.
async fn read(backend: Arc<dyn Backend>, after: Position) -> Result<Vec<Vec<u8>>, Failure> {
    let rows = backend.read(after, BATCH).await?;
    let expected = after.0 + 1..;
    rows.iter()
        .zip(expected)
        .map(|(row, position)| {
            let record = record::encode(row).ok().filter(|_| row.position.0 == position);
            record.ok_or(Failure::Hole(Position(position - 1)))
        })
        .collect()
}
