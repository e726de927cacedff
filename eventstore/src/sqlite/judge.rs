//! What speaks against the commands of a batch, found under the write lock.

use chancery_domain::{StreamId, Timestamp};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::read;
use super::script::Script;
use crate::append::{Prepared, Reservation, Status};
use crate::history::Difference;
use crate::row::{Fingerprint, Position};

/// In which epoch a batch is written.
#[derive(Clone, Copy)]
pub(super) enum Epoch {
    /// In the process's own, if it has one.
    Own(Option<i64>),
    /// As the first of this one.
    New(i64),
}

/// The head as it was before a batch, and for each command what speaks against it.
pub(super) struct Judgement {
    pub(super) position: Position,
    pub(super) recorded: Timestamp,
    pub(super) refusals: Vec<Option<Status>>,
}

// What a row is about. The checks run in the order of precedence. A list of identifiers comes as one blob, beside a
// JSON array that has an element for each of them; a row names the element that it is about.
const HEAD: i64 = 0;
const BEGIN: &str = "BEGIN IMMEDIATE;
SELECT 0, 0, position, recorded, epoch FROM head";

const DUPLICATE: i64 = 1;
const DUPLICATES: &str = "SELECT 1, c.key, d.first_position, d.last_position, d.fingerprint
FROM json_each(?) AS c CROSS JOIN commands AS d ON d.command = substr(?, c.key * 16 + 1, 16)";

const KEY_GONE: i64 = 2;
const GONE_KEYS: &str = "SELECT 2, k.key, NULL, NULL, NULL
FROM json_each(?) AS k
WHERE NOT EXISTS (SELECT 1 FROM keys WHERE id = substr(?, k.key * 16 + 1, 16) AND wrapped IS NOT NULL)";

/// A key of the same purpose was made first by another: as good as gone.
const KEY_THERE: i64 = 3;
const KEYS_THERE: &str = "SELECT 3, n.key, NULL, NULL, NULL
FROM json_each(?) AS n
WHERE EXISTS (SELECT 1 FROM keys WHERE id = substr(?, n.key * 16 + 1, 16))
    OR EXISTS (SELECT 1 FROM keys WHERE class = n.value ->> 0 AND purpose = n.value ->> 1 AND wrapped IS NOT NULL)";

const STREAM_MOVED: i64 = 4;
const MOVED_STREAMS: &str = "SELECT 4, c.key, NULL, NULL, NULL
FROM json_each(?) AS c
WHERE c.value <> (SELECT coalesce(max(version), 0) FROM events WHERE stream = substr(?, c.key * 16 + 1, 16))";

const GUARD_MOVED: i64 = 5;
const MOVED_GUARDS: &str = "SELECT 5, g.key, NULL, NULL, NULL
FROM json_each(?) AS g
WHERE g.value <> (SELECT coalesce(max(version), 0) FROM events WHERE stream = substr(?, g.key * 16 + 1, 16))";

const TAKEN: i64 = 6;
const TAKEN_VALUES: &str = "SELECT 6, r.key, NULL, NULL, NULL
FROM json_each(?) AS r
CROSS JOIN reservations AS h ON h.kind = r.value AND h.mac = substr(?, r.key * 32 + 1, 32)
WHERE h.stream <> substr(?, r.key * 16 + 1, 16)
ORDER BY r.value";

