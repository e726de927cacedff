//! Irreversible timers stop above a rate: a bug, a wrong clock or a wrong setting does not undo a whole population.

use std::time::Duration;

use chancery_domain::Timestamp;
use chancery_eventstore::db::sql;
use chancery_eventstore::{BackendError, Db};

/// How often a timer may act in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How often.
    pub max: u32,
    /// In which time.
    pub window: Duration,
}

/// Whether a timer may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It may; the turn is counted.
    Go,
    /// It stopped, now or before, until somebody resumes it.
    Stopped,
}

/// How a timer stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimerStatus {
    /// Its name.
    pub name: String,
    /// How often it acted in the current window.
    pub count: u32,
    /// When it stopped, if it did.
    pub stopped: Option<Timestamp>,
    /// Why.
    pub reason: String,
}

impl Rate {
    /// Takes a turn of a timer, or stops it.
    ///
    /// # Errors
    /// The database's.
    pub async fn take(&self, db: &Db, name: &str, now: Timestamp) -> Result<Turn, BackendError> {
        let begun = now.minus(self.window);
        let taken: Vec<(i64,)> = db
            .change(
                sql("INSERT INTO timers (name, window_start, count, stopped, reason) VALUES ($1, $2, 1, 0, '') \
                     ON CONFLICT (name) DO UPDATE SET \
                       count = CASE WHEN timers.window_start <= $3 THEN 1 ELSE timers.count + 1 END, \
                       window_start = CASE WHEN timers.window_start <= $3 THEN $2 ELSE timers.window_start END \
                     WHERE timers.stopped = 0 AND (timers.window_start <= $3 OR timers.count < $4) \
                     RETURNING count")
                .bind(name)
                .bind(now)
                .bind(begun)
                .bind(i64::from(self.max)),
            )
            .await?;
        if !taken.is_empty() {
            return Ok(Turn::Go);
        }
        let reason = format!("more than {} in {} s", self.max, self.window.as_secs());
        let stopped = db
            .execute(
                sql("UPDATE timers SET stopped = $2, reason = $3 WHERE name = $1 AND stopped = 0")
                    .bind(name)
                    .bind(now)
                    .bind(reason.as_str()),
            )
            .await?;
        if stopped > 0 {
            tracing::error!(timer = name, reason, "an irreversible timer has stopped itself");
            metrics::gauge!("chancery_timer_stopped", "timer" => name.to_owned()).set(1.0);
        }
        Ok(Turn::Stopped)
    }
}

/// How every timer stands.
///
/// # Errors
/// The database's.
pub async fn statuses(db: &Db) -> Result<Vec<TimerStatus>, BackendError> {
    let rows: Vec<(String, i64, i64, String)> =
        db.fetch(sql("SELECT name, count, stopped, reason FROM timers ORDER BY name")).await?;
    Ok(rows
        .into_iter()
        .map(|(name, count, stopped, reason)| TimerStatus {
            name,
            count: u32::try_from(count).unwrap_or(u32::MAX),
            stopped: (stopped != 0).then_some(Timestamp(stopped)),
            reason,
        })
        .collect())
}

/// Tells by metric which timers are stopped, as the table says: another process may have resumed one, and one that
/// stopped before a restart is stopped still.
///
/// # Errors
/// The database's.
pub async fn measure(db: &Db) -> Result<(), BackendError> {
    for timer in statuses(db).await? {
        let stopped = f64::from(u8::from(timer.stopped.is_some()));
        metrics::gauge!("chancery_timer_stopped", "timer" => timer.name).set(stopped);
    }
    Ok(())
}

/// Lets a stopped timer act again, with a new window; `false` if it was not stopped.
///
/// # Errors
/// The database's.
pub async fn resume(db: &Db, name: &str, now: Timestamp) -> Result<bool, BackendError> {
    let statement = sql("UPDATE timers SET stopped = 0, reason = '', count = 0, window_start = $2 \
                         WHERE name = $1 AND stopped <> 0")
    .bind(name)
    .bind(now);
    Ok(db.execute(statement).await? > 0)
}
