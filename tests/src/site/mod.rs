//! The whole site in one process of a test: real log, real use cases, real routes, real jobs; the clock, the randomness
//! and the mails are the test's.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod browser;
mod mails;
mod ports;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use chancery_api::http::target::Origin;
use chancery_api::{Site, router};
use chancery_domain::Timestamp;
use chancery_domain::policy::Policy;
use chancery_eventstore::keys::FileKeys;
use chancery_eventstore::{
    Backend, BackendError, BatcherOptions, Db, EventRow, Feed, Position, PostgresBackend, Purpose, SqliteBackend, Store,
};
use chancery_projections::{Activity, Runner as ProjectionRunner};
use chancery_service::App;
use chancery_service::app::{LogIdentity, ServiceSettings};
use chancery_service::domains::MailDomains;
use chancery_service::mail::{MailSettings, Mailer, Sender};
use chancery_service::password_hash::{HashParameters, HashPool, Pepper, Peppers, PoolSettings};
use chancery_service::person_check::{PersonCheck, PersonCheckSettings};
use chancery_service::ports::DrivenClock;
use chancery_service::tasks::Tasks;
use chancery_service::throttle::Limits;
use chancery_workers::Job;
use chancery_workers::jobs::{ExpireLinks, LapseRegistrations, SendMail};
use chancery_workers::runner::Runner;
use chancery_workers::timers::Rate;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

pub use browser::{Browser, Form, Page, form_of};
pub use mails::{MemoryMails, SentMail};
pub use ports::{Calls, CountedPorts};

use crate::store::postgres::PostgresFixture;

/// 2026-05-03T10:00:00Z, when every story begins.
pub const BEGINNING: Timestamp = Timestamp::from_seconds(1_777_802_400);

/// When a request is answered that must not tell anything by its time.
pub const ANSWER_AFTER: Duration = Duration::from_millis(500);

/// A password that satisfies the default rule.
pub const PASSWORD: &str = "Correct-horse7battery";

/// How a test wants its site.
#[derive(Clone)]
pub struct Setup {
    /// By which people reach it.
    pub public_url: String,
    /// How much is too much.
    pub limits: Limits,
    /// The policy in force.
    pub policy: Policy,
    /// The cost of a password's hash: as cheap as argon2 allows.
    pub hash: HashParameters,
    /// Feeds the randomness: two sites of one seed differ in their keys all the same.
    pub seed: u64,
    /// Domains of the institution's own people.
    pub internal_domains: Vec<String>,
    /// The version of the privacy statement.
    pub privacy_version: String,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            public_url: "https://login.example.org".to_owned(),
            limits: Limits::default(),
            policy: Policy::default(),
            hash: HashParameters { memory_kib: 8, iterations: 1, parallelism: 1 },
            seed: 1,
            internal_domains: vec!["institution.example".to_owned()],
            privacy_version: "test-1".to_owned(),
        }
    }
}

/// A database that a site runs on; several sites may share one.
#[derive(Clone)]
pub struct World {
    backend: Arc<dyn Backend>,
    db: Db,
    folder: Arc<TempDir>,
    clock: Arc<DrivenClock>,
    mails: Arc<MemoryMails>,
    _postgres: Option<Arc<PostgresFixture>>,
}

impl World {
    /// An empty log on SQLite.
    pub async fn sqlite() -> Self {
        let folder = Arc::new(TempDir::new().unwrap());
        let options = chancery_eventstore::sqlite::OpenOptions { create: true, ..Default::default() };
        let backend = Arc::new(SqliteBackend::open(folder.path().join("chancery.db"), options).await.unwrap());
        Self::over(Arc::clone(&backend) as Arc<dyn Backend>, Db::Sqlite(backend), folder, None)
    }

    /// An empty log on PostgreSQL.
    pub async fn postgres() -> Self {
        Self::postgres_with_fixture().await.0
    }

