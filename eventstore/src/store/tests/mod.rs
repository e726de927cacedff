//! The store over a real log in a file: what is committed can be loaded, opened and decided again, until its key is gone.

mod commands;
mod erasure;
mod keys;
mod loading;
mod readers;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chancery_domain::account::commands::{
    CompleteRegistration, NewLink, NewPassword, NewSession, RequestPasswordReset, RequestRegistration,
};
use chancery_domain::account::{Account, Credential};
use chancery_domain::policy::{AdoptPolicy, POLICY_STREAM, Policy, PolicyState};
use chancery_domain::values::{EmailAddress, Language, PasswordRule, PersonName, Uid};
use chancery_domain::{Actor, Aggregate, ClaimKind, Command, Context, LinkId, SessionId};
use tempfile::TempDir;

use super::*;
use crate::append::NewKey;
use crate::backend::KeyClass;
use crate::batcher::{AppendError, Committed};
use crate::keys::{CredentialKeys, FileKeys};
use crate::row::Version;
use crate::sqlite::{OpenOptions, SqliteBackend};

/// When every log begins.
const BEGINNING: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// A log in a folder of its own, with its key files.
struct Log {
    folder: TempDir,
    backend: Arc<SqliteBackend>,
    store: Store,
    next: AtomicU64,
}

impl Log {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        FileKeys::create(&folder.path().join("master.key"), &folder.path().join("credentials.key")).unwrap();
        let options = OpenOptions { create: true, ..OpenOptions::default() };
        let backend = Arc::new(SqliteBackend::open(folder.path().join("chancery.db"), options).await.unwrap());
        let keys = wrapper(&folder.path().join("master.key"), &folder.path().join("credentials.key"));
        let store = Store::open(backend.clone(), keys, BatcherOptions::default(), BEGINNING).await.unwrap();
        Self { folder, backend, store, next: AtomicU64::new(1) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Another process over the same log.
    async fn another(&self) -> Store {
        let keys = wrapper(&self.path("master.key"), &self.path("credentials.key"));
        Store::open(self.backend.clone(), keys, BatcherOptions::default(), BEGINNING).await.unwrap()
    }

    /// Numbers that nobody else has.
    fn mint<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        bytes[N - 8..].copy_from_slice(&self.next.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        bytes
    }

    fn stream(&self) -> StreamId {
        StreamId::from_bytes(self.mint())
    }

    fn new_link(&self) -> NewLink {
        NewLink { id: LinkId::from_bytes(self.mint()), browser: None, target: None, language: Language::English }
    }

    fn new_session(&self) -> NewSession {
        NewSession {
            id: SessionId::from_bytes(self.mint()),
            secret_hash: self.mint(),
            known_browser: false,
            public_computer: false,
            least_recent: None,
        }
    }

    /// A sealed password, and the key that sealed it.
    async fn new_password(&self, owner: StreamId) -> (NewPassword, NewKey) {
        let (_, key) = self.store.keys().create(KeyClass::Credential, owner, BEGINNING).await.unwrap();
        let credential = Credential { key: key.id, sealed: b"a sealed hash".to_vec() };
        (NewPassword { credential, rule: PasswordRule::EuLogin }, key)
    }

    fn commit<E>(&self, events: Vec<E>, command: &(impl Command + ?Sized)) -> Commit<E> {
        commit(self, events, command, Version(0))
    }

    /// Decides a command under the policy in force, and commits what it leads to.
    async fn attempt<C: Command>(
        &self,
        loaded: &Loaded<C::Aggregate>,
        command: &C,
        new_keys: Vec<NewKey>,
    ) -> Result<Committed, CommitError> {
        let policy = self.store.load::<PolicyState>(POLICY_STREAM).await.unwrap();
        let version = policy.as_ref().map_or(Version(0), |loaded| loaded.version);
        let in_force = policy.and_then(|loaded| loaded.state.in_force).map(|in_force| in_force.policy);
        let now = BEGINNING.plus(Duration::from_secs(self.next.load(Ordering::Relaxed)));
        let policy = in_force.unwrap_or_default();
        let context = Context { stream: loaded.stream, now, epoch_began: Timestamp::default(), policy: &policy };
        let decision = command.decide(&loaded.state, context);
        assert!(!decision.events.is_empty(), "{command:?} leads to events");
        let commit = Commit { new_keys, decided: now, ..commit(self, decision.events, command, version) };
        self.store.commit(loaded, commit).await
    }

    /// The same, which must be appended.
    async fn run<C: Command>(&self, loaded: &Loaded<C::Aggregate>, command: &C, new_keys: Vec<NewKey>) {
        appended(self.attempt(loaded, command, new_keys).await);
    }

    async fn load(&self, stream: StreamId) -> Loaded<Account> {
        self.store.load(stream).await.unwrap().unwrap()
    }

    async fn rows(&self, stream: StreamId) -> Vec<EventRow> {
        self.backend.read_stream(stream, Version(0), 1_000).await.unwrap()
    }

    /// An account that was asked for under an address.
    async fn registered(&self, address: &str) -> StreamId {
        let loaded = self.store.fresh::<Account>(self.stream(), BEGINNING).await.unwrap();
        self.run(&loaded, &registration(self, address), Vec::new()).await;
        loaded.stream
    }

    /// An account with a password, and that password's key.
    async fn confirmed(&self, address: &str) -> (StreamId, KeyId) {
        let stream = self.registered(address).await;
        let (password, key) = self.new_password(stream).await;
        let id = key.id;
        let loaded = self.load(stream).await;
        let command = CompleteRegistration {
            link: loaded.state.links.open[0].id,
            first_name: PersonName::parse("Augusta").unwrap(),
            last_name: PersonName::parse("King").unwrap(),
            privacy_version: "2026-01".to_owned(),
            language: Language::Greek,
            password,
            session: self.new_session(),
        };
        self.run(&loaded, &command, vec![key]).await;
        (stream, id)
    }

    async fn adopt(&self, revision: u32, policy: Policy) {
        let loaded = match self.store.load::<PolicyState>(POLICY_STREAM).await.unwrap() {
            Some(loaded) => loaded,
            None => self.store.fresh(POLICY_STREAM, BEGINNING).await.unwrap(),
        };
        let command = AdoptPolicy { revision, policy };
        let event = command.decide(&loaded.state, context(&Policy::default())).events;
        let mut commit = self.commit(event, &command);
        // It depends on nothing but its own stream.
        commit.inputs.guards.clear();
        appended(self.store.commit(&loaded, commit).await);
    }

    /// As whoever owns the file.
    async fn execute(&self, sql: &'static str) {
        self.backend.write(async |connection| sqlx::raw_sql(sql).execute(connection).await).await.unwrap();
    }
}

fn appended(result: Result<Committed, CommitError>) {
    assert!(matches!(result, Ok(Committed::Appended { .. })), "{result:?}");
}

fn wrapper(master: &std::path::Path, credentials: &std::path::Path) -> Arc<dyn Wrapper> {
    Arc::new(FileKeys::open(master, CredentialKeys::From(credentials)).unwrap())
}

fn context(policy: &Policy) -> Context<'_> {
    Context { stream: POLICY_STREAM, now: BEGINNING, epoch_began: Timestamp::default(), policy }
}

