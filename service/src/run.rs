//! Running a command: decide on what was loaded, seal, append; tell when to load and decide anew.

use chancery_domain::account::Account;
use chancery_domain::policy::POLICY_STREAM;
use chancery_domain::{Actor, ActorDetails, Aggregate, Command, Context, KeyId, RULES, StreamId};
use chancery_eventstore::{
    AppendError, CommandId, Commit, CommitError, Committed, DecisionInputs, Fingerprint, Loaded, NewKey, Position,
    Priority, StreamKey,
};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::app::{App, Failure, PolicyInForce};
use crate::trace;

/// The software version that decisions name, with the number of the rules that they follow. Logs of before there was a
/// number name the version alone.
fn software() -> String {
    format!("{}+rules.{RULES}", env!("CARGO_PKG_VERSION"))
}

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
    /// What it is worth where there is no room for all.
    pub priority: Priority,
}

impl Origin {
    /// The same, worth something else.
    #[must_use]
    pub(crate) fn worth(self, priority: Priority) -> Self {
        Self { priority, ..self }
    }
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
        /// From which position on every read sees it; `None` where it led to no event.
        position: Option<Position>,
    },
    /// What the decision read has moved on: load and decide anew.
    Again,
}

/// What a command brings along.
#[derive(Default)]
pub(crate) struct Along {
    /// Keys that come into being with it.
    pub(crate) made: Vec<NewKey>,
    /// Keys that go with it.
    pub(crate) destroyed: Vec<KeyId>,
    /// The epoch of the log that begins with it.
    pub(crate) epoch: Option<i64>,
    /// Other streams that the decision read, besides the policy's, and the versions at which it did.
    pub(crate) guards: Vec<(StreamId, i64)>,
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
        self.attempt_with(loaded, command, policy, Along { made: new_keys, ..Along::default() }, origin).await
    }

    /// The same, with more than new keys.
    pub(crate) async fn attempt_with<C: Command>(
        &self,
        loaded: &Loaded<C::Aggregate>,
        command: &C,
        policy: &PolicyInForce,
        along: Along,
        origin: &Origin,
    ) -> Result<Attempt<C::Outcome, C::Refusal>, Failure> {
        self.is_trusted()?;
        let now = self.now();
        let context = Context { stream: loaded.stream, now, epoch_began: self.log.began, policy: &policy.policy };
        let decision = command.decide(&loaded.state, context);
        if decision.events.is_empty() {
            return Ok(Attempt::Decided { outcome: decision.outcome, duplicate: false, position: None });
        }
        // The policy's own commands depend on nothing but their stream.
        let mut guards = along.guards;
        if loaded.stream != POLICY_STREAM {
            guards.insert(0, (POLICY_STREAM, policy.version.0));
        }
        let commit = Commit {
            command: origin.command,
            fingerprint: origin.fingerprint,
            events: decision.events,
            inputs: DecisionInputs {
                command: C::NAME.to_owned(),
                version: C::VERSION,
                arguments: command.encode(),
                policy: policy.version.0,
                software: software(),
                guards,
            },
            new_keys: along.made,
            destroyed_keys: along.destroyed,
            decided: now,
            actor: origin.actor.clone(),
            details: origin.details.clone(),
            actor_key: None,
            correlation: origin.correlation,
            causing: origin.causing,
            priority: origin.priority,
        };
        let span = trace::command(C::NAME, C::Aggregate::NAME, origin.correlation, commit.events.len());
        let committed = async {
            match along.epoch {
                None => self.store.commit(loaded, commit).await,
                Some(epoch) => self.store.begin_epoch(epoch, loaded, commit).await,
            }
        }
        .instrument(span.clone())
        .await;
        match committed {
            Ok(committed) => {
                trace::appended(&span, committed.position().0);
                if matches!(committed, Committed::Appended { .. }) {
                    self.room.was_found();
                }
                tracing::debug!(command = C::NAME, position = committed.position().0, "committed");
                metrics::counter!("chancery_commands_total", "command" => C::NAME, "aggregate" => C::Aggregate::NAME)
                    .increment(1);
                let duplicate = matches!(committed, Committed::Duplicate { .. });
                Ok(Attempt::Decided { outcome: decision.outcome, duplicate, position: Some(committed.position()) })
            }
            Err(CommitError::Append(
                AppendError::WrongVersion | AppendError::KeyGone | AppendError::ReservationTaken(_),
            )) => Ok(Attempt::Again),
            Err(error) => {
                if matches!(error, CommitError::Append(AppendError::Full)) {
                    self.room.was_missed(self.now());
                }
                trace::failed(&span);
                Err(error.into())
            }
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
