//! Signing in with name and password.
//!
//! Every name takes the same way: the same look-ups, the same counters, one hash. What became of it is one sentence.

use std::sync::Arc;

use chancery_domain::account::commands::{PasswordVerdict, SignIn, SignInRefusal};
use chancery_domain::account::{Account, Credential};
use chancery_domain::values::{Password, SignInName};
use chancery_domain::{Actor, KeyId, StreamId};
use chancery_eventstore::StreamKey;
use secrecy::SecretString;

use super::LoadedAccount;
use super::complete_link::{Entered, SignedInBrowser};
use super::unseen::unless_unreadable;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::factors::asked_next;
use crate::factors::step::{By, FirstProof};
use crate::password_hash::{Asker, PhcString};
use crate::run::{Attempt, TRIES};
use crate::secrets::devices::Used;
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

/// What came of comparing a password.
pub(crate) struct Compared {
    /// Whether it was right, and with which credential it was compared.
    pub(crate) verdict: PasswordVerdict,
    /// The hash that it was compared with; `None` where it was nobody's.
    stored: Option<PhcString>,
    /// The account as the verdict is about it: read anew where its credential was replaced meanwhile.
    pub(crate) account: Option<LoadedAccount>,
}

/// Why a counted try opened no session; whoever tried is told the same.
enum NotSignedIn {
    /// A guess.
    WrongPassword,
    /// No guess, but the form is old, or the account was stopped meanwhile.
    RightPassword,
}

/// Whether a proof of work is asked for, and whether the name was looked up for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckAsked {
    /// It is asked for.
    pub needed: bool,
    /// The answer must wait until it is due.
    pub looked_up: bool,
}

impl App {
    /// Whether a network has tried so many names that its next sign-in needs a proof of work. A browser that the account
    /// knows needs none: what strangers in its network try is not its doing.
    ///
    /// # Errors
    /// The database's.
    pub async fn sign_in_needs_check(&self, client: &Client, name: &SignInName) -> Result<CheckAsked, Failure> {
        let sprays = self.sprays(client).await?;
        let looked_up = sprays && !client.known.is_empty();
        Ok(CheckAsked { needed: sprays && !(looked_up && self.is_known_browser(client, name).await?), looked_up })
    }

