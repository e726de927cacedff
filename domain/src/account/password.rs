//! The password, as far as the log knows it: a sealed hash and its age.

use minicbor::{Decode, Encode};

use super::events::{AccountEvent, Credential};
use crate::time::Timestamp;

/// The password in force.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PasswordState {
    /// Its hash, sealed; the key's id tells this version from every other.
    #[n(0)]
    pub credential: Credential,
    /// When this password was chosen; a new hash of the same password does not change it.
    #[n(1)]
    pub set: Timestamp,
}

impl PasswordState {
    pub(super) fn evolve(this: &mut Option<Self>, decided: Timestamp, event: &AccountEvent) {
        match (event, this) {
            (AccountEvent::PasswordSet(set), this) => {
                *this = Some(Self { credential: set.credential.clone(), set: decided });
            }
            (AccountEvent::PasswordRehashed(rehashed), Some(password)) => {
                password.credential = rehashed.credential.clone();
            }
            // Whoever made the change may know it: another one is set by a mailed link.
            (
                AccountEvent::PasswordDestroyed(_)
                | AccountEvent::ChangeDisowned(_)
                | AccountEvent::AppRequestDenied(_),
                this,
            ) => *this = None,
            _ => {}
        }
    }
}
