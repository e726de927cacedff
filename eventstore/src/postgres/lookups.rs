//! Look-ups of states by their reservations. Those that wait while others are under way travel together in one statement,
//! as appends do: every request begins with one, and a statement costs more than what it finds.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chancery_domain::{ClaimKind, Timestamp};
use sqlx::postgres::{PgPool, PgRow};
use sqlx::query;
use tokio::sync::oneshot;

use super::rows::{self, AFTER_STATE, get, state_columns};
use crate::backend::{BackendError, StateRow};
use crate::volatile::VolatileKind;

/// Statements under way at once, at most; each has a connection of its own.
pub(super) const LANES: u32 = 2;

/// By which a statement is planned once, as a walk down indexes, however many are looked up and however large the tables are
/// held to be: to plan it anew would cost more than what it does.
pub(super) const PLANS: &str = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; \
    SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off; SET enable_memoize = off; \
    SET enable_sort = off; SET jit = off";

/// Where a statement has had no answer for as long, and again each time after as long, the next lane is begun if anything
/// waits: one statement that takes long holds up nobody else for longer. Before that they wait, since the more lanes there
/// are, the less travels in each.
const PATIENCE: Duration = Duration::from_millis(5);

/// Look-ups in one statement.
const MOST: usize = 64;

/// A reservation whose holder's state is wanted, and a volatile row along with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The reservation.
    pub(super) claim: (ClaimKind, [u8; 32]),
    /// The volatile row, if it has not expired by then.
    pub(super) row: Option<(VolatileKind, [u8; 32], Timestamp)>,
}

/// The state and the volatile row.
pub(super) type Found = (StateRow, Option<Vec<u8>>);

type Answer = Result<Vec<Option<Found>>, BackendError>;

/// What one caller wants to know as it stands at one moment.
#[derive(Debug)]
struct Waiting {
    wanted: Vec<Wanted>,
    answer: oneshot::Sender<Answer>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    lanes: u32,
}

/// The look-ups of one process.
#[derive(Clone, Debug)]
pub(super) struct Lookups {
    pool: PgPool,
    queue: Arc<Mutex<Queue>>,
}

impl Lookups {
    pub(super) fn new(pool: PgPool) -> Self {
        Self { pool, queue: Arc::default() }
    }

    /// Ends its connections.
    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// What there is of each, all of it as it stands at one moment after this is called.
    pub(super) async fn find(&self, wanted: Vec<Wanted>) -> Answer {
        let (answer, found) = oneshot::channel();
        self.lock().waiting.push_back(Waiting { wanted, answer });
        self.begin_lane(1);
        // Nobody answers once the runtime ends.
        found.await.unwrap_or(Err(BackendError::Unavailable(sqlx::Error::WorkerCrashed)))
    }

    /// Begins one more lane, if there are fewer than that and anything waits.
    fn begin_lane(&self, most: u32) {
        let begins = {
            let mut queue = self.lock();
            let begins = queue.lanes < most && !queue.waiting.is_empty();
            queue.lanes += u32::from(begins);
            begins
        };
        // In a task of its own: the caller may go away while others wait for the same statement.
        if begins {
            tokio::spawn(Lane { lookups: self.clone(), has_ended: false }.run());
        }
    }

