//! The append: judge all commands of a batch under the write lock, then write those that are accepted.

use chancery_domain::{KeyId, Timestamp};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::read;
use super::script::Script;
use super::writer::Writer;
use crate::append::{Guard, NewKey, Prepared, PreparedEvent, Reservation, Status};
use crate::backend::{BackendError, KeyRow};
use crate::record;
use crate::row::{Fingerprint, Position};

// What a row of the judgement is about, in the order of precedence.
const HEAD: i64 = 0;
const DUPLICATE: i64 = 1;
const KEY_GONE: i64 = 2;
// A key of the same purpose was made first by another: as good as gone.
const KEY_THERE: i64 = 3;
const STREAM_MOVED: i64 = 4;
const GUARD_MOVED: i64 = 5;
const TAKEN: i64 = 6;

/// Takes the write lock, reads the head, and finds everything that speaks against a command. Lists of identifiers come
/// as one blob each, beside a JSON array that has an element for each of them.
const JUDGE: &str = "BEGIN IMMEDIATE;
SELECT 0, 0, position, recorded, NULL FROM head;
SELECT 1, c.key, d.first_position, d.last_position, d.fingerprint
FROM json_each($1) AS c CROSS JOIN commands AS d ON d.command = substr($2, c.key * 16 + 1, 16);
SELECT 2, k.key, NULL, NULL, NULL
FROM json_each($4) AS k
WHERE NOT EXISTS (SELECT 1 FROM keys WHERE id = substr($5, k.key * 16 + 1, 16) AND wrapped IS NOT NULL);
SELECT 3, n.key, NULL, NULL, NULL
FROM json_each($11) AS n
WHERE EXISTS (SELECT 1 FROM keys WHERE id = substr($12, n.key * 16 + 1, 16))
    OR EXISTS (SELECT 1 FROM keys WHERE class = n.value ->> 0 AND purpose = n.value ->> 1 AND wrapped IS NOT NULL);
SELECT 4, c.key, NULL, NULL, NULL
FROM json_each($1) AS c
WHERE c.value <> (SELECT coalesce(max(version), 0) FROM events WHERE stream = substr($3, c.key * 16 + 1, 16));
SELECT 5, g.key, NULL, NULL, NULL
FROM json_each($6) AS g
WHERE g.value <> (SELECT coalesce(max(version), 0) FROM events WHERE stream = substr($7, g.key * 16 + 1, 16));
SELECT 6, r.key, NULL, NULL, NULL
FROM json_each($8) AS r
CROSS JOIN reservations AS h ON h.kind = r.value AND h.mac = substr($9, r.key * 32 + 1, 32)
WHERE h.stream <> substr($10, r.key * 16 + 1, 16)
ORDER BY r.value";

/// What the caller must have seen to, so that it fails before anything is written.
///
/// # Errors
/// [`BackendError::Rejected`] if a command has no event, or one whose record is too long.
pub(super) fn check(batch: &[Prepared]) -> Result<(), BackendError> {
    let rejected = |error| Err(BackendError::Rejected(sqlx::Error::Encode(error)));
    for command in batch {
        if command.events.is_empty() {
            return rejected("a command without an event".into());
        }
        for event in &command.events {
            if let Err(error) = record::check(command, event) {
                return rejected(error.into());
            }
        }
    }
    Ok(())
}

/// Writes a batch that was checked. An error leaves the transaction open: the caller closes the connection.
pub(super) async fn append(connection: &mut SqliteConnection, batch: &[Prepared]) -> Result<Vec<Status>, sqlx::Error> {
    let Judgement { mut position, mut recorded, refusals } = judge(connection, batch).await?;
    let mut statuses = Vec::with_capacity(batch.len());
    let mut accepted = Vec::with_capacity(batch.len());
    for (command, refusal) in batch.iter().zip(refusals) {
        if let Some(refusal) = refusal {
            statuses.push(refusal);
            continue;
        }
        let first = Position(position.0 + 1);
        position.0 += i64::try_from(command.events.len()).unwrap_or(i64::MAX);
        recorded = recorded.max(command.decided);
        statuses.push(Status::Appended { first, last: position, recorded });
        accepted.push(Accepted { command, first, last: position, recorded });
    }
    if accepted.is_empty() {
        sqlx::query("ROLLBACK").execute(connection).await?;
        return Ok(statuses);
    }
    let rare = write_rare(&accepted)?;
    if !rare.is_empty() {
        rare.execute(connection).await?;
    }
    write(&accepted, position, recorded)?.execute(connection).await?;
    Ok(statuses)
}

