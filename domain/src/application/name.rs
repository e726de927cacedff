//! What an application is called.

use std::fmt;
use std::str::FromStr;

use minicbor::{Decode, Encode};

/// The longest name, in characters.
const LONGEST: usize = 64;

/// A name: one line of 1 to 64 printable characters. No two applications have the same one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct ApplicationName(#[n(0)] String);

/// The text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name is one line of 1 to 64 characters")]
pub struct NotAName;

impl ApplicationName {
    /// The name as it was typed, without spaces around it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form by which it is reserved: case makes no other name.
    #[must_use]
    pub fn normalised(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromStr for ApplicationName {
    type Err = NotAName;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        let text = typed.trim();
        let right = (1..=LONGEST).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if right { Ok(Self(text.to_owned())) } else { Err(NotAName) }
    }
}

impl fmt::Display for ApplicationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_that_says_something() {
        let name: ApplicationName = "  Room Booking ".parse().unwrap();
        assert_eq!((name.as_str(), name.normalised().as_str()), ("Room Booking", "room booking"));
        for text in ["", "  ", "a\nb", &"x".repeat(LONGEST + 1)] {
            assert_eq!(text.parse::<ApplicationName>(), Err(NotAName), "{text:?}");
        }
        assert!("ü".repeat(LONGEST).parse::<ApplicationName>().is_ok());
    }
}
