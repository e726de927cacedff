//! Signing out: in force on every node before it is answered.

use chancery_domain::Actor;
use chancery_domain::account::commands::SignOut;
use chancery_eventstore::{Fingerprint, Priority};

use super::session::SignedInPerson;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::secrets::forms::FormCommand;

impl App {
    /// Ends the session of a signed-in person. Doing it again is no error.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn sign_out(&self, client: &Client, person: &SignedInPerson, form: FormCommand) -> Result<(), Failure> {
        let stream = person.account.stream;
        let fingerprint: Fingerprint = self.store.fingerprint(&[b"sign out", person.session.id.as_bytes()]);
        let origin = self.form_origin(client, form, fingerprint, Actor::Person(stream)).worth(Priority::Session);
        let command = SignOut { session: person.session.id };
        // A refusal means that the session has ended: what was asked for is so.
        self.on_account(stream, &command, &origin).await?;
        Ok(())
    }
}
