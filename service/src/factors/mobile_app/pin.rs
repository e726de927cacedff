//! The PIN of a mobile app.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use zeroize::Zeroizing;

/// The digits of a PIN.
pub const PIN: usize = 4;

/// Four digits that are not guessed first.
#[derive(Clone)]
pub struct Pin(Zeroizing<String>);

/// What is wrong with a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinWrong {
    /// It is not four digits.
    NotFourDigits,
    /// It is the same digit four times.
    Repeated,
    /// Its digits go up or down one by one.
    Run,
}

impl Pin {
    /// Reads a PIN that is chosen.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(typed: &str) -> Result<Self, PinWrong> {
        let digits = typed.as_bytes();
        if digits.len() != PIN || !digits.iter().all(u8::is_ascii_digit) {
            return Err(PinWrong::NotFourDigits);
        }
        let steps = |step: i16| digits.windows(2).all(|two| i16::from(two[1]) - i16::from(two[0]) == step);
        if steps(0) {
            return Err(PinWrong::Repeated);
        }
        if steps(1) || steps(-1) {
            return Err(PinWrong::Run);
        }
        Ok(Self(Zeroizing::new(typed.to_owned())))
    }

    /// The digits.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

/// Whether a PIN is the one that was chosen, compared in constant time.
pub(super) fn is_same(chosen: &str, typed: &str) -> bool {
    verify_slices_are_equal(chosen.as_bytes(), typed.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_that_are_not_guessed_first() {
        for good in ["4071", "2111", "1357", "8901", "9012", "1243"] {
            assert_eq!(Pin::parse(good).map(|pin| pin.expose().to_owned()), Ok(good.to_owned()));
        }
        for wrong in ["", "407", "40711", "407a", " 4071", "٤٠٧١", "+407"] {
            assert_eq!(Pin::parse(wrong).err(), Some(PinWrong::NotFourDigits), "{wrong}");
        }
        for repeated in ["0000", "7777"] {
            assert_eq!(Pin::parse(repeated).err(), Some(PinWrong::Repeated), "{repeated}");
        }
        for run in ["0123", "1234", "6789", "3210", "9876"] {
            assert_eq!(Pin::parse(run).err(), Some(PinWrong::Run), "{run}");
        }
        assert_eq!(format!("{:?}", Pin::parse("4071")), "Ok(Pin(…))");
    }
}
