//! `account_changes_v1`: which accounts changed, and in which of the fields that applications may see.
//!
//! Acts on the account events that change such a field, by their types alone: it opens nothing and holds nothing
//! personal, so that a rebuild gives the same rows after a person is gone. An account that lapsed or was erased leaves one row, its
//! tombstone; those before it are dropped. Sign-ins, sessions, passwords and mailed links are no changes.

mod follower;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use chancery_domain::StreamId;
use chancery_domain::account::is_last;
use chancery_eventstore::db::{Statement, sql};
use chancery_eventstore::verify::Follower;
use chancery_eventstore::{BackendError, Db, EventRow, Position};

use crate::rows::{RowsFollower, clear_stale, count_rows};
use crate::runner::{Projection, ProjectionError, Target, cursor, cursor_in};
use follower::ChangeRows;

/// A field of an account that applications may see. The number is its bit in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Field {
    /// The uid.
    Uid = 0,
    /// The first name.
    FirstName = 1,
    /// The last name.
    LastName = 2,
    /// The address.
    Email = 3,
    /// The language of mails.
    MailLanguage = 4,
    /// How far the account has come, and whether it is suspended.
    State = 5,
    /// When it was asked for.
    Created = 6,
    /// When its address was proved.
    Confirmed = 7,
}

impl Field {
    /// All fields, in their order.
    pub const ALL: [Self; 8] = [
        Self::Uid,
        Self::FirstName,
        Self::LastName,
        Self::Email,
        Self::MailLanguage,
        Self::State,
        Self::Created,
        Self::Confirmed,
    ];

    const fn bit(self) -> i64 {
        1 << self as u8
    }
}

/// What one event did to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountChange {
    /// The event's position.
    pub position: Position,
    /// The account.
    pub stream: StreamId,
    /// The fields that changed; none where the account is gone.
    pub fields: Vec<Field>,
}

/// What follows a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The changes, in order.
    pub changes: Vec<AccountChange>,
    /// Where to go on: everything up to here is in `changes`, or no change.
    pub next: Position,
}

/// The read model.
#[derive(Clone, Debug)]
pub struct AccountChanges {
    db: Db,
}

const NAME: &str = "account_changes_v1";

/// What an event of this type changes; `None` for no field that an application may see.
fn changed(event_type: &str) -> Option<&'static [Field]> {
    use Field::{Confirmed, Created, Email, FirstName, LastName, MailLanguage, State, Uid};
    Some(match event_type {
        "account.created" => &[Uid, FirstName, LastName, Email, MailLanguage, State, Created],
        "account.email_confirmed" => &[State, Confirmed],
        "account.names_corrected" => &[FirstName, LastName],
        "account.mail_language_changed" => &[MailLanguage],
        "account.suspended" | "account.resumed" => &[State],
        last if is_last(last) => &[],
        _ => return None,
    })
}

/// Whether an event of this type is a change that [`AccountChanges`] tells.
#[must_use]
pub fn is_change(event_type: &str) -> bool {
    changed(event_type).is_some()
}

impl AccountChanges {
    /// The read model in this database.
    #[must_use]
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// This read model, as a runner moves it.
    #[must_use]
    pub fn projection(&self) -> Arc<dyn Projection> {
        Arc::new(self.clone())
    }

    /// How far it has come.
    ///
    /// # Errors
    /// The database's.
    pub async fn position(&self) -> Result<Position, BackendError> {
        Ok(cursor(&self.db, NAME).await?.map_or(Position::START, |cursor| cursor.position))
    }

    /// Up to `limit` changes after `after`.
    ///
    /// # Errors
    /// The database's.
    pub async fn after(&self, after: Position, limit: u32) -> Result<Changes, BackendError> {
        // Cursor and rows of one moment: a rebuild may switch to another generation between them.
        let mut snapshot = self.db.snapshot().await?;
        let found = async {
            let Some(cursor) = cursor_in(&mut snapshot, NAME).await? else {
                return Ok(Changes { changes: Vec::new(), next: after });
            };
            let statement = sql("SELECT position, stream, fields FROM account_changes_v1 \
                                 WHERE generation = $1 AND position > $2 AND position <= $3 ORDER BY position LIMIT $4")
            .bind(cursor.generation)
            .bind(after)
            .bind(cursor.position)
            .bind(i64::from(limit));
            let rows: Vec<(i64, Vec<u8>, i64)> = snapshot.fetch(statement).await?;
            let full = u32::try_from(rows.len()).is_ok_and(|count| count >= limit);
            let changes = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
            let next = match changes.last() {
                Some(last) if full => last.position,
                // Where it was given up and begins anew it stands behind its readers: none of them goes back.
                _ => cursor.position.max(after),
            };
            Ok(Changes { changes, next })
        }
        .await;
        snapshot.close().await;
        found
    }
}

fn read((position, stream, fields): (i64, Vec<u8>, i64)) -> Result<AccountChange, BackendError> {
    let stream = stream.try_into().map_err(|_| BackendError::Damaged(NAME.to_owned()))?;
    Ok(AccountChange {
        position: Position(position),
        stream: StreamId::from_bytes(stream),
        fields: Field::ALL.into_iter().filter(|field| fields & field.bit() != 0).collect(),
    })
}

/// A row as it stands in the table, but for its generation: its stream and the bits of its fields, by its position.
type Row = (StreamId, i64);

/// The row of an event; `None` if it is no change.
fn row(event: &EventRow) -> Option<Row> {
    let fields = changed(&event.event_type)?;
    Some((event.stream, fields.iter().fold(0, |bits, field| bits | field.bit())))
}

/// The read model as the verification sees it.
pub(crate) fn follower() -> Arc<dyn Follower> {
    Arc::new(RowsFollower::new(ChangeRows))
}

#[async_trait]
impl Projection for AccountChanges {
    fn name(&self) -> &'static str {
        NAME
    }

    fn opens(&self) -> &'static [&'static str] {
        &[]
    }

    async fn apply(&self, events: &[EventRow], target: Target) -> Result<Vec<Statement>, ProjectionError> {
        let gone: BTreeMap<StreamId, Position> = events
            .iter()
            .filter(|event| is_last(&event.event_type))
            .map(|event| (event.stream, event.position))
            .collect();
        let drop = |(stream, position): (&StreamId, &Position)| {
            sql("DELETE FROM account_changes_v1 WHERE generation = $1 AND stream = $2 AND position < $3")
                .bind(target.generation)
                .bind(stream.as_bytes().as_slice())
                .bind(*position)
        };
        let mut statements: Vec<Statement> = gone.iter().map(drop).collect();
        let stays = |event: &&EventRow| gone.get(&event.stream).is_none_or(|gone| *gone <= event.position);
        let values = |event: &EventRow| {
            let (stream, fields) = row(event)?;
            let position = event.position.into();
            Some(vec![target.generation.into(), position, stream.as_bytes().as_slice().into(), fields.into()])
        };
        statements.extend(self.db.insert_rows(
            "INSERT INTO account_changes_v1 (generation, position, stream, fields)",
            events.iter().filter(stays).filter_map(values).collect(),
            "ON CONFLICT (generation, position) DO NOTHING",
        ));
        Ok(statements)
    }

    async fn clear_stale(&self) -> Result<u64, BackendError> {
        self.db.execute(clear_stale!("account_changes_v1", "generation, position")).await
    }

    async fn count(&self, generation: i64) -> Result<u64, BackendError> {
        count_rows!(self.db, "account_changes_v1", generation)
    }
}
