//! The volatile rows and counters.

use std::time::Duration;

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::throttle::Window;
use sqlx::{AssertSqlSafe, Row};

use super::SqliteBackend;
use super::error::classify;
use crate::backend::BackendError;
use crate::db::Commit;
use crate::volatile::{Tally, Try, Volatile, VolatileKind, emptying};

// What is lost of these rows only refuses or asks again: no commit waits for the disk.

/// Counts if the limit allows it; the first row then begins with 1. The last row tells the counter as it stands.
const COUNT: &str = "BEGIN IMMEDIATE;
INSERT INTO volatile_birth (one, born) VALUES (1, $2) ON CONFLICT DO NOTHING;
INSERT INTO volatile_counters (key, count, window_start, expires)
SELECT $1, 1, $2, $3 WHERE $4 > 0
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN expires > $2 THEN count + 1 ELSE 1 END,
    window_start = CASE WHEN expires > $2 THEN window_start ELSE $2 END,
    expires = CASE WHEN expires > $2 THEN expires ELSE $3 END
WHERE expires <= $2
    OR count < (SELECT CASE WHEN born + ($3 - $2) > $2 THEN ($4 + 1) / 2 ELSE $4 END FROM volatile_birth)
RETURNING 1, count, expires;
SELECT 0, count, expires FROM volatile_counters WHERE key = $1;
COMMIT";

/// Counts so many counters, or none of them if one is full. Rows that begin with 1 say that they were counted; those that
/// begin with 0 tell how each stands then: its place, whether no more fit, its count, and its window's end.
fn count_all(counters: usize) -> String {
    let row = |place: usize| {
        let first = 2 + 4 * place;
        format!("(${first}, ${}, ${}, ${})", first + 1, first + 2, first + 3)
    };
    let tries = (0..counters).map(row).collect::<Vec<_>>().join(", ");
    let tries = format!("WITH tries (place, key, most, until) AS (VALUES {tries})");
    let standing = "FROM tries t LEFT JOIN volatile_counters c ON c.key = t.key AND c.expires > $1";
    let is_full = "coalesce(c.count, 0) >= (SELECT
        CASE WHEN born + (t.until - $1) > $1 THEN (t.most + 1) / 2 ELSE t.most END FROM volatile_birth)";
    format!(
        "BEGIN IMMEDIATE;
INSERT INTO volatile_birth (one, born) VALUES (1, $1) ON CONFLICT DO NOTHING;
INSERT INTO volatile_counters (key, count, window_start, expires)
{tries} SELECT key, 1, $1, until FROM tries WHERE NOT EXISTS (SELECT 1 {standing} WHERE {is_full})
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN expires > $1 THEN count + 1 ELSE 1 END,
    window_start = CASE WHEN expires > $1 THEN window_start ELSE $1 END,
    expires = CASE WHEN expires > $1 THEN expires ELSE excluded.expires END
RETURNING 1, 0, 0, 0, 0;
{tries} SELECT 0, place, {is_full}, coalesce(c.count, 0), coalesce(c.expires, until) {standing} ORDER BY place;
COMMIT"
    )
}

/// How many counters one statement gives a try back to.
const GIVEN_BACK_AT_ONCE: usize = 5;

#[async_trait]
impl Volatile for SqliteBackend {
    async fn put(
        &self,
        kind: VolatileKind,
        key: &[u8; 32],
        sealed: &[u8],
        expires: Timestamp,
    ) -> Result<(), BackendError> {
        let statement = sqlx::query(
            "INSERT INTO volatile_rows (kind, key, sealed, expires) VALUES ($1, $2, $3, $4)
            ON CONFLICT (kind, key) DO UPDATE SET sealed = excluded.sealed, expires = excluded.expires",
        )
        .bind(kind as i64)
        .bind(key.as_slice())
        .bind(sealed)
        .bind(expires.micros());
        self.writer.run_if_room(Commit::Unflushed, async |connection| statement.execute(connection).await).await?;
        Ok(())
    }

    async fn peek(&self, kind: VolatileKind, key: &[u8; 32], now: Timestamp) -> Result<Option<Vec<u8>>, BackendError> {
        sqlx::query_scalar("SELECT sealed FROM volatile_rows WHERE kind = $1 AND key = $2 AND expires > $3")
            .bind(kind as i64)
            .bind(key.as_slice())
            .bind(now.micros())
            .fetch_optional(&mut *self.readers.lend().await.map_err(classify)?)
            .await
            .map_err(classify)
    }

    async fn take(&self, kind: VolatileKind, key: &[u8; 32], now: Timestamp) -> Result<Option<Vec<u8>>, BackendError> {
        let statement = sqlx::query_scalar(
            "DELETE FROM volatile_rows WHERE kind = $1 AND key = $2 AND expires > $3 RETURNING sealed",
        )
        .bind(kind as i64)
        .bind(key.as_slice())
        .bind(now.micros());
        // All rows are asked for, so that the statement runs to its end and is committed.
        let mut rows: Vec<Vec<u8>> = self
            .writer
            .run_if_room(Commit::Unflushed, async |connection| statement.fetch_all(connection).await)
            .await?;
        Ok(rows.pop())
    }

