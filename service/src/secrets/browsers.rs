//! The pre-session cookie tells one browser from another before anybody has signed in. The cookie of a first proof finds what
//! the browser has proved since.

use chancery_domain::BrowserTag;
use chancery_eventstore::Purpose;

use super::cookie::CookieSecret;
use crate::app::App;
use crate::ports::random_array;

/// The use of a [`BrowserSecret`].
#[derive(Clone, Copy, Debug)]
pub enum Browser {}

/// Random bits by which a browser is told from another before anybody has signed in.
pub type BrowserSecret = CookieSecret<Browser>;

/// The use of a [`ProofSecret`].
#[derive(Clone, Copy, Debug)]
pub enum Proof {}

/// Random bits by which a browser finds what it has proved so far; new with each first proof.
pub type ProofSecret = CookieSecret<Proof>;

impl App {
    /// A secret for a browser that has none.
    #[must_use]
    pub fn new_browser_secret(&self) -> BrowserSecret {
        BrowserSecret::new(random_array(&*self.random))
    }

    /// A secret for a browser that has just given a first proof.
    pub(crate) fn new_proof_secret(&self) -> ProofSecret {
        ProofSecret::new(random_array(&*self.random))
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
