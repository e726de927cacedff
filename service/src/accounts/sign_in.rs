//! Signing in with name and password.
//!
//! Every name takes the same way: the same look-ups, the same counters, one hash. What became of it is one sentence.

use std::sync::Arc;

use chancery_domain::account::Account;
use chancery_domain::account::commands::{PasswordVerdict, SignIn, SignInRefusal};
use chancery_domain::values::{Password, SignInName};
use chancery_domain::{Actor, KeyId};
use chancery_eventstore::StreamKey;
use secrecy::SecretString;

use super::LoadedAccount;
use super::complete_link::SignedInBrowser;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::password_hash::{Asker, Priority};
use crate::run::{Attempt, TRIES};
use crate::secrets::forms::FormCommand;
use crate::throttle::{Guess, LimitReached};

/// Why nobody was signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInRefused {
    /// Name and password do not belong together. There is one sentence for every cause.
    Wrong,
    /// Too many tries.
    Limit(LimitReached),
    /// This network has tried so many names that a proof of work is asked for first.
    CheckNeeded,
}

/// Why a counted try opened no session; whoever tried is told the same.
enum NotSignedIn {
    /// A guess.
    WrongPassword,
    /// No guess, but the form is old, or the account was stopped meanwhile.
    RightPassword,
}

impl App {
    /// Whether a network has tried so many names that its next sign-in needs a proof of work.
    ///
    /// # Errors
    /// The database's.
    pub async fn sign_in_needs_check(&self, client: &Client) -> Result<bool, Failure> {
        let counter = self.counter(&[b"spraying", client.network().as_bytes()]);
        let counted = self.store.backend().counted(&counter, self.now()).await?;
        Ok(counted.is_some_and(|window| window.count >= self.limits.spraying_checked.max))
    }

    /// Signs a browser in.
    ///
    /// `checked` says that a proof of work came with the form and was right.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn sign_in(
        self: &Arc<Self>,
        client: &Client,
        form: FormCommand,
        name: &SignInName,
        password: &Password,
        public_computer: bool,
        checked: bool,
    ) -> Result<Result<SignedInBrowser, SignInRefused>, Failure> {
        if !checked && self.sign_in_needs_check(client).await? {
            return Ok(Err(SignInRefused::CheckNeeded));
        }
        let account = self.by_name(name).await?;
        let stream = account.as_ref().map(|account| account.stream);
        let guess = match self.take_guess(client, name, account.as_ref()).await? {
            Ok(guess) => guess,
            Err(reached) => return Ok(Err(SignInRefused::Limit(reached))),
        };
        let told = self.compare_and_open(client, form, name, password, public_computer, &guess, account).await;
        match &told {
            Ok(Err(NotSignedIn::WrongPassword)) => self.record_wrong_guess(client, stream, &guess),
            // Whatever else kept anybody out, it was no guess.
            _ => self.give_guess_back(&guess).await?,
        }
        Ok(told?.map_err(|_| SignInRefused::Wrong))
    }

    #[expect(clippy::too_many_arguments, reason = "one sign-in, between its guess being counted and being judged")]
    async fn compare_and_open(
        &self,
        client: &Client,
        form: FormCommand,
        name: &SignInName,
        password: &Password,
        public_computer: bool,
        guess: &Guess,
        mut account: Option<LoadedAccount>,
    ) -> Result<Result<SignedInBrowser, NotSignedIn>, Failure> {
        let priority = if guess.known_browser { Priority::KnownBrowser } else { Priority::UnknownBrowser };
        let asker = Asker { network: client.network(), priority };
        let fingerprint = self.form_fingerprint(&["sign in", &name.throttle_key()]);
        for _ in 0..TRIES {
            let (verdict, stored) = self.compare(account.as_ref(), password, asker).await?;
            let Some(loaded) = account.as_ref().filter(|_| verdict.right) else {
                return Ok(Err(NotSignedIn::WrongPassword));
            };
            let mut new_keys = Vec::new();
            let mut rehashed = None;
            if stored.is_some_and(|stored| self.hashing.needs_rehash(&stored)) {
                let (credential, key) = self.make_credential(loaded.stream, password, asker, self.now()).await?;
                rehashed = Some(credential);
                new_keys.push(key);
            }
            let session = self.new_session(client, form.id, loaded, public_computer).await?;
            let command = SignIn { verdict, session, rehashed };
            let origin = self.form_origin(client, form, fingerprint, Actor::Person(loaded.stream));
            let policy = self.policy().await?;
            match self.attempt(loaded, &command, &policy, new_keys, &origin).await? {
                Attempt::Decided { outcome: Ok(()), duplicate: true } => {
                    // The same form again, its answer lost.
                    let account = self.store.load::<Account>(loaded.stream).await?;
                    let again = account.and_then(|account| self.repeated_sign_in(client, form.id, &account));
                    return Ok(again.ok_or(NotSignedIn::RightPassword));
                }
                Attempt::Decided { outcome: Ok(()), duplicate: false } => {
                    metrics::counter!("chancery_sign_ins_total", "outcome" => "accepted").increment(1);
                    let state = &loaded.state;
                    let known = (!public_computer).then(|| self.make_known(&client.known, loaded.stream, state));
                    let session = self.session_secret(form.id, &client.browser);
                    return Ok(Ok(SignedInBrowser { session, known, target: None }));
                }
                Attempt::Decided { outcome: Err(SignInRefusal::StaleVerdict), .. } | Attempt::Again => {
                    account = self.store.load::<Account>(loaded.stream).await?;
                }
                Attempt::Decided { outcome: Err(_), .. } => return Ok(Err(NotSignedIn::RightPassword)),
            }
        }
        // The password was right, and the account moved on at every try.
        Err(Failure::BUSY)
    }

    /// Compares the password with the account's, or with nobody's at the same cost.
    pub(crate) async fn compare(
        &self,
        account: Option<&LoadedAccount>,
        password: &Password,
        asker: Asker,
    ) -> Result<(PasswordVerdict, Option<crate::password_hash::PhcString>), Failure> {
        let credential = account
            .filter(|account| account.state.is_usable() && !matches!(account.key, StreamKey::Gone))
            .and_then(|account| Some((account.stream, &account.state.password.as_ref()?.credential)));
        let stored = match credential {
            Some((stream, credential)) => self.open_credential(stream, credential).await?,
            None => None,
        };
        let typed = SecretString::from(password.expose_secret());
        let right = self.hashing.verify(typed, stored.clone(), asker).await?;
        let credential = credential.map_or(KeyId::default(), |(_, credential)| credential.key);
        Ok((PasswordVerdict { credential, right }, stored))
    }
}
