//! In whose name messages are pushed: the service's own key, and what it signs (RFC 8292).

use std::fmt;
use std::time::Duration;

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use chancery_domain::Timestamp;
use chancery_eventstore::SecretKey;
use data_encoding::BASE64URL_NOPAD;
use serde_json::json;

/// The length of a public key: an uncompressed point, in bytes.
pub const PUBLIC_KEY: usize = 65;

/// How long a token is good: a push service may take one that is stolen for as long, to nobody's subscription but its own.
const TOKEN: Duration = Duration::from_secs(600);

/// The key by which push services know this service. Browsers subscribe for its public half, so that what somebody else sends
/// to an address that got out is refused.
pub struct VapidKey {
    pair: EcdsaKeyPair,
    public: [u8; PUBLIC_KEY],
}

impl fmt::Debug for VapidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VapidKey(…)")
    }
}

impl VapidKey {
    /// The key of a service key: the first number made of it that is one of the curve's, which the very first is but once in
    /// four thousand million keys.
    ///
    /// # Panics
    /// Never: 256 numbers in a row are not all too large.
    #[must_use]
    pub fn of(key: &SecretKey) -> Self {
        let mut keys = (0..=u8::MAX).filter_map(|number| Self::from_number(&key.mac(&[b"vapid", &[number]])));
        keys.next().expect("a number that is not too large")
    }

    pub(super) fn from_number(number: &[u8; 32]) -> Option<Self> {
        let private = PrivateKey::from_private_key(&ECDH_P256, number).ok()?;
        let public: [u8; PUBLIC_KEY] = private.compute_public_key().ok()?.as_ref().try_into().ok()?;
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, number, &public).ok()?;
        Some(Self { pair, public })
    }

    /// Its public half: what a browser subscribes for.
    #[must_use]
    pub const fn public(&self) -> &[u8; PUBLIC_KEY] {
        &self.public
    }

    /// The token for a push service's origin: a JWT signed by ES256 (RFC 8292, section 2).
    pub(super) fn token(&self, audience: &str, now: Timestamp, contact: &str) -> Option<String> {
        let claims = json!({ "aud": audience, "exp": now.plus(TOKEN).seconds(), "sub": contact });
        let [header, claims] = [json!({ "typ": "JWT", "alg": "ES256" }), claims]
            .map(|part| BASE64URL_NOPAD.encode(part.to_string().as_bytes()));
        let signed = format!("{header}.{claims}");
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).ok()?;
        Some(format!("{signed}.{}", BASE64URL_NOPAD.encode(signature.as_ref())))
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    #[test]
    fn one_service_key_is_one_key_and_another_one_another() {
        let of = |n| *VapidKey::of(&SecretKey::from_bytes([n; 32])).public();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        // Zero is no number of the curve's, nor is one beyond its order.
        assert!(VapidKey::from_number(&[0; 32]).is_none() && VapidKey::from_number(&[0xff; 32]).is_none());
    }

    #[test]
    fn a_token_is_for_one_push_service_and_ten_minutes() {
        let key = VapidKey::of(&SecretKey::from_bytes([1; 32]));
        let token = key.token("https://push.example.net", Timestamp::from_seconds(1000), "https://login.example.org");
        let token = token.unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let read = |part: &str| -> serde_json::Value {
            serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
        };
        assert_eq!(read(parts[0]), json!({ "typ": "JWT", "alg": "ES256" }));
        let claims = json!({ "aud": "https://push.example.net", "exp": 1600, "sub": "https://login.example.org" });
        assert_eq!(read(parts[1]), claims);
        let signature = BASE64URL_NOPAD.decode(parts[2].as_bytes()).unwrap();
        let signed = format!("{}.{}", parts[0], parts[1]);
        let verifies = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public());
        assert!(verifies.verify(signed.as_bytes(), &signature).is_ok());
        assert!(verifies.verify(b"another", &signature).is_err());
    }
}
