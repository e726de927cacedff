//! Rows as the driver gives them, turned into the store's own.

use chancery_domain::{Actor, KeyId, StreamId, Timestamp};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::backend::{BackendError, KeyClass, KeyRow, StateRow};
use crate::row::{CommandId, EventRow, Position, Version};

/// The columns that [`event`] reads, in its order.
macro_rules! event_columns {
    () => {
        "position, stream, version, event_type, schema_version, decided, recorded, command, correlation, causing, \
         actor_kind, actor_id, key_id, actor_key_id, network_key_id, subject, inputs, details, mac_key_id, mac"
    };
}
/// The columns that [`key`] reads, in its order.
macro_rules! key_columns {
    () => {
        "k.id, k.class, k.owner, k.purpose, k.wrapped, k.wrapper, k.created"
    };
}
pub(super) use {event_columns, key_columns};

/// A column's value, by its place.
pub(super) fn get<'r, T>(row: &'r PgRow, place: usize) -> Result<T, BackendError>
where
    T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    row.try_get(place).map_err(BackendError::Rejected)
}

/// An array of fixed length.
pub(super) fn bytes<const N: usize>(bytes: &[u8], what: &str) -> Result<[u8; N], BackendError> {
    bytes.try_into().map_err(|_| BackendError::Damaged(format!("{what} has {} bytes, not {N}", bytes.len())))
}

/// An event with the columns of [`event_columns`].
pub(super) fn event(row: &PgRow) -> Result<EventRow, BackendError> {
    let position: i64 = get(row, 0)?;
    let damaged = |what: &str| BackendError::Damaged(format!("{what} of the event at position {position}"));
    let key = |place| Ok::<_, BackendError>(get::<Option<Uuid>>(row, place)?.map(KeyId::from));
    let kind = u8::try_from(get::<i16>(row, 10)?).map_err(|_| damaged("the actor's kind"))?;
    Ok(EventRow {
        position: Position(position),
        stream: StreamId::from(get::<Uuid>(row, 1)?),
        version: Version(get(row, 2)?),
        event_type: get(row, 3)?,
        schema_version: u16::try_from(get::<i32>(row, 4)?).map_err(|_| damaged("the schema version"))?,
        decided: Timestamp(get(row, 5)?),
        recorded: Timestamp(get(row, 6)?),
        command: CommandId(get(row, 7)?),
        correlation: get(row, 8)?,
        causing: get::<Option<i64>>(row, 9)?.map(Position),
        actor: Actor::from_stored(kind, get(row, 11)?).ok_or_else(|| damaged("the actor"))?,
        key: key(12)?,
        actor_key: key(13)?,
        network_key: key(14)?,
        subject: get(row, 15)?,
        inputs: get(row, 16)?,
        details: get(row, 17)?,
        mac_key: key(18)?,
        mac: get::<Option<&[u8]>>(row, 19)?.map(|mac| bytes(mac, "an event's MAC")).transpose()?,
    })
}

/// A key with the columns of [`key_columns`], of which the first stands at `from`; `None` if that is null.
pub(super) fn key(row: &PgRow, from: usize) -> Result<Option<KeyRow>, BackendError> {
    let Some(id) = get::<Option<Uuid>>(row, from)? else { return Ok(None) };
    let class: i16 = get(row, from + 1)?;
    Ok(Some(KeyRow {
        id: KeyId::from(id),
        class: KeyClass::from_stored(class)
            .ok_or_else(|| BackendError::Damaged(format!("key {id} is of unknown class {class}")))?,
        owner: get::<Option<Uuid>>(row, from + 2)?.map(StreamId::from),
        purpose: get(row, from + 3)?,
        wrapped: get(row, from + 4)?,
        wrapper: bytes(get(row, from + 5)?, "a wrapping key's fingerprint")?,
        created: Timestamp(get(row, from + 6)?),
    }))
}

/// Stream, version, fold version and state, followed by the key's columns.
pub(super) fn state(row: &PgRow) -> Result<StateRow, BackendError> {
    let stream = StreamId::from(get::<Uuid>(row, 0)?);
    Ok(StateRow {
        stream,
        version: Version(get(row, 1)?),
        fold_version: u16::try_from(get::<i32>(row, 2)?)
            .map_err(|_| BackendError::Damaged(format!("the fold version of stream {stream}")))?,
        sealed: get(row, 3)?,
        key: key(row, 4)?,
    })
}
