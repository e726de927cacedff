//! The policy: the password rule and the lifetimes that every node decides by, an aggregate with one stream.
//!
//! It is an event because an auditor must be able to tell by which rules a decision was made. A node's own file only
//! proposes: what is in force is what the log says.

mod adopt;
mod attestation;
mod relying_party;
#[cfg(test)]
mod tests;
mod time_or_off;

use std::time::Duration;

use minicbor::{Decode, Encode};

pub use adopt::{AdoptPolicy, AdoptPolicyRefusal, Adopted};
pub use attestation::RequiredAttestation;
pub use relying_party::{AdoptRelyingParty, KeysWouldBeLost};
pub use time_or_off::{AdaptiveSignIn, RecoveryWait, TimeOrOff};

use crate::aggregate::{Aggregate, Claim, DecodeError};
use crate::events::events;
use crate::ids::{KeyId, StreamId};
use crate::time::Timestamp;
use crate::values::PasswordRule;

/// The policy's stream: there is one policy in a log.
pub const POLICY_STREAM: StreamId = StreamId::from_bytes(*b"chancery-policy\0");

/// The rules that decisions depend on. Lifetimes are in whole seconds.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Policy {
    /// What a password must satisfy.
    #[n(0)]
    pub password_rule: PasswordRule,
    /// How long a mailed link lives, from its sending.
    #[n(1)]
    pub link_validity: u32,
    /// How long a link whose sending is not recorded yet is valid, from its request: the mail queue's limit.
    #[n(2)]
    pub mail_queue_limit: u32,
    /// How long a session may be idle.
    #[n(3)]
    pub session_idle: u32,
    /// How long a session lives at most.
    #[n(4)]
    pub session_absolute: u32,
    /// How long a session on a public computer lives at most.
    #[n(5)]
    pub session_public: u32,
    /// How long an address stays reserved after the last request of a registration that was never confirmed.
    #[n(6)]
    pub registration_lapse: u32,
    /// How long network addresses and user agents can be read.
    #[n(7)]
    pub network_data_retention: u32,
    /// Whether the password alone never suffices where an account has a second factor, whatever its owner chose.
    #[cbor(n(8), default)]
    pub second_factor_required: bool,
    /// Whether a passkey that verified its user still needs the password.
    #[cbor(n(9), default)]
    pub passkey_needs_password: bool,
    /// Whether a recovery code signs in, and changes nothing of the second factors.
    #[cbor(n(10), default)]
    pub recovery_code_only_signs_in: bool,
    /// What must vouch for the make of a passkey or security key that is added, if anything must.
    #[n(11)]
    pub attestation: Option<RequiredAttestation>,
    /// How long a recovery waits whose person has lost every second factor.
    #[cbor(n(12), default)]
    pub recovery_wait: RecoveryWait,
    /// How long after several factors were proved in a browser the password may be left out there.
    #[cbor(n(13), default)]
    pub adaptive_sign_in: AdaptiveSignIn,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            password_rule: PasswordRule::default(),
            link_validity: 90 * 60,
            mail_queue_limit: 24 * 3600,
            session_idle: 60 * 60,
            session_absolute: 12 * 3600,
            session_public: 15 * 60,
            registration_lapse: 7 * 24 * 3600,
            network_data_retention: 365 * 24 * 3600,
            second_factor_required: false,
            passkey_needs_password: false,
            recovery_code_only_signs_in: false,
            attestation: None,
            recovery_wait: RecoveryWait::default(),
            adaptive_sign_in: AdaptiveSignIn::default(),
        }
    }
}

impl Policy {
    /// [`Policy::link_validity`] as a span.
    #[must_use]
    pub const fn link_validity(&self) -> Duration {
        Duration::from_secs(self.link_validity as u64)
    }

    /// [`Policy::mail_queue_limit`] as a span.
    #[must_use]
    pub const fn mail_queue_limit(&self) -> Duration {
        Duration::from_secs(self.mail_queue_limit as u64)
    }

    /// [`Policy::registration_lapse`] as a span.
    #[must_use]
    pub const fn registration_lapse(&self) -> Duration {
        Duration::from_secs(self.registration_lapse as u64)
    }
}