struct Judgement {
    position: Position,
    recorded: Timestamp,
    refusals: Vec<Option<Status>>,
}

async fn judge(connection: &mut SqliteConnection, batch: &[Prepared]) -> Result<Judgement, sqlx::Error> {
    // Which command of the batch an element of the lists belongs to.
    let (mut of_key, mut of_new_key, mut of_guard, mut of_claim) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut keys, mut new_keys) = (Vec::<&KeyId>::new(), Vec::<&NewKey>::new());
    let (mut guards, mut claims) = (Vec::<&Guard>::new(), Vec::new());
    for (index, command) in batch.iter().enumerate() {
        of_key.extend(command.sealing_keys.iter().map(|_| index));
        keys.extend(&command.sealing_keys);
        of_new_key.extend(command.new_keys.iter().map(|_| index));
        new_keys.extend(&command.new_keys);
        of_guard.extend(command.guards.iter().map(|_| index));
        guards.extend(&command.guards);
        of_claim.extend(command.claims.iter().map(|_| index));
        claims.extend(command.claims.iter().map(|claim| (claim, command.stream)));
    }
    let found = sqlx::query(JUDGE)
        .bind(numbers(batch.iter().map(|command| command.expected.0)))
        .bind(joined(batch.iter().map(|command| command.command.0.as_bytes())))
        .bind(joined(batch.iter().map(|command| command.stream.as_bytes())))
        .bind(numbers(keys.iter().map(|_| 0)))
        .bind(joined(keys.iter().map(|key| key.as_bytes())))
        .bind(numbers(guards.iter().map(|guard| guard.version.0)))
        .bind(joined(guards.iter().map(|guard| guard.stream.as_bytes())))
        .bind(numbers(claims.iter().map(|(claim, _)| claim.kind as i64)))
        .bind(joined(claims.iter().map(|(claim, _)| &claim.mac)))
        .bind(joined(claims.iter().map(|(_, stream)| stream.as_bytes())))
        .bind(json!(new_keys.iter().map(|key| (key.class as i64, &key.purpose)).collect::<Vec<_>>()).to_string())
        .bind(joined(new_keys.iter().map(|key| key.id.as_bytes())))
        .fetch_all(connection)
        .await?;

    let mut judgement =
        Judgement { position: Position::START, recorded: Timestamp::default(), refusals: vec![None; batch.len()] };
    let mut headless = true;
    // The rows come in the order of precedence: what is found first about a command holds.
    for row in &found {
        let index = usize::try_from(row.try_get::<i64, _>(1)?).map_err(|_| sqlx::Error::RowNotFound)?;
        let (command, refusal) = match row.try_get::<i64, _>(0)? {
            HEAD => {
                judgement.position = Position(row.try_get(2)?);
                judgement.recorded = Timestamp(row.try_get(3)?);
                headless = false;
                continue;
            }
            DUPLICATE => (index, duplicate(row)?),
            KEY_GONE => (of_key[index], Status::KeyGone),
            KEY_THERE => (of_new_key[index], Status::KeyGone),
            STREAM_MOVED => (index, Status::WrongVersion),
            GUARD_MOVED => (of_guard[index], Status::WrongVersion),
            TAKEN => (of_claim[index], Status::ReservationTaken(claims[index].0.kind)),
            other => return Err(sqlx::Error::Protocol(format!("an unknown judgement {other}"))),
        };
        judgement.refusals[command].get_or_insert(refusal);
    }
    if headless { Err(sqlx::Error::RowNotFound) } else { Ok(judgement) }
}

