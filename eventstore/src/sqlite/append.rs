//! The append: after the judgement, the accepted commands are written in one script.

use chancery_domain::{KeyId, Timestamp};
use sqlx::SqliteConnection;

use super::judge::{self, Epoch, Judgement};
use super::read;
use super::script::Script;
use super::writer::Writer;
use crate::append::{NewKey, Prepared, PreparedEvent, Reservation, Status};
use crate::backend::{BackendError, KeyRow};
use crate::db::Commit;
use crate::record;
use crate::row::Position;

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
pub(super) async fn append(
    connection: &mut SqliteConnection,
    batch: &[Prepared],
    epoch: Epoch,
) -> Result<Vec<Status>, sqlx::Error> {
    let begun = match epoch {
        Epoch::Own(_) => None,
        Epoch::New(epoch) => Some(epoch),
    };
    let Judgement { mut position, mut recorded, refusals } = judge::judge(connection, batch, epoch).await?;
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
    write(&accepted, position, recorded, begun)?.execute(connection).await?;
    Ok(statuses)
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
fn write(
    accepted: &[Accepted<'_>],
    position: Position,
    recorded: Timestamp,
    begun: Option<i64>,
) -> Result<Script, sqlx::Error> {
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
    let head = script.statement("UPDATE head SET position = ?, recorded = ?, epoch = coalesce(?, epoch)");
    head.bind(position.0)?.bind(recorded.micros())?.bind(begun)?;
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
        .run(Commit::Flushed, async |connection| {
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
