//! A batch as one call of one function.

use chancery_domain::{KeyId, Timestamp};
use uuid::Uuid;

use super::rows::{bytes, get};
use super::writer::Writer;
use crate::append::{Prepared, Reservation, Status};
use crate::backend::BackendError;
use crate::record;
use crate::row::{Fingerprint, Position};

/// The composite types of `chancery.append`'s parameters; the columns stand in the database's order.
mod parameters {
    use uuid::Uuid;

    #[derive(sqlx::Type)]
    #[sqlx(type_name = "chancery.new_command")]
    pub(super) struct Command {
        pub owner: i32,
        pub command: Uuid,
        pub fingerprint: Vec<u8>,
        pub stream: Uuid,
        pub expected: i64,
        pub decided: i64,
        pub events: i32,
        pub aggregate: Option<String>,
        pub fold_version: Option<i32>,
        pub state_key: Option<Uuid>,
        pub state: Option<Vec<u8>>,
    }

    #[derive(sqlx::Type)]
    #[sqlx(type_name = "chancery.new_event")]
    pub(super) struct Event {
        pub owner: i32,
        pub stream: Uuid,
        pub version: i64,
        pub event_type: String,
        pub schema_version: i32,
        pub decided: i64,
        pub command: Uuid,
        pub correlation: Uuid,
        pub causing: Option<i64>,
        pub actor_kind: i16,
        pub actor_id: String,
        pub key_id: Option<Uuid>,
        pub actor_key_id: Option<Uuid>,
        pub network_key_id: Option<Uuid>,
        pub subject: Option<Vec<u8>>,
        pub inputs: Option<Vec<u8>>,
        pub details: Option<Vec<u8>>,
        pub mac_key_id: Option<Uuid>,
        pub mac: Option<Vec<u8>>,
    }

    #[derive(sqlx::Type)]
    #[sqlx(type_name = "chancery.stream_guard")]
    pub(super) struct Guard {
        pub owner: i32,
        pub stream: Uuid,
        pub version: i64,
    }

    #[derive(sqlx::Type)]
    #[sqlx(type_name = "chancery.named_key")]
    pub(super) struct NamedKey {
        pub owner: i32,
        pub id: Uuid,
        pub decided: i64,
    }

    #[derive(sqlx::Type)]
    #[sqlx(type_name = "chancery.new_key")]
    pub(super) struct NewKey {
        pub owner: i32,
        pub id: Uuid,
        pub class: i16,
        pub key_owner: Option<Uuid>,
        pub purpose: Option<String>,
        pub wrapped: Vec<u8>,
        pub wrapper: Vec<u8>,
        pub created: i64,
    }

    #[derive(sqlx::Type)]
    #[sqlx(type_name = "chancery.named_reservation")]
    pub(super) struct Reservation {
        pub owner: i32,
        pub command: Uuid,
        pub stream: Uuid,
        pub kind: i16,
        pub mac: Vec<u8>,
    }
}

/// A whole batch, taken apart.
#[derive(Default)]
struct Batch {
    commands: Vec<parameters::Command>,
    events: Vec<parameters::Event>,
    guards: Vec<parameters::Guard>,
    sealing_keys: Vec<parameters::NamedKey>,
    new_keys: Vec<parameters::NewKey>,
    claims: Vec<parameters::Reservation>,
    releases: Vec<parameters::Reservation>,
    destroyed_keys: Vec<parameters::NamedKey>,
}

impl Batch {
    /// Adds the command that stands at `owner` in the batch, from 1 on.
    fn push(&mut self, owner: i32, prepared: &Prepared) {
        let stream = Uuid::from(prepared.stream);
        let command = prepared.command.0;
        let decided = prepared.decided.micros();
        let id = |key: Option<KeyId>| key.map(Uuid::from);
        let state = prepared.state.as_ref();
        self.commands.push(parameters::Command {
            owner,
            command,
            fingerprint: prepared.fingerprint.0.to_vec(),
            stream,
            expected: prepared.expected.0,
            decided,
            events: count(prepared.events.len()),
            aggregate: state.map(|state| state.aggregate.to_owned()),
            fold_version: state.map(|state| i32::from(state.fold_version)),
            state_key: state.and_then(|state| id(state.key)),
            state: state.and_then(|state| state.sealed.clone()),
        });
        let actor_id = prepared.actor.id();
        self.events.extend(prepared.events.iter().zip(1_i64..).map(|(event, place)| parameters::Event {
            owner,
            stream,
            version: prepared.expected.0.saturating_add(place),
            event_type: event.event_type.to_owned(),
            schema_version: i32::from(event.schema_version),
            decided,
            command,
            correlation: prepared.correlation,
            causing: prepared.causing.map(|position| position.0),
            actor_kind: i16::from(prepared.actor.kind()),
            actor_id: actor_id.clone(),
            key_id: id(event.key),
            actor_key_id: id(event.actor_key),
            network_key_id: id(event.network_key),
            subject: event.subject.clone(),
            inputs: event.inputs.clone(),
            details: event.details.clone(),
            mac_key_id: id(event.mac_key),
            mac: event.mac.map(|mac| mac.to_vec()),
        }));
        self.guards.extend(prepared.guards.iter().map(|guard| parameters::Guard {
            owner,
            stream: guard.stream.into(),
            version: guard.version.0,
        }));
        let named = |id: &KeyId| parameters::NamedKey { owner, id: Uuid::from(*id), decided };
        self.sealing_keys.extend(prepared.sealing_keys.iter().map(named));
        self.destroyed_keys.extend(prepared.destroyed_keys.iter().map(named));
        self.new_keys.extend(prepared.new_keys.iter().map(|key| parameters::NewKey {
            owner,
            id: key.id.into(),
            class: key.class as i16,
            key_owner: key.owner.map(Uuid::from),
            purpose: key.purpose.clone(),
            wrapped: key.wrapped.clone(),
            wrapper: key.wrapper.to_vec(),
            created: key.created.micros(),
        }));
        let reservation = |held: &Reservation| parameters::Reservation {
            owner,
            command,
            stream,
            kind: held.kind as i16,
            mac: held.mac.to_vec(),
        };
        self.claims.extend(prepared.claims.iter().map(reservation));
        self.releases.extend(prepared.releases.iter().map(reservation));
    }
}

