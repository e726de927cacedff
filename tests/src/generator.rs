//! A large log of a service that was used for weeks: people register, confirm, sign in and out. Its facts follow from the
//! scale alone; its keys, and so its ciphertext, are random as always.
//!
//! Commands are decided by the domain and sealed by the store, as the service does it, but appended in full batches.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use chancery_domain::account::commands::{
    CompleteRegistration, NewLink, NewPassword, NewSession, PasswordVerdict, RecordLinkSent, RequestRegistration,
    SignIn, SignOut,
};
use chancery_domain::account::{Account, Credential};
use chancery_domain::policy::{AdoptPolicy, POLICY_STREAM, Policy, PolicyState};
use chancery_domain::values::{EmailAddress, Language, PasswordRule, PersonName, Uid};
use chancery_domain::{Actor, ActorDetails, Aggregate, Command, Context, LinkId, SessionId, StreamId, Timestamp};
use chancery_eventstore::{
    Commit, DecisionInputs, KeyClass, Loaded, NewKey, Position, Prepared, Priority, Status, Store, StreamKey, Version,
};
use uuid::Uuid;

/// When the log begins: 2026-05-03T10:00:00Z.
pub const BEGINNING: Timestamp = Timestamp::from_seconds(1_777_802_400);

/// How large the log is.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// How many accounts.
    pub accounts: u64,
    /// How many events at least; a registration alone has [`REGISTRATION`].
    pub events: u64,
}

/// Events of one registration.
pub const REGISTRATION: u64 = 8;

/// Accounts that are on their way at the same time: their events stand among each other's.
const TOGETHER: usize = 200;

/// Microseconds between two commands.
const PAUSE: i64 = 6_000_000;

/// Commands in one append.
const BATCH: usize = 256;

/// A log on its way.
struct Generator<'s> {
    store: &'s Store,
    policy: Policy,
    now: Timestamp,
    minted: u64,
    batch: Vec<Prepared>,
    position: Position,
}

/// An account on its way.
struct Person {
    number: u64,
    loaded: Loaded<Account>,
    link: LinkId,
    steps: u64,
    stage: u32,
}

/// The address of an account, counted from 0.
#[must_use]
pub fn email(number: u64) -> EmailAddress {
    EmailAddress::parse(&format!("person{number}@example.org")).unwrap()
}

