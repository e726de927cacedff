//! Choosing another password, with the current one.

use chancery_domain::Actor;
use chancery_domain::account::Account;
use chancery_domain::account::commands::{ChangePassword, ChangePasswordRefusal};
use chancery_domain::values::Password;

use super::new_password::{PasswordRefused, TypedPassword};
use super::session::SignedInPerson;
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
}

impl App {
    /// Changes a signed-in person's password; every other session ends.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn change_password(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        current: &Password,
        typed: &TypedPassword,
    ) -> Result<Result<(), ChangeRefused>, Failure> {
        let stream = person.account.stream;
        let fingerprint = self.form_fingerprint(&["change password"]);
        let counter = self.counter(&[b"change password", stream.as_bytes(), person.session.id.as_bytes()]);
        if let Err(reached) = self.take(self.limits.sign_in_known_browser, &counter).await? {
            return Ok(Err(ChangeRefused::Limit(reached)));
        }
        let origin = self.form_origin(client, form, fingerprint, Actor::Person(stream));
        let asker = Asker { network: client.network(), priority: Priority::KnownBrowser };
        if self.store.remembered(form.id).await?.is_some() {
            // The same form again, its answer lost. With another password it is another request, which must not read
            // that its password counts.
            let (verdict, _) = self.compare(Some(&person.account), &typed.password, asker).await?;
            if !verdict.right {
                return Err(Failure::OtherRequest);
            }
            self.store.backend().give_back(&[counter], self.now()).await?;
            return Ok(Ok(()));
        }
        let mut made = None;
        for _ in 0..TRIES {
            let Some(account) = self.store.load::<Account>(stream).await? else { break };
            let Some(identity) = &account.state.identity else { break };
            let policy = self.policy().await?;
            let rule = policy.policy.password_rule;
            let names = [&identity.first_name, &identity.last_name];
            if let Err(refused) = self.check_password(rule, typed, &names, identity) {
                self.store.backend().give_back(&[counter], self.now()).await?;
                return Ok(Err(ChangeRefused::NewPassword(refused)));
            }
            let (verdict, _) = self.compare(Some(&account), current, asker).await?;
            if verdict.right && made.is_none() {
                made = Some(self.make_password(stream, &typed.password, rule, asker, self.now()).await?);
            }
            let Some((mut password, key)) = made.clone().filter(|_| verdict.right) else {
                return Ok(Err(ChangeRefused::WrongPassword));
            };
            password.rule = rule;
            let command = ChangePassword { verdict, password, session: person.session.id };
            match self.attempt(&account, &command, &policy, vec![key], &origin).await? {
                Attempt::Decided { outcome: Ok(()) } => {
                    self.store.backend().give_back(&[counter], self.now()).await?;
                    return Ok(Ok(()));
                }
                Attempt::Decided { outcome: Err(ChangePasswordRefusal::NoSession) } => break,
                Attempt::Decided { outcome: Err(ChangePasswordRefusal::WrongPassword) } => {
                    return Ok(Err(ChangeRefused::WrongPassword));
                }
                Attempt::Decided { .. } | Attempt::Again => {}
            }
        }
        Ok(Err(ChangeRefused::NoSession))
    }
}
