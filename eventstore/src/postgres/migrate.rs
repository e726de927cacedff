//! Making the schema, as its owner.

use sqlx::migrate::{Migrate, MigrateError, Migration, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use crate::migrations::POSTGRES;
use crate::pending::PendingMigration;

/// Where it is kept which migrations were applied.
const TABLE: &str = "chancery._sqlx_migrations";

/// Why a migration stopped. Nothing of the one that failed remains.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// No connection, or no answer.
    #[error("the database cannot be reached")]
    Unreachable(#[source] sqlx::Error),
    /// The database was migrated by a newer build, or a migration was edited after it had been applied.
    #[error("the database's migrations are not this build's")]
    Foreign(#[source] MigrateError),
    /// The role may not do this.
    #[error(
        "the migration needs more rights: run it as the database's owner, which may create roles, or create the roles first (CREATE ROLE chancery_service NOLOGIN)"
    )]
    Rights(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A statement failed.
    #[error("a migration failed")]
    Failed(#[source] MigrateError),
}

/// Applies what is missing of the schema.
///
/// The role that migrates becomes the owner of everything. The service must run as another one.
#[derive(Clone, Debug)]
pub struct PostgresMigrator {
    owner: PgConnectOptions,
    service_login: Option<String>,
}

impl PostgresMigrator {
    /// A migrator that connects as the owner.
    ///
    /// `service_login` names the role that the service logs in as: it is made if it does not exist (without a password,
    /// which stays the operator's business) and receives the rights of `chancery_service`.
    #[must_use]
    pub const fn new(owner: PgConnectOptions, service_login: Option<String>) -> Self {
        Self { owner, service_login }
    }

    /// What [`up`](Self::up) would run, in order. Changes nothing.
    ///
    /// # Errors
    /// [`MigrationError::Unreachable`].
    pub async fn plan(&self) -> Result<Vec<PendingMigration>, MigrationError> {
        let mut connection = self.owner.connect().await.map_err(MigrationError::Unreachable)?;
        let missing = missing(&mut connection).await.map_err(MigrationError::Unreachable)?;
        let grant = |sql| PendingMigration { name: "service login".to_owned(), oldest_build: None, sql };
        let grant = self.grant().map(grant);
        connection.close().await.map_err(MigrationError::Unreachable)?;
        Ok(missing.iter().map(|migration| PendingMigration::from(*migration)).chain(grant).collect())
    }

    /// Applies what is missing, each migration in a transaction of its own.
    ///
    /// # Errors
    /// Any [`MigrationError`].
    pub async fn up(&self) -> Result<(), MigrationError> {
        let mut connection = self.owner.connect().await.map_err(MigrationError::Unreachable)?;
        let migrator = Migrator {
            migrations: POSTGRES.migrations.clone(),
            table_name: TABLE.into(),
            create_schemas: vec!["chancery".into()].into(),
            ..Migrator::DEFAULT
        };
        migrator.run_direct(None, &mut connection, false).await.map_err(sorted)?;
        if let Some(sql) = self.grant() {
            connection.execute(AssertSqlSafe(sql)).await.map_err(|error| sorted(error.into()))?;
        }
        connection.close().await.map_err(MigrationError::Unreachable)
    }

    /// Makes the service's login, where one was named. Roles belong to the whole server: another database's migration
    /// may do the same at this moment.
    fn grant(&self) -> Option<String> {
        let login = self.service_login.as_ref()?;
        let (literal, identifier) = (login.replace('\'', "''"), login.replace('"', "\"\""));
        let body = format!(
            "BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{literal}') THEN
        CREATE ROLE \"{identifier}\" LOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END;
BEGIN
    IF NOT pg_has_role('{literal}', 'chancery_service', 'MEMBER') THEN
        GRANT chancery_service TO \"{identifier}\";
    END IF;
EXCEPTION WHEN unique_violation THEN
    NULL;
END;"
        );
        Some(format!("DO $service_login$\nBEGIN\n{body}\nEND\n$service_login$;\n"))
    }
}

/// The migrations that were not applied yet.
pub(super) async fn missing(connection: &mut PgConnection) -> Result<Vec<&'static Migration>, sqlx::Error> {
    let exists: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = 'chancery' AND c.relname = '_sqlx_migrations')",
    )
    .fetch_one(&mut *connection)
    .await?;
    let applied = if exists { connection.list_applied_migrations(TABLE).await? } else { Vec::new() };
    Ok(POSTGRES.iter().filter(|migration| applied.iter().all(|done| done.version != migration.version)).collect())
}

fn sorted(error: MigrateError) -> MigrationError {
    let source = match error {
        MigrateError::Execute(ref source) | MigrateError::ExecuteMigration(ref source, _) => source,
        MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) | MigrateError::Dirty(_) => {
            return MigrationError::Foreign(error);
        }
        _ => return MigrationError::Failed(error),
    };
    match source.as_database_error().and_then(|refusal| refusal.code()).as_deref() {
        Some("42501") => MigrationError::Rights(error.into()),
        _ => MigrationError::Failed(error),
    }
}
