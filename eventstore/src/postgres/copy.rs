//! Events read by `COPY … (FORMAT binary)`, decoded off the socket while the server goes on: less work a row on both
//! ends than for the answer of a statement. PostgreSQL's manual describes the format with the command.

use chancery_domain::{Actor, KeyId, StreamId, Timestamp};
use futures::TryStreamExt;
use sqlx::postgres::{PgConnection, PgPool};
use uuid::Uuid;

use super::rows::bytes;
use super::{ANSWER_LIMIT, Lent, error};
use crate::backend::{BackendError, Columns, EachEvent};
use crate::row::{CommandId, EventRow, Position, Version};

/// The columns in the order in which [`Tuple::event`] reads them.
const fn selected(columns: Columns) -> &'static str {
    match columns {
        Columns::All => {
            "position, stream, version, event_type, schema_version, decided, recorded, command, correlation, causing, \
             actor_kind, actor_id, key_id, actor_key_id, network_key_id, subject, inputs, details, mac_key_id, mac"
        }
        Columns::Facts => {
            "position, stream, version, event_type, schema_version, decided, recorded, command, correlation, causing, \
             actor_kind, actor_id, key_id, NULL, NULL, subject, CASE WHEN subject IS NULL THEN inputs END, NULL, \
             mac_key_id, mac"
        }
    }
}

