//! Choosing the language of mails.

use chancery_domain::Actor;
use chancery_domain::account::commands::ChangeMailLanguage;
use chancery_domain::values::Language;
use chancery_eventstore::Priority;

use super::session::SignedInPerson;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::secrets::forms::FormCommand;

impl App {
    /// Changes the language of a signed-in person's mails.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn change_mail_language(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        language: Language,
    ) -> Result<(), Failure> {
        let stream = person.account.stream;
        let fingerprint = self.form_fingerprint(&["mail language", language.tag()]);
        let origin = self.form_origin(client, form, fingerprint, Actor::Person(stream)).worth(Priority::Session);
        let command = ChangeMailLanguage { language, session: person.session.id };
        // A refusal means that the session has ended meanwhile: the next page says so.
        self.on_account(stream, &command, &origin).await?;
        Ok(())
    }
}
