//! "Create an account": what the form leads to. Its answer is the same whether the address has an account or not.

use std::sync::Arc;

use chancery_domain::account::commands::{NewLink, RequestRegistration};
use chancery_domain::account::{Account, LinkPurpose, MAX_TARGET};
use chancery_domain::values::{EmailAddress, Language, PersonName, Uid};
use chancery_domain::{Actor, Command as _, LinkId, StreamId, Timestamp};
use chancery_eventstore::{Fingerprint, StreamKey};

use super::email_claim;
use super::pending::Pending;
use super::statement::ShownStatement;
use super::unseen::unless_unreadable;
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
    /// # Errors
    /// See [`Failure`].
    pub async fn register(
        self: &Arc<Self>,
        client: &Client,
        form: FormCommand,
        registration: &Registration,
    ) -> Result<Result<(), LimitReached>, Failure> {
        self.may_decide().await?;
        let fingerprint = self.registration_fingerprint(registration);
        let normalised = registration.email.normalised();
        let about = self.form_about(form, &normalised.value);
        let pending = self.pending_registration(form, registration);
        if self.store.remembered(about.id).await?.is_some() {
            self.keep_pending(&client.browser, &pending).await?;
            return Ok(Ok(()));
        }
        let found = self.store.find::<Account>(&email_claim(&normalised)).await;
        let account = unless_unreadable(found.map_err(Failure::from))?;
        if let Err(reached) = self.may_mail(client, &normalised.value, account.as_ref(), false).await? {
            return Ok(Err(reached));
        }
        self.keep_pending(&client.browser, &pending).await?;
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
        let origin = self.form_origin(client, about, fingerprint, Actor::Visitor);
        let (app, client) = (Arc::clone(self), client.clone());
        self.behind_the_answer(RequestRegistration::NAME, async move {
            app.carry_out_registration(&client, command, fresh, &origin, pending.asked).await
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
    ) -> Result<(), Failure> {
        let claim = email_claim(&command.normalised);
        let mut account = self.store.find::<Account>(&claim).await?;
        if !self.mailbox_takes(client, &command.normalised, account.as_ref(), false, asked).await? {
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

    fn new_uid(&self) -> Uid {
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

    fn pending_registration(&self, form: FormCommand, registration: &Registration) -> Pending {
        Pending {
            typed: registration.email.as_str().to_owned(),
            purpose: LinkPurpose::Registration,
            language: registration.language,
            target: registration.target.clone(),
            asked: self.now(),
            first_name: registration.first_name.as_str().to_owned(),
            last_name: registration.last_name.as_str().to_owned(),
            form: *form.key.as_bytes(),
            account: None,
            statement: Some(registration.statement.clone()),
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
