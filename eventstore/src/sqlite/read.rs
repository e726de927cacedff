//! What is read of the log, its keys and its inline rows.

use chancery_domain::{Actor, ClaimKind, KeyId, StreamId, Timestamp};
use futures::TryStreamExt;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Executor, Row, Sqlite, SqliteConnection};

use super::error::classify;
use super::readers::{Reader, Readers};
use crate::append::NewKey;
use crate::backend::{BackendError, Columns, EachEvent, Head, KeyClass, KeyRow, Remembered, StateRow};
use crate::row::{CommandId, EventRow, Fingerprint, Position, Version};

macro_rules! events {
    ($rest:literal) => {
        concat!(
            "SELECT position, stream, version, event_type, schema_version, decided, recorded, command, correlation, ",
            "causing, actor_kind, actor_id, key_id, actor_key_id, network_key_id, subject, inputs, details, ",
            "mac_key_id, mac FROM events ",
            $rest
        )
    };
}

// The same columns, of which a fold needs not all.
macro_rules! facts {
    ($rest:literal) => {
        concat!(
            "SELECT position, stream, version, event_type, schema_version, decided, recorded, command, correlation, ",
            "causing, actor_kind, actor_id, key_id, NULL, NULL, subject, CASE WHEN subject IS NULL THEN inputs END, NULL, ",
            "mac_key_id, mac FROM events ",
            $rest
        )
    };
}

macro_rules! keys {
    ($rest:literal) => {
        concat!("SELECT id, class, owner, purpose, wrapped, wrapper, created FROM keys ", $rest)
    };
}

macro_rules! states {
    ($rest:literal) => {
        concat!(
            "SELECT k.id, k.class, k.owner, k.purpose, k.wrapped, k.wrapper, k.created, ",
            "s.stream, s.version, s.fold_version, s.state FROM states AS s LEFT JOIN keys AS k ON k.id = s.key_id ",
            $rest
        )
    };
}

type Statement = Query<'static, Sqlite, SqliteArguments>;

/// A query with its limit in its text, of which there are few: SQLite plans for the very number, so that a statement whose
/// limit is a parameter is prepared anew each time that it is given one.
fn limited(text: &str, limit: u32) -> Statement {
    sqlx::query(AssertSqlSafe(format!("{text} LIMIT {limit}")))
}

async fn lent(readers: &Readers) -> Result<Reader, BackendError> {
    readers.lend().await.map_err(classify)
}

async fn optional<T>(
    readers: &Readers,
    statement: Statement,
    decode: impl FnOnce(&SqliteRow) -> Result<T, sqlx::Error>,
) -> Result<Option<T>, BackendError> {
    let row = statement.fetch_optional(&mut *lent(readers).await?).await.map_err(classify)?;
    row.as_ref().map(decode).transpose().map_err(classify)
}

async fn all<T>(
    readers: &Readers,
    statement: Statement,
    decode: impl FnMut(&SqliteRow) -> Result<T, sqlx::Error>,
) -> Result<Vec<T>, BackendError> {
    let rows = statement.fetch_all(&mut *lent(readers).await?).await.map_err(classify)?;
    rows.iter().map(decode).collect::<Result<_, _>>().map_err(classify)
}

pub(super) async fn head(readers: &Readers) -> Result<Head, BackendError> {
    let decode = |row: &SqliteRow| {
        Ok(Head {
            log: row.try_get(0)?,
            epoch: row.try_get(1)?,
            position: Position(row.try_get(2)?),
            recorded: Timestamp(row.try_get(3)?),
        })
    };
    optional(readers, sqlx::query("SELECT log, epoch, position, recorded FROM head"), decode)
        .await?
        .ok_or_else(|| BackendError::Damaged("the log has no head".into()))
}

pub(super) async fn relay_stopped(readers: &Readers) -> Result<Option<String>, BackendError> {
    const SQL: &str = "SELECT r.stopped FROM relay_generation AS r JOIN head AS h ON h.epoch = r.stopped_epoch \
         WHERE r.stopped <> ''";
    optional(readers, sqlx::query(SQL), |row| row.try_get(0)).await
}

pub(super) async fn after(
    readers: &Readers,
    after: Position,
    limit: u32,
    each: EachEvent<'_>,
) -> Result<(), BackendError> {
    let statement = limited(events!("WHERE position > $1 ORDER BY position"), limit);
    each_event(&mut *lent(readers).await?, statement.bind(after.0), each).await
}

/// The same on a connection that is within a transaction of its own.
pub(crate) async fn after_within(
    connection: &mut SqliteConnection,
    after: Position,
    until: Position,
    each: EachEvent<'_>,
) -> Result<(), BackendError> {
    let statement = sqlx::query(events!("WHERE position > $1 AND position <= $2 ORDER BY position"));
    each_event(connection, statement.bind(after.0).bind(until.0), each).await
}

async fn each_event<'e>(
    executor: impl Executor<'e, Database = Sqlite>,
    statement: Statement,
    each: EachEvent<'_>,
) -> Result<(), BackendError> {
    let mut rows = statement.fetch(executor);
    while let Some(row) = rows.try_next().await.map_err(classify)? {
        each(event(&row).map_err(classify)?);
    }
    Ok(())
}

