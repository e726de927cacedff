//! Given events, when a command, then events or the exact refusal.

use std::time::Duration;

use crate::account::events::{
    AccountCreated, AccountEvent, Attestation, Device, EmailLinkRepeated, EmailLinkRequested, EmailLinkSent, EndReason,
    FactorAdded, FactorKind, Level, LinkNamed, LinkPurpose, Proof, ReasonGiven, SessionsEnded, SignInMethod, SignedIn,
    Strength, WebauthnKey,
};
use crate::account::{Account, Credential, PasswordReason, PasswordSet, reached};
use crate::aggregate::{Aggregate, Command, Context, Decision};
use crate::ids::{ChallengeId, FactorId, KeyId, LinkId, SessionId, StreamId};
use crate::policy::Policy;
use crate::time::Timestamp;
use crate::values::{DeviceName, EmailAddress, Language, PasswordRule, PersonName, Uid};

use super::{NewFactor, NewLink, NewPassword, NewSession};

/// 2026-05-03T10:00:00Z, when every story begins.
pub(super) const BEGINNING: Timestamp = Timestamp::from_seconds(1_777_802_400);

/// A story: what happened, each event with its delay after the one before.
#[derive(Clone)]
pub(super) struct Story {
    pub(super) account: Account,
    pub(super) now: Timestamp,
    pub(super) epoch_began: Timestamp,
    pub(super) policy: Policy,
}

pub(super) fn nothing() -> Story {
    Story { account: Account::default(), now: BEGINNING, epoch_began: Timestamp::default(), policy: Policy::default() }
}

/// An unconfirmed account with open registration link 1.
pub(super) fn unconfirmed() -> Story {
    nothing().then([created(), requested(1, LinkPurpose::Registration, BEGINNING)])
}

/// An active account whose password has key 1.
pub(super) fn active() -> Story {
    unconfirmed().then([
        AccountEvent::EmailConfirmed(LinkNamed { link: link_id(1) }),
        password_set(1, PasswordReason::Registration, Some(1)),
    ])
}

/// A registration that lapsed.
pub(super) fn lapsed() -> Story {
    unconfirmed().then([AccountEvent::RegistrationLapsed])
}

/// A suspended account on which everything else stands open: session 1, and reset link 2.
pub(super) fn suspended() -> Story {
    active().then([
        signed_in(1, SignInMethod::Password, BEGINNING),
        requested(2, LinkPurpose::Reset, BEGINNING),
        AccountEvent::Suspended(reason_given()),
    ])
}

impl Account {
    /// The keys of all secrets that count, in order.
    pub(super) fn secret_keys_sorted(&self) -> Vec<KeyId> {
        let mut keys = self.secret_keys();
        keys.sort_unstable();
        keys
    }
}

impl Story {
    pub(super) fn then(mut self, events: impl IntoIterator<Item = AccountEvent>) -> Self {
        for event in events {
            self.account.evolve(self.now, &event);
        }
        self
    }

    pub(super) fn after(mut self, seconds: u64) -> Self {
        self.now = self.now.plus(Duration::from_secs(seconds));
        self
    }

    /// A new epoch of the log begins.
    pub(super) fn in_a_new_epoch(mut self) -> Self {
        self.epoch_began = self.now;
        self
    }