/// The uid of an account, counted from 0. Of every hundred the first one has the most events.
#[must_use]
pub fn uid(number: u64) -> Uid {
    Uid::from_random(number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// Fills an empty log, and returns its last position.
///
/// # Panics
/// If the log is not empty, or something is refused.
pub async fn generate(store: &Store, scale: Scale) -> Position {
    assert_eq!(store.backend().head().await.unwrap().position, Position::START, "the log is empty");
    let mut generator = Generator {
        store,
        policy: Policy::default(),
        now: BEGINNING,
        minted: 0,
        batch: Vec::new(),
        position: Position::START,
    };
    generator.adopt_policy().await;
    let extra = scale.events.saturating_sub(scale.accounts * REGISTRATION + 1);
    let mut people = (0..scale.accounts).map(|number| (number, steps(number, extra, scale.accounts)));
    let mut going: Vec<Person> = Vec::new();
    loop {
        while going.len() < TOGETHER
            && let Some((number, steps)) = people.next()
        {
            going.push(generator.person(number, steps).await);
        }
        if going.is_empty() {
            break;
        }
        for person in &mut going {
            generator.step(person).await;
        }
        // A stream's next command must not meet its last one in a batch.
        generator.flush().await;
        going.retain(|person| person.stage < 3 || person.steps > 0);
    }
    generator.flush().await;
    generator.position
}

/// How many events an account has beside its registration: of every hundred, one has half of all.
fn steps(number: u64, extra: u64, accounts: u64) -> u64 {
    let heavy = accounts.div_ceil(100);
    let (mine, of, each) = if number.is_multiple_of(100) {
        (number / 100, heavy, extra / 2)
    } else {
        (number - number / 100 - 1, (accounts - heavy).max(1), extra - extra / 2)
    };
    each / of + u64::from(mine < each % of)
}

impl Generator<'_> {
    fn mint<const N: usize>(&mut self) -> [u8; N] {
        // The finaliser of splitmix64, so that nobody takes these for numbers in order.
        self.minted += 1;
        let mut mixed = self.minted.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mut bytes = [0; N];
        bytes[N - 8..].copy_from_slice(&mixed.to_be_bytes());
        bytes
    }

    fn id(&mut self) -> Uuid {
        let millis = u64::try_from(self.now.micros() / 1000).unwrap();
        let random: [u8; 10] = self.mint();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    async fn adopt_policy(&mut self) {
        let mut loaded = self.store.fresh::<PolicyState>(POLICY_STREAM, self.now).await.unwrap();
        let command = AdoptPolicy { revision: 1, policy: self.policy.clone() };
        self.run(&mut loaded, &command, Vec::new(), Actor::Service, None).await;
        self.flush().await;
    }

    async fn person(&mut self, number: u64, steps: u64) -> Person {
        let stream = StreamId::from(self.id());
        let loaded = self.store.fresh::<Account>(stream, self.now).await.unwrap();
        Person { number, loaded, link: LinkId::from_bytes(self.mint()), steps, stage: 0 }
    }

    async fn step(&mut self, person: &mut Person) {
        match person.stage {
            0 => self.register(person).await,
            1 => self.send_link(person).await,
            2 => self.confirm(person).await,
            _ => self.come_and_go(person).await,
        }
        person.stage += 1;
    }

    async fn register(&mut self, person: &mut Person) {
        let email = email(person.number);
        let language = Language::ALL[(person.number % Language::ALL.len() as u64) as usize];
        let command = RequestRegistration {
            uid: uid(person.number),
            first_name: PersonName::parse("Ada").unwrap(),
            last_name: PersonName::parse("Lovelace").unwrap(),
            normalised: email.normalised(),
            email,
            language,
            link: NewLink { id: person.link, browser: None, target: None, language },
            privacy_version: "2026-01".to_owned(),
            privacy_language: Some(language),
        };
        self.run(&mut person.loaded, &command, Vec::new(), Actor::Visitor, Some(person.number)).await;
    }

    async fn send_link(&mut self, person: &mut Person) {
        let command = RecordLinkSent { link: person.link };
        self.run(&mut person.loaded, &command, Vec::new(), Actor::Worker("mail".to_owned()), None).await;
    }

    fn session(&mut self) -> NewSession {
        NewSession {
            id: SessionId::from_bytes(self.mint()),
            secret_hash: self.mint(),
            known_browser: true,
            public_computer: false,
            least_recent: None,
        }
    }

    async fn confirm(&mut self, person: &mut Person) {
        let owner = person.loaded.stream;
        let (_, key) = self.store.keys().create(KeyClass::Credential, owner, self.now).await.unwrap();
        let command = CompleteRegistration {
            link: person.link,
            first_name: PersonName::parse("Ada").unwrap(),
            last_name: PersonName::parse("Lovelace").unwrap(),
            privacy_version: "2026-01".to_owned(),
            language: Language::English,
            password: NewPassword {
                credential: Credential { key: key.id, sealed: vec![7; 180] },
                rule: PasswordRule::EuLogin,
            },
            session: self.session(),
        };
        let actor = Actor::Person(owner);
        self.run(&mut person.loaded, &command, vec![key], actor, Some(person.number)).await;
    }

    async fn come_and_go(&mut self, person: &mut Person) {
        let actor = Actor::Person(person.loaded.stream);
        let open = person.loaded.state.sessions.open.last().map(|session| session.id);
        let appended = match open {
            Some(session) if person.steps.is_multiple_of(2) => {
                self.run(&mut person.loaded, &SignOut { session }, Vec::new(), actor, Some(person.number)).await
            }
            _ => {
                let credential = person.loaded.state.password.as_ref().unwrap().credential.key;
                let verdict = PasswordVerdict { credential, right: true };
                let command = SignIn { verdict: Some(verdict), session: self.session(), rehashed: None, factor: None };
                self.run(&mut person.loaded, &command, Vec::new(), actor, Some(person.number)).await
            }
        };
        person.steps = person.steps.saturating_sub(appended);
    }

    /// Decides, seals, and puts it in the batch; returns how many events that were.
    async fn run<C: Command>(
        &mut self,
        loaded: &mut Loaded<C::Aggregate>,
        command: &C,
        new_keys: Vec<NewKey>,
        actor: Actor,
        network: Option<u64>,
    ) -> u64 {
        self.now = Timestamp(self.now.micros() + PAUSE);
        let context =
            Context { stream: loaded.stream, now: self.now, epoch_began: Timestamp::default(), policy: &self.policy };
        let decision = command.decide(&loaded.state, context);
        assert!(!decision.events.is_empty(), "{command:?} leads to events");
        let (key, is_policy) = (self.id(), loaded.stream == POLICY_STREAM);
        let commit = Commit {
            command: self.store.command_id(b"generator", C::NAME, key),
            fingerprint: self.store.fingerprint(&[key.as_bytes()]),
            inputs: DecisionInputs {
                command: C::NAME.to_owned(),
                version: C::VERSION,
                arguments: command.encode(),
                policy: i64::from(!is_policy),
                software: "generator".to_owned(),
                guards: Vec::new(),
            },
            new_keys,
            destroyed_keys: Vec::new(),
            decided: self.now,
            actor,
            details: network.map(|number| ActorDetails {
                address: Some(format!("192.0.2.{}", number % 250)),
                user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned()),
                note: None,
            }),
            actor_key: None,
            correlation: key,
            causing: None,
            priority: Priority::Session,
            events: decision.events,
        };
        let events = commit.events.clone();
        let prepared = self.store.prepare(loaded, commit).await.unwrap();
        if let StreamKey::New(secret, new) = &loaded.key {
            loaded.key = StreamKey::Held(new.id, secret.clone());
        }
        for event in &events {
            loaded.state.evolve(self.now, event);
        }
        loaded.version = Version(loaded.version.0 + events.len() as i64);
        self.batch.push(prepared);
        if self.batch.len() == BATCH {
            self.flush().await;
        }
        events.len() as u64
    }

    async fn flush(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() {
            return;
        }
        for status in self.store.backend().append(&batch).await.unwrap() {
            let Status::Appended { last, .. } = status else { panic!("{status:?}") };
            self.position = self.position.max(last);
        }
    }
}