pub(super) async fn stream(
    readers: &Readers,
    stream: StreamId,
    after: Version,
    limit: u32,
    columns: Columns,
    each: EachEvent<'_>,
) -> Result<(), BackendError> {
    let text = match columns {
        Columns::All => events!("WHERE stream = $1 AND version > $2 ORDER BY version"),
        Columns::Facts => facts!("WHERE stream = $1 AND version > $2 ORDER BY version"),
    };
    let statement = limited(text, limit).bind(stream.as_bytes().to_vec()).bind(after.0);
    each_event(&mut *lent(readers).await?, statement, each).await
}

pub(super) async fn remembered(readers: &Readers, command: CommandId) -> Result<Option<Remembered>, BackendError> {
    let statement =
        sqlx::query("SELECT fingerprint, stream, first_position, last_position FROM commands WHERE command = $1");
    optional(readers, statement.bind(command.0), |row| {
        Ok(Remembered {
            fingerprint: Fingerprint(bytes(row, 0)?),
            stream: StreamId::from_bytes(bytes(row, 1)?),
            first: Position(row.try_get(2)?),
            last: Position(row.try_get(3)?),
        })
    })
    .await
}

pub(super) async fn reserved(
    readers: &Readers,
    kind: ClaimKind,
    mac: &[u8; 32],
) -> Result<Option<StreamId>, BackendError> {
    let statement = sqlx::query("SELECT stream FROM reservations WHERE kind = $1 AND mac = $2");
    optional(readers, statement.bind(kind as i64).bind(mac.to_vec()), |row| Ok(StreamId::from_bytes(bytes(row, 0)?)))
        .await
}

pub(super) async fn count_reserved(readers: &Readers, kind: ClaimKind) -> Result<u64, BackendError> {
    let statement = sqlx::query("SELECT count(*) FROM reservations WHERE kind = $1").bind(kind as i64);
    let counted = optional(readers, statement, |row| row.try_get::<i64, _>(0)).await?;
    Ok(counted.unwrap_or_default().unsigned_abs())
}

pub(super) async fn holders(
    readers: &Readers,
    kind: ClaimKind,
    after: &[u8; 32],
    limit: u32,
) -> Result<Vec<([u8; 32], StreamId)>, BackendError> {
    let statement =
        sqlx::query("SELECT mac, stream FROM reservations WHERE kind = $1 AND mac > $2 ORDER BY mac LIMIT $3");
    let statement = statement.bind(kind as i64).bind(after.to_vec()).bind(i64::from(limit));
    all(readers, statement, |row| Ok((bytes(row, 0)?, StreamId::from_bytes(bytes(row, 1)?)))).await
}

pub(super) async fn state(readers: &Readers, stream: StreamId) -> Result<Option<StateRow>, BackendError> {
    optional(readers, sqlx::query(states!("WHERE s.stream = $1")).bind(stream.as_bytes().to_vec()), state_row).await
}

pub(super) async fn reserved_state(
    readers: &Readers,
    kind: ClaimKind,
    mac: &[u8; 32],
) -> Result<Option<StateRow>, BackendError> {
    let statement =
        sqlx::query(states!("WHERE s.stream = (SELECT stream FROM reservations WHERE kind = $1 AND mac = $2)"));
    optional(readers, statement.bind(kind as i64).bind(mac.to_vec()), state_row).await
}

// A stream has one data key; should it ever have had another, the newest counts.
pub(super) async fn data_key(readers: &Readers, stream: StreamId) -> Result<Option<KeyRow>, BackendError> {
    let statement = sqlx::query(keys!("WHERE owner = $1 AND class = 1 ORDER BY created DESC LIMIT 1"));
    optional(readers, statement.bind(stream.as_bytes().to_vec()), key_row).await
}

pub(super) async fn key(readers: &Readers, id: KeyId) -> Result<Option<KeyRow>, BackendError> {
    optional(readers, sqlx::query(keys!("WHERE id = $1")).bind(id.as_bytes().to_vec()), key_row).await
}

pub(super) async fn keys(readers: &Readers, ids: &[KeyId]) -> Result<Vec<KeyRow>, BackendError> {
    // One blob holds all ids, beside a JSON array that has an element for each of them.
    let places = serde_json::json!(ids.iter().map(|_| 0).collect::<Vec<_>>()).to_string();
    let joined: Vec<u8> = ids.iter().flat_map(|id| *id.as_bytes()).collect();
    let statement = sqlx::query(keys!("WHERE id IN (SELECT substr($2, key * 16 + 1, 16) FROM json_each($1))"));
    all(readers, statement.bind(places).bind(joined), key_row).await
}

pub(super) async fn keys_of_class(readers: &Readers, class: KeyClass) -> Result<Vec<KeyRow>, BackendError> {
    all(readers, sqlx::query(keys!("WHERE class = $1 ORDER BY created, id")).bind(class as i64), key_row).await
}

