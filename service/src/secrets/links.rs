//! The secret in a mailed link.
//!
//! A token is the link's id (64 bits) and a MAC over it (104 bits) under the key of its purpose, in base 32: 34
//! characters, so that `https://`, a host of 30, `/l/` and the token fit into 76 columns.

use std::fmt;

use chancery_domain::LinkId;
use chancery_domain::account::LinkPurpose;
use chancery_eventstore::Purpose;
use chancery_eventstore::seal::same_mac;
use zeroize::Zeroizing;

use super::{decode32, encode32};
use crate::app::App;

const ID: usize = 8;
const MAC: usize = 13;

/// Characters of a token.
pub const TOKEN_LENGTH: usize = 34;

/// A link's secret, as it stands in the link. Never shown in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkToken(Zeroizing<String>);

impl LinkToken {
    /// The characters, for a mail or a redirect to the link's own page.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkToken(…)")
    }
}

impl App {
    /// The token of a link.
    #[must_use]
    pub fn link_token(&self, link: LinkId, purpose: LinkPurpose) -> LinkToken {
        let mut bytes = Zeroizing::new([0; ID + MAC]);
        bytes[..ID].copy_from_slice(link.as_bytes());
        bytes[ID..].copy_from_slice(&self.link_mac(link, purpose));
        LinkToken(Zeroizing::new(encode32(&*bytes)))
    }

    /// The link that a token is for, and its purpose; `None` if the token is damaged, guessed or of another installation.
    ///
    /// What mail programs do to a link is undone first: changed case, soft line breaks, and punctuation or brackets that
    /// were taken for a part of it.
    #[must_use]
    pub fn read_link_token(&self, text: &str) -> Option<(LinkId, LinkPurpose)> {
        let bytes = Zeroizing::new(decode32::<{ ID + MAC }>(&tidy(text)?)?);
        let mut id = [0; ID];
        id.copy_from_slice(&bytes[..ID]);
        let link = LinkId::from_bytes(id);
        // Every purpose is tried, so that the time says nothing about which one it was.
        let mut found = None;
        for purpose in [LinkPurpose::Registration, LinkPurpose::Reset] {
            if same_mac(&bytes[ID..], &self.link_mac(link, purpose)) {
                found = Some((link, purpose));
            }
        }
        found
    }

    fn link_mac(&self, link: LinkId, purpose: LinkPurpose) -> [u8; MAC] {
        let key = match purpose {
            LinkPurpose::Registration => Purpose::RegistrationLink,
            LinkPurpose::Reset => Purpose::ResetLink,
        };
        let mac = self.store.service_mac(key, &[b"link", &self.log.bytes(), link.as_bytes()]);
        let mut out = [0; MAC];
        out.copy_from_slice(&mac[..MAC]);
        out
    }
}

/// The token without what mail programs add; `None` if there is too little or far too much of it.
fn tidy(text: &str) -> Option<Zeroizing<String>> {
    if text.len() > 4 * TOKEN_LENGTH {
        return None;
    }
    let is_noise = |character: char| {
        character.is_whitespace()
            || matches!(character, '=' | '\u{ad}' | '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{feff}')
    };
    let kept: Zeroizing<String> = Zeroizing::new(text.chars().filter(|character| !is_noise(*character)).collect());
    let trimmed = kept.trim_matches(|character: char| !character.is_ascii_alphanumeric());
    Some(Zeroizing::new(trimmed.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::tidy;

    #[test]
    fn what_mail_programs_do_is_undone() {
        for text in
            ["abc123", "abc123.", "<abc123>", "\"abc123\"", "abc=\r\n123", "abc\u{ad}123", "(abc123),", "«abc123»"]
        {
            assert_eq!(tidy(text).unwrap().as_str(), "abc123", "{text:?}");
        }
        assert!(tidy(&"a".repeat(1000)).is_none());
    }
}
