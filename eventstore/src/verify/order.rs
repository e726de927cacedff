//! What the order of the log promises: no gap, times that never go back, commands whose events stand together.

use chancery_domain::Timestamp;

use super::Findings;
use super::commands::CommandSums;
use crate::backend::Head;
use crate::row::{EventRow, Position};
use crate::snapshot::StoredCommand;

/// Looks at every event in order.
pub(super) struct Order {
    last: Position,
    recorded: Timestamp,
    command: Option<StoredCommand>,
    sums: CommandSums,
}

impl Order {
    pub(super) fn new(sums: CommandSums) -> Self {
        Self { last: Position::START, recorded: Timestamp(0), command: None, sums }
    }

    pub(super) fn take(&mut self, row: &EventRow, findings: &mut Findings) {
        let expected = Position(self.last.0 + 1);
        if row.position != expected {
            findings.differs(
                expected,
                "events",
                format!(
                    "the log has a gap: {} events are missing before position {}",
                    row.position.0 - expected.0,
                    row.position
                ),
            );
        }
        // A log begins at the Unix epoch's time, as its head does.
        let recorded = self.recorded.max(row.decided);
        if row.recorded != recorded && row.position == expected {
            findings.differs(
                row.position,
                "events",
                format!("the recorded time is {}, and by the log's order it must be {recorded}", row.recorded),
            );
        }
        if row.causing.is_some_and(|causing| causing >= row.position || causing <= Position::START) {
            findings.differs(row.position, "events", "the event names as its cause one that did not come before it");
        }
        self.last = row.position;
        self.recorded = recorded.max(row.recorded);
        match &mut self.command {
            Some(command) if command.command == row.command && command.stream == row.stream => {
                command.last = row.position;
            }
            command => {
                let next =
                    StoredCommand { command: row.command, stream: row.stream, first: row.position, last: row.position };
                if let Some(ended) = command.replace(next) {
                    self.sums.expect(&ended);
                }
            }
        }
    }

    pub(super) fn finish(mut self, head: &Head, findings: &mut Findings) -> CommandSums {
        if let Some(ended) = self.command.take() {
            self.sums.expect(&ended);
        }
        if head.position != self.last {
            findings.differs(
                Position(head.position.0.min(self.last.0) + 1),
                "head",
                format!("the head stands at {}, and the last event at {}", head.position, self.last),
            );
        } else if head.recorded != self.recorded {
            findings.differs(
                self.last,
                "head",
                format!("the head's time is {}, and the last event's {}", head.recorded, self.recorded),
            );
        }
        self.sums
    }
}
