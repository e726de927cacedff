//! The second step of a sign-in: what may follow the right password, and what an answer leads to.

use std::sync::Arc;

use chancery_domain::account::commands::{FactorVerdict, ProofRefusal, SignIn, SignInAdaptively, SignInRefusal};
use chancery_domain::account::{Account, FactorKind, Factors, OpenRecovery, Proof, SignInMethod, is_second_factor};
use chancery_domain::{Actor, Context, FactorId, SessionId};
use chancery_eventstore::{Fingerprint, StreamKey};
use zeroize::Zeroizing;

use super::adaptive::{comes_without_password, ways_without_password};
use super::mobile_app::{RequestOver, is_by_request};
use super::recovery::open_recovery;
use super::step::Step;
use super::{Asked, AskedBy, asked_by, by_way, ways_to_sign_in, with_last_sms};
use crate::accounts::LoadedAccount;
use crate::accounts::complete_link::SignedInBrowser;
use crate::accounts::session::SignedInPerson;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::run::{Attempt, TRIES};
use crate::secrets::browsers::ProofSecret;
use crate::secrets::devices::Used;
use crate::secrets::forms::FormCommand;
use crate::throttle::LimitReached;

/// What a browser is asked for after the right password, or in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondStep {
    /// The name as it was typed.
    pub name: String,
    /// The ways that are possible, in the order in which they are offered.
    pub ways: Vec<SignInMethod>,
    /// Whether the browser stands for the password, which can be typed all the same.
    pub by_browser: bool,
    /// Who asks for more than the password.
    pub asked_by: Option<AskedBy>,
    /// Whether the operator lets people recover their accounts.
    pub recovers: bool,
    /// The recovery that waits or can be completed.
    pub recovery: Option<OpenRecovery>,
    /// The account's second factors.
    pub factors: Factors,
}

/// Why an answer opened nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerRefused {
    /// Nothing is asked of this browser any more: begin anew.
    Gone,
    /// It came too late; the same is asked again.
    TookTooLong,
    /// It was wrong.
    Wrong,
    /// It has counted before.
    Used,
    /// The way is not possible, or does not suffice any more.
    NotThisWay,
    /// Too many tries.
    Limit(LimitReached),
    /// No phone has answered the request yet.
    NotAnsweredYet,
    /// The request that phones were shown is over.
    RequestOver(RequestOver),
}

/// What a person answered.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    /// The way that was chosen.
    pub way: SignInMethod,
    /// What was typed, or what the browser posted; nothing where the password that was typed before is to do.
    pub given: &'a str,
    /// The device that the page asked, where it asked a certain one.
    pub device: Option<FactorId>,
}

/// What was answered on a phone, and not in the browser.
pub(super) struct Said {
    device: FactorId,
    given: Zeroizing<String>,
}

impl Said {
    pub(super) fn answer(&self, way: SignInMethod) -> Answer<'_> {
        Answer { way, given: &self.given, device: Some(self.device) }
    }
}

/// What the answer was found to be.
pub(super) enum Checked {
    /// It can be decided on.
    Verdict(FactorVerdict),
    /// The account has nothing of the kind.
    NothingThere,
}

impl App {
    /// What a browser is asked for; `None` if nothing is.
    ///
    /// # Errors
    /// The database's.
    pub async fn second_step(&self, client: &Client) -> Result<Option<SecondStep>, Failure> {
        let Some(step) = self.step(client, None).await? else { return Ok(None) };
        let Some(account) = self.account_of(&step).await? else { return Ok(None) };
        if step.browser.is_some() {
            let ways = ways_without_password(&account.state);
            let (asked_by, recovers, recovery) = (None, false, None);
            let factors = account.state.factors;
            return Ok(Some(SecondStep {
                name: step.name,
                ways,
                by_browser: true,
                asked_by,
                recovers,
                recovery,
                factors,
            }));
        }
        let policy = self.policy().await?.policy;
        let (ways, asked_by) = (ways_to_sign_in(&account.state, &policy), asked_by(&account.state, &policy));
        let ways = with_last_sms(ways, &account.state, self.now());
        let recovery = open_recovery(&account.state, &policy, self.now());
        let recovers = policy.recovery_wait.span().is_some();
        let factors = account.state.factors;
        Ok(Some(SecondStep { name: step.name, ways, by_browser: false, asked_by, recovers, recovery, factors }))
    }

