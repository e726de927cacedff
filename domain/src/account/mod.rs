//! An account: who a person is, how they prove it, and what is open.
//!
//! The state is made of sub-states, each in a file with its own `evolve`. All of them are bounded, so that an account's
//! encoded state never grows beyond [`MAX_STATE`].

pub mod commands;
mod events;
#[cfg(test)]
mod frozen;
#[cfg(test)]
mod histories;
mod identity;
mod links;
mod password;
#[cfg(test)]
mod reading;
mod sessions;
#[cfg(test)]
mod tests;

use minicbor::{Decode, Encode};

pub use events::{
    AcceptedOn, AccountCreated, AccountEvent, Credential, EmailLinkRepeated, EmailLinkRequested, EmailLinkSent,
    EndReason, LinkNamed, LinkPurpose, LockScope, MailLanguageChanged, MailRefused, NamesCorrected, PasswordReason,
    PasswordRehashed, PasswordResetRequested, PasswordSet, PrivacyStatementAccepted, ReasonGiven, SessionsEnded,
    SignInFailed, SignInLocked, SignInMethod, SignedIn, SignedOut,
};
pub use identity::Identity;
pub use links::{ClosedLink, Closing, LinkStanding, Links, MAX_ASKED_AGAIN, MAX_OPEN_LINKS, MAX_TARGET, OpenLink};
pub use password::PasswordState;
pub use sessions::{MAX_SESSIONS, Session, Sessions};

use crate::aggregate::{Aggregate, Claim, ClaimKind, DecodeError, from_cbor, to_cbor};
use crate::ids::KeyId;
use crate::time::Timestamp;

/// The longest encoded state, in bytes.
pub const MAX_STATE: usize = 16 * 1024;

/// How far an account has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Phase {
    /// Nothing happened yet.
    #[default]
    #[n(0)]
    Absent,
    /// Asked for; the address is not proved.
    #[n(1)]
    Unconfirmed,
    /// Its owner has proved the address and set a password.
    #[n(2)]
    Active,
    /// It lapsed: nothing is left but the fact.
    #[n(3)]
    Lapsed,
}

/// An account's state, folded from its events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Account {
    /// How far it has come.
    #[n(0)]
    pub phase: Phase,
    /// Whether an administrator stopped all use of it.
    #[n(1)]
    pub suspended: bool,
    /// Who it is; `None` before it exists and after it lapsed.
    #[n(2)]
    pub identity: Option<Identity>,
    /// Mailed links.
    #[n(3)]
    pub links: Links,
    /// The password, once one is set.
    #[n(4)]
    pub password: Option<PasswordState>,
    /// Open sessions and known browsers.
    #[n(5)]
    pub sessions: Sessions,
    /// When the owner was last told of a lock.
    #[n(6)]
    pub lock_told: Option<Timestamp>,
}

impl Account {
    /// Whether its owner may use it: confirmed and not suspended.
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        matches!(self.phase, Phase::Active) && !self.suspended
    }
}

impl Aggregate for Account {
    const NAME: &'static str = "account";
    const FOLD_VERSION: u16 = 3;
    type Event = AccountEvent;

    fn evolve(&mut self, decided: Timestamp, event: &AccountEvent) {
        match event {
            AccountEvent::Created(_) => self.phase = Phase::Unconfirmed,
            AccountEvent::EmailConfirmed(_) => self.phase = Phase::Active,
            AccountEvent::RegistrationLapsed => {
                *self = Self { phase: Phase::Lapsed, ..Self::default() };
                return;
            }
            AccountEvent::Suspended(_) => self.suspended = true,
            AccountEvent::Resumed(_) => self.suspended = false,
            AccountEvent::SignInLocked(locked) if locked.owner_told => self.lock_told = Some(decided),
            AccountEvent::EmailLinkRequested(_)
            | AccountEvent::EmailLinkRepeated(_)
            | AccountEvent::EmailLinkSent(_)
            | AccountEvent::EmailLinkExpired(_)
            | AccountEvent::NamesCorrected(_)
            | AccountEvent::PrivacyStatementAccepted(_)
            | AccountEvent::RegistrationRepeated
            | AccountEvent::PasswordSet(_)
            | AccountEvent::PasswordRehashed(_)
            | AccountEvent::PasswordResetRequested(_)
            | AccountEvent::MailLanguageChanged(_)
            | AccountEvent::SignedIn(_)
            | AccountEvent::SignInFailed(_)
            | AccountEvent::SignInLocked(_)
            | AccountEvent::SignedOut(_)
            | AccountEvent::SessionsEnded(_)
            | AccountEvent::MailRefused(_)
            | AccountEvent::Redacted => {}
        }
        Identity::evolve(&mut self.identity, decided, event);
        self.links.evolve(decided, event);
        PasswordState::evolve(&mut self.password, decided, event);
        self.sessions.evolve(decided, event);
    }

    fn encode(&self) -> Vec<u8> {
        to_cbor(self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        from_cbor(Self::NAME, bytes)
    }

    fn claims(&self) -> Vec<Claim> {
        let identity = self.identity.iter().flat_map(|identity| {
            [
                Claim { kind: ClaimKind::Email, value: identity.normalised.as_bytes().to_vec() },
                Claim { kind: ClaimKind::Uid, value: identity.uid.as_str().as_bytes().to_vec() },
            ]
        });
        let links =
            self.links.open.iter().map(|link| Claim { kind: ClaimKind::Link, value: link.id.as_bytes().to_vec() });
        let sessions = self
            .sessions
            .open
            .iter()
            .map(|session| Claim { kind: ClaimKind::Session, value: session.secret_hash.to_vec() });
        identity.chain(links).chain(sessions).collect()
    }

    fn secret_keys(&self) -> Vec<KeyId> {
        self.password.iter().map(|password| password.credential.key).collect()
    }

    fn is_tombstone(&self) -> bool {
        self.phase == Phase::Lapsed
    }
}
