//! Open sessions, and which browsers count as known.

use minicbor::{Decode, Encode};

use super::events::AccountEvent;
use crate::ids::SessionId;
use crate::time::Timestamp;

/// Sessions that may be open at once; one more ends the least recently used one.
pub const MAX_SESSIONS: usize = 50;

/// One signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Session {
    /// Its id, as its owner sees it.
    #[n(0)]
    pub id: SessionId,
    /// The hash of its secret.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub secret_hash: [u8; 32],
    /// When it began.
    #[n(2)]
    pub began: Timestamp,
    /// How many seconds it may be idle.
    #[n(3)]
    pub idle: u32,
    /// When it ends at the latest.
    #[n(4)]
    pub expires: Timestamp,
    /// On a computer that others use.
    #[n(5)]
    pub public_computer: bool,
}

/// The account's sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Sessions {
    /// Those that have not been ended, oldest first. One whose time is over stays until the next sign-in.
    #[n(0)]
    pub open: Vec<Session>,
    /// Raised when all known browsers are forgotten: a browser's cookie of a lower generation no longer counts.
    #[n(1)]
    pub browser_generation: u32,
}

impl Sessions {
    /// The session with this id, if its time is not over at `now`. Whether it was idle too long, the caller knows.
    #[must_use]
    pub fn live(&self, id: SessionId, now: Timestamp) -> Option<&Session> {
        self.open.iter().find(|session| session.id == id && now < session.expires)
    }

    /// The session with this secret's hash, if its time is not over at `now`.
    #[must_use]
    pub fn by_secret(&self, hash: &[u8; 32], now: Timestamp) -> Option<&Session> {
        self.open.iter().find(|session| session.secret_hash == *hash && now < session.expires)
    }

    pub(super) fn evolve(&mut self, decided: Timestamp, event: &AccountEvent) {
        match event {
            AccountEvent::SignedIn(signed_in) => {
                self.open.retain(|session| decided < session.expires);
                self.open.push(Session {
                    id: signed_in.session,
                    secret_hash: signed_in.secret_hash,
                    began: decided,
                    idle: signed_in.idle,
                    expires: signed_in.expires,
                    public_computer: signed_in.public_computer,
                });
            }
            AccountEvent::SignedOut(signed_out) => self.open.retain(|session| session.id != signed_out.session),
            AccountEvent::SessionsEnded(ended) => {
                self.open.retain(|session| !ended.sessions.contains(&session.id));
                if ended.browsers_forgotten {
                    self.browser_generation += 1;
                }
            }
            _ => {}
        }
    }
}
