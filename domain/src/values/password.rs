//! A typed password on its way to the hash.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A password in NFC, so that it is the same on every keyboard (NIST SP 800-63B-4, section 3.1.1.2). Wiped from memory
/// when dropped; never shown.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes what was typed. Nothing is trimmed: a space is a character of the password.
    #[must_use]
    pub fn from_typed(typed: &str) -> Self {
        // NFC makes no text longer than three times its UTF-8 (UAX 15, section 12): with this room the buffer never
        // moves and leaves no copy behind.
        let mut text = Zeroizing::new(String::with_capacity(typed.len() * 3));
        text.extend(typed.nfc());
        Self(text)
    }

    /// The secret itself, for hashing.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.0
    }

    /// The length in characters (Unicode scalar values).
    #[must_use]
    pub fn characters(&self) -> usize {
        self.0.chars().count()
    }

    /// Whether the confirmation typed beside it is the same. Both come from one person in one form, so that the time
    /// this takes tells nothing.
    #[must_use]
    pub fn is_confirmed_by(&self, confirmation: &Self) -> bool {
        self.0 == confirmation.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_same_on_every_keyboard() {
        let composed = Password::from_typed("pass\u{E9}");
        assert!(composed.is_confirmed_by(&Password::from_typed("passe\u{301}")));
        assert_eq!(composed.characters(), 5);
        assert!(!composed.is_confirmed_by(&Password::from_typed("passe")));
        // Compatibility forms and white space stay as they are.
        assert!(!Password::from_typed("ﬁ").is_confirmed_by(&Password::from_typed("fi")));
        assert_eq!(Password::from_typed(" a ").expose_secret(), " a ");
    }

    #[test]
    fn the_buffer_never_moves() {
        // U+1D160 grows most under NFC: three characters of four octets.
        for typed in ["\u{1D160}".repeat(100), "\u{FB2C}".repeat(100), "a".repeat(100)] {
            let password = Password::from_typed(&typed);
            assert_eq!(password.0.capacity(), typed.len() * 3, "{typed}");
        }
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Password::from_typed("hunter2hunter2")), "Password(…)");
    }
}
