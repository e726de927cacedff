//! "Sign in with a passkey": before any name was typed. What is asked is the same for everybody, and names no key; who
//! answers says which account by its user handle, and proves it by its signature.

use std::sync::Arc;

use chancery_domain::account::commands::{ProofRefusal, SignIn, SignInRefusal};
use chancery_domain::account::{Account, FactorKind};
use chancery_domain::policy::Policy;
use chancery_domain::{Actor, ChallengeId, StreamId};
use chancery_eventstore::{Fingerprint, StreamKey};

use super::step::CHALLENGE;
use super::{Asked, webauthn};
use crate::accounts::LoadedAccount;
use crate::accounts::complete_link::SignedInBrowser;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::ports::random_array;
use crate::run::{Attempt, TRIES};
use crate::secrets::forms::FormCommand;
use crate::throttle::LimitReached;

/// What the row of a question is bound to, beside its browser: each tab has a question of its own.
fn label(challenge: ChallengeId) -> Vec<u8> {
    [b"passkey first ".as_slice(), challenge.as_bytes()].concat()
}

/// Why a passkey opened nothing. Only the first two say more than that it was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyRefused {
    /// This is not asked of this browser, or no longer: begin anew.
    Gone,
    /// Too many questions.
    Limit(LimitReached),
    /// It is nobody's, not this site's, or was not used as it must be.
    Wrong,
}

impl App {
    /// Whether a passkey is enough to sign in, by policy and by the address of the service.
    #[must_use]
    pub fn offers_passkey_first(&self, policy: &Policy) -> bool {
        self.settings.rp_id.is_some() && !policy.passkey_needs_password
    }

    /// What the script gives to the browser.
    ///
    /// # Errors
    /// The database's.
    pub async fn ask_passkey_first(&self, client: &Client) -> Result<Result<String, PasskeyRefused>, Failure> {
        if !self.offers_passkey_first(&self.policy().await?.policy) {
            return Ok(Err(PasskeyRefused::Gone));
        }
        let counter = self.counter(&[b"passkey questions", client.network().as_bytes()]);
        if let Err(reached) = self.take(self.limits.passkey_questions, &counter).await? {
            return Ok(Err(PasskeyRefused::Limit(reached)));
        }
        let challenge = ChallengeId::from_bytes(random_array(&*self.random));
        self.put_browser_row(client.browser.expose(), &label(challenge), &(), self.now().plus(CHALLENGE)).await?;
        Ok(webauthn::ask_first(self.asked_first(StreamId::default(), challenge)).ok_or(PasskeyRefused::Gone))
    }

    /// Signs a browser in whose passkey answered.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn sign_in_by_passkey(
        self: &Arc<Self>,
        client: &Client,
        form: FormCommand,
        answer: &str,
        public_computer: bool,
    ) -> Result<Result<SignedInBrowser, PasskeyRefused>, Failure> {
        let Some((stream, challenge)) = webauthn::named_in(answer) else { return Ok(Err(PasskeyRefused::Wrong)) };
        let asked: Option<()> = self.take_browser_row(client.browser.expose(), &label(challenge)).await?;
        if asked.is_none() {
            return Ok(Err(PasskeyRefused::Gone));
        }
        let fingerprint = self.passkey_fingerprint(answer);
        for _ in 0..TRIES {
            let Some(account) = self.usable(stream).await? else { return Ok(Err(PasskeyRefused::Wrong)) };
            let devices = self.held(&account, &webauthn::PASSKEY).await?;
            let devices: Vec<_> = devices.into_iter().filter(|held| held.factor.kind == FactorKind::Passkey).collect();
            let verdict = webauthn::check_first(&devices, answer, self.asked_first(stream, challenge));
            // Not counted against the account: a signature is not guessed, and a stranger must not lock the owner out.
            let Some(verdict) = verdict else { return Ok(Err(PasskeyRefused::Wrong)) };
            let session = self.new_session(client, form.id, &account, public_computer).await?;
            let command = SignIn { verdict: None, session, rehashed: None, factor: Some(verdict) };
            let origin = self.form_origin(client, form, fingerprint, Actor::Person(stream));
            match self.attempt(&account, &command, &self.policy().await?, Vec::new(), &origin).await? {
                Attempt::Decided { outcome: Ok(()), .. } => {
                    metrics::counter!("chancery_sign_ins_total", "outcome" => "accepted").increment(1);
                    let account = self.store.load::<Account>(stream).await?;
                    let browser = account.and_then(|account| self.repeated_sign_in(client, form.id, &account));
                    return Ok(browser.ok_or(PasskeyRefused::Gone));
                }
                Attempt::Decided { outcome: Err(SignInRefusal::Proof(ProofRefusal::Stale)), .. } | Attempt::Again => {}
                Attempt::Decided { outcome: Err(_), .. } => return Ok(Err(PasskeyRefused::Wrong)),
            }
        }
        Err(Failure::BUSY)
    }

    /// The browser that the same form with the same answer signed in within two minutes before, its answer lost.
    ///
    /// # Errors
    /// The database's.
    pub async fn signed_in_by_passkey_before(
        &self,
        client: &Client,
        form: FormCommand,
        answer: &str,
    ) -> Result<Option<SignedInBrowser>, Failure> {
        self.signed_in_before(client, form, self.passkey_fingerprint(answer)).await
    }

    /// Whoever prepared a page in a browser before its owner came knows the form, but not what the passkey signs.
    fn passkey_fingerprint(&self, answer: &str) -> Fingerprint {
        self.form_fingerprint(&["passkey first", answer])
    }

    fn asked_first(&self, stream: StreamId, challenge: ChallengeId) -> Asked<'_> {
        Asked { site: self.factor_site(), stream, challenge, device: None, sent: &[], now: self.now() }
    }

    async fn usable(&self, stream: StreamId) -> Result<Option<LoadedAccount>, Failure> {
        let account = self.store.load::<Account>(stream).await?;
        Ok(account.filter(|account| account.state.is_usable() && !matches!(account.key, StreamKey::Gone)))
    }
}
