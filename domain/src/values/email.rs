//! E-mail addresses: what is accepted, how two are compared, and how one is shown.

use std::fmt;

use email_address::Options;
use icu_casemap::CaseMapper;
use idna::uts46::{AsciiDenyList, Hyphens, Uts46};
use minicbor::{Decode, Encode};
use unicode_normalization::UnicodeNormalization;
use unicode_security::{GeneralSecurityProfile, MixedScript, confusable_detection::skeleton};

use super::characters::{is_invisible, is_unassigned};

/// The version of the rule behind [`EmailAddress::normalised`]. A change of the rule is a new version, since
/// reservations are keyed by what it yields.
pub const NORMALISATION_VERSION: u8 = 1;

/// Why something typed is not taken as an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing but white space.
    #[error("no e-mail address was given")]
    Empty,
    /// More than [`EmailAddress::MAX_OCTETS`] octets, as typed or with its domain in ASCII (RFC 5321, section 4.5.3.1.3).
    #[error("the e-mail address is longer than {} octets", EmailAddress::MAX_OCTETS)]
    TooLong,
    /// There is no `@`.
    #[error("the e-mail address has no @")]
    NoAt,
    /// Nothing stands before the `@`.
    #[error("nothing stands before the @ of the e-mail address")]
    NoLocalPart,
    /// More than 64 octets before the `@` (RFC 5321, section 4.5.3.1.1).
    #[error("the part before the @ of the e-mail address is longer than 64 octets")]
    LocalPartTooLong,
    /// A full stop at the beginning or the end of the local part, or two in a row.
    #[error("a full stop in the e-mail address is out of place")]
    FullStop,
    /// A local part in quotation marks.
    #[error("e-mail addresses with quotation marks are not accepted")]
    Quoted,
    /// A comment in parentheses.
    #[error("e-mail addresses with comments are not accepted")]
    Comment,
    /// A white space, control, invisible, direction-changing or unassigned character, or one that RFC 6531 does not allow.
    #[error("the character {0:?} cannot be used in an e-mail address")]
    Character(char),
    /// Nothing stands after the `@`.
    #[error("nothing stands after the @ of the e-mail address")]
    NoDomain,
    /// The domain has one label only.
    #[error("the domain of the e-mail address is incomplete")]
    IncompleteDomain,
    /// An IP address in place of a domain.
    #[error("an IP address in place of the e-mail address's domain is not accepted")]
    IpAddress,
    /// The domain is not one by IDNA (UTS 46, strict).
    #[error("the domain of the e-mail address does not exist in this form")]
    Domain,
}

/// An e-mail address exactly as its owner typed it, without the white space around it. Mail goes to this text and to no
/// variant of it; two addresses are compared by [`normalised`](Self::normalised), never as they are.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct EmailAddress(#[n(0)] String);

impl EmailAddress {
    /// The greatest length, in octets (RFC 5321 with erratum 1690: a path of 256 octets less its angle brackets).
    pub const MAX_OCTETS: usize = 254;

    /// Takes what a person typed. The syntax is RFC 6531's with the domain by IDNA; comments, quoted local parts, IP
    /// addresses and domains of one label are refused.
    ///
    /// # Errors
    /// [`EmailError`] names what is wrong first, from left to right.
    pub fn parse(typed: &str) -> Result<Self, EmailError> {
        let address = typed.trim();
        if address.is_empty() {
            return Err(EmailError::Empty);
        }
        if address.len() > Self::MAX_OCTETS {
            return Err(EmailError::TooLong);
        }
        let (local, domain) = address.rsplit_once('@').ok_or(EmailError::NoAt)?;
        check_local_part(local)?;
        let ascii = check_domain(domain)?;
        let with_ascii_domain = format!("{local}@{ascii}");
        if with_ascii_domain.len() > Self::MAX_OCTETS {
            return Err(EmailError::TooLong);
        }
        let options = Options::default().without_display_text().without_domain_literal().with_required_tld();
        email_address::EmailAddress::parse_with_options(&with_ascii_domain, options).map_err(|error| match error {
            email_address::Error::LocalPartTooLong => EmailError::LocalPartTooLong,
            email_address::Error::LocalPartEmpty => EmailError::NoLocalPart,
            _ => EmailError::Domain,
        })?;
        Ok(Self(address.to_owned()))
    }

