//! Ending sessions from the list, and "sign out everywhere".

use chancery_domain::Actor;
use chancery_domain::account::commands::{EndSessions, Which};

use super::session::SignedInPerson;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::secrets::forms::FormCommand;

impl App {
    /// Ends one session of a signed-in person, or all of them.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn end_sessions(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        which: Which,
    ) -> Result<(), Failure> {
        let stream = person.account.stream;
        let name = match which {
            Which::One(session) => session.to_string(),
            Which::All => "all".to_owned(),
        };
        let origin =
            self.form_origin(client, form, self.form_fingerprint(&["end sessions", &name]), Actor::Person(stream));
        let command = EndSessions { which, asked_in: Some(person.session.id) };
        // A refusal means that the session has ended: what was asked for is so.
        self.on_account(stream, &command, &origin).await?;
        Ok(())
    }
}
