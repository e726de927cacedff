//! Signing in with name and password.
//!
//! Every name takes the same way: the same look-ups, the same counters, one hash. What became of it is one sentence.

use std::sync::Arc;

use chancery_domain::account::commands::{Locked, PasswordVerdict, RecordSignInFailures, SignIn, SignInRefusal};
use chancery_domain::account::{Account, LockScope};
use chancery_domain::values::{Password, SignInName};
use chancery_domain::{Actor, ActorDetails, Command as _, KeyId};
use chancery_eventstore::StreamKey;
use secrecy::SecretString;

use super::LoadedAccount;
use super::complete_link::SignedInBrowser;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::password_hash::{Asker, Priority};
use crate::run::{Attempt, Origin, TRIES};
use crate::secrets::devices::DeviceId;
use crate::secrets::forms::FormCommand;
use crate::throttle::{Limit, LimitReached};

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

/// The counters that one try takes.
struct Tries {
    scope: LockScope,
    of_account: (Limit, [u8; 32]),
    all: Vec<(Limit, [u8; 32])>,
}

impl App {
    /// Whether a network has tried so many names that its next sign-in needs a proof of work.
    ///
    /// # Errors
    /// The database's.
    pub async fn sign_in_needs_check(&self, client: &Client) -> Result<bool, Failure> {
        let counter = self.counter(&[b"spraying", client.network().as_bytes()]);
        Ok(self.store.backend().counted(&counter, self.now()).await? >= self.limits.spraying_checked.max)
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
        let mut account = self.by_name(name).await?;
        let device =
            account.as_ref().and_then(|account| self.known_device(&client.known, account.stream, &account.state));
        let tries = self.tries(client, name, device);
        let counts = match self.take_all(&tries.all).await? {
            Ok(counts) => counts,
            Err(reached) => {
                let (app, details) = (Arc::clone(self), client.details());
                self.tasks.spawn(async move { app.record_lock(details, account, &tries, reached).await });
                return Ok(Err(SignInRefused::Limit(reached)));
            }
        };
        let priority = if device.is_some() { Priority::KnownBrowser } else { Priority::UnknownBrowser };
        let asker = Asker { network: client.network(), priority };
        let fingerprint = self.form_fingerprint(&["sign in", &name.throttle_key()]);
        let remembered = self.store.remembered(form.id).await?;
        'refused: {
            for _ in 0..TRIES {
                let (verdict, stored) = match self.compare(account.as_ref(), password, asker).await {
                    Ok(compared) => compared,
                    Err(failure) => {
                        self.give_back(&tries.all).await?;
                        return Err(failure);
                    }
                };
                let Some(loaded) = account.as_ref().filter(|_| verdict.right) else { break 'refused };
                if remembered.is_some() {
                    self.give_back(&tries.all).await?;
                    return Ok(self.repeated_sign_in(client, form.id, loaded).ok_or(SignInRefused::Wrong));
                }
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
                    Attempt::Decided { outcome: Ok(()) } => {
                        self.give_back(&tries.all).await?;
                        metrics::counter!("chancery_sign_ins_total", "outcome" => "accepted").increment(1);
                        let state = &loaded.state;
                        let known = (!public_computer).then(|| self.make_known(&client.known, loaded.stream, state));
                        let session = self.session_secret(form.id, &client.browser);
                        return Ok(Ok(SignedInBrowser { session, known, target: None }));
                    }
                    Attempt::Decided { outcome: Err(SignInRefusal::StaleVerdict) } | Attempt::Again => {
                        account = self.store.load::<Account>(loaded.stream).await?;
                    }
                    Attempt::Decided { outcome: Err(_) } => break 'refused,
                }
            }
            // The password was right, and the account moved on at every try: that is no failure to be counted.
            self.give_back(&tries.all).await?;
            return Err(Failure::BUSY);
        }
        let (app, details) = (Arc::clone(self), client.details());
        // The answer does not wait for the record: only names that have an account have a log to write to.
        self.tasks.spawn(async move {
            metrics::counter!("chancery_sign_ins_total", "outcome" => "refused").increment(1);
            let first = tries.all.iter().zip(&counts).any(|(tried, count)| *tried == tries.of_account && *count == 1);
            if let Some(account) = account.filter(|_| first) {
                app.record_first_failure(details, &account, &tries).await;
            }
        });
        Ok(Err(SignInRefused::Wrong))
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