    async fn count(&self, key: &[u8; 32], max: u32, window: Duration, now: Timestamp) -> Result<Tally, BackendError> {
        let statement = sqlx::query(COUNT)
            .bind(key.as_slice())
            .bind(now.micros())
            .bind(now.plus(window).micros())
            .bind(i64::from(max));
        let rows = self
            .writer
            .run_if_room(Commit::Unflushed, async |connection| statement.fetch_all(connection).await)
            .await?;
        let Some(row) = rows.first() else {
            // Nothing is allowed, and nothing was ever counted.
            return Ok(Tally::Full { until: now.plus(window) });
        };
        if row.try_get::<i64, _>(0).map_err(classify)? == 1 {
            let count: i64 = row.try_get(1).map_err(classify)?;
            return Ok(Tally::Taken { count: u32::try_from(count).unwrap_or(u32::MAX) });
        }
        Ok(Tally::Full { until: Timestamp(row.try_get(2).map_err(classify)?) })
    }

    async fn count_all(
        &self,
        tries: &[Try],
        now: Timestamp,
    ) -> Result<Result<Vec<u32>, (usize, Timestamp)>, BackendError> {
        if tries.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        // The text is made of constants and numbers of parameters.
        let mut statement = sqlx::query(AssertSqlSafe(count_all(tries.len()))).bind(now.micros());
        for (place, (key, max, window)) in tries.iter().enumerate() {
            statement =
                statement.bind(place as i64).bind(key.to_vec()).bind(i64::from(*max)).bind(now.plus(*window).micros());
        }
        let rows = self
            .writer
            .run_if_room(Commit::Unflushed, async |connection| statement.fetch_all(connection).await)
            .await?;
        let rows: Vec<[i64; 5]> = rows
            .iter()
            .map(|row| Ok([row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?]))
            .collect::<Result<_, _>>()
            .map_err(classify)?;
        let is_counted = rows.iter().any(|row| row[0] == 1);
        let standing = rows.into_iter().filter(|row| row[0] == 0);
        if is_counted {
            return Ok(Ok(standing.map(|row| u32::try_from(row[3]).unwrap_or(u32::MAX)).collect()));
        }
        let full = standing.into_iter().find(|row| row[2] == 1);
        let [_, place, _, _, until] =
            full.ok_or_else(|| BackendError::Damaged("counters were neither counted nor full".to_owned()))?;
        Ok(Err((usize::try_from(place).unwrap_or_default(), Timestamp(until))))
    }

    async fn counted(&self, key: &[u8; 32], now: Timestamp) -> Result<Option<Window>, BackendError> {
        let counter: Option<(i64, i64)> =
            sqlx::query_as("SELECT count, expires FROM volatile_counters WHERE key = $1 AND expires > $2")
                .bind(key.as_slice())
                .bind(now.micros())
                .fetch_optional(&mut *self.readers.lend().await.map_err(classify)?)
                .await
                .map_err(classify)?;
        Ok(counter
            .map(|(count, ends)| Window { count: u32::try_from(count).unwrap_or(u32::MAX), ends: Timestamp(ends) }))
    }

    async fn give_back(&self, keys: &[[u8; 32]], now: Timestamp) -> Result<(), BackendError> {
        for keys in keys.chunks(GIVEN_BACK_AT_ONCE) {
            let mut statement = sqlx::query(
                "UPDATE volatile_counters SET count = count - 1
                WHERE key IN ($2, $3, $4, $5, $6) AND expires > $1 AND count > 0",
            )
            .bind(now.micros());
            for place in 0..GIVEN_BACK_AT_ONCE {
                statement = statement.bind(keys.get(place).map(<[u8; 32]>::as_slice));
            }
            self.writer.run(Commit::Unflushed, async |connection| statement.execute(connection).await).await?;
        }
        Ok(())
    }

    async fn reset(&self, key: &[u8; 32]) -> Result<(), BackendError> {
        let statement = sqlx::query("DELETE FROM volatile_counters WHERE key = $1").bind(key.as_slice());
        self.writer.run(Commit::Unflushed, async |connection| statement.execute(connection).await).await?;
        Ok(())
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, BackendError> {
        let statement = sqlx::query(
            "DELETE FROM volatile_rows WHERE expires <= $1; DELETE FROM volatile_counters WHERE expires <= $1",
        )
        .bind(now.micros());
        let swept = self
            .writer
            .run(Commit::Unflushed, async |connection| statement.execute(connection).await)
            .await?
            .rows_affected();
        self.truncate().await;
        Ok(swept)
    }

    async fn empty(&self) -> Result<(), BackendError> {
        let text = format!("BEGIN IMMEDIATE; {}; COMMIT", emptying().collect::<Vec<_>>().join("; "));
        self.writer
            .run(Commit::Unflushed, async |connection| sqlx::raw_sql(AssertSqlSafe(text)).execute(connection).await)
            .await?;
        Ok(())
    }
}