/// The same, with sealed parts of events of these types only.
fn selected_to_open(types: &[&'static str]) -> String {
    // Names of the source: they hold neither quotes nor commas.
    let is_opened = format!("event_type = ANY ('{{{}}}')", types.join(","));
    format!(
        "position, stream, version, event_type, schema_version, decided, recorded, command, correlation, causing, \
         actor_kind, actor_id, key_id, actor_key_id, network_key_id, CASE WHEN {is_opened} THEN subject END, \
         CASE WHEN {is_opened} AND subject IS NULL THEN inputs END, CASE WHEN {is_opened} THEN details END, \
         mac_key_id, mac"
    )
}

/// How many they are.
const FIELDS: i16 = 20;
/// What stands before the first row.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// The number of fields of the mark behind the last row.
const TRAILER: i16 = -1;

/// Reads the events that a condition, with its order and limit, names. The condition is made of numbers and ids only:
/// the command takes no parameters.
pub(super) async fn events(
    pool: &PgPool,
    columns: Columns,
    condition: &str,
    each: EachEvent<'_>,
) -> Result<(), BackendError> {
    answered(pool, &statement(selected(columns), condition), each).await
}

/// The same, with sealed parts of events of these types only.
pub(super) async fn events_to_open(
    pool: &PgPool,
    types: &[&'static str],
    condition: &str,
    each: EachEvent<'_>,
) -> Result<(), BackendError> {
    answered(pool, &statement(&selected_to_open(types), condition), each).await
}

async fn answered(pool: &PgPool, statement: &str, each: EachEvent<'_>) -> Result<(), BackendError> {
    let mut connection = Lent::by(pool).await.map_err(error::from_sqlx)?;
    let answer = tokio::time::timeout(ANSWER_LIMIT, read(&mut connection, statement, each)).await;
    let rows = answer.unwrap_or_else(|late| Err(BackendError::Unavailable(sqlx::Error::Io(late.into()))))?;
    connection.give_back();
    rows.end()
}

async fn read(connection: &mut PgConnection, statement: &str, each: EachEvent<'_>) -> Result<Rows, BackendError> {
    let mut stream = connection.copy_out_raw(statement).await.map_err(error::from_sqlx)?;
    let mut rows = Rows::default();
    while let Some(chunk) = stream.try_next().await.map_err(error::from_sqlx)? {
        rows.take(&chunk, each)?;
        // Rows come as fast as they are decoded: those who share the thread have their turn in between.
        tokio::task::coop::consume_budget().await;
    }
    Ok(rows)
}

/// As [`events`], on a connection that is within a transaction of its own; whoever meets an error drops it.
pub(crate) async fn events_within(
    connection: &mut PgConnection,
    condition: &str,
    each: EachEvent<'_>,
) -> Result<(), BackendError> {
    read(connection, &statement(selected(Columns::All), condition), each).await?.end()
}

/// The event at a position, read over a connection that is in no pool yet.
pub(super) async fn event(connection: &mut PgConnection, place: Position) -> Result<Option<EventRow>, sqlx::Error> {
    let mut found = None;
    let statement = statement(selected(Columns::All), &format!("position = {place}"));
    let ended = read(connection, &statement, &mut |row| found = Some(row)).await.and_then(|rows| rows.end());
    match ended {
        Ok(()) => Ok(found),
        Err(BackendError::Unavailable(error) | BackendError::Full(error) | BackendError::Rejected(error)) => Err(error),
        Err(error) => Err(sqlx::Error::Protocol(error.to_string())),
    }
}

fn statement(columns: &str, condition: &str) -> String {
    format!("COPY (SELECT {columns} FROM chancery.events WHERE {condition}) TO STDOUT (FORMAT binary)")
}

/// The stream of rows, of which a message may hold any part.
#[derive(Default)]
struct Rows {
    /// What came of a row that is not complete yet.
    begun: Vec<u8>,
    has_header: bool,
    is_complete: bool,
}

impl Rows {
    fn take(&mut self, chunk: &[u8], each: EachEvent<'_>) -> Result<(), BackendError> {
        let joined;
        let mut rest = if self.begun.is_empty() {
            chunk
        } else {
            joined = [std::mem::take(&mut self.begun).as_slice(), chunk].concat();
            joined.as_slice()
        };
        while !rest.is_empty() && !self.is_complete {
            let Some(after) = self.one(rest, each)? else {
                self.begun = rest.to_vec();
                return Ok(());
            };
            rest = after;
        }
        Ok(())
    }

    /// Reads the header, a row or the trailer; what follows it, or `None` if it is not all there yet.
    fn one<'a>(&mut self, bytes: &'a [u8], each: EachEvent<'_>) -> Result<Option<&'a [u8]>, BackendError> {
        let mut tuple = Tuple { rest: bytes };
        if !self.has_header {
            // Signature, flags, and the length of an extension that is empty in every version so far.
            let Some(header) = tuple.raw(SIGNATURE.len() + 8) else { return Ok(None) };
            if !header.starts_with(SIGNATURE) || header[SIGNATURE.len()..] != [0; 8] {
                return Err(BackendError::Damaged("the log comes in another form of COPY than was asked for".into()));
            }
            self.has_header = true;
            return Ok(Some(tuple.rest));
        }
        let Some(count) = tuple.array().map(i16::from_be_bytes) else { return Ok(None) };
        match count {
            TRAILER => self.is_complete = true,
            FIELDS => {
                let mut ends = tuple;
                if (0..FIELDS).any(|_| ends.field().is_none()) {
                    return Ok(None);
                }
                each(tuple.event()?);
                tuple = ends;
            }
            _ => return Err(BackendError::Damaged(format!("a row of the log comes with {count} fields"))),
        }
        Ok(Some(tuple.rest))
    }

    fn end(&self) -> Result<(), BackendError> {
        if self.is_complete {
            return Ok(());
        }
        Err(BackendError::Damaged("the log's rows ended before their end".into()))
    }
}

/// The fields of one row.
#[derive(Clone, Copy)]
struct Tuple<'a> {
    rest: &'a [u8],
}

impl<'a> Tuple<'a> {
    fn raw(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*taken)
    }

    /// The next field, `Some(None)` if it is null; `None` if it is not all there.
    #[expect(
        clippy::option_option,
        reason = "the outer one says whether the field has come, the inner whether it is null"
    )]
    fn field(&mut self) -> Option<Option<&'a [u8]>> {
        let length = i32::from_be_bytes(self.array()?);
        match usize::try_from(length) {
            Ok(length) => self.raw(length).map(Some),
            Err(_) => Some(None),
        }
    }

    fn optional(&mut self) -> Option<&'a [u8]> {
        self.field().flatten()
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], BackendError> {
        bytes(self.optional().unwrap_or_default(), "a field of an event")
    }

    fn optional_fixed<const N: usize>(&mut self) -> Result<Option<[u8; N]>, BackendError> {
        self.optional().map(|field| bytes(field, "a field of an event")).transpose()
    }

    fn number(&mut self) -> Result<i64, BackendError> {
        self.fixed().map(i64::from_be_bytes)
    }

    fn uuid(&mut self) -> Result<Uuid, BackendError> {
        self.fixed().map(Uuid::from_bytes)
    }

    fn key(&mut self) -> Result<Option<KeyId>, BackendError> {
        Ok(self.optional_fixed()?.map(|id| KeyId::from(Uuid::from_bytes(id))))
    }

    fn text(&mut self) -> Result<&'a str, BackendError> {
        std::str::from_utf8(self.optional().unwrap_or_default())
            .map_err(|_| BackendError::Damaged("a text of an event is not UTF-8".into()))
    }

    fn event(mut self) -> Result<EventRow, BackendError> {
        let position = self.number()?;
        let damaged = |what: &str| BackendError::Damaged(format!("{what} of the event at position {position}"));
        Ok(EventRow {
            position: Position(position),
            stream: StreamId::from(self.uuid()?),
            version: Version(self.number()?),
            event_type: self.text()?.to_owned(),
            schema_version: u16::try_from(i32::from_be_bytes(self.fixed()?))
                .map_err(|_| damaged("the schema version"))?,
            decided: Timestamp(self.number()?),
            recorded: Timestamp(self.number()?),
            command: CommandId(self.uuid()?),
            correlation: self.uuid()?,
            causing: self.optional_fixed()?.map(|position| Position(i64::from_be_bytes(position))),
            actor: {
                let kind = u8::try_from(i16::from_be_bytes(self.fixed()?)).map_err(|_| damaged("the actor's kind"))?;
                Actor::from_stored(kind, self.text()?).ok_or_else(|| damaged("the actor"))?
            },
            key: self.key()?,
            actor_key: self.key()?,
            network_key: self.key()?,
            subject: self.optional().map(<[u8]>::to_vec),
            inputs: self.optional().map(<[u8]>::to_vec),
            details: self.optional().map(<[u8]>::to_vec),
            mac_key: self.key()?,
            mac: self.optional_fixed()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Vec<u8> {
        [SIGNATURE, &[0; 8]].concat()
    }

    fn row(position: i64) -> Vec<u8> {
        let mut out = FIELDS.to_be_bytes().to_vec();
        let fields: [Option<&[u8]>; 20] = [
            Some(&position.to_be_bytes()),
            Some(&[1; 16]),
            Some(&7_i64.to_be_bytes()),
            Some(b"account.signed_out"),
            Some(&2_i32.to_be_bytes()),
            Some(&8_i64.to_be_bytes()),
            Some(&9_i64.to_be_bytes()),
            Some(&[2; 16]),
            Some(&[3; 16]),
            None,
            Some(&3_i16.to_be_bytes()),
            Some(b"mail"),
            Some(&[4; 16]),
            None,
            None,
            Some(b"sealed"),
            Some(b""),
            None,
            None,
            Some(&[5; 32]),
        ];
        for field in fields {
            match field {
                Some(bytes) => {
                    out.extend_from_slice(&i32::try_from(bytes.len()).unwrap().to_be_bytes());
                    out.extend_from_slice(bytes);
                }
                None => out.extend_from_slice(&(-1_i32).to_be_bytes()),
            }
        }
        out
    }

    fn read(chunks: &[&[u8]]) -> Result<Vec<EventRow>, BackendError> {
        let (mut rows, mut found) = (Rows::default(), Vec::new());
        for chunk in chunks {
            rows.take(chunk, &mut |row| found.push(row))?;
        }
        rows.end()?;
        Ok(found)
    }

    #[test]
    fn a_row_is_read_wherever_the_messages_are_cut() {
        let all = [header(), row(1), row(2), TRAILER.to_be_bytes().to_vec()].concat();
        let whole = read(&[&all]).unwrap();
        assert_eq!(whole.iter().map(|row| row.position.0).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(whole[0].actor, Actor::Worker("mail".to_owned()));
        assert_eq!((whole[0].subject.as_deref(), whole[0].inputs.as_deref()), (Some(&b"sealed"[..]), Some(&b""[..])));
        assert_eq!((whole[0].details.clone(), whole[0].mac), (None, Some([5; 32])));
        for cut in 0..all.len() {
            assert_eq!(read(&[&all[..cut], &all[cut..]]).unwrap(), whole, "cut at {cut}");
        }
        assert_eq!(read(&all.chunks(1).collect::<Vec<_>>()).unwrap(), whole);
    }

    #[test]
    fn what_is_no_copy_of_the_log_is_refused() {
        let trailer = TRAILER.to_be_bytes();
        let is_damaged = |chunks: &[&[u8]]| matches!(read(chunks), Err(BackendError::Damaged(_)));
        assert!(is_damaged(&[b"PGCOPY\n\xff\r\n\x01 0000000"]));
        assert!(is_damaged(&[&header(), &3_i16.to_be_bytes(), &trailer]));
        assert!(is_damaged(&[&header(), &row(1)]), "no trailer");
        let mut narrow = row(1);
        narrow[5] = 7;
        assert!(is_damaged(&[&header(), &narrow, &trailer]), "a position of seven bytes");
    }
}
