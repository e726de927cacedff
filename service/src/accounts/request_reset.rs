//! "Lost your password?": what the form leads to. Its answer is the same for every name.

use chancery_domain::account::commands::RequestPasswordReset;
use chancery_domain::account::{Account, LinkPurpose};
use chancery_domain::values::{Language, SignInName, SignInTarget};
use chancery_domain::{Actor, Claim, ClaimKind};
use chancery_eventstore::StreamKey;

use super::pending::Pending;
use super::{LoadedAccount, email_claim, uid_claim};
use crate::app::{App, Failure};
use crate::client::Client;
use crate::run::{Attempt, TRIES};
use crate::secrets::forms::FormCommand;
use crate::throttle::LimitReached;

impl App {
    /// Asks for a mail by which a new password can be set; none goes out where the name has no account.
    ///
    /// The answer waits for the common deadline; call [`App::until_answer_is_due`] with the request's arrival.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn request_reset(
        &self,
        client: &Client,
        form: FormCommand,
        name: &SignInName,
        language: Language,
        target: Option<&str>,
    ) -> Result<Result<(), LimitReached>, Failure> {
        let fingerprint = self.form_fingerprint(&["reset", name.as_typed(), target.unwrap_or_default()]);
        let about = self.form_about(form, &name.throttle_key());
        let pending = Pending {
            typed: name.as_typed().to_owned(),
            purpose: LinkPurpose::Reset,
            language,
            target: target.map(str::to_owned),
            asked: self.now(),
            first_name: String::new(),
            last_name: String::new(),
            form: *form.key.as_bytes(),
            account: None,
        };
        if self.store.remembered(about.id).await?.is_some() {
            self.keep_pending(&client.browser, &pending).await?;
            return Ok(Ok(()));
        }
        let mut account = self.by_name(name).await?;
        if let Err(reached) = self.may_mail(client, &name.throttle_key(), account.as_ref(), true).await? {
            return Ok(Err(reached));
        }
        self.keep_pending(&client.browser, &pending).await?;
        let origin = self.form_origin(client, about, fingerprint, Actor::Visitor);
        for _ in 0..TRIES {
            let Some(loaded) = account.take().filter(|loaded| !matches!(loaded.key, StreamKey::Gone)) else {
                return Ok(Ok(()));
            };
            let policy = self.policy().await?;
            let language = loaded.state.identity.as_ref().map_or(language, |identity| identity.language);
            let command = RequestPasswordReset {
                link: self.new_link(client, target, language),
                by_uid: matches!(name.target(), SignInTarget::Uid(_)),
            };
            if let Attempt::Decided { .. } = self.attempt(&loaded, &command, &policy, Vec::new(), &origin).await? {
                return Ok(Ok(()));
            }
            account = self.by_name(name).await?;
        }
        Err(Failure::BUSY)
    }

    /// The account that a typed name belongs to.
    pub(crate) async fn by_name(&self, name: &SignInName) -> Result<Option<LoadedAccount>, Failure> {
        let claim = match name.target() {
            SignInTarget::Email(normalised) => email_claim(normalised),
            SignInTarget::Uid(uid) => uid_claim(uid),
            // Looked up like any other, so that it takes the same path.
            SignInTarget::Nobody => Claim { kind: ClaimKind::Email, value: name.throttle_key().into_bytes() },
        };
        Ok(self.store.find::<Account>(&claim).await?)
    }
}
