//! "Lost your password?": what the form leads to. Its answer is the same for every name.

use std::sync::Arc;

use chancery_domain::account::commands::RequestPasswordReset;
use chancery_domain::account::{Account, LinkPurpose};
use chancery_domain::values::{Language, SignInName, SignInTarget};
use chancery_domain::{Actor, Claim, ClaimKind, Command as _, Timestamp};
use chancery_eventstore::Priority;

use super::pending::Pending;
use super::unseen::{MailboxTakes, unless_unreadable};
use super::{LoadedAccount, email_claim, uid_claim};
use crate::app::{App, Failure};
use crate::client::Client;
use crate::run::Origin;
use crate::secrets::forms::FormCommand;
use crate::throttle::LimitReached;

impl App {
    /// Asks for a mail by which a new password can be set; none goes out where the name has no account.
    ///
    /// The answer waits for the common deadline; call [`App::until_answer_is_due`] with the request's arrival. What the
    /// request leads to happens meanwhile and is not waited for.
    ///
    /// The same form sent again while the browser waits for it is no further mail. It only makes good what may have failed
    /// behind the first answer: what it led to is in the log under the form, and happens once.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn request_reset(
        self: &Arc<Self>,
        client: &Client,
        form: FormCommand,
        name: &SignInName,
        language: Language,
        target: Option<&str>,
    ) -> Result<Result<(), LimitReached>, Failure> {
        let place = self.place_behind(Priority::Registration)?;
        self.may_decide().await?;
        let fingerprint = self.form_fingerprint(&["reset", name.as_typed(), target.unwrap_or_default()]);
        let about = self.form_about(form, &name.throttle_key());
        let asked = self.now();
        // By what the browser waits for, never by what the log remembers: only a name with an account has a log.
        if !self.is_pending(&client.browser, form, name.as_typed()).await? {
            let account = unless_unreadable(self.by_name(name).await)?;
            if let Err(reached) = self.may_mail(client, &name.throttle_key(), account.as_ref(), true).await? {
                return Ok(Err(reached));
            }
            let pending = Pending {
                typed: name.as_typed().to_owned(),
                purpose: LinkPurpose::Reset,
                language,
                target: target.map(str::to_owned),
                asked,
                first_name: String::new(),
                last_name: String::new(),
                form: *form.key.as_bytes(),
                account: None,
                statement: None,
            };
            self.keep_pending(&client.browser, &pending).await?;
        }
        // Whatever is random is drawn whether the name has an account or not.
        let command = RequestPasswordReset {
            link: self.new_link(client, target, language),
            by_uid: matches!(name.target(), SignInTarget::Uid(_)),
        };
        // What an answer has promised is no longer shed like what was not let in.
        let origin = self.form_origin(client, about, fingerprint, Actor::Visitor).worth(Priority::KnownBrowser);
        let (app, client, name, takes) = (Arc::clone(self), client.clone(), name.clone(), MailboxTakes::default());
        self.behind_the_answer(place, RequestPasswordReset::NAME, move || {
            let (app, client, command) = (Arc::clone(&app), client.clone(), command.clone());
            let (name, origin, takes) = (name.clone(), origin.clone(), Arc::clone(&takes));
            async move { app.carry_out_reset(&client, command, &name, &origin, asked, &takes).await }
        });
        Ok(Ok(()))
    }

    async fn carry_out_reset(
        &self,
        client: &Client,
        mut command: RequestPasswordReset,
        name: &SignInName,
        origin: &Origin,
        asked: Timestamp,
        takes: &MailboxTakes,
    ) -> Result<(), Failure> {
        if self.store.remembered(origin.command).await?.is_some() {
            return Ok(());
        }
        let Some(account) = self.by_name(name).await? else { return Ok(()) };
        let Some(identity) = &account.state.identity else { return Ok(()) };
        let taken = self.mailbox_takes(client, &identity.normalised, Some(&account), true, asked);
        if !*takes.get_or_try_init(|| taken).await? {
            return Ok(());
        }
        command.link.language = identity.language;
        self.on_account(account.stream, &command, origin).await.map(|_| ())
    }

    /// The account that a typed name belongs to.
    pub(crate) async fn by_name(&self, name: &SignInName) -> Result<Option<LoadedAccount>, Failure> {
        let claim = match name.target() {
            SignInTarget::Email(normalised) => email_claim(normalised),
            SignInTarget::Uid(uid) => uid_claim(uid),
            // Looked up like any other, so that it takes the same path.
            SignInTarget::Nobody => Claim { kind: ClaimKind::Email, value: name.throttle_key().into_bytes() },
        };
        Ok(self.store.find_alike::<Account>(&claim).await?)
    }
}
