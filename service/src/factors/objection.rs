//! A suspended device ends a recovery that waits: it lets nobody in, but may object.

use std::sync::Arc;

use chancery_domain::account::commands::{CancelRecoveryByDevice, CancelRefusal, FactorVerdict, ProofRefusal};
use chancery_domain::account::{Account, Proof, SignInMethod};
use chancery_domain::{Actor, Timestamp};

use super::mobile_app::is_by_request;
use super::step::Step;
use super::verify::{Answer, AnswerRefused};
use super::{Asked, by_way, ways_of};
use crate::app::{App, Failure};
use crate::client::Client;
use crate::run::{Attempt, TRIES};
use crate::secrets::forms::FormCommand;

/// The ways by which suspended devices of an account can end the recovery that waits, telephones where messages are sent.
pub(super) fn ways_to_object(account: &Account, now: Timestamp, sms: bool) -> Vec<SignInMethod> {
    let mut ways = Vec::new();
    for factor in account.factors.devices.iter().filter(|factor| account.may_object(factor, now)) {
        // What a suspended device is asked it answers on the page: no request is shown by it.
        for way in
            ways_of(factor.kind).iter().filter(|way| !is_by_request(**way) && (sms || **way != SignInMethod::Sms))
        {
            if !ways.contains(way) {
                ways.push(*way);
            }
        }
    }
    ways
}

impl App {
    /// What the page gives to the browser so that a suspended device answers; `None` where a person reads and types, and
    /// where nothing is asked.
    ///
    /// # Errors
    /// The database's.
    pub async fn objection_question(&self, client: &Client, way: SignInMethod) -> Result<Option<String>, Failure> {
        let Some(method) = by_way(way) else { return Ok(None) };
        let Some(mut step) = self.step(client, None).await? else { return Ok(None) };
        if self.is_over(&step, way) {
            step = self.ask_again(client, None, step).await?;
        }
        let Some(account) = self.account_of(&step).await? else { return Ok(None) };
        Ok(method.ask(&self.objecting(&account, method).await?, self.asked(&step)))
    }

    /// Ends the recovery that waits, by a suspended device of the account whose password was typed in this browser. What was
    /// proved before is kept: the sign-in can go on another way.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn object_to_recovery(
        self: &Arc<Self>,
        client: &Client,
        form: FormCommand,
        answer: Answer<'_>,
    ) -> Result<Result<(), AnswerRefused>, Failure> {
        if self.is_done(form).await? {
            return Ok(Ok(()));
        }
        let Some(step) = self.take_step(client, None).await? else { return Ok(Err(AnswerRefused::Gone)) };
        let told = if self.is_over(&step, answer.way) {
            Ok(Err(AnswerRefused::TookTooLong))
        } else {
            self.object(client, form, &step, answer).await
        };
        if !matches!(told, Ok(Err(AnswerRefused::Gone))) {
            self.ask_again(client, None, step).await?;
        }
        told
    }

    async fn object(
        self: &Arc<Self>,
        client: &Client,
        form: FormCommand,
        step: &Step,
        answer: Answer<'_>,
    ) -> Result<Result<(), AnswerRefused>, Failure> {
        let (Some(method), Some(verdict)) = (by_way(answer.way), step.password) else {
            return Ok(Err(AnswerRefused::NotThisWay));
        };
        let Some(account) = self.account_of(step).await? else { return Ok(Err(AnswerRefused::Gone)) };
        let tried = match self.take_answer(client, &account, answer).await? {
            Ok(tried) => tried,
            Err(reached) => return Ok(Err(AnswerRefused::Limit(reached))),
        };
        let fingerprint = self.form_fingerprint(&["object to recovery"]);
        let told = async {
            for _ in 0..TRIES {
                let Some(account) = self.account_of(step).await? else { return Ok(Err(AnswerRefused::Gone)) };
                let devices = self.objecting(&account, method).await?;
                let sent = match answer.way {
                    SignInMethod::Sms => self.sent_codes(client, &account, &devices).await?,
                    _ => Vec::new(),
                };
                let asked = Asked { device: answer.device, sent: &sent, ..self.asked(step) };
                let Some(factor) = method.check(&devices, answer.given, asked) else {
                    return Ok(Err(AnswerRefused::NotThisWay));
                };
                // A code that was sent answers a challenge of its own.
                let challenge = factor.proof.challenge.or(Some(step.challenge));
                let proof = Proof { challenge, ..factor.proof };
                let command = CancelRecoveryByDevice { verdict, factor: FactorVerdict { proof, ..factor } };
                let origin = self.form_origin(client, form, fingerprint, Actor::Person(account.stream));
                match self.attempt(&account, &command, &self.policy().await?, Vec::new(), &origin).await? {
                    Attempt::Decided { outcome: Ok(()), .. } => return Ok(Ok(())),
                    Attempt::Decided { outcome: Err(CancelRefusal::Proof(ProofRefusal::Stale)), .. }
                    | Attempt::Again => {}
                    Attempt::Decided { outcome: Err(CancelRefusal::Proof(refusal)), .. } => {
                        return Ok(Err(self.refused(refusal)));
                    }
                    Attempt::Decided { outcome: Err(CancelRefusal::NoneWaits | CancelRefusal::NoSay), .. } => {
                        return Ok(Err(AnswerRefused::NotThisWay));
                    }
                    Attempt::Decided {
                        outcome: Err(CancelRefusal::WrongPassword | CancelRefusal::StaleVerdict),
                        ..
                    } => return Ok(Err(AnswerRefused::Gone)),
                }
            }
            Err(Failure::BUSY)
        }
        .await;
        match &told {
            Ok(Err(AnswerRefused::Wrong)) => self.record_wrong_answer(client, step.stream, answer.way, tried),
            _ => self.give_answer_back(&tried).await?,
        }
        told
    }
}
