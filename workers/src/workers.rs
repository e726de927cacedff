//! All jobs, read models and timers of a process, started and stopped together.

use std::collections::BTreeSet;
use std::sync::Arc;

use chancery_eventstore::db::sql;
use chancery_eventstore::nats::{Nats, NatsFeed};
use chancery_eventstore::{Backend, BackendError, Db, Feed, LogFeed};
use chancery_projections::{Activity, Runner as ProjectionRunner};
use chancery_service::App;
use chancery_service::mail::Mailer;
use chancery_service::push::PushSender;
use chancery_service::sms::SmsSender;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::job::Job;
use crate::jobs::{
    self, CarryOutCampaign, CarryOutInvitations, ExpireLinks, LapseRegistrations, ListTelephones, NAMES,
    NoteUnanswered, RemindRecoveries, SendMail, SendSms, SettleInvitations, TellPhones,
};
use crate::living;
use crate::relay::Relay;
use crate::runner::{RunError, Runner};
use crate::sweep::keep_sweeping;
use crate::timers::Rate;

/// The read models.
const MODELS: &str = "models";
/// What goes by time alone.
const SWEEP: &str = "sweep";
/// The copying of the log to NATS.
const RELAY: &str = "relay";

/// Everything that a process may run, by the names of the command line.
pub const ALL: [&str; 14] = [
    NAMES[0], NAMES[1], NAMES[2], NAMES[3], NAMES[4], NAMES[5], NAMES[6], NAMES[7], NAMES[8], NAMES[9], NAMES[10],
    MODELS, SWEEP, RELAY,
];

/// Where jobs and read models are fed from.
#[derive(Clone, Debug)]
pub enum Source {
    /// The log itself, in the process that writes it. There is nothing to relay.
    Log,
    /// NATS, in as many processes as one likes.
    Nats(Box<Nats>),
}

/// The ways out of the house.
#[derive(Clone)]
pub struct Senders {
    /// Of mails.
    pub mailer: Mailer,
    /// Of messages to telephones, if there is any.
    pub sms: Option<SmsSender>,
    /// Of what wakes apps, if there is any.
    pub push: Option<PushSender>,
}

/// How the jobs run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The name of this process in leases.
    pub worker: String,
    /// Above this rate registrations no longer lapse.
    pub lapses: Rate,
    /// Where they are fed from.
    pub source: Source,
    /// Those of [`ALL`] that this process runs.
    pub jobs: BTreeSet<&'static str>,
}

/// The jobs of this process.
#[derive(Debug)]
pub struct Workers {
    stopping: CancellationToken,
    tasks: TaskTracker,
    relay: Option<Arc<Relay>>,
    db: Db,
    worker: String,
}

/// Sets the floors of the jobs that have none, most at the log's head, so that no event that comes from now on is missed by a
/// job that first runs later, in another process.
///
/// # Errors
/// The database's.
pub async fn set_floors(db: &Db, backend: &dyn Backend) -> Result<(), BackendError> {
    let head = backend.head().await?.position;
    let set = NAMES.map(|job| {
        sql("INSERT INTO job_floors (job, position) VALUES ($1, $2) ON CONFLICT (job) DO NOTHING")
            .bind(job)
            .bind(jobs::begins(job, head))
    });
    db.transaction(set.to_vec()).await
}

impl Workers {
    /// Starts what the options name, in a process that was [announced](living::announce). When this returns, every job's
    /// floor is set: no event that comes from now on is missed.
    ///
    /// # Errors
    /// [`RunError`] if the floors cannot be read or set.
    pub async fn start(app: &Arc<App>, db: &Db, senders: Senders, options: Options) -> Result<Self, RunError> {
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        set_floors(db, &**app.store.backend()).await?;
        // Where only one process can be, it has said so once and for all.
        if let Db::Postgres(_) = db {
            let (app, db, worker, token) = (Arc::clone(app), db.clone(), options.worker.clone(), stopping.clone());
            tasks.spawn(async move { token.run_until_cancelled(living::keep_saying(&app, &db, &worker)).await });
        }
        let jobs: [Arc<dyn Job>; 11] = [
            Arc::new(RemindRecoveries::new(senders.mailer.clone())),
            Arc::new(SendMail::new(senders.mailer)),
            Arc::new(SendSms::new(senders.sms)),
            Arc::new(TellPhones::new(senders.push)),
            Arc::new(NoteUnanswered),
            Arc::new(ListTelephones),
            Arc::new(CarryOutCampaign::new(db.clone())),
            Arc::new(ExpireLinks),
            Arc::new(CarryOutInvitations),
            Arc::new(SettleInvitations),
            Arc::new(LapseRegistrations::new(db.clone(), options.lapses)),
        ];
        let log: Arc<dyn Feed> = Arc::new(LogFeed::new(Arc::clone(app.store.backend()), app.store.written()));
        let feed = |name| match &options.source {
            Source::Log => Arc::clone(&log),
            Source::Nats(nats) => {
                let backend = Arc::clone(app.store.backend());
                Arc::new(NatsFeed::new((**nats).clone(), backend, db.clone(), &NAMES, name))
            }
        };
        for job in jobs.into_iter().filter(|job| options.jobs.contains(job.name())) {
            let feed = feed(job.name());
            let runner = Arc::new(Runner::new(Arc::clone(app), db.clone(), job, options.worker.clone()));
            let (dispatcher, token) = (Arc::clone(&runner), stopping.clone());
            tasks.spawn(async move { token.run_until_cancelled(dispatcher.keep_dispatching(&*feed)).await });
            let token = stopping.clone();
            tasks.spawn(async move { runner.keep_executing(&token).await });
        }
        let models = options.jobs.contains(MODELS).then(|| chancery_projections::all(&app.store, db));
        for projection in models.into_iter().flatten() {
            let feed = feed(projection.name());
            let runner = ProjectionRunner::new(db.clone(), projection);
            let token = stopping.clone();
            tasks.spawn(async move { token.run_until_cancelled(runner.run(&*feed)).await });
        }
        let activity = Activity::new(app.store.clone(), db.clone());
        if options.jobs.contains(SWEEP) {
            let (sweeper, db, token) = (Arc::clone(app), db.clone(), stopping.clone());
            tasks.spawn(async move { token.run_until_cancelled(keep_sweeping(&sweeper, &db, &activity)).await });
        }
        let mut relay = None;
        if let (true, Source::Nats(nats)) = (options.jobs.contains(RELAY), &options.source) {
            let backend = Arc::clone(app.store.backend());
            let running = Arc::new(Relay::new((**nats).clone(), db.clone(), backend, app.store.written()));
            relay = Some(Arc::clone(&running));
            let token = stopping.clone();
            tasks.spawn(async move { token.run_until_cancelled(running.run()).await });
        }
        let (watcher, token) = (Arc::clone(app), stopping.clone());
        tasks.spawn(async move { token.run_until_cancelled(watcher.watch_clock()).await });
        tasks.close();
        Ok(Self { stopping, tasks, relay, db: db.clone(), worker: options.worker })
    }

    /// What keeps this process's relay from going on, in a sentence.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.relay.as_ref().and_then(|relay| relay.trouble())
    }

    /// Takes no more items, and returns when those that were begun are done.
    pub async fn shut_down(&self) {
        self.stopping.cancel();
        self.tasks.wait().await;
    }

    /// Says that this process ends, when it has decided all that it had begun: from here on others may write what it does
    /// not read.
    pub async fn say_farewell(&self) {
        if let Err(error) = living::say_farewell(&self.db, &self.worker).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "nobody heard that this process ends");
        }
    }
}
