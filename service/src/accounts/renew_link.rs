//! A new link by one button, from the page of one that can no longer be used.

use chancery_domain::account::commands::RequestPasswordReset;
use chancery_domain::account::{LinkPurpose, Phase};
use chancery_domain::values::Language;
use chancery_domain::{Actor, LinkId};

use super::LoadedAccount;
use super::pending::Pending;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::secrets::forms::FormCommand;
use crate::secrets::links::MailedLink;
use crate::throttle::LimitReached;

/// Why no new link was mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenewRefused {
    /// Enough mails for now.
    Limit(LimitReached),
    /// The old link is damaged, or its registration lapsed.
    Gone,
}

/// Where a browser that asks for a new link wants to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Where it wanted to go when it asked for this link, if it was the one that asked.
    AsWith(LinkId),
    /// There, validated at the beginning.
    Path(Option<String>),
}

impl App {
    /// Mails a new link to the address of a token's account: for what the account needs now.
    ///
    /// Whoever has the token was mailed it, so that nothing is disclosed.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn renew_link(
        &self,
        client: &Client,
        form: FormCommand,
        token: &str,
        language: Language,
    ) -> Result<Result<(), RenewRefused>, Failure> {
        // One of an earlier epoch was mailed to that address as well.
        let Some(MailedLink { id: link, .. }) = self.read_link_token(token) else {
            return Ok(Err(RenewRefused::Gone));
        };
        let Some(account) = self.account_of_link(link).await? else { return Ok(Err(RenewRefused::Gone)) };
        self.renew_for(client, form, account, language, Wanted::AsWith(link)).await
    }

    /// The same for an account that a token told before: "send again" on the page that followed.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn renew_for(
        &self,
        client: &Client,
        form: FormCommand,
        account: LoadedAccount,
        language: Language,
        wanted: Wanted,
    ) -> Result<Result<(), RenewRefused>, Failure> {
        let Some(identity) = &account.state.identity else { return Ok(Err(RenewRefused::Gone)) };
        let stream = account.stream;
        let fingerprint = self.store.fingerprint(&[b"renew link", stream.as_bytes()]);
        let form = self.form_about(form, &identity.normalised.value);
        if self.store.remembered(form.id).await?.is_some() {
            return Ok(Ok(()));
        }
        if let Err(reached) = self.may_mail(client, &identity.normalised.value, Some(&account), true).await? {
            return Ok(Err(RenewRefused::Limit(reached)));
        }
        let target = match wanted {
            Wanted::Path(path) => path,
            Wanted::AsWith(link) => {
                let target = match self.link_as_it_was(&account, link).await? {
                    Some(link) => self.target_of(&link, client).await?,
                    None => None,
                };
                target.filter(|target| target.began_here).map(|target| target.path)
            }
        };
        let purpose = match account.state.phase {
            Phase::Unconfirmed => LinkPurpose::Registration,
            _ => LinkPurpose::Reset,
        };
        let pending = Pending {
            typed: identity.email.masked(),
            purpose,
            language,
            target: target.clone(),
            asked: self.now(),
            first_name: String::new(),
            last_name: String::new(),
            form: *form.key.as_bytes(),
            account: Some(stream),
            statement: None,
        };
        self.keep_pending(&client.browser, &pending).await?;
        let link = self.new_link(client, target.as_deref(), identity.language);
        let command = RequestPasswordReset { link, by_uid: false };
        let origin = self.form_origin(client, form, fingerprint, Actor::Visitor);
        self.on_account(stream, &command, &origin).await?;
        Ok(Ok(()))
    }
}
