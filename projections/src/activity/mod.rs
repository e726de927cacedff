//! `activity_v1`: the last sign-ins of each account, for its owner.
//!
//! Acts on `SignedIn`; drops an account's rows when it is gone, and keeps the last [`KEPT`] of each. A row is sealed
//! under the account's data key, and says nothing that the event's own parts no longer say: a browser whose network key
//! is destroyed is not shown.

mod follower;

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use chancery_domain::account::{AccountEvent, is_last};
use chancery_domain::{SessionId, StreamId, Timestamp};
use chancery_eventstore::db::{Statement, Value, sql};
use chancery_eventstore::seal::{Part, PartKey};
use chancery_eventstore::verify::Follower;
use chancery_eventstore::{BackendError, Db, EventRow, KeyError, Position, ReadError, SecretKey, Store, Version};
use minicbor::{Decode, Encode};

use crate::rows::{RowsFollower, clear_stale, count_rows};
use crate::runner::{Projection, ProjectionError, Target};
use follower::SignInRows;

/// Sign-ins that are kept of each account.
pub const KEPT: i64 = 20;

/// Rows that one statement of [`Projection::settle`] looks at, about.
const SETTLED_AT_ONCE: i64 = 5_000;

/// The read model.
#[derive(Clone, Debug)]
pub struct Activity {
    store: Store,
    db: Db,
}

/// One sign-in of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastSignIn {
    /// When.
    pub at: Timestamp,
    /// The session that it opened.
    pub session: SessionId,
    /// What the browser called itself.
    pub user_agent: Option<String>,
}

#[derive(Encode, Decode)]
struct Sealed {
    #[n(0)]
    session: SessionId,
    #[n(1)]
    user_agent: Option<String>,
}

impl Activity {
    /// The read model of this log.
    #[must_use]
    pub const fn new(store: Store, db: Db) -> Self {
        Self { store, db }
    }

    /// This read model, as a runner moves it.
    #[must_use]
    pub fn projection(&self) -> Arc<dyn Projection> {
        Arc::new(self.clone())
    }

    /// Deletes rows that are older than anything they say may be kept.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget_before(&self, oldest: Timestamp) -> Result<u64, BackendError> {
        self.db.execute(sql("DELETE FROM activity_v1 WHERE at < $1").bind(oldest)).await
    }

    /// The last sign-ins of an account since `oldest`, newest first. What can no longer be opened is left out.
    ///
    /// # Errors
    /// [`ReadError`] if the database does not answer or a row was changed.
    pub async fn recent(&self, stream: StreamId, oldest: Timestamp) -> Result<Vec<PastSignIn>, ReadError> {
        let statement =
            sql("SELECT version, at, sealed FROM activity_v1 WHERE stream = $1 AND at >= $2 AND generation = \
                             (SELECT generation FROM projection_cursors WHERE name = 'activity_v1') \
                             ORDER BY position DESC LIMIT $3")
            .bind(stream.as_bytes().as_slice())
            .bind(oldest)
            .bind(KEPT);
        let rows: Vec<(i64, i64, Vec<u8>)> = self.db.fetch(statement).await?;
        let key = match self.store.backend().data_key(stream).await? {
            Some(row) => match self.store.keys().unwrap(&row).await {
                Ok(key) => key,
                Err(KeyError::Destroyed(_)) => return Ok(Vec::new()),
                Err(error) => return Err(error.into()),
            },
            None => return Ok(Vec::new()),
        };
        rows.into_iter()
            .map(|(version, at, sealed)| {
                let plain = PartKey::derive(&key, None, stream, Version(version), Part::ReadModel)
                    .open(NAME.as_bytes(), &sealed)
                    .map_err(|source| ReadError::Open { stream, source })?;
                let row: Sealed = minicbor::decode(&plain).map_err(|error| ReadError::Decode {
                    stream,
                    source: chancery_domain::DecodeError::Malformed(NAME.to_owned(), error.to_string()),
                })?;
                Ok(PastSignIn { at: Timestamp(at), session: row.session, user_agent: row.user_agent })
            })
            .collect()
    }
}

const NAME: &str = "activity_v1";

/// The read model as the verification sees it.
pub(crate) fn follower(oldest: Timestamp) -> Arc<dyn Follower> {
    Arc::new(RowsFollower::new(SignInRows { oldest }))
}

/// A row as it stands in the table, but for its generation.
struct Row {
    position: Position,
    stream: StreamId,
    version: Version,
    at: Timestamp,
    sealed: Vec<u8>,
}

impl Row {
    /// The row of a sign-in. Equal content gives equal bytes.
    fn new(event: &EventRow, session: SessionId, user_agent: Option<String>, key: &SecretKey) -> Self {
        let plain = minicbor::to_vec(Sealed { session, user_agent }).expect("encoding into memory does not fail");
        let sealed = PartKey::derive(key, None, event.stream, event.version, Part::ReadModel)
            .seal_deterministic(NAME.as_bytes(), &plain);
        Self { position: event.position, stream: event.stream, version: event.version, at: event.decided, sealed }
    }

