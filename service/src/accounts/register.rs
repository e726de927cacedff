//! "Create an account": what the form leads to. Its answer is the same whether the address has an account or not.

use std::sync::Arc;

use chancery_domain::account::commands::{NewLink, RequestRegistration};
use chancery_domain::account::{Account, LinkPurpose, MAX_TARGET};
use chancery_domain::values::{EmailAddress, Language, PersonName, Uid};
use chancery_domain::{Actor, Command as _, LinkId, StreamId, Timestamp};
use chancery_eventstore::{Fingerprint, Priority, StreamKey};

use super::email_claim;
use super::pending::Pending;
use super::statement::ShownStatement;
use super::unseen::{MailboxTakes, unless_unreadable};
use crate::app::{App, Failure};
use crate::client::Client;
use crate::ports::random_array;
use crate::run::{Attempt, Origin, TRIES};
use crate::secrets::forms::FormCommand;
use crate::throttle::LimitReached;

/// A filled-in form, every field checked.
#[derive(Clone, Debug)]
pub struct Registration {
    /// First name.
    pub first_name: PersonName,
    /// Last name.
    pub last_name: PersonName,
    /// The address.
    pub email: EmailAddress,
    /// The language of mails.
    pub language: Language,
    /// Where the browser wants to go on to, validated.
    pub target: Option<String>,
    /// The privacy statement that was accepted.
    pub statement: ShownStatement,
}

impl App {
    /// Asks for an account: a mail goes to the address, whatever is known of it.
    ///
    /// The answer waits for the common deadline; call [`App::until_answer_is_due`] with the request's arrival. What the
    /// request leads to happens meanwhile and is not waited for.
    ///
    /// The same form sent again while the browser waits for it is no further mail. It only makes good what may have failed
    /// behind the first answer: what it led to is in the log under the form, and happens once.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn register(
        self: &Arc<Self>,
        client: &Client,
        form: FormCommand,
        registration: &Registration,
    ) -> Result<Result<(), LimitReached>, Failure> {
        let place = self.place_behind(Priority::Registration)?;
        self.may_decide().await?;
        let fingerprint = self.registration_fingerprint(registration);
        let normalised = registration.email.normalised();
        let about = self.form_about(form, &normalised.value);
        let asked = self.now();
        // By what the browser waits for, never by what the log remembers: an account that is suspended has no part in it.
        if !self.is_pending(&client.browser, form, registration.email.as_str()).await? {
            let found = self.store.find_alike::<Account>(&email_claim(&normalised)).await;
            let account = unless_unreadable(found.map_err(Failure::from))?;
            if let Err(reached) = self.may_mail(client, &normalised.value, account.as_ref(), false).await? {
                return Ok(Err(reached));
            }
            self.keep_pending(&client.browser, &pending_registration(form, registration, asked)).await?;
        }
        // Whatever is random is drawn whether the address has an account or not.
        let command = RequestRegistration {
            uid: self.new_uid(),
            first_name: registration.first_name.clone(),
            last_name: registration.last_name.clone(),
            email: registration.email.clone(),
            normalised,
            language: registration.language,
            link: self.new_link(client, registration.target.as_deref(), registration.language),
            privacy_version: registration.statement.version.clone(),
            privacy_language: Some(registration.statement.language),
        };
        let fresh = StreamId::from(self.new_id());
        // What an answer has promised is no longer shed like what was not let in.
        let origin = self.form_origin(client, about, fingerprint, Actor::Visitor).worth(Priority::KnownBrowser);
        let (app, client, takes) = (Arc::clone(self), client.clone(), MailboxTakes::default());
        self.behind_the_answer(place, RequestRegistration::NAME, move || {
            let (app, client, command, origin) = (Arc::clone(&app), client.clone(), command.clone(), origin.clone());
            let takes = Arc::clone(&takes);
            async move { app.carry_out_registration(&client, command, fresh, &origin, asked, &takes).await }
        });
        Ok(Ok(()))
    }

    async fn carry_out_registration(
        &self,
        client: &Client,
        mut command: RequestRegistration,
        fresh: StreamId,
        origin: &Origin,
        asked: Timestamp,
        takes: &MailboxTakes,
    ) -> Result<(), Failure> {
        if self.store.remembered(origin.command).await?.is_some() {
            return Ok(());
        }
        let claim = email_claim(&command.normalised);
        let mut account = self.store.find::<Account>(&claim).await?;
        let taken = self.mailbox_takes(client, &command.normalised, account.as_ref(), false, asked);
        if !*takes.get_or_try_init(|| taken).await? {
            return Ok(());
        }
        for _ in 0..TRIES {
            let loaded = match account.take() {
                Some(loaded) if !matches!(loaded.key, StreamKey::Gone) => loaded,
                _ => self.store.fresh(fresh, self.now()).await?,
            };
            let policy = self.policy().await?;
            if let Attempt::Decided { .. } = self.attempt(&loaded, &command, &policy, Vec::new(), origin).await? {
                return Ok(());
            }
            // A uid that is taken is refused by its reservation.
            command.uid = self.new_uid();
            account = self.store.find(&claim).await?;
        }
        Err(Failure::BUSY)
    }

    pub(crate) fn new_uid(&self) -> Uid {
        Uid::from_random(u64::from_be_bytes(random_array(&*self.random)))
    }

    /// A link with a random id that may be mailed.
    pub(crate) fn new_link(&self, client: &Client, target: Option<&str>, language: Language) -> NewLink {
        NewLink {
            id: LinkId::from_bytes(random_array(&*self.random)),
            browser: Some(self.browser_tag(&client.browser)),
            target: target.filter(|target| target.len() <= MAX_TARGET).map(str::to_owned),
            language,
        }
    }

    fn registration_fingerprint(&self, registration: &Registration) -> Fingerprint {
        self.form_fingerprint(&[
            "register",
            registration.first_name.as_str(),
            registration.last_name.as_str(),
            registration.email.as_str(),
            registration.language.tag(),
            registration.target.as_deref().unwrap_or_default(),
        ])
    }
}

/// What a browser waits for that sent the form.
fn pending_registration(form: FormCommand, registration: &Registration, asked: Timestamp) -> Pending {
    Pending {
        typed: registration.email.as_str().to_owned(),
        purpose: LinkPurpose::Registration,
        language: registration.language,
        target: registration.target.clone(),
        asked,
        first_name: registration.first_name.as_str().to_owned(),
        last_name: registration.last_name.as_str().to_owned(),
        form: *form.key.as_bytes(),
        account: None,
        statement: Some(registration.statement.clone()),
    }
}
