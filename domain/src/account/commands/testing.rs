//! Given events, when a command, then events or the exact refusal.

use std::time::Duration;

use crate::account::events::{
    AccountCreated, AccountEvent, EmailLinkRepeated, EmailLinkRequested, EmailLinkSent, EndReason, LinkNamed,
    LinkPurpose, ReasonGiven, SessionsEnded, SignInMethod, SignedIn,
};
use crate::account::{Account, Credential, PasswordReason, PasswordSet};
use crate::aggregate::{Aggregate, Command, Context, Decision};
use crate::ids::{KeyId, LinkId, SessionId, StreamId};
use crate::policy::Policy;
use crate::time::Timestamp;
use crate::values::{EmailAddress, Language, PasswordRule, PersonName, Uid};

use super::{NewLink, NewPassword, NewSession};

/// 2026-05-03T10:00:00Z, when every story begins.
pub(super) const BEGINNING: Timestamp = Timestamp::from_seconds(1_777_802_400);

/// A story: what happened, each event with its delay after the one before.
#[derive(Clone)]
pub(super) struct Story {
    pub(super) account: Account,
    pub(super) now: Timestamp,
    pub(super) policy: Policy,
}

pub(super) fn nothing() -> Story {
    Story { account: Account::default(), now: BEGINNING, policy: Policy::default() }
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
        let context = Context { stream: StreamId::from_bytes([1; 16]), now: self.now, policy: &self.policy };
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

/// What [`new_session`] leads to under the default policy.
pub(super) fn signed_in(n: u8, method: SignInMethod, now: Timestamp) -> AccountEvent {
    AccountEvent::SignedIn(SignedIn {
        session: session_id(n),
        secret_hash: [n; 32],
        methods: vec![method],
        known_browser: false,
        public_computer: false,
        idle: 3600,
        expires: now.plus(Duration::from_secs(12 * 3600)),
    })
}

pub(super) fn ended(
    sessions: impl IntoIterator<Item = u8>,
    reason: EndReason,
    browsers_forgotten: bool,
) -> AccountEvent {
    let sessions = sessions.into_iter().map(session_id).collect();
    AccountEvent::SessionsEnded(SessionsEnded { sessions, reason, browsers_forgotten })
}

pub(super) fn reason_given() -> ReasonGiven {
    ReasonGiven { reason: "stolen".to_owned() }
}
