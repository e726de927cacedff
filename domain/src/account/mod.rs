//! An account: who a person is, how they prove it, and what is open.
//!
//! The state is made of sub-states, each in a file with its own `evolve`. All of them are bounded, so that an account's
//! encoded state never grows beyond [`MAX_STATE`].

mod asked;
pub mod commands;
mod events;
mod factors;
#[cfg(test)]
mod frozen;
#[cfg(test)]
mod histories;
mod identity;
mod levels;
mod links;
mod password;
#[cfg(test)]
mod reading;
mod recovery;
mod sessions;
mod sms_end;
#[cfg(test)]
mod tests;

use minicbor::{Decode, Encode};

pub use asked::{Asked, Lacking, Proved};
pub use events::{
    AcceptedOn, AccountCreated, AccountEvent, AppRequestDenied, AppRequestOpened, Attachment, Attestation, CancelledBy,
    ChangeDisowned, CounterWentBack, Credential, Device, EmailLinkRepeated, EmailLinkRequested, EmailLinkSent,
    EndReason, FactorAdded, FactorBlocked, FactorKind, FactorPinChanged, FactorPinFailed, FactorRemoved, FactorRenamed,
    FactorResumed, FactorSuspended, FactorUnblocked, FactorsReset, FactorsSuspended, Level, LinkNamed, LinkPurpose,
    LockScope, MailLanguageChanged, MailRefused, NamesCorrected, PasswordDestroyed, PasswordReason, PasswordRehashed,
    PasswordResetRequested, PasswordSet, PrivacyStatementAccepted, Proof, ReasonGiven, RecoveryCancelled,
    RecoveryCodeUsed, RecoveryCodesIssued, RecoveryCodesRemoved, RecoveryCodesSuspended, RecoveryCompleted,
    RecoveryRequested, RemovalReason, SecondFactorFailed, SessionsEnded, SessionsEndedV1, SignInFailed, SignInLocked,
    SignInMethod, SignInOptionsChanged, SignedIn, SignedInV1, SignedOut, SmsCodeRequested, SmsDeprecated, Strength,
    SuspensionReason, WebauthnKey, is_last,
};
pub use factors::{
    DISOWN_VALIDITY, Factor, Factors, MAX_DISOWNED, MAX_FACTORS, MAX_REMEMBERED_PROOFS, MAX_WRONG_PINS, PROOF_MEMORY,
    RECOVERY_CODES, RecoveryCodes, RememberedProof, is_second_factor,
};
pub use identity::Identity;
pub use levels::{acr, amr, level_of, reached};
pub use links::{ClosedLink, Closing, LinkStanding, Links, MAX_ASKED_AGAIN, MAX_OPEN_LINKS, MAX_TARGET, OpenLink};
pub use password::PasswordState;
pub use recovery::{
    OpenRecovery, RECOVERY_AFTER_RESET, RECOVERY_OLD_DEVICE, RECOVERY_RETURN, Recovery, RecoveryStanding,
};
pub use sessions::{MAX_SESSIONS, Means, Session, Sessions};
pub use sms_end::SmsEnd;

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
    /// It lapsed or was erased: nothing is left but the fact.
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
    /// The password, once one is set; an active account is without one where a restore had to destroy it again.
    #[n(4)]
    pub password: Option<PasswordState>,
    /// Open sessions and known browsers.
    #[n(5)]
    pub sessions: Sessions,
    /// When the owner was last told of a lock.
    #[n(6)]
    pub lock_told: Option<Timestamp>,
    /// Second factors.
    #[n(7)]
    pub factors: Factors,
    /// The recovery of what is lost of them.
    #[n(8)]
    pub recovery: Recovery,
    /// How many events it is folded from, which is the version of the last; of no use, and not counted, once it lapsed.
    #[n(9)]
    pub events: u64,
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
    const FOLD_VERSION: u16 = if cfg!(feature = "next-build") { 13 } else { 12 };
    type Event = AccountEvent;

    fn evolve(&mut self, decided: Timestamp, event: &AccountEvent) {
        self.events += 1;
        match event {
            AccountEvent::Created(_) => self.phase = Phase::Unconfirmed,
            AccountEvent::EmailConfirmed(_) => self.phase = Phase::Active,
            AccountEvent::RegistrationLapsed | AccountEvent::Erased => {
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
            | AccountEvent::PasswordDestroyed(_)
            | AccountEvent::PasswordResetRequested(_)
            | AccountEvent::MailLanguageChanged(_)
            | AccountEvent::SignedIn(_)
            | AccountEvent::SignInFailed(_)
            | AccountEvent::SignInLocked(_)
            | AccountEvent::SignedOut(_)
            | AccountEvent::SessionsEnded(_)
            | AccountEvent::MailRefused(_)
            | AccountEvent::FactorAdded(_)
            | AccountEvent::FactorRenamed(_)
            | AccountEvent::FactorRemoved(_)
            | AccountEvent::FactorsReset(_)
            | AccountEvent::FactorCounterWentBack(_)
            | AccountEvent::SecondFactorFailed(_)
            | AccountEvent::FactorPinFailed(_)
            | AccountEvent::FactorBlocked(_)
            | AccountEvent::FactorUnblocked(_)
            | AccountEvent::FactorPinChanged(_)
            | AccountEvent::AppRequestOpened(_)
            | AccountEvent::AppRequestDenied(_)
            | AccountEvent::SmsCodeRequested(_)
            | AccountEvent::SmsDeprecated(_)
            | AccountEvent::TelephoneListed
            | AccountEvent::RecoveryCodesIssued(_)
            | AccountEvent::RecoveryCodeUsed(_)
            | AccountEvent::RecoveryCodesRemoved(_)
            | AccountEvent::SignInOptionsChanged(_)
            | AccountEvent::ChangeDisowned(_)
            | AccountEvent::FactorSuspended(_)
            | AccountEvent::RecoveryCodesSuspended(_)
            | AccountEvent::FactorsSuspended(_)
            | AccountEvent::FactorResumed(_)
            | AccountEvent::RecoveryRequested(_)
            | AccountEvent::RecoveryCancelled(_)
            | AccountEvent::RecoveryCompleted(_)
            | AccountEvent::Redacted => {}
        }
        Identity::evolve(&mut self.identity, decided, event);
        self.links.evolve(decided, event);
        PasswordState::evolve(&mut self.password, decided, event);
        // What a session was opened with is told by the devices that there are.
        self.factors.evolve(decided, event, self.events);
        self.sessions.evolve(decided, event, &self.factors);
        self.recovery.evolve(decided, event, &self.factors);
    }

    fn encode(&self) -> Vec<u8> {
        to_cbor(self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        from_cbor(Self::NAME, bytes)
    }

    fn claims(&self) -> Vec<Claim> {
        let identity_claims = self.identity.iter().flat_map(|identity| {
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
        let keys = self.factors.devices.iter().filter_map(|factor| {
            Some(Claim { kind: ClaimKind::WebauthnCredential, value: factor.credential?.to_vec() })
        });
        identity_claims.chain(links).chain(sessions).chain(keys).chain(self.sms_claim()).collect()
    }

    fn secret_keys(&self) -> Vec<KeyId> {
        self.password.iter().map(|password| password.credential.key).chain(self.factors.keys()).collect()
    }

    fn is_tombstone(&self) -> bool {
        self.phase == Phase::Lapsed
    }
}
