//! Session secrets.
//!
//! A session's secret is a MAC over the command that opened it and the browser's pre-session secret, so that the same
//! form sent again by the same browser, its first answer lost, yields the same session.

use std::fmt;

use chancery_domain::SessionId;
use chancery_eventstore::{CommandId, Purpose};
use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use super::browsers::BrowserSecret;
use crate::app::App;

/// 256 bits that a signed-in browser keeps in a cookie. Only a hash of them is stored.
#[derive(Clone)]
pub struct SessionSecret(Zeroizing<[u8; 32]>);

impl SessionSecret {
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
}

impl fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionSecret(…)")
    }
}

impl App {
    /// The secret of the session that a command opens in a browser.
    #[must_use]
    pub fn session_secret(&self, command: CommandId, browser: &BrowserSecret) -> SessionSecret {
        let parts: [&[u8]; 4] = [b"secret", &self.log.bytes(), command.0.as_bytes(), browser.expose()];
        SessionSecret(Zeroizing::new(self.store.service_mac(Purpose::Session, &parts)))
    }

    /// The hash by which a session is stored and found. It names the epoch: sessions do not outlive a restore.
    #[must_use]
    pub fn session_hash(&self, secret: &SessionSecret) -> [u8; 32] {
        self.store.service_mac(Purpose::Session, &[b"hash", &self.log.bytes(), &*secret.0])
    }

    /// The id of the session that a command opens.
    #[must_use]
    pub fn session_id(&self, command: CommandId) -> SessionId {
        let mac = self.store.service_mac(Purpose::Session, &[b"id", &self.log.bytes(), command.0.as_bytes()]);
        let mut id = [0; 16];
        id.copy_from_slice(&mac[..16]);
        SessionId::from_bytes(id)
    }
}
