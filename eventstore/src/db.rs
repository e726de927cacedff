//! SQL for what stands beside the log: following read models, jobs and timers. One text serves both databases, since
//! their columns are integers, bytes and text only.

mod insert;

use std::borrow::Cow;
use std::sync::Arc;

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::{Query, QueryAs};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Connection, FromRow, Postgres, Sqlite};

use crate::backend::BackendError;
use crate::postgres::{Lent, PostgresBackend};
use crate::sqlite::{SqliteBackend, transact};

/// The database of a log, for the tables beside it.
#[derive(Clone, Debug)]
pub enum Db {
    /// PostgreSQL.
    Postgres(Arc<PostgresBackend>),
    /// SQLite.
    Sqlite(Arc<SqliteBackend>),
}

/// A value that a statement is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number or a moment.
    Int(Option<i64>),
    /// Identifiers and sealed things.
    Bytes(Option<Vec<u8>>),
    /// Names.
    Text(Option<String>),
}

macro_rules! values {
    ($($from:ty => |$value:ident| $into:expr;)*) => { $(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $into
            }
        }
    )* };
}

values! {
    i64 => |value| Self::Int(Some(value));
    Option<i64> => |value| Self::Int(value);
    Vec<u8> => |value| Self::Bytes(Some(value));
    &[u8] => |value| Self::Bytes(Some(value.to_vec()));
    Option<Vec<u8>> => |value| Self::Bytes(value);
    &str => |value| Self::Text(Some(value.to_owned()));
    String => |value| Self::Text(Some(value));
    Option<String> => |value| Self::Text(value);
    chancery_domain::Timestamp => |value| Self::Int(Some(value.micros()));
    crate::row::Position => |value| Self::Int(Some(value.0));
}

impl Value {
    /// A number; `None` for what is none.
    const fn int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => *value,
            _ => None,
        }
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(value) => value.as_deref(),
            _ => None,
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(value) => value.as_deref(),
            _ => None,
        }
    }

    /// The type of a column of such values on PostgreSQL.
    const fn column(&self) -> &'static str {
        match self {
            Self::Int(_) => "bigint[]",
            Self::Bytes(_) => "bytea[]",
            Self::Text(_) => "text[]",
        }
    }
}

/// A statement and its values, `$1` and on.
#[derive(Clone, Debug)]
pub struct Statement {
    text: Cow<'static, str>,
    values: Vec<Value>,
    /// On PostgreSQL: rows to insert, each of whose columns is one value of the statement.
    rows: Vec<Vec<Value>>,
}

/// A statement without values yet.
#[must_use]
pub const fn sql(text: &'static str) -> Statement {
    Statement { text: Cow::Borrowed(text), values: Vec::new(), rows: Vec::new() }
}

impl Statement {
    /// Gives the next value.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Its text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Its values, in order.
    pub(crate) fn values(&self) -> &[Value] {
        &self.values
    }

    pub(crate) fn postgres(&self) -> Query<'static, Postgres, PgArguments> {
        let query =
            self.values.iter().fold(sqlx::query(AssertSqlSafe(self.text.clone())), |query, value| match value {
                Value::Int(value) => query.bind(*value),
                Value::Bytes(value) => query.bind(value.as_deref()),
                Value::Text(value) => query.bind(value.as_deref()),
            });
        let first = self.rows.first().into_iter().flatten().enumerate();
        first.fold(query, |query, (place, first)| {
            // What is not of the first row's kind is null, which the table refuses.
            let column = self.rows.iter().map(|row| row.get(place));
            match first {
                Value::Int(_) => query.bind(column.map(|value| value.and_then(Value::int)).collect::<Vec<_>>()),
                Value::Bytes(_) => query.bind(column.map(|value| value.and_then(Value::bytes)).collect::<Vec<_>>()),
                Value::Text(_) => query.bind(column.map(|value| value.and_then(Value::text)).collect::<Vec<_>>()),
            }
        })
    }

    pub(crate) fn sqlite(&self) -> Query<'static, Sqlite, SqliteArguments> {
        self.values.iter().cloned().fold(sqlx::query(AssertSqlSafe(self.text.clone())), |query, value| match value {
            Value::Int(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
        })
    }

    pub(crate) fn postgres_as<T: for<'r> FromRow<'r, PgRow>>(&self) -> QueryAs<'static, Postgres, T, PgArguments> {
        self.values.iter().cloned().fold(sqlx::query_as(AssertSqlSafe(self.text.clone())), |query, value| match value {
            Value::Int(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
        })
    }

    pub(crate) fn sqlite_as<T: for<'r> FromRow<'r, SqliteRow>>(&self) -> QueryAs<'static, Sqlite, T, SqliteArguments> {
        self.values.iter().cloned().fold(sqlx::query_as(AssertSqlSafe(self.text.clone())), |query, value| match value {
            Value::Int(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
        })
    }
}

/// What a row can be read into, from either database.
pub trait Row: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin + 'static {}

impl<T> Row for T where T: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin + 'static {}

/// Whether a commit waits for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Commit {
    /// It does.
    Flushed,
    /// The next one that does takes it along; a crash before that takes it, as the last of what was written.
    Unflushed,
}

