//! The record: the deterministic bytes of a row, the leaf of the log's proof.
//!
//! Version 1, all integers big-endian:
//!
//! | Field | Bytes |
//! |---|---|
//! | record version, 1 | 1 |
//! | position, version in stream | 8, 8 |
//! | stream | 16 |
//! | type | 1 (length) + n |
//! | schema version | 2 |
//! | decided, recorded (microseconds since 1970, signed) | 8, 8 |
//! | command, correlation | 16, 16 |
//! | causing position, 0 for none | 8 |
//! | actor kind; actor id | 1; 1 (length) + n |
//! | key, actor key, network key, MAC key | each 1 (presence) + 16 if present |
//! | subject, inputs, details | each 1 (presence) + 2 (length) + n if present |
//! | MAC | 1 (presence) + 32 if present |

mod decode;

use chancery_domain::KeyId;

use crate::append::{Prepared, PreparedEvent};
use crate::row::EventRow;

pub use decode::{Malformed, decode};

/// The longest record, in bytes: the proof format gives a leaf's length two bytes.
pub const MAX_RECORD: usize = 65_535;

/// A record would be longer than [`MAX_RECORD`], or a name in it longer than 255 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event's record may have 65,535 bytes at most")]
pub struct TooLarge;

/// The record of a row.
///
/// # Errors
/// [`TooLarge`] if it does not fit.
pub fn encode(row: &EventRow) -> Result<Vec<u8>, TooLarge> {
    let parts = [&row.subject, &row.inputs, &row.details];
    let mut out = Vec::with_capacity(256 + parts.iter().map(|part| part.as_ref().map_or(0, Vec::len)).sum::<usize>());
    out.push(1);
    out.extend(row.position.0.to_be_bytes());
    out.extend(row.version.0.to_be_bytes());
    out.extend(row.stream.as_bytes());
    short(&mut out, row.event_type.as_bytes())?;
    out.extend(row.schema_version.to_be_bytes());
    out.extend(row.decided.micros().to_be_bytes());
    out.extend(row.recorded.micros().to_be_bytes());
    out.extend(row.command.0.as_bytes());
    out.extend(row.correlation.as_bytes());
    out.extend(row.causing.map_or(0, |position| position.0).to_be_bytes());
    out.push(row.actor.kind());
    short(&mut out, row.actor.id().as_bytes())?;
    for key in [row.key, row.actor_key, row.network_key, row.mac_key] {
        optional(&mut out, key.as_ref().map(KeyId::as_bytes).map(<[u8; 16]>::as_slice));
    }
    for part in parts {
        out.push(u8::from(part.is_some()));
        if let Some(part) = part {
            out.extend(u16::try_from(part.len()).map_err(|_| TooLarge)?.to_be_bytes());
            out.extend(part);
        }
    }
    optional(&mut out, row.mac.as_ref().map(<[u8; 32]>::as_slice));
    if out.len() > MAX_RECORD { Err(TooLarge) } else { Ok(out) }
}

/// Whether the record of a command's event will fit. Its length is known before the append, since position and times
/// always take the same room.
///
/// # Errors
/// [`TooLarge`] if it will not.
pub fn check(command: &Prepared, event: &PreparedEvent) -> Result<(), TooLarge> {
    const FIXED: usize = 1 + 8 + 8 + 16 + 2 + 8 + 8 + 16 + 16 + 8 + 1;
    let names = [event.event_type.len(), command.actor.id().len()];
    let keys = [event.key, event.actor_key, event.network_key, event.mac_key];
    let parts = [&event.subject, &event.inputs, &event.details].map(|part| part.as_ref().map(Vec::len));
    if names.iter().any(|name| u8::try_from(*name).is_err())
        || parts.iter().flatten().any(|part| u16::try_from(*part).is_err())
    {
        return Err(TooLarge);
    }
    let length = FIXED
        + names.map(|name| 1 + name).iter().sum::<usize>()
        + keys.map(|key| 1 + key.map_or(0, |_| 16)).iter().sum::<usize>()
        + parts.map(|part| 1 + part.map_or(0, |length| 2 + length)).iter().sum::<usize>()
        + 1
        + event.mac.map_or(0, |mac| mac.len());
    if length > MAX_RECORD { Err(TooLarge) } else { Ok(()) }
}

fn short(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), TooLarge> {
    out.push(u8::try_from(bytes.len()).map_err(|_| TooLarge)?);
    out.extend(bytes);
    Ok(())
}

