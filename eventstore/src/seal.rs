//! Sealing: how a part of an event, or a row of a read model, becomes ciphertext, and back.
//!
//! Every part has a key of its own, derived from the stream's data key, so that showing one part to an outsider
//! discloses that part and nothing else. A sealed part is
//! `commitment (32) ‖ nonce (12) ‖ AES-256-GCM ciphertext ‖ tag (16)`; the commitment is SHA-256 over a label and the
//! part's key, since AES-GCM alone would let one ciphertext open under two keys.

use std::fmt;
use std::sync::LazyLock;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::{constant_time, rand};
use chancery_domain::{Actor, KeyId, StreamId, Timestamp};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::row::{CommandId, Position, Version};

const COMMITMENT: usize = 32;
const NONCE: usize = 12;
const TAG: usize = 16;

/// 256 bits that seal or authenticate. Wiped when dropped, never shown.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// A new random key.
    ///
    /// # Panics
    /// If the operating system gives no random bytes; nothing can go on without them.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "a key is no decision: nothing is decided by its value")]
    pub fn random() -> Self {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).expect("the operating system gives random bytes");
        Self(bytes)
    }

    /// The key made of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for a library that computes with them.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA-256 under this key over the parts, each preceded by its length, so that no two lists of parts collide.
    #[must_use]
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = keyed(&self.0);
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// Whether two MACs are equal, in constant time.
#[must_use]
pub fn same_mac(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

/// Which part a key seals. Numbers go into the key's derivation and are never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Part {
    /// What happened.
    Subject = 1,
    /// The decision inputs.
    Inputs = 2,
    /// The actor's details.
    Details = 3,
    /// An inline state; its version is the stream's.
    State = 4,
    /// A row of a following read model; its version is that of the event it came from.
    ReadModel = 5,
    /// A volatile row.
    Volatile = 6,
}

/// Why a part could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Too short to be a sealed part.
    #[error("not a sealed part")]
    Malformed,
    /// Sealed under another key.
    #[error("sealed under another key")]
    WrongKey,
    /// The ciphertext or what it is bound to was changed.
    #[error("the part or its row was changed")]
    Tampered,
}

/// HMAC-SHA-256 under a key of any length.
///
/// Not by the library of the ciphers: for a message of one block it takes four times as long, which a fold of many events
/// would feel.
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

/// What the keys of all parts under one data key are derived from: HKDF-SHA-256 (RFC 5869), of which the first half,
/// the extraction, is done once. An output of one hash's length needs one HMAC in the second; made of HMACs here, since
/// a library's own HKDF repeats the extraction for each key.
pub struct PartKeys(Hmac<Sha256>);

impl PartKeys {
    /// Of a stream's data key, and for actor parts also of the month's network key, without which no key can be derived.
    #[must_use]
    pub fn of(data: &SecretKey, network: Option<&SecretKey>) -> Self {
        static SALT: LazyLock<Hmac<Sha256>> = LazyLock::new(|| keyed(b"chancery part v1"));
        let mut material = SALT.clone();
        material.update(data.expose());
        if let Some(network) = network {
            material.update(network.expose());
        }
        Self(keyed(&Zeroizing::new(<[u8; 32]>::from(material.finalize().into_bytes()))[..]))
    }

    /// The key of one part.
    #[must_use]
    pub fn part(&self, stream: StreamId, version: Version, part: Part) -> PartKey {
        let mut info = [0; 26];
        info[..16].copy_from_slice(stream.as_bytes());
        info[16..24].copy_from_slice(&version.0.to_be_bytes());
        info[24] = part as u8;
        // The number of the block of output.
        info[25] = 1;
        let mut key = self.0.clone();
        key.update(&info);
        PartKey(SecretKey::from_bytes(key.finalize().into_bytes().into()))
    }
}

/// A part's own key.
pub struct PartKey(SecretKey);

impl PartKey {
    /// Derives the key of a part: [`PartKeys`] for one part only.
    #[must_use]
    pub fn derive(
        data: &SecretKey,
        network: Option<&SecretKey>,
        stream: StreamId,
        version: Version,
        part: Part,
    ) -> Self {
        PartKeys::of(data, network).part(stream, version, part)
    }

