//! All jobs, read models and timers of a process, started and stopped together.

use std::sync::Arc;

use chancery_eventstore::{Db, Feed, LogFeed};
use chancery_projections::{Activity, Runner as ProjectionRunner};
use chancery_service::App;
use chancery_service::mail::Mailer;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::job::Job;
use crate::jobs::{ExpireLinks, LapseRegistrations, SendMail};
use crate::runner::{RunError, Runner};
use crate::sweep::keep_sweeping;
use crate::timers::Rate;

/// How the jobs run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The name of this process in leases.
    pub worker: String,
    /// Above this rate registrations no longer lapse.
    pub lapses: Rate,
}

/// The jobs of this process.
#[derive(Debug)]
pub struct Workers {
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl Workers {
    /// Starts everything, fed by the log itself. When this returns, every job's floor is set: no event that comes from
    /// now on is missed.
    ///
    /// # Errors
    /// [`RunError`] if the floors cannot be read or set.
    pub async fn start(app: &Arc<App>, db: &Db, mailer: Mailer, options: Options) -> Result<Self, RunError> {
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        let feed: Arc<dyn Feed> = Arc::new(LogFeed::new(Arc::clone(app.store.backend()), app.store.written()));
        let jobs: [Arc<dyn Job>; 3] = [
            Arc::new(SendMail::new(mailer)),
            Arc::new(ExpireLinks),
            Arc::new(LapseRegistrations::new(db.clone(), options.lapses)),
        ];
        for job in jobs {
            let runner = Arc::new(Runner::new(Arc::clone(app), db.clone(), job, options.worker.clone()));
            runner.floor().await?;
            let (dispatcher, feed, token) = (Arc::clone(&runner), Arc::clone(&feed), stopping.clone());
            tasks.spawn(async move { token.run_until_cancelled(dispatcher.keep_dispatching(&*feed)).await });
            let token = stopping.clone();
            tasks.spawn(async move { runner.keep_executing(&token).await });
        }
        let activity = Activity::new(app.store.clone(), db.clone());
        let runner = ProjectionRunner::new(db.clone(), activity.projection());
        let (feed, token) = (Arc::clone(&feed), stopping.clone());
        tasks.spawn(async move { token.run_until_cancelled(runner.run(&*feed)).await });
        let (sweeper, db, token) = (Arc::clone(app), db.clone(), stopping.clone());
        tasks.spawn(async move { token.run_until_cancelled(keep_sweeping(&sweeper, &db, &activity)).await });
        let (watcher, token) = (Arc::clone(app), stopping.clone());
        tasks.spawn(async move { token.run_until_cancelled(watcher.watch_clock()).await });
        tasks.close();
        Ok(Self { stopping, tasks })
    }

    /// Takes no more items, and returns when those that were begun are done.
    pub async fn shut_down(&self) {
        self.stopping.cancel();
        self.tasks.wait().await;
    }
}
