//! Forms given out, forms without scripts, and links that are none: counted per network.

use super::LimitReached;
use crate::app::{App, Failure};
use crate::client::Client;

impl App {
    /// Counts one form that a network is given. How many that were lately is what the person check's cost rises by; beyond
    /// what is counted it stays at its highest, and nobody is refused: a stranger in the same network must not keep anybody
    /// from "lost password".
    ///
    /// # Errors
    /// The database's.
    pub async fn form_given(&self, client: &Client) -> Result<u32, Failure> {
        let counter = self.counter(&[b"forms", client.network().as_bytes()]);
        Ok(self.take(self.limits.forms, &counter).await?.unwrap_or(u32::MAX))
    }

    /// Takes one form without scripts, of which a network may send fewer.
    ///
    /// # Errors
    /// The database's.
    pub async fn may_send_without_scripts(&self, client: &Client) -> Result<Result<(), LimitReached>, Failure> {
        let counter = self.counter(&[b"forms without scripts", client.network().as_bytes()]);
        Ok(self.take(self.limits.forms_without_scripts, &counter).await?.map(|_| ()))
    }

    /// Takes one look at a link that is none.
    ///
    /// # Errors
    /// The database's.
    pub async fn may_guess_links(&self, client: &Client) -> Result<Result<(), LimitReached>, Failure> {
        let counter = self.counter(&[b"link guesses", client.network().as_bytes()]);
        Ok(self.take(self.limits.link_guesses, &counter).await?.map(|_| ()))
    }
}
