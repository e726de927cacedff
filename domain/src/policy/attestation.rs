//! What must vouch for the make of a key (WebAuthn, section 6.5).

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use crate::account::{Attestation, WebauthnKey};

/// Only keys are added for whose make a certificate vouches that leads to one of these roots.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RequiredAttestation {
    /// The SHA-256 of each root certificate, in order.
    #[n(0)]
    pub roots: Vec<ByteArray<32>>,
    /// The makes that are taken, by AAGUID, in order; where none is named, each that a root vouches for.
    #[n(1)]
    pub aaguids: Vec<ByteArray<16>>,
}

impl RequiredAttestation {
    /// Whether such a key is added.
    #[must_use]
    pub fn takes(&self, key: &WebauthnKey) -> bool {
        let is_named = self.aaguids.is_empty() || self.aaguids.iter().any(|aaguid| **aaguid == key.aaguid);
        key.attestation == Attestation::Trusted && is_named
    }
}
