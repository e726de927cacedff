//! `chancery serve`: everything in one process.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use chancery_api::http::in_work::InWork;
use chancery_api::http::target::Origin;
use chancery_api::pages::{PrivacyStatement, paths};
use chancery_api::{Development, Programs, Shared, Site};
use chancery_projections::Activity;
use chancery_service::App;
use chancery_service::factors::webauthn;
use chancery_service::ports::{Clock, Random, SystemClock, SystemRandom, random_array};
use chancery_workers::timers::Rate;
use chancery_workers::{Options, Senders, Source, Workers};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::cli::print;
use crate::error::CommandError;
use crate::settings::{PublicUrl, Settings};
use crate::traces::Traces;
use crate::wiring::{self, Credentials, Database, Opening};
use crate::{http, listen, logging, metrics, service_manager};

/// How long the port stays open after readiness turned false, so that a balancer notices before people do. On a machine
/// of one's own nobody asks.
const NOTICE: Duration = Duration::from_secs(2);
/// All that is done between the signal and the end may take this long.
const DRAIN: Duration = Duration::from_secs(8);

/// What the command line says.
#[derive(clap::Args, Debug, Default)]
pub struct Arguments {
    /// Leave jobs, read models and timers to 'chancery work'; on PostgreSQL only.
    #[arg(long)]
    no_workers: bool,
}

/// Why a process ends by itself.
pub(super) const SUPERSEDED: &str = "the log has begun a new epoch, and this process is of the one before";

/// Runs the service until it is told to stop.
///
/// # Errors
/// Whatever keeps it from starting: a sentence that says what to do.
pub async fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, CommandError> {
    if arguments.no_workers && settings.database.is_none() {
        return Err(CommandError::usage(
            "--no-workers needs PostgreSQL: only one process may use a SQLite file, which therefore runs the jobs too; \
             leave --no-workers out, or set database",
        ));
    }
    let (clock, random): (Arc<dyn Clock>, Arc<dyn Random>) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let name = worker_name(&*random);
    let traces = Traces::start(settings, "serve", &name)?;
    logging::install(settings.log_format, settings.log_level, traces.tracer())?;
    http::raise_file_limit();
    for warning in settings.warnings() {
        tracing::warn!("{warning}");
    }
    let listener = listen::bind("listen", settings.listen)?;
    let bound = listener.local_addr().map_err(|error| CommandError::failure("the port is not known").because(error))?;
    let public_url = settings.public_url_on(bound.port());
    let recorded = match settings.metrics_listen {
        Some(address) => Some((listen::bind("metrics-listen", address)?, metrics::install()?)),
        None => None,
    };

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
    wiring::announce(&database, &store, &name, &*clock).await?;
    let app = Arc::new(wiring::app(settings, store, &public_url, pool, clock, Arc::clone(&random)).await?);
    propose_policy(settings, &app).await?;
    keep_keys(settings, &public_url, &app).await?;

    let mails = wiring::mails(settings, &public_url)?;
    let db = database.db.clone();
    let key: [u8; 16] = random_array(&*random);
    let messages = wiring::messages(settings, &public_url)?;
    let development = (mails.outbox.is_some() || messages.outbox.is_some())
        .then(|| Arc::new(Development { key: hex(&key), mails: mails.outbox, messages: messages.outbox }));
    let draining = CancellationToken::new();
    let programs = Programs::new(&app, db.clone());
    let site = Site::new(Shared {
        app: Arc::clone(&app),
        origin: Arc::new(Origin::new(public_url.as_str())),
        service_name: settings.service_name.as_str().into(),
        default_language: settings.default_language,
        trusted_proxies: settings.trusted_proxies.clone().into(),
        privacy: settings.privacy_statement_text()?.map(|text| Arc::new(PrivacyStatement::parse(&text))),
        development: development.clone(),
        activity: Activity::new(app.store.clone(), db.clone()),
        programs: Arc::clone(&programs),
        draining: draining.clone(),
    });
    let (watched, stop_watching) = (Arc::clone(&app), draining.clone());
    tokio::spawn(async move { programs.watch.run(&watched, &stop_watching).await });
    let options = Options {
        worker: name,
        lapses: Rate { max: settings.limit_timer_hour, window: Duration::from_secs(3600) },
        source: Source::Log,
        jobs: if arguments.no_workers { BTreeSet::new() } else { BTreeSet::from(chancery_workers::ALL) },
    };
    let push = wiring::pushes(settings, &public_url)?;
    let senders = Senders { mailer: mails.mailer, sms: messages.sender, push };
    let workers = Workers::start(&app, &db, senders, options)
        .await
        .map_err(|error| CommandError::failure("the jobs cannot be started").because(error))?;
    if let Some(nats) = wiring::nats(settings).await? {
        let (store, log, token) = (app.store.clone(), app.log.log, draining.clone());
        tokio::spawn(async move { token.run_until_cancelled(wiring::keep_waking(&nats, &store, log)).await });
    }

    let stop = CancellationToken::new();
    let metrics_server =
        recorded.map(|(listener, handle)| tokio::spawn(metrics::serve(listener, handle, Router::new(), stop.clone())));
    let bounds = http::Bounds::beside(&settings.trusted_proxies);
    let router = chancery_api::router(site, InWork::default());
    let server = tokio::spawn(http::serve(listener, router, bounds, stop.clone()));
    // Whoever reads that it is ready may tell it to stop.
    let told = Told::listen()?;
    print(&greeting(&database, &public_url, development.as_deref()))?;
    service_manager::ready();
    let watchdog = service_manager::keep_alive();

    let superseded = tokio::select! {
        () = told.come() => false,
        () = database.backend.history().superseded() => true,
    };
    tracing::info!("stopping");
    service_manager::stopping();
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
        workers.say_farewell().await;
        app.store.close().await;
    });
    if drained.await.is_err() {
        tracing::warn!(
            "not everything was finished in time: jobs go on when the service starts again, but what requests had still to \
             commit behind their answers is lost until the same form is sent again"
        );
    }
    drop(watchdog);
    traces.flush().await;
    if superseded {
        // Whoever watches over this process starts it again.
        return Err(CommandError::failure(SUPERSEDED));
    }
    Ok(ExitCode::SUCCESS)
}

