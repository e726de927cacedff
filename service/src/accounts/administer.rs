//! What an administrator does from the command line: for the day an account is stolen.

use chancery_domain::account::commands::{EndSessions, Refusal, ResetFactors, Resume, ResumeFactors, Suspend, Which};
use chancery_domain::values::Uid;
use chancery_domain::{Actor, ActorDetails};
use chancery_eventstore::{Priority, Purpose};
use data_encoding::HEXLOWER;

use super::uid_claim;
use crate::app::{App, Failure};
use crate::run::Origin;
use crate::throttle::LimitReached;

/// What is done to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Stop all use of it.
    Suspend,
    /// Give it back.
    Resume,
    /// End every session and forget every known browser.
    EndSessions,
    /// Take every second factor away of a person who has none of them left.
    ResetFactors,
    /// Let suspended second factors count again.
    ResumeFactors,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    /// Done, and in force.
    Done,
    /// There is no such account.
    NoAccount,
    /// The account is not in a state in which this can be done: suspended already, not suspended, or gone.
    NotNow,
    /// That was done to so many accounts within the hour that it must wait.
    TooMany(LimitReached),
}

impl App {
    /// An administrator acts, for a reason.
    pub(crate) fn by_administrator(&self, administrator: &str, route: &str, reason: &str) -> Origin {
        let pseudonym = self.store.service_mac(Purpose::Pseudonym, &[b"administrator", administrator.as_bytes()]);
        let details = ActorDetails {
            address: None,
            user_agent: None,
            note: Some(format!("{administrator}: {reason}").chars().take(500).collect()),
        };
        Origin {
            command: self.store.command_id(b"administrator", route, self.new_id()),
            fingerprint: self.store.fingerprint(&[route.as_bytes()]),
            actor: Actor::Administrator(HEXLOWER.encode(&pseudonym[..8])),
            details: Some(details),
            correlation: self.new_id(),
            causing: None,
            priority: Priority::Session,
        }
    }

    /// Carries out a measure, by an administrator who gives a reason.
    ///
    /// The name stands sealed beside the event; in the clear only a pseudonym.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn administer(
        &self,
        administrator: &str,
        uid: &Uid,
        measure: &Measure,
        reason: &str,
    ) -> Result<Measured, Failure> {
        let Some(account) = self.store.find::<chancery_domain::account::Account>(&uid_claim(uid)).await? else {
            return Ok(Measured::NoAccount);
        };
        let counter = self.counter(&[b"factor resets"]);
        if *measure == Measure::ResetFactors
            && let Err(reached) = self.take(self.limits.factor_resets, &counter).await?
        {
            return Ok(Measured::TooMany(reached));
        }
        let origin = self.by_administrator(administrator, "administer", reason);
        let stream = account.stream;
        let reason: String = reason.chars().take(500).collect();
        let outcome: Option<Result<(), Refusal>> = match measure {
            Measure::Suspend => self.on_account(stream, &Suspend { reason }, &origin).await?,
            Measure::Resume => self.on_account(stream, &Resume { reason }, &origin).await?,
            Measure::EndSessions => {
                let command = EndSessions { which: Which::All, asked_in: None, note: Some(reason) };
                self.on_account(stream, &command, &origin).await?
            }
            Measure::ResetFactors => self.on_account(stream, &ResetFactors { reason }, &origin).await?,
            Measure::ResumeFactors => self.on_account(stream, &ResumeFactors { reason }, &origin).await?,
        };
        // What changed nothing counts for nothing.
        if *measure == Measure::ResetFactors && !matches!(outcome, Some(Ok(()))) {
            self.store.backend().give_back(&[counter], self.now()).await?;
        }
        Ok(match outcome {
            None => Measured::NoAccount,
            Some(Ok(())) => Measured::Done,
            Some(Err(Refusal::NotNow)) => Measured::NotNow,
        })
    }
}
