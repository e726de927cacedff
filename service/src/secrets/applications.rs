//! The secrets of applications: random, shown once, and found again by their hash.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

use super::{decode32, encode32, unlike};
use crate::app::App;
use crate::ports::random_array;

/// What a secret begins with, so that scanners of source code know one when they see it.
pub const PREFIX: &str = "chancery_as1_";

/// 256 random bits by which an application proves to be itself.
#[derive(Clone)]
pub struct ApplicationSecret {
    bytes: Zeroizing<[u8; 32]>,
    hash: [u8; 32],
}

impl ApplicationSecret {
    fn of(bytes: Zeroizing<[u8; 32]>) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &*bytes).as_ref());
        Self { bytes, hash }
    }

    /// Reads a token of a request; `None` if it is no secret of ours.
    #[must_use]
    pub fn parse(token: &str) -> Option<Self> {
        let text = token.strip_prefix(PREFIX)?;
        // A secret is copied, never typed: there is one way to write it.
        let is_as_written = text.bytes().all(|character| unlike(character) == character);
        is_as_written.then(|| decode32::<32>(text)).flatten().map(|bytes| Self::of(Zeroizing::new(bytes)))
    }

    /// The secret, to be shown once.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        let text = Zeroizing::new(encode32(&*self.bytes));
        Zeroizing::new(format!("{PREFIX}{}", &*text))
    }

    /// The SHA-256 of it, which is all that is stored.
    #[must_use]
    pub const fn hash(&self) -> [u8; 32] {
        self.hash
    }
}

impl fmt::Debug for ApplicationSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApplicationSecret(…)")
    }
}

impl App {
    /// A new secret.
    #[must_use]
    pub fn new_application_secret(&self) -> ApplicationSecret {
        ApplicationSecret::of(Zeroizing::new(random_array(&*self.random)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_written_one_way_and_hashed() {
        let secret = ApplicationSecret::of(Zeroizing::new([7; 32]));
        let text = secret.expose();
        assert_eq!(text.len(), PREFIX.len() + 52);
        assert_eq!(ApplicationSecret::parse(&text).map(|read| read.hash()), Some(secret.hash()));
        assert_eq!(format!("{secret:?}"), "ApplicationSecret(…)");
        let upper = format!("{PREFIX}{}", text[PREFIX.len()..].to_uppercase());
        let alike = format!("{PREFIX}{}", text[PREFIX.len()..].replace('0', "o"));
        assert_ne!(alike, *text, "there is a 0 in it");
        let more = format!("{}h", &text[..text.len() - 1]);
        for wrong in ["", PREFIX, &upper, &alike, &more, &text[1..], &text[..text.len() - 1], &format!("{}x", &*text)] {
            assert!(ApplicationSecret::parse(wrong).is_none(), "{wrong}");
        }
    }
}