async fn propose_policy(settings: &Settings, app: &App) -> Result<(), CommandError> {
    let policy = settings.policy()?;
    let proposed = app
        .propose_policy(settings.policy_revision, &policy)
        .await
        .map_err(|error| CommandError::failure("the policy cannot be read or proposed").because(error))?;
    match proposed {
        Ok(adopted) => {
            tracing::info!(revision = settings.policy_revision, ?adopted, "policy");
            Ok(())
        }
        Err(refusal) => {
            let in_force = app.policy().await.map(|in_force| difference(&in_force.policy, &policy));
            let difference = in_force.unwrap_or_default();
            Err(CommandError::usage(format!("{refusal}{difference}")))
        }
    }
}

/// Refuses an address or a name by which the keys that people have could not be used.
async fn keep_keys(settings: &Settings, public_url: &PublicUrl, app: &App) -> Result<(), CommandError> {
    let lost = app.can_use_keys().await;
    let lost =
        lost.map_err(|error| CommandError::failure("the keys of people cannot be counted").because(error))?.err();
    let own = settings.rp_id_at(public_url);
    let outside = |id: &str| !webauthn::is_within(public_url.as_str(), id);
    match (lost, own) {
        (Some(lost), _) if outside(&lost.in_force) => Err(CommandError::usage(format!(
            "public-url is {public_url}, outside {}: {lost}; take a public-url within it, or have them removed first",
            lost.in_force
        ))),
        (Some(lost), Some(own)) => Err(CommandError::usage(format!(
            "rp-id is {own}: {lost}; set rp-id to {}, or have them removed first",
            lost.in_force
        ))),
        (None, Some(own)) if outside(&own) => Err(CommandError::usage(format!(
            "public-url is {public_url}, outside rp-id, which is {own}: no key could be made; leave rp-id out, or set it to \
             the host of public-url or a domain above it"
        ))),
        _ => Ok(()),
    }
}

/// What differs between the policy in force and this node's, field by field.
fn difference(in_force: &chancery_domain::policy::Policy, own: &chancery_domain::policy::Policy) -> String {
    let nothing = || "none".to_owned();
    let or_off = |time: Option<Duration>| time.map_or_else(|| "off".to_owned(), |time| format!("{} s", time.as_secs()));
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
            ("second_factor_required", policy.second_factor_required.to_string()),
            ("passkey_needs_password", policy.passkey_needs_password.to_string()),
            ("recovery_code_only_signs_in", policy.recovery_code_only_signs_in.to_string()),
            (
                "webauthn_attestation_roots",
                policy.attestation.as_ref().map_or_else(nothing, |a| listed(&a.roots, |root| hex(&**root))),
            ),
            (
                "webauthn_aaguids",
                policy
                    .attestation
                    .as_ref()
                    .map_or_else(nothing, |a| listed(&a.aaguids, |aaguid| Uuid::from_bytes(**aaguid).to_string())),
            ),
            ("recovery_wait", or_off(policy.recovery_wait.span())),
            ("adaptive_sign_in", or_off(policy.adaptive_sign_in.span())),
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
    if let Some(Development { key, mails, messages }) = development {
        let mut shown = |what, path| {
            let _ = writeln!(text, "{what} are not sent but shown at {public_url}{path}?key={key}");
        };
        if messages.is_some() {
            shown("messages to telephones", paths::DEV_SMS);
        }
        if mails.is_some() {
            shown("mails", paths::DEV_MAIL);
        }
    }
    let _ = writeln!(text, "ready at {public_url}");
    text
}

/// The signals that tell the service to stop. From here on none of them ends the process by itself.
pub(super) struct Told {
    terminate: Signal,
    interrupt: Signal,
}

impl Told {
    pub(super) fn listen() -> Result<Self, CommandError> {
        let unheard = |error| CommandError::failure("signals cannot be heard").because(error);
        let terminate = signal(SignalKind::terminate()).map_err(unheard)?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt()).map_err(unheard)? })
    }

    pub(super) async fn come(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// The name of this process in leases.
pub(super) fn worker_name(random: &dyn Random) -> String {
    format!("{}-{}", std::process::id(), hex(&random_array::<4>(random)))
}

/// Fingerprints or AAGUIDs, each as an operator writes it, in one text.
fn listed<T>(items: &[T], written: impl Fn(&T) -> String) -> String {
    if items.is_empty() { "none".to_owned() } else { items.iter().map(written).collect::<Vec<_>>().join(" ") }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
