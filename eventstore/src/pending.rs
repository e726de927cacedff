//! Migrations that a database has not seen yet.

use sqlx::migrate::Migration;

/// What would be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingMigration {
    /// The number and name of its file.
    pub name: String,
    /// The statements.
    pub sql: String,
}

impl From<&Migration> for PendingMigration {
    fn from(migration: &Migration) -> Self {
        Self {
            name: format!("{:04}_{}", migration.version, migration.description.replace(' ', "_")),
            sql: migration.sql.as_str().to_owned(),
        }
    }
}
