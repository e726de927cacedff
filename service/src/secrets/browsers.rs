//! The pre-session cookie: tells one browser from another before anybody has signed in.

use std::fmt;

use chancery_domain::BrowserTag;
use chancery_eventstore::Purpose;
use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use crate::app::App;
use crate::ports::random_array;

/// 256 random bits that a browser keeps in a cookie.
#[derive(Clone)]
pub struct BrowserSecret(Zeroizing<[u8; 32]>);

impl BrowserSecret {
    /// Reads a cookie's value; `None` if it is not one of ours.
    #[must_use]
    pub fn parse(cookie: &str) -> Option<Self> {
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(cookie.as_bytes()).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// The cookie's value.
    #[must_use]
    pub fn to_cookie(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64URL_NOPAD.encode(&*self.0))
    }

    /// The bytes, for a MAC.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for BrowserSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrowserSecret(…)")
    }
}

impl App {
    /// A secret for a browser that has none.
    #[must_use]
    pub fn new_browser_secret(&self) -> BrowserSecret {
        BrowserSecret(Zeroizing::new(random_array(&*self.random)))
    }

    /// The tag by which events name a browser.
    #[must_use]
    pub fn browser_tag(&self, secret: &BrowserSecret) -> BrowserTag {
        let mac = self.store.service_mac(Purpose::Browser, &[b"tag", &self.log.bytes(), secret.expose()]);
        let mut tag = [0; 16];
        tag.copy_from_slice(&mac[..16]);
        BrowserTag::from_bytes(tag)
    }
}
