//! "Create an account": what the form leads to. Its answer is the same whether the address has an account or not.

use chancery_domain::account::commands::{NewLink, RequestRegistration};
use chancery_domain::account::{Account, LinkPurpose, MAX_TARGET};
use chancery_domain::values::{EmailAddress, Language, PersonName, Uid};
use chancery_domain::{Actor, LinkId, StreamId};
use chancery_eventstore::{Fingerprint, StreamKey};

use super::email_claim;
use super::pending::Pending;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::ports::random_array;
use crate::run::{Attempt, TRIES};
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
}

impl App {
    /// Asks for an account: a mail goes to the address, whatever is known of it.
    ///
    /// The answer waits for the common deadline; call [`App::until_answer_is_due`] with the request's arrival.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn register(
        &self,
        client: &Client,
        form: FormCommand,
        registration: &Registration,
    ) -> Result<Result<(), LimitReached>, Failure> {
        let fingerprint = self.registration_fingerprint(registration);
        let normalised = registration.email.normalised();
        let about = self.form_about(form, &normalised.value);
        if self.store.remembered(about.id).await?.is_some() {
            self.keep_pending(&client.browser, &self.pending_registration(form, registration)).await?;
            return Ok(Ok(()));
        }
        let claim = email_claim(&normalised);
        let mut account = self.store.find::<Account>(&claim).await?;
        if let Err(reached) = self.may_mail(client, &normalised.value, account.as_ref(), false).await? {
            return Ok(Err(reached));
        }
        self.keep_pending(&client.browser, &self.pending_registration(form, registration)).await?;
        let link = self.new_link(client, registration.target.as_deref(), registration.language);
        let origin = self.form_origin(client, about, fingerprint, Actor::Visitor);
        for _ in 0..TRIES {
            let loaded = match account.take() {
                Some(loaded) if !matches!(loaded.key, StreamKey::Gone) => loaded,
                _ => self.store.fresh(StreamId::from(self.new_id()), self.now()).await?,
            };
            let policy = self.policy().await?;
            // A uid that is taken is refused by its reservation, and the next try draws another one.
            let command = RequestRegistration {
                uid: Uid::from_random(u64::from_be_bytes(random_array(&*self.random))),
                first_name: registration.first_name.clone(),
                last_name: registration.last_name.clone(),
                email: registration.email.clone(),
                normalised: normalised.clone(),
                language: registration.language,
                link: link.clone(),
                privacy_version: self.settings.privacy_version.clone(),
            };
            if let Attempt::Decided { .. } = self.attempt(&loaded, &command, &policy, Vec::new(), &origin).await? {
                return Ok(Ok(()));
            }
            account = self.store.find(&claim).await?;
        }
        Err(Failure::BUSY)
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