    /// An empty log on PostgreSQL, and the way to its database.
    pub async fn postgres_with_fixture() -> (Self, Arc<PostgresFixture>) {
        let fixture = Arc::new(PostgresFixture::new().await);
        let options = chancery_eventstore::postgres::PostgresOptions::new(fixture.service());
        let backend = Arc::new(PostgresBackend::connect(options).await.unwrap());
        let folder = Arc::new(TempDir::new().unwrap());
        let db = Db::Postgres(Arc::clone(&backend));
        (Self::over(backend, db, folder, Some(Arc::clone(&fixture))), fixture)
    }

    fn over(backend: Arc<dyn Backend>, db: Db, folder: Arc<TempDir>, postgres: Option<Arc<PostgresFixture>>) -> Self {
        let (master, credentials) = (folder.path().join("master.key"), folder.path().join("credentials.key"));
        FileKeys::create(&master, &credentials).unwrap();
        Self {
            backend,
            db,
            folder,
            clock: Arc::new(DrivenClock::new(BEGINNING)),
            mails: Arc::default(),
            _postgres: postgres,
        }
    }

    /// The database file, on SQLite.
    #[must_use]
    pub fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("chancery.db")
    }

    /// A site on it, as one more node.
    pub async fn site(&self, setup: Setup) -> TestSite {
        let folder = self.folder.path();
        let wrapper = FileKeys::open(
            &folder.join("master.key"),
            chancery_eventstore::keys::CredentialKeys::From(&folder.join("credentials.key")),
        );
        let backend = Arc::clone(&self.backend);
        let store =
            Store::open(backend, Arc::new(wrapper.unwrap()), BatcherOptions::default(), BEGINNING).await.unwrap();
        let ports = Arc::new(CountedPorts::new(Arc::clone(&self.clock), setup.seed));
        let head = store.backend().head().await.unwrap();
        let pool = PoolSettings { parameters: setup.hash, ..PoolSettings::default() };
        let peppers = Peppers::new(Pepper::from(store.keys().service(Purpose::Pepper)), Vec::new());
        let check_key = store.keys().service(Purpose::PersonCheck).key.clone();
        let check = PersonCheckSettings { base_cost: 20, highest_cost: 40, ..PersonCheckSettings::default() };
        let app = Arc::new(App {
            hashing: HashPool::start(pool, peppers, Arc::clone(&ports) as _, Arc::clone(&ports) as _).unwrap(),
            domains: MailDomains::new(None, &setup.internal_domains).unwrap(),
            limits: setup.limits,
            person_check: PersonCheck::new(check_key, check),
            log: LogIdentity { log: head.log, epoch: head.epoch },
            tasks: Tasks::default(),
            clock_agrees: true.into(),
            settings: ServiceSettings {
                service_name: "Chancery".to_owned(),
                public_url: setup.public_url.clone(),
                privacy_version: setup.privacy_version,
                answer_after: ANSWER_AFTER,
                clock_skew: Duration::from_secs(5),
            },
            store: store.clone(),
            clock: Arc::clone(&ports) as _,
            random: Arc::clone(&ports) as _,
        });
        app.propose_policy(1, &setup.policy).await.unwrap().unwrap();
        let activity = Activity::new(store, self.db.clone());
        let site = Site {
            app: Arc::clone(&app),
            origin: Arc::new(Origin::new(&setup.public_url)),
            service_name: "Chancery".into(),
            default_language: chancery_domain::values::Language::English,
            trusted_proxies: Vec::new().into(),
            privacy: None,
            development: None,
            activity: activity.clone(),
            draining: CancellationToken::new(),
        };
        let sender = Sender { name: None, address: "no-reply@login.example.org" };
        let mail_settings = MailSettings::new("Chancery", sender, None, "login.example.org").unwrap();
        let mailer = Mailer::new(mail_settings, Arc::clone(&self.mails) as _);
        let rate = Rate { max: 1000, window: Duration::from_secs(3600) };
        let jobs: [Arc<dyn Job>; 3] = [
            Arc::new(SendMail::new(mailer)),
            Arc::new(ExpireLinks),
            Arc::new(LapseRegistrations::new(self.db.clone(), rate)),
        ];
        let runners: Vec<Runner> = jobs
            .into_iter()
            .map(|job| Runner::new(Arc::clone(&app), self.db.clone(), job, format!("worker-{}", setup.seed)))
            .collect();
        let projection = ProjectionRunner::new(self.db.clone(), activity.projection());
        let node = TestSite {
            app,
            clock: Arc::clone(&self.clock),
            ports,
            mails: Arc::clone(&self.mails),
            db: self.db.clone(),
            activity,
            public_url: setup.public_url,
            router: router(site),
            runners,
            projection,
            world: self.clone(),
        };
        node.settle().await;
        node
    }
}

