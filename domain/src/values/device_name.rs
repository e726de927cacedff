//! What a person calls a device.

use std::fmt;

use minicbor::{Decode, Encode};
use unicode_normalization::UnicodeNormalization as _;

use super::characters::{is_bidi_control, is_invisible};

/// What is wrong with a typed name of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceNameError {
    /// Nothing but white space.
    #[error("the name is empty")]
    Empty,
    /// Longer than [`DeviceName::MAX_CHARACTERS`] or [`DeviceName::MAX_OCTETS`].
    #[error("the name has more than {} characters", DeviceName::MAX_CHARACTERS)]
    TooLong,
    /// A character that is not seen, or that changes the direction of the text around it.
    #[error("an invisible character is in the name")]
    Invisible,
}

/// A device's name, in NFC with single spaces. It is bounded in octets too: an account keeps twenty of them.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct DeviceName(#[n(0)] String);

impl DeviceName {
    /// The greatest length in characters (Unicode scalar values).
    pub const MAX_CHARACTERS: usize = 32;
    /// The greatest length in octets of UTF-8.
    pub const MAX_OCTETS: usize = 64;

    /// Takes what a person typed, white space around it ignored and each run of it within made one space.
    ///
    /// # Errors
    /// [`DeviceNameError`].
    pub fn parse(typed: &str) -> Result<Self, DeviceNameError> {
        /// No name within the bounds is longer in any equivalent form; spares the work on a megabyte.
        const MAX_TYPED: usize = 1024;

        if typed.len() > MAX_TYPED {
            return Err(DeviceNameError::TooLong);
        }
        let name: String = typed.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect();
        if name.is_empty() {
            return Err(DeviceNameError::Empty);
        }
        if name.chars().any(|c| is_invisible(c) || is_bidi_control(c)) {
            return Err(DeviceNameError::Invisible);
        }
        if name.len() > Self::MAX_OCTETS || name.chars().count() > Self::MAX_CHARACTERS {
            return Err(DeviceNameError::TooLong);
        }
        Ok(Self(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Shows nothing of the name: people call devices after themselves.
impl fmt::Debug for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceName(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tidied_and_bounded() {
        assert_eq!(DeviceName::parse("  My \t phone\n").map(|name| name.to_string()), Ok("My phone".to_owned()));
        assert_eq!(DeviceName::parse("Clé n° 2 <b>").map(|name| name.to_string()), Ok("Clé n° 2 <b>".to_owned()));
        assert_eq!(DeviceName::parse("e\u{301}").map(|name| name.to_string()), Ok("\u{E9}".to_owned()));
        for (typed, error) in [
            (String::new(), DeviceNameError::Empty),
            (" \u{3000}\n".to_owned(), DeviceNameError::Empty),
            ("a\0b".to_owned(), DeviceNameError::Invisible),
            ("a\u{202E}b".to_owned(), DeviceNameError::Invisible),
            ("a\u{200B}b".to_owned(), DeviceNameError::Invisible),
            ("a".repeat(33), DeviceNameError::TooLong),
            ("\u{10400}".repeat(17), DeviceNameError::TooLong),
            ("a".repeat(1_000_000), DeviceNameError::TooLong),
        ] {
            assert_eq!(DeviceName::parse(&typed), Err(error));
        }
        assert!(DeviceName::parse(&"a".repeat(32)).is_ok());
        assert!(DeviceName::parse(&"\u{10400}".repeat(16)).is_ok());
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", DeviceName::parse("Ada's phone")), "Ok(DeviceName(…))");
    }
}
