//! Random histories: whatever is asked of an account, in whatever order, what must always hold does.

mod factors;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::time::Duration;

use proptest::prelude::*;

use self::factors::{FactorStep, factor_step};
use super::commands::*;
use super::{
    Account, AccountEvent, Credential, LinkPurpose, LockScope, MAX_OPEN_LINKS, MAX_SESSIONS, MAX_STATE, MAX_TARGET,
    Phase,
};
use crate::aggregate::{Aggregate, ClaimKind, Command, Context, DomainEvent, Subject};
use crate::ids::{BrowserTag, ChallengeId, FactorId, KeyId, LinkId, SessionId, StreamId};
use crate::policy::Policy;
use crate::time::{Moment, Timestamp};
use crate::values::{EmailAddress, Language, PasswordRule, PersonName, Uid};

/// What is asked. Numbers choose among the links, sessions and credentials that there are, that there were and that there
/// never was: see [`choose`].
#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Register { long_target: bool },
    AskForReset,
    CompleteRegistration { link: usize, rule: PasswordRule },
    CompleteReset { link: usize, rule: PasswordRule },
    SignIn { times: u8, credential: usize, right: bool, rehash: bool, public: bool, least_recent: Option<usize> },
    ChangePassword { session: usize, credential: usize, right: bool },
    ChangeLanguage { session: usize, language: Language },
    SignOut { session: usize },
    EndSessions { which: Option<usize>, asked_in: Option<usize> },
    Suspend,
    Resume,
    ExpireLinks,
    Lapse,
    NewEpoch,
    DestroyPassword { credential: usize },
    EraseAgain,
    LinkSent { link: usize },
    MailRefused,
    Failures { count: u32, lock: bool },
    OfFactors(FactorStep),
}

fn step() -> impl Strategy<Value = Step> {
    let nth = || 0..64_usize;
    let rule = || prop_oneof![8 => Just(PasswordRule::EuLogin), 1 => Just(PasswordRule::Nist)];
    let mostly = || proptest::bool::weighted(0.9);
    let language = proptest::sample::select(Language::ALL.to_vec());
    prop_oneof![
        4 => proptest::sample::select(vec![0, 1, 60, 899, 5_400, 86_400, 604_800]).prop_map(Step::Wait),
        6 => any::<bool>().prop_map(|long_target| Step::Register { long_target }),
        4 => Just(Step::AskForReset),
        4 => (nth(), rule()).prop_map(|(link, rule)| Step::CompleteRegistration { link, rule }),
        4 => (nth(), rule()).prop_map(|(link, rule)| Step::CompleteReset { link, rule }),
        6 => (prop_oneof![9 => Just(1_u8), 1 => 1..60_u8], nth(), mostly(), any::<bool>(), any::<bool>(),
              proptest::option::of(nth()))
            .prop_map(|(times, credential, right, rehash, public, least_recent)| {
                Step::SignIn { times, credential, right, rehash, public, least_recent }
            }),
        2 => (nth(), nth(), mostly())
            .prop_map(|(session, credential, right)| Step::ChangePassword { session, credential, right }),
        1 => (nth(), language).prop_map(|(session, language)| Step::ChangeLanguage { session, language }),
        2 => nth().prop_map(|session| Step::SignOut { session }),
        2 => (proptest::option::of(nth()), proptest::option::of(nth()))
            .prop_map(|(which, asked_in)| Step::EndSessions { which, asked_in }),
        1 => Just(Step::Suspend),
        2 => Just(Step::Resume),
        1 => Just(Step::ExpireLinks),
        1 => Just(Step::Lapse),
        1 => Just(Step::NewEpoch),
        1 => nth().prop_map(|credential| Step::DestroyPassword { credential }),
        1 => Just(Step::EraseAgain),
        3 => nth().prop_map(|link| Step::LinkSent { link }),
        1 => Just(Step::MailRefused),
        1 => (0..5_u32, any::<bool>()).prop_map(|(count, lock)| Step::Failures { count, lock }),
        20 => factor_step().prop_map(Step::OfFactors),
    ]
}

