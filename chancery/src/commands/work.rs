//! `chancery work`: jobs, read models, timers and the relay in a process of their own, fed by NATS.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use chancery_eventstore::nats::Nats;
use chancery_service::App;
use chancery_service::password_hash::PoolSettings;
use chancery_service::ports::{Clock, Random, SystemClock, SystemRandom};
use chancery_workers::timers::Rate;
use chancery_workers::{ALL, Options, Senders, Source, Workers};
use clap::builder::PossibleValuesParser;
use tokio_util::sync::CancellationToken;

use super::serve::{Told, worker_name};
use crate::cli::print;
use crate::error::CommandError;
use crate::settings::Settings;
use crate::traces::Traces;
use crate::wiring::{self, CLOCK_SKEW, Credentials, Opening};
use crate::{http, listen, logging, metrics, service_manager};

/// All that is done between the signal and the end may take this long.
const DRAIN: Duration = Duration::from_secs(8);

/// What the command line says.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Run only these [default: all of them]
    #[arg(long, value_name = "JOB,…", value_delimiter = ',', value_parser = PossibleValuesParser::new(ALL))]
    jobs: Vec<String>,
}

/// Runs the jobs until it is told to stop.
///
/// # Errors
/// Whatever keeps it from starting: a sentence that says what to do.
pub async fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, CommandError> {
    if settings.database.is_none() {
        return Err(CommandError::usage(
            "'chancery work' needs PostgreSQL: only one process may use a SQLite file, and its 'chancery serve' runs all \
             jobs itself; set database for both, or do without 'work'",
        ));
    }
    let Some(nats) = wiring::nats(settings).await? else {
        return Err(CommandError::usage(
            "'chancery work' is fed by NATS: set nats, such as --nats nats://nats.example.org:4222",
        ));
    };
    let (clock, random): (Arc<dyn Clock>, Arc<dyn Random>) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let worker = worker_name(&*random);
    let traces = Traces::start(settings, "work", &worker)?;
    logging::install(settings.log_format, settings.log_level, traces.tracer())?;
    http::raise_file_limit();
    let recorded = match settings.metrics_listen {
        Some(address) => Some((listen::bind("metrics-listen", address)?, metrics::install()?)),
        None => None,
    };
    let database = wiring::database(settings, Opening::Work).await?;
    let store = wiring::store(settings, &database, Opening::Work, Credentials::Without, &*clock).await?;
    let difference = wiring::clock_difference(&store, &*clock).await?;
    if difference > CLOCK_SKEW {
        return Err(CommandError::failure(format!(
            "this machine's clock and the database's differ by {} s: set them right first",
            difference.as_secs()
        )));
    }
    wiring::announce(&database, &store, &worker, &*clock).await?;
    let public_url = settings.public_url_on(settings.listen.port());
    // No job hashes a password.
    let pool = PoolSettings { workers: std::num::NonZeroUsize::MIN, ..settings.hash_pool() };
    let app = Arc::new(wiring::app(settings, store, &public_url, pool, clock, Arc::clone(&random)).await?);
    let wanted = |name: &&str| arguments.jobs.is_empty() || arguments.jobs.iter().any(|job| job == name);
    let options = Options {
        worker,
        lapses: Rate { max: settings.limit_timer_hour, window: Duration::from_secs(3600) },
        source: Source::Nats(Box::new(nats.clone())),
        jobs: ALL.into_iter().filter(wanted).collect(),
    };
    let names = options.jobs.iter().copied().collect::<Vec<_>>().join(", ");
    let mails = wiring::mails(settings, &public_url)?;
    let (sms, push) = (wiring::messages(settings, &public_url)?.sender, wiring::pushes(settings, &public_url)?);
    let senders = Senders { mailer: mails.mailer, sms, push };
    let workers = Workers::start(&app, &database.db, senders, options)
        .await
        .map_err(|error| CommandError::failure("the jobs cannot be started").because(error))?;
    let workers = Arc::new(workers);

    let stop = CancellationToken::new();
    let health = health(&app, &nats, &workers);
    let server =
        recorded.map(|(listener, handle)| tokio::spawn(metrics::serve(listener, handle, health, stop.clone())));
    let (store, log, token) = (app.store.clone(), app.log.log, stop.clone());
    tokio::spawn(async move { token.run_until_cancelled(wiring::keep_waking(&nats, &store, log)).await });
    let told = Told::listen()?;
    print(&format!("chancery {} on {}\nready to work: {names}\n", env!("CARGO_PKG_VERSION"), database.name))?;
    service_manager::ready();
    let watchdog = service_manager::keep_alive();

    let superseded = tokio::select! {
        () = told.come() => false,
        () = database.backend.history().superseded() => true,
    };
    tracing::info!("stopping");
    service_manager::stopping();
    let drained = tokio::time::timeout(DRAIN, async {
        workers.shut_down().await;
        stop.cancel();
        if let Some(server) = server {
            // A panic of the server was reported when it happened.
            let _ = server.await;
        }
        app.tasks.wait().await;
        workers.say_farewell().await;
        app.store.close().await;
    });
    if drained.await.is_err() {
        tracing::warn!("not everything was finished in time; it will be when a worker takes it over");
    }
    drop(watchdog);
    traces.flush().await;
    if superseded {
        return Err(CommandError::failure(super::serve::SUPERSEDED));
    }
    Ok(ExitCode::SUCCESS)
}

/// `/health/live` and `/health/ready`, beside the metrics.
fn health(app: &Arc<App>, nats: &Nats, workers: &Arc<Workers>) -> Router {
    let (app, nats, workers) = (Arc::clone(app), nats.clone(), Arc::clone(workers));
    let ready = move || {
        let (app, nats, workers) = (Arc::clone(&app), nats.clone(), Arc::clone(&workers));
        async move {
            match unready(&app, &nats, &workers).await {
                None => (StatusCode::OK, "ready\n".to_owned()),
                Some(sentence) => (StatusCode::SERVICE_UNAVAILABLE, format!("{sentence}\n")),
            }
        }
    };
    Router::new().route("/health/live", get(|| async { "live\n" })).route("/health/ready", get(ready))
}

/// Why this process does not do its work, in a sentence.
async fn unready(app: &App, nats: &Nats, workers: &Workers) -> Option<String> {
    if let Err(failure) = app.readiness().await {
        return Some(failure.to_string());
    }
    if !nats.is_connected() {
        return Some("NATS cannot be reached".to_owned());
    }
    workers.trouble()
}
