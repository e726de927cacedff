//! The reads, and where each call of the trait goes.

use async_trait::async_trait;
use chancery_domain::{ClaimKind, KeyId, StreamId, Timestamp};
use sqlx::query;
use uuid::Uuid;

use super::rows::{self, bytes, get, key_columns};
use super::{PostgresBackend, append, copy, row};
use crate::append::{NewKey, Prepared, Status};
use crate::backend::{Backend, BackendError, Columns, EachEvent, Head, KeyClass, KeyRow, Remembered, StateRow};
use crate::row::{CommandId, Fingerprint, Position, Version};

/// A state row with the stream's data key: the one that sealed the state, or the last one it had.
macro_rules! select_state {
    ($from:literal) => {
        concat!(
            "SELECT s.stream, s.version, s.fold_version, s.state, ",
            key_columns!(),
            " FROM ",
            $from,
            " LEFT JOIN LATERAL (SELECT * FROM chancery.keys WHERE owner = s.stream AND class = 1",
            " ORDER BY id = s.key_id DESC NULLS LAST, created DESC LIMIT 1) k ON true"
        )
    };
}

#[async_trait]
impl Backend for PostgresBackend {
    async fn append(&self, batch: &[Prepared]) -> Result<Vec<Status>, BackendError> {
        append::append(&self.appends, batch).await
    }

    async fn head(&self) -> Result<Head, BackendError> {
        let head = row(&self.reads, query("SELECT log, epoch, position, recorded FROM chancery.head WHERE one = 1"))
            .await?
            .ok_or_else(|| BackendError::Damaged("the head is missing".to_owned()))?;
        Ok(Head {
            log: get(&head, 0)?,
            epoch: get(&head, 1)?,
            position: Position(get(&head, 2)?),
            recorded: Timestamp(get(&head, 3)?),
        })
    }

    async fn scan(&self, after: Position, limit: u32, each: EachEvent<'_>) -> Result<(), BackendError> {
        // The log has no gaps, so that a range of positions needs neither a limit nor a sort.
        let last = after.0.saturating_add(i64::from(limit));
        let condition = format!("position > {} AND position <= {last} ORDER BY position", after.0);
        copy::events(&self.reads, Columns::All, &condition, each).await
    }

    async fn stream(
        &self,
        stream: StreamId,
        after: Version,
        limit: u32,
        columns: Columns,
        each: EachEvent<'_>,
    ) -> Result<(), BackendError> {
        let condition =
            format!("stream = '{}' AND version > {} ORDER BY version LIMIT {limit}", Uuid::from(stream), after.0);
        copy::events(&self.reads, columns, &condition, each).await
    }

    async fn remembered(&self, command: CommandId) -> Result<Option<Remembered>, BackendError> {
        const SQL: &str =
            "SELECT fingerprint, stream, first_position, last_position FROM chancery.commands WHERE command = $1";
        let Some(found) = row(&self.reads, query(SQL).bind(command.0)).await? else { return Ok(None) };
        Ok(Some(Remembered {
            fingerprint: Fingerprint(bytes(get(&found, 0)?, "a fingerprint")?),
            stream: StreamId::from(get::<Uuid>(&found, 1)?),
            first: Position(get(&found, 2)?),
            last: Position(get(&found, 3)?),
        }))
    }

    async fn reserved(&self, kind: ClaimKind, mac: &[u8; 32]) -> Result<Option<StreamId>, BackendError> {
        const SQL: &str = "SELECT stream FROM chancery.reservations WHERE kind = $1 AND mac = $2";
        let found = row(&self.reads, query(SQL).bind(kind as i16).bind(mac.as_slice())).await?;
        found.map(|found| Ok(StreamId::from(get::<Uuid>(&found, 0)?))).transpose()
    }

    async fn state(&self, stream: StreamId) -> Result<Option<StateRow>, BackendError> {
        const SQL: &str = select_state!("(SELECT * FROM chancery.states WHERE stream = $1) s");
        row(&self.reads, query(SQL).bind(Uuid::from(stream))).await?.as_ref().map(rows::state).transpose()
    }

    async fn reserved_state(&self, kind: ClaimKind, mac: &[u8; 32]) -> Result<Option<StateRow>, BackendError> {
        const SQL: &str = select_state!(
            "(SELECT s.* FROM chancery.reservations r JOIN chancery.states s ON s.stream = r.stream \
              WHERE r.kind = $1 AND r.mac = $2) s"
        );
        let wanted = query(SQL).bind(kind as i16).bind(mac.as_slice());
        row(&self.reads, wanted).await?.as_ref().map(rows::state).transpose()
    }

    async fn data_key(&self, stream: StreamId) -> Result<Option<KeyRow>, BackendError> {
        const SQL: &str = concat!(
            "SELECT ",
            key_columns!(),
            " FROM chancery.keys k WHERE k.owner = $1 AND k.class = 1 ORDER BY k.created DESC LIMIT 1"
        );
        let found = row(&self.reads, query(SQL).bind(Uuid::from(stream))).await?;
        found.map_or(Ok(None), |found| rows::key(&found, 0))
    }

    async fn key(&self, id: KeyId) -> Result<Option<KeyRow>, BackendError> {
        const SQL: &str = concat!("SELECT ", key_columns!(), " FROM chancery.keys k WHERE k.id = $1");
        let found = row(&self.reads, query(SQL).bind(Uuid::from(id))).await?;
        found.map_or(Ok(None), |found| rows::key(&found, 0))
    }

    async fn keys_of_class(&self, class: KeyClass) -> Result<Vec<KeyRow>, BackendError> {
        const SQL: &str =
            concat!("SELECT ", key_columns!(), " FROM chancery.keys k WHERE k.class = $1 ORDER BY k.created, k.id");
        let found = super::rows(&self.reads, query(SQL).bind(class as i16)).await?;
        found.iter().filter_map(|found| rows::key(found, 0).transpose()).collect()
    }

    async fn add_key(&self, key: &NewKey) -> Result<KeyRow, BackendError> {
        const SQL: &str = concat!("SELECT ", key_columns!(), " FROM chancery.add_key($1, $2, $3, $4, $5, $6, $7) k");
        let wanted = query(SQL)
            .bind(Uuid::from(key.id))
            .bind(key.class as i16)
            .bind(key.owner.map(Uuid::from))
            .bind(&key.purpose)
            .bind(&key.wrapped)
            .bind(key.wrapper.as_slice())
            .bind(key.created.micros());
        let found = row(&self.reads, wanted).await?;
        found
            .map_or(Ok(None), |found| rows::key(&found, 0))?
            .ok_or_else(|| BackendError::Damaged("a key that was just added is gone".to_owned()))
    }

    async fn database_time(&self) -> Result<Timestamp, BackendError> {
        const SQL: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
        let found = row(&self.reads, query(SQL)).await?;
        let found = found.ok_or_else(|| BackendError::Damaged("the database knows no time".to_owned()))?;
        Ok(Timestamp(get(&found, 0)?))
    }
}