    fn tries(&self, client: &Client, name: &SignInName, device: Option<DeviceId>) -> Tries {
        let limits = &self.limits;
        let network = client.network();
        let account = self.name_counter("sign in", &name.throttle_key());
        let spraying = (limits.spraying, self.counter(&[b"spraying", network.as_bytes()]));
        match device {
            // A known browser has a counter of its own: no stranger's tries lock it out.
            Some(device) => {
                let own = (limits.sign_in_known_browser, self.counter(&[b"known", &account, &device]));
                Tries { scope: LockScope::KnownBrowser, of_account: own, all: vec![own] }
            }
            None => {
                let of_network = (limits.sign_in_network, self.counter(&[b"network", &account, network.as_bytes()]));
                let unknown = (limits.sign_in_unknown_browsers, self.counter(&[b"unknown", &account]));
                Tries { scope: LockScope::Network, of_account: of_network, all: vec![spraying, of_network, unknown] }
            }
        }
    }

    /// Records the first failure of a series.
    async fn record_first_failure(&self, details: ActorDetails, account: &LoadedAccount, tries: &Tries) {
        let known_browser = tries.scope == LockScope::KnownBrowser;
        let command = RecordSignInFailures { count: 1, since: self.now(), known_browser, locked: None };
        self.record(details, account, &command, self.new_id()).await;
    }

    /// Records the lock that the first refused try meets, with the number of failures before it. Every further try of the
    /// same window is the same command, which the log remembers.
    async fn record_lock(
        &self,
        details: ActorDetails,
        account: Option<LoadedAccount>,
        tries: &Tries,
        reached: LimitReached,
    ) {
        metrics::counter!("chancery_sign_ins_total", "outcome" => "locked").increment(1);
        let full = tries.all.iter().find(|(limit, _)| limit.name == reached.limit);
        // Too many names from one network is nobody's lock.
        let full = full.filter(|(limit, _)| limit.name != self.limits.spraying.name);
        let (Some(account), Some((limit, counter))) = (account, full) else { return };
        let scope = match limit.name == self.limits.sign_in_unknown_browsers.name {
            true => LockScope::UnknownBrowsers,
            false => tries.scope,
        };
        let count = self.store.backend().counted(counter, self.now()).await.unwrap_or(limit.max);
        let command = RecordSignInFailures {
            count,
            since: reached.until.minus(limit.window),
            known_browser: tries.scope == LockScope::KnownBrowser,
            locked: Some(Locked { scope, until: reached.until }),
        };
        let window = self.counter(&[b"lock", counter, &reached.until.micros().to_be_bytes()]);
        let mut key = [0; 16];
        key.copy_from_slice(&window[..16]);
        self.record(details, &account, &command, uuid::Uuid::from_bytes(key)).await;
    }

    async fn record(
        &self,
        details: ActorDetails,
        account: &LoadedAccount,
        command: &RecordSignInFailures,
        key: uuid::Uuid,
    ) {
        let origin = Origin {
            command: self.store.command_id(account.stream.as_bytes(), RecordSignInFailures::NAME, key),
            fingerprint: self.store.fingerprint(&[RecordSignInFailures::NAME.as_bytes()]),
            actor: Actor::Visitor,
            details: Some(details),
            correlation: self.new_id(),
            causing: None,
        };
        let recorded = async {
            if self.store.remembered(origin.command).await?.is_none() {
                self.on_account(account.stream, command, &origin).await?;
            }
            Ok::<(), Failure>(())
        };
        if let Err(error) = recorded.await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a failed sign-in was not recorded");
        }
    }
}