fn optional(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    out.push(u8::from(bytes.is_some()));
    out.extend(bytes.unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use chancery_domain::{Actor, StreamId, Timestamp};
    use uuid::Uuid;

    use super::*;
    use crate::row::{CommandId, Fingerprint, Position, Version};

    /// A row with every part. What was once written stays for ever, and hashes are over it: a snapshot that changes is a
    /// broken promise.
    fn full() -> EventRow {
        let key = |n| Some(KeyId::from_bytes([n; 16]));
        EventRow {
            position: Position(0x0102_0304),
            stream: StreamId::from_bytes([0x11; 16]),
            version: Version(2),
            event_type: "account.signed_in".to_owned(),
            schema_version: 0x0203,
            decided: Timestamp(-1),
            recorded: Timestamp(1_800_000_000_000_000),
            command: CommandId(Uuid::from_bytes([0x22; 16])),
            correlation: Uuid::from_bytes([0x33; 16]),
            causing: Some(Position(7)),
            actor: Actor::Worker("mail".to_owned()),
            key: key(0x44),
            actor_key: key(0x55),
            network_key: key(0x66),
            subject: Some(b"subject".to_vec()),
            inputs: Some(Vec::new()),
            details: Some(b"details".to_vec()),
            mac_key: key(0x77),
            mac: Some([0x88; 32]),
        }
    }

    fn minimal() -> EventRow {
        EventRow {
            causing: None,
            actor: Actor::Visitor,
            key: None,
            actor_key: None,
            network_key: None,
            subject: None,
            inputs: None,
            details: None,
            mac_key: None,
            mac: None,
            ..full()
        }
    }

    #[test]
    fn a_rows_record_never_changes() {
        let hex = |row| data_encoding::HEXLOWER.encode(&encode(&row).unwrap());
        insta::assert_snapshot!("full", hex(full()));
        insta::assert_snapshot!("minimal", hex(minimal()));
    }

    #[test]
    fn an_absent_part_and_an_empty_one_differ() {
        let empty = EventRow { subject: Some(Vec::new()), ..minimal() };
        assert_ne!(encode(&empty), encode(&minimal()));
    }

    #[test]
    fn a_record_has_65_535_bytes_at_most() {
        let rest = encode(&EventRow { details: Some(Vec::new()), ..full() }).unwrap().len();
        let whole = |length: usize| encode(&EventRow { details: Some(vec![0; length - rest]), ..full() });
        assert_eq!(whole(65_535).map(|record| record.len()), Ok(65_535));
        assert_eq!(whole(65_536), Err(TooLarge));
    }

    fn fits(event: PreparedEvent, actor: Actor) -> (bool, bool) {
        let command = Prepared {
            command: CommandId(Uuid::nil()),
            fingerprint: Fingerprint([0; 16]),
            stream: StreamId::default(),
            expected: Version(0),
            guards: Vec::new(),
            sealing_keys: Vec::new(),
            new_keys: Vec::new(),
            claims: Vec::new(),
            releases: Vec::new(),
            destroyed_keys: Vec::new(),
            events: vec![event.clone()],
            state: None,
            decided: Timestamp(1),
            actor: actor.clone(),
            correlation: Uuid::nil(),
            causing: None,
            priority: crate::Priority::Session,
        };
        let row = EventRow {
            position: Position(1),
            stream: command.stream,
            version: Version(1),
            event_type: event.event_type.to_owned(),
            schema_version: event.schema_version,
            decided: command.decided,
            recorded: command.decided,
            command: command.command,
            correlation: command.correlation,
            causing: command.causing,
            actor,
            key: event.key,
            actor_key: event.actor_key,
            network_key: event.network_key,
            subject: event.subject.clone(),
            inputs: event.inputs.clone(),
            details: event.details.clone(),
            mac_key: event.mac_key,
            mac: event.mac,
        };
        (check(&command, &event).is_ok(), encode(&row).is_ok())
    }

    #[test]
    fn what_is_checked_before_the_append_is_what_is_encoded_after_it() {
        let key = Some(KeyId::default());
        let full = PreparedEvent { key, actor_key: key, network_key: key, mac_key: key, ..PreparedEvent::default() };
        for base in [PreparedEvent::default(), full, PreparedEvent { mac: Some([0; 32]), ..PreparedEvent::default() }] {
            let mut both = [0, 0];
            for length in 65_200..65_536 {
                for actor in [Actor::Visitor, Actor::Worker("mail".to_owned())] {
                    let event = PreparedEvent { subject: Some(vec![0; length]), ..base.clone() };
                    let (checked, encoded) = fits(event, actor);
                    assert_eq!(checked, encoded, "{length}");
                    both[usize::from(checked)] += 1;
                }
            }
            assert!(both.iter().all(|count| *count > 0), "both answers occur: {both:?}");
        }
        let whole = |length| PreparedEvent { subject: Some(vec![0; length]), ..PreparedEvent::default() };
        assert_eq!(fits(whole(65_536), Actor::Visitor), (false, false));
        assert_eq!(fits(whole(1), Actor::Worker("w".repeat(255))), (true, true));
        assert_eq!(fits(whole(1), Actor::Worker("w".repeat(256))), (false, false));
    }
}
