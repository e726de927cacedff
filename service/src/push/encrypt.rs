//! What is said to a browser, so that no push service reads it (RFC 8291).
//!
//! Written on the cryptographic library that is there: the crates that do this bring a second one, in an older generation
//! than the one that WebAuthn brings already.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use zeroize::Zeroizing;

use super::{AUTH, PUBLIC_KEY};
use crate::ports::{Random, random_array};

/// The length of a record as it is told to the browser, in bytes (RFC 8188, section 2.1). There is one, and it is shorter.
const RECORD: u32 = 4096;

/// How long the content is made, in bytes, its end mark included: its length says nothing.
pub(super) const CONTENT: usize = 512;

/// The length of the salt in bytes.
const SALT: usize = 16;

/// Encrypts what a browser is told, with a key pair and a salt of its own; `None` where the browser's key is none, or the
/// content too long.
pub(super) fn encrypt(
    random: &dyn Random,
    to: &[u8; PUBLIC_KEY],
    auth: &[u8; AUTH],
    content: &[u8],
) -> Option<Vec<u8>> {
    // The first number but once in four thousand million: the others are too large.
    let numbers = std::iter::repeat_with(|| Zeroizing::new(random_array::<32>(random)));
    let mut keys = numbers.take(8).filter_map(|number| PrivateKey::from_private_key(&ECDH_P256, &*number).ok());
    let own = keys.next()?;
    let mut record = content.to_vec();
    // The end of the content in the last record (RFC 8188, section 2).
    record.push(2);
    if record.len() > CONTENT {
        return None;
    }
    record.resize(CONTENT, 0);
    seal(&own, &random_array(random), to, auth, record)
}

fn seal(
    own: &PrivateKey,
    salt: &[u8; SALT],
    to: &[u8; PUBLIC_KEY],
    auth: &[u8; AUTH],
    mut record: Vec<u8>,
) -> Option<Vec<u8>> {
    let own_public = own.compute_public_key().ok()?;
    let own_public = own_public.as_ref();
    let info: [&[u8]; 3] = [b"WebPush: info\0", to, own_public];
    let key = agreement::agree(own, UnparsedPublicKey::new(&ECDH_P256, to), (), |shared| {
        expand(&Salt::new(HKDF_SHA256, auth).extract(shared), &info).ok_or(())
    });
    let pseudorandom = Salt::new(HKDF_SHA256, salt).extract(&*key.ok()?);
    let content_key = expand(&pseudorandom, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce = expand(&pseudorandom, &[b"Content-Encoding: nonce\0"])?;
    let content_key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &content_key[..16]).ok()?);
    let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).ok()?;
    content_key.seal_in_place_append_tag(nonce, Aad::empty(), &mut record).ok()?;
    let length = u8::try_from(own_public.len()).ok()?;
    Some([&salt[..], &RECORD.to_be_bytes()[..], &[length], own_public, &record].concat())
}

/// 32 bytes of a key; what needs fewer takes the first ones (RFC 5869, section 2.3).
fn expand(key: &Prk, info: &[&[u8]]) -> Option<Zeroizing<[u8; 32]>> {
    let mut out = Zeroizing::new([0; 32]);
    key.expand(info, HKDF_SHA256).ok()?.fill(&mut *out).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;

    use super::*;
    use crate::ports::SeededRandom;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        BASE64URL_NOPAD.decode(text.as_bytes()).unwrap().try_into().unwrap()
    }

    /// RFC 8291, section 5 and appendix A.
    #[test]
    fn the_example_of_the_specification() {
        let own = PrivateKey::from_private_key(&ECDH_P256, &bytes::<32>("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"));
        let to = bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        let record = b"When I grow up, I want to be a watermelon\x02".to_vec();
        let sealed =
            seal(&own.unwrap(), &bytes("DGv6ra1nlYgDCS1FRnbzlw"), &to, &bytes("BTBZMqHH6r4Tts7J_aSIgg"), record);
        assert_eq!(
            BASE64URL_NOPAD.encode(&sealed.unwrap()),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBr\
             u3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn all_are_of_one_length_and_none_is_the_same_twice() {
        let random = SeededRandom::new(3);
        let key = PrivateKey::from_private_key(&ECDH_P256, &[7; 32]).unwrap();
        let to: [u8; PUBLIC_KEY] = key.compute_public_key().unwrap().as_ref().try_into().unwrap();
        let said = |content: &[u8]| encrypt(&random, &to, &[1; AUTH], content);
        let (short, long) = (said(b"a").unwrap(), said(&[b'a'; CONTENT - 1]).unwrap());
        assert_eq!(short.len(), long.len());
        assert_ne!(short, said(b"a").unwrap());
        assert!(said(&[b'a'; CONTENT]).is_none(), "too long");
        assert!(encrypt(&random, &[4; PUBLIC_KEY], &[1; AUTH], b"a").is_none(), "no point of the curve");
    }
}