    /// What travels next, everything of a caller in the same statement; `None` where nothing waits: then the lane has ended,
    /// and whoever comes after begins one.
    fn next(&self) -> Option<Vec<Waiting>> {
        let (mut queue, mut batch, mut count) = (self.lock(), Vec::new(), 0);
        while count < MOST
            && let Some(waiting) = queue.waiting.pop_front()
        {
            // Who went away wants no answer.
            if !waiting.answer.is_closed() {
                count += waiting.wanted.len();
                batch.push(waiting);
            }
        }
        if batch.is_empty() {
            queue.lanes -= 1;
            return None;
        }
        Some(batch)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One statement after the other, until nothing waits.
struct Lane {
    lookups: Lookups,
    has_ended: bool,
}

impl Lane {
    async fn run(mut self) {
        loop {
            self.gather().await;
            let Some(batch) = self.lookups.next() else { break };
            let (distinct, mut places) = distinct(batch.iter().flat_map(|waiting| waiting.wanted.iter().copied()));
            match self.look_up(&distinct).await {
                Ok(mut found) => {
                    let mut wishes = vec![0_usize; found.len()];
                    places.iter().for_each(|place| wishes[*place] += 1);
                    let mut of_place = |place: usize| {
                        wishes[place] -= 1;
                        match &mut found[place] {
                            // Whoever is the last to be told has it for himself.
                            Ok(found) if wishes[place] == 0 => Ok(found.take()),
                            Ok(found) => Ok(found.clone()),
                            Err(error) => Err(error.again()),
                        }
                    };
                    for Waiting { wanted, answer } in batch {
                        // A row that is damaged is told to those only who asked for it.
                        let _ = answer.send(places.drain(..wanted.len()).map(&mut of_place).collect());
                    }
                }
                Err(error) => {
                    // Where the database is silent, who waits behind them would meet the same, one limit after the other.
                    let behind = match &error {
                        BackendError::Unavailable(error) if is_silence(error) => {
                            std::mem::take(&mut self.lookups.lock().waiting)
                        }
                        _ => VecDeque::new(),
                    };
                    let mut others = batch;
                    others.extend(behind);
                    let last = others.pop();
                    for Waiting { answer, .. } in others {
                        let _ = answer.send(Err(error.again()));
                    }
                    // With what the driver said, of which there is one.
                    if let Some(Waiting { answer, .. }) = last {
                        let _ = answer.send(Err(error));
                    }
                }
            }
        }
        self.has_ended = true;
    }

    /// Looks up, and begins another lane for those who wait meanwhile where that takes long.
    async fn look_up(&self, wanted: &[Wanted]) -> Result<Vec<Result<Option<Found>, BackendError>>, BackendError> {
        let mut looking = pin!(look_up(&self.lookups.pool, wanted));
        loop {
            match tokio::time::timeout(PATIENCE, &mut looking).await {
                Ok(found) => return found,
                Err(_) => self.lookups.begin_lane(LANES),
            }
        }
    }

    /// Lets those in who come back at once: the callers whom the last statement woke, and whose requests have arrived
    /// already. What more travels in this statement needs none of its own.
    async fn gather(&self) {
        let mut waiting = self.lookups.lock().waiting.len();
        while waiting < MOST {
            tokio::task::yield_now().await;
            let grown = self.lookups.lock().waiting.len();
            if grown <= waiting {
                break;
            }
            waiting = grown;
        }
    }
}

/// A lane that is dropped in the midst of a statement, as where its runtime ends, makes room for another; nobody is left
/// waiting for it.
impl Drop for Lane {
    fn drop(&mut self) {
        if !self.has_ended {
            let mut queue = self.lookups.lock();
            queue.lanes -= 1;
            if queue.lanes == 0 {
                // Their callers are told that nobody answers.
                queue.waiting.clear();
            }
        }
    }
}

/// Whether nobody answered in time. A connection that was cut is none: another one may be there at once.
fn is_silence(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::TimedOut,
        _ => false,
    }
}

/// What is wanted, the same once only, and for each that was wanted where in that it stands: of the many who ask at once,
/// most come with the secret of one application.
fn distinct(wanted: impl Iterator<Item = Wanted>) -> (Vec<Wanted>, VecDeque<usize>) {
    let (mut distinct, mut places): (Vec<Wanted>, _) = (Vec::new(), VecDeque::new());
    for one in wanted {
        let known = distinct.iter().position(|known| *known == one);
        places.push_back(known.unwrap_or(distinct.len()));
        if known.is_none() {
            distinct.push(one);
        }
    }
    (distinct, places)
}

macro_rules! states_of {
    ($volatile_column:literal, $wanted:literal, $volatile:literal) => {
        concat!(
            "SELECT ",
            state_columns!(),
            ", w.place",
            $volatile_column,
            " FROM unnest($1::int2[], $2::bytea[]",
            $wanted,
            " JOIN chancery.reservations r ON r.kind = w.kind AND r.mac = w.mac",
            " JOIN chancery.states s ON s.stream = r.stream LEFT JOIN chancery.keys k ON k.id = s.key_id",
            $volatile
        )
    };
}

const STATES: &str = states_of!("", ") WITH ORDINALITY w (kind, mac, place)", "");

const STATES_AND_ROWS: &str = states_of!(
    ", v.sealed",
    ", $3::int2[], $4::bytea[], $5::int8[]) WITH ORDINALITY w (kind, mac, row_kind, row_key, now, place)",
    " LEFT JOIN chancery.volatile_rows v ON v.kind = w.row_kind AND v.key = w.row_key AND v.expires > w.now"
);

async fn look_up(pool: &PgPool, wanted: &[Wanted]) -> Result<Vec<Result<Option<Found>, BackendError>>, BackendError> {
    let with_rows = wanted.iter().any(|wanted| wanted.row.is_some());
    let mut statement = query(if with_rows { STATES_AND_ROWS } else { STATES })
        .bind(wanted.iter().map(|wanted| wanted.claim.0 as i16).collect::<Vec<_>>())
        .bind(wanted.iter().map(|wanted| &wanted.claim.1[..]).collect::<Vec<_>>());
    if with_rows {
        statement = statement
            .bind(wanted.iter().map(|wanted| wanted.row.map(|(kind, ..)| kind as i16)).collect::<Vec<_>>())
            .bind(wanted.iter().map(|wanted| wanted.row.as_ref().map(|(_, key, _)| &key[..])).collect::<Vec<_>>())
            .bind(wanted.iter().map(|wanted| wanted.row.map(|(.., now)| now.micros())).collect::<Vec<_>>());
    }
    let mut found: Vec<_> = wanted.iter().map(|_| Ok(None)).collect();
    for row in super::rows(pool, statement).await? {
        let place: i64 = get(&row, AFTER_STATE)?;
        if let Some(found) = usize::try_from(place - 1).ok().and_then(|place| found.get_mut(place)) {
            *found = both(&row, with_rows).map(Some);
        }
    }
    Ok(found)
}

fn both(row: &PgRow, with_row: bool) -> Result<Found, BackendError> {
    Ok((rows::state(row)?, if with_row { get(row, AFTER_STATE + 1)? } else { None }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_looked_up_once_and_told_to_all_who_want_it() {
        let wanted = |mac: u8, row: Option<u8>| Wanted {
            claim: (ClaimKind::Email, [mac; 32]),
            row: row.map(|key| (VolatileKind::Form, [key; 32], Timestamp::from_seconds(1))),
        };
        let all = [wanted(1, None), wanted(2, None), wanted(1, None), wanted(1, Some(1)), wanted(1, Some(2))];
        let (distinct, places) = distinct(all.into_iter());
        assert_eq!(places, [0, 1, 0, 2, 3]);
        assert_eq!(distinct, [all[0], all[1], all[3], all[4]]);
    }
}