    fn values(self, generation: i64) -> Vec<Value> {
        vec![
            self.position.into(),
            self.stream.as_bytes().as_slice().into(),
            self.version.0.into(),
            self.at.into(),
            self.sealed.into(),
            generation.into(),
        ]
    }
}

/// The statement that deletes all but the newest rows of each of some streams, a part of a generation. It names them by where
/// they lie: planned for any number of rows, one that names them by what they hold would walk through the whole generation
/// for each part of it.
macro_rules! prune {
    ($place:literal, $among:literal, $end:literal) => {
        sql(concat!(
            "DELETE FROM activity_v1 WHERE ",
            $place,
            $among,
            "(SELECT place FROM (SELECT ",
            $place,
            " AS place, row_number() OVER (PARTITION BY stream ORDER BY position DESC) AS nth \
             FROM activity_v1 WHERE generation = $1 AND stream > $2 AND stream <= $3) AS ranked WHERE nth > $4)",
            $end
        ))
    };
}

const SIGNED_IN: &str = "account.signed_in";

/// Events that are opened before others have their turn: a part of a millisecond.
const AT_A_STRETCH: usize = 32;

#[async_trait]
impl Projection for Activity {
    fn name(&self) -> &'static str {
        NAME
    }

    fn opens(&self) -> &'static [&'static str] {
        &[SIGNED_IN]
    }

    async fn apply(&self, events: &[EventRow], target: Target) -> Result<Vec<Statement>, ProjectionError> {
        let sign_ins = || events.iter().filter(|event| event.event_type == SIGNED_IN);
        let gone: BTreeSet<StreamId> =
            events.iter().filter(|event| is_last(&event.event_type)).map(|event| event.stream).collect();
        let keys = self.store.open_keys(sign_ins()).await?;
        let mut rows = Vec::new();
        for (number, event) in sign_ins().filter(|event| !gone.contains(&event.stream)).enumerate() {
            // Opening a whole batch takes long enough to be felt by those who share the thread.
            if number % AT_A_STRETCH == AT_A_STRETCH - 1 {
                tokio::task::yield_now().await;
            }
            let AccountEvent::SignedIn(signed_in) = keys.event(event)? else { continue };
            let user_agent = keys.details(event)?.and_then(|details| details.user_agent);
            if let Some(key) = keys.data(event) {
                rows.push(Row::new(event, signed_in.session, user_agent, key));
            }
        }
        let bind = |statement: Statement, stream: StreamId| {
            statement.bind(target.generation).bind(stream.as_bytes().as_slice())
        };
        let drop = |stream| bind(sql("DELETE FROM activity_v1 WHERE generation = $1 AND stream = $2"), stream);
        let mut statements: Vec<Statement> = gone.into_iter().map(drop).collect();
        let touched: BTreeSet<StreamId> = rows.iter().map(|row| row.stream).collect();
        statements.extend(self.db.insert_rows(
            "INSERT INTO activity_v1 (position, stream, version, at, sealed, generation)",
            rows.into_iter().map(|row| row.values(target.generation)).collect(),
            "ON CONFLICT (generation, position) DO NOTHING",
        ));
        if !target.is_building {
            statements.extend(touched.into_iter().map(|stream| {
                let prune = sql("DELETE FROM activity_v1 WHERE generation = $1 AND stream = $2 AND position <= \
                                 (SELECT position FROM activity_v1 WHERE generation = $1 AND stream = $2 \
                                  ORDER BY position DESC LIMIT 1 OFFSET $3)");
                bind(prune, stream).bind(KEPT)
            }));
        }
        Ok(statements)
    }

    async fn settle(&self, generation: i64) -> Result<(), BackendError> {
        let mut after: Vec<u8> = Vec::new();
        loop {
            let end = sql("SELECT stream FROM activity_v1 WHERE generation = $1 AND stream > $2 \
                           ORDER BY stream LIMIT 1 OFFSET $3")
            .bind(generation)
            .bind(after.as_slice())
            .bind(SETTLED_AT_ONCE);
            let end: Vec<(Vec<u8>,)> = self.db.fetch(end).await?;
            let until = end.into_iter().next().map_or_else(|| vec![u8::MAX; 17], |row| row.0);
            let prune = match &self.db {
                Db::Postgres(_) => prune!("ctid", " = ANY (ARRAY", ")"),
                Db::Sqlite(_) => prune!("rowid", " IN ", ""),
            };
            let prune = prune.bind(generation).bind(after).bind(until.as_slice()).bind(KEPT);
            self.db.follow_if(Vec::new(), vec![prune]).await?;
            if until.len() > 16 {
                return Ok(());
            }
            after = until;
        }
    }

    async fn clear_stale(&self) -> Result<u64, BackendError> {
        self.db.execute(clear_stale!("activity_v1", "generation, position")).await
    }

    async fn count(&self, generation: i64) -> Result<u64, BackendError> {
        count_rows!(self.db, "activity_v1", generation)
    }
}