    pub(super) fn at(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    pub(super) fn under(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    pub(super) fn when<C: Command<Aggregate = Account>>(
        &self,
        command: &C,
    ) -> Decision<AccountEvent, C::Outcome, C::Refusal> {
        let (now, epoch_began) = (self.now, self.epoch_began);
        let context = Context { stream: StreamId::from_bytes([1; 16]), now, epoch_began, policy: &self.policy };
        command.decide(&self.account, context)
    }
}

pub(super) fn link_id(n: u8) -> LinkId {
    LinkId::from_bytes([n; 8])
}

pub(super) fn session_id(n: u8) -> SessionId {
    SessionId::from_bytes([n; 16])
}

pub(super) fn credential(n: u8) -> Credential {
    Credential { key: KeyId::from_bytes([n; 16]), sealed: vec![n; 8] }
}

pub(super) fn new_password(n: u8) -> NewPassword {
    NewPassword { credential: credential(n), rule: PasswordRule::EuLogin }
}

pub(super) fn new_session(n: u8) -> NewSession {
    NewSession {
        id: session_id(n),
        secret_hash: [n; 32],
        known_browser: false,
        public_computer: false,
        least_recent: None,
    }
}

pub(super) fn new_link(n: u8) -> NewLink {
    NewLink { id: link_id(n), browser: None, target: None, language: Language::English }
}

pub(super) fn email() -> EmailAddress {
    EmailAddress::parse("Ada@Example.org").unwrap()
}

pub(super) fn name(text: &str) -> PersonName {
    PersonName::parse(text).unwrap()
}

pub(super) fn created() -> AccountEvent {
    AccountEvent::Created(AccountCreated {
        uid: Uid::from_random(1),
        first_name: name("Ada"),
        last_name: name("Lovelace"),
        email: email(),
        normalised: email().normalised(),
        language: Language::English,
    })
}

pub(super) fn requested(n: u8, purpose: LinkPurpose, now: Timestamp) -> AccountEvent {
    AccountEvent::EmailLinkRequested(EmailLinkRequested {
        link: link_id(n),
        purpose,
        browser: None,
        target: None,
        language: Language::English,
        valid_until: now.plus(Policy::default().mail_queue_limit()),
    })
}

pub(super) fn sent(n: u8, now: Timestamp) -> AccountEvent {
    AccountEvent::EmailLinkSent(EmailLinkSent {
        link: link_id(n),
        valid_until: now.plus(Policy::default().link_validity()),
    })
}

pub(super) fn repeated(n: u8) -> AccountEvent {
    AccountEvent::EmailLinkRepeated(EmailLinkRepeated {
        link: link_id(n),
        browser: None,
        language: Some(Language::English),
    })
}

pub(super) fn expired(n: u8) -> AccountEvent {
    AccountEvent::EmailLinkExpired(LinkNamed { link: link_id(n) })
}

pub(super) fn password_set(n: u8, reason: PasswordReason, link: Option<u8>) -> AccountEvent {
    AccountEvent::PasswordSet(PasswordSet {
        credential: credential(n),
        reason,
        rule: PasswordRule::EuLogin,
        link: link.map(link_id),
    })
}

pub(super) fn factor_id(n: u8) -> FactorId {
    FactorId::from_bytes([n; 16])
}

/// What a device's answer to challenge n proves.
fn proof(n: u8, method: SignInMethod) -> Proof {
    let challenge = Some(ChallengeId::from_bytes([n; 16]));
    Proof { factor: Some(factor_id(n)), challenge, ..Proof::by(method) }
}

pub(super) fn totp(n: u8) -> Proof {
    Proof { step: Some(1_000), ..proof(n, SignInMethod::Totp) }
}

pub(super) fn passkey(n: u8) -> Proof {
    Proof { counter: Some(1), user_verified: Some(true), backed_up: Some(false), ..proof(n, SignInMethod::Passkey) }
}

/// Device n, whose secret has key 100 + n.
pub(super) fn new_factor(n: u8, kind: FactorKind) -> NewFactor {
    let webauthn = kind.is_phishing_resistant().then(|| WebauthnKey {
        credential: [n; 32],
        rp_id: "localhost".to_owned(),
        aaguid: [0; 16],
        attachment: None,
        transports: Vec::new(),
        discoverable: None,
        backup_eligible: false,
        attestation: Attestation::None,
        certificate_path: Vec::new(),
    });
    NewFactor {
        id: factor_id(n),
        kind,
        name: DeviceName::parse(&format!("Device {n}")).unwrap(),
        credential: credential(100 + n),
        device: Device::default(),
        webauthn,
        phone: None,
        proof: Proof { factor: Some(factor_id(n)), ..Proof::by(kind.method()) },
    }
}

/// What adding [`new_factor`] leads to.
pub(super) fn factor_added(n: u8, number: u16, kind: FactorKind) -> AccountEvent {
    let NewFactor { id, kind, name, credential, device, webauthn, phone, proof } = new_factor(n, kind);
    AccountEvent::FactorAdded(FactorAdded {
        factor: id,
        number,
        kind,
        name,
        credential,
        device,
        webauthn,
        phone,
        proof,
    })
}

/// A session begun with these proofs.
pub(super) fn signed_in_with(n: u8, proofs: &[Proof], now: Timestamp) -> AccountEvent {
    let AccountEvent::SignedIn(signed_in) = signed_in(n, SignInMethod::Password, now) else { unreachable!() };
    let (level, strengths) = reached(proofs.iter().copied());
    AccountEvent::SignedIn(SignedIn { proofs: proofs.to_vec(), level, strengths, ..signed_in })
}

/// What [`new_session`] leads to under the default policy.
pub(super) fn signed_in(n: u8, method: SignInMethod, now: Timestamp) -> AccountEvent {
    AccountEvent::SignedIn(SignedIn {
        session: session_id(n),
        secret_hash: [n; 32],
        proofs: vec![Proof::by(method)],
        known_browser: false,
        public_computer: false,
        idle: 3600,
        expires: now.plus(Duration::from_secs(12 * 3600)),
        level: Level::Basic,
        strengths: vec![Strength::Password],
        continues: None,
    })
}

pub(super) fn ended(
    sessions: impl IntoIterator<Item = u8>,
    reason: EndReason,
    browsers_forgotten: bool,
) -> AccountEvent {
    let sessions = sessions.into_iter().map(session_id).collect();
    AccountEvent::SessionsEnded(SessionsEnded { sessions, reason, browsers_forgotten, note: None })
}

pub(super) fn reason_given() -> ReasonGiven {
    ReasonGiven { reason: "stolen".to_owned() }
}
