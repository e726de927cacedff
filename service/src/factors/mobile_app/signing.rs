//! What a phone signs once it is a device, and how it proves that the PIN was typed.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use aws_lc_rs::{constant_time, hmac};
use chancery_domain::account::SignInMethod;
use chancery_domain::{ChallengeId, FactorId};
use minicbor::{Decode, Encode};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::messages::{PIN_KEY, PhoneKeys, SIGNATURE, transcript};
use crate::push::Subscription;

/// The length of a proof: an HMAC-SHA-256, in bytes.
pub const PROOF: usize = 32;

/// Which device speaks, and to whom: nothing that is signed for one service or device is worth anything for another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Between<'a> {
    pub(super) origin: &'a str,
    pub(super) device: FactorId,
}

impl Between<'_> {
    fn fields(self, purpose: &[u8], more: &[&[u8]]) -> Vec<u8> {
        let first: [&[u8]; 3] = [purpose, self.origin.as_bytes(), self.device.as_bytes()];
        transcript(&[&first, more].concat())
    }

    /// "Is there a request?", with the phone's time in milliseconds.
    pub(super) fn asking(self, time: i64) -> Vec<u8> {
        self.fields(b"chancery ask 1", &[time.to_string().as_bytes()])
    }

    /// "This was me."
    pub(super) fn approval(self, request: ChallengeId, number: &str, proof: &[u8; PROOF]) -> Vec<u8> {
        self.fields(b"chancery approve 1", &[request.as_bytes(), number.as_bytes(), proof])
    }

    /// What the PIN key makes a proof over, for a request.
    pub(super) fn proving(self, request: ChallengeId) -> Vec<u8> {
        self.fields(b"chancery prove 1", &[request.as_bytes()])
    }

    /// "This wasn't me."
    pub(super) fn denial(self, request: ChallengeId) -> Vec<u8> {
        self.fields(b"chancery deny 1", &[request.as_bytes()])
    }

    /// "Another PIN", with the phone's time in milliseconds.
    pub(super) fn pin_change(
        self,
        message: &[u8; 16],
        time: i64,
        proof: &[u8; PROOF],
        next: &[u8; PIN_KEY],
    ) -> Vec<u8> {
        self.fields(b"chancery change pin 1", &[message, time.to_string().as_bytes(), proof, next])
    }

    /// "Tell me here", with the phone's time in milliseconds.
    pub(super) fn subscription(self, time: i64, to: &Subscription) -> Vec<u8> {
        let time = time.to_string();
        let fields: [&[u8]; 5] = [time.as_bytes(), to.endpoint.as_bytes(), &to.public_key, &to.auth, &to.made_for];
        self.fields(b"chancery push 1", &fields)
    }

    /// What the old PIN key makes a proof over, to be replaced.
    pub(super) fn proving_to_change(self, message: &[u8; 16], next: &[u8; PIN_KEY]) -> Vec<u8> {
        self.fields(b"chancery prove to change 1", &[message, next])
    }
}

impl PhoneKeys {
    /// Whether a signature is this phone's over these bytes.
    pub(super) fn have_signed(&self, bytes: &[u8], signature: &[u8; SIGNATURE]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.public_key).verify(bytes, signature).is_ok()
    }

    /// Whether a proof over these bytes was made with the right PIN, compared in constant time.
    pub(super) fn know_the_pin(&self, bytes: &[u8], proof: &[u8; PROOF]) -> bool {
        let right = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.pin_key), bytes);
        constant_time::verify_slices_are_equal(right.as_ref(), proof).is_ok()
    }
}

/// A phone's "this was me" to one request, as it is kept until the page goes on.
#[derive(Clone, PartialEq, Eq, Encode, Decode, Zeroize, ZeroizeOnDrop)]
pub(super) struct Approval {
    /// The request.
    #[n(0)]
    #[zeroize(skip)]
    pub(super) request: ChallengeId,
    /// The phone.
    #[n(1)]
    #[zeroize(skip)]
    pub(super) device: FactorId,
    /// The number as it was typed; empty where none had to be.
    #[n(2)]
    pub(super) number: String,
    /// The proof that the PIN was typed.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub(super) proof: [u8; PROOF],
    /// The signature over all of it.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub(super) signature: [u8; SIGNATURE],
}

impl std::fmt::Debug for Approval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Approval(…)")
    }
}

/// What an approval is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worth {
    /// Not signed by this phone: nothing.
    Nothing,
    /// Signed, and the PIN was wrong.
    WrongPin,
    /// All is right.
    Right,
}

impl Approval {
    /// What it is worth to a phone with these keys. This is the one place that judges it: when it comes, so that a wrong PIN
    /// counts at once, and again when the page goes on, by the keys that the device has then.
    pub(super) fn worth(&self, origin: &str, keys: &PhoneKeys) -> Worth {
        let between = Between { origin, device: self.device };
        if !keys.have_signed(&between.approval(self.request, &self.number, &self.proof), &self.signature) {
            return Worth::Nothing;
        }
        if keys.know_the_pin(&between.proving(self.request), &self.proof) { Worth::Right } else { Worth::WrongPin }
    }

    /// The way in which it proves that the device is there.
    pub(super) fn method(&self) -> SignInMethod {
        if self.number.is_empty() { SignInMethod::OnMobile } else { SignInMethod::MobileAppPinCode }
    }
}