    fn commitment(&self) -> [u8; COMMITMENT] {
        Sha256::new().chain_update(b"chancery commitment v1").chain_update(self.0.expose()).finalize().into()
    }

    /// Seals with a random nonce.
    ///
    /// # Panics
    /// If the operating system gives no random bytes.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "a nonce is no decision: nothing is decided by its value")]
    pub fn seal(&self, associated: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        rand::fill(&mut nonce).expect("the operating system gives random bytes");
        self.seal_with(nonce, associated, plain)
    }

    /// Seals with a nonce that follows from key and content, so that the same content gives the same bytes: for rows
    /// that are compared byte for byte after a refold.
    #[must_use]
    pub fn seal_deterministic(&self, associated: &[u8], plain: &[u8]) -> Vec<u8> {
        let mac = self.0.mac(&[b"nonce", associated, plain]);
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&mac[..NONCE]);
        self.seal_with(nonce, associated, plain)
    }

    fn seal_with(&self, nonce: [u8; NONCE], associated: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(COMMITMENT + NONCE + plain.len() + TAG);
        out.extend_from_slice(&self.commitment());
        out.extend_from_slice(&nonce);
        out.extend_from_slice(plain);
        let tag = self
            .cipher()
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(associated),
                &mut out[COMMITMENT + NONCE..],
            )
            .expect("a part is far below AES-GCM's limit");
        out.extend_from_slice(tag.as_ref());
        out
    }

    /// Opens a sealed part.
    ///
    /// # Errors
    /// [`OpenError`] tells a wrong key from a changed part.
    pub fn open(&self, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        if sealed.len() < COMMITMENT + NONCE + TAG {
            return Err(OpenError::Malformed);
        }
        let (commitment, rest) = sealed.split_at(COMMITMENT);
        if !same_mac(commitment, &self.commitment()) {
            return Err(OpenError::WrongKey);
        }
        let (nonce, cipher) = rest.split_at(NONCE);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| OpenError::Malformed)?;
        let mut plain = Zeroizing::new(cipher.to_vec());
        let length = self
            .cipher()
            .open_in_place(nonce, Aad::from(associated), &mut plain)
            .map_err(|_| OpenError::Tampered)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }

    fn cipher(&self) -> LessSafeKey {
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, self.0.expose()).expect("an AES-256 key has 32 bytes"))
    }
}

/// What a sealed part of an event, or a row's MAC, is bound to: everything in the row that is known before the append.
#[derive(Clone, Copy, Debug)]
pub struct Associated<'a> {
    /// The subject's data key.
    pub key: Option<KeyId>,
    /// The stream.
    pub stream: StreamId,
    /// The event's place in it.
    pub version: Version,
    /// The event's wire name.
    pub event_type: &'a str,
    /// Its schema version.
    pub schema_version: u16,
    /// When it was decided.
    pub decided: Timestamp,
    /// The command.
    pub command: CommandId,
    /// Who acted.
    pub actor: &'a Actor,
    /// The correlation.
    pub correlation: Uuid,
    /// The event that a job acted on.
    pub causing: Option<Position>,
}

