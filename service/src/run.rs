//! Running a command: decide on what was loaded, seal, append; tell when to load and decide anew.

use std::sync::atomic::Ordering;

use chancery_domain::account::Account;
use chancery_domain::policy::POLICY_STREAM;
use chancery_domain::{Actor, ActorDetails, Aggregate, Command, Context, KeyId, StreamId};
use chancery_eventstore::{
    AppendError, CommandId, Commit, CommitError, Committed, DecisionInputs, Fingerprint, Loaded, NewKey, Position,
    StreamKey,
};
use uuid::Uuid;

use crate::app::{App, Failure, PolicyInForce};

/// The software version that decisions name.
const SOFTWARE: &str = env!("CARGO_PKG_VERSION");

/// How often a use case loads and decides anew when its stream keeps moving.
pub(crate) const TRIES: usize = 8;

/// On whose behalf a command runs, and what it answers to.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The command's id.
    pub command: CommandId,
    /// The request that the id stands for.
    pub fingerprint: Fingerprint,
    /// Who acts.
    pub actor: Actor,
    /// What is known of the actor's machine.
    pub details: Option<ActorDetails>,
    /// Ties together what one request leads to.
    pub correlation: Uuid,
    /// The event that a job acts on.
    pub causing: Option<Position>,
}

/// What became of one attempt.
#[derive(Debug)]
#[must_use]
pub(crate) enum Attempt<O, R> {
    /// Decided, and durable where it led to events.
    Decided {
        /// The answer.
        outcome: Result<O, R>,
        /// The command is in the log already: another request with this id came first, or this one did and its
        /// connection was lost. What was typed with it and left out of the fingerprint may be another.
        duplicate: bool,
    },
    /// What the decision read has moved on: load and decide anew.
    Again,
}

/// Keys that come and go with a command.
struct Keys {
    made: Vec<NewKey>,
    destroyed: Vec<KeyId>,
}

impl App {
    /// Decides a command on a loaded aggregate and commits what it leads to.
    pub(crate) async fn attempt<C: Command>(
        &self,
        loaded: &Loaded<C::Aggregate>,
        command: &C,
        policy: &PolicyInForce,
        new_keys: Vec<NewKey>,
        origin: &Origin,
    ) -> Result<Attempt<C::Outcome, C::Refusal>, Failure> {
        self.decide_and_commit(loaded, command, policy, Keys { made: new_keys, destroyed: Vec::new() }, origin).await
    }

    /// The same, and destroys keys with it.
    pub(crate) async fn attempt_destroying<C: Command>(
        &self,
        loaded: &Loaded<C::Aggregate>,
        command: &C,
        policy: &PolicyInForce,
        destroyed_keys: Vec<KeyId>,
        origin: &Origin,
    ) -> Result<Attempt<C::Outcome, C::Refusal>, Failure> {
        self.decide_and_commit(loaded, command, policy, Keys { made: Vec::new(), destroyed: destroyed_keys }, origin)
            .await
    }

    async fn decide_and_commit<C: Command>(
        &self,
        loaded: &Loaded<C::Aggregate>,
        command: &C,
        policy: &PolicyInForce,
        keys: Keys,
        origin: &Origin,
    ) -> Result<Attempt<C::Outcome, C::Refusal>, Failure> {
        if !self.clock_agrees.load(Ordering::Relaxed) {
            return Err(Failure::ClockSkew);
        }
        let now = self.now();
        let context = Context { stream: loaded.stream, now, policy: &policy.policy };
        let decision = command.decide(&loaded.state, context);
        if decision.events.is_empty() {
            return Ok(Attempt::Decided { outcome: decision.outcome, duplicate: false });
        }
        // The policy's own commands depend on nothing but their stream.
        let guards = if loaded.stream == POLICY_STREAM { Vec::new() } else { vec![(POLICY_STREAM, policy.version.0)] };
        let commit = Commit {
            command: origin.command,
            fingerprint: origin.fingerprint,
            events: decision.events,
            inputs: DecisionInputs {
                command: C::NAME.to_owned(),
                version: C::VERSION,
                arguments: command.encode(),
                policy: policy.version.0,
                software: SOFTWARE.to_owned(),
                guards,
            },
            new_keys: keys.made,
            destroyed_keys: keys.destroyed,
            decided: now,
            actor: origin.actor.clone(),
            details: origin.details.clone(),
            actor_key: None,
            correlation: origin.correlation,
            causing: origin.causing,
        };
        match self.store.commit(loaded, commit).await {
            Ok(committed) => {
                tracing::debug!(command = C::NAME, position = committed.position().0, "committed");
                metrics::counter!("chancery_commands_total", "command" => C::NAME, "aggregate" => C::Aggregate::NAME)
                    .increment(1);
                let duplicate = matches!(committed, Committed::Duplicate { .. });
                Ok(Attempt::Decided { outcome: decision.outcome, duplicate })
            }
            Err(CommitError::Append(
                AppendError::WrongVersion | AppendError::KeyGone | AppendError::ReservationTaken(_),
            )) => Ok(Attempt::Again),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives a command to an account, again for as long as the account moves on meanwhile; `None` if there is none, or
    /// if it is gone.
    pub(crate) async fn on_account<C: Command<Aggregate = Account>>(
        &self,
        stream: StreamId,
        command: &C,
        origin: &Origin,
    ) -> Result<Option<Result<C::Outcome, C::Refusal>>, Failure> {
        for _ in 0..TRIES {
            let account = self.store.load::<Account>(stream).await?;
            let Some(account) = account.filter(|account| !matches!(account.key, StreamKey::Gone)) else {
                return Ok(None);
            };
            let policy = self.policy().await?;
            if let Attempt::Decided { outcome, .. } =
                self.attempt(&account, command, &policy, Vec::new(), origin).await?
            {
                return Ok(Some(outcome));
            }
        }
        Err(Failure::BUSY)
    }
}
