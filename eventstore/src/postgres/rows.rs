//! Rows as the driver gives them, turned into the store's own.

use chancery_domain::{KeyId, StreamId, Timestamp};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::backend::{BackendError, KeyClass, KeyRow, StateRow};
use crate::row::Version;

/// The columns that [`key`] reads, in its order.
macro_rules! key_columns {
    () => {
        "k.id, k.class, k.owner, k.purpose, k.wrapped, k.wrapper, k.created"
    };
}
pub(super) use key_columns;

/// The columns that [`state`] reads, in its order, of `states s` and its key `k`.
macro_rules! state_columns {
    () => {
        concat!("s.stream, s.version, s.fold_version, s.state, ", super::rows::key_columns!())
    };
}
pub(super) use state_columns;

/// Joins the data key `k` that sealed the state of `states s`. With a limit, so that it is found by a walk down the index
/// whatever the planner takes the tables for.
macro_rules! key_of_state {
    () => {
        " LEFT JOIN LATERAL (SELECT * FROM chancery.keys WHERE id = s.key_id LIMIT 1) k ON true"
    };
}
pub(super) use key_of_state;

/// The place behind the columns of [`state_columns`].
pub(super) const AFTER_STATE: usize = 11;

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
