//! The reads, and where each call of the trait goes.

use async_trait::async_trait;
use chancery_domain::{ClaimKind, KeyId, StreamId, Timestamp};
use sqlx::query;
use uuid::Uuid;

use super::lookups::Wanted;
use super::rows::{self, bytes, get, key_columns, key_of_state, state_columns};
use super::{PostgresBackend, append, copy, row};
use crate::append::{NewKey, Prepared, Status};
use crate::backend::{Backend, BackendError, Columns, EachEvent, Head, KeyClass, KeyRow, Remembered, StateRow};
use crate::history::History;
use crate::row::{CommandId, EventRow, Fingerprint, Position, Version};
use crate::volatile::VolatileKind;

#[async_trait]
impl Backend for PostgresBackend {
    async fn append(&self, batch: &[Prepared]) -> Result<Vec<Status>, BackendError> {
        append::append(&self.appends, batch).await
    }

    async fn begin_epoch(&self, epoch: i64, command: &Prepared) -> Result<Status, BackendError> {
        append::begin_epoch(&self.appends, epoch, command).await
    }

    async fn close(&self) {
        self.appends.close().await;
        self.lookups.close().await;
        self.reads.close().await;
    }

    fn history(&self) -> &History {
        &self.history
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

    async fn relay_stopped(&self) -> Result<Option<String>, BackendError> {
        const SQL: &str = "SELECT r.stopped FROM chancery.relay_generation r \
             JOIN chancery.head h ON h.epoch = r.stopped_epoch WHERE r.stopped <> ''";
        row(&self.reads, query(SQL)).await?.map(|found| get(&found, 0)).transpose()
    }

    async fn scan(&self, after: Position, limit: u32, each: EachEvent<'_>) -> Result<(), BackendError> {
        copy::events(&self.reads, Columns::All, &range(after, limit), each).await
    }

    async fn read_to_open(
        &self,
        after: Position,
        limit: u32,
        types: &[&'static str],
    ) -> Result<Vec<EventRow>, BackendError> {
        let mut rows = Vec::new();
        copy::events_to_open(&self.reads, types, &range(after, limit), &mut |row| rows.push(row)).await?;
        Ok(rows)
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

    async fn count_reserved(&self, kind: ClaimKind) -> Result<u64, BackendError> {
        const SQL: &str = "SELECT count(*) FROM chancery.reservations WHERE kind = $1";
        let counted = row(&self.reads, query(SQL).bind(kind as i16)).await?;
        counted.map_or(Ok(0), |counted| Ok(get::<i64>(&counted, 0)?.unsigned_abs()))
    }

    async fn holders(
        &self,
        kind: ClaimKind,
        after: &[u8; 32],
        limit: u32,
    ) -> Result<Vec<([u8; 32], StreamId)>, BackendError> {
        const SQL: &str =
            "SELECT mac, stream FROM chancery.reservations WHERE kind = $1 AND mac > $2 ORDER BY mac LIMIT $3";
        let wanted = query(SQL).bind(kind as i16).bind(after.as_slice()).bind(i64::from(limit));
        let found = super::rows(&self.reads, wanted).await?;
        found
            .iter()
            .map(|found| Ok((bytes(get(found, 0)?, "a reservation")?, StreamId::from(get::<Uuid>(found, 1)?))))
            .collect()
    }

    async fn state(&self, stream: StreamId) -> Result<Option<StateRow>, BackendError> {
        const SQL: &str =
            concat!("SELECT ", state_columns!(), " FROM chancery.states s", key_of_state!(), " WHERE s.stream = $1");
        row(&self.reads, query(SQL).bind(Uuid::from(stream))).await?.as_ref().map(rows::state).transpose()
    }

    async fn reserved_state(&self, kind: ClaimKind, mac: &[u8; 32]) -> Result<Option<StateRow>, BackendError> {
        let found = self.lookups.find(vec![Wanted { claim: (kind, *mac), row: None }]).await?;
        Ok(found.into_iter().next().flatten().map(|(state, _)| state))
    }

    async fn reserved_state_with(
        &self,
        kind: ClaimKind,
        mac: &[u8; 32],
        wanted: (VolatileKind, &[u8; 32]),
        now: Timestamp,
    ) -> Result<Option<(StateRow, Option<Vec<u8>>)>, BackendError> {
        let row = Some((wanted.0, *wanted.1, now));
        let found = self.lookups.find(vec![Wanted { claim: (kind, *mac), row }]).await?;
        Ok(found.into_iter().next().flatten())
    }

    async fn reserved_states(
        &self,
        wanted: [(ClaimKind, &[u8; 32]); 2],
    ) -> Result<[Option<StateRow>; 2], BackendError> {
        let wanted = wanted.map(|(kind, mac)| Wanted { claim: (kind, *mac), row: None });
        let mut found =
            self.lookups.find(wanted.to_vec()).await?.into_iter().map(|found| found.map(|(state, _)| state));
        Ok([found.next().flatten(), found.next().flatten()])
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

    async fn keys(&self, ids: &[KeyId]) -> Result<Vec<KeyRow>, BackendError> {
        const SQL: &str =
            concat!("SELECT ", key_columns!(), " FROM unnest($1) AS wanted (id) JOIN chancery.keys k USING (id)");
        let ids: Vec<Uuid> = ids.iter().map(|id| Uuid::from(*id)).collect();
        let found = super::rows(&self.reads, query(SQL).bind(ids)).await?;
        found.iter().filter_map(|found| rows::key(found, 0).transpose()).collect()
    }

    async fn keys_of_class(&self, class: KeyClass) -> Result<Vec<KeyRow>, BackendError> {
        const SQL: &str =
            concat!("SELECT ", key_columns!(), " FROM chancery.keys k WHERE k.class = $1 ORDER BY k.created, k.id");
        let found = super::rows(&self.reads, query(SQL).bind(class as i16)).await?;
        found.iter().filter_map(|found| rows::key(found, 0).transpose()).collect()
    }

    async fn destroyed_keys(&self, after: KeyId, limit: u32) -> Result<Vec<KeyId>, BackendError> {
        const SQL: &str = "SELECT id FROM chancery.keys WHERE wrapped IS NULL AND id > $1 ORDER BY id LIMIT $2";
        let wanted = query(SQL).bind(Uuid::from(after)).bind(i64::from(limit));
        let found = super::rows(&self.reads, wanted).await?;
        found.iter().map(|found| Ok(KeyId::from(get::<Uuid>(found, 0)?))).collect()
    }

    async fn applications(&self) -> Result<Vec<StreamId>, BackendError> {
        const SQL: &str = "SELECT stream FROM chancery.states WHERE aggregate = 'application'";
        let found = super::rows(&self.reads, query(SQL)).await?;
        found.iter().map(|found| Ok(StreamId::from(get::<Uuid>(found, 0)?))).collect()
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
        let found = match row(&self.reads, query(SQL)).await {
            Ok(found) => found,
            Err(error) => {
                // Whoever watches over the node asks for the time first, every second.
                self.hosts.seek().await;
                return Err(error);
            }
        };
        let found = found.ok_or_else(|| BackendError::Damaged("the database knows no time".to_owned()))?;
        Ok(Timestamp(get(&found, 0)?))
    }
}

/// The condition and order of the events after a position. The log has no gaps, so that a range of positions needs neither a
/// limit nor a sort.
fn range(after: Position, limit: u32) -> String {
    let last = after.0.saturating_add(i64::from(limit));
    format!("position > {} AND position <= {last} ORDER BY position", after.0)
}
