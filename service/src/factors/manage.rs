//! Naming and removing devices, and choosing what a sign-in asks for: each a command of a signed-in person, for which the
//! session must have proved enough a moment ago.

use chancery_domain::account::Account;
use chancery_domain::account::commands::{
    ChangeSignInOptions, FactorRefusal, ManageRefusal, RemoveAllFactors, RemoveFactor, RenameFactor,
};
use chancery_domain::values::DeviceName;
use chancery_domain::{Actor, Command, FactorId};

use super::webauthn;
use crate::accounts::session::SignedInPerson;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::secrets::forms::FormCommand;
use crate::throttle::LimitReached;

/// Why a device stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemovalRefused {
    /// It must, or the session may not remove it.
    Factor(FactorRefusal),
    /// It was lost, and more of those that were waited for are being removed than is usual.
    Limit(LimitReached),
}

impl App {
    /// Gives a device another name.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn rename_factor(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        factor: FactorId,
        name: &DeviceName,
    ) -> Result<Result<(), FactorRefusal>, Failure> {
        let command = RenameFactor { session: person.session.id, factor, name: name.clone() };
        self.manage(client, person, form, &[&factor.to_string(), name.as_str()], &command).await
    }

    /// Removes a device.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn remove_factor(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        factor: FactorId,
    ) -> Result<Result<(), RemovalRefused>, Failure> {
        let command = RemoveFactor { session: person.session.id, factor };
        let content = factor.to_string();
        let content = [content.as_str()];
        let removing = self.manage(client, person, form, &content, &command);
        let removed = if person.account.state.is_recovered(Some(factor), self.now()) {
            match self.within_recovery_rate(removing, Result::is_ok).await? {
                Ok(removed) => removed,
                Err(reached) => return Ok(Err(RemovalRefused::Limit(reached))),
            }
        } else {
            removing.await?
        };
        Ok(removed.map_err(RemovalRefused::Factor))
    }

    /// What a browser is told after a removal, so that it no longer proposes what is gone: the keys that the account still
    /// has, as JSON (`signalAllAcceptedCredentials`, WebAuthn level 3, section 5.1.10.2).
    ///
    /// # Errors
    /// The database's.
    pub async fn accepted_keys(&self, person: &SignedInPerson) -> Result<Option<String>, Failure> {
        let has = self.held_or_suspended(&person.account, &webauthn::PASSKEY).await?;
        Ok(webauthn::accepted(self.factor_site(), person.account.stream, &has))
    }

    /// Chooses whether the password alone ever suffices.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn change_sign_in_options(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        always_second_factor: bool,
    ) -> Result<Result<(), FactorRefusal>, Failure> {
        let command = ChangeSignInOptions { session: person.session.id, always_second_factor };
        let content = if always_second_factor { "always" } else { "not always" };
        self.manage(client, person, form, &[content], &command).await
    }

    /// Removes every device and the recovery codes; what is left is the password.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn remove_all_factors(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
    ) -> Result<Result<(), FactorRefusal>, Failure> {
        self.manage(client, person, form, &[], &RemoveAllFactors { session: person.session.id }).await
    }

    /// Gives a command to the person's account. The same form sent again, its answer lost, ends in the same place.
    pub(super) async fn manage<C>(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        content: &[&str],
        command: &C,
    ) -> Result<Result<(), FactorRefusal>, Failure>
    where
        C: Command<Aggregate = Account, Outcome = (), Refusal = FactorRefusal>,
    {
        let fingerprint = self.form_fingerprint(&[&[C::NAME], content].concat());
        if let Some(remembered) = self.store.remembered(form.id).await? {
            return if remembered.fingerprint == fingerprint { Ok(Ok(())) } else { Err(Failure::OtherRequest) };
        }
        let stream = person.account.stream;
        let origin = self.form_origin(client, form, fingerprint, Actor::Person(stream));
        let outcome = self.on_account(stream, command, &origin).await?;
        Ok(outcome.unwrap_or(Err(FactorRefusal::Manage(ManageRefusal::NoSession))))
    }
}
