//! Migrations that a database has not seen yet.

use sqlx::migrate::Migration;

use crate::build::OLDEST_BUILDS;

/// What would be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingMigration {
    /// The number and name of its file.
    pub name: String,
    /// The oldest build that may still run on what it and all before it make; `None` where it shuts none out.
    pub oldest_build: Option<i32>,
    /// The statements.
    pub sql: String,
}

impl From<&Migration> for PendingMigration {
    fn from(migration: &Migration) -> Self {
        Self {
            name: format!("{:04}_{}", migration.version, migration.description.replace(' ', "_")),
            oldest_build: OLDEST_BUILDS
                .iter()
                .find_map(|(number, oldest)| (*number == migration.version).then_some(*oldest)),
            sql: migration.sql.as_str().to_owned(),
        }
    }
}