events! {
    /// What happens to a policy.
    PolicyEvent of "policy":

    /// These rules are in force from here on. An auditor learns by which rules every later decision was made. Version 1 had
    /// none about second factors: what it lacks is off. Version 2 had none about recoveries: they wait as long as they do by
    /// default. Version 3 had none about browsers that are believed: they are for as long as they are by default.
    Adopted(PolicyAdopted) = "policy.adopted" v 4 since 3 else v 3 PolicyAdopted after v 1 PolicyAdoptedV1 after v 2 PolicyAdopted;
    /// Passkeys and security keys are made for this relying party from here on, and for no other. An auditor learns under
    /// which name; no key was there then that had been made for another.
    RelyingPartyAdopted(RelyingPartyAdopted) = "policy.relying_party_adopted" v 1;
}

/// See [`PolicyEvent::Adopted`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PolicyAdopted {
    /// The operator's own number for this content; it only rises.
    #[n(0)]
    pub revision: u32,
    /// The rules.
    #[n(1)]
    pub policy: Policy,
}

/// What version 1 of [`PolicyEvent::Adopted`] recorded.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PolicyAdoptedV1 {
    /// The operator's own number for this content.
    #[n(0)]
    revision: u32,
    /// The rules.
    #[n(1)]
    policy: PolicyV1,
}

/// The rules before there were second factors; see [`Policy`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct PolicyV1 {
    #[n(0)]
    password_rule: PasswordRule,
    #[n(1)]
    link_validity: u32,
    #[n(2)]
    mail_queue_limit: u32,
    #[n(3)]
    session_idle: u32,
    #[n(4)]
    session_absolute: u32,
    #[n(5)]
    session_public: u32,
    #[n(6)]
    registration_lapse: u32,
    #[n(7)]
    network_data_retention: u32,
}

/// The shape of version 3, whose readers leave out what they do not know at its end.
impl From<&Self> for PolicyAdopted {
    fn from(adopted: &Self) -> Self {
        adopted.clone()
    }
}

impl From<PolicyAdoptedV1> for PolicyAdopted {
    fn from(PolicyAdoptedV1 { revision, policy }: PolicyAdoptedV1) -> Self {
        let policy = Policy {
            password_rule: policy.password_rule,
            link_validity: policy.link_validity,
            mail_queue_limit: policy.mail_queue_limit,
            session_idle: policy.session_idle,
            session_absolute: policy.session_absolute,
            session_public: policy.session_public,
            registration_lapse: policy.registration_lapse,
            network_data_retention: policy.network_data_retention,
            ..Policy::default()
        };
        Self { revision, policy }
    }
}

/// See [`PolicyEvent::RelyingPartyAdopted`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RelyingPartyAdopted {
    /// Its id.
    #[n(0)]
    pub id: String,
}

/// The policy in force, and its revision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct PolicyState {
    /// The content; `None` on an empty log.
    #[n(0)]
    pub in_force: Option<PolicyAdopted>,
    /// For which relying party keys are made; `None` until the first one.
    #[n(1)]
    pub relying_party: Option<String>,
}

impl Aggregate for PolicyState {
    const NAME: &'static str = "policy";
    const FOLD_VERSION: u16 = 6;
    type Event = PolicyEvent;

    fn evolve(&mut self, _: Timestamp, event: &PolicyEvent) {
        match event {
            PolicyEvent::Adopted(adopted) => self.in_force = Some(adopted.clone()),
            PolicyEvent::RelyingPartyAdopted(adopted) => self.relying_party = Some(adopted.id.clone()),
            PolicyEvent::Redacted => {}
        }
    }

    fn encode(&self) -> Vec<u8> {
        crate::aggregate::to_cbor(self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        crate::aggregate::from_cbor(Self::NAME, bytes)
    }

    fn claims(&self) -> Vec<Claim> {
        Vec::new()
    }

    fn secret_keys(&self) -> Vec<KeyId> {
        Vec::new()
    }

    fn is_tombstone(&self) -> bool {
        false
    }
}
