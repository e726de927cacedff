//! What a new password must be.

use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
use minicbor::{Decode, Encode};

use super::characters::category;
use super::resemblance::is_mostly;
use super::{EmailAddress, Password, PersonName};

/// The rule that new passwords are held against. Numbers are stored and never given twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum PasswordRule {
    /// EU Login's: at least 10 characters, with upper case, lower case, digit and special character.
    #[default]
    #[n(0)]
    EuLogin,
    /// That of NIST SP 800-63B-4, section 3.1.1.2, for a password that may be the only factor: at least 15 characters,
    /// of any kind.
    #[n(1)]
    Nist,
}

impl PasswordRule {
    /// All rules.
    pub const ALL: [Self; 2] = [Self::EuLogin, Self::Nist];

    /// The greatest length under either rule, in characters.
    pub const MAX_CHARACTERS: usize = 256;

    /// The smallest length, in characters.
    #[must_use]
    pub const fn min_characters(self) -> usize {
        match self {
            Self::EuLogin => 10,
            Self::Nist => 15,
        }
    }

    /// The name in settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EuLogin => "eu-login",
            Self::Nist => "nist",
        }
    }

    /// The rule of this name in settings.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }

    /// What this rule can ask for, in the order in which pages list it.
    #[must_use]
    pub const fn requirements(self) -> &'static [UnmetRule] {
        use UnmetRule::{
            EmailLocalPart, Leaked, NoDigit, NoLowerCase, NoSpecial, NoUpperCase, PersonName, ServiceName, TooLong,
            TooShort,
        };
        match self {
            Self::EuLogin => &[
                TooShort,
                TooLong,
                NoUpperCase,
                NoLowerCase,
                NoDigit,
                NoSpecial,
                PersonName,
                EmailLocalPart,
                ServiceName,
                Leaked,
            ],
            Self::Nist => &[TooShort, TooLong, PersonName, EmailLocalPart, ServiceName, Leaked],
        }
    }
}

/// One requirement that a password does not meet. Numbers are stored and never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode, thiserror::Error)]
#[cbor(index_only)]
pub enum UnmetRule {
    /// Fewer characters than [`PasswordRule::min_characters`].
    #[n(0)]
    #[error("too short")]
    TooShort,
    /// More characters than [`PasswordRule::MAX_CHARACTERS`].
    #[n(1)]
    #[error("too long")]
    TooLong,
    /// No upper-case letter.
    #[n(2)]
    #[error("no upper-case letter")]
    NoUpperCase,
    /// No lower-case letter.
    #[n(3)]
    #[error("no lower-case letter")]
    NoLowerCase,
    /// No decimal digit of any script.
    #[n(4)]
    #[error("no digit")]
    NoDigit,
    /// No punctuation, symbol or space.
    #[n(5)]
    #[error("no special character")]
    NoSpecial,
    /// Mostly the person's own names.
    #[n(6)]
    #[error("mostly the person's name")]
    PersonName,
    /// Mostly what stands before the `@` of the person's address.
    #[n(7)]
    #[error("mostly the local part of the person's e-mail address")]
    EmailLocalPart,
    /// Mostly the name of this service.
    #[n(8)]
    #[error("mostly the service's name")]
    ServiceName,
    /// In the list of leaked passwords.
    #[n(9)]
    #[error("in a list of leaked passwords")]
    Leaked,
}

/// A new password and all that it is held against.
#[derive(Clone, Copy, Debug)]
pub struct PasswordCheck<'a> {
    /// The rule in force.
    pub rule: PasswordRule,
    /// The new password.
    pub password: &'a Password,
    /// The person's names: first, last.
    pub names: &'a [&'a PersonName],
    /// The person's address.
    pub email: &'a EmailAddress,
    /// The service's name as pages show it.
    pub service_name: &'a str,
    /// Whether the list of leaked passwords has it: that look-up is not this crate's.
    pub leaked: bool,
}

