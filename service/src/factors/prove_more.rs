//! Proving more in an open session: what is to be changed about an account's security needs a fresh proof by what the
//! account has.

use std::sync::Arc;

use chancery_domain::account::commands::{ManageRefusal, ProofRefusal, ProveMore, ProveMoreRefusal};
use chancery_domain::account::{Account, Lacking, SignInMethod};
use chancery_domain::values::{Password, SignInName};
use chancery_domain::{Actor, Context};
use chancery_eventstore::Fingerprint;

use super::verify::{Answer, AnswerRefused, Checked, used_by};
use super::{ways_to_prove_more, with_last_sms};
use crate::accounts::LoadedAccount;
use crate::accounts::complete_link::SignedInBrowser;
use crate::accounts::session::SignedInPerson;
use crate::accounts::sign_in::Compared;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::password_hash::{Asker, Priority};
use crate::run::{Attempt, TRIES};
use crate::secrets::devices::Used;
use crate::secrets::forms::FormCommand;
use crate::secrets::sessions::SessionSecret;

/// What is offered in an open session that must prove more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvingMore {
    /// The ways that are possible, in the order in which they are offered.
    pub ways: Vec<SignInMethod>,
    /// Whether only a key will do, and a weaker device could ask for its removal.
    pub lost_key: bool,
}

/// What the form of such an answer is for.
const PROVE_MORE: &[u8] = b"prove more";

impl App {
    /// Whether a person's session may change factors, recovery codes, options or the password now.
    ///
    /// # Errors
    /// The database's; the inner one says what the session lacks.
    pub async fn may_manage(&self, person: &SignedInPerson) -> Result<Result<(), ManageRefusal>, Failure> {
        let policy = self.policy().await?.policy;
        let stream = person.account.stream;
        let context = Context { stream, now: self.now(), epoch_began: self.log.began, policy: &policy };
        Ok(person.account.state.may_manage(person.session.id, context).map(|_| ()))
    }

    /// The same where any of the account's devices suffices.
    ///
    /// # Errors
    /// The database's; the inner one says what the session lacks.
    pub async fn may_manage_weakly(&self, person: &SignedInPerson) -> Result<Result<(), ManageRefusal>, Failure> {
        let policy = self.policy().await?.policy;
        let stream = person.account.stream;
        let context = Context { stream, now: self.now(), epoch_began: self.log.began, policy: &policy };
        Ok(person.account.state.may_manage_weakly(person.session.id, context).map(|_| ()))
    }

