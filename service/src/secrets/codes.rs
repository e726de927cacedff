//! The typed code beside a mailed link: 40 bits, worth something only in the browser that asked for the link.

use std::fmt;

use chancery_domain::LinkId;
use chancery_eventstore::Purpose;
use chancery_eventstore::seal::same_mac;
use zeroize::Zeroizing;

use super::{decode32, encode32};
use crate::app::App;

/// A link's code, as it stands in the mail: two groups of four.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkCode(Zeroizing<String>);

impl LinkCode {
    /// The characters, for the mail.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkCode(…)")
    }
}

impl App {
    /// The code of a link.
    #[must_use]
    pub fn link_code(&self, link: LinkId) -> LinkCode {
        let text = Zeroizing::new(encode32(&*self.code_mac(link)).to_uppercase());
        LinkCode(Zeroizing::new(format!("{}-{}", &text[..4], &text[4..])))
    }

    /// Whether what was typed is the link's code, compared in constant time. Spaces, hyphens and case do not matter.
    #[must_use]
    pub fn is_link_code(&self, link: LinkId, typed: &str) -> bool {
        if typed.len() > 64 {
            return false;
        }
        let kept: Zeroizing<String> =
            Zeroizing::new(typed.chars().filter(|character| character.is_ascii_alphanumeric()).collect());
        decode32::<5>(&kept).is_some_and(|bytes| same_mac(&bytes, &*self.code_mac(link)))
    }

    fn code_mac(&self, link: LinkId) -> Zeroizing<[u8; 5]> {
        let mac = self.store.service_mac(Purpose::Code, &[b"code", &self.log.bytes(), link.as_bytes()]);
        let mut out = Zeroizing::new([0; 5]);
        out.copy_from_slice(&mac[..5]);
        out
    }
}