    /// Signs a browser in whose first proof was right and that now answers.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn answer_second_step(
        self: &Arc<Self>,
        client: &Client,
        form: FormCommand,
        answer: Answer<'_>,
    ) -> Result<Result<SignedInBrowser, AnswerRefused>, Failure> {
        let said = match self.said_elsewhere(client, None, answer.way).await? {
            Ok(said) => said,
            Err(refused) => return Ok(Err(refused)),
        };
        let answer = said.as_ref().map_or(answer, |said| said.answer(answer.way));
        let Some(step) = self.take_step(client, None).await? else { return Ok(Err(AnswerRefused::Gone)) };
        if self.is_over(&step, answer.way) {
            self.ask_again(client, None, step).await?;
            return Ok(Err(AnswerRefused::TookTooLong));
        }
        let told = self.sign_in_by_answer(client, form, &step, answer).await;
        // Whatever let the person in: a request that they turned away from is nobody's failure.
        if matches!(told, Ok(Ok(_))) || (said.is_some() && told.is_ok()) {
            self.end_own_request(client, None).await?;
        }
        // What opened nothing is asked for again; also where it is not known what became of it.
        if !matches!(told, Ok(Ok(_) | Err(AnswerRefused::Gone))) {
            self.ask_again(client, None, step).await?;
        }
        told
    }

    /// The browser whose second step the same form answered within two minutes before, its answer lost.
    ///
    /// # Errors
    /// The database's.
    pub async fn answered_before(
        &self,
        client: &Client,
        form: FormCommand,
    ) -> Result<Option<SignedInBrowser>, Failure> {
        self.signed_in_before(client, form, self.second_step_fingerprint(client)).await
    }

    /// The form of a second step is the same only together with the first proof: whoever prepared a page in a browser before
    /// its owner came may know the form and the pre-session cookie.
    fn second_step_fingerprint(&self, client: &Client) -> Fingerprint {
        let proof = client.proof.as_ref().map(ProofSecret::to_cookie).unwrap_or_default();
        self.form_fingerprint(&["second step", &proof])
    }

    /// The browser that the same form with the same content signed in within two minutes before.
    pub(super) async fn signed_in_before(
        &self,
        client: &Client,
        form: FormCommand,
        fingerprint: Fingerprint,
    ) -> Result<Option<SignedInBrowser>, Failure> {
        let before = self.store.remembered(form.id).await?;
        if before.is_none_or(|before| before.fingerprint != fingerprint) {
            return Ok(None);
        }
        let person = self.signed_in_by_form(client, form).await?;
        Ok(person.and_then(|person| self.repeated_sign_in(client, form.id, &person.account)))
    }

    async fn sign_in_by_answer(
        self: &Arc<Self>,
        client: &Client,
        form: FormCommand,
        step: &Step,
        answer: Answer<'_>,
    ) -> Result<Result<SignedInBrowser, AnswerRefused>, Failure> {
        let fingerprint = self.second_step_fingerprint(client);
        let tried = match answer.way {
            SignInMethod::Password => None,
            way if step.browser.is_some() && !comes_without_password(way) => {
                return Ok(Err(AnswerRefused::NotThisWay));
            }
            _ => {
                let Some(account) = self.account_of(step).await? else { return Ok(Err(AnswerRefused::Gone)) };
                match self.take_answer(client, &account, answer).await? {
                    Ok(tried) => Some(tried),
                    Err(reached) => return Ok(Err(AnswerRefused::Limit(reached))),
                }
            }
        };
        let told = async {
            for _ in 0..TRIES {
                let Some(account) = self.account_of(step).await? else { return Ok(Err(AnswerRefused::Gone)) };
                let factor = match answer.way {
                    SignInMethod::Password => None,
                    _ => match self.check_answer(client, &account, step, answer).await? {
                        Checked::Verdict(verdict) => Some(verdict),
                        Checked::NothingThere => return Ok(Err(AnswerRefused::NotThisWay)),
                    },
                };
                let session = self.new_session(client, form.id, &account, step.public_computer).await?;
                let origin = self.form_origin(client, form, fingerprint, Actor::Person(account.stream));
                let policy = self.policy().await?;
                let attempt = match (step.browser, factor) {
                    (Some(browser), Some(factor)) => {
                        let command = SignInAdaptively { browser, session, factor };
                        self.attempt(&account, &command, &policy, Vec::new(), &origin).await?
                    }
                    _ => {
                        let command = SignIn { verdict: step.password, session, rehashed: None, factor };
                        self.attempt(&account, &command, &policy, Vec::new(), &origin).await?
                    }
                };
                match attempt {
                    Attempt::Decided { outcome: Ok(()), .. } => {
                        metrics::counter!("chancery_sign_ins_total", "outcome" => "accepted").increment(1);
                        let account = self.store.load::<Account>(account.stream).await?;
                        let browser = account.and_then(|account| self.repeated_sign_in(client, form.id, &account));
                        return Ok(browser.ok_or(AnswerRefused::Gone));
                    }
                    Attempt::Decided { outcome: Err(SignInRefusal::FactorNeeded), .. } => {
                        return Ok(Err(AnswerRefused::NotThisWay));
                    }
                    Attempt::Decided { outcome: Err(SignInRefusal::Proof(refusal)), .. } => match refusal {
                        ProofRefusal::Stale => {}
                        refusal => return Ok(Err(self.refused(refusal))),
                    },
                    // Another password counts now, or the account cannot be used.
                    Attempt::Decided { outcome: Err(_), .. } => return Ok(Err(AnswerRefused::Gone)),
                    Attempt::Again => {}
                }
            }
            Err(Failure::BUSY)
        }
        .await;
        if let Some(tried) = tried {
            match &told {
                // One that has counted before was right: no guess.
                Ok(Err(AnswerRefused::Wrong)) => {
                    self.record_wrong_answer(client, step.stream, answer.way, tried);
                }
                _ => self.give_answer_back(&tried).await?,
            }
        }
        told
    }

    /// What a phone said of this browser's request, where the way that was chosen is gone by one; nothing else the browser
    /// posts is an answer then.
    pub(super) async fn said_elsewhere(
        &self,
        client: &Client,
        session: Option<SessionId>,
        way: SignInMethod,
    ) -> Result<Result<Option<Said>, AnswerRefused>, Failure> {
        if !is_by_request(way) {
            return Ok(Ok(None));
        }
        Ok(self.phones_answer(client, session).await?.map(|(device, given)| Some(Said { device, given })))
    }

    /// Checks an answer against what the account has.
    pub(super) async fn check_answer(
        &self,
        client: &Client,
        account: &LoadedAccount,
        step: &Step,
        answer: Answer<'_>,
    ) -> Result<Checked, Failure> {
        let verdict = match by_way(answer.way) {
            None if answer.way == SignInMethod::RecoveryCode => {
                self.check_recovery_code(client, account, step.challenge, answer.given).await?
            }
            Some(method) => {
                let devices = self.asked_devices(account, method, answer.device).await?;
                let sent = match answer.way {
                    SignInMethod::Sms => self.sent_codes(client, account, &devices).await?,
                    _ => Vec::new(),
                };
                method.check(&devices, answer.given, Asked { device: answer.device, sent: &sent, ..self.asked(step) })
            }
            None => None,
        };
        Ok(verdict.map_or(Checked::NothingThere, |verdict| {
            // A code that was sent answers a challenge of its own.
            let challenge = verdict.proof.challenge.or(Some(step.challenge));
            let proof = Proof { challenge, ..verdict.proof };
            Checked::Verdict(FactorVerdict { proof, ..verdict })
        }))
    }

    pub(super) fn asked(&self, step: &Step) -> Asked<'_> {
        let (site, now) = (self.factor_site(), self.now());
        Asked { site, stream: step.stream, challenge: step.challenge, device: None, sent: &[], now }
    }

    /// What the page gives to the browser so that a device answers; `None` where a person reads and types, and where nothing
    /// is asked. A challenge that is too old to be answered is replaced.
    ///
    /// # Errors
    /// The database's.
    pub async fn question(
        &self,
        client: &Client,
        person: Option<&SignedInPerson>,
        way: SignInMethod,
    ) -> Result<Option<String>, Failure> {
        let Some(method) = by_way(way) else { return Ok(None) };
        let Some((step, account)) = self.asked_step(client, person, way).await? else { return Ok(None) };
        let mut held = self.held(&account, method).await?;
        if step.browser.is_some() {
            held.retain(|held| held.factor.kind == FactorKind::Passkey);
        }
        Ok(method.ask(&held, self.asked(&step)))
    }

    /// What a browser is asked for, and the account. A challenge that is too old to be answered in this way is replaced, and
    /// one of which a good part is gone where the page says how long it is good for.
    pub(super) async fn asked_step(
        &self,
        client: &Client,
        person: Option<&SignedInPerson>,
        way: SignInMethod,
    ) -> Result<Option<(Step, LoadedAccount)>, Failure> {
        let session = person.map(|person| person.session.id);
        let Some(mut step) = self.step(client, session).await? else { return Ok(None) };
        if self.is_over(&step, way) || by_way(way).is_some_and(|method| self.has_waited(&step, method)) {
            step = self.ask_again(client, session, step).await?;
        }
        let account = self.store.load::<Account>(step.stream).await?;
        Ok(account.map(|account| (step, account)))
    }

    /// What a person is told of a refusal.
    pub(super) fn refused(&self, refusal: ProofRefusal) -> AnswerRefused {
        match refusal {
            ProofRefusal::Used => AnswerRefused::Used,
            ProofRefusal::TooMany => AnswerRefused::Limit(LimitReached {
                limit: "second-factor-proofs",
                until: self.now().plus(chancery_domain::account::PROOF_MEMORY),
            }),
            ProofRefusal::Gone | ProofRefusal::Stale | ProofRefusal::Wrong | ProofRefusal::CounterWentBack(_) => {
                AnswerRefused::Wrong
            }
        }
    }

    /// The account of which a first proof speaks, while its password is the one that counts, or the browser that stands for it
    /// is believed.
    pub(super) async fn account_of(&self, step: &Step) -> Result<Option<LoadedAccount>, Failure> {
        let account = self.store.load::<Account>(step.stream).await?;
        let policy = self.policy().await?.policy;
        let context = Context { stream: step.stream, now: self.now(), epoch_began: self.log.began, policy: &policy };
        Ok(account.filter(|account| {
            let in_force = account.state.password.as_ref().map(|password| password.credential.key);
            let proved = match step.browser {
                Some(browser) => account.state.believes(browser, context),
                None => in_force == step.password.map(|verdict| verdict.credential),
            };
            account.state.is_usable() && !matches!(account.key, StreamKey::Gone) && proved
        }))
    }
}

/// What was used in the browser of whoever answered in this way.
pub(super) const fn used_by(way: SignInMethod) -> Used {
    if is_second_factor(way) { Used::SecondFactor } else { Used::Enough }
}
