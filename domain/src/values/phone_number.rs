//! Telephone numbers.

use std::fmt;

use minicbor::{Decode, Encode};

/// The fewest digits of a number: no country has shorter ones that are reached from abroad.
const LEAST_DIGITS: usize = 7;
/// The most digits of a number with its country code (ITU-T E.164, section 6.2).
const MOST_DIGITS: usize = 15;
/// The digits at the end by which a person knows the number again, and nobody else could call it.
const SHOWN: usize = 3;
/// The digits at the end that tell the numbers of one range apart.
const RANGE: usize = 4;

/// The text is no telephone number in E.164.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a telephone number is a plus sign, the country code and the number, digits only")]
pub struct PhoneNumberError;

/// A telephone number in E.164: a plus sign, the country code and the number. Whether it is one that a country has given out
/// is for others to say. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct PhoneNumber(#[n(0)] String);

impl PhoneNumber {
    /// Takes a number as it is stored and dialled.
    ///
    /// # Errors
    /// [`PhoneNumberError`].
    pub fn parse(text: &str) -> Result<Self, PhoneNumberError> {
        let digits = text.strip_prefix('+').ok_or(PhoneNumberError)?;
        let all_digits = digits.bytes().all(|digit| digit.is_ascii_digit());
        if !all_digits || digits.starts_with('0') || !(LEAST_DIGITS..=MOST_DIGITS).contains(&digits.len()) {
            return Err(PhoneNumberError);
        }
        Ok(Self(text.to_owned()))
    }

    /// The number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits without the plus sign.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches('+')
    }

    /// The last digits, which pages show instead of the number.
    #[must_use]
    pub fn ending(&self) -> &str {
        &self.0[self.0.len().saturating_sub(SHOWN)..]
    }

    /// What it has in common with the 9,999 numbers beside it, which one hand may hold.
    #[must_use]
    pub fn range(&self) -> &str {
        &self.0[..self.0.len().saturating_sub(RANGE)]
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_taken_as_it_is_dialled_from_anywhere() {
        for number in ["+3225550100", "+12015550123", "+123456789012345", "+1234567"] {
            assert_eq!(PhoneNumber::parse(number).unwrap().as_str(), number);
        }
        for wrong in
            ["", "+", "3225550100", "+0225550100", "+32 25550100", "+123456", "+1234567890123456", "+32٢٥٥٥٠١٠٠"]
        {
            assert_eq!(PhoneNumber::parse(wrong), Err(PhoneNumberError), "{wrong}");
        }
    }

    #[test]
    fn little_of_it_is_shown() {
        let number = PhoneNumber::parse("+3225550187").unwrap();
        assert_eq!((number.ending(), number.range(), number.digits()), ("187", "+322555", "3225550187"));
        assert_eq!(format!("{number:?}"), "PhoneNumber(…)");
    }
}
