//! Long answers, written line by line.

use std::io::{BufWriter, ErrorKind, Stdout, Write};

use chancery_domain::Actor;
use chancery_eventstore::{EventRow, Head, Position};
use chancery_service::audit::{Told, sentences};
use serde_json::{Map, Value, json};

use crate::error::CommandError;

/// Standard output for an answer of any length. A reader that has gone (`| head`) is no error: what is left is not
/// written.
pub(super) struct Lines {
    output: BufWriter<Stdout>,
    is_read: bool,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self { output: BufWriter::with_capacity(64 * 1024, std::io::stdout()), is_read: true }
    }

    /// Writes a line; `false` once nobody reads on.
    pub(super) fn line(&mut self, line: &str) -> Result<bool, CommandError> {
        if self.is_read {
            let written = writeln!(self.output, "{line}");
            self.judge(written)?;
        }
        Ok(self.is_read)
    }

    /// Writes what is left.
    pub(super) fn end(mut self) -> Result<(), CommandError> {
        let flushed = self.output.flush();
        self.judge(flushed)?;
        // What a reader that has gone did not take is thrown away, not tried again.
        drop(self.output.into_parts());
        Ok(())
    }

    fn judge(&mut self, written: std::io::Result<()>) -> Result<(), CommandError> {
        match written {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(CommandError::failure("cannot write to standard output").because(error))
            }
            Err(_) => {
                self.is_read = false;
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
}

/// A position as it leaves the process.
pub(super) fn position(head: &Head, position: Position) -> String {
    format!("{}.{position}", head.epoch)
}

/// A row for programs: everything that stands in it in the clear, and the names of what is sealed.
pub(super) fn object(head: &Head, row: &EventRow, told: &Told) -> Map<String, Value> {
    let place = |at: Position| position(head, at);
    let value = json!({
        "position": place(row.position),
        "recorded": row.recorded.to_string(),
        "decided": row.decided.to_string(),
        "stream": row.stream.to_string(),
        "version": row.version.0,
        "type": row.event_type,
        "schema_version": row.schema_version,
        "what": told.sentence,
        "actor": { "kind": sentences::kind(&row.actor), "id": actor_id(&row.actor) },
        "command": row.command.0.to_string(),
        "correlation": row.correlation.to_string(),
        "because_of": row.causing.map(place),
        "sealed": told.sealed,
    });
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn actor_id(actor: &Actor) -> Option<String> {
    Some(actor.id()).filter(|id| !id.is_empty())
}

/// A row for people, on one line.
pub(super) fn sentence(head: &Head, row: &EventRow, told: &Told) -> String {
    let sealed = match told.sealed.as_slice() {
        [] => String::new(),
        parts => format!("  [sealed: {}]", parts.join(", ")),
    };
    let because = row.causing.map_or_else(String::new, |at| format!(", because of {}", position(head, at)));
    format!(
        "{}  {:>8}  {}, by {}{because}.{sealed}",
        row.recorded,
        position(head, row.position),
        told.sentence,
        told.who
    )
}
