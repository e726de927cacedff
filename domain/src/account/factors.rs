//! Second factors: which devices there are, which recovery codes are left, and what was proved a moment ago.
//!
//! What a device's proofs are checked with lies, sealed, in the event that added it; the state keeps that event's version,
//! so that it is found at once, and its key, so that the secret goes with the device.

use std::time::Duration;

use minicbor::{Decode, Encode};

use super::SmsEnd;
use super::events::{AccountEvent, CancelledBy, FactorAdded, FactorKind, Proof, SignInMethod, SuspensionReason};
use crate::ids::{ChallengeId, FactorId, KeyId};
use crate::time::Timestamp;
use crate::values::DeviceName;

/// Devices that an account may have.
pub const MAX_FACTORS: usize = 20;

/// Wrong PINs in a row that block a device.
pub const MAX_WRONG_PINS: u8 = 5;

/// Recovery codes in a set.
pub const RECOVERY_CODES: u8 = 10;

/// How long a proof is remembered so that it cannot count again, whatever becomes of the volatile rows.
pub const PROOF_MEMORY: Duration = Duration::from_secs(300);

/// Proofs that are remembered: more within [`PROOF_MEMORY`] are refused.
pub const MAX_REMEMBERED_PROOFS: usize = 16;

/// How long after a change its owner may say, by the link that the change was mailed with, that it was somebody else's.
pub const DISOWN_VALIDITY: Duration = Duration::from_secs(30 * 24 * 3600);

/// Disowned changes that an account remembers, so that each is disowned once.
pub const MAX_DISOWNED: usize = 16;

/// One device.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Factor {
    /// Its id.
    #[n(0)]
    pub id: FactorId,
    /// Its number among all that the account ever had.
    #[n(1)]
    pub number: u16,
    /// What it is.
    #[n(2)]
    pub kind: FactorKind,
    /// What its owner calls it.
    #[n(3)]
    pub name: DeviceName,
    /// When it was added.
    #[n(4)]
    pub added: Timestamp,
    /// When it last let its owner in.
    #[n(5)]
    pub used: Option<Timestamp>,
    /// The key of what its proofs are checked with: tells this version of the secret from every other.
    #[n(6)]
    pub key: KeyId,
    /// The SHA-256 of a WebAuthn credential's id.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub credential: Option<[u8; 32]>,
    /// The last time step of its one-time codes that was used (RFC 6238, section 5.2: each only once).
    #[n(8)]
    pub step: u64,
    /// The counter of its last signature; 0 of a key that does not count.
    #[n(9)]
    pub counter: u32,
    /// Whether the credential is backed up.
    #[n(10)]
    pub backed_up: bool,
    /// Why it does not count for now. It still tells that the account has second factors.
    #[n(11)]
    pub suspended: Option<SuspensionReason>,
    /// The version of the event that holds the secret.
    #[n(12)]
    pub event: u64,
    /// How many PINs were wrong since the last one that was right, each in a message that it had signed; `None` where none
    /// was. With [`MAX_WRONG_PINS`] it does not count until its owner lets it.
    #[n(13)]
    pub wrong_pins: Option<u8>,
    /// Whether codes by SMS have ended for it, a telephone, for good.
    #[cbor(n(14), with = "flag", has_nil)]
    pub off: bool,
}

/// A flag of which nothing is kept while it is not set: most devices have no part in what it tells.
mod flag {
    use minicbor::decode::{Decoder, Error as DecodeError};
    use minicbor::encode::{Encoder, Error, Write};

    pub(super) fn encode<C, W: Write>(flag: &bool, to: &mut Encoder<W>, _: &mut C) -> Result<(), Error<W::Error>> {
        to.bool(*flag)?.ok()
    }

    pub(super) fn decode<C>(from: &mut Decoder<'_>, _: &mut C) -> Result<bool, DecodeError> {
        from.bool()
    }

    pub(super) fn is_nil(flag: &bool) -> bool {
        !flag
    }

    pub(super) fn nil() -> Option<bool> {
        Some(false)
    }
}

impl Factor {
    /// Whether its proofs count.
    #[must_use]
    pub const fn counts(&self) -> bool {
        self.suspended.is_none() && !self.is_blocked() && !self.off
    }

    /// It counts no more, for good.
    pub(super) const fn end(&mut self) {
        self.off = true;
    }

    /// Whether too many PINs were wrong in a row.
    #[must_use]
    pub const fn is_blocked(&self) -> bool {
        self.pins_left() == 0
    }

    /// How many PINs can be wrong before it is blocked.
    #[must_use]
    pub const fn pins_left(&self) -> u8 {
        match self.wrong_pins {
            Some(wrong) => MAX_WRONG_PINS.saturating_sub(wrong),
            None => MAX_WRONG_PINS,
        }
    }
}

