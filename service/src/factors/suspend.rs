//! Suspending all devices with the password and a mailed link, and resuming them.

use std::sync::Arc;

use chancery_domain::account::LinkPurpose;
use chancery_domain::account::commands::{
    FactorRefusal, LinkRefusal, RequestSuspension, ResumeFactor, SuspendFactors, SuspensionRefusal,
};
use chancery_domain::values::{Password, SignInName};
use chancery_domain::{Actor, FactorId};

use crate::accounts::LoadedAccount;
use crate::accounts::session::SignedInPerson;
use crate::accounts::sign_in::Compared;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::password_hash::{Asker, Priority};
use crate::run::{Attempt, TRIES};
use crate::secrets::forms::FormCommand;
use crate::throttle::LimitReached;

/// Why nothing was suspended, or no link was mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspensionRefused {
    /// Nothing was proved in this browser, or that is too long ago: begin anew.
    Gone,
    /// No device counts.
    NoneThere,
    /// The password is wrong.
    WrongPassword,
    /// The link cannot be used any more.
    Link,
    /// Too many mails or tries.
    Limit(LimitReached),
}

impl App {
    /// Mails a link by which all devices can be suspended, to the account whose password was typed in this browser.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn request_suspension(
        &self,
        client: &Client,
        form: FormCommand,
    ) -> Result<Result<(), SuspensionRefused>, Failure> {
        let Some(step) = self.step(client, None).await? else { return Ok(Err(SuspensionRefused::Gone)) };
        let Some(account) = self.account_of(&step).await? else { return Ok(Err(SuspensionRefused::Gone)) };
        let (Some(verdict), Some(identity)) = (step.password, &account.state.identity) else {
            return Ok(Err(SuspensionRefused::Gone));
        };
        if self.store.remembered(form.id).await?.is_some() {
            return Ok(Ok(()));
        }
        if let Err(reached) = self.may_mail(client, &identity.normalised.value, Some(&account), true).await? {
            return Ok(Err(SuspensionRefused::Limit(reached)));
        }
        let command = RequestSuspension { verdict, link: self.new_link(client, None, identity.language) };
        let fingerprint = self.form_fingerprint(&["request suspension"]);
        let origin = self.form_origin(client, form, fingerprint, Actor::Person(account.stream));
        let outcome = self.on_account(account.stream, &command, &origin).await?;
        Ok(match outcome {
            Some(Ok(())) => Ok(()),
            Some(Err(SuspensionRefusal::NoneThere)) => Err(SuspensionRefused::NoneThere),
            Some(Err(_)) | None => Err(SuspensionRefused::Gone),
        })
    }

    /// Suspends all devices of the account of a mailed link, by somebody who types its password. A try counts as one at the
    /// sign-in.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn suspend_factors(
        self: &Arc<Self>,
        client: &Client,
        form: FormCommand,
        token: &str,
        password: &Password,
    ) -> Result<Result<(), SuspensionRefused>, Failure> {
        let link = self.read_link_token(token).filter(|link| link.purpose == LinkPurpose::Suspension && !link.is_void);
        let Some(link) = link else { return Ok(Err(SuspensionRefused::Link)) };
        let Some(account) = self.account_of_link(link.id).await? else { return Ok(Err(SuspensionRefused::Link)) };
        let fingerprint = self.store.fingerprint(&[b"suspend factors", link.id.as_bytes()]);
        if let Some(remembered) = self.store.remembered(form.id).await? {
            return if remembered.fingerprint == fingerprint { Ok(Ok(())) } else { Err(Failure::OtherRequest) };
        }
        let identity = account.state.identity.as_ref();
        let name = identity.and_then(|identity| SignInName::parse(identity.email.as_str()).ok());
        let Some(name) = name else { return Ok(Err(SuspensionRefused::Link)) };
        let guess = match self.take_own_guess(client, &name, &account).await? {
            Ok(guess) => guess,
            Err(reached) => return Ok(Err(SuspensionRefused::Limit(reached))),
        };
        let stream = account.stream;
        let origin = self.form_origin(client, form, fingerprint, Actor::Person(stream));
        let told = async {
            let mut account: Option<LoadedAccount> = Some(account);
            let asker = Asker { network: client.network(), priority: Priority::Registration };
            for _ in 0..TRIES {
                let Compared { verdict, account: Some(loaded), .. } = self.compare(account, password, asker).await?
                else {
                    return Ok(Err(SuspensionRefused::Link));
                };
                let command = SuspendFactors { link: link.id, verdict };
                match self.attempt(&loaded, &command, &self.policy().await?, Vec::new(), &origin).await? {
                    Attempt::Decided { outcome: Ok(()), .. } => return Ok(Ok(())),
                    Attempt::Decided { outcome: Err(SuspensionRefusal::StaleVerdict), .. } | Attempt::Again => {}
                    Attempt::Decided { outcome: Err(refusal), .. } => {
                        return Ok(Err(match refusal {
                            SuspensionRefusal::WrongPassword => SuspensionRefused::WrongPassword,
                            SuspensionRefusal::NoneThere => SuspensionRefused::NoneThere,
                            SuspensionRefusal::Link(LinkRefusal::Used) if self.is_done(form).await? => {
                                return Ok(Ok(()));
                            }
                            _ => SuspensionRefused::Link,
                        }));
                    }
                }
                account = self.store.load(stream).await?;
            }
            Err(Failure::BUSY)
        }
        .await;
        match &told {
            Ok(Err(SuspensionRefused::WrongPassword)) => self.record_wrong_guess(client, Some(stream), guess),
            _ => self.give_guess_back(&guess).await?,
        }
        told
    }

    /// Lets a suspended device count again.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn resume_factor(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        factor: FactorId,
    ) -> Result<Result<(), FactorRefusal>, Failure> {
        let command = ResumeFactor { session: person.session.id, factor };
        self.manage(client, person, form, &[&factor.to_string()], &command).await
    }
}
