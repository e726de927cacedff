//! What the app says of itself when it becomes a device, and what it signs.

use chancery_domain::FactorId;
use chancery_domain::account::Device;
use chancery_domain::values::Uid;
use minicbor::{Decode, Encode};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The length of a public key: an uncompressed point (SEC 1, section 2.3.3), in bytes.
pub const PUBLIC_KEY: usize = 65;
/// The length of a PIN key in bytes.
pub const PIN_KEY: usize = 32;
/// The length of a signature: r and s, in bytes.
pub const SIGNATURE: usize = 64;

/// What the service keeps of a phone: the counterparts of what it keeps itself.
#[derive(Clone, PartialEq, Eq, Encode, Decode, Zeroize, ZeroizeOnDrop)]
pub struct PhoneKeys {
    /// The key of its signatures.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub public_key: [u8; PUBLIC_KEY],
    /// The key of its codes, made of its secret and the PIN.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub pin_key: [u8; PIN_KEY],
}

impl std::fmt::Debug for PhoneKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PhoneKeys(…)")
    }
}

/// A phone that says that it is the device.
#[derive(Clone, Debug)]
pub struct Phone {
    /// Its keys.
    pub keys: PhoneKeys,
    /// What it tells of itself.
    pub device: Device,
    /// Its signature over [`enrolment_transcript`].
    pub signature: [u8; SIGNATURE],
}

impl Phone {
    /// Whether its signature is one of its own key over this enrolment.
    #[must_use]
    pub fn has_signed(&self, origin: &str, uid: &Uid, enrolment: FactorId) -> bool {
        self.keys.have_signed(&enrolment_transcript(origin, uid, enrolment, &self.keys), &self.signature)
    }
}

/// What a phone signs to become a device.
#[must_use]
pub(super) fn enrolment_transcript(origin: &str, uid: &Uid, enrolment: FactorId, keys: &PhoneKeys) -> Vec<u8> {
    transcript(&[
        b"chancery enrol 1",
        origin.as_bytes(),
        uid.as_str().as_bytes(),
        enrolment.as_bytes(),
        &keys.pin_key,
        &keys.public_key,
    ])
}

/// Fields one behind the other, each with its length in two bytes before it. None is longer than 65,535 bytes.
#[must_use]
pub fn transcript(fields: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(fields.iter().map(|field| field.len() + 2).sum());
    for field in fields {
        out.extend_from_slice(&u16::try_from(field.len()).unwrap_or(u16::MAX).to_be_bytes());
        out.extend_from_slice(field);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_sequences_of_fields_have_one_transcript() {
        assert_eq!(transcript(&[b"ab", b"c"]), b"\0\x02ab\0\x01c");
        assert_ne!(transcript(&[b"ab", b"c"]), transcript(&[b"a", b"bc"]));
        assert_ne!(transcript(&[b"ab"]), transcript(&[b"ab", b""]));
    }
}