pub(super) async fn destroyed_keys(readers: &Readers, after: KeyId, limit: u32) -> Result<Vec<KeyId>, BackendError> {
    let statement = sqlx::query("SELECT id FROM keys WHERE wrapped IS NULL AND id > $1 ORDER BY id LIMIT $2");
    let statement = statement.bind(after.as_bytes().to_vec()).bind(i64::from(limit));
    all(readers, statement, |row| Ok(KeyId::from_bytes(bytes(row, 0)?))).await
}

pub(super) async fn applications(readers: &Readers) -> Result<Vec<StreamId>, BackendError> {
    let statement = sqlx::query("SELECT stream FROM states WHERE aggregate = 'application'");
    all(readers, statement, |row| Ok(StreamId::from_bytes(bytes(row, 0)?))).await
}

/// The key that stands for this one's class and purpose, or for its id where it has no purpose.
pub(super) async fn live_key(connection: &mut SqliteConnection, key: &NewKey) -> Result<Option<KeyRow>, sqlx::Error> {
    let statement = sqlx::query(keys!(
        "WHERE wrapped IS NOT NULL AND CASE WHEN $1 IS NULL THEN id = $3 ELSE purpose = $1 AND class = $2 END"
    ));
    let statement = statement.bind(key.purpose.clone()).bind(key.class as i64).bind(key.id.as_bytes().to_vec());
    statement.fetch_optional(connection).await?.as_ref().map(key_row).transpose()
}

pub(super) async fn time(readers: &Readers) -> Result<Timestamp, BackendError> {
    let statement = sqlx::query("SELECT CAST(round(unixepoch('now', 'subsec') * 1000) AS INTEGER) * 1000");
    optional(readers, statement, |row| Ok(Timestamp(row.try_get(0)?)))
        .await?
        .ok_or_else(|| BackendError::Damaged("the database tells no time".into()))
}

/// A blob of a fixed length.
pub(super) fn bytes<const N: usize>(row: &SqliteRow, index: usize) -> Result<[u8; N], sqlx::Error> {
    optional_bytes(row, index)?.ok_or_else(|| damaged("a missing value"))
}

fn optional_bytes<const N: usize>(row: &SqliteRow, index: usize) -> Result<Option<[u8; N]>, sqlx::Error> {
    let value: Option<&[u8]> = row.try_get(index)?;
    value.map(|bytes| bytes.try_into().map_err(|_| damaged("a value of another length"))).transpose()
}

fn optional_key(row: &SqliteRow, index: usize) -> Result<Option<KeyId>, sqlx::Error> {
    Ok(optional_bytes(row, index)?.map(KeyId::from_bytes))
}

fn narrow<T: TryFrom<i64>>(row: &SqliteRow, index: usize) -> Result<T, sqlx::Error> {
    row.try_get::<i64, _>(index)?.try_into().map_err(|_| damaged("a number out of range"))
}

fn damaged(what: &'static str) -> sqlx::Error {
    sqlx::Error::Decode(what.into())
}

fn event(row: &SqliteRow) -> Result<EventRow, sqlx::Error> {
    Ok(EventRow {
        position: Position(row.try_get(0)?),
        stream: StreamId::from_bytes(bytes(row, 1)?),
        version: Version(row.try_get(2)?),
        event_type: row.try_get(3)?,
        schema_version: narrow(row, 4)?,
        decided: Timestamp(row.try_get(5)?),
        recorded: Timestamp(row.try_get(6)?),
        command: CommandId(row.try_get(7)?),
        correlation: row.try_get(8)?,
        causing: row.try_get::<Option<i64>, _>(9)?.map(Position),
        actor: Actor::from_stored(narrow(row, 10)?, row.try_get(11)?).ok_or_else(|| damaged("an unknown actor"))?,
        key: optional_key(row, 12)?,
        actor_key: optional_key(row, 13)?,
        network_key: optional_key(row, 14)?,
        subject: row.try_get(15)?,
        inputs: row.try_get(16)?,
        details: row.try_get(17)?,
        mac_key: optional_key(row, 18)?,
        mac: optional_bytes(row, 19)?,
    })
}

fn key_row(row: &SqliteRow) -> Result<KeyRow, sqlx::Error> {
    Ok(KeyRow {
        id: KeyId::from_bytes(bytes(row, 0)?),
        class: KeyClass::from_stored(narrow(row, 1)?).ok_or_else(|| damaged("an unknown class of key"))?,
        owner: optional_bytes(row, 2)?.map(StreamId::from_bytes),
        purpose: row.try_get(3)?,
        wrapped: row.try_get(4)?,
        wrapper: bytes(row, 5)?,
        created: Timestamp(row.try_get(6)?),
    })
}

fn state_row(row: &SqliteRow) -> Result<StateRow, sqlx::Error> {
    Ok(StateRow {
        key: optional_key(row, 0)?.map(|_| key_row(row)).transpose()?,
        stream: StreamId::from_bytes(bytes(row, 7)?),
        version: Version(row.try_get(8)?),
        fold_version: narrow(row, 9)?,
        sealed: row.try_get(10)?,
    })
}
