//! A database of one's own on the server that `tests/run` started.

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};

use crate::environment;

/// A database that only one test uses. It is dropped with this value, open connections or not.
#[derive(Debug)]
pub struct Database {
    name: String,
    server: PgConnectOptions,
}

/// Creates an empty database with a unique name on the server named by `CHANCERY_TEST_POSTGRES`.
///
/// # Panics
/// When that variable is not set or the server does not answer.
pub async fn throw_away_database() -> Database {
    let server = environment::variable("CHANCERY_TEST_POSTGRES").parse().expect("CHANCERY_TEST_POSTGRES is a URL");
    Database::create(server).await
}

impl Database {
    /// Creates an empty database with a unique name on any server, reached as its superuser.
    pub async fn create(server: PgConnectOptions) -> Self {
        #[expect(clippy::disallowed_methods, reason = "tests that run side by side must not share a name")]
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        execute(&server, format!("CREATE DATABASE {name} TEMPLATE template0"))
            .await
            .expect("the throw-away PostgreSQL creates a database");
        Self { name, server }
    }

    /// The database's name. Roles belong to the whole server, so a test that makes some derives their names from it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How to connect as the server's superuser.
    pub fn superuser(&self) -> PgConnectOptions {
        self.server.clone().database(&self.name)
    }

    /// How to connect as another role.
    pub fn role(&self, name: &str, password: &str) -> PgConnectOptions {
        self.superuser().username(name).password(password)
    }

    /// The superuser's URL, for programs under test.
    pub fn url(&self) -> String {
        self.superuser().to_url_lossy().into()
    }
}

async fn execute(server: &PgConnectOptions, statement: String) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect_with(server).await?;
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
    connection.close().await
}

impl Drop for Database {
    /// Drops the database. The test's own runtime cannot be waited for here, so a thread brings one of its own.
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let server = self.server.clone();
        let dropping = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(sqlx::Error::from)
                .and_then(|runtime| runtime.block_on(execute(&server, statement)))
        });
        match dropping.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!("the test's database {} stays: {error}", self.name),
            Err(_) => eprintln!("the test's database {} stays: the thread that drops it panicked", self.name),
        }
    }
}