/// Writes a batch; see [`crate::Backend::append`].
pub(super) async fn append(writer: &Writer, batch: &[Prepared]) -> Result<Vec<Status>, BackendError> {
    call(writer, sqlx::query("SELECT * FROM chancery.append($1, $2, $3, $4, $5, $6, $7, $8)"), batch).await
}

/// Writes the first command of an epoch; see [`crate::Backend::begin_epoch`].
pub(super) async fn begin_epoch(writer: &Writer, epoch: i64, command: &Prepared) -> Result<Status, BackendError> {
    let begin = sqlx::query("SELECT * FROM chancery.begin_epoch($1, $2, $3, $4, $5, $6, $7, $8, $9)").bind(epoch);
    let statuses = call(writer, begin, std::slice::from_ref(command)).await?;
    statuses.into_iter().next().ok_or_else(|| BackendError::Damaged("an append gave no status".to_owned()))
}

type Call = sqlx::query::Query<'static, sqlx::Postgres, sqlx::postgres::PgArguments>;

/// Calls a function whose last arguments are a batch.
async fn call(writer: &Writer, function: Call, batch: &[Prepared]) -> Result<Vec<Status>, BackendError> {
    if batch.is_empty() {
        return Ok(Vec::new());
    }
    let mut parts = Batch::default();
    for (owner, prepared) in (1..).zip(batch) {
        check(prepared).map_err(BackendError::Rejected)?;
        parts.push(owner, prepared);
    }
    let call = function
        .bind(parts.commands)
        .bind(parts.events)
        .bind(parts.guards)
        .bind(parts.sealing_keys)
        .bind(parts.new_keys)
        .bind(parts.claims)
        .bind(parts.releases)
        .bind(parts.destroyed_keys);
    let answer = writer.row(call).await?;
    let answer = answer.ok_or_else(|| BackendError::Damaged("an append gave no answer".to_owned()))?;
    let (mut position, mut recorded): (i64, i64) = (get(&answer, 0)?, get(&answer, 1)?);
    let verdicts: Option<Vec<i16>> = get(&answer, 2)?;
    let known = Known { fingerprints: get(&answer, 3)?, firsts: get(&answer, 4)?, lasts: get(&answer, 5)? };
    // The positions and times that the function gave follow from the head as it was before.
    let mut statuses = Vec::with_capacity(batch.len());
    for (place, prepared) in batch.iter().enumerate() {
        statuses.push(match verdicts.as_ref().map_or(Some(0), |verdicts| verdicts.get(place).copied()) {
            Some(0) => {
                let first = position + 1;
                position += i64::from(count(prepared.events.len()));
                recorded = recorded.max(prepared.decided.micros());
                Status::Appended { first: Position(first), last: Position(position), recorded: Timestamp(recorded) }
            }
            verdict => refusal(verdict, prepared, || known.at(place))?,
        });
    }
    Ok(statuses)
}

/// What no caller may ask for.
fn check(prepared: &Prepared) -> Result<(), sqlx::Error> {
    if prepared.events.is_empty() {
        return Err(sqlx::Error::Encode("a command without an event".into()));
    }
    let fits = prepared.events.iter().try_for_each(|event| record::check(prepared, event));
    fits.map_err(|error| sqlx::Error::Encode(error.into()))
}

/// What is remembered of a batch's duplicates.
struct Known {
    fingerprints: Option<Vec<Option<Vec<u8>>>>,
    firsts: Option<Vec<Option<i64>>>,
    lasts: Option<Vec<Option<i64>>>,
}

impl Known {
    fn at(&self, place: usize) -> Option<(&[u8], i64, i64)> {
        Some((
            self.fingerprints.as_ref()?.get(place)?.as_deref()?,
            (*self.firsts.as_ref()?.get(place)?)?,
            (*self.lasts.as_ref()?.get(place)?)?,
        ))
    }
}

/// What a verdict other than "written" says.
fn refusal<'k>(
    verdict: Option<i16>,
    prepared: &Prepared,
    known: impl FnOnce() -> Option<(&'k [u8], i64, i64)>,
) -> Result<Status, BackendError> {
    let taken = prepared.claims.iter().map(|claim| claim.kind).find(|kind| verdict == Some(100 + *kind as i16));
    if let Some(kind) = taken {
        return Ok(Status::ReservationTaken(kind));
    }
    let damaged = || BackendError::Damaged(format!("an append gave the verdict {verdict:?}"));
    Ok(match verdict {
        Some(1) => {
            let (fingerprint, first, last) = known().ok_or_else(damaged)?;
            Status::Duplicate {
                fingerprint: Fingerprint(bytes(fingerprint, "a fingerprint")?),
                first: Position(first),
                last: Position(last),
            }
        }
        Some(2) => Status::KeyGone,
        Some(3) => Status::WrongVersion,
        _ => return Err(damaged()),
    })
}

/// A number of events; a batch is bounded far below.
fn count(events: usize) -> i32 {
    i32::try_from(events).unwrap_or(i32::MAX)
}
