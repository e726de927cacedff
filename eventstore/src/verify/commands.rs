//! Remembered commands against the events' own command ids, in constant memory.
//!
//! Both sides are summed up: each command's id, stream and positions go through a function that nobody outside this run
//! can predict, so that equal sums mean equal sets. The sums are kept apart by the ids' last bits; only where two differ
//! are the commands themselves looked at, of those few ids.

use std::collections::HashMap;

use super::{Findings, RANGE};
use crate::backend::BackendError;
use crate::row::{CommandId, Position};
use crate::seal::SecretKey;
use crate::snapshot::{Snapshot, StoredCommand};

const GROUPS: usize = 4096;

/// The sums of both sides.
pub(super) struct CommandSums {
    key: SecretKey,
    sums: Vec<u128>,
}

fn group(command: CommandId) -> usize {
    let bytes = command.0.as_bytes();
    usize::from(u16::from_be_bytes([bytes[14], bytes[15]])) % GROUPS
}

impl CommandSums {
    pub(super) fn new() -> Self {
        Self { key: SecretKey::random(), sums: vec![0; GROUPS] }
    }

    fn number(&self, command: &StoredCommand) -> u128 {
        let mac = self.key.mac(&[
            command.command.0.as_bytes(),
            command.stream.as_bytes(),
            &command.first.0.to_be_bytes(),
            &command.last.0.to_be_bytes(),
        ]);
        u128::from_be_bytes(std::array::from_fn(|place| mac[place]))
    }

    /// A command as the events have it.
    pub(super) fn expect(&mut self, command: &StoredCommand) {
        let number = self.number(command);
        let sum = &mut self.sums[group(command.command)];
        *sum = sum.wrapping_add(number);
    }

    /// A command as the table has it.
    fn find(&mut self, command: &StoredCommand) {
        let number = self.number(command);
        let sum = &mut self.sums[group(command.command)];
        *sum = sum.wrapping_sub(number);
    }
}

/// Compares the table with the sums over the events.
pub(super) async fn compare(
    snapshot: &mut Snapshot,
    mut sums: CommandSums,
    last: Position,
    findings: &mut Findings,
) -> Result<(), BackendError> {
    snapshot.commands(|command| sums.find(command)).await?;
    if sums.sums.iter().all(|sum| *sum == 0) {
        return Ok(());
    }
    let differs = |command: CommandId| sums.sums[group(command)] != 0;
    let mut expected: HashMap<CommandId, StoredCommand> = HashMap::new();
    let mut after = Position::START;
    while after < last {
        let until = Position(after.0.saturating_add(RANGE).min(last.0));
        snapshot
            .events(after, until, &mut |row| {
                if differs(row.command) {
                    let place = StoredCommand {
                        command: row.command,
                        stream: row.stream,
                        first: row.position,
                        last: row.position,
                    };
                    expected.entry(row.command).or_insert(place).last = row.position;
                }
            })
            .await?;
        after = until;
    }
    let compared = |stored: &StoredCommand| {
        if !differs(stored.command) {
            return;
        }
        match expected.remove(&stored.command) {
            Some(command) if command == *stored => {}
            Some(command) => findings.differs(
                command.first,
                "commands",
                format!(
                    "the command {} is remembered with the events {} to {} of stream {}, and it wrote {} to {} of {}",
                    stored.command.0,
                    stored.first,
                    stored.last,
                    stored.stream,
                    command.first,
                    command.last,
                    command.stream
                ),
            ),
            None => findings.differs(
                stored.first,
                "commands",
                format!("the command {} is remembered, and no event is of it", stored.command.0),
            ),
        }
    };
    snapshot.commands(compared).await?;
    for command in expected.into_values() {
        findings.differs(
            command.first,
            "commands",
            format!("the command {} is forgotten: a repetition of it would be carried out again", command.command.0),
        );
    }
    Ok(())
}