impl PasswordCheck<'_> {
    /// All requirements that are not met, in the order of [`PasswordRule::requirements`]; none if the password is good.
    ///
    /// Characters are Unicode scalar values after NFC. Under `eu-login` a letter of a script without case is neither
    /// upper case nor lower case, and no special character either: special are punctuation, symbols and spaces.
    #[must_use]
    pub fn unmet(&self) -> Vec<UnmetRule> {
        let requirements = self.rule.requirements().iter().copied();
        requirements.filter(|requirement| !self.meets(*requirement)).collect()
    }

    fn meets(&self, requirement: UnmetRule) -> bool {
        let text = self.password.expose_secret();
        match requirement {
            UnmetRule::TooShort => self.password.characters() >= self.rule.min_characters(),
            UnmetRule::TooLong => self.password.characters() <= PasswordRule::MAX_CHARACTERS,
            UnmetRule::NoUpperCase => text.chars().any(char::is_uppercase),
            UnmetRule::NoLowerCase => text.chars().any(char::is_lowercase),
            UnmetRule::NoDigit => text.chars().any(|c| category(c) == GeneralCategory::DecimalNumber),
            UnmetRule::NoSpecial => text.chars().any(is_special),
            UnmetRule::PersonName => {
                self.is_more_than(&self.names.iter().map(|name| name.as_str()).collect::<Vec<_>>())
            }
            UnmetRule::EmailLocalPart => self.is_more_than(&[self.email.local_part()]),
            UnmetRule::ServiceName => self.is_more_than(&[self.service_name]),
            UnmetRule::Leaked => !self.leaked,
        }
    }

    fn is_more_than(&self, words: &[&str]) -> bool {
        // What is far too long is refused anyhow, and not worth the search.
        self.password.characters() > PasswordRule::MAX_CHARACTERS || !is_mostly(self.password.expose_secret(), words)
    }
}