/// A set of recovery codes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecoveryCodes {
    /// The key of their hashes.
    #[n(0)]
    pub key: KeyId,
    /// When the set began to count.
    #[n(1)]
    pub issued: Timestamp,
    /// Which codes are left, a bit each, that of the first code the lowest.
    #[n(2)]
    pub left: u16,
    /// Whether they do not count for now.
    #[n(3)]
    pub suspended: bool,
    /// The version of the event that holds their hashes.
    #[n(4)]
    pub event: u64,
}

impl RecoveryCodes {
    /// How many are left.
    #[must_use]
    pub const fn count(&self) -> u8 {
        // At most 16.
        self.left.count_ones() as u8
    }

    /// Whether the code at a place is left.
    #[must_use]
    pub fn has(&self, code: u8) -> bool {
        self.left.checked_shr(code.into()).is_some_and(|rest| rest & 1 == 1)
    }
}

/// A challenge that was answered a moment ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RememberedProof {
    /// The challenge.
    #[n(0)]
    pub challenge: ChallengeId,
    /// When.
    #[n(1)]
    pub at: Timestamp,
}

/// The account's second factors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Factors {
    /// The devices, oldest first.
    #[n(0)]
    pub devices: Vec<Factor>,
    /// The number of the next one.
    #[n(1)]
    pub next_number: u16,
    /// The recovery codes that count.
    #[n(2)]
    pub recovery: Option<RecoveryCodes>,
    /// Whether the owner wants that the password alone never suffices.
    #[n(3)]
    pub always: bool,
    /// Challenges that were answered within [`PROOF_MEMORY`] before the last one.
    #[n(4)]
    pub remembered: Vec<RememberedProof>,
    /// When the owner was last told that second factors fail behind the right password.
    #[n(5)]
    pub told: Option<Timestamp>,
    /// The last changes that the owner disowned, by the versions of their events, oldest first.
    #[n(6)]
    pub disowned: Vec<u64>,
    /// How the end of codes by SMS stands with the account; `None` where it was never told of it.
    #[n(7)]
    pub sms: Option<SmsEnd>,
    /// Whether the account is listed among those with a telephone by an event of its own.
    #[cbor(n(8), with = "flag", has_nil)]
    pub listed: bool,
}

impl Factors {
    /// The devices whose proofs count, oldest first.
    pub fn counting(&self) -> impl Iterator<Item = &Factor> {
        self.devices.iter().filter(|factor| factor.counts())
    }

    /// The device with this id.
    #[must_use]
    pub fn by_id(&self, id: FactorId) -> Option<&Factor> {
        self.devices.iter().find(|factor| factor.id == id)
    }

    /// The device with the WebAuthn credential whose id has this SHA-256.
    #[must_use]
    pub fn by_credential(&self, hash: &[u8; 32]) -> Option<&Factor> {
        self.devices.iter().find(|factor| factor.credential.as_ref() == Some(hash))
    }

