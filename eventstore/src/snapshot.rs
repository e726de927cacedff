//! The whole database as it stood at one moment, for whoever compares one table with another while the service writes on.
//!
//! It is one read-only transaction: on PostgreSQL of isolation level REPEATABLE READ, on SQLite of the write-ahead log.
//! Every reading is a range of bounded length, so that memory does not grow with the database. While it is open,
//! PostgreSQL keeps dead rows and SQLite its write-ahead log.

use chancery_domain::{KeyId, StreamId, Timestamp};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use uuid::Uuid;

use crate::backend::{BackendError, EachEvent, Head, KeyClass, KeyRow};
use crate::db::{Db, Row, Statement, sql};
use crate::postgres::Lent;
use crate::row::{CommandId, Position, Version};

/// One moment of the database.
#[derive(Debug)]
pub enum Snapshot {
    /// PostgreSQL.
    Postgres(Box<Lent>),
    /// SQLite.
    Sqlite(Box<SqliteConnection>),
}

/// An inline state as its row holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredState {
    /// The stream.
    pub stream: StreamId,
    /// The aggregate's name.
    pub aggregate: String,
    /// How many events it was folded from.
    pub version: Version,
    /// The fold that computed it.
    pub fold_version: i64,
    /// The data key that sealed it.
    pub key: Option<KeyId>,
    /// The sealed state.
    pub sealed: Option<Vec<u8>>,
    /// The last event that is in it.
    pub position: Position,
}

/// A reservation as its row holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReservation {
    /// What the value is.
    pub kind: i64,
    /// Its HMAC.
    pub mac: [u8; 32],
    /// Who holds it.
    pub stream: StreamId,
    /// The first event of the command that claimed it.
    pub position: Position,
}

/// A remembered command as its row holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredCommand {
    /// Its id.
    pub command: CommandId,
    /// The stream that it wrote.
    pub stream: StreamId,
    /// Its first event.
    pub first: Position,
    /// Its last event.
    pub last: Position,
}

impl Db {
    /// Takes hold of this moment, until the returned value is dropped.
    ///
    /// # Errors
    /// The database's.
    pub async fn snapshot(&self) -> Result<Snapshot, BackendError> {
        match self {
            Self::Postgres(backend) => {
                let begin = async {
                    let mut connection = Lent::by(backend.pool()).await?;
                    // Whoever compares may think between two questions; the moment is taken with the first of them.
                    sqlx::raw_sql(
                        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
                         SET LOCAL idle_in_transaction_session_timeout = '5min'; SET LOCAL statement_timeout = '5min'; \
                         SELECT 1 FROM head",
                    )
                    .execute(&mut *connection)
                    .await?;
                    Ok(connection)
                };
                begin.await.map(|moment| Snapshot::Postgres(Box::new(moment))).map_err(crate::postgres::classify)
            }
            Self::Sqlite(backend) => {
                let begin = async {
                    let mut connection = backend.reading().connect().await?;
                    // A transaction of SQLite sees nothing before its first question.
                    sqlx::raw_sql("BEGIN; SELECT 1 FROM head").fetch_all(&mut connection).await?;
                    Ok(connection)
                };
                begin.await.map(|moment| Snapshot::Sqlite(Box::new(moment))).map_err(crate::sqlite::classify)
            }
        }
    }
}

impl Snapshot {
    /// Lets go of the moment.
    pub async fn close(self) {
        // What cannot be told is noticed by the server when the connection ends.
        match self {
            Self::Postgres(mut connection) => {
                if sqlx::raw_sql("ROLLBACK").execute(&mut **connection).await.is_ok() {
                    connection.give_back();
                }
            }
            Self::Sqlite(connection) => drop(connection.close().await),
        }
    }

    /// The head of the log.
    ///
    /// # Errors
    /// The database's.
    pub async fn head(&mut self) -> Result<Head, BackendError> {
        let rows: Vec<(Uuid, i64, i64, i64)> =
            self.fetch(sql("SELECT log, epoch, position, recorded FROM head WHERE one = 1")).await?;
        let (log, epoch, position, recorded) =
            rows.into_iter().next().ok_or_else(|| BackendError::Damaged("the log has no head".to_owned()))?;
        Ok(Head { log, epoch, position: Position(position), recorded: Timestamp(recorded) })
    }

    /// The highest position that any event has, whatever the head says.
    ///
    /// # Errors
    /// The database's.
    pub async fn last_position(&mut self) -> Result<Position, BackendError> {
        let rows: Vec<(i64,)> = self.fetch(sql("SELECT coalesce(max(position), 0) FROM events")).await?;
        Ok(Position(rows.first().map_or(0, |row| row.0)))
    }

    /// Hands out the events behind `after` up to `until`, in order, while more are under way. There may be fewer than
    /// these positions say: a log that somebody wrote in has gaps.
    ///
    /// # Errors
    /// The database's; some events may have been handed out before.
    pub async fn events(&mut self, after: Position, until: Position, each: EachEvent<'_>) -> Result<(), BackendError> {
        match self {
            Self::Postgres(connection) => {
                let condition = format!("position > {} AND position <= {} ORDER BY position", after.0, until.0);
                crate::postgres::events_within(connection, &condition, each).await
            }
            Self::Sqlite(connection) => crate::sqlite::after_within(connection, after, until, each).await,
        }
    }

