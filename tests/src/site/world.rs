//! What a site runs on: a database with its keys, its clock and its mails.

use std::sync::Arc;

use chancery_api::http::target::Origin;
use chancery_api::{Programs, Shared, Site, router};
use chancery_eventstore::keys::{FileKeys, Ledger};
use chancery_eventstore::nats::Nats;
use chancery_eventstore::{Backend, BatcherOptions, Db, PostgresBackend, Purpose, SqliteBackend, Store};
use chancery_projections::{AccountChanges, Activity, Runner as ProjectionRunner};
use chancery_service::App;
use chancery_service::app::{LogIdentity, ServiceSettings};
use chancery_service::domains::MailDomains;
use chancery_service::mail::{MailSettings, Mailer, Sender};
use chancery_service::opened::Opened;
use chancery_service::password_hash::{HashPool, Pepper, Peppers, PoolSettings};
use chancery_service::person_check::PersonCheck;
use chancery_service::ports::DrivenClock;
use chancery_service::push::{PushHost, VapidKey};
use chancery_service::room::Room;
use chancery_service::sms::{SmsOutbox, SmsSender};
use chancery_service::tasks::Tasks;
use chancery_workers::Job;
use chancery_workers::jobs::{
    CarryOutCampaign, CarryOutInvitations, ExpireLinks, LapseRegistrations, ListTelephones, NoteUnanswered,
    RemindRecoveries, SendMail, SendSms, SettleInvitations, TellPhones,
};
use chancery_workers::runner::Runner;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::{ANSWER_AFTER, BEGINNING, CountedBackend, CountedPorts, MemoryMails, Relayed, Setup, TestSite};
use crate::store::postgres::PostgresFixture;

