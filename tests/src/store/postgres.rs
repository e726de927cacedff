//! A PostgreSQL database of a test's own.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use async_trait::async_trait;
use chancery_eventstore::{Backend, PostgresBackend, PostgresMigrator, PostgresOptions};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, Row};

use super::Fixture;
use crate::postgres::{Database, program, throw_away_database};

/// A database with the schema, and the role of a service. The role stays until the throw-away server ends.
#[derive(Debug)]
pub struct PostgresFixture {
    database: Database,
}

const PASSWORD: &str = "suite";

impl PostgresFixture {
    /// On the server that `tests/run` started.
    pub async fn new() -> Self {
        Self::on(throw_away_database().await).await
    }

    /// On any database: makes the service's role and the schema.
    pub async fn on(database: Database) -> Self {
        let fixture = Self { database };
        let role = fixture.role();
        let create = format!("CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut fixture.owner().await).await.expect("the role is made");
        PostgresMigrator::new(fixture.database.superuser(), Some(role)).up().await.expect("the schema is made");
        fixture
    }

    /// The database.
    pub const fn database(&self) -> &Database {
        &self.database
    }

    /// How the service connects.
    pub fn service(&self) -> PgConnectOptions {
        self.database.role(&self.role(), PASSWORD)
    }

    /// How the service connects, as a URL that holds its password.
    pub fn url(&self) -> String {
        self.service().to_url_lossy().into()
    }

    /// The service's role.
    pub fn role(&self) -> String {
        format!("{}_service", self.database.name())
    }

    /// A connection of the owner, with the store's schema at hand.
    pub async fn owner(&self) -> PgConnection {
        let options = self.database.superuser().options([("search_path", "chancery")]);
        options.connect().await.expect("the throw-away PostgreSQL answers")
    }

    /// A connection of the service's role that knows nothing of the store.
    pub async fn raw(&self) -> PgConnection {
        self.service().connect().await.expect("the throw-away PostgreSQL answers")
    }

    /// One more instance, with the type of its own.
    pub async fn backend(&self) -> PostgresBackend {
        let options = PostgresOptions { connections: 8, ..PostgresOptions::new(self.service()) };
        PostgresBackend::connect(options).await.expect("the service starts")
    }

    /// Runs statements as the owner.
    ///
    /// # Errors
    /// Those of the server.
    pub async fn run(&self, sql: String) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.owner().await).await.map(drop)
    }

    /// Writes a dump of the database to a file.
    ///
    /// # Panics
    /// If `pg_dump` fails.
    pub fn dump(&self, file: &Path) {
        run("pg_dump", &["--format=custom", "--file", file.to_str().expect("a path"), &url(self.database.superuser())]);
    }

    /// Puts a dump in the database's place, as after the loss of its machine: whoever was connected is not any more.
    ///
    /// # Panics
    /// If the server's programs fail.
    pub fn put_back(&self, file: &Path) {
        let maintenance = url(self.database.superuser().database("postgres"));
        let name = self.database.name();
        run("dropdb", &["--force", "--maintenance-db", &maintenance, name]);
        run("createdb", &["--maintenance-db", &maintenance, "--template=template0", name]);
        let database = url(self.database.superuser());
        run("pg_restore", &["--exit-on-error", "--dbname", &database, file.to_str().expect("a path")]);
    }

    /// One number, asked by the owner.
    pub async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        sqlx::query_scalar(sql).fetch_one(&mut self.owner().await).await.expect("a number")
    }
}

/// A URL for the server's programs, which do not know all that ours may hold.
fn url(options: PgConnectOptions) -> String {
    let url: String = options.to_url_lossy().into();
    url.split('?').next().unwrap_or_default().to_owned()
}

/// Runs one of the server's programs.
fn run(name: &str, arguments: &[&str]) {
    let output = Command::new(program(name)).args(arguments).output().expect("it runs");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
}

#[async_trait]
impl Fixture for PostgresFixture {
    async fn open(&self) -> Arc<dyn Backend> {
        Arc::new(self.backend().await)
    }

    async fn columns(&self) -> Vec<(String, Vec<String>)> {
        let rows = sqlx::query(
            "SELECT c.relname::text, array_agg(a.attname::text ORDER BY a.attnum)
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
                AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
                AND c.relname <> '_sqlx_migrations'
            GROUP BY c.relname ORDER BY c.relname COLLATE \"C\"",
        )
        .fetch_all(&mut self.owner().await)
        .await
        .expect("the schema is told");
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    async fn linger(&self) {
        self.execute(
            "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF random() < 0.3 THEN PERFORM pg_sleep(random() * 0.002); END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER linger AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION linger()",
        )
        .await;
    }

    async fn execute(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&mut self.owner().await).await.expect("the statements run");
    }
}
