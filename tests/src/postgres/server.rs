//! A PostgreSQL server of the test's own.

use std::fs::{self, File, OpenOptions, Permissions};
use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions, postgres::PgSslMode};

use super::Database;
use crate::{environment, leash::Leash};

/// How long a server may take to start, recovery included.
const START: Duration = Duration::from_secs(60);

/// A PostgreSQL server that one test starts, kills and starts again. It is stopped and its data are deleted with this
/// value. As root it runs as the user that `tests/run` names, since PostgreSQL refuses to run as root.
#[derive(Debug)]
pub struct Server {
    /// Ends the server before its folders are deleted.
    leash: Option<Leash>,
    folder: tempfile::TempDir,
    port: u16,
    password: String,
    settings: Vec<(String, String)>,
    tablespaces: Vec<PathBuf>,
}

impl Server {
    /// Starts a server with the given settings (`("fsync", "off")`) beside those of every test server: a free port of
    /// the loopback, a random password.
    ///
    /// # Panics
    /// When `tests/run` did not say where PostgreSQL is, or the server does not start within a minute.
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::Builder::new().prefix("postgres-").tempdir().expect("a temporary folder");
        let mut server = Self {
            leash: None,
            password: random(),
            settings: settings.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            port: free_port(),
            folder,
            tablespaces: Vec::new(),
        };
        server.initialise();
        server.start_again().await;
        server
    }

    fn initialise(&self) {
        let password_file = self.folder.path().join("password");
        fs::write(&password_file, &self.password).expect("the password's file");
        give_to_server(self.folder.path());
        give_to_server(&password_file);
        self.run(&[
            &program("initdb"),
            "--no-sync",
            "--username=postgres",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            &format!("--pwfile={}", password_file.display()),
            &format!("--pgdata={}", self.data().display()),
        ]);
    }

    /// Starts the server again after [`kill9`](Self::kill9) or [`stop`](Self::stop), with the same data, port and
    /// settings, and returns when it answers.
    pub async fn start_again(&mut self) {
        assert!(self.leash.is_none(), "the server is running");
        let mut command = vec![
            program("postgres"),
            "-D".into(),
            self.data().display().to_string(),
            "-p".into(),
            self.port.to_string(),
            "-clisten_addresses=127.0.0.1".into(),
            format!("-cunix_socket_directories={}", self.folder.path().display()),
        ];
        command.extend(self.settings.iter().map(|(name, value)| format!("-c{name}={value}")));
        let command = as_server(&command.iter().map(String::as_str).collect::<Vec<_>>());
        self.leash = Some(Leash::start("QUIT", &command, self.log_file()));
        let ready = async {
            while PgConnection::connect_with(&self.superuser()).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(START, ready).await.is_err() {
            panic!("the test's PostgreSQL does not answer; its log:\n{}", self.log());
        }
    }

    /// Makes a standby of this server: a copy that follows it as its asynchronous replica, on a port of its own. It runs
    /// when this returns.
    pub async fn standby(&self) -> Self {
        let folder = tempfile::Builder::new().prefix("standby-").tempdir().expect("a temporary folder");
        give_to_server(folder.path());
        let mut standby = Self {
            leash: None,
            password: self.password.clone(),
            settings: self.settings.clone(),
            port: free_port(),
            folder,
            tablespaces: Vec::new(),
        };
        let source = format!("host=127.0.0.1 port={} user=postgres password={}", self.port, self.password);
        standby.run(&[
            &program("pg_basebackup"),
            "--checkpoint=fast",
            "--no-sync",
            "--write-recovery-conf",
            &format!("--dbname={source}"),
            &format!("--pgdata={}", standby.data().display()),
        ]);
        standby.start_again().await;
        standby
    }

    /// Makes a standby that is stopped the primary in the place of this one, whose port it takes, as after a failover
    /// that the clients do not see.
    pub async fn replaced_by(self, standby: Self) -> Self {
        let standby = self.replaced_by_standby(standby).await;
        standby.promote().await;
        standby
    }

    /// The same, without making it the primary.
    pub async fn replaced_by_standby(self, mut standby: Self) -> Self {
        let port = self.port;
        drop(self);
        standby.port = port;
        standby.start_again().await;
        standby
    }

    /// Makes a standby a primary.
    pub async fn promote(&self) {
        let mut connection = PgConnection::connect_with(&self.superuser()).await.expect("the standby answers");
        let promoted: bool =
            sqlx::query_scalar("SELECT pg_promote()").fetch_one(&mut connection).await.expect("it is promoted");
        assert!(promoted, "the standby becomes a primary");
    }

    /// Acknowledges nothing from now on that its standby does not have.
    pub async fn be_synchronous(&self) {
        let mut own = PgConnection::connect_with(&self.superuser()).await.expect("the server answers");
        for statement in ["ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"] {
            sqlx::raw_sql(statement).execute(&mut own).await.expect("the server takes a setting");
        }
        let followed = "SELECT count(*) > 0 FROM pg_stat_replication WHERE sync_state = 'sync'";
        while !sqlx::query_scalar::<_, bool>(followed).fetch_one(&mut own).await.expect("an answer") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until a standby has what this server has now.
    pub async fn is_followed_by(&self, standby: &Self) {
        let mut own = PgConnection::connect_with(&self.superuser()).await.expect("the server answers");
        let place: String =
            sqlx::query_scalar("SELECT pg_current_wal_lsn()::text").fetch_one(&mut own).await.expect("a place");
        let mut theirs = PgConnection::connect_with(&standby.superuser()).await.expect("the standby answers");
        let there = || sqlx::query_scalar::<_, Option<bool>>("SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn");
        while there().bind(&place).fetch_one(&mut theirs).await.expect("a place") != Some(true) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Runs a program of the server's, as its user.
    ///
    /// # Panics
    /// If it fails.
    pub fn run(&self, command: &[&str]) {
        let mut command = as_server(command);
        let output = Command::new(command.remove(0)).args(command).current_dir("/").output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Kills the server and all its processes at once with SIGKILL, as a crash would, and returns when they are gone.
    pub async fn kill9(&mut self) {
        let leash = self.leash.take().expect("the server is running");
        let server = leash.server();
        // The postmaster is stopped first, so that it starts no process that this list lacks.
        signal("STOP", &[server]);
        let children =
            fs::read_to_string(format!("/proc/{server}/task/{server}/children")).expect("a list of processes");
        let mut processes: Vec<u32> = children.split_whitespace().filter_map(|id| id.parse().ok()).collect();
        processes.push(server);
        signal("KILL", &processes);
        while processes.iter().any(|&process| is_alive(process)) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Stops the server as an impatient operator would (SIGQUIT: sessions are cut, recovery follows at the next start).
    pub async fn stop(&mut self) {
        let leash = self.leash.take().expect("the server is running");
        tokio::task::spawn_blocking(move || drop(leash)).await.expect("the server is stopped");
    }

    /// Where the server listens, to put a proxy before it.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// How to connect as superuser to the database `postgres`.
    pub fn superuser(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(self.port)
            .username("postgres")
            .password(&self.password)
            .database("postgres")
            .ssl_mode(PgSslMode::Disable)
    }

    /// Creates an empty database with a unique name on this server. It must be dropped before the server is.
    pub async fn database(&self) -> Database {
        Database::create(self.superuser()).await
    }

    /// Creates the tablespace `name` on the small tmpfs of `tests/run`, and returns its folder there. Other files put
    /// beside that folder fill the disk.
    pub async fn tablespace_on_tmpfs(&mut self, name: &str) -> PathBuf {
        let folder = environment::tmpfs().join(format!("{name}-{}", random()));
        fs::create_dir(&folder).expect("a folder on the tmpfs");
        give_to_server(&folder);
        self.tablespaces.push(folder.clone());
        let mut connection = PgConnection::connect_with(&self.superuser()).await.expect("the server answers");
        let statement = format!("CREATE TABLESPACE {name} LOCATION '{}'", folder.display());
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.expect("a tablespace on the tmpfs");
        folder
    }

    /// The superuser's URL of a database, for the server's programs.
    pub fn url_of(&self, database: &str) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// A folder of the server's user.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What the server has logged since its first start.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn log_file(&self) -> File {
        let path = self.folder.path().join("log");
        OpenOptions::new().create(true).append(true).open(path).expect("the server's log")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.leash = None;
        for folder in &self.tablespaces {
            if let Err(error) = fs::remove_dir_all(folder) {
                eprintln!("the test's tablespace stays: {error}");
            }
        }
    }
}

/// The path of one of the server's programs.
pub fn program(name: &str) -> String {
    Path::new(&environment::variable("CHANCERY_TEST_POSTGRES_BIN")).join(name).display().to_string()
}

/// The user that the server runs as where the tests run as root.
fn server_user() -> Option<String> {
    Some(environment::variable("CHANCERY_TEST_POSTGRES_USER")).filter(|user| !user.is_empty())
}

fn as_server(command: &[&str]) -> Vec<String> {
    let mut whole = Vec::new();
    if let Some(user) = server_user() {
        whole.extend(["setpriv".into(), format!("--reuid={user}"), format!("--regid={user}")]);
        whole.extend(["--clear-groups".into(), "--".into()]);
    }
    whole.extend(command.iter().map(|part| part.to_string()));
    whole
}

/// Makes a file or folder the server's own, closed to others.
fn give_to_server(path: &Path) {
    let mode = if path.is_dir() { 0o700 } else { 0o600 };
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("permissions of the server's files");
    let Some(user) = server_user() else { return };
    let id = |option: &str| {
        let output = Command::new("id").args([option, &user]).output().expect("id runs");
        String::from_utf8_lossy(&output.stdout).trim().parse().expect("a numeric id")
    };
    chown(path, Some(id("-u")), Some(id("-g"))).expect("the server's files are given to its user");
}

fn signal(name: &str, processes: &[u32]) {
    // A process that ended by itself in the meantime is no error.
    let ids = processes.iter().map(u32::to_string);
    Command::new("sh").args(["-c", "kill -s \"$0\" \"$@\"", name]).args(ids).output().expect("a shell runs");
}

/// Whether a process still runs. A zombie, which only its parent can bury, does not.
fn is_alive(process: u32) -> bool {
    fs::read_to_string(format!("/proc/{process}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with(['Z', 'X'])))
}

fn random() -> String {
    format!("{:016x}{:016x}", RandomState::new().hash_one(1), RandomState::new().hash_one(2))
}

/// A port that nobody listens on, below the range from which the kernel takes clients' ports: it stays free while the
/// server is down, and a client that tries it then cannot be connected to itself.
pub fn free_port() -> u16 {
    loop {
        let port = 10_000 + (RandomState::new().hash_one(0) % 10_000) as u16;
        // Taken for the whole run: nobody else who looks gets it before a server listens there, or while it is stopped.
        let taken = std::env::temp_dir().join(format!("chancery-port-{port}"));
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() && fs::File::create_new(taken).is_ok() {
            return port;
        }
    }
}
