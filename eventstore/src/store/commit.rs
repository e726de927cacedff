//! Committing: fold what was decided, see what that reserves, releases and destroys, seal, append.

use std::borrow::Cow;

use chancery_domain::events::Stored;
use chancery_domain::{Actor, ActorDetails, Aggregate, Claim, DomainEvent, KeyId, StreamId, Subject, Timestamp};
use minicbor::{Decode, Encode};
use uuid::Uuid;

use super::load::seal_state;
use super::{Loaded, Store, StreamKey};
use crate::append::{Guard, InlineState, NewKey, Prepared, PreparedEvent, Reservation};
use crate::batcher::{AppendError, Committed, judge};
use crate::keys::{KeyError, Purpose};
use crate::priority::Priority;
use crate::row::{CommandId, Fingerprint, Position, Version};
use crate::seal::{Associated, Part, PartKey, SecretKey};

/// What was decided, and on whose behalf.
#[derive(Clone, Debug)]
pub struct Commit<E> {
    /// The command's id.
    pub command: CommandId,
    /// The request that the id stands for.
    pub fingerprint: Fingerprint,
    /// The events, at least one.
    pub events: Vec<E>,
    /// What the decision was made from.
    pub inputs: DecisionInputs,
    /// Keys that come into being: those of credentials, and data keys of streams that begin with this one's event.
    pub new_keys: Vec<NewKey>,
    /// Keys to destroy besides those that the state no longer needs.
    pub destroyed_keys: Vec<KeyId>,
    /// When it was decided.
    pub decided: Timestamp,
    /// Who acted.
    pub actor: Actor,
    /// What is known of the actor's machine.
    pub details: Option<ActorDetails>,
    /// The actor's own data key, where the actor has an account and it is another than the subject's.
    pub actor_key: Option<(KeyId, SecretKey)>,
    /// Ties together what one request led to.
    pub correlation: Uuid,
    /// The event that a job acted on.
    pub causing: Option<Position>,
    /// What it is worth where there is no room for all.
    pub priority: Priority,
}

/// All that is needed to run a decision again: kept with a command's first event.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DecisionInputs {
    /// The command's name.
    #[n(0)]
    pub command: String,
    /// The version of its encoded shape.
    #[n(1)]
    pub version: u16,
    /// The encoded command: arguments without secrets, verdicts, results of look-ups.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub arguments: Vec<u8>,
    /// The version of the policy stream that it was decided by; 0 before there was a policy.
    #[n(3)]
    pub policy: i64,
    /// The version of the software that decided, and the number of its rules: `0.1.0+rules.1`; or the version alone, as it
    /// was written before rules had a number.
    #[n(4)]
    pub software: String,
    /// The other streams that were read, and their versions.
    #[n(5)]
    pub guards: Vec<(StreamId, i64)>,
}

impl DecisionInputs {
    /// The guards, as the append checks them.
    pub fn guards(&self) -> impl Iterator<Item = Guard> + '_ {
        self.guards.iter().map(|(stream, version)| Guard { stream: *stream, version: Version(*version) })
    }
}

/// Why a commit was not acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The log's refusal or failure.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// A key could not be used or made.
    #[error("a key could not be used")]
    Key(#[from] KeyError),
}

struct Sealer<'a> {
    stream: StreamId,
    data: (KeyId, &'a SecretKey),
    actor: Option<&'a (KeyId, SecretKey)>,
    network: Option<(KeyId, SecretKey)>,
}

/// Where an event stands among those of its command.
#[derive(Clone, Copy)]
struct Place {
    version: Version,
    first: bool,
    /// The stream's subject is gone with this command.
    tombstone: bool,
}

impl Store {
    /// Commits events that were decided on a loaded state.
    ///
    /// # Errors
    /// [`AppendError::WrongVersion`], [`AppendError::KeyGone`] and [`AppendError::ReservationTaken`] ask to load and
    /// decide anew.
    pub async fn commit<A: Aggregate>(
        &self,
        loaded: &Loaded<A>,
        commit: Commit<A::Event>,
    ) -> Result<Committed, CommitError> {
        let prepared = self.prepare(loaded, commit).await?;
        let network = prepared.events.iter().any(|event| event.network_key.is_some());
        let result = self.batcher.append(prepared).await;
        if network && matches!(result, Err(AppendError::KeyGone)) {
            self.keys.forget_network().await;
        }
        Ok(result?)
    }