impl Associated<'_> {
    /// The deterministic bytes, all integers big-endian:
    ///
    /// | Field | Bytes |
    /// |---|---|
    /// | the text `chancery row v1` | 15 |
    /// | key, zeros for none | 16 |
    /// | stream | 16 |
    /// | version in stream | 8 |
    /// | type | 8 (length) + n |
    /// | actor id | 8 (length) + n |
    /// | actor kind | 1 |
    /// | schema version | 2 |
    /// | decided (microseconds since 1970, signed) | 8 |
    /// | command, correlation | 16, 16 |
    /// | causing position, 0 for none | 8 |
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(192);
        out.extend_from_slice(b"chancery row v1");
        out.extend_from_slice(self.key.unwrap_or_default().as_bytes());
        out.extend_from_slice(self.stream.as_bytes());
        out.extend_from_slice(&self.version.0.to_be_bytes());
        let actor = self.actor.id();
        for text in [self.event_type, &actor] {
            out.extend_from_slice(&(text.len() as u64).to_be_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        out.push(self.actor.kind());
        out.extend_from_slice(&self.schema_version.to_be_bytes());
        out.extend_from_slice(&self.decided.micros().to_be_bytes());
        out.extend_from_slice(self.command.0.as_bytes());
        out.extend_from_slice(self.correlation.as_bytes());
        out.extend_from_slice(&self.causing.map_or(0, |position| position.0).to_be_bytes());
        out
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::hkdf;

    use super::*;

    fn key(version: i64, part: Part) -> PartKey {
        PartKey::derive(&SecretKey::from_bytes([7; 32]), None, StreamId::from_bytes([1; 16]), Version(version), part)
    }

    #[test]
    fn a_part_opens_under_its_own_key_and_row_only() {
        let sealed = key(1, Part::Subject).seal(b"row", b"Ada");
        assert_eq!(key(1, Part::Subject).open(b"row", &sealed).unwrap().as_slice(), b"Ada");
        assert_eq!(key(2, Part::Subject).open(b"row", &sealed), Err(OpenError::WrongKey));
        assert_eq!(key(1, Part::Inputs).open(b"row", &sealed), Err(OpenError::WrongKey));
        assert_eq!(key(1, Part::Subject).open(b"another", &sealed), Err(OpenError::Tampered));
        assert_eq!(key(1, Part::Subject).open(b"row", &sealed[..59]), Err(OpenError::Malformed));
    }

    #[test]
    fn a_parts_key_is_the_librarys_hkdf_over_data_key_and_network_key() {
        let (data, network) = (SecretKey::from_bytes([7; 32]), SecretKey::from_bytes([9; 32]));
        for (network, material) in [(None, vec![7; 32]), (Some(&network), [[7; 32], [9; 32]].concat())] {
            let mut key = [0; 32];
            let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"chancery part v1").extract(&material);
            let info: [&[u8]; 3] = [&[1; 16], &5_i64.to_be_bytes(), &[3]];
            prk.expand(&info, hkdf::HKDF_SHA256).unwrap().fill(&mut key).unwrap();
            let ours = PartKey::derive(&data, network, StreamId::from_bytes([1; 16]), Version(5), Part::Details);
            assert_eq!(ours.0.expose(), &key);
        }
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let sealed = key(1, Part::Subject).seal(b"row", b"Ada");
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(key(1, Part::Subject).open(b"row", &changed).is_err(), "byte {index}");
        }
    }

    #[test]
    fn a_network_key_is_needed_besides_the_data_key() {
        let data = SecretKey::from_bytes([7; 32]);
        let month = SecretKey::from_bytes([9; 32]);
        let derive = |network| PartKey::derive(&data, network, StreamId::default(), Version(1), Part::Details);
        let sealed = derive(Some(&month)).seal(b"", b"192.0.2.1");
        assert_eq!(derive(None).open(b"", &sealed), Err(OpenError::WrongKey));
        assert!(derive(Some(&month)).open(b"", &sealed).is_ok());
    }

    #[test]
    fn deterministic_sealing_gives_equal_bytes_for_equal_content_only() {
        let seal = |plain| key(1, Part::State).seal_deterministic(b"row", plain);
        assert_eq!(seal(b"a"), seal(b"a"));
        assert_ne!(seal(b"a")[32..44], seal(b"b")[32..44]);
        assert_eq!(key(1, Part::State).open(b"row", &seal(b"a")).unwrap().as_slice(), b"a");
    }

    #[test]
    fn macs_tell_lists_of_parts_apart() {
        let key = SecretKey::from_bytes([7; 32]);
        assert_ne!(key.mac(&[b"ab", b"c"]), key.mac(&[b"a", b"bc"]));
    }

    #[test]
    fn debug_shows_no_secret() {
        assert_eq!(format!("{:?}", SecretKey::from_bytes([7; 32])), "SecretKey(…)");
    }
}
