//! What a person types to say who they are.

use std::fmt;

use icu_casemap::CaseMapper;
use unicode_normalization::UnicodeNormalization;

use super::characters::is_invisible;
use super::{EmailAddress, NormalisedEmail, Uid};

/// Why something typed cannot even be tried as a name to sign in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInNameError {
    /// Nothing but white space.
    #[error("no e-mail address or uid was given")]
    Empty,
    /// More than [`SignInName::MAX_CHARACTERS`] characters.
    #[error("no e-mail address or uid is longer than {} characters", SignInName::MAX_CHARACTERS)]
    TooLong,
    /// A control, invisible or direction-changing character: the name is shown again, and must look like what it is.
    #[error("a character that cannot be seen is in the e-mail address or uid")]
    Invisible,
}

/// Whom a typed name would mean, if such an account exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInTarget {
    /// The owner of this address.
    Email(NormalisedEmail),
    /// The account of this uid.
    Uid(Uid),
    /// Nobody: it is neither an address nor a uid. It takes the same path as the name of an account that does not exist.
    Nobody,
}

/// A name typed to sign in or to reset a password: an e-mail address or a uid. Pages show exactly what was typed, never
/// what was found by it.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInName {
    typed: String,
    target: SignInTarget,
}

impl SignInName {
    /// The greatest length, in characters (Unicode scalar values): a little more than any address.
    pub const MAX_CHARACTERS: usize = 320;

    /// Takes what a person typed, white space around it ignored.
    ///
    /// # Errors
    /// [`SignInNameError`] for what no page should repeat. What merely is no address and no uid is no error.
    pub fn parse(typed: &str) -> Result<Self, SignInNameError> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(SignInNameError::Empty);
        }
        if typed.chars().nth(Self::MAX_CHARACTERS).is_some() {
            return Err(SignInNameError::TooLong);
        }
        if typed.chars().any(|c| is_invisible(c) && !matches!(c, '\u{200C}' | '\u{200D}')) {
            return Err(SignInNameError::Invisible);
        }
        let target = match (Uid::parse(typed), EmailAddress::parse(typed)) {
            (Ok(uid), _) => SignInTarget::Uid(uid),
            (_, Ok(address)) => SignInTarget::Email(address.normalised()),
            _ => SignInTarget::Nobody,
        };
        Ok(Self { typed: typed.to_owned(), target })
    }

    /// Exactly what was typed, without the white space around it.
    #[must_use]
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// Whom it would mean.
    #[must_use]
    pub const fn target(&self) -> &SignInTarget {
        &self.target
    }

    /// What throttles count this name under: all spellings that mean one account give one key, known or not.
    #[must_use]
    pub fn throttle_key(&self) -> String {
        match &self.target {
            SignInTarget::Email(address) => address.value.clone(),
            SignInTarget::Uid(uid) => uid.to_string(),
            SignInTarget::Nobody => {
                let folder = CaseMapper::new();
                self.typed.nfc().map(|c| folder.simple_fold(c)).nfc().collect()
            }
        }
    }
}

/// Shows nothing of the name.
impl fmt::Debug for SignInName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignInName(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn target(typed: &str) -> SignInTarget {
        SignInName::parse(typed).expect("can be tried").target().clone()
    }

    #[test]
    fn tells_addresses_from_uids() {
        assert_eq!(target("N7K2M9QX"), SignInTarget::Uid(Uid::parse("n7k2m9qx").expect("a uid")));
        let address = EmailAddress::parse("maria@example.org").expect("an address");
        assert_eq!(target("  Maria@EXAMPLE.org "), SignInTarget::Email(address.normalised()));
        for nobody in
            ["maria", "n7k2m9q", "maria@", "@example.org", "a@localhost", "maria@[127.0.0.1]", "a b@c.org", "'--"]
        {
            assert_eq!(target(nobody), SignInTarget::Nobody, "{nobody}");
        }
    }

    #[test]
    fn keeps_what_was_typed() {
        assert_eq!(
            SignInName::parse("\tMaria@Example.ORG ").map(|n| n.as_typed().to_owned()),
            Ok("Maria@Example.ORG".to_owned())
        );
    }

    #[test]
    fn spellings_of_one_name_share_a_throttle() {
        let key = |typed: &str| SignInName::parse(typed).expect("can be tried").throttle_key();
        assert_eq!(key("MARIA@Bücher.example"), key("maria@xn--bcher-kva.example"));
        assert_eq!(key("N7K2M9QX"), key("n7k2m9qx"));
        assert_eq!(key("No Body"), key("no body"));
        assert_ne!(key("maria@example.org"), key("maria@example.com"));
    }

    #[test]
    fn refuses_what_no_page_should_repeat() {
        assert_eq!(SignInName::parse(" \t\n"), Err(SignInNameError::Empty));
        assert!(SignInName::parse(&"é".repeat(320)).is_ok());
        assert_eq!(SignInName::parse(&"é".repeat(321)), Err(SignInNameError::TooLong));
        assert_eq!(SignInName::parse(&"a".repeat(1_000_000)), Err(SignInNameError::TooLong));
        for typed in
            ["gro.elpmaxe@\u{202E}airam", "maria\0@example.org", "a\nb", "maria\u{200B}@example.org", "\u{2066}x"]
        {
            assert_eq!(SignInName::parse(typed), Err(SignInNameError::Invisible), "{typed:?}");
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let name = SignInName::parse("maria@example.org").expect("can be tried");
        assert!(!format!("{name:?} {:?}", name.target()).contains("maria"));
    }

    proptest! {
        #[test]
        fn never_panics(typed in "\\PC*|.*") {
            if let Ok(name) = SignInName::parse(&typed) {
                prop_assert_eq!(name.as_typed(), typed.trim());
                prop_assert!(!name.throttle_key().is_empty());
            }
        }
    }
}
