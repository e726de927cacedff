//! The table against the log: the same changes, told anew in memory.

use std::collections::VecDeque;

use async_trait::async_trait;
use chancery_domain::StreamId;
use chancery_domain::account::is_last;
use chancery_eventstore::db::{Statement, sql};
use chancery_eventstore::verify::Opened;
use chancery_eventstore::{BackendError, Position, Snapshot};

use super::{NAME, row};
use crate::rows::Rows;

/// The rows of [`AccountChanges`](super::AccountChanges).
#[derive(Debug)]
pub(super) struct ChangeRows;

#[async_trait]
impl Rows for ChangeRows {
    const NAME: &'static str = NAME;
    const NEEDS_KEYS: bool = false;
    const MEANING: &'static str = "change";
    /// The bits of the fields.
    type Expected = i64;
    type Actual = i64;

    fn follow(rows: &mut VecDeque<(Position, i64)>, event: &Opened<'_>) {
        let Some((_, fields)) = row(event.row) else { return };
        if is_last(&event.row.event_type) {
            rows.clear();
        }
        rows.push_back((event.row.position, fields));
    }

    fn select(generation: i64, after: i64, limit: i64) -> Statement {
        sql("SELECT position, stream, fields FROM account_changes_v1 \
             WHERE generation = $1 AND position > $2 ORDER BY position LIMIT $3")
        .bind(generation)
        .bind(after)
        .bind(limit)
    }

    async fn read(snapshot: &mut Snapshot, statement: Statement) -> Result<Vec<(i64, StreamId, i64)>, BackendError> {
        let rows: Vec<(i64, Vec<u8>, i64)> = snapshot.fetch(statement).await?;
        let row = |(position, stream, fields): (i64, Vec<u8>, i64)| (position, crate::rows::stream(&stream), fields);
        Ok(rows.into_iter().map(row).collect())
    }

    fn is_right(expected: &i64, actual: &i64) -> bool {
        expected == actual
    }
}