fn duplicate(row: &SqliteRow) -> Result<Status, sqlx::Error> {
    Ok(Status::Duplicate {
        fingerprint: Fingerprint(read::bytes(row, 4)?),
        first: Position(row.try_get(2)?),
        last: Position(row.try_get(3)?),
    })
}

fn numbers(numbers: impl Iterator<Item = i64>) -> String {
    json!(numbers.collect::<Vec<_>>()).to_string()
}

fn joined<'a, const N: usize>(parts: impl Iterator<Item = &'a [u8; N]>) -> Vec<u8> {
    parts.flatten().copied().collect()
}

/// An accepted command with its place in the log.
struct Accepted<'a> {
    command: &'a Prepared,
    first: Position,
    last: Position,
    recorded: Timestamp,
}

// A value that the stream already holds stays as it is; one of another stream breaks NOT NULL.
const RESERVATIONS: (&str, usize, &str) = (
    "INSERT INTO reservations (kind, mac, stream, position) SELECT * FROM",
    4,
    "ON CONFLICT (kind, mac) DO UPDATE SET stream = CASE WHEN stream = excluded.stream THEN stream END",
);
const RELEASES: (&str, usize, &str) = ("DELETE FROM reservations WHERE (kind, mac, stream) IN (SELECT * FROM", 3, ")");
const KEYS: (&str, usize, &str) =
    ("INSERT INTO keys (id, class, owner, purpose, wrapped, wrapper, created) SELECT * FROM", 7, "");
const DESTROYED: (&str, usize, &str) =
    ("UPDATE keys SET wrapped = NULL, destroyed = column2 FROM", 2, "AND id = column1 AND wrapped IS NOT NULL");

/// What few commands bring along: keys and reservations.
fn write_rare(accepted: &[Accepted<'_>]) -> Result<Script, sqlx::Error> {
    let mut script = Script::default();
    let releases: Vec<_> = each(accepted, |command| &command.releases).collect();
    script.rows(RELEASES, releases, |script, (Reservation { kind, mac }, by)| {
        script.bind(*kind as i64)?.bind(mac.as_slice())?.bind(by.command.stream.as_bytes().as_slice())?;
        Ok(())
    })?;
    let claims: Vec<_> = each(accepted, |command| &command.claims).collect();
    script.rows(RESERVATIONS, claims, |script, (Reservation { kind, mac }, by)| {
        script.bind(*kind as i64)?.bind(mac.as_slice())?;
        script.bind(by.command.stream.as_bytes().as_slice())?.bind(by.first.0)?;
        Ok(())
    })?;
    let keys: Vec<_> = each(accepted, |command| &command.new_keys).map(|(key, _)| key).collect();
    script.rows(KEYS, keys, bind_key)?;
    let destroyed: Vec<_> = each(accepted, |command| &command.destroyed_keys).collect();
    script.rows(DESTROYED, destroyed, |script, (key, by)| {
        script.bind(key.as_bytes().as_slice())?.bind(by.command.decided.micros())?;
        Ok(())
    })?;
    Ok(script)
}

fn each<'a, T: 'a>(
    accepted: &'a [Accepted<'a>],
    list: impl Fn(&'a Prepared) -> &'a Vec<T> + 'a,
) -> impl Iterator<Item = (&'a T, &'a Accepted<'a>)> {
    accepted.iter().flat_map(move |one| list(one.command).iter().map(move |item| (item, one)))
}

fn bind_key(script: &mut Script, key: &NewKey) -> Result<(), sqlx::Error> {
    script.bind(key.id.as_bytes().as_slice())?.bind(key.class as i64)?;
    script.bind(key.owner.as_ref().map(|owner| owner.as_bytes().as_slice()))?.bind(key.purpose.as_deref())?;
    script.bind(key.wrapped.as_slice())?.bind(key.wrapper.as_slice())?.bind(key.created.micros())?;
    Ok(())
}

const EVENTS: (&str, usize, &str) = (
    "INSERT INTO events (position, stream, version, event_type, schema_version, decided, recorded, command, correlation,
    causing, actor_kind, actor_id, key_id, actor_key_id, network_key_id, subject, inputs, details, mac_key_id, mac)
SELECT * FROM",
    20,
    "",
);
const COMMANDS: (&str, usize, &str) =
    ("INSERT INTO commands (command, fingerprint, stream, first_position, last_position) SELECT * FROM", 5, "");