    /// The address as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the last `@`, as typed.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or(self.0.as_str(), |(local, _)| local)
    }

    /// What stands after the last `@`, as typed.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The domain in lower-case ASCII, as DNS knows it (IDNA 2008 by UTS 46, non-transitional).
    #[must_use]
    pub fn domain_ascii(&self) -> String {
        // An address that was stored under a laxer rule keeps a domain to compare by.
        idna::domain_to_ascii_strict(self.domain()).unwrap_or_else(|_| self.domain().to_ascii_lowercase())
    }

    /// The form by which addresses are compared and reserved: the local part in NFC, by simple case folding and in NFC
    /// again, the domain by [`domain_ascii`](Self::domain_ascii). Simple folding never makes two characters of one, so
    /// `straße` and `strasse` stay two people. Full stops and what follows a `+` are left alone: only the domain's owner
    /// knows what they mean there.
    #[must_use]
    pub fn normalised(&self) -> NormalisedEmail {
        let folder = CaseMapper::new();
        let local = self.local_part().nfc().map(|c| folder.simple_fold(c)).nfc().collect::<String>();
        NormalisedEmail { version: NORMALISATION_VERSION, value: format!("{local}@{}", self.domain_ascii()) }
    }

    /// The address for a page that must not tell it to a stranger, such as `m•••@e•••.org`: the first character of either
    /// part and the last label of the domain, whatever their lengths.
    #[must_use]
    pub fn masked(&self) -> String {
        let shown = self.display_safe();
        let (local, domain) = shown.rsplit_once('@').unwrap_or((shown.as_str(), ""));
        let initial = |text: &str| text.nfc().next().map_or_else(String::new, String::from);
        let (name, top) = domain.rsplit_once('.').unwrap_or((domain, ""));
        let dot = if top.is_empty() { "" } else { "." };
        format!("{}•••@{}•••{dot}{top}", initial(local), initial(name))
    }

    /// The address for the eyes: parts that could be taken for others, because their scripts mix or because they only
    /// look like ASCII, are shown in punycode (`xn--…`; UTS 39). The domain is in lower case.
    #[must_use]
    pub fn display_safe(&self) -> String {
        let (domain, _) =
            Uts46::new().to_user_interface(self.domain().as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, {
                |label, top, _| is_plain_to_see(&label.iter().collect::<String>(), top)
            });
        let local = self.local_part();
        if local.is_ascii() || is_plain_to_see(local, &[]) {
            return format!("{local}@{domain}");
        }
        match idna::punycode::encode_str(local) {
            Some(encoded) => format!("xn--{encoded}@{domain}"),
            None => format!("•••@{domain}"),
        }
    }
}

/// Shows nothing of the address.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

/// An address in the form in which it is compared and reserved.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct NormalisedEmail {
    /// The rule that made it, [`NORMALISATION_VERSION`] at that time.
    #[n(0)]
    pub version: u8,
    /// The normalised address.
    #[n(1)]
    pub value: String,
}

impl NormalisedEmail {
    /// The octets that a reservation is keyed by.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.value.as_bytes()
    }
}

/// Shows nothing of the address.
impl fmt::Debug for NormalisedEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NormalisedEmail(v{}, …)", self.version)
    }
}

fn check_local_part(local: &str) -> Result<(), EmailError> {
    if local.is_empty() {
        return Err(EmailError::NoLocalPart);
    }
    for c in local.chars() {
        match c {
            '"' | '\\' => return Err(EmailError::Quoted),
            '(' | ')' => return Err(EmailError::Comment),
            '@' | '<' | '>' | '[' | ']' | ',' | ';' | ':' => return Err(EmailError::Character(c)),
            _ if is_unusable(c) => return Err(EmailError::Character(c)),
            _ => {}
        }
    }
    if local.split('.').any(str::is_empty) {
        return Err(EmailError::FullStop);
    }
    Ok(())
}

/// Checks the domain and returns it in ASCII.
fn check_domain(domain: &str) -> Result<String, EmailError> {
    if domain.is_empty() {
        return Err(EmailError::NoDomain);
    }
    if domain.starts_with('[') {
        return Err(EmailError::IpAddress);
    }
    for c in domain.chars() {
        match c {
            '(' | ')' => return Err(EmailError::Comment),
            // Some scripts join letters by these; IDNA knows where they may stand.
            '\u{200C}' | '\u{200D}' => {}
            _ if is_unusable(c) => return Err(EmailError::Character(c)),
            _ => {}
        }
    }
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| EmailError::Domain)?;
    let (_, top) = ascii.rsplit_once('.').ok_or(EmailError::IncompleteDomain)?;
    // No top-level domain is all digits (RFC 3696, section 2), every dotted IP address ends in such a label.
    if top.bytes().all(|b| b.is_ascii_digit()) {
        return Err(EmailError::IpAddress);
    }
    Ok(ascii)
}

fn is_unusable(c: char) -> bool {
    c.is_whitespace() || is_invisible(c) || is_unassigned(c)
}

/// Whether the text can hardly be taken for another one: usual characters of one script, and, where that is not the
/// script of the top-level domain, not all of them look-alikes of ASCII.
fn is_plain_to_see(text: &str, top: &[char]) -> bool {
    let usual = text.chars().all(|c| c.is_ascii() || c.identifier_allowed());
    let home = top.iter().any(|c| !c.is_ascii());
    usual && text.is_single_script() && (home || !skeleton(text).all(|c| c.is_ascii()))
}

#[cfg(test)]
mod tests;