    /// Asks for more in an open session, or, `weakly`, for any device.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin_proving_more(
        &self,
        client: &Client,
        person: &SignedInPerson,
        weakly: bool,
    ) -> Result<ProvingMore, Failure> {
        self.begin_session_step(client, person.account.stream, person.session.id).await?;
        let (account, policy) = (&person.account.state, self.policy().await?.policy);
        let has_weaker = account.factors.counting().any(|factor| !factor.kind.is_phishing_resistant());
        let can_wait = policy.recovery_wait.span().is_some();
        let lost_key = !weakly && account.is_managed_by_key() && has_weaker && can_wait;
        let (asked, now) = (account.asked_to_manage(!weakly, &policy), self.now());
        let methods = match asked.lacks(&account.proved_in(&person.session), now) {
            // Whoever comes without need may prove anew what would be asked for.
            Lacking::Nothing => asked.ways(),
            Lacking::Again(methods) | Lacking::More(methods) => methods,
        };
        let ways = with_last_sms(ways_to_prove_more(account, &methods), account, now);
        Ok(ProvingMore { ways, lost_key })
    }

    /// The browser whose session the same form lifted within two minutes before, its answer lost: it still has that
    /// session's secret, which whoever planted the browser's other cookies has not.
    ///
    /// # Errors
    /// The database's.
    pub async fn proved_more_before(
        &self,
        client: &Client,
        form: FormCommand,
        session: &SessionSecret,
    ) -> Result<Option<SignedInBrowser>, Failure> {
        self.signed_in_before(client, form, self.prove_more_fingerprint(&self.session_hash(session))).await
    }

    /// What such an answer is given in: one session, under the secret that it had until then.
    fn prove_more_fingerprint(&self, session: &[u8; 32]) -> Fingerprint {
        self.store.fingerprint(&[PROVE_MORE, session])
    }

    /// Takes an answer: the session goes on under another secret.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn prove_more(
        self: &Arc<Self>,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        answer: Answer<'_>,
    ) -> Result<Result<SignedInBrowser, AnswerRefused>, Failure> {
        if answer.way == SignInMethod::Password {
            return self.prove_password(client, person, form, answer.given).await;
        }
        let session = Some(person.session.id);
        let said = match self.said_elsewhere(client, session, answer.way).await? {
            Ok(said) => said,
            Err(refused) => return Ok(Err(refused)),
        };
        let answer = said.as_ref().map_or(answer, |said| said.answer(answer.way));
        let Some(step) = self.take_step(client, session).await?.filter(|step| !self.is_over(step, answer.way)) else {
            return Ok(Err(AnswerRefused::TookTooLong));
        };
        let tried = match self.take_answer(client, &person.account, answer).await? {
            Ok(tried) => tried,
            Err(reached) => return Ok(Err(AnswerRefused::Limit(reached))),
        };
        let stream = person.account.stream;
        let told = async {
            for _ in 0..TRIES {
                let Some(account) = self.store.load::<Account>(stream).await? else { break };
                let factor = match self.check_answer(client, &account, &step, answer).await? {
                    Checked::Verdict(verdict) => verdict,
                    Checked::NothingThere => return Ok(Err(AnswerRefused::NotThisWay)),
                };
                let next = self.new_session(client, form.id, &account, person.session.public_computer).await?;
                let command = ProveMore { session: person.session.id, password: None, factor: Some(factor), next };
                match self.attempt_to_prove(client, form, person, &account, &command).await? {
                    Attempt::Decided { outcome: Ok(()), .. } => {
                        return Ok(Ok(self.goes_on(client, person, form, used_by(answer.way))));
                    }
                    Attempt::Decided { outcome: Err(ProveMoreRefusal::Proof(ProofRefusal::Stale)), .. }
                    | Attempt::Again => {}
                    Attempt::Decided { outcome: Err(ProveMoreRefusal::Proof(refusal)), .. } => {
                        return Ok(Err(self.refused(refusal)));
                    }
                    Attempt::Decided { outcome: Err(_), .. } => break,
                }
            }
            Ok(Err(AnswerRefused::Gone))
        }
        .await;
        if matches!(told, Ok(Ok(_))) || (said.is_some() && told.is_ok()) {
            self.end_own_request(client, session).await?;
        }
        match &told {
            // One that has counted before was right: no guess.
            Ok(Err(AnswerRefused::Wrong)) => {
                self.record_wrong_answer(client, stream, answer.way, tried);
            }
            _ => self.give_answer_back(&tried).await?,
        }
        told
    }

    /// The password, of an account that has nothing else: a guess like one at the sign-in, by the same counters.
    async fn prove_password(
        self: &Arc<Self>,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        typed: &str,
    ) -> Result<Result<SignedInBrowser, AnswerRefused>, Failure> {
        if !person.account.state.factors.is_empty() {
            return Ok(Err(AnswerRefused::NotThisWay));
        }
        let name = person.account.state.identity.as_ref();
        let name = name.and_then(|identity| SignInName::parse(identity.email.as_str()).ok());
        let Some(name) = name else { return Ok(Err(AnswerRefused::Gone)) };
        let guess = match self.take_own_guess(client, &name, &person.account).await? {
            Ok(guess) => guess,
            Err(reached) => return Ok(Err(AnswerRefused::Limit(reached))),
        };
        let told = self.compare_and_prove(client, person, form, &Password::from_typed(typed)).await;
        match &told {
            Ok(Err(AnswerRefused::Wrong)) => self.record_wrong_guess(client, Some(person.account.stream), guess),
            _ => self.give_guess_back(&guess).await?,
        }
        told
    }

    async fn compare_and_prove(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        password: &Password,
    ) -> Result<Result<SignedInBrowser, AnswerRefused>, Failure> {
        let asker = Asker { network: client.network(), priority: Priority::KnownBrowser };
        for _ in 0..TRIES {
            let account = self.store.load::<Account>(person.account.stream).await?;
            let Compared { verdict, account: Some(account), .. } = self.compare(account, password, asker).await? else {
                break;
            };
            let next = self.new_session(client, form.id, &account, person.session.public_computer).await?;
            let command = ProveMore { session: person.session.id, password: Some(verdict), factor: None, next };
            match self.attempt_to_prove(client, form, person, &account, &command).await? {
                Attempt::Decided { outcome: Ok(()), .. } => {
                    return Ok(Ok(self.goes_on(client, person, form, Used::Enough)));
                }
                Attempt::Decided { outcome: Err(ProveMoreRefusal::WrongPassword), .. } => {
                    return Ok(Err(AnswerRefused::Wrong));
                }
                Attempt::Decided { outcome: Err(ProveMoreRefusal::StaleVerdict), .. } | Attempt::Again => {}
                Attempt::Decided { outcome: Err(_), .. } => break,
            }
        }
        Ok(Err(AnswerRefused::Gone))
    }

    async fn attempt_to_prove(
        &self,
        client: &Client,
        form: FormCommand,
        person: &SignedInPerson,
        account: &LoadedAccount,
        command: &ProveMore,
    ) -> Result<Attempt<(), ProveMoreRefusal>, Failure> {
        let fingerprint = self.prove_more_fingerprint(&person.session.secret_hash);
        let origin = self.form_origin(client, form, fingerprint, Actor::Person(account.stream));
        self.attempt(account, command, &self.policy().await?, Vec::new(), &origin).await
    }

    /// The browser of a session that goes on in another's place.
    pub(super) fn goes_on(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        used: Used,
    ) -> SignedInBrowser {
        let account = &person.account;
        // By the password alone no browser becomes known that was not.
        let known = (used == Used::SecondFactor && !person.session.public_computer)
            .then(|| self.make_known(&client.known, account.stream, &account.state, used));
        SignedInBrowser { session: self.session_secret(form.id, &client.browser), known, target: None }
    }
}
