//! Given events, when a command, then events or the exact refusal.

use std::time::Duration;

use crate::account::events::{AccountCreated, AccountEvent, EmailLinkRequested, LinkNamed, LinkPurpose};
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
        AccountEvent::PasswordSet(PasswordSet {
            credential: credential(1),
            reason: PasswordReason::Registration,
            rule: PasswordRule::EuLogin,
            link: Some(link_id(1)),
        }),
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