impl Commit {
    const fn postgres_begin(self) -> &'static str {
        match self {
            Self::Flushed => "BEGIN",
            Self::Unflushed => "BEGIN; SET LOCAL synchronous_commit = off",
        }
    }

    /// What makes the commits of a connection so; outside of a transaction.
    pub(crate) const fn sqlite(self) -> &'static str {
        match self {
            Self::Flushed => "PRAGMA synchronous = FULL",
            Self::Unflushed => "PRAGMA synchronous = NORMAL",
        }
    }
}

impl Db {
    /// Statements that insert rows, whose values of one column are of one kind: `before`, the rows, and `after`.
    #[must_use]
    pub fn insert_rows(&self, before: &str, rows: Vec<Vec<Value>>, after: &str) -> Vec<Statement> {
        match self {
            Self::Postgres(_) => insert::by_columns(before, rows, after).into_iter().collect(),
            Self::Sqlite(_) => insert::by_values(before, rows, after),
        }
    }

    /// The rows of a query.
    ///
    /// # Errors
    /// The database's.
    pub async fn fetch<T: Row>(&self, statement: Statement) -> Result<Vec<T>, BackendError> {
        match self {
            Self::Postgres(backend) => {
                statement.postgres_as().fetch_all(backend.pool()).await.map_err(crate::postgres::classify)
            }
            Self::Sqlite(backend) => {
                let mut reader = backend.readers().lend().await.map_err(crate::sqlite::classify)?;
                statement.sqlite_as().fetch_all(&mut *reader).await.map_err(crate::sqlite::classify)
            }
        }
    }

    /// The rows that a writing statement returns.
    ///
    /// # Errors
    /// The database's.
    pub async fn change<T: Row>(&self, statement: Statement) -> Result<Vec<T>, BackendError> {
        match self {
            Self::Postgres(backend) => {
                statement.postgres_as().fetch_all(backend.pool()).await.map_err(crate::postgres::classify)
            }
            Self::Sqlite(backend) => {
                let fetch = async move |connection: &mut _| statement.sqlite_as().fetch_all(connection).await;
                backend.write(fetch).await
            }
        }
    }

    /// Runs a statement; returns how many rows it changed.
    ///
    /// # Errors
    /// The database's.
    pub async fn execute(&self, statement: Statement) -> Result<u64, BackendError> {
        match self {
            Self::Postgres(backend) => statement
                .postgres()
                .execute(backend.pool())
                .await
                .map(|done| done.rows_affected())
                .map_err(crate::postgres::classify),
            Self::Sqlite(backend) => {
                backend
                    .write(async move |connection| {
                        statement.sqlite().execute(connection).await.map(|done| done.rows_affected())
                    })
                    .await
            }
        }
    }

    /// The rows that a writing statement returns; its commit is as that of [`follow_if`](Self::follow_if).
    ///
    /// # Errors
    /// The database's.
    pub async fn follow<T: Row>(&self, statement: Statement) -> Result<Vec<T>, BackendError> {
        match self {
            Self::Postgres(_) => self.change(statement).await,
            Self::Sqlite(backend) => {
                let fetch = async move |connection: &mut _| statement.sqlite_as().fetch_all(connection).await;
                backend.writing(Commit::Unflushed, fetch).await
            }
        }
    }

    /// Runs statements in one transaction, if each of the guards, which run first, changes a row; returns whether they did.
    /// Those rows stay locked until the end, so that of two callers with one guard only one goes on.
    ///
    /// # Errors
    /// The database's.
    pub async fn transaction_if(
        &self,
        guards: Vec<Statement>,
        statements: Vec<Statement>,
    ) -> Result<bool, BackendError> {
        self.transact(Commit::Flushed, guards, statements).await
    }

    /// The same for what follows the log: its commit does not wait for the disk. What a crash of the database takes of it is
    /// the end, with the note of how far it had come, so that it is made again; the next append flushes it along.
    ///
    /// # Errors
    /// The database's.
    pub async fn follow_if(&self, guards: Vec<Statement>, statements: Vec<Statement>) -> Result<bool, BackendError> {
        self.transact(Commit::Unflushed, guards, statements).await
    }

    async fn transact(
        &self,
        commit: Commit,
        guards: Vec<Statement>,
        statements: Vec<Statement>,
    ) -> Result<bool, BackendError> {
        match self {
            Self::Postgres(backend) => {
                let run = async {
                    let mut connection = Lent::by(backend.pool()).await?;
                    let mut transaction = connection.begin_with(commit.postgres_begin()).await?;
                    let mut goes_on = true;
                    for guard in guards {
                        goes_on = goes_on && guard.postgres().execute(&mut *transaction).await?.rows_affected() > 0;
                    }
                    if goes_on {
                        for statement in statements {
                            statement.postgres().execute(&mut *transaction).await?;
                        }
                        transaction.commit().await?;
                    } else {
                        transaction.rollback().await?;
                    }
                    connection.give_back();
                    Ok(goes_on)
                };
                run.await.map_err(crate::postgres::classify)
            }
            Self::Sqlite(backend) => {
                backend.writing(commit, async move |connection| transact(connection, guards, statements).await).await
            }
        }
    }

    /// Runs statements in one transaction: all of them or none.
    ///
    /// # Errors
    /// The database's.
    pub async fn transaction(&self, statements: Vec<Statement>) -> Result<(), BackendError> {
        self.transaction_if(Vec::new(), statements).await.map(drop)
    }
}