const STATES: (&str, usize, &str) = (
    "INSERT INTO states (stream, aggregate, version, fold_version, key_id, state, position) SELECT * FROM",
    7,
    "ON CONFLICT (stream) DO UPDATE SET aggregate = excluded.aggregate, version = excluded.version,
    fold_version = excluded.fold_version, key_id = excluded.key_id, state = excluded.state,
    position = excluded.position",
);

/// What every command brings along, the new head, and the commit.
fn write(accepted: &[Accepted<'_>], position: Position, recorded: Timestamp) -> Result<Script, sqlx::Error> {
    let mut script = Script::default();
    let events =
        accepted.iter().flat_map(|by| (0..).zip(&by.command.events).map(move |(offset, event)| (event, by, offset)));
    script.rows(EVENTS, events.collect(), |script, (event, by, offset)| bind_event(script, event, by, offset))?;
    script.rows(COMMANDS, accepted.iter().collect(), |script, by| {
        script.bind(by.command.command.0)?.bind(by.command.fingerprint.0.as_slice())?;
        script.bind(by.command.stream.as_bytes().as_slice())?.bind(by.first.0)?.bind(by.last.0)?;
        Ok(())
    })?;
    let states = accepted.iter().filter_map(|by| Some((by.command.state.as_ref()?, by))).collect();
    script.rows(STATES, states, |script, (state, by)| {
        let version = by.command.expected.0 + 1 + by.last.0 - by.first.0;
        script.bind(by.command.stream.as_bytes().as_slice())?.bind(state.aggregate)?.bind(version)?;
        script.bind(i64::from(state.fold_version))?.bind(id(state.key.as_ref()))?;
        script.bind(state.sealed.as_deref())?.bind(by.last.0)?;
        Ok(())
    })?;
    script.statement("UPDATE head SET position = ?, recorded = ?").bind(position.0)?.bind(recorded.micros())?;
    script.statement("COMMIT");
    Ok(script)
}

fn id(key: Option<&KeyId>) -> Option<&[u8]> {
    key.map(|key| key.as_bytes().as_slice())
}

fn bind_event(script: &mut Script, event: &PreparedEvent, by: &Accepted<'_>, offset: i64) -> Result<(), sqlx::Error> {
    let command = by.command;
    script.bind(by.first.0 + offset)?;
    script.bind(command.stream.as_bytes().as_slice())?.bind(command.expected.0 + 1 + offset)?;
    script.bind(event.event_type)?.bind(i64::from(event.schema_version))?;
    script.bind(command.decided.micros())?.bind(by.recorded.micros())?;
    script.bind(command.command.0)?.bind(command.correlation)?.bind(command.causing.map(|causing| causing.0))?;
    script.bind(i64::from(command.actor.kind()))?.bind(command.actor.id())?;
    script.bind(id(event.key.as_ref()))?.bind(id(event.actor_key.as_ref()))?;
    script.bind(id(event.network_key.as_ref()))?;
    script.bind(event.subject.as_deref())?.bind(event.inputs.as_deref())?.bind(event.details.as_deref())?;
    script.bind(id(event.mac_key.as_ref()))?.bind(event.mac.as_ref().map(<[u8; 32]>::as_slice))?;
    Ok(())
}

/// Adds a key outside any command, unless one of its class and purpose is there.
pub(super) async fn add_key(writer: &Writer, key: &NewKey) -> Result<KeyRow, BackendError> {
    writer
        .run(async |connection| {
            let mut script = Script::default();
            let (before, columns, _) = KEYS;
            script.rows(
                (
                    before,
                    columns,
                    "ON CONFLICT (class, purpose) WHERE purpose IS NOT NULL AND wrapped IS NOT NULL DO NOTHING",
                ),
                vec![key],
                bind_key,
            )?;
            script.execute(connection).await?;
            read::live_key(connection, key).await
        })
        .await?
        .ok_or_else(|| BackendError::Damaged(format!("the key {} was added and is not there", key.id)))
}