/// An account with the clock, and all that was ever minted for it.
struct World {
    account: Account,
    now: Timestamp,
    epoch_began: Timestamp,
    policy: Policy,
    minted: u64,
    links: Vec<LinkId>,
    sessions: Vec<SessionId>,
    credentials: Vec<KeyId>,
    factors: Vec<FactorId>,
    challenges: Vec<ChallengeId>,
    ended: BTreeSet<SessionId>,
    history: Vec<(Timestamp, AccountEvent)>,
}

/// Of four numbers, three mean something that is open where anything is; the fourth means anything that was ever minted,
/// the newest first, or what nobody minted.
fn choose<T: Copy>(number: usize, open: &[T], minted: &[T], unknown: T) -> T {
    let any = minted.iter().rev().nth(number / 4).copied().unwrap_or(unknown);
    if number.is_multiple_of(4) || open.is_empty() { any } else { open[number % open.len()] }
}

impl World {
    fn new() -> Self {
        Self {
            account: Account::default(),
            now: Timestamp::from_seconds(1_800_000_000),
            epoch_began: Timestamp::default(),
            policy: Policy::default(),
            minted: 0,
            links: Vec::new(),
            sessions: Vec::new(),
            credentials: Vec::new(),
            factors: Vec::new(),
            challenges: Vec::new(),
            ended: BTreeSet::new(),
            history: Vec::new(),
        }
    }

    const fn moment(&self) -> Moment {
        Moment { now: self.now, epoch_began: self.epoch_began }
    }

    fn mint<const N: usize>(&mut self) -> [u8; N] {
        self.minted += 1;
        let mut bytes = [0; N];
        bytes[N - 8..].copy_from_slice(&self.minted.to_be_bytes());
        bytes
    }

    fn link(&self, number: usize) -> LinkId {
        let open: Vec<_> = self.account.links.open.iter().map(|link| link.id).collect();
        choose(number, &open, &self.links, LinkId::from_bytes([255; 8]))
    }

    fn session(&self, number: usize) -> SessionId {
        let open: Vec<_> = self.account.sessions.open.iter().map(|session| session.id).collect();
        choose(number, &open, &self.sessions, SessionId::from_bytes([255; 16]))
    }

    fn new_link(&mut self, long_target: bool) -> NewLink {
        let id = LinkId::from_bytes(self.mint());
        self.links.push(id);
        NewLink {
            id,
            browser: long_target.then(|| BrowserTag::from_bytes([7; 16])),
            target: long_target.then(|| "/".repeat(MAX_TARGET)),
            language: Language::Greek,
        }
    }

    fn new_session(&mut self, public_computer: bool, least_recent: Option<usize>) -> NewSession {
        let least_recent = least_recent.map(|number| self.session(number));
        let id = SessionId::from_bytes(self.mint());
        self.sessions.push(id);
        NewSession { id, secret_hash: self.mint(), known_browser: false, public_computer, least_recent }
    }

    fn new_credential(&mut self) -> Credential {
        let key = KeyId::from_bytes(self.mint());
        self.credentials.push(key);
        Credential { key, sealed: vec![1; 200] }
    }

