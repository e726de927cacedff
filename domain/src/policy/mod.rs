//! The policy: the password rule and the lifetimes that every node decides by, an aggregate with one stream.
//!
//! It is an event because an auditor must be able to tell by which rules a decision was made. A node's own file only
//! proposes: what is in force is what the log says.

mod adopt;
#[cfg(test)]
mod tests;

use std::time::Duration;

use minicbor::{Decode, Encode};

pub use adopt::{AdoptPolicy, AdoptPolicyRefusal, Adopted};

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

    /// These rules are in force from here on. An auditor learns by which rules every later decision was made.
    Adopted(PolicyAdopted) = "policy.adopted" v 1;
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

/// The policy in force, and its revision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct PolicyState {
    /// The content; `None` on an empty log.
    #[n(0)]
    pub in_force: Option<PolicyAdopted>,
}

impl Aggregate for PolicyState {
    const NAME: &'static str = "policy";
    const FOLD_VERSION: u16 = 1;
    type Event = PolicyEvent;

    fn evolve(&mut self, _decided: Timestamp, event: &PolicyEvent) {
        match event {
            PolicyEvent::Adopted(adopted) => self.in_force = Some(adopted.clone()),
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