/// Takes the write lock, reads the head and judges every command. Fails if the log
/// is in no epoch in which the batch may be written.
pub(super) async fn judge(
    connection: &mut SqliteConnection,
    batch: &[Prepared],
    epoch: Epoch,
) -> Result<Judgement, sqlx::Error> {
    // Each beside the place of its command in the batch.
    let keys: Vec<_> = each(batch, |command| &command.sealing_keys);
    let new_keys: Vec<_> = each(batch, |command| &command.new_keys);
    let guards: Vec<_> = each(batch, |command| &command.guards);
    let claims: Vec<(usize, &Reservation)> = each(batch, |command| &command.claims);

    let mut script = Script::default();
    script.statement(BEGIN);
    script.statement(DUPLICATES);
    script.bind(numbers(batch.iter().map(|_| 0)))?;
    script.bind(joined(batch.iter().map(|command| command.command.0.as_bytes())))?;
    if !keys.is_empty() {
        script.statement(GONE_KEYS);
        script.bind(numbers(keys.iter().map(|_| 0)))?;
        script.bind(joined(keys.iter().map(|(_, key)| key.as_bytes())))?;
    }
    if !new_keys.is_empty() {
        let purposes: Vec<_> = new_keys.iter().map(|(_, key)| (key.class as i64, &key.purpose)).collect();
        script.statement(KEYS_THERE);
        script.bind(json!(purposes).to_string())?;
        script.bind(joined(new_keys.iter().map(|(_, key)| key.id.as_bytes())))?;
    }
    script.statement(MOVED_STREAMS);
    script.bind(numbers(batch.iter().map(|command| command.expected.0)))?;
    script.bind(joined(batch.iter().map(|command| command.stream.as_bytes())))?;
    if !guards.is_empty() {
        script.statement(MOVED_GUARDS);
        script.bind(numbers(guards.iter().map(|(_, guard)| guard.version.0)))?;
        script.bind(joined(guards.iter().map(|(_, guard)| guard.stream.as_bytes())))?;
    }
    if !claims.is_empty() {
        let claimant = |(command, _): &(usize, _)| -> &StreamId { &batch[*command].stream };
        script.statement(TAKEN_VALUES);
        script.bind(numbers(claims.iter().map(|(_, claim)| claim.kind as i64)))?;
        script.bind(joined(claims.iter().map(|(_, claim)| &claim.mac)))?;
        script.bind(joined(claims.iter().map(|claim| claimant(claim).as_bytes())))?;
    }

    let mut judgement =
        Judgement { position: Position::START, recorded: Timestamp::default(), refusals: vec![None; batch.len()] };
    let mut headless = true;
    // What is found first about a command holds.
    for row in &script.fetch_all(connection).await? {
        let index = usize::try_from(row.try_get::<i64, _>(1)?).map_err(|_| sqlx::Error::RowNotFound)?;
        let (command, refusal) = match row.try_get::<i64, _>(0)? {
            HEAD => {
                judgement.position = Position(row.try_get(2)?);
                judgement.recorded = Timestamp(row.try_get(3)?);
                let found: i64 = row.try_get(4)?;
                match epoch {
                    Epoch::Own(Some(own)) if own != found => {
                        return Err(sqlx::Error::Configuration(Difference::NewEpoch { own, found }.into()));
                    }
                    Epoch::New(next) if next <= found => {
                        return Err(sqlx::Error::Protocol(format!("epoch {next} was before epoch {found}")));
                    }
                    Epoch::Own(_) | Epoch::New(_) => {}
                }
                headless = false;
                continue;
            }
            DUPLICATE => (index, duplicate(row)?),
            KEY_GONE => (keys[index].0, Status::KeyGone),
            KEY_THERE => (new_keys[index].0, Status::KeyGone),
            STREAM_MOVED => (index, Status::WrongVersion),
            GUARD_MOVED => (guards[index].0, Status::WrongVersion),
            TAKEN => (claims[index].0, Status::ReservationTaken(claims[index].1.kind)),
            other => return Err(sqlx::Error::Protocol(format!("an unknown judgement {other}"))),
        };
        judgement.refusals[command].get_or_insert(refusal);
    }
    if headless { Err(sqlx::Error::RowNotFound) } else { Ok(judgement) }
}

fn each<T>(batch: &[Prepared], list: impl Fn(&Prepared) -> &Vec<T>) -> Vec<(usize, &T)> {
    batch.iter().enumerate().flat_map(|(index, command)| list(command).iter().map(move |item| (index, item))).collect()
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