/// One node of a site.
pub struct TestSite {
    /// The use cases.
    pub app: Arc<App>,
    /// The clock of all nodes.
    pub clock: Arc<DrivenClock>,
    /// The node's clock and randomness, which count.
    pub ports: Arc<CountedPorts>,
    /// What was mailed.
    pub mails: Arc<MemoryMails>,
    /// The tables beside the log.
    pub db: Db,
    /// Past sign-ins.
    pub activity: Activity,
    /// By which people reach it.
    pub public_url: String,
    router: Router,
    runners: Vec<Runner>,
    projection: ProjectionRunner,
    world: World,
}

impl TestSite {
    /// A site on SQLite with default settings, whose volatile store has been there for a while: limits are whole.
    pub async fn new() -> Self {
        let site = World::sqlite().await.site(Setup::default()).await;
        site.age().await;
        site
    }

    /// Lets two days go by since the volatile store's first use.
    pub async fn age(&self) {
        let limit = self.app.limits.forms;
        self.app.take(limit, &[0; 32]).await.unwrap().unwrap();
        self.after(Duration::from_secs(2 * 24 * 3600)).await;
    }

    /// The database that it runs on.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// A browser that has never been here, at its own address.
    #[must_use]
    pub fn browser(&self) -> Browser<'_> {
        Browser::new(self, "192.0.2.1".parse().unwrap())
    }

    /// A browser at this address.
    #[must_use]
    pub fn browser_at(&self, address: &str) -> Browser<'_> {
        Browser::new(self, address.parse().unwrap())
    }

    /// The runner of a job.
    ///
    /// # Panics
    /// If there is no such job.
    #[must_use]
    pub fn runner(&self, job: &str) -> &Runner {
        self.runners.iter().find(|runner| runner.job().name() == job).unwrap()
    }

    /// Waits until all is done that goes on behind answers; no job runs.
    pub async fn answered(&self) {
        self.app.tasks.wait().await;
    }

    /// Lets jobs and read models do all that is due at this moment.
    pub async fn settle(&self) {
        self.answered().await;
        let feed = Now(Arc::clone(self.app.store.backend()));
        loop {
            let mut moved = 0;
            for runner in &self.runners {
                moved += runner.dispatch(&feed).await.unwrap();
                moved += runner.execute().await.unwrap();
            }
            moved += self.projection.step(&feed).await.unwrap();
            if moved == 0 {
                return;
            }
        }
    }

    /// Moves the clock and lets everything happen that is due then.
    pub async fn after(&self, span: Duration) {
        self.clock.advance(span);
        self.settle().await;
    }

    /// Lets go what is over by time alone.
    pub async fn sweep(&self) {
        chancery_workers::sweep::sweep(&self.app, &self.db, &self.activity).await.unwrap();
    }

    /// The types of all events, in order.
    pub async fn event_types(&self) -> Vec<String> {
        self.events().await.into_iter().map(|row| row.event_type).collect()
    }

    /// All events, in order, with those of what still went on behind an answer.
    pub async fn events(&self) -> Vec<EventRow> {
        self.answered().await;
        self.app.store.backend().read(Position::START, 100_000).await.unwrap()
    }

    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    /// A browser of somebody who has just ended a registration, signed in.
    pub async fn registered(&self, email: &str) -> Browser<'_> {
        let mut browser = self.browser();
        browser.register(email).await;
        self.settle().await;
        browser.follow_link(&self.mails.link_to(email)).await;
        self.settle().await;
        browser
    }
}

/// The log as it stands, without waiting for more.
struct Now(Arc<dyn Backend>);

#[async_trait::async_trait]
impl Feed for Now {
    async fn next(&self, after: Position, limit: u32) -> Result<Vec<EventRow>, BackendError> {
        self.0.read(after, limit).await
    }
}
