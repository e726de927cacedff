//! `chancery serve`: everything in one process.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use chancery_api::http::target::Origin;
use chancery_api::pages::{PrivacyStatement, paths};
use chancery_api::{Development, Site};
use chancery_projections::Activity;
use chancery_service::App;
use chancery_service::ports::{Clock, Random, SystemClock, SystemRandom, random_array};
use chancery_workers::timers::Rate;
use chancery_workers::{Options, Workers};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::cli::print;
use crate::error::CommandError;
use crate::settings::{PublicUrl, Settings};
use crate::wiring::{self, Credentials, Database, Opening};
use crate::{http, listen, logging, metrics};

/// How long the port stays open after readiness turned false, so that a balancer notices before people do. On a machine
/// of one's own nobody asks.
const NOTICE: Duration = Duration::from_secs(2);
/// All that is done between the signal and the end may take this long.
const DRAIN: Duration = Duration::from_secs(9);

/// Runs the service until it is told to stop.
///
/// # Errors
/// Whatever keeps it from starting: a sentence that says what to do.
pub async fn run(settings: &Settings) -> Result<ExitCode, CommandError> {
    logging::install(settings.log_format, settings.log_level)?;
    http::raise_file_limit();
    for warning in settings.warnings() {
        tracing::warn!("{warning}");
    }
    let listener = listen::bind("listen", settings.listen).await?;
    let bound = listener.local_addr().map_err(|error| CommandError::failure("the port is not known").because(error))?;
    let public_url = settings.public_url_on(bound.port());
    let recorded = match settings.metrics_listen {
        Some(address) => Some((listen::bind("metrics-listen", address).await?, metrics::install()?)),
        None => None,
    };

    let (clock, random): (Arc<dyn Clock>, Arc<dyn Random>) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let database = wiring::database(settings, Opening::Service).await?;
    let store = wiring::store(settings, &database, Opening::Service, Credentials::With, &*clock).await?;
    let difference = wiring::clock_difference(&store, &*clock).await?;
    if difference > wiring::CLOCK_SKEW {
        return Err(CommandError::failure(format!(
            "this machine's clock and the database's differ by {} s: set them right first",
            difference.as_secs()
        )));
    }
    let pool = settings.hash_pool();
    let app = Arc::new(wiring::app(settings, store, &public_url, pool, clock, Arc::clone(&random)).await?);
    propose_policy(settings, &app).await?;

    let mails = wiring::mails(settings, &public_url)?;
    let db = database.db.clone();
    let key: [u8; 16] = random_array(&*random);
    let development = mails.outbox.map(|outbox| Arc::new(Development { key: hex(&key), outbox }));
    let draining = CancellationToken::new();
    let site = Site {
        app: Arc::clone(&app),
        origin: Arc::new(Origin::new(public_url.as_str())),
        service_name: settings.service_name.as_str().into(),
        default_language: settings.default_language,
        trusted_proxies: settings.trusted_proxies.clone().into(),
        privacy: settings.privacy_statement_text()?.map(|text| Arc::new(PrivacyStatement::parse(&text))),
        development: development.clone(),
        activity: Activity::new(app.store.clone(), db.clone()),
        draining: draining.clone(),
    };
    let options = Options {
        worker: format!("{}-{}", std::process::id(), hex(&random_array::<4>(&*random))),
        lapses: Rate { max: settings.limit_timer_hour, window: Duration::from_secs(3600) },
    };
    let workers = Workers::start(&app, &db, mails.mailer, options)
        .await
        .map_err(|error| CommandError::failure("the jobs cannot be started").because(error))?;

    let stop = CancellationToken::new();
    let metrics_server =
        recorded.map(|(listener, handle)| tokio::spawn(metrics::serve(listener, handle, stop.clone())));
    let server = tokio::spawn(http::serve(listener, chancery_api::router(site), stop.clone()));
    print(&greeting(&database, &public_url, development.as_deref()))?;

    until_told_to_stop().await?;
    tracing::info!("stopping");
    draining.cancel();
    let drained = tokio::time::timeout(DRAIN, async {
        if !public_url.is_loopback() {
            tokio::time::sleep(NOTICE).await;
        }
        stop.cancel();
        // A panic of the server was reported when it happened.
        let _ = server.await;
        if let Some(server) = metrics_server {
            let _ = server.await;
        }
        workers.shut_down().await;
        app.tasks.wait().await;
        app.store.close().await;
    });
    if drained.await.is_err() {
        tracing::warn!("not everything was finished in time; it will be when the service starts again");
    }
    Ok(ExitCode::SUCCESS)
}

async fn propose_policy(settings: &Settings, app: &App) -> Result<(), CommandError> {
    let proposed = app
        .propose_policy(settings.policy_revision, &settings.policy())
        .await
        .map_err(|error| CommandError::failure("the policy cannot be read or proposed").because(error))?;
    match proposed {
        Ok(adopted) => {
            tracing::info!(revision = settings.policy_revision, ?adopted, "policy");
            Ok(())
        }
        Err(refusal) => {
            let in_force = app.policy().await.map(|policy| difference(&policy.policy, &settings.policy()));
            let difference = in_force.unwrap_or_default();
            Err(CommandError::usage(format!("{refusal}{difference}")))
        }
    }
}

/// What differs between the policy in force and this node's, field by field.
fn difference(in_force: &chancery_domain::policy::Policy, own: &chancery_domain::policy::Policy) -> String {
    let fields = |policy: &chancery_domain::policy::Policy| {
        [
            ("password_rule", policy.password_rule.name().to_owned()),
            ("link_validity", format!("{} s", policy.link_validity)),
            ("mail_queue_limit", format!("{} s", policy.mail_queue_limit)),
            ("session_idle", format!("{} s", policy.session_idle)),
            ("session_absolute", format!("{} s", policy.session_absolute)),
            ("session_public", format!("{} s", policy.session_public)),
            ("registration_lapse", format!("{} s", policy.registration_lapse)),
            ("network_data_retention", format!("{} s", policy.network_data_retention)),
        ]
    };
    let pairs = fields(in_force).into_iter().zip(fields(own)).filter(|(theirs, ours)| theirs != ours);
    pairs.fold(String::new(), |mut text, ((name, theirs), (_, ours))| {
        let separator = if text.is_empty() { " (" } else { ", " };
        let _ = write!(text, "{separator}{name} is {theirs} in force and {ours} here");
        text
    }) + if in_force == own { "" } else { ")" }
}

fn greeting(database: &Database, public_url: &PublicUrl, development: Option<&Development>) -> String {
    let mut text = format!("chancery {} on {}\n", env!("CARGO_PKG_VERSION"), database.name);
    if let Some(development) = development {
        let _ =
            writeln!(text, "mails are not sent but shown at {}{}?key={}", public_url, paths::DEV_MAIL, development.key);
    }
    let _ = writeln!(text, "ready at {public_url}");
    text
}

async fn until_told_to_stop() -> Result<(), CommandError> {
    let unheard = |error| CommandError::failure("signals cannot be heard").because(error);
    let mut terminate = signal(SignalKind::terminate()).map_err(unheard)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(unheard)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
