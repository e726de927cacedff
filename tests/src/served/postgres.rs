//! The binary on a PostgreSQL server of a test's own.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use chancery_eventstore::PostgresMigrator;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};
use tempfile::TempDir;

use super::Served;
use crate::postgres::Server;
use crate::smtp::SmtpSink;

/// A database with a log, the role of a service, and the arguments of a process on it.
#[derive(Debug)]
pub struct OnPostgres {
    /// The database's name on its server.
    pub database: String,
    arguments: Vec<String>,
    folder: TempDir,
}

impl OnPostgres {
    /// Makes the database and the role. Both stay until the server ends.
    pub async fn new(server: &Server, sink: &SmtpSink) -> Self {
        Self::with_standby(server, None, sink).await
    }

    /// The same, with a standby that may become the primary.
    pub async fn with_standby(server: &Server, standby: Option<&Server>, sink: &SmtpSink) -> Self {
        let database = server.database().await;
        let name = database.name().to_owned();
        let role = format!("{name}_service");
        PostgresMigrator::new(database.superuser(), Some(role.clone())).up().await.unwrap();
        let mut owner = database.superuser().connect().await.unwrap();
        owner.execute(AssertSqlSafe(format!("ALTER ROLE {role} PASSWORD 'secret'"))).await.unwrap();
        std::mem::forget(database);
        let folder = tempfile::tempdir().unwrap();
        let password = folder.path().join("password");
        fs::write(&password, "secret\n").unwrap();
        fs::set_permissions(&password, Permissions::from_mode(0o600)).unwrap();
        let standby = standby.map_or(String::new(), |standby| format!(",{}", standby.address()));
        let url = format!("postgres://{role}@{}{standby}/{name}", server.address());
        let arguments = ["--database", &url, "--database-password-file", password.to_str().unwrap()];
        let mail = ["--smtp", &sink.url(), "--mail-from", "no-reply@example.org"];
        let arguments = arguments.iter().chain(&mail).map(ToString::to_string).collect();
        Self { database: name, arguments, folder }
    }

    /// Starts a process on it.
    pub fn serve(&self) -> Served {
        Served::start(&self.arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The same with more arguments.
    pub fn serve_with(&self, more: &[&str]) -> Served {
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
        Served::start(&arguments)
    }

    /// Starts a process of another build beside one, with its keys.
    pub fn serve_beside(&self, other: &Served, binary: PathBuf, more: &[&str]) -> Served {
        let folder = tempfile::tempdir().unwrap();
        let (theirs, own) = (other.folder().join("data"), folder.path().join("data"));
        fs::create_dir(&own).unwrap();
        fs::set_permissions(&own, Permissions::from_mode(0o700)).unwrap();
        for key in ["master.key", "credentials.key"] {
            fs::copy(theirs.join(key), own.join(key)).unwrap();
        }
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
        Served::start_of(binary, folder, 0, &arguments)
    }

    /// The arguments, for a command beside it.
    pub fn arguments(&self) -> &[String] {
        &self.arguments[..4]
    }

    /// A folder for what a test keeps.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}
