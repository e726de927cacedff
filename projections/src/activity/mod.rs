//! `activity_v1`: the last sign-ins of each account, for its owner.
//!
//! Acts on `SignedIn`; drops an account's rows when it is gone, and keeps the last [`KEPT`] of each. A row is sealed
//! under the account's data key, and says nothing that the event's own parts no longer say: a browser whose network key
//! is destroyed is not shown.

use std::sync::Arc;

use async_trait::async_trait;
use chancery_domain::account::AccountEvent;
use chancery_domain::{SessionId, StreamId, Timestamp};
use chancery_eventstore::db::{Statement, sql};
use chancery_eventstore::seal::{Part, PartKey};
use chancery_eventstore::{BackendError, Db, EventRow, KeyError, ReadError, Store, Version};
use minicbor::{Decode, Encode};

use crate::runner::{Projection, ProjectionError};

/// Sign-ins that are kept of each account.
pub const KEPT: i64 = 20;

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
        let statement = sql("SELECT version, at, sealed FROM activity_v1 WHERE stream = $1 AND at >= $2 \
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

#[async_trait]
impl Projection for Activity {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn apply(&self, row: &EventRow) -> Result<Vec<Statement>, ProjectionError> {
        match row.event_type.as_str() {
            "account.signed_in" => {}
            "account.registration_lapsed" => {
                let gone = sql("DELETE FROM activity_v1 WHERE stream = $1").bind(row.stream.as_bytes().as_slice());
                return Ok(vec![gone]);
            }
            _ => return Ok(Vec::new()),
        }
        let AccountEvent::SignedIn(signed_in) = self.store.open_event(row).await? else { return Ok(Vec::new()) };
        let details = self.store.open_details(row).await?;
        let plain = minicbor::to_vec(Sealed {
            session: signed_in.session,
            user_agent: details.and_then(|details| details.user_agent),
        })
        .expect("encoding into memory does not fail");
        let Some(key_row) = self.store.backend().data_key(row.stream).await? else { return Ok(Vec::new()) };
        let key = match self.store.keys().unwrap(&key_row).await {
            Ok(key) => key,
            Err(KeyError::Destroyed(_)) => return Ok(Vec::new()),
            Err(error) => return Err(ReadError::from(error).into()),
        };
        let sealed = PartKey::derive(&key, None, row.stream, row.version, Part::ReadModel)
            .seal_deterministic(NAME.as_bytes(), &plain);
        let stream = row.stream.as_bytes().as_slice();
        Ok(vec![
            sql("INSERT INTO activity_v1 (position, stream, version, at, sealed) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (position) DO NOTHING")
            .bind(row.position)
            .bind(stream)
            .bind(row.version.0)
            .bind(row.decided)
            .bind(sealed),
            sql("DELETE FROM activity_v1 WHERE stream = $1 AND position <= \
                 (SELECT position FROM activity_v1 WHERE stream = $1 ORDER BY position DESC LIMIT 1 OFFSET $2)")
            .bind(stream)
            .bind(KEPT),
        ])
    }

    fn clear(&self) -> Vec<Statement> {
        vec![sql("DELETE FROM activity_v1")]
    }
}