fn email(address: &str) -> EmailAddress {
    EmailAddress::parse(address).unwrap()
}

fn email_claim(address: &str) -> Claim {
    Claim { kind: ClaimKind::Email, value: email(address).normalised().as_bytes().to_vec() }
}

fn uid_claim(uid: Uid) -> Claim {
    Claim { kind: ClaimKind::Uid, value: uid.as_str().as_bytes().to_vec() }
}

fn registration(log: &Log, address: &str) -> RequestRegistration {
    RequestRegistration {
        uid: Uid::from_random(u64::from_be_bytes(log.mint())),
        first_name: PersonName::parse("Ada").unwrap(),
        last_name: PersonName::parse("Lovelace").unwrap(),
        email: email(address),
        normalised: email(address).normalised(),
        language: Language::English,
        link: log.new_link(),
        privacy_version: "2026-01".to_owned(),
        privacy_language: Some(Language::English),
    }
}

fn reset(log: &Log) -> RequestPasswordReset {
    RequestPasswordReset { link: log.new_link(), by_uid: false }
}

fn details() -> ActorDetails {
    ActorDetails::of_request(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), Some("Mozilla/5.0"))
}

fn commit<E, C: Command + ?Sized>(log: &Log, events: Vec<E>, command: &C, policy: Version) -> Commit<E> {
    Commit {
        command: CommandId(Uuid::from_bytes(log.mint())),
        fingerprint: Fingerprint([1; 16]),
        events,
        inputs: DecisionInputs {
            command: C::NAME.to_owned(),
            version: C::VERSION,
            arguments: command.encode(),
            policy: policy.0,
            software: "0.1.0".to_owned(),
            guards: vec![(POLICY_STREAM, policy.0)],
        },
        new_keys: Vec::new(),
        destroyed_keys: Vec::new(),
        decided: BEGINNING,
        actor: Actor::Visitor,
        details: Some(details()),
        actor_key: None,
        correlation: Uuid::from_bytes(log.mint()),
        causing: None,
        priority: crate::Priority::Session,
    }
}
