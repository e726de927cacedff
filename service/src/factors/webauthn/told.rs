//! What a browser and its authenticator tell, as far as the library does not say it.

use aws_lc_rs::digest;
use chancery_domain::ChallengeId;
use chancery_domain::account::{Attachment, Attestation, Device};
use data_encoding::BASE64URL_NOPAD;
use minicbor::Decoder;
use minicbor::data::Type;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use webauthn_rs_proto::AuthenticatorTransport;

/// The longest answer that is looked at, in bytes: an attestation with its certificates takes a few thousand.
const MAX_ANSWER: usize = 16 * 1024;

/// Transports that are kept of what a browser names.
const MAX_TRANSPORTS: usize = 6;

/// The JSON that the browser posted; `None` if it is none, or too long.
pub(super) fn parse<T: DeserializeOwned>(answer: &str) -> Option<T> {
    (answer.len() <= MAX_ANSWER).then(|| serde_json::from_str(answer).ok()).flatten()
}

/// The challenge that a browser says it had signed (WebAuthn, section 5.8.1).
pub(super) fn challenge(client_data: &[u8]) -> Option<ChallengeId> {
    #[derive(Deserialize)]
    struct ClientData {
        challenge: String,
    }

    let ClientData { challenge } = serde_json::from_slice(client_data).ok()?;
    let challenge = BASE64URL_NOPAD.decode(challenge.as_bytes()).ok()?;
    Some(ChallengeId::from_bytes(challenge.try_into().ok()?))
}

/// By what a credential is known and reserved: the SHA-256 of its id.
pub(super) fn credential_hash(id: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, id).as_ref());
    hash
}

/// The ways by which a key can be reached, once each.
pub(super) fn transports(told: &[AuthenticatorTransport]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for transport in told.iter().filter(|transport| **transport != AuthenticatorTransport::Unknown) {
        let name: &str = transport.as_ref();
        if !names.iter().any(|known| known == name) && names.len() < MAX_TRANSPORTS {
            names.push(name.to_owned());
        }
    }
    names
}

/// What the browser says beside the authenticator's answer; nothing of it is signed.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Hints {
    #[serde(default, rename = "authenticatorAttachment")]
    attachment: Option<String>,
    #[serde(default)]
    device: OwnDevice,
}

/// What a browser tells of the device on which it runs, by its client hints.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OwnDevice {
    os: String,
    model: String,
}

impl Hints {
    pub(super) fn attachment(&self) -> Option<Attachment> {
        match self.attachment.as_deref()? {
            "platform" => Some(Attachment::Platform),
            "cross-platform" => Some(Attachment::CrossPlatform),
            _ => None,
        }
    }

    /// What is kept of the device: of one that is carried from another the browser knows nothing, and what no device can
    /// tell is left out.
    pub(super) fn device(&self) -> Device {
        if self.attachment() != Some(Attachment::Platform) {
            return Device::default();
        }
        let kept = |told: &str| if Device::can_tell(told) { told.trim().to_owned() } else { String::new() };
        Device { os: kept(&self.device.os), manufacturer: String::new(), model: kept(&self.device.model) }
    }
}

/// What an authenticator signs beside the challenge (WebAuthn, section 6.1). This is the one place that reads it; the
/// library has verified it, but tells an AAGUID only with an attestation, and no counter of an answer that it refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AuthenticatorData {
    pub(super) user_verified: bool,
    pub(super) backup_eligible: bool,
    pub(super) backed_up: bool,
    pub(super) counter: u32,
    /// The make; `None` where no credential is attested.
    pub(super) aaguid: Option<[u8; 16]>,
}

impl AuthenticatorData {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (_, rest) = bytes.split_at_checked(32)?;
        let (&flags, rest) = rest.split_first()?;
        let (counter, rest) = rest.split_first_chunk::<4>()?;
        let has = |bit: u8| flags & (1 << bit) != 0;
        let aaguid = if has(6) { Some(*rest.first_chunk::<16>()?) } else { None };
        Some(Self {
            user_verified: has(2),
            backup_eligible: has(3),
            backed_up: has(4),
            counter: u32::from_be_bytes(*counter),
            aaguid,
        })
    }
}

/// An attestation object (WebAuthn, section 6.5.4).
pub(super) struct Attested {
    pub(super) data: AuthenticatorData,
    pub(super) attestation: Attestation,
}

impl Attested {
    /// `is_vouched_for` if the library led its certificates to a root that is trusted.
    pub(super) fn read(object: &[u8], is_vouched_for: bool) -> Option<Self> {
        let mut decoder = Decoder::new(object);
        let (mut format, mut certified, mut data) = (None, false, None);
        for _ in 0..decoder.map().ok()?? {
            match decoder.str().ok()? {
                "fmt" => format = Some(decoder.str().ok()?),
                "authData" => data = AuthenticatorData::read(decoder.bytes().ok()?),
                "attStmt" => {
                    for _ in 0..decoder.map().ok()?? {
                        certified |= decoder.datatype().ok()? == Type::String && decoder.str().ok()? == "x5c";
                        decoder.skip().ok()?;
                    }
                }
                _ => decoder.skip().ok()?,
            }
        }
        let attestation = match format? {
            _ if is_vouched_for => Attestation::Trusted,
            "packed" if !certified => Attestation::Own,
            // A certificate that no root of the operator's vouches for says nothing.
            _ => Attestation::None,
        };
        Some(Self { data: data?, attestation })
    }
}
