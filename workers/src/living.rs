//! Which processes that run jobs live. A lease is as long as an item may take; a process that is killed holds what it took
//! only until it is seen to be dead. One that was taken for dead and lives repeats an effect, which jobs are made for.
//!
//! Each says at the same time which generation of stored shapes it reads, and hears what the others read: it writes no shape
//! that one of them would refuse.

use std::time::Duration;

use chancery_domain::Timestamp;
use chancery_domain::events::READS;
use chancery_eventstore::db::{Statement, sql};
use chancery_eventstore::{BackendError, Db, Store};
use chancery_service::App;

/// How often a process says that it lives.
const SAYS: Duration = Duration::from_secs(3);

/// When one that says nothing is dead: above what two nodes' clocks may differ by together with a slow answer or two.
const DEAD: Duration = Duration::from_secs(15);

/// How long holds what was heard of the others: a few rounds of saying.
const HEARD: Duration = Duration::from_secs(10);

/// How long a dead one is remembered: longer than any lease.
const REMEMBERED: Duration = Duration::from_hours(24);

/// Who was not seen since this moment is dead.
pub(crate) fn dead_before(now: Timestamp) -> Timestamp {
    now.minus(DEAD)
}

/// Says that a process lives, and forgets those that died long ago.
///
/// # Errors
/// The database's.
pub async fn say(db: &Db, worker: &str, now: Timestamp) -> Result<(), BackendError> {
    db.transaction(vec![
        sql("DELETE FROM workers WHERE seen < $1").bind(now.minus(REMEMBERED)),
        lives(worker, now.micros()),
    ])
    .await
}

/// Says that a process is the only one on its database for as long as it lives: all before it are dead, and nothing has to
/// be written again and again while it idles.
///
/// # Errors
/// The database's.
pub async fn say_alone(db: &Db, worker: &str) -> Result<(), BackendError> {
    db.transaction(vec![
        sql("DELETE FROM workers WHERE seen = 0"),
        sql("UPDATE workers SET seen = 0"),
        lives(worker, i64::MAX),
    ])
    .await
}

fn lives(worker: &str, seen: i64) -> Statement {
    sql("INSERT INTO workers (name, seen, reads) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET seen = excluded.seen, reads = excluded.reads")
    .bind(worker)
    .bind(seen)
    .bind(i64::from(READS))
}

/// Says that a process lives, before it decides anything: it writes nothing that another does not read, and within [`HEARD`]
/// the others write nothing that it does not read. Whatever they wrote until then it refuses, as what is newer than itself.
///
/// # Errors
/// The database's.
pub async fn announce(db: &Db, store: &Store, worker: &str, now: Timestamp) -> Result<(), BackendError> {
    match db {
        Db::Sqlite(_) => say_alone(db, worker).await?,
        Db::Postgres(_) => say(db, worker, now).await?,
    }
    hear(db, store, now).await
}

/// Hears which stored shapes every live process reads; for a command beside them, too. On SQLite that holds until the end,
/// since no second service starts there.
///
/// # Errors
/// The database's.
pub async fn hear(db: &Db, store: &Store, now: Timestamp) -> Result<(), BackendError> {
    let lowest = sql("SELECT MIN(reads) FROM workers WHERE seen >= $1").bind(dead_before(now));
    let rows: Vec<(Option<i64>,)> = db.fetch(lowest).await?;
    let others = rows.first().and_then(|row| row.0).map_or(READS, |lowest| u16::try_from(lowest).unwrap_or(0));
    let everyone = others.min(READS);
    let until = match db {
        Db::Sqlite(_) => Timestamp(i64::MAX),
        Db::Postgres(_) => now.plus(HEARD),
    };
    let before = store.readers().hear(everyone, until);
    if before != everyone {
        tracing::info!(everyone, own = READS, "the stored shapes that every process reads");
    }
    Ok(())
}

/// Says that a process lives, and hears of the others, for ever; the caller drops it to stop it.
pub async fn keep_saying(app: &App, db: &Db, worker: &str) {
    loop {
        if let Err(error) = announce(db, &app.store, worker, app.now()).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "nobody hears that this process lives");
        }
        tokio::time::sleep(SAYS).await;
    }
}

/// Says that a process ends of its own will, with nothing in its hands.
///
/// # Errors
/// The database's; it is taken for dead a little later.
pub async fn say_farewell(db: &Db, worker: &str) -> Result<(), BackendError> {
    db.execute(sql("DELETE FROM workers WHERE name = $1").bind(worker)).await.map(|_| ())
}
