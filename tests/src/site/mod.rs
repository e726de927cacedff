//! The whole site in one process of a test: real log, real use cases, real routes, real jobs; the clock, the randomness
//! and the mails are the test's.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod authenticator;
mod browser;
mod counted;
mod feeds;
mod key;
mod mails;
mod phone;
mod ports;
mod process;
pub mod program;
mod push;
mod sms;
pub mod volatile;
mod world;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use chancery_api::Development;
use chancery_api::http::in_work::InWork;
use chancery_domain::Timestamp;
use chancery_domain::policy::Policy;
use chancery_eventstore::{Db, EventRow, Feed, Position};
use chancery_projections::{AccountChanges, Activity, Runner as ProjectionRunner};
use chancery_service::App;
use chancery_service::factors::webauthn::Roots;
use chancery_service::password_hash::HashParameters;
use chancery_service::person_check::PersonCheckSettings;
use chancery_service::ports::DrivenClock;
use chancery_service::push::PushSender;
use chancery_service::sms::{Country, SmsOffer, SmsOutbox};
use chancery_service::throttle::Limits;
use chancery_workers::runner::Runner;
use chancery_workers::timers::Rate;
use tokio_util::sync::DropGuard;

pub use authenticator::{Authenticator, STEP};
pub use browser::{Browser, Form, Page, form_of};
pub use counted::{Asked, CountedBackend};
pub use feeds::{Now, Relayed};
pub use key::{ORIGIN, SoftKey, User, asked, of_make, with_data};
pub use mails::{MemoryMails, SentMail};
pub use phone::{PIN, Phone};
pub use ports::{Calls, CountedPorts};
pub use program::{Answer, Program};
pub use push::{PushService, Told};
pub use sms::NUMBER;
pub use world::World;

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
    /// The certificates that may vouch for the make of keys.
    pub attestation_roots: Roots,
    /// The cost of a password's hash: as cheap as argon2 allows.
    pub hash: HashParameters,
    /// Feeds the randomness: two sites of one seed differ in their keys all the same.
    pub seed: u64,
    /// Domains of the institution's own people.
    pub internal_domains: Vec<String>,
    /// The version of the privacy statement.
    pub privacy_version: String,
    /// Above which rate `lapse-registrations` stops.
    pub lapse_rate: Rate,
    /// What forms cost: next to nothing.
    pub person_check: PersonCheckSettings,
    /// How many requests are worked on at once.
    pub in_work: InWork,
    /// Whether messages are sent to telephones, and to which.
    pub sms: SmsOffer,
    /// What wakes apps, at this machine.
    pub push: Option<PushSender>,
    /// What exists on a developer's machine only.
    pub development: Option<Arc<Development>>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            public_url: "https://login.example.org".to_owned(),
            limits: Limits::default(),
            policy: Policy::default(),
            attestation_roots: Roots::default(),
            hash: HashParameters { memory_kib: 8, iterations: 1, parallelism: 1 },
            seed: 1,
            internal_domains: vec!["institution.example".to_owned()],
            privacy_version: "test-1".to_owned(),
            lapse_rate: Rate { max: 1000, window: Duration::from_secs(3600) },
            person_check: PersonCheckSettings { base_cost: 20, highest_cost: 40, ..PersonCheckSettings::default() },
            in_work: InWork::default(),
            sms: SmsOffer {
                offered: true,
                countries: ["BE", "DE"].iter().filter_map(|it| Country::parse(it)).collect(),
            },
            push: None,
            development: None,
        }
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
    /// The messages to telephones of all nodes.
    pub messages: SmsOutbox,
    /// The tables beside the log.
    pub db: Db,
    /// Past sign-ins.
    pub activity: Activity,
    /// Which accounts changed.
    pub changes: AccountChanges,
    /// By which people reach it.
    pub public_url: String,
    router: Router,
    runners: Vec<Runner>,
    #[expect(dead_code, reason = "stops what runs beside the site when the site is dropped")]
    stopping: DropGuard,
    projections: Vec<ProjectionRunner>,
    world: World,
}

impl TestSite {
    /// What a job is fed by: all that the log has now, without waiting for more.
    #[must_use]
    pub fn feed(&self, name: &'static str) -> Arc<dyn Feed> {
        match &self.world.nats {
            Some(relayed) => relayed.feed(name),
            None => Arc::new(Now(Arc::clone(self.app.store.backend()))),
        }
    }

    /// The same as [`TestSite::new`], and one on PostgreSQL whose jobs are fed by NATS.
    pub async fn fed_by_log_and_nats() -> [Self; 2] {
        let world = World::nats(&crate::environment::nats()).await;
        let fed_by_nats = world.site(Setup::default()).await;
        fed_by_nats.age().await;
        [Self::new().await, fed_by_nats]
    }

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
        loop {
            let mut moved = 0;
            for runner in &self.runners {
                moved += runner.dispatch(&*self.feed(runner.job().name())).await.unwrap();
                moved += runner.execute().await.unwrap();
            }
            for projection in &self.projections {
                moved += projection.step(&*self.feed(projection.name())).await.unwrap();
            }
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

    /// Its routes, as a server has them.
    pub fn router(&self) -> Router {
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

/// How many events of a type there are.
pub async fn count(site: &TestSite, event_type: &str) -> usize {
    site.event_types().await.iter().filter(|name| *name == event_type).count()
}
