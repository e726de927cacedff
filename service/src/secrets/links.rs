//! The secret in a mailed link.
//!
//! A token is the link's id (64 bits) and a MAC over it (104 bits) under the key of its purpose, in base 32: 34
//! characters, so that `https://`, a host of 30, `/l/` and the token fit into 76 columns.

use std::fmt;

use chancery_domain::LinkId;
use chancery_domain::account::LinkPurpose;
use chancery_eventstore::seal::same_mac;
use chancery_eventstore::{Position, Purpose};
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

/// A link that was mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailedLink {
    /// Its id.
    pub id: LinkId,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// It was mailed in an earlier epoch of the log: all that it is good for is to ask for a new one.
    pub is_void: bool,
}

/// What links are for.
const PURPOSES: [LinkPurpose; 4] =
    [LinkPurpose::Registration, LinkPurpose::Reset, LinkPurpose::Suspension, LinkPurpose::Recovery];

/// Earlier epochs whose links are still told from damaged ones.
const REMEMBERED_EPOCHS: i64 = 8;

impl App {
    /// The token of a link.
    #[must_use]
    pub fn link_token(&self, link: LinkId, purpose: LinkPurpose) -> LinkToken {
        token(*link.as_bytes(), self.link_mac(link, purpose, self.log.epoch))
    }

    /// The token by which the change at a position of the log can be disowned. Its id is the position, masked since nobody
    /// who gets a mail need know how long the log is: nothing has to be remembered of a link that is never used.
    #[must_use]
    pub fn disown_token(&self, change: Position) -> LinkToken {
        let mac = self.disown_mac(change, self.log.epoch);
        token(self.masked(change.0.to_be_bytes(), &mac), mac)
    }

    /// The position of the change that a token disowns; `None` if the token is damaged, guessed, for something else, of
    /// another installation, or of an earlier epoch, in which another event may have stood there.
    #[must_use]
    pub fn read_disown_token(&self, text: &str) -> Option<Position> {
        let bytes = Zeroizing::new(decode32::<{ ID + MAC }>(&tidy(text)?)?);
        let mut id = [0; ID];
        id.copy_from_slice(&bytes[..ID]);
        let change = Position(i64::from_be_bytes(self.masked(id, &bytes[ID..])));
        same_mac(&bytes[ID..], &self.disown_mac(change, self.log.epoch)).then_some(change)
    }

    /// The link that a token is for; `None` if the token is damaged, guessed or of another installation.
    ///
    /// What mail programs do to a link is undone first: changed case, soft line breaks, and punctuation or brackets that
    /// were taken for a part of it.
    #[must_use]
    pub fn read_link_token(&self, text: &str) -> Option<MailedLink> {
        let bytes = Zeroizing::new(decode32::<{ ID + MAC }>(&tidy(text)?)?);
        let mut id = [0; ID];
        id.copy_from_slice(&bytes[..ID]);
        let id = LinkId::from_bytes(id);
        let newest = self.log.epoch;
        // Every purpose and epoch is tried, so that the time says nothing about which one it was.
        let mut found = None;
        for epoch in (newest - REMEMBERED_EPOCHS).max(1)..=newest {
            for purpose in PURPOSES {
                if same_mac(&bytes[ID..], &self.link_mac(id, purpose, epoch)) {
                    found = Some(MailedLink { id, purpose, is_void: epoch != newest });
                }
            }
        }
        found
    }

    fn link_mac(&self, link: LinkId, purpose: LinkPurpose, epoch: i64) -> [u8; MAC] {
        let (key, label): (_, &[u8]) = match purpose {
            LinkPurpose::Registration => (Purpose::RegistrationLink, b"link"),
            LinkPurpose::Reset => (Purpose::ResetLink, b"link"),
            // A key of its own would be missing beside a log that is older.
            LinkPurpose::Suspension => (Purpose::ResetLink, b"suspension link"),
            LinkPurpose::Recovery => (Purpose::ResetLink, b"recovery link"),
        };
        first_of(self.store.service_mac(key, &[label, &self.log.bytes_of(epoch), link.as_bytes()]))
    }

    /// Like a link that sets a new password it proves the mailbox, and has its key; what is authenticated tells them apart.
    fn disown_mac(&self, change: Position, epoch: i64) -> [u8; MAC] {
        let parts: [&[u8]; 3] = [b"disown", &self.log.bytes_of(epoch), &change.0.to_be_bytes()];
        first_of(self.store.service_mac(Purpose::ResetLink, &parts))
    }

    /// A position masked by what its own MAC gives, or unmasked: the construction of a synthetic IV (RFC 5297, section 2.6)
    /// with a stream of one block.
    fn masked(&self, mut id: [u8; ID], mac: &[u8]) -> [u8; ID] {
        let mask = self.store.service_mac(Purpose::ResetLink, &[b"disown mask", mac]);
        id.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
        id
    }
}

fn first_of(mac: [u8; 32]) -> [u8; MAC] {
    let mut out = [0; MAC];
    out.copy_from_slice(&mac[..MAC]);
    out
}

fn token(id: [u8; ID], mac: [u8; MAC]) -> LinkToken {
    let mut bytes = Zeroizing::new([0; ID + MAC]);
    bytes[..ID].copy_from_slice(&id);
    bytes[ID..].copy_from_slice(&mac);
    LinkToken(Zeroizing::new(encode32(&*bytes)))
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
