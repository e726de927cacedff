//! Choosing another password, with the current one.

use std::sync::Arc;

use chancery_domain::account::Account;
use chancery_domain::account::commands::{ChangePassword, ChangePasswordRefusal, ManageRefusal};
use chancery_domain::values::{Password, SignInName};
use chancery_domain::{Actor, StreamId};

use super::complete_link::SignedInBrowser;
use super::new_password::{PasswordRefused, TypedPassword};
use super::session::SignedInPerson;
use super::sign_in::Compared;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::password_hash::{Asker, Priority};
use crate::run::{Attempt, TRIES};
use crate::secrets::forms::FormCommand;
use crate::throttle::LimitReached;

/// Why the password stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeRefused {
    /// The current password was wrong.
    WrongPassword,
    /// The new one is refused.
    NewPassword(PasswordRefused),
    /// Too many tries.
    Limit(LimitReached),
    /// The session has ended meanwhile.
    NoSession,
    /// The account has second factors, and more is to be proved first.
    ProveMore,
}

impl App {
    /// Changes a signed-in person's password: every session ends, and this browser goes on in a new one.
    ///
    /// A current password that is typed is a guess like one at the sign-in, by the same counters.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn change_password(
        self: &Arc<Self>,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        current: &Password,
        typed: &TypedPassword,
    ) -> Result<Result<SignedInBrowser, ChangeRefused>, Failure> {
        let Some(identity) = &person.account.state.identity else { return Ok(Err(ChangeRefused::NoSession)) };
        let Ok(name) = SignInName::parse(identity.email.as_str()) else { return Ok(Err(ChangeRefused::NoSession)) };
        let guess = match self.take_own_guess(client, &name, &person.account).await? {
            Ok(guess) => guess,
            Err(reached) => return Ok(Err(ChangeRefused::Limit(reached))),
        };
        let told = self.compare_and_change(client, person, form, current, typed).await;
        match &told {
            // With a form that was sent before it is the new password that was a guess at the one in force.
            Ok(Err(ChangeRefused::WrongPassword)) | Err(Failure::OtherRequest) => {
                self.record_wrong_guess(client, Some(person.account.stream), guess);
            }
            // Whatever else kept the password as it is, it was no guess.
            _ => self.give_guess_back(&guess).await?,
        }
        told
    }

    /// Whom the same form, sent within two minutes before, signed in: the session that it was sent in has ended with it.
    ///
    /// # Errors
    /// The database's.
    pub async fn signed_in_by_form(
        &self,
        client: &Client,
        form: FormCommand,
    ) -> Result<Option<SignedInPerson>, Failure> {
        let person = self.signed_in(&self.session_secret(form.id, &client.browser)).await?;
        Ok(person.filter(|person| self.is_of_lost_answer(&person.session)))
    }

    async fn compare_and_change(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        current: &Password,
        typed: &TypedPassword,
    ) -> Result<Result<SignedInBrowser, ChangeRefused>, Failure> {
        let stream = person.account.stream;
        let origin = self.form_origin(client, form, self.form_fingerprint(&["change password"]), Actor::Person(stream));
        let asker = Asker { network: client.network(), priority: Priority::KnownBrowser };
        if self.store.remembered(form.id).await?.is_some() {
            return self.repeated_change(client, form, stream, typed, asker).await;
        }
        let mut made = None;
        for _ in 0..TRIES {
            let Some(account) = self.store.load::<Account>(stream).await? else { break };
            let Some(identity) = &account.state.identity else { break };
            let policy = self.policy().await?;
            let rule = policy.policy.password_rule;
            let names = [&identity.first_name, &identity.last_name];
            if let Err(refused) = self.check_password(rule, typed, &names, identity) {
                return Ok(Err(ChangeRefused::NewPassword(refused)));
            }
            let Compared { verdict, account: Some(account), .. } = self.compare(Some(account), current, asker).await?
            else {
                break;
            };
            if verdict.right && made.is_none() {
                made = Some(self.make_password(stream, &typed.password, rule, asker, self.now()).await?);
            }
            let Some((mut password, key)) = made.clone().filter(|_| verdict.right) else {
                return Ok(Err(ChangeRefused::WrongPassword));
            };
            password.rule = rule;
            let next = self.new_session(client, form.id, &account, person.session.public_computer).await?;
            let command = ChangePassword { verdict, password, session: person.session.id, next };
            match self.attempt(&account, &command, &policy, vec![key], &origin).await? {
                Attempt::Decided { outcome: Ok(()), duplicate: true, .. } => {
                    return self.repeated_change(client, form, stream, typed, asker).await;
                }
                Attempt::Decided { outcome: Ok(()), duplicate: false, .. } => {
                    let session = self.session_secret(form.id, &client.browser);
                    return Ok(Ok(SignedInBrowser { session, known: None, target: None }));
                }
                Attempt::Decided {
                    outcome:
                        Err(ChangePasswordRefusal::NoSession | ChangePasswordRefusal::Manage(ManageRefusal::NoSession)),
                    ..
                } => break,
                Attempt::Decided { outcome: Err(ChangePasswordRefusal::Manage(_)), .. } => {
                    return Ok(Err(ChangeRefused::ProveMore));
                }
                Attempt::Decided { outcome: Err(ChangePasswordRefusal::WrongPassword), .. } => {
                    return Ok(Err(ChangeRefused::WrongPassword));
                }
                Attempt::Decided { .. } | Attempt::Again => {}
            }
        }
        Ok(Err(ChangeRefused::NoSession))
    }

    /// The same form again, its answer lost. With another password it is another request, which must not read that its
    /// password counts.
    async fn repeated_change(
        &self,
        client: &Client,
        form: FormCommand,
        stream: StreamId,
        typed: &TypedPassword,
        asker: Asker,
    ) -> Result<Result<SignedInBrowser, ChangeRefused>, Failure> {
        let Some(account) = self.store.load::<Account>(stream).await? else {
            return Ok(Err(ChangeRefused::NoSession));
        };
        let compared = self.compare(Some(account), &typed.password, asker).await?;
        let Some(account) = compared.account.filter(|_| compared.verdict.right) else {
            return Err(Failure::OtherRequest);
        };
        Ok(self.repeated_sign_in(client, form.id, &account).ok_or(ChangeRefused::NoSession))
    }
}
