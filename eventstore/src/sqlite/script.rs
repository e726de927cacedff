//! A script of statements that runs in one hop to SQLite's thread.

use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, Encode, Executor, Sqlite, SqliteConnection, Type};

/// The most rows that one statement inserts; SQLite takes 32,766 parameters, and the widest table has 20 columns.
const MOST_ROWS: usize = 256;

/// Statements and their arguments, in order.
///
/// Its text depends only on the statements and on their numbers of rows, rounded up to powers of two and filled up
/// with NULL, so that a connection prepares few different ones.
#[derive(Default)]
pub(super) struct Script {
    sql: String,
    arguments: SqliteArguments,
}

impl Script {
    /// Adds a statement with as many `?` as values that are bound after it.
    pub(super) fn statement(&mut self, sql: &str) -> &mut Self {
        if !self.sql.is_empty() {
            self.sql.push_str(";\n");
        }
        self.sql.push_str(sql);
        self
    }

    /// Binds the next value.
    pub(super) fn bind<'v>(&mut self, value: impl Encode<'v, Sqlite> + Type<Sqlite>) -> Result<&mut Self, sqlx::Error> {
        self.arguments.add(value).map_err(sqlx::Error::Encode)?;
        Ok(self)
    }

    /// Adds one statement per [`MOST_ROWS`] rows: `before`, the rows as a table of `column1`, `column2` and so on, and
    /// `after`, which may begin with `AND`. A row's first column is never NULL.
    pub(super) fn rows<R>(
        &mut self,
        (before, columns, after): (&str, usize, &str),
        rows: Vec<R>,
        bind: impl Fn(&mut Self, R) -> Result<(), sqlx::Error>,
    ) -> Result<(), sqlx::Error> {
        let mut left = rows.len();
        let mut rows = rows.into_iter();
        while left > 0 {
            let taken = left.min(MOST_ROWS);
            let padded = taken.next_power_of_two();
            self.statement(before);
            let row = format!("({}?)", "?,".repeat(columns - 1));
            self.sql.push_str(" (VALUES ");
            self.sql.push_str(&row);
            for _ in 1..padded {
                self.sql.push(',');
                self.sql.push_str(&row);
            }
            self.sql.push_str(") WHERE column1 IS NOT NULL ");
            self.sql.push_str(after);
            for row in rows.by_ref().take(taken) {
                bind(self, row)?;
            }
            for _ in 0..(padded - taken) * columns {
                self.bind(None::<i64>)?;
            }
            left -= taken;
        }
        Ok(())
    }

    /// Whether it has no statement.
    pub(super) const fn is_empty(&self) -> bool {
        self.sql.is_empty()
    }

    /// Runs it to its end or first error, and returns the rows of all its statements.
    pub(super) async fn fetch_all(self, connection: &mut SqliteConnection) -> Result<Vec<SqliteRow>, sqlx::Error> {
        // The text is made of the callers' constants and of question marks.
        connection.fetch_all(sqlx::query_with(AssertSqlSafe(self.sql), self.arguments)).await
    }

    /// Runs it to its end or first error.
    pub(super) async fn execute(self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        // The text is made of the callers' constants and of question marks.
        connection.execute(sqlx::query_with(AssertSqlSafe(self.sql), self.arguments)).await?;
        Ok(())
    }
}