    /// Whether the browser signed in to this name's account before. One that is known to no account is told apart without a
    /// look at the name; an answer that follows a look waits until it is due, or its time would tell of the account.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_known_browser(&self, client: &Client, name: &SignInName) -> Result<bool, Failure> {
        if client.known.is_empty() {
            return Ok(false);
        }
        let account = unless_unreadable(self.by_name(name).await)?;
        Ok(account.is_some_and(|account| self.is_known_to(client, &account)))
    }

    fn is_known_to(&self, client: &Client, account: &LoadedAccount) -> bool {
        self.known_device(&client.known, account.stream, &account.state).is_some()
    }

    /// Whether a network has tried so many names that a proof of work is asked of it.
    async fn sprays(&self, client: &Client) -> Result<bool, Failure> {
        let counter = self.counter(&[b"spraying", client.network().as_bytes()]);
        let counted = self.store.backend().counted(&counter, self.now()).await?;
        Ok(counted.is_some_and(|window| window.count >= self.limits.spraying_checked.max))
    }

    /// Signs a browser in.
    ///
    /// `checked` says that a proof of work came with the form and was right. Where the account has second factors, the
    /// right password opens nothing yet.
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
    ) -> Result<Result<Entered, SignInRefused>, Failure> {
        let account = unless_unreadable(self.by_name(name).await)?;
        let known = account.as_ref().is_some_and(|account| self.is_known_to(client, account));
        if !checked && !known && self.sprays(client).await? {
            return Ok(Err(SignInRefused::CheckNeeded));
        }
        let stream = account.as_ref().map(|account| account.stream);
        let guess = match self.take_guess(client, name, account.as_ref()).await? {
            Ok(guess) => guess,
            Err(reached) => return Ok(Err(SignInRefused::Limit(reached))),
        };
        // Of many at once each has read the counter before the others counted: what it stood at with this one decides.
        if !checked && guess.spraying > self.limits.spraying_checked.max {
            self.give_guess_back(&guess).await?;
            return Ok(Err(SignInRefused::CheckNeeded));
        }
        // Compared with nobody's, it takes as long.
        let account = account.filter(|_| guess.is_compared());
        let told = self.compare_and_open(client, form, name, password, public_computer, &guess, account).await;
        match &told {
            Ok(Err(NotSignedIn::WrongPassword)) => self.record_wrong_guess(client, stream, guess),
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
    ) -> Result<Result<Entered, NotSignedIn>, Failure> {
        let priority = guess.priority();
        let asker = Asker { network: client.network(), priority };
        let fingerprint = self.form_fingerprint(&["sign in", &name.throttle_key()]);
        for _ in 0..TRIES {
            let Compared { verdict, stored, account: compared } = self.compare(account, password, asker).await?;
            let Some(loaded) = compared.filter(|_| verdict.right) else {
                return Ok(Err(NotSignedIn::WrongPassword));
            };
            if !loaded.state.factors.is_empty() {
                let (stream, name) = (loaded.stream, name.as_typed());
                let first = FirstProof { stream, by: By::Password(verdict), name, public_computer };
                let proof = self.begin_step(client, first).await?;
                return Ok(Ok(Entered::SecondFactorNext { proof, target: None }));
            }
            let mut new_keys = Vec::new();
            let mut rehashed = None;
            if stored.is_some_and(|stored| self.hashing.needs_rehash(&stored)) {
                let (credential, key) = self.make_credential(loaded.stream, password, asker, self.now()).await?;
                rehashed = Some(credential);
                new_keys.push(key);
            }
            let session = self.new_session(client, form.id, &loaded, public_computer).await?;
            let command = SignIn { verdict: Some(verdict), session, rehashed, factor: None };
            let origin = self.form_origin(client, form, fingerprint, Actor::Person(loaded.stream)).worth(priority);
            let policy = self.policy().await?;
            match self.attempt(&loaded, &command, &policy, new_keys, &origin).await? {
                Attempt::Decided { outcome: Ok(()), duplicate: true, .. } => {
                    // The same form again, its answer lost.
                    let account = self.store.load::<Account>(loaded.stream).await?;
                    let again = account.and_then(|account| {
                        let asked = asked_next(&account.state, &policy.policy, account.state.sessions.sign_ins);
                        Some(Entered::SignedIn(self.repeated_sign_in(client, form.id, &account)?, asked))
                    });
                    return Ok(again.ok_or(NotSignedIn::RightPassword));
                }
                Attempt::Decided { outcome: Ok(()), duplicate: false, .. } => {
                    metrics::counter!("chancery_sign_ins_total", "outcome" => "accepted").increment(1);
                    let state = &loaded.state;
                    let known =
                        (!public_computer).then(|| self.make_known(&client.known, loaded.stream, state, Used::Enough));
                    let session = self.session_secret(form.id, &client.browser);
                    let asked = asked_next(state, &policy.policy, state.sessions.sign_ins.saturating_add(1));
                    return Ok(Ok(Entered::SignedIn(SignedInBrowser { session, known, target: None }, asked)));
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
        mut account: Option<LoadedAccount>,
        password: &Password,
        asker: Asker,
    ) -> Result<Compared, Failure> {
        let mut stored = None;
        for _ in 0..TRIES {
            let Some((stream, credential)) = account.as_ref().and_then(credential_of) else {
                // Nobody's password has no key; it is looked for all the same.
                self.store.backend().key(KeyId::default()).await?;
                break;
            };
            let (key, opened) = (credential.key, self.open_credential(stream, credential).await);
            match opened {
                // Replaced since the account was read: a sign-in beside this one may have hashed the same password anew.
                Ok(None) => account = unless_unreadable(self.store.load(stream).await.map_err(Failure::from))?,
                opened => {
                    stored = unless_unreadable(opened)?;
                    break;
                }
            }
            if account.as_ref().and_then(credential_of).is_some_and(|(_, now)| now.key == key) {
                // Not replaced: its key is gone without a word of it in the log.
                break;
            }
        }
        let typed = SecretString::from(password.expose_secret());
        let compared = self.hashing.verify(typed.clone(), stored.clone(), asker).await;
        let right = match unless_unreadable(compared.map(Some).map_err(Failure::from))? {
            Some(right) => right,
            // A hash that cannot be computed, of a pepper that is gone say, failed at no cost: nobody's has the usual one.
            None => self.hashing.verify(typed, None, asker).await?,
        };
        let credential = account.as_ref().and_then(credential_of).map_or(KeyId::default(), |(_, now)| now.key);
        Ok(Compared { verdict: PasswordVerdict { credential, right }, stored, account })
    }
}

/// The credential that a password is compared with, if the account has one and may be used.
fn credential_of(account: &LoadedAccount) -> Option<(StreamId, &Credential)> {
    let usable = account.state.is_usable() && !matches!(account.key, StreamKey::Gone);
    Some((account.stream, &account.state.password.as_ref().filter(|_| usable)?.credential))
}
