//! What is stored of second factors: a device when it is added, what it proves, how it goes.

use minicbor::{Decode, Encode};

use super::{Credential, SignInMethod};
use crate::ids::{ChallengeId, FactorId};
use crate::time::Timestamp;
use crate::values::DeviceName;

/// What a second factor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum FactorKind {
    /// A WebAuthn credential that the device can find by itself and that verifies its user: it signs in without a password.
    #[n(0)]
    Passkey,
    /// A WebAuthn credential that is used after the password.
    #[n(1)]
    SecurityKey,
    /// An app that shows one-time codes (TOTP, RFC 6238).
    #[n(2)]
    Totp,
    /// The service's own app, with a PIN.
    #[n(3)]
    MobileApp,
    /// A telephone that is sent codes by SMS.
    #[n(4)]
    Phone,
}

impl FactorKind {
    /// Whether what it proves is worth nothing on another site, so that nobody can be tricked into giving it away.
    #[must_use]
    pub const fn is_phishing_resistant(self) -> bool {
        matches!(self, Self::Passkey | Self::SecurityKey)
    }

    /// Whether devices of this kind are used for a way of signing in.
    #[must_use]
    pub fn proves_by(self, method: SignInMethod) -> bool {
        let by_request = matches!(method, SignInMethod::MobileAppPinCode | SignInMethod::OnMobile);
        method == self.method() || (self == Self::MobileApp && by_request)
    }

    /// The way of signing in that it is used for in the first place.
    #[must_use]
    pub const fn method(self) -> SignInMethod {
        match self {
            Self::Passkey => SignInMethod::Passkey,
            Self::SecurityKey => SignInMethod::SecurityKey,
            Self::Totp => SignInMethod::Totp,
            Self::MobileApp => SignInMethod::MobileAppQrCode,
            Self::Phone => SignInMethod::Sms,
        }
    }
}

/// One proof of being the owner, with all that keeps it from counting twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Proof {
    /// The way.
    #[n(0)]
    pub method: SignInMethod,
    /// The device.
    #[n(1)]
    pub factor: Option<FactorId>,
    /// The challenge that it answered.
    #[n(2)]
    pub challenge: Option<ChallengeId>,
    /// The time step of a one-time code (RFC 6238, section 4.2).
    #[n(3)]
    pub step: Option<u64>,
    /// The signature counter (WebAuthn, section 6.1.1); 0 of a key that does not count.
    #[n(4)]
    pub counter: Option<u32>,
    /// Whether the credential is backed up, as it said then (WebAuthn, section 6.1.3).
    #[n(5)]
    pub backed_up: Option<bool>,
    /// Whether the device verified who used it.
    #[n(6)]
    pub user_verified: Option<bool>,
}

impl Proof {
    /// A proof without a device.
    #[must_use]
    pub const fn by(method: SignInMethod) -> Self {
        Self { method, factor: None, challenge: None, step: None, counter: None, backed_up: None, user_verified: None }
    }
}

/// What a device told of itself when it was added; empty where it told nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Device {
    /// Its operating system.
    #[n(0)]
    pub os: String,
    /// Who made it.
    #[n(1)]
    pub manufacturer: String,
    /// The model.
    #[n(2)]
    pub model: String,
}

impl Device {
    /// The longest of what a device can tell of itself, in characters.
    const LONGEST: usize = 64;

    /// Whether a device can tell this of itself: nobody has signed it, and it is kept for ever.
    #[must_use]
    pub fn can_tell(text: &str) -> bool {
        text.chars().count() <= Self::LONGEST && !text.chars().any(char::is_control)
    }
}

/// How an authenticator is attached (WebAuthn, section 5.4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Attachment {
    /// Part of the device on which the browser runs.
    #[n(0)]
    Platform,
    /// Carried from one device to another.
    #[n(1)]
    CrossPlatform,
}

/// What vouched for an authenticator's make (WebAuthn, section 6.5.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Attestation {
    /// Nothing.
    #[n(0)]
    None,
    /// The credential itself.
    #[n(1)]
    Own,
    /// A certificate that leads to a root which the operator trusts.
    #[n(2)]
    Trusted,
}

/// What is known of a WebAuthn credential besides its key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct WebauthnKey {
    /// The SHA-256 of the credential's id, by which it is reserved.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub credential: [u8; 32],
    /// The relying party's id, for which it was made.
    #[n(1)]
    pub rp_id: String,
    /// The make, by its AAGUID; zeros where the authenticator does not tell.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub aaguid: [u8; 16],
    /// How it is attached, where the browser tells.
    #[n(3)]
    pub attachment: Option<Attachment>,
    /// The ways by which it can be reached, such as `usb`, as the browser names them.
    #[n(4)]
    pub transports: Vec<String>,
    /// Whether the device can find it without being told its id.
    #[n(5)]
    pub discoverable: Option<bool>,
    /// Whether it may be backed up.
    #[n(6)]
    pub backup_eligible: bool,
    /// What vouched for its make.
    #[n(7)]
    pub attestation: Attestation,
    /// The names of the certificates that did, the authenticator's own first.
    #[n(8)]
    pub certificate_path: Vec<String>,
}

