//! Statements that insert many rows.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::{Statement, Value};

/// The most rows that one statement inserts on SQLite, which takes 32,766 values in one.
const MOST_ROWS: usize = 1024;

/// One statement that inserts rows of which each column is an array: it is the same and planned once however many rows there
/// are, and one way to the server and back.
pub(super) fn by_columns(before: &str, rows: Vec<Vec<Value>>, after: &str) -> Option<Statement> {
    let kinds = rows.first()?.iter().map(Value::column);
    let columns: Vec<String> = (1..).zip(kinds).map(|(place, kind)| format!("${place}::{kind}")).collect();
    let text = format!("{before} SELECT * FROM unnest({}) {after}", columns.join(", "));
    Some(Statement { text: Cow::Owned(text), values: Vec::new(), rows })
}

/// Statements that insert rows as `VALUES`. There are few different ones, since each has a power of two of rows.
pub(super) fn by_values(before: &str, rows: Vec<Vec<Value>>, after: &str) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut left = rows.into_iter();
    while left.len() > 0 {
        let taken = 1 << left.len().min(MOST_ROWS).ilog2();
        let mut text = format!("{before} VALUES ");
        let mut values = Vec::new();
        for (place, row) in left.by_ref().take(taken).enumerate() {
            text.push_str(if place == 0 { "(" } else { ", (" });
            for (column, value) in row.into_iter().enumerate() {
                values.push(value);
                let _ = write!(text, "{}${}", if column == 0 { "" } else { ", " }, values.len());
            }
            text.push(')');
        }
        text.push(' ');
        text.push_str(after);
        statements.push(Statement { text: Cow::Owned(text), values, rows: Vec::new() });
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: i64) -> Vec<Vec<Value>> {
        (0..count).map(|number| vec![number.into(), [7_u8; 16].as_slice().into(), "x".into()]).collect()
    }

    #[test]
    fn rows_are_inserted_by_few_statements_that_are_few_different_ones() {
        let texts = |count| -> Vec<String> {
            let statements = by_values("INSERT INTO t (a, b, c)", rows(count), "ON CONFLICT DO NOTHING");
            let values: usize = statements.iter().map(|statement| statement.values().len()).sum();
            assert_eq!(values, 3 * usize::try_from(count).unwrap());
            statements.iter().map(|statement| statement.text().to_owned()).collect()
        };
        let (one, two) = ("($1, $2, $3)", "($1, $2, $3), ($4, $5, $6)");
        let whole = |rows: &str| format!("INSERT INTO t (a, b, c) VALUES {rows} ON CONFLICT DO NOTHING");
        assert_eq!(texts(3), [whole(two), whole(one)]);
        assert_eq!(texts(0), [""; 0]);
        assert_eq!(texts(3 * 1024).len(), 3);
    }

    #[test]
    fn rows_are_inserted_by_their_columns() {
        let statement = |count| by_columns("INSERT INTO t (a, b, c)", rows(count), "ON CONFLICT DO NOTHING");
        assert!(statement(0).is_none());
        let (one, many) = (statement(1).unwrap(), statement(5_000).unwrap());
        let text = "INSERT INTO t (a, b, c) SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::text[]) \
                    ON CONFLICT DO NOTHING";
        assert_eq!((one.text(), many.text()), (text, text));
        assert_eq!(many.rows.len(), 5_000);
    }
}