    fn verdict(&self, number: usize, right: bool) -> PasswordVerdict {
        let credential = choose(number, &self.account.secret_keys(), &self.credentials, KeyId::from_bytes([255; 16]));
        PasswordVerdict { credential, right }
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Wait(seconds) => self.now = self.now.plus(Duration::from_secs(seconds)),
            Step::Register { long_target } => {
                let email = EmailAddress::parse("ada@example.org").unwrap();
                let command = RequestRegistration {
                    uid: Uid::from_random(7),
                    first_name: PersonName::parse("Ada").unwrap(),
                    last_name: PersonName::parse("Lovelace").unwrap(),
                    normalised: email.normalised(),
                    email,
                    language: Language::English,
                    link: self.new_link(long_target),
                    privacy_version: "2026-01".to_owned(),
                    privacy_language: Some(Language::English),
                };
                self.decide(&command);
            }
            Step::AskForReset => {
                let command = RequestPasswordReset { link: self.new_link(true), by_uid: true };
                self.decide(&command);
            }
            Step::CompleteRegistration { link, rule } => {
                let command = CompleteRegistration {
                    link: self.link(link),
                    first_name: PersonName::parse("Augusta Ada").unwrap(),
                    last_name: PersonName::parse("King").unwrap(),
                    privacy_version: "2026-01".to_owned(),
                    language: Language::German,
                    password: NewPassword { credential: self.new_credential(), rule },
                    session: self.new_session(false, None),
                };
                self.decide(&command);
            }
            Step::CompleteReset { link, rule } => {
                let command = CompleteReset {
                    link: self.link(link),
                    password: NewPassword { credential: self.new_credential(), rule },
                    session: self.new_session(false, None),
                };
                self.decide(&command);
            }
            Step::SignIn { times, credential, right, rehash, public, least_recent } => {
                for _ in 0..times {
                    let verdict = self.verdict(credential, right);
                    let session = self.new_session(public, least_recent);
                    let rehashed = rehash.then(|| self.new_credential());
                    self.decide(&SignIn { verdict: Some(verdict), session, rehashed, factor: None });
                }
            }
            Step::ChangePassword { session, credential, right } => {
                let verdict = self.verdict(credential, right);
                let session = self.session(session);
                let password = NewPassword { credential: self.new_credential(), rule: PasswordRule::EuLogin };
                let next = self.new_session(false, None);
                self.decide(&ChangePassword { verdict, password, session, next });
            }
            Step::ChangeLanguage { session, language } => {
                let command = ChangeMailLanguage { language, session: self.session(session) };
                self.decide(&command);
            }
            Step::SignOut { session } => {
                let command = SignOut { session: self.session(session) };
                self.decide(&command);
            }
            Step::EndSessions { which, asked_in } => {
                let which = which.map_or(Which::All, |number| Which::One(self.session(number)));
                let command = EndSessions { which, asked_in: asked_in.map(|number| self.session(number)), note: None };
                self.decide(&command);
            }
            Step::Suspend => self.decide(&Suspend { reason: "stolen".to_owned() }),
            Step::Resume => self.decide(&Resume { reason: "found".to_owned() }),
            Step::ExpireLinks => self.decide(&ExpireLinks {}),
            Step::Lapse => self.decide(&LapseRegistration {}),
            Step::NewEpoch => self.epoch_began = self.now,
            Step::DestroyPassword { credential } => {
                self.decide(&DestroyPassword { credential: self.verdict(credential, true).credential });
            }
            Step::EraseAgain => self.decide(&EraseAgain {}),
            Step::LinkSent { link } => {
                let command = RecordLinkSent { link: self.link(link) };
                self.decide(&command);
            }
            Step::MailRefused => {
                self.decide(&RecordMailRefused { mail: "registration".to_owned(), link: None, code: 550 });
            }
            Step::OfFactors(ref step) => self.take_factor_step(step),
            Step::Failures { count, lock } => {
                let locked = lock.then_some(Locked { scope: LockScope::Network, until: self.now });
                self.decide(&RecordSignInFailures { count, since: self.now, known_browser: false, locked });
            }
        }
    }

    fn decide<C>(&mut self, command: &C)
    where
        C: Command<Aggregate = Account, Outcome: PartialEq + Debug, Refusal: PartialEq + Debug>,
        C: for<'b> minicbor::Decode<'b, ()>,
    {
        let Moment { now, epoch_began } = self.moment();
        let context = Context { stream: StreamId::default(), now, epoch_began, policy: &self.policy };
        let decision = command.decide(&self.account, context);
        let kept: C = minicbor::decode(&command.encode()).unwrap();
        assert_eq!(kept.decide(&self.account, context), decision, "an explanation gives the decision again");
        if decision.outcome.is_err() {
            let leaves_a_trace = |event: &AccountEvent| matches!(event, AccountEvent::FactorCounterWentBack(_));
            assert!(decision.events.iter().all(leaves_a_trace), "no other refusal of an account leaves a trace");
        }

        let exists = matches!(self.account.phase, Phase::Unconfirmed | Phase::Active);
        if !exists && !decision.events.is_empty() {
            assert!(matches!(decision.events[0], AccountEvent::Created(_)), "{:?}", decision.events);
            assert_eq!(self.account.phase, Phase::Absent, "nothing happens to a lapsed account");
        }
        for event in decision.events {
            let encoded = event.encode();
            let subject = encoded.as_deref().map_or(Subject::Absent, Subject::Open);
            let read = AccountEvent::decode(event.event_type(), event.schema_version(), subject).unwrap();
            assert_eq!(read, event);
            match &event {
                AccountEvent::SignedOut(signed_out) => self.ended.extend([signed_out.session]),
                AccountEvent::SessionsEnded(ended) => self.ended.extend(&ended.sessions),
                _ => {}
            }
            self.account.evolve(self.now, &event);
            self.history.push((self.now, event));
        }
        self.check();
    }

    fn check(&self) {
        let account = &self.account;
        let encoded = account.encode();
        assert!(encoded.len() <= MAX_STATE, "{} bytes", encoded.len());
        assert_eq!(Account::decode(&encoded).unwrap(), *account);

        let claims = account.claims();
        assert_eq!(claims.iter().collect::<BTreeSet<_>>().len(), claims.len(), "every claim once");
        let exists = matches!(account.phase, Phase::Unconfirmed | Phase::Active);
        for kind in [ClaimKind::Email, ClaimKind::Uid] {
            let held = claims.iter().filter(|claim| claim.kind == kind).count();
            assert_eq!(held, usize::from(exists), "one {kind:?} for as long as it exists");
        }

        let credential = account.password.as_ref().map(|password| password.credential.key);
        assert_eq!(account.secret_keys(), credential.into_iter().chain(account.factors.keys()).collect::<Vec<_>>());
        self.check_factors();
        let last = self.history.iter().rev().find_map(|(_, event)| match event {
            AccountEvent::PasswordSet(_) => Some(true),
            AccountEvent::PasswordDestroyed(_)
            | AccountEvent::ChangeDisowned(_)
            | AccountEvent::AppRequestDenied(_) => Some(false),
            _ => None,
        });
        let has_one = account.phase == Phase::Active && last == Some(true);
        assert_eq!(has_one, credential.is_some(), "an active account has a password, unless a restore took it");

        for session in &self.ended {
            assert_eq!(account.sessions.by_id(*session, self.moment()), None, "what was ended stays ended");
        }
        assert!(account.sessions.open.len() <= MAX_SESSIONS);
        if account.suspended {
            assert!(account.sessions.open.is_empty(), "a suspended account has no sessions");
        }
        for purpose in [LinkPurpose::Registration, LinkPurpose::Reset] {
            assert!(account.links.usable(purpose, self.moment()).count() <= MAX_OPEN_LINKS);
        }
    }

    fn refold(&self) -> Account {
        let mut account = Account::default();
        for (decided, event) in &self.history {
            account.evolve(*decided, event);
        }
        account
    }
}

