//! Transactions of what stands beside the log, each in as few hops to SQLite's thread as its answer allows.

use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::script::Script;
use crate::db::{Statement, Value};

/// Values after which a script is run and another begun: a connection keeps the statements that it has prepared, and one
/// of a large batch is hardly ever met again.
const MOST_VALUES: usize = 256;

/// Runs statements in one transaction if each guard changes a row; returns whether they did. After an error the connection
/// is not used again, which rolls back.
pub(crate) async fn transact(
    connection: &mut SqliteConnection,
    guards: Vec<Statement>,
    statements: Vec<Statement>,
) -> Result<bool, sqlx::Error> {
    let mut script = Script::default();
    script.statement("BEGIN IMMEDIATE");
    if !guards.is_empty() {
        for guard in guards {
            add(&mut script, guard)?;
            script.statement("SELECT changes()");
        }
        let changed = std::mem::take(&mut script).fetch_all(connection).await?;
        let holds = |row: &SqliteRow| Ok(sqlx::Row::try_get::<i64, _>(row, 0)? > 0);
        let held = changed.iter().map(holds).collect::<Result<Vec<bool>, sqlx::Error>>()?;
        if held.contains(&false) {
            script.statement("ROLLBACK");
            script.execute(connection).await?;
            return Ok(false);
        }
    }
    let mut values = 0;
    for statement in statements {
        values += statement.values().len();
        add(&mut script, statement)?;
        if values >= MOST_VALUES {
            std::mem::take(&mut script).execute(connection).await?;
            values = 0;
        }
    }
    script.statement("COMMIT");
    script.execute(connection).await?;
    Ok(true)
}

/// Adds a statement, whose `$1` and on are places among its own values, by places in the script's.
fn add(script: &mut Script, statement: Statement) -> Result<(), sqlx::Error> {
    let mut pieces = statement.text().split('$');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    let mut places = Vec::new();
    for piece in pieces {
        let digits = piece.find(|next: char| !next.is_ascii_digit()).unwrap_or(piece.len());
        let (place, rest) = piece.split_at(digits);
        let place = place.parse::<usize>().ok().and_then(|place| place.checked_sub(1));
        let value = place.and_then(|place| statement.values().get(place));
        places.push(value.ok_or_else(|| sqlx::Error::Encode("a place without a value".into()))?.clone());
        text.push('?');
        text.push_str(rest);
    }
    script.statement(&text);
    for value in places {
        match value {
            Value::Int(value) => script.bind(value)?,
            Value::Bytes(value) => script.bind(value)?,
            Value::Text(value) => script.bind(value)?,
        };
    }
    Ok(())
}