    /// Commits events as the first of the epoch `epoch`.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn begin_epoch<A: Aggregate>(
        &self,
        epoch: i64,
        loaded: &Loaded<A>,
        commit: Commit<A::Event>,
    ) -> Result<Committed, CommitError> {
        let prepared = self.prepare(loaded, commit).await?;
        let status = self.backend.begin_epoch(epoch, &prepared).await.map_err(|error| AppendError::from(&error))?;
        Ok(judge(status, &prepared)?)
    }

    /// Seals and prepares; what [`Store::commit`] does before the append.
    ///
    /// # Errors
    /// [`CommitError::Key`], and [`AppendError::KeyGone`] for a stream whose key is destroyed.
    pub async fn prepare<A: Aggregate>(
        &self,
        loaded: &Loaded<A>,
        commit: Commit<A::Event>,
    ) -> Result<Prepared, CommitError> {
        let (data, mut new_keys) = match &loaded.key {
            StreamKey::Held(id, key) => ((*id, key), Vec::new()),
            StreamKey::New(key, new) => ((new.id, key), vec![NewKey::clone(new)]),
            StreamKey::Gone => return Err(AppendError::KeyGone.into()),
        };
        let network = match &commit.details {
            Some(_) => {
                let key = self.keys.network(commit.decided).await?;
                Some((key.id, key.key))
            }
            None => None,
        };
        let sealer = Sealer { stream: loaded.stream, data, actor: commit.actor_key.as_ref(), network };

        let readers = self.readers.at(commit.decided);
        let stored: Vec<Stored> = commit.events.iter().map(|event| event.stored(readers)).collect();
        let mut after = loaded.state.clone();
        for (event, stored) in commit.events.iter().zip(&stored) {
            after.evolve(commit.decided, &*as_read(event, stored));
        }
        let tombstone = after.is_tombstone();
        let mut version = loaded.version;
        let mut events = Vec::with_capacity(commit.events.len());
        for (index, (event, stored)) in commit.events.iter().zip(stored).enumerate() {
            version = Version(version.0 + 1);
            let place = Place { version, first: index == 0, tombstone };
            events.push(self.seal_event(&sealer, &commit, event.event_type(), stored, place));
        }

        let mut sealing_keys: Vec<KeyId> =
            events.iter().flat_map(|event| [event.key, event.actor_key, event.network_key]).flatten().collect();
        sealing_keys.push(data.0);
        sealing_keys.sort_unstable();
        sealing_keys.dedup();
        sealing_keys.retain(|id| new_keys.iter().all(|new| new.id != *id));

        let secrets = after.secret_keys();
        let mut destroyed_keys: Vec<KeyId> =
            loaded.state.secret_keys().into_iter().filter(|id| !secrets.contains(id)).collect();
        if tombstone {
            destroyed_keys.push(data.0);
        }
        destroyed_keys.extend(commit.destroyed_keys);
        // A credential that this same command made and replaced again never needs a stored key. Whether another stream's
        // key is needed is not this one's to tell.
        let is_needed = |new: &NewKey| secrets.contains(&new.id) || new.owner != Some(loaded.stream);
        new_keys.extend(commit.new_keys.into_iter().filter(is_needed));

        let (claims, releases) = self.reservations(&loaded.state.claims(), &after.claims());
        Ok(Prepared {
            command: commit.command,
            fingerprint: commit.fingerprint,
            stream: loaded.stream,
            expected: loaded.version,
            guards: commit.inputs.guards().collect(),
            sealing_keys,
            new_keys,
            claims,
            releases,
            destroyed_keys,
            state: Some(InlineState {
                aggregate: A::NAME,
                fold_version: A::FOLD_VERSION,
                key: (!tombstone).then_some(data.0),
                sealed: (!tombstone).then(|| seal_state(data.1, loaded.stream, version, &after)),
            }),
            events,
            decided: commit.decided,
            actor: commit.actor,
            correlation: commit.correlation,
            causing: commit.causing,
            priority: commit.priority,
        })
    }

    fn seal_event<E: DomainEvent>(
        &self,
        sealer: &Sealer<'_>,
        commit: &Commit<E>,
        event_type: &'static str,
        Stored { version: schema_version, subject }: Stored,
        Place { version, first, tombstone }: Place,
    ) -> PreparedEvent {
        let inputs = first && !tombstone;
        let details = commit.details.as_ref().filter(|_| !tombstone);
        let sealed = subject.is_some() || inputs || details.is_some();
        let key = sealed.then_some(sealer.data.0);
        let associated = Associated {
            key,
            stream: sealer.stream,
            version,
            event_type,
            schema_version,
            decided: commit.decided,
            command: commit.command,
            actor: &commit.actor,
            correlation: commit.correlation,
            causing: commit.causing,
        }
        .bytes();
        let part = |part| PartKey::derive(sealer.data.1, None, sealer.stream, version, part);
        let row_key = self.keys.service(Purpose::Row);
        PreparedEvent {
            event_type,
            schema_version,
            key,
            actor_key: details.and(sealer.actor).map(|(id, _)| *id),
            network_key: details.and(sealer.network.as_ref()).map(|(id, _)| *id),
            subject: subject.map(|plain| part(Part::Subject).seal(&associated, &zeroize::Zeroizing::new(plain))),
            inputs: inputs.then(|| part(Part::Inputs).seal(&associated, &encode(&commit.inputs))),
            details: details.map(|details| {
                let actor = sealer.actor.map_or(sealer.data.1, |(_, key)| key);
                let network = sealer.network.as_ref().map(|(_, key)| key);
                PartKey::derive(actor, network, sealer.stream, version, Part::Details)
                    .seal(&associated, &encode(details))
            }),
            mac_key: (!sealed).then_some(row_key.id),
            mac: (!sealed).then(|| row_key.key.mac(&[&associated])),
        }
    }

    fn reservations(&self, before: &[Claim], after: &[Claim]) -> (Vec<Reservation>, Vec<Reservation>) {
        let reservation = |claim: &Claim| Reservation { kind: claim.kind, mac: self.claim_mac(claim) };
        let claims = after.iter().filter(|claim| !before.contains(claim)).map(reservation).collect();
        let releases =
            before.iter().filter(|claim| claim.kind.is_released() && !after.contains(claim)).map(reservation).collect();
        (claims, releases)
    }
}

/// An event as whoever reads the log will find it. An older shape may say less than was decided, and the state must be
/// what the log tells.
fn as_read<'a, E: DomainEvent>(event: &'a E, stored: &Stored) -> Cow<'a, E> {
    if stored.version == event.schema_version() {
        return Cow::Borrowed(event);
    }
    let subject = stored.subject.as_deref().map_or(Subject::Absent, Subject::Open);
    Cow::Owned(E::decode(event.event_type(), stored.version, subject).expect("a build reads what it writes"))
}

fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).expect("encoding into memory does not fail")
}
