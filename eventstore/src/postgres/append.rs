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
    use sqlx::encode::{Encode, IsNull};
    use sqlx::error::BoxDynError;
    use sqlx::postgres::types::PgRecordEncoder;
    use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo};
    use sqlx::{Postgres, Type};
    use uuid::Uuid;

    /// What `derive(sqlx::Type)` would make of each, see [`crate::migrations`] for why it does not.
    macro_rules! composites {
        ($($name:literal $composite:ident { $($column:ident: $of:ty,)+ })+) => {$(
            pub(super) struct $composite {
                $(pub $column: $of,)+
            }

            impl Type<Postgres> for $composite {
                fn type_info() -> PgTypeInfo {
                    PgTypeInfo::with_name($name)
                }
            }

            impl PgHasArrayType for $composite {
                fn array_type_info() -> PgTypeInfo {
                    PgTypeInfo::array_of($name)
                }
            }

            impl Encode<'_, Postgres> for $composite {
                fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
                    let mut record = PgRecordEncoder::new(buffer);
                    $(record.encode(&self.$column)?;)+
                    record.finish();
                    Ok(IsNull::No)
                }
            }
        )+};
    }

    composites! {
        "chancery.new_command" Command {
            owner: i32,
            command: Uuid,
            fingerprint: Vec<u8>,
            stream: Uuid,
            expected: i64,
            decided: i64,
            events: i32,
            aggregate: Option<String>,
            fold_version: Option<i32>,
            state_key: Option<Uuid>,
            state: Option<Vec<u8>>,
        }
        "chancery.new_event" Event {
            owner: i32,
            stream: Uuid,
            version: i64,
            event_type: String,
            schema_version: i32,
            decided: i64,
            command: Uuid,
            correlation: Uuid,
            causing: Option<i64>,
            actor_kind: i16,
            actor_id: String,
            key_id: Option<Uuid>,
            actor_key_id: Option<Uuid>,
            network_key_id: Option<Uuid>,
            subject: Option<Vec<u8>>,
            inputs: Option<Vec<u8>>,
            details: Option<Vec<u8>>,
            mac_key_id: Option<Uuid>,
            mac: Option<Vec<u8>>,
        }
        "chancery.stream_guard" Guard {
            owner: i32,
            stream: Uuid,
            version: i64,
        }
        "chancery.named_key" NamedKey {
            owner: i32,
            id: Uuid,
            decided: i64,
        }
        "chancery.new_key" NewKey {
            owner: i32,
            id: Uuid,
            class: i16,
            key_owner: Option<Uuid>,
            purpose: Option<String>,
            wrapped: Vec<u8>,
            wrapper: Vec<u8>,
            created: i64,
        }
        "chancery.named_reservation" Reservation {
            owner: i32,
            command: Uuid,
            stream: Uuid,
            kind: i16,
            mac: Vec<u8>,
        }
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
