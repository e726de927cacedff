//! The table against the log: the rows of the last sign-ins, computed anew in memory.

use std::collections::VecDeque;

use async_trait::async_trait;
use chancery_domain::account::{AccountEvent, is_last};
use chancery_domain::{DomainEvent, StreamId, Subject, Timestamp};
use chancery_eventstore::db::{Statement, sql};
use chancery_eventstore::verify::Opened;
use chancery_eventstore::{BackendError, Position, Snapshot};

use super::{KEPT, NAME, Row, SIGNED_IN};
use crate::rows::Rows;

/// The rows of [`Activity`](super::Activity).
#[derive(Debug)]
pub(super) struct SignInRows {
    /// Rows about what was decided before may be gone by their age.
    pub(super) oldest: Timestamp,
}

/// A row that should be there.
pub(super) struct Expected {
    version: i64,
    at: Timestamp,
    /// `None` where the month's network key is gone: what the row says of the browser was written before that.
    sealed: Option<Vec<u8>>,
}

#[async_trait]
impl Rows for SignInRows {
    const NAME: &'static str = NAME;
    const NEEDS_KEYS: bool = true;
    const MEANING: &'static str = "sign-in";
    type Expected = Expected;
    /// Version, moment and what is sealed.
    type Actual = (i64, i64, Vec<u8>);

    fn follow(rows: &mut VecDeque<(Position, Expected)>, event: &Opened<'_>) {
        let row = event.row;
        match row.event_type.as_str() {
            last if is_last(last) => rows.clear(),
            SIGNED_IN => {
                let (Some(subject), Some(key)) = (event.subject, event.key) else { return };
                let decoded = AccountEvent::decode(&row.event_type, row.schema_version, Subject::Open(subject));
                let Ok(AccountEvent::SignedIn(signed_in)) = decoded else { return };
                let user_agent = event.details.and_then(|details| details.user_agent.clone());
                let sealed = (!event.details_gone).then(|| Row::new(row, signed_in.session, user_agent, key).sealed);
                rows.push_back((row.position, Expected { version: row.version.0, at: row.decided, sealed }));
                if rows.len() as i64 > KEPT {
                    rows.pop_front();
                }
            }
            _ => {}
        }
    }

    fn select(generation: i64, after: i64, limit: i64) -> Statement {
        sql("SELECT position, stream, version, at, sealed FROM activity_v1 \
             WHERE generation = $1 AND position > $2 ORDER BY position LIMIT $3")
        .bind(generation)
        .bind(after)
        .bind(limit)
    }

    async fn read(
        snapshot: &mut Snapshot,
        statement: Statement,
    ) -> Result<Vec<(i64, StreamId, Self::Actual)>, BackendError> {
        let rows: Vec<(i64, Vec<u8>, i64, i64, Vec<u8>)> = snapshot.fetch(statement).await?;
        let row = |(position, stream, version, at, sealed): (i64, Vec<u8>, i64, i64, Vec<u8>)| {
            (position, crate::rows::stream(&stream), (version, at, sealed))
        };
        Ok(rows.into_iter().map(row).collect())
    }

    fn is_right(expected: &Expected, (version, at, sealed): &Self::Actual) -> bool {
        (*version, *at) == (expected.version, expected.at.micros())
            && expected.sealed.as_ref().is_none_or(|expected| expected == sealed)
    }

    fn may_be_gone(&self, row: &Expected) -> bool {
        row.at < self.oldest
    }
}
