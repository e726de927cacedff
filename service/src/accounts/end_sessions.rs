//! Ending sessions from the list, and "sign out everywhere".

use chancery_domain::Actor;
use chancery_domain::account::commands::{EndSessions, Which};
use chancery_eventstore::Priority;

use super::session::SignedInPerson;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::secrets::forms::FormCommand;

impl App {
    /// Whether a form did what it was for, when it was sent before.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_done(&self, form: FormCommand) -> Result<bool, Failure> {
        Ok(self.store.remembered(form.id).await?.is_some())
    }

    /// Ends one session of a signed-in person, or all of them; false if the session in which this was asked has ended, so
    /// that nothing was done.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn end_sessions(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        which: Which,
    ) -> Result<bool, Failure> {
        let stream = person.account.stream;
        let name = match which {
            Which::One(session) => session.to_string(),
            Which::All => "all".to_owned(),
        };
        let fingerprint = self.form_fingerprint(&["end sessions", &name]);
        let origin = self.form_origin(client, form, fingerprint, Actor::Person(stream)).worth(Priority::Session);
        let command = EndSessions { which, asked_in: Some(person.session.id), note: None };
        let ended = matches!(self.on_account(stream, &command, &origin).await?, Some(Ok(())));
        Ok(ended || self.is_done(form).await?)
    }
}
