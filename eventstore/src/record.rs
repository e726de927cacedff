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

use chancery_domain::KeyId;

use crate::row::EventRow;

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

fn short(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), TooLarge> {
    out.push(u8::try_from(bytes.len()).map_err(|_| TooLarge)?);
    out.extend(bytes);
    Ok(())
}

fn optional(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    out.push(u8::from(bytes.is_some()));
    out.extend(bytes.unwrap_or_default());
}