/// A database that a site runs on; several sites may share one.
#[derive(Clone)]
pub struct World {
    backend: Arc<dyn Backend>,
    db: Db,
    folder: Arc<TempDir>,
    clock: Arc<DrivenClock>,
    mails: Arc<MemoryMails>,
    messages: SmsOutbox,
    pub(super) nats: Option<Arc<Relayed>>,
    pub(super) postgres: Option<Arc<PostgresFixture>>,
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
        (Self::on(Arc::clone(&fixture)).await, fixture)
    }

    /// On a database that has the schema.
    pub async fn on_postgres(fixture: PostgresFixture) -> Self {
        Self::on(Arc::new(fixture)).await
    }

    async fn on(fixture: Arc<PostgresFixture>) -> Self {
        let options = chancery_eventstore::postgres::PostgresOptions::new(fixture.service());
        let backend = Arc::new(PostgresBackend::connect(options).await.unwrap());
        let folder = Arc::new(TempDir::new().unwrap());
        let db = Db::Postgres(Arc::clone(&backend));
        Self::over(backend, db, folder, Some(fixture))
    }

    /// An empty log on PostgreSQL, which is relayed to this NATS server; jobs are fed from there.
    pub async fn nats(url: &str) -> Self {
        Self::relayed_by(crate::nats::nats(url).await).await
    }

    /// The same by this connection.
    pub async fn relayed_by(nats: Nats) -> Self {
        let mut world = Self::postgres().await;
        chancery_workers::set_floors(&world.db, &*world.backend).await.unwrap();
        world.nats = Some(Arc::new(Relayed::start(nats, &world.db, &world.backend).await));
        world
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
            messages: SmsOutbox::default(),
            nats: None,
            postgres,
        }
    }

    /// The same database, reached over connections of its own, as another process does.
    pub async fn node(&self, options: chancery_eventstore::PostgresOptions) -> Self {
        let backend = Arc::new(PostgresBackend::connect(options).await.unwrap());
        Self { db: Db::Postgres(Arc::clone(&backend)), backend, ..self.clone() }
    }

    /// Two nodes of one service; on PostgreSQL each has connections of its own.
    pub async fn two_nodes(&self) -> (TestSite, TestSite) {
        let one = self.site(Setup::default()).await;
        let other = if self.postgres.is_some() { self.reopened().await } else { self.clone() };
        (one, other.site(Setup { seed: 2, ..Setup::default() }).await)
    }

    /// The same database as a process finds it that has just started.
    pub async fn reopened(&self) -> Self {
        if let Some(fixture) = &self.postgres {
            return self.node(chancery_eventstore::PostgresOptions::new(fixture.service())).await;
        }
        let backend = Arc::new(SqliteBackend::open(self.file(), Default::default()).await.unwrap());
        Self { db: Db::Sqlite(Arc::clone(&backend)), backend, ..self.clone() }
    }

    /// The same after every process has started again: nothing of the connections and the relay before is left.
    pub async fn started_again(&self, url: &str) -> Self {
        let options = chancery_eventstore::PostgresOptions::new(self.fixture().service());
        let mut world = self.node(options).await;
        let nats = crate::nats::nats(url).await;
        world.nats = Some(Arc::new(Relayed::start(nats, &world.db, &world.backend).await));
        world
    }

    /// The relay to NATS.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn relayed(&self) -> &Relayed {
        self.nats.as_deref().unwrap()
    }

    /// One more relay beside it, for as long as this value lives.
    pub async fn another_relay(&self, url: &str) -> Relayed {
        Relayed::start(crate::nats::nats(url).await, &self.db, &self.backend).await
    }

    /// PostgreSQL, on which it is.
    ///
    /// # Panics
    /// If it is on SQLite.
    #[must_use]
    pub fn fixture(&self) -> &PostgresFixture {
        self.postgres.as_deref().unwrap()
    }

    /// The database file, on SQLite.
    #[must_use]
    pub fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("chancery.db")
    }

    /// The folder of the key files.
    #[must_use]
    pub fn keys(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The ledger of destroyed keys.
    #[must_use]
    pub fn ledger(&self) -> std::path::PathBuf {
        self.folder.path().join("destroyed-keys")
    }

    /// The tables beside the log.
    #[must_use]
    pub const fn db(&self) -> &Db {
        &self.db
    }

    /// The log.
    #[must_use]
    pub const fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    /// Lets the database's clock stand so far ahead that the test's own may run on for years.
    pub async fn let_years_go_by(&self) {
        if let Some(fixture) = &self.postgres {
            let clock = "CREATE OR REPLACE FUNCTION chancery.clock() RETURNS bigint LANGUAGE sql VOLATILE \
                         RETURN 4102444800000000";
            crate::store::Fixture::execute(&**fixture, clock).await;
        }
    }

    /// The log with its keys, without a service.
    pub async fn store(&self) -> Store {
        let (master, credentials) = (self.keys().join("master.key"), self.keys().join("credentials.key"));
        let keys = chancery_eventstore::keys::CredentialKeys::From(&credentials);
        let wrapper = FileKeys::open(&master, keys).unwrap();
        Store::open(Arc::clone(&self.backend), Arc::new(wrapper), BatcherOptions::default(), BEGINNING).await.unwrap()
    }

    /// Verifies the whole database.
    pub async fn verify(&self, options: chancery_eventstore::verify::Options) -> chancery_eventstore::verify::Report {
        let now = chancery_service::ports::Clock::now(&*self.clock);
        crate::audit::verify(&self.db, &self.backend, Some(self.folder.path()), now, options).await
    }

    /// Verifies the whole database, and asserts that nothing differs and nothing is left unchecked.
    ///
    /// # Panics
    /// With what was found otherwise.
    pub async fn assert_clean(&self) {
        crate::audit::assert_clean(&self.verify(chancery_eventstore::verify::Options::default()).await);
    }

    /// A site on it, as one more node.
    pub async fn site(&self, setup: Setup) -> TestSite {
        let node = self.site_at_rest(setup).await;
        node.settle().await;
        node
    }

    /// The same, whose jobs have not run yet.
    pub async fn site_at_rest(&self, setup: Setup) -> TestSite {
        let folder = self.folder.path();
        let wrapper = FileKeys::open(
            &folder.join("master.key"),
            chancery_eventstore::keys::CredentialKeys::From(&folder.join("credentials.key")),
        );
        let backend = Arc::new(CountedBackend::new(Arc::clone(&self.backend)));
        let log = backend.head().await.unwrap().log;
        let ledger = Some(Arc::new(Ledger::new(self.ledger(), log)));
        let options = BatcherOptions { ledger, ..BatcherOptions::default() };
        let store =
            Store::open(Arc::clone(&backend) as _, Arc::new(wrapper.unwrap()), options, BEGINNING).await.unwrap();
        store.readers().hear(chancery_domain::events::READS, chancery_domain::Timestamp(i64::MAX));
        let ports = Arc::new(CountedPorts::new(Arc::clone(&self.clock), backend, setup.seed));
        let pool = PoolSettings { parameters: setup.hash, ..PoolSettings::default() };
        let peppers = Peppers::new(Pepper::from(store.keys().service(Purpose::Pepper)), Vec::new());
        let check_key = store.keys().service(Purpose::PersonCheck).key.clone();
        let app = Arc::new(App {
            hashing: HashPool::start(pool, peppers, Arc::clone(&ports) as _, Arc::clone(&ports) as _).unwrap(),
            domains: MailDomains::new(None, &setup.internal_domains).unwrap(),
            limits: setup.limits,
            person_check: PersonCheck::new(check_key, setup.person_check),
            vapid: VapidKey::of(&store.keys().push(BEGINNING).await.unwrap().key),
            log: LogIdentity::of(&store).await.unwrap(),
            tasks: Tasks::beside(pool.queue),
            room: Room::default(),
            opened_applications: Opened::default(),
            seen_accounts: Opened::default(),
            clock_agrees: true.into(),
            keys_agree: true.into(),
            settings: ServiceSettings {
                service_name: "Chancery".to_owned(),
                public_url: setup.public_url.clone(),
                attestation_roots: setup.attestation_roots.clone(),
                rp_id: chancery_service::factors::webauthn::rp_id(&setup.public_url),
                sms: setup.sms,
                push_services: vec![PushHost::parse("localhost").unwrap()],
                privacy_version: setup.privacy_version,
                answer_after: ANSWER_AFTER,
            },
            store: store.clone(),
            clock: Arc::clone(&ports) as _,
            random: Arc::clone(&ports) as _,
        });
        app.propose_policy(1, &setup.policy).await.unwrap().unwrap();
        let activity = Activity::new(store, self.db.clone());
        let (programs, stopping) = (Programs::new(&app, self.db.clone()), CancellationToken::new());
        let (watch, watched, stopped) = (Arc::clone(&programs.watch), Arc::clone(&app), stopping.clone());
        tokio::spawn(async move { watch.run(&watched, &stopped).await });
        let site = Site::new(Shared {
            app: Arc::clone(&app),
            origin: Arc::new(Origin::new(&setup.public_url)),
            service_name: "Chancery".into(),
            default_language: chancery_domain::values::Language::English,
            trusted_proxies: Vec::new().into(),
            privacy: None,
            development: setup.development,
            activity: activity.clone(),
            programs,
            draining: stopping.clone(),
        });
        let sender = Sender { name: None, address: "no-reply@login.example.org" };
        let mail_settings = MailSettings::new("Chancery", sender, None, "login.example.org").unwrap();
        let mailer = Mailer::new(mail_settings, Arc::clone(&self.mails) as _);
        let jobs: [Arc<dyn Job>; 11] = [
            Arc::new(RemindRecoveries::new(mailer.clone())),
            Arc::new(SendMail::new(mailer)),
            Arc::new(SendSms::new(Some(SmsSender::new(Arc::new(self.messages.clone()))))),
            Arc::new(TellPhones::new(setup.push)),
            Arc::new(NoteUnanswered),
            Arc::new(ListTelephones),
            Arc::new(CarryOutCampaign::new(self.db.clone())),
            Arc::new(ExpireLinks),
            Arc::new(CarryOutInvitations),
            Arc::new(SettleInvitations),
            Arc::new(LapseRegistrations::new(self.db.clone(), setup.lapse_rate)),
        ];
        let runners: Vec<Runner> = jobs
            .into_iter()
            .map(|job| Runner::new(Arc::clone(&app), self.db.clone(), job, format!("worker-{}", setup.seed)))
            .collect();
        let changes = AccountChanges::new(self.db.clone());
        let projections = chancery_projections::all(&app.store, &self.db)
            .into_iter()
            .map(|projection| ProjectionRunner::new(self.db.clone(), projection))
            .collect();
        TestSite {
            app,
            clock: Arc::clone(&self.clock),
            ports,
            mails: Arc::clone(&self.mails),
            messages: self.messages.clone(),
            db: self.db.clone(),
            activity,
            public_url: setup.public_url,
            router: router(site, setup.in_work),
            runners,
            stopping: stopping.drop_guard(),
            projections,
            changes,
            world: self.clone(),
        }
    }
}
