//! Every column of the database is declared, and every declared one is there.

use chancery_eventstore::tables::TABLES;

use super::Fixture;

/// Compares the database with the declaration, both ways.
pub async fn all_are_declared(fixture: &impl Fixture) {
    let mut declared: Vec<(String, Vec<String>)> = TABLES
        .iter()
        .map(|table| (table.name.into(), table.columns.iter().map(|column| column.name.into()).collect()))
        .collect();
    declared.sort();
    assert_eq!(fixture.columns().await, declared);
}
