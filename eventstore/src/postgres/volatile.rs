//! Rows that may be lost. Every call is one statement; the tables are not written ahead, so that none waits for a flush.

use std::time::Duration;

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::throttle::Window;
use sqlx::{AssertSqlSafe, query};

use super::rows::get;
use super::{PostgresBackend, row, rows};
use crate::backend::BackendError;
use crate::volatile::{Tally, Volatile, VolatileKind, emptying};

#[async_trait]
impl Volatile for PostgresBackend {
    async fn put(
        &self,
        kind: VolatileKind,
        key: &[u8; 32],
        sealed: &[u8],
        expires: Timestamp,
    ) -> Result<(), BackendError> {
        const SQL: &str = "INSERT INTO chancery.volatile_rows (kind, key, sealed, expires) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (kind, key) DO UPDATE SET sealed = excluded.sealed, expires = excluded.expires";
        let wanted = query(SQL).bind(kind as i16).bind(key.as_slice()).bind(sealed).bind(expires.micros());
        rows(&self.reads, wanted).await.map(drop)
    }

    async fn peek(&self, kind: VolatileKind, key: &[u8; 32], now: Timestamp) -> Result<Option<Vec<u8>>, BackendError> {
        const SQL: &str = "SELECT sealed FROM chancery.volatile_rows WHERE kind = $1 AND key = $2 AND expires > $3";
        let wanted = query(SQL).bind(kind as i16).bind(key.as_slice()).bind(now.micros());
        row(&self.reads, wanted).await?.map(|found| get(&found, 0)).transpose()
    }

    async fn take(&self, kind: VolatileKind, key: &[u8; 32], now: Timestamp) -> Result<Option<Vec<u8>>, BackendError> {
        const SQL: &str =
            "DELETE FROM chancery.volatile_rows WHERE kind = $1 AND key = $2 AND expires > $3 RETURNING sealed";
        let wanted = query(SQL).bind(kind as i16).bind(key.as_slice()).bind(now.micros());
        row(&self.reads, wanted).await?.map(|found| get(&found, 0)).transpose()
    }

    async fn count(&self, key: &[u8; 32], max: u32, window: Duration, now: Timestamp) -> Result<Tally, BackendError> {
        // A store without a birth is born by this statement; of two at the same moment, one sees neither birth.
        const SQL: &str = "WITH birth AS (
                 INSERT INTO chancery.volatile_birth (one, born) VALUES (1, $3) ON CONFLICT (one) DO NOTHING
             ), allowed AS (
                 SELECT CASE WHEN $3 < coalesce((SELECT born FROM chancery.volatile_birth), $3) + ($4 - $3)
                        THEN ($2 + 1) / 2 ELSE $2 END AS max
             ), tally AS (
                 INSERT INTO chancery.volatile_counters AS c (key, count, window_start, expires)
                     SELECT $1, 1, $3, $4 FROM allowed WHERE max > 0
                 ON CONFLICT (key) DO UPDATE SET
                     count = CASE WHEN c.expires > $3 THEN c.count + 1 ELSE 1 END,
                     window_start = CASE WHEN c.expires > $3 THEN c.window_start ELSE $3 END,
                     expires = CASE WHEN c.expires > $3 THEN c.expires ELSE $4 END
                     WHERE c.expires <= $3 OR c.count < (SELECT max FROM allowed)
                 RETURNING count
             )
             SELECT (SELECT count FROM tally),
                    coalesce((SELECT expires FROM chancery.volatile_counters WHERE key = $1), $4)";
        let max = i64::from(max);
        let until = now.plus(window);
        let wanted = query(SQL).bind(key.as_slice()).bind(max).bind(now.micros()).bind(until.micros());
        let answer = row(&self.reads, wanted).await?;
        let answer = answer.ok_or_else(|| BackendError::Damaged("a counter gave no answer".to_owned()))?;
        Ok(match get::<Option<i32>>(&answer, 0)? {
            Some(count) => Tally::Taken { count: unsigned(count) },
            None => Tally::Full { until: Timestamp(get(&answer, 1)?) },
        })
    }

    async fn counted(&self, key: &[u8; 32], now: Timestamp) -> Result<Option<Window>, BackendError> {
        const SQL: &str = "SELECT count, expires FROM chancery.volatile_counters WHERE key = $1 AND expires > $2";
        let found = row(&self.reads, query(SQL).bind(key.as_slice()).bind(now.micros())).await?;
        found.map(|found| Ok(Window { count: unsigned(get(&found, 0)?), ends: Timestamp(get(&found, 1)?) })).transpose()
    }

    async fn give_back(&self, keys: &[[u8; 32]], now: Timestamp) -> Result<(), BackendError> {
        // Locked in one order, so that two callers with the same counters never wait for each other.
        const SQL: &str = "WITH locked AS (
                 SELECT key FROM chancery.volatile_counters WHERE key = ANY ($1) ORDER BY key FOR UPDATE
             )
             UPDATE chancery.volatile_counters c SET count = count - 1
                 FROM locked WHERE c.key = locked.key AND expires > $2 AND count > 0";
        let keys: Vec<&[u8]> = keys.iter().map(<[u8; 32]>::as_slice).collect();
        rows(&self.reads, query(SQL).bind(keys).bind(now.micros())).await.map(drop)
    }

    async fn reset(&self, key: &[u8; 32]) -> Result<(), BackendError> {
        const SQL: &str = "DELETE FROM chancery.volatile_counters WHERE key = $1";
        rows(&self.reads, query(SQL).bind(key.as_slice())).await.map(drop)
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, BackendError> {
        const SQL: &str = "WITH gone AS (DELETE FROM chancery.volatile_rows WHERE expires <= $1 RETURNING 1), \
             ended AS (DELETE FROM chancery.volatile_counters WHERE expires <= $1 RETURNING 1) \
             SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM ended)";
        let swept = row(&self.reads, query(SQL).bind(now.micros())).await?;
        let swept = swept.map_or(Ok(0), |swept| get::<i64>(&swept, 0))?;
        Ok(swept.unsigned_abs())
    }

    async fn empty(&self) -> Result<(), BackendError> {
        for text in emptying() {
            rows(&self.reads, query(AssertSqlSafe(text))).await?;
        }
        Ok(())
    }
}

/// A stored count, which is never negative.
fn unsigned(count: i32) -> u32 {
    u32::try_from(count).unwrap_or_default()
}
