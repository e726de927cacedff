//! A service in many processes: `serve --no-workers`, `work`, PostgreSQL, NATS and a mail server.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use chancery_eventstore::keys::{CredentialKeys, FileKeys};
use chancery_eventstore::{BatcherOptions, Store};
use chancery_service::ports::{Clock as _, SystemClock};

use super::{Served, Working};
use crate::environment;
use crate::nats::NatsServer;
use crate::smtp::SmtpSink;
use crate::store::postgres::PostgresFixture;

/// All of it. `serve` runs; the test starts as many `work` as it likes.
pub struct Many {
    /// The log.
    pub postgres: PostgresFixture,
    /// What feeds the jobs.
    pub nats: NatsServer,
    /// Where mails arrive.
    pub mails: SmtpSink,
    /// `serve --no-workers`.
    pub served: Served,
    folder: tempfile::TempDir,
}

impl Many {
    /// Starts it with this NATS server, reached by this URL.
    pub async fn start(nats: NatsServer, url: &str) -> Self {
        Self::start_with(nats, url, &[]).await
    }

    /// The same, with more arguments for `serve`.
    pub async fn start_with(nats: NatsServer, url: &str, more: &[&str]) -> Self {
        let (postgres, mails) = (PostgresFixture::new().await, SmtpSink::start().await);
        let folder = tempfile::tempdir().unwrap();
        let database = postgres.url();
        let config = format!(
            "database = \"{database}\"\nnats = \"{url}\"\nnats-storage = \"32MiB\"\nsmtp = \"{}\"\n\
             mail-from = \"no-reply@example.org\"\ntrusted-proxies = \"127.0.0.1\"\nhash-memory = \"7MiB\"\n\
             limit-mail-network-hour = 20\nlimit-mail-network-day = 20\n",
            mails.url()
        );
        let path = folder.path().join("chancery.toml");
        fs::write(&path, config).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let served = Served::start(&[&["--no-workers", "--config", path.to_str().unwrap()], more].concat());
        Self { postgres, nats, mails, served, folder }
    }

    /// The folder with the configuration file.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The data folder, with the keys.
    fn data(&self) -> String {
        self.served.folder().join("data").display().to_string()
    }

    /// The log with its keys, beside `serve`.
    ///
    /// # Panics
    /// If it cannot be opened.
    pub async fn store(&self) -> Store {
        let (data, now) = (PathBuf::from(self.data()), SystemClock.now());
        let keys = CredentialKeys::From(&data.join("credentials.key"));
        let wrapper = Arc::new(FileKeys::open(&data.join("master.key"), keys).unwrap());
        let backend = Arc::new(self.postgres.backend().await);
        Store::open(backend, wrapper, BatcherOptions::default(), now).await.unwrap()
    }

    /// Starts a `work` that logs to a file of this name.
    #[must_use]
    pub fn work(&self, log: &str, arguments: &[&str]) -> Working {
        let data = self.data();
        let arguments = [&["--public-url", &self.served.url, "--data", &data], arguments].concat();
        Working::start(self.folder.path(), log, &arguments)
    }

    /// A command beside it: its exit code, and all that it printed.
    #[must_use]
    pub fn beside(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(environment::chancery());
        command.env_clear().args(arguments).args(["--data", &self.data()]);
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        let output = command.output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), text)
    }

    /// Asserts that `chancery audit verify` finds nothing that differs, and nothing that cannot be checked.
    ///
    /// # Panics
    /// With what it found.
    pub fn assert_clean(&self) {
        let (code, text) = self.beside(&["audit", "verify"]);
        assert_eq!(code, Some(0), "{text}");
    }

    /// One line of `chancery check`.
    ///
    /// # Panics
    /// If it has no such line.
    #[must_use]
    pub fn check(&self, name: &str) -> String {
        let (_, text) = self.beside(&["check"]);
        let line = text.lines().find(|line| line.split_whitespace().nth(1) == Some(name));
        line.unwrap_or_else(|| panic!("no line {name}: {text}")).to_owned()
    }
}