    /// The rows of a query that both databases understand.
    ///
    /// # Errors
    /// The database's.
    pub async fn fetch<T: Row>(&mut self, statement: Statement) -> Result<Vec<T>, BackendError> {
        match self {
            Self::Postgres(connection) => {
                statement.postgres_as().fetch_all(&mut ***connection).await.map_err(crate::postgres::classify)
            }
            Self::Sqlite(connection) => {
                statement.sqlite_as().fetch_all(&mut **connection).await.map_err(crate::sqlite::classify)
            }
        }
    }

    /// The rows of a query that each database words in its own way.
    async fn fetch_either<T: Row>(
        &mut self,
        postgres: &'static str,
        sqlite: &'static str,
        bind: impl FnOnce(Statement) -> Statement,
    ) -> Result<Vec<T>, BackendError> {
        let text = match self {
            Self::Postgres(_) => postgres,
            Self::Sqlite(_) => sqlite,
        };
        self.fetch(bind(sql(text))).await
    }

    /// How many inline states there are.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_states(&mut self) -> Result<u64, BackendError> {
        let rows: Vec<(i64,)> = self.fetch(sql("SELECT count(*) FROM states")).await?;
        Ok(rows.first().map_or(0, |row| row.0.unsigned_abs()))
    }

    /// Some thousand inline states behind a stream, by stream.
    ///
    /// # Errors
    /// The database's.
    pub async fn states(&mut self, after: Option<StreamId>) -> Result<Vec<StoredState>, BackendError> {
        type Columns = (Vec<u8>, String, i64, i64, Option<Vec<u8>>, Option<Vec<u8>>, i64);
        let Some(from) = behind(after.map(|stream| *stream.as_bytes())) else { return Ok(Vec::new()) };
        let rows: Vec<Columns> = self
            .fetch_either(
                "SELECT uuid_send(stream), aggregate, version, fold_version::bigint, uuid_send(key_id), state, position \
                 FROM states WHERE stream >= encode($1, 'hex')::uuid ORDER BY stream LIMIT 2000",
                "SELECT stream, aggregate, version, fold_version, key_id, state, position FROM states \
                 WHERE stream >= $1 ORDER BY stream LIMIT 2000",
                |statement| statement.bind(from.as_slice()),
            )
            .await?;
        rows.into_iter()
            .map(|(stream, aggregate, version, fold_version, key, sealed, position)| {
                Ok(StoredState {
                    stream: StreamId::from_bytes(exactly(stream, "the stream of a state")?),
                    aggregate,
                    version: Version(version),
                    fold_version,
                    key: optional_key(key)?,
                    sealed,
                    position: Position(position),
                })
            })
            .collect()
    }

    /// Every reservation, as they lie in the table.
    ///
    /// # Errors
    /// The database's.
    pub async fn reservations(&mut self, mut each: impl FnMut(&StoredReservation)) -> Result<(), BackendError> {
        type Columns = (i64, Vec<u8>, Vec<u8>, i64);
        let reservation = |(kind, mac, stream, position): Columns| {
            Ok::<_, BackendError>(StoredReservation {
                kind,
                mac: exactly(mac, "the HMAC of a reservation")?,
                stream: StreamId::from_bytes(exactly(stream, "the stream of a reservation")?),
                position: Position(position),
            })
        };
        if matches!(self, Self::Postgres(_)) {
            let mut blocks = Blocks::of(self, "reservations").await?;
            while let Some(place) = blocks.next() {
                let page = sql("SELECT kind::bigint, mac, uuid_send(stream), position FROM reservations \
                                WHERE ctid >= format('(%s,0)', $1::bigint)::tid \
                                AND ctid < format('(%s,0)', $2::bigint)::tid");
                for row in self.fetch(place.bound(page)).await? {
                    each(&reservation(row)?);
                }
            }
            return Ok(());
        }
        let mut after = Some((0, [0; 32]));
        while let Some((kind, mac)) = after.take() {
            let page = sql("SELECT kind, mac, stream, position FROM reservations WHERE (kind, mac) > ($1, $2) \
                            ORDER BY kind, mac LIMIT 2000");
            for row in self.fetch(page.bind(kind).bind(mac.as_slice())).await? {
                let reservation = reservation(row)?;
                after = Some((reservation.kind, reservation.mac));
                each(&reservation);
            }
        }
        Ok(())
    }

    /// Every remembered command, as they lie in the table: their ids are random, so that reading them in order would
    /// touch another page for each.
    ///
    /// # Errors
    /// The database's.
    pub async fn commands(&mut self, mut each: impl FnMut(&StoredCommand)) -> Result<(), BackendError> {
        type Columns = (Vec<u8>, Vec<u8>, i64, i64);
        let command = |(command, stream, first, last): Columns| {
            Ok::<_, BackendError>(StoredCommand {
                command: CommandId(Uuid::from_bytes(exactly(command, "the id of a command")?)),
                stream: StreamId::from_bytes(exactly(stream, "the stream of a command")?),
                first: Position(first),
                last: Position(last),
            })
        };
        if matches!(self, Self::Postgres(_)) {
            let mut blocks = Blocks::of(self, "commands").await?;
            while let Some(place) = blocks.next() {
                let page = sql("SELECT uuid_send(command), uuid_send(stream), first_position, last_position \
                                FROM commands WHERE ctid >= format('(%s,0)', $1::bigint)::tid \
                                AND ctid < format('(%s,0)', $2::bigint)::tid");
                for row in self.fetch(place.bound(page)).await? {
                    each(&command(row)?);
                }
            }
            return Ok(());
        }
        let mut from = behind(None);
        while let Some(first) = from.take() {
            let page = sql("SELECT command, stream, first_position, last_position FROM commands \
                            WHERE command >= $1 ORDER BY command LIMIT 2000");
            for row in self.fetch(page.bind(first.as_slice())).await? {
                let command = command(row)?;
                from = behind(Some(*command.command.0.as_bytes()));
                each(&command);
            }
        }
        Ok(())
    }

    /// Some thousand keys behind one, by id.
    ///
    /// # Errors
    /// The database's.
    pub async fn keys(&mut self, after: Option<KeyId>) -> Result<Vec<KeyRow>, BackendError> {
        type Columns = (Vec<u8>, i64, Option<Vec<u8>>, Option<String>, Option<Vec<u8>>, Vec<u8>, i64);
        let Some(from) = behind(after.map(|id| *id.as_bytes())) else { return Ok(Vec::new()) };
        let rows: Vec<Columns> = self
            .fetch_either(
                "SELECT uuid_send(id), class::bigint, uuid_send(owner), purpose, wrapped, wrapper, created FROM keys \
                 WHERE id >= encode($1, 'hex')::uuid ORDER BY id LIMIT 2000",
                "SELECT id, class, owner, purpose, wrapped, wrapper, created FROM keys \
                 WHERE id >= $1 ORDER BY id LIMIT 2000",
                |statement| statement.bind(from.as_slice()),
            )
            .await?;
        rows.into_iter()
            .map(|(id, class, owner, purpose, wrapped, wrapper, created)| {
                Ok(KeyRow {
                    id: KeyId::from_bytes(exactly(id, "the id of a key")?),
                    class: i16::try_from(class)
                        .ok()
                        .and_then(KeyClass::from_stored)
                        .ok_or_else(|| BackendError::Damaged(format!("a key is of unknown class {class}")))?,
                    owner: owner
                        .map(|owner| exactly(owner, "the owner of a key").map(StreamId::from_bytes))
                        .transpose()?,
                    purpose,
                    wrapped,
                    wrapper: exactly(wrapper, "a wrapping key's fingerprint")?,
                    created: Timestamp(created),
                })
            })
            .collect()
    }
}