fn is_special(c: char) -> bool {
    let special = GeneralCategoryGroup::Punctuation.union(GeneralCategoryGroup::Symbol);
    special.union(GeneralCategoryGroup::Separator).contains(category(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::UnmetRule::{
        EmailLocalPart, Leaked, NoDigit, NoLowerCase, NoSpecial, NoUpperCase, PersonName as Name, ServiceName, TooLong,
        TooShort,
    };
    use super::*;

    fn unmet(rule: PasswordRule, typed: &str, leaked: bool) -> Vec<UnmetRule> {
        let (first, last) =
            (PersonName::parse("María").expect("a name"), PersonName::parse("Papadaki").expect("a name"));
        PasswordCheck {
            rule,
            password: &Password::from_typed(typed),
            names: &[&first, &last],
            email: &EmailAddress::parse("sunflower.field@example.org").expect("an address"),
            service_name: "Chancery",
            leaked,
        }
        .unmet()
    }

    #[test]
    fn eu_login() {
        let cases: &[(&str, &[UnmetRule])] = &[
            ("Tulip7-Dover", &[]),
            ("Tulip7 Dover", &[]),
            ("Tulip7-Dov", &[]),
            ("Tulip7-Do", &[TooShort]),
            ("tulip7-dover", &[NoUpperCase]),
            ("TULIP7-DOVER", &[NoLowerCase]),
            ("TulipX-Dover", &[NoDigit]),
            ("Tulip7xDover", &[NoSpecial]),
            ("", &[TooShort, NoUpperCase, NoLowerCase, NoDigit, NoSpecial]),
            ("aaa", &[TooShort, NoUpperCase, NoDigit, NoSpecial]),
            // Scripts with case count like Latin, their own digits and signs too.
            ("Λουλούδι7-α", &[]),
            ("Тюльпан٧—б", &[]),
            ("ÀéTulipe7🌷", &[]),
            // Letters without case are neither upper, lower nor special.
            ("密码密码密码密码密码七", &[NoUpperCase, NoLowerCase, NoDigit, NoSpecial]),
            ("密码密码密码密码密7。", &[NoUpperCase, NoLowerCase]),
            ("パスワード漢字abC7", &[NoSpecial]),
        ];
        for (typed, expected) in cases {
            assert_eq!(unmet(PasswordRule::EuLogin, typed, false), *expected, "{typed:?}");
        }
    }

    #[test]
    fn nist() {
        let cases: &[(&str, &[UnmetRule])] = &[
            ("window seat pea", &[]),
            ("window seat pe", &[TooShort]),
            ("密码密码密码密码密码密码密码七", &[]),
            ("               ", &[]),
            // Four octets each, fifteen characters.
            ("🌷🌷🌷🌷🌷🌷🌷🌷🌷🌷🌷🌷🌷🌷🌷", &[]),
        ];
        for (typed, expected) in cases {
            assert_eq!(unmet(PasswordRule::Nist, typed, false), *expected, "{typed:?}");
        }
    }

    #[test]
    fn length_is_counted_after_nfc() {
        let decomposed = "e\u{301}".repeat(14);
        assert_eq!(unmet(PasswordRule::Nist, &decomposed, false), [TooShort]);
        assert_eq!(unmet(PasswordRule::Nist, &"e\u{301}".repeat(15), false), []);
        assert_eq!(unmet(PasswordRule::Nist, &"ab".repeat(128), false), []);
        assert_eq!(unmet(PasswordRule::Nist, &format!("{}c", "ab".repeat(128)), false), [TooLong]);
        assert_eq!(unmet(PasswordRule::Nist, &"maria".repeat(200_000), false), [TooLong]);
    }

    #[test]
    fn what_everybody_knows_about_the_person() {
        let cases: &[(&str, &[UnmetRule])] = &[
            ("Maria-1980!", &[Name]),
            ("P4p4d4ki#2024", &[Name]),
            ("MariaPapadaki1!", &[Name]),
            ("Sunfl0wer-F1eld", &[EmailLocalPart]),
            ("Chancery2024!", &[ServiceName]),
            ("1-Yrecnahc-1", &[ServiceName]),
        ];
        for (typed, expected) in cases {
            assert_eq!(unmet(PasswordRule::EuLogin, typed, false), *expected, "{typed:?}");
        }
    }

    #[test]
    fn every_unmet_rule_at_once() {
        assert_eq!(
            unmet(PasswordRule::EuLogin, "maria", true),
            [TooShort, NoUpperCase, NoDigit, NoSpecial, Name, Leaked]
        );
        assert_eq!(unmet(PasswordRule::Nist, "chancery", true), [TooShort, ServiceName, Leaked]);
        assert_eq!(unmet(PasswordRule::EuLogin, "Tulip7-Dover", true), [Leaked]);
    }

    #[test]
    fn names_in_settings() {
        for rule in PasswordRule::ALL {
            assert_eq!(PasswordRule::from_name(rule.name()), Some(rule));
        }
        assert_eq!(PasswordRule::from_name("EU-Login"), None);
    }

    #[test]
    fn stored_numbers_are_frozen() {
        let stored = |rules: &[UnmetRule]| minicbor::to_vec(rules).expect("encodes");
        assert_eq!(stored(PasswordRule::EuLogin.requirements()), [0x8A, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(minicbor::to_vec(PasswordRule::ALL).expect("encodes"), [0x82, 0, 1]);
    }

    proptest! {
        #[test]
        fn canonically_equivalent_passwords_get_one_answer(typed in "\\PC{0,40}") {
            use unicode_normalization::UnicodeNormalization;
            for rule in PasswordRule::ALL {
                let decomposed = typed.nfd().collect::<String>();
                prop_assert_eq!(unmet(rule, &typed, false), unmet(rule, &decomposed, false));
            }
        }
    }
}
