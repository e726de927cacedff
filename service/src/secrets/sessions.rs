//! Session secrets.
//!
//! A session's secret is a MAC over the command that opened it and the browser's pre-session secret, so that the same
//! form sent again by the same browser, its first answer lost, yields the same session.

use chancery_domain::SessionId;
use chancery_eventstore::{CommandId, Purpose};

use super::browsers::BrowserSecret;
use super::cookie::CookieSecret;
use crate::app::App;

/// The use of a [`SessionSecret`].
#[derive(Clone, Copy, Debug)]
pub enum Session {}

/// What a signed-in browser keeps. Only a hash of it is stored.
pub type SessionSecret = CookieSecret<Session>;

impl App {
    /// The secret of the session that a command opens in a browser.
    #[must_use]
    pub fn session_secret(&self, command: CommandId, browser: &BrowserSecret) -> SessionSecret {
        let parts: [&[u8]; 4] = [b"secret", &self.log.bytes(), command.0.as_bytes(), browser.expose()];
        SessionSecret::new(self.store.service_mac(Purpose::Session, &parts))
    }

    /// The hash by which a session is stored and found. It names the epoch: sessions do not outlive a restore.
    #[must_use]
    pub fn session_hash(&self, secret: &SessionSecret) -> [u8; 32] {
        self.store.service_mac(Purpose::Session, &[b"hash", &self.log.bytes(), secret.expose()])
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