    /// Whether there is none at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.devices.is_empty()
    }

    /// The keys of all secrets that still count.
    pub fn keys(&self) -> impl Iterator<Item = KeyId> {
        self.devices.iter().map(|factor| factor.key).chain(self.recovery.iter().map(|codes| codes.key))
    }

    /// Whether a challenge was answered a moment ago.
    #[must_use]
    pub fn remembers(&self, challenge: ChallengeId) -> bool {
        self.remembered.iter().any(|proof| proof.challenge == challenge)
    }

    /// Whether one more proof can be remembered: else more were given within five minutes than anybody needs.
    #[must_use]
    pub fn has_room_for_a_proof(&self, now: Timestamp) -> bool {
        self.remembered.iter().filter(|proof| now.since(proof.at) < PROOF_MEMORY).count() < MAX_REMEMBERED_PROOFS
    }

    /// Takes in the event of this version.
    pub(super) fn evolve(&mut self, decided: Timestamp, event: &AccountEvent, version: u64) {
        self.evolve_sms(event);
        match event {
            AccountEvent::FactorAdded(added) => self.add(decided, added, version),
            AccountEvent::FactorRenamed(renamed) => {
                self.with(renamed.factor, |factor| factor.name = renamed.name.clone());
            }
            AccountEvent::FactorRemoved(removed) => self.devices.retain(|factor| factor.id != removed.factor),
            AccountEvent::RecoveryCodesIssued(issued) => {
                let left = u16::MAX >> (16 - u32::from(issued.count.min(16)));
                let key = issued.credential.key;
                self.recovery = Some(RecoveryCodes { key, issued: decided, left, suspended: false, event: version });
            }
            AccountEvent::RecoveryCodeUsed(used) => {
                if let Some(codes) = &mut self.recovery {
                    codes.left &= !1_u16.checked_shl(used.code.into()).unwrap_or(0);
                }
            }
            AccountEvent::RecoveryCodesRemoved(_) => self.recovery = None,
            AccountEvent::RecoveryCodesSuspended(_) => {
                if let Some(codes) = &mut self.recovery {
                    codes.suspended = true;
                }
            }
            AccountEvent::FactorSuspended(suspended) => {
                self.with(suspended.factor, |factor| factor.suspended = Some(suspended.reason));
            }
            AccountEvent::FactorsSuspended(_) => {
                for factor in self.devices.iter_mut().filter(|factor| factor.suspended.is_none()) {
                    factor.suspended = Some(SuspensionReason::Lost);
                }
            }
            AccountEvent::FactorResumed(resumed) => {
                self.with(resumed.factor, |factor| factor.suspended = None);
            }
            AccountEvent::FactorPinFailed(failed) => {
                self.with(failed.factor, |factor| factor.wrong_pins = Some(failed.in_a_row));
            }
            AccountEvent::FactorBlocked(blocked) => {
                self.with(blocked.factor, |factor| factor.wrong_pins = Some(MAX_WRONG_PINS));
            }
            AccountEvent::FactorUnblocked(unblocked) => {
                self.with(unblocked.factor, |factor| factor.wrong_pins = None);
            }
            AccountEvent::FactorPinChanged(changed) => self.with(changed.factor, |factor| {
                factor.key = changed.credential.key;
                factor.event = version;
                factor.wrong_pins = None;
            }),
            // Whatever becomes of the request's row: what was denied lets nobody in. Where there is no room for it the password
            // and the session are gone all the same, behind which it was asked.
            AccountEvent::AppRequestDenied(denied) if self.has_room_for_a_proof(decided) => {
                self.remember(decided, denied.challenge);
            }
            AccountEvent::ChangeDisowned(change) => {
                self.disowned.push(change.version);
                if self.disowned.len() > MAX_DISOWNED {
                    self.disowned.remove(0);
                }
            }
            AccountEvent::SignInOptionsChanged(options) => self.always = options.always_second_factor,
            AccountEvent::SecondFactorFailed(failed) if failed.owner_told => self.told = Some(decided),
            AccountEvent::RecoveryCancelled(cancelled) => {
                if let CancelledBy::SuspendedDevice(proof) = &cancelled.by {
                    self.proved(decided, proof);
                }
            }
            AccountEvent::SignedIn(signed_in) => signed_in.proofs.iter().for_each(|proof| self.proved(decided, proof)),
            _ => {}
        }
    }

    fn add(&mut self, decided: Timestamp, added: &FactorAdded, version: u64) {
        self.devices.push(Factor {
            id: added.factor,
            number: added.number,
            kind: added.kind,
            name: added.name.clone(),
            added: decided,
            used: None,
            key: added.credential.key,
            credential: added.webauthn.as_ref().map(|key| key.credential),
            step: 0,
            counter: 0,
            backed_up: false,
            suspended: None,
            event: version,
            wrong_pins: None,
            off: false,
        });
        self.next_number = self.next_number.max(added.number.saturating_add(1));
        self.proved(decided, &added.proof);
        if let Some(factor) = self.devices.last_mut() {
            factor.used = None;
        }
    }

    fn proved(&mut self, decided: Timestamp, proof: &Proof) {
        if let Some(challenge) = proof.challenge {
            self.remember(decided, challenge);
        }
        let Some(factor) = self.devices.iter_mut().find(|factor| Some(factor.id) == proof.factor) else { return };
        factor.used = Some(decided);
        factor.step = proof.step.map_or(factor.step, |step| step.max(factor.step));
        factor.counter = proof.counter.unwrap_or(factor.counter);
        factor.backed_up = proof.backed_up.unwrap_or(factor.backed_up);
        // Only what the device signs tells that the PIN was typed on it.
        if matches!(proof.method, SignInMethod::MobileAppPinCode | SignInMethod::OnMobile) {
            factor.wrong_pins = None;
        }
    }

    fn remember(&mut self, decided: Timestamp, challenge: ChallengeId) {
        if !self.remembers(challenge) {
            self.remembered.retain(|proof| decided.since(proof.at) < PROOF_MEMORY);
            self.remembered.push(RememberedProof { challenge, at: decided });
        }
    }

    fn with(&mut self, id: FactorId, change: impl FnOnce(&mut Factor)) {
        if let Some(factor) = self.devices.iter_mut().find(|factor| factor.id == id) {
            change(factor);
        }
    }
}

/// Whether a way of signing in is a second factor: the password and what replaces it are not.
#[must_use]
pub const fn is_second_factor(method: SignInMethod) -> bool {
    match method {
        SignInMethod::Password | SignInMethod::MailedLink | SignInMethod::RecoveryCode => false,
        SignInMethod::Passkey
        | SignInMethod::SecurityKey
        | SignInMethod::Totp
        | SignInMethod::MobileAppQrCode
        | SignInMethod::MobileAppPinCode
        | SignInMethod::OnMobile
        | SignInMethod::Sms => true,
    }
}
