//! Which telephone numbers messages are sent to.

use std::fmt;

use chancery_domain::values::PhoneNumber;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType, Region};

/// The longest text that is read as a number.
const LONGEST: usize = 40;

/// Those of the setting's default. They are not looked up among the numbering plans, which take seven megabytes: most who start
/// a service with them send no messages.
const USUAL: [&str; 31] = [
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI",
    "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// A country, by its two letters (ISO 3166-1), or another area that gives out numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(Region);

impl Country {
    /// The country of these letters; `None` where no numbers are known of.
    #[must_use]
    pub fn parse(letters: &str) -> Option<Self> {
        let region = Region::from_code(letters).ok().filter(|region| *region != Region::World)?;
        let gives_numbers = USUAL.iter().any(|usual| letters.eq_ignore_ascii_case(usual))
            || PHONE_NUMBER_UTIL.get_country_code_for_region(region).is_some();
        gives_numbers.then_some(Self(region))
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What is wrong with a typed telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberWrong {
    /// It does not begin with a plus sign and the country code.
    #[error("the number does not begin with + and the country code")]
    NoCountryCode,
    /// No country has given it out.
    #[error("this is no telephone number")]
    NoNumber,
    /// It belongs to no telephone of a person: to a landline, or to a service that costs whoever reaches it.
    #[error("this is no mobile telephone's number")]
    NotMobile,
    /// No messages are sent to its country.
    #[error("no messages are sent to this country")]
    Country,
}

/// Reads a number as a person typed it, spaces, hyphens and brackets included.
///
/// # Errors
/// [`NumberWrong`].
pub fn read_number(typed: &str, countries: &[Country]) -> Result<PhoneNumber, NumberWrong> {
    let typed = typed.trim();
    if !typed.starts_with(['+', '\u{ff0b}']) {
        return Err(NumberWrong::NoCountryCode);
    }
    // Whatever stands beside a number (an extension, a word) is not read over: it might have been meant.
    let is_part = |character: char| {
        character.is_numeric()
            || character.is_whitespace()
            || "+\u{ff0b}-\u{2010}\u{2011}().\u{a0}/".contains(character)
    };
    if typed.len() > LONGEST || !typed.chars().all(is_part) {
        return Err(NumberWrong::NoNumber);
    }
    let parsed = PHONE_NUMBER_UTIL.parse(typed, None).map_err(|_| NumberWrong::NoNumber)?;
    if !parsed.is_valid() {
        return Err(NumberWrong::NoNumber);
    }
    if !matches!(parsed.get_type(), PhoneNumberType::Mobile | PhoneNumberType::FixedLineOrMobile) {
        return Err(NumberWrong::NotMobile);
    }
    let country = parsed.get_region_code().map(Country);
    if !country.is_some_and(|country| countries.contains(&country)) {
        return Err(NumberWrong::Country);
    }
    PhoneNumber::parse(&parsed.format_as(PhoneNumberFormat::E164)).map_err(|_| NumberWrong::NoNumber)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn countries(letters: &[&str]) -> Vec<Country> {
        letters.iter().map(|letters| Country::parse(letters).unwrap()).collect()
    }

    #[test]
    fn a_number_is_read_as_people_write_it() {
        let all = countries(&["BE", "de", "GR", "US"]);
        for (typed, number) in [
            ("+32 470 12 34 56", "+32470123456"),
            (" +32 (470) 12-34-56 ", "+32470123456"),
            ("+32 (0)470 12 34 56", "+32470123456"),
            ("＋３２ ４７０ １２ ３４ ５６", "+32470123456"),
            ("+49 1512 3456789", "+4915123456789"),
            ("+30 691 234 5678", "+306912345678"),
            ("+1 201-555-0123", "+12015550123"),
        ] {
            assert_eq!(read_number(typed, &all).map(|read| read.as_str().to_owned()), Ok(number.to_owned()), "{typed}");
        }
    }

    #[test]
    fn what_is_no_persons_telephone_is_refused() {
        let all = countries(&["BE", "DE", "FR"]);
        for (typed, wrong) in [
            ("", NumberWrong::NoCountryCode),
            ("0470 12 34 56", NumberWrong::NoCountryCode),
            ("0032 470 12 34 56", NumberWrong::NoCountryCode),
            ("+32", NumberWrong::NoNumber),
            ("+32 470 12 34", NumberWrong::NoNumber),
            ("+999 470 12 34 56", NumberWrong::NoNumber),
            ("+32 470 12 34 56 ext. 7", NumberWrong::NoNumber),
            ("+32 470 12 34 56;phone-context=x", NumberWrong::NoNumber),
            ("+32 2 299 11 11", NumberWrong::NotMobile),
            ("+49 900 1 234567", NumberWrong::NotMobile),
            ("+800 1234 5678", NumberWrong::NotMobile),
            ("+41 79 123 45 67", NumberWrong::Country),
        ] {
            assert_eq!(read_number(typed, &all), Err(wrong), "{typed}");
        }
        assert_eq!(read_number("+32 470 12 34 56", &[]), Err(NumberWrong::Country));
        assert_eq!(read_number(&format!("+{}", "1".repeat(5000)), &all), Err(NumberWrong::NoNumber));
    }

    #[test]
    fn countries_have_two_letters_and_numbers() {
        assert_eq!(Country::parse("be").map(|country| country.to_string()), Some("BE".to_owned()));
        for usual in USUAL {
            assert!(
                PHONE_NUMBER_UTIL.get_country_code_for_region(Region::from_code(usual).unwrap()).is_some(),
                "{usual}"
            );
        }
        for wrong in ["", "B", "BEL", "001", "XX", "32", "ÅÄ"] {
            assert_eq!(Country::parse(wrong), None, "{wrong}");
        }
    }
}