// The limits of pages stand in their statements: with one that it is not told, PostgreSQL may sort the whole table for each.

/// The ids that a page begins with: those behind this one, or all. `None` if there can be none.
fn behind(id: Option<[u8; 16]>) -> Option<[u8; 16]> {
    id.map_or(Some(0), |id| u128::from_be_bytes(id).checked_add(1)).map(u128::to_be_bytes)
}

/// The blocks of one of PostgreSQL's tables that are still to be read. What is written meanwhile lies behind them, and is
/// not of the moment. SQLite keeps these tables in the order of their keys.
struct Blocks {
    next: i64,
    end: i64,
}

impl Blocks {
    /// Blocks that are read at once.
    const AT_ONCE: i64 = 32;

    async fn of(snapshot: &mut Snapshot, table: &'static str) -> Result<Self, BackendError> {
        let size = sql("SELECT pg_relation_size($1::text::regclass) / current_setting('block_size')::bigint");
        let rows: Vec<(i64,)> = snapshot.fetch(size.bind(table)).await?;
        Ok(Self { next: 0, end: rows.first().map_or(0, |row| row.0) })
    }

    /// The next ones.
    fn next(&mut self) -> Option<Self> {
        let begin = self.next;
        self.next += Self::AT_ONCE;
        (begin < self.end).then_some(Self { next: begin, end: self.next })
    }

    /// A statement about these blocks, by the first and the one behind the last.
    fn bound(self, statement: Statement) -> Statement {
        statement.bind(self.next).bind(self.end)
    }
}

fn optional_key(bytes: Option<Vec<u8>>) -> Result<Option<KeyId>, BackendError> {
    bytes.map(|bytes| exactly(bytes, "the id of a key").map(KeyId::from_bytes)).transpose()
}

fn exactly<const N: usize>(bytes: Vec<u8>, what: &str) -> Result<[u8; N], BackendError> {
    bytes.try_into().map_err(|bytes: Vec<u8>| BackendError::Damaged(format!("{what} has {} bytes", bytes.len())))
}