proptest! {
    #[test]
    fn what_must_always_hold_does(steps in proptest::collection::vec(step(), 0..60)) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
        }
        let refolded = world.refold();
        prop_assert_eq!(&refolded, &world.account);
        prop_assert_eq!(refolded.encode(), world.account.encode());
    }
}

/// The histories go far enough to mean something: each outcome that matters comes up.
#[test]
fn histories_reach_every_event() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut missing: BTreeSet<String> = wanted().collect();
    for _ in 0..10_000 {
        if missing.is_empty() {
            break;
        }
        let steps = proptest::collection::vec(step(), 0..80).new_tree(&mut runner).unwrap().current();
        let mut world = World::new();
        for step in &steps {
            world.take(step);
        }
        for (_, event) in &world.history {
            missing.remove(&match event {
                AccountEvent::SessionsEnded(ended) => format!("{} {:?}", event.event_type(), ended.reason),
                _ => event.event_type().to_owned(),
            });
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

/// Every event, and every reason for which sessions end.
fn wanted() -> impl Iterator<Item = String> {
    AccountEvent::TYPES
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .filter(|name| *name != "account.sessions_ended")
        .chain(
            [
                "Person",
                "Everywhere",
                "PasswordChanged",
                "PasswordReset",
                "TooMany",
                "Administrator",
                "Suspended",
                "FactorRequired",
                "FactorsRemoved",
                "Disowned",
                "FactorsSuspended",
            ]
            .map(|reason| format!("account.sessions_ended {reason}")),
        )
}
