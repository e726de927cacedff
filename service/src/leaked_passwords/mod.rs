//! The list of leaked passwords: a binary fuse filter over 4.2 million of them, part of the program.
//!
//! The filter is used where it lies, without parsing: a look-up reads three places of it. It never misses a password of
//! the list, and takes about one in 65,536 others for one. `service/data/README.md` says where it comes from;
//! `service/data/build-leaked-passwords` builds it.

use aws_lc_rs::digest::{SHA256, digest};
use chancery_domain::values::Password;
use xorf::{BinaryFuse16Ref, DmaSerializable, Filter, FilterRef};
use zeroize::Zeroizing;

#[cfg(target_endian = "big")]
compile_error!("the filter's fingerprints are little-endian");

/// Bytes at an even address, as fingerprints of 16 bits need it.
#[repr(C)]
struct Aligned<Bytes: ?Sized> {
    alignment: [u16; 0],
    bytes: Bytes,
}

/// The filter's descriptor, then its fingerprints.
static FILTER: &Aligned<[u8]> =
    &Aligned { alignment: [], bytes: *include_bytes!("../../data/leaked-passwords.filter") };

/// Whether the password, in any mixture of cases, is in the list of leaked passwords. The list has none of fewer than 10
/// characters: no rule accepts those.
#[must_use]
pub fn is_leaked(password: &Password) -> bool {
    contains(&FILTER.bytes, filter_key(password))
}

/// The number by which the filter knows a password: the first eight octets, little-endian, of the SHA-256 of its
/// characters' lower-case forms in UTF-8. To put one letter in upper case does not make a leaked password a good one.
#[must_use]
pub fn filter_key(password: &Password) -> u64 {
    let text = password.expose_secret();
    // Lower case makes no text longer than three times its UTF-8: the buffer never moves and leaves no copy behind.
    let mut lower = Zeroizing::new(String::with_capacity(text.len() * 3));
    lower.extend(text.chars().flat_map(char::to_lowercase));
    let hash = digest(&SHA256, lower.as_bytes());
    let mut key = [0; 8];
    key.copy_from_slice(&hash.as_ref()[..8]);
    u64::from_le_bytes(key)
}

fn contains(filter: &[u8], key: u64) -> bool {
    let (descriptor, fingerprints) = filter.split_at(xorf::BinaryFuse16::DESCRIPTOR_LEN);
    BinaryFuse16Ref::from_dma(descriptor, fingerprints).contains(&key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaked(password: &str) -> bool {
        is_leaked(&Password::from_typed(password))
    }

    #[test]
    fn finds_what_was_leaked() {
        let passwords =
            ["1234567890", "qwertyuiop", "password123", "1q2w3e4r5t", "basketball", "administrator", "Password123"];
        for password in passwords {
            assert!(leaked(password), "{password}");
        }
    }

    #[test]
    fn finds_a_random_sample_of_the_list() {
        // By their keys: what people once chose is nobody's reading.
        let keys = include_str!("sample.txt").lines();
        assert_eq!(keys.clone().count(), 512);
        for key in keys {
            let octets = data_encoding::HEXLOWER.decode(key.as_bytes()).expect("hexadecimal");
            let key = u64::from_le_bytes(octets.try_into().expect("eight octets"));
            assert!(contains(&FILTER.bytes, key), "{key:016x}");
        }
    }

    #[test]
    fn case_does_not_hide_a_leaked_password() {
        for password in ["1q2w3e4r5t6y", "1Q2W3E4R5T6Y", "1Q2w3E4r5T6y", "Password123!", "PASSWORD123!", "QwertyUIOP"] {
            assert!(leaked(password), "{password}");
        }
    }

    #[test]
    fn takes_few_others_for_leaked() {
        const TRIES: usize = 200_000;
        let wrongly = (0..TRIES)
            .filter(|n| {
                let hash = digest(&SHA256, &n.to_le_bytes());
                leaked(&data_encoding::BASE64.encode(&hash.as_ref()[..15]))
            })
            .count();
        // One in 65,536 expected: three of these. Fewer than one in 10,000 promised.
        assert!((1..TRIES / 10_000).contains(&wrongly), "{wrongly} of {TRIES}");
    }

    #[test]
    fn good_passwords_pass() {
        for password in ["Tulip7-Dover-Anvil", "correct horse battery staple lamp", "密码密码密码密码密码七七", ""]
        {
            assert!(!leaked(password), "{password}");
        }
    }

    #[test]
    fn the_filter_is_small_and_lies_where_it_can_be_used() {
        assert!(FILTER.bytes.len() <= 10_000_000, "{} octets", FILTER.bytes.len());
        assert!(FILTER.bytes.as_ptr().addr().is_multiple_of(2));
        assert_eq!(FILTER.alignment.len(), 0);
    }

    #[test]
    fn the_key_is_frozen() {
        // SHA-256 of "password12" begins with these octets.
        let hash = digest(&SHA256, b"password12");
        assert_eq!(filter_key(&Password::from_typed("PassWord12")).to_le_bytes(), hash.as_ref()[..8]);
        assert_eq!(filter_key(&Password::from_typed("e\u{301}")), filter_key(&Password::from_typed("\u{C9}")));
    }
}
