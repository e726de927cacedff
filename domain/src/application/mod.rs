//! A relying application: a program that may ask for something, and the secrets by which it proves to be itself.
//!
//! The state keeps nothing of single invitations, so that an application may invite any number of people: an invitation
//! is an event here, and a stream of its own (see [`crate::invitation`]) for what became of it.

pub mod commands;
mod events;
#[cfg(test)]
mod frozen;
mod invitee;
mod name;
mod scope;

use minicbor::{Decode, Encode};

pub use events::{
    ApplicationEvent, ApplicationRegistered, InvitationRepeated, PersonInvited, ReasonGiven, ScopesChanged,
    SecretAdded, SecretNamed,
};
pub use invitee::Invitee;
pub use name::{ApplicationName, NotAName};
pub use scope::{Scope, UnknownScope};

use crate::aggregate::{Aggregate, Claim, ClaimKind, DecodeError, from_cbor, to_cbor};
use crate::ids::KeyId;
use crate::time::Timestamp;

/// Secrets that are valid at a time: the one in use, and the one that takes its place.
pub const MAX_SECRETS: usize = 2;

/// The longest encoded state, in bytes.
pub const MAX_STATE: usize = 1024;

/// A secret that is valid.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ValidSecret {
    /// Its number.
    #[n(0)]
    pub number: u32,
    /// The SHA-256 of it.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub hash: [u8; 32],
    /// When it was made.
    #[n(2)]
    pub added: Timestamp,
}

/// An application's state, folded from its events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Application {
    /// What it is called; `None` before it is registered.
    #[n(0)]
    pub name: Option<ApplicationName>,
    /// What it may ask for, in the scopes' order.
    #[n(1)]
    pub scopes: Vec<Scope>,
    /// Its valid secrets, oldest first.
    #[n(2)]
    pub secrets: Vec<ValidSecret>,
    /// The number of the newest secret that was ever made.
    #[n(3)]
    pub newest_secret: u32,
    /// Whether an operator stopped all use of it.
    #[n(4)]
    pub disabled: bool,
    /// When it was registered.
    #[n(5)]
    pub registered: Timestamp,
}

impl Application {
    /// Whether it may ask for what this scope covers, now.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        !self.disabled && self.scopes.contains(&scope)
    }
}

/// The claim by which a name is reserved.
#[must_use]
pub fn name_claim(name: &ApplicationName) -> Claim {
    Claim { kind: ClaimKind::ApplicationName, value: name.normalised().into_bytes() }
}

/// The claim by which the application of a secret is found.
#[must_use]
pub fn secret_claim(hash: &[u8; 32]) -> Claim {
    Claim { kind: ClaimKind::ApplicationSecret, value: hash.to_vec() }
}

impl Aggregate for Application {
    const NAME: &'static str = "application";
    const FOLD_VERSION: u16 = 1;
    type Event = ApplicationEvent;

    fn evolve(&mut self, decided: Timestamp, event: &ApplicationEvent) {
        match event {
            ApplicationEvent::Registered(registered) => {
                self.name = Some(registered.name.clone());
                self.scopes.clone_from(&registered.scopes);
                self.registered = decided;
            }
            ApplicationEvent::SecretAdded(added) => {
                self.newest_secret = added.number;
                self.secrets.push(ValidSecret { number: added.number, hash: added.hash, added: decided });
            }
            ApplicationEvent::SecretRetired(retired) => self.secrets.retain(|secret| secret.number != retired.number),
            ApplicationEvent::ScopesChanged(changed) => self.scopes.clone_from(&changed.scopes),
            ApplicationEvent::Disabled(_) => self.disabled = true,
            ApplicationEvent::Enabled(_) => self.disabled = false,
            ApplicationEvent::PersonInvited(_)
            | ApplicationEvent::InvitationRepeated(_)
            | ApplicationEvent::Redacted => {}
        }
    }

    fn encode(&self) -> Vec<u8> {
        to_cbor(self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        from_cbor(Self::NAME, bytes)
    }

    fn claims(&self) -> Vec<Claim> {
        self.name.iter().map(name_claim).chain(self.secrets.iter().map(|secret| secret_claim(&secret.hash))).collect()
    }

    fn secret_keys(&self) -> Vec<KeyId> {
        Vec::new()
    }

    fn is_tombstone(&self) -> bool {
        false
    }
}