/// See [`AccountEvent::FactorAdded`](super::AccountEvent::FactorAdded).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FactorAdded {
    /// The device's id.
    #[n(0)]
    pub factor: FactorId,
    /// Its number among all devices that the account ever had.
    #[n(1)]
    pub number: u16,
    /// What it is.
    #[n(2)]
    pub kind: FactorKind,
    /// What its owner calls it.
    #[n(3)]
    pub name: DeviceName,
    /// What its proofs are checked with, sealed.
    #[n(4)]
    pub credential: Credential,
    /// What it told of itself.
    #[n(5)]
    pub device: Device,
    /// What is known of a WebAuthn credential.
    #[n(6)]
    pub webauthn: Option<WebauthnKey>,
    /// The telephone number in E.164, of a telephone.
    #[n(7)]
    pub phone: Option<String>,
    /// The proof by which it was added.
    #[n(8)]
    pub proof: Proof,
}

/// See [`AccountEvent::FactorRenamed`](super::AccountEvent::FactorRenamed).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FactorRenamed {
    /// The device.
    #[n(0)]
    pub factor: FactorId,
    /// Its name from here on.
    #[n(1)]
    pub name: DeviceName,
}

/// At whose wish something went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum RemovalReason {
    /// Its owner's.
    #[n(0)]
    Person,
    /// Its owner's, who removed all there was.
    #[n(1)]
    Everything,
    /// An administrator's.
    #[n(2)]
    Administrator,
    /// It came back with a restored database after its key had been destroyed.
    #[n(3)]
    Restored,
    /// Its owner's, who had lost it and waited.
    #[n(4)]
    Recovery,
}

/// See [`AccountEvent::FactorRemoved`](super::AccountEvent::FactorRemoved).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FactorRemoved {
    /// The device.
    #[n(0)]
    pub factor: FactorId,
    /// At whose wish.
    #[n(1)]
    pub reason: RemovalReason,
}

/// See [`AccountEvent::FactorsReset`](super::AccountEvent::FactorsReset).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FactorsReset {
    /// Why, in the administrator's words.
    #[n(0)]
    pub reason: String,
}

/// See [`AccountEvent::FactorCounterWentBack`](super::AccountEvent::FactorCounterWentBack).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CounterWentBack {
    /// The key.
    #[n(0)]
    pub factor: FactorId,
    /// The counter of its last signature.
    #[n(1)]
    pub last: u32,
    /// The counter that it signed with now.
    #[n(2)]
    pub given: u32,
}

/// See [`AccountEvent::FactorPinFailed`](super::AccountEvent::FactorPinFailed).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FactorPinFailed {
    /// The device.
    #[n(0)]
    pub factor: FactorId,
    /// How many PINs were wrong in a row, this one included.
    #[n(1)]
    pub in_a_row: u8,
}

/// See [`AccountEvent::FactorBlocked`](super::AccountEvent::FactorBlocked).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FactorBlocked {
    /// The device.
    #[n(0)]
    pub factor: FactorId,
}

/// See [`AccountEvent::FactorUnblocked`](super::AccountEvent::FactorUnblocked).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FactorUnblocked {
    /// The device.
    #[n(0)]
    pub factor: FactorId,
}

/// See [`AccountEvent::FactorPinChanged`](super::AccountEvent::FactorPinChanged).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FactorPinChanged {
    /// The device.
    #[n(0)]
    pub factor: FactorId,
    /// What its proofs are checked with from here on, sealed.
    #[n(1)]
    pub credential: Credential,
}

/// See [`AccountEvent::AppRequestOpened`](super::AccountEvent::AppRequestOpened).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AppRequestOpened {
    /// The challenge of the request.
    #[n(0)]
    pub challenge: ChallengeId,
    /// The way that was chosen on the page.
    #[n(1)]
    pub method: SignInMethod,
    /// Whether the browser that asked had signed in to this account before.
    #[n(2)]
    pub known_browser: bool,
}

/// See [`AccountEvent::AppRequestDenied`](super::AccountEvent::AppRequestDenied).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AppRequestDenied {
    /// The device on which it was said.
    #[n(0)]
    pub factor: FactorId,
    /// The challenge of the request.
    #[n(1)]
    pub challenge: ChallengeId,
    /// Whether the browser that asked had signed in to this account before.
    #[n(2)]
    pub known_browser: bool,
}

/// See [`AccountEvent::SecondFactorFailed`](super::AccountEvent::SecondFactorFailed).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SecondFactorFailed {
    /// How many failed.
    #[n(0)]
    pub count: u32,
    /// Since when.
    #[n(1)]
    pub since: Timestamp,
    /// The way that was tried last.
    #[n(2)]
    pub method: SignInMethod,
    /// From a browser that had signed in to this account before.
    #[n(3)]
    pub known_browser: bool,
    /// Whether the owner is told by mail: somebody else knows the password. Of unknown browsers, once a day.
    #[n(4)]
    pub owner_told: bool,
}

/// See [`AccountEvent::RecoveryCodesIssued`](super::AccountEvent::RecoveryCodesIssued).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecoveryCodesIssued {
    /// Their hashes, sealed.
    #[n(0)]
    pub credential: Credential,
    /// How many there are.
    #[n(1)]
    pub count: u8,
}

/// See [`AccountEvent::RecoveryCodeUsed`](super::AccountEvent::RecoveryCodeUsed).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecoveryCodeUsed {
    /// Its place in the set, from 0 on.
    #[n(0)]
    pub code: u8,
    /// How many are left.
    #[n(1)]
    pub left: u8,
}

/// See [`AccountEvent::RecoveryCodesRemoved`](super::AccountEvent::RecoveryCodesRemoved).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecoveryCodesRemoved {
    /// At whose wish.
    #[n(0)]
    pub reason: RemovalReason,
}

/// See [`AccountEvent::SignInOptionsChanged`](super::AccountEvent::SignInOptionsChanged).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignInOptionsChanged {
    /// Whether the password alone never suffices.
    #[n(0)]
    pub always_second_factor: bool,
}
