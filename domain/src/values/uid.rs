//! The public name of an account.

use std::fmt;

use minicbor::decode::{self, Decoder};
use minicbor::encode::{self, Encoder, Write};
use minicbor::{Decode, Encode};

/// Why something typed is not a uid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a uid is the letter n and seven of the characters {}", Uid::ALPHABET)]
pub struct UidError;

/// The name of an account in logs and in the API: `n` and seven random characters, such as `n7k2m9qx`. Given once, never
/// again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid([u8; Uid::LENGTH]);

impl Uid {
    /// The number of characters, the `n` included.
    pub const LENGTH: usize = 8;

    /// The characters after the `n`: none looks like another in lower case (no 0 and o, no 1, i and l), and without
    /// vowels they spell no words.
    pub const ALPHABET: &str = "23456789bcdfghjkmnpqrstvwxyz";

    /// The uid that belongs to this random number. The 64 bits are folded onto 28⁷ uids, so that the chances of any two
    /// differ by less than one in 10⁹.
    #[must_use]
    pub fn from_random(random: u64) -> Self {
        let alphabet = Self::ALPHABET.as_bytes();
        let base = alphabet.len() as u64;
        let mut rest = random;
        let mut characters = [b'n'; Self::LENGTH];
        for character in &mut characters[1..] {
            *character = alphabet[(rest % base) as usize];
            rest /= base;
        }
        Self(characters)
    }

    /// Reads what a person or a program gave, in any case, white space around it ignored.
    ///
    /// # Errors
    /// [`UidError`] if it is not a uid.
    pub fn parse(typed: &str) -> Result<Self, UidError> {
        let lower = typed.trim().to_ascii_lowercase();
        let characters: [u8; Self::LENGTH] = lower.as_bytes().try_into().map_err(|_| UidError)?;
        let [b'n', random @ ..] = &characters else { return Err(UidError) };
        if random.iter().all(|c| Self::ALPHABET.as_bytes().contains(c)) { Ok(Self(characters)) } else { Err(UidError) }
    }

    /// The uid in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Every constructor takes ASCII only.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uid({self})")
    }
}

/// A text string.
impl<C> Encode<C> for Uid {
    fn encode<W: Write>(&self, encoder: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        encoder.str(self.as_str())?.ok()
    }
}

/// Takes any eight ASCII characters, so that a later alphabet leaves stored uids readable.
impl<'b, C> Decode<'b, C> for Uid {
    fn decode(decoder: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let text = decoder.str()?;
        match text.as_bytes().try_into() {
            Ok(characters) if text.is_ascii() => Ok(Self(characters)),
            _ => Err(decode::Error::message("a uid is eight ASCII characters")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn alphabet_has_no_look_alikes_and_no_vowels() {
        let distinct = Uid::ALPHABET.chars().collect::<BTreeSet<_>>();
        assert_eq!(distinct.len(), 28);
        assert!(!"01oilaeu".chars().any(|c| distinct.contains(&c)));
        assert!(distinct.iter().all(|c| c.is_ascii_digit() || c.is_ascii_lowercase()));
    }

    #[test]
    fn one_random_number_makes_one_uid() {
        assert_eq!(Uid::from_random(0).as_str(), "n2222222");
        assert_eq!(Uid::from_random(1).as_str(), "n3222222");
        assert_eq!(Uid::from_random(28u64.pow(7) - 1).as_str(), "nzzzzzzz");
        assert_eq!(Uid::from_random(28u64.pow(7)).as_str(), "n2222222");
    }

    #[test]
    fn every_character_comes_up_everywhere() {
        let mut seen = vec![BTreeSet::new(); Uid::LENGTH];
        // A Weyl sequence: equidistributed without a random source.
        for step in 1..2_000u64 {
            for (place, c) in Uid::from_random(step.wrapping_mul(0x9E37_79B9_7F4A_7C15)).as_str().chars().enumerate() {
                seen[place].insert(c);
            }
        }
        assert_eq!(seen[0].len(), 1);
        assert!(seen[1..].iter().all(|characters| characters.len() == 28), "{seen:?}");
    }

    #[test]
    fn reads_any_case_and_nothing_else() {
        assert_eq!(Uid::parse(" N7K2M9QX\n").map(|uid| uid.to_string()), Ok("n7k2m9qx".to_owned()));
        let wrong = [
            "",
            "n",
            "n7k2m9q",
            "n7k2m9qxx",
            "m7k2m9qx",
            "n7k2m9q0",
            "n7k2m9qo",
            "n7k2m9q1",
            "n7k2m9qi",
            "n7k2m9ql",
            "n7k2m9 x",
            "n7k2m9q\0",
            "n7k2m9é",
            "\u{FF4E}7k2m9qx",
            "n7k2m9qx@example.org",
            "n7K2M9QX\u{202E}",
        ];
        for typed in wrong {
            assert_eq!(Uid::parse(typed), Err(UidError), "{typed:?}");
        }
    }

    #[test]
    fn display_can_be_padded() {
        assert_eq!(format!("{:<10}|", Uid::from_random(0)), "n2222222  |");
    }

    #[test]
    fn decoding_refuses_what_is_no_uid_at_all() {
        for text in ["n222222", "n22222222", "n22222é"] {
            let bytes = minicbor::to_vec(text).expect("encodes");
            assert!(minicbor::decode::<Uid>(&bytes).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn survives_text_and_storage(random: u64) {
            let uid = Uid::from_random(random);
            prop_assert_eq!(Uid::parse(&uid.to_string().to_uppercase()), Ok(uid));
            let bytes = minicbor::to_vec(uid).expect("encodes");
            prop_assert_eq!(minicbor::decode::<Uid>(&bytes).expect("decodes"), uid);
        }

        #[test]
        fn never_panics(typed in ".*") {
            let _ = Uid::parse(&typed);
        }
    }
}
