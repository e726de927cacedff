//! The most memory that each command of the real binary ever holds on a generated log, as the kernel counts it.

mod commands;

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use chancery_eventstore::db::sql;
use chancery_eventstore::nats::Generation;
use chancery_eventstore::{Db, Head, Position};
use chancery_tests::environment;
use chancery_tests::generator::uid;
use chancery_tests::nats::NatsServer;
use chancery_tests::site::World;
use chancery_workers::jobs::NAMES;

use crate::Effort;
use crate::report::{Line, Table};
use crate::served::{Served, highest_resident};
use crate::workload::generated;
use commands::{Asked, COMMANDS, Limit, NEW_EPOCH, RESTORE, STAYING};

/// How often the kernel is asked.
const POLL: Duration = Duration::from_millis(2);

/// How often it is asked of a process that stays.
const LOOK: Duration = Duration::from_millis(50);

/// How long a worker is watched that has nothing to do.
const IDLE: Duration = Duration::from_secs(10);

/// How long a process that stays may take until it has nothing more to do.
const PATIENCE: Duration = Duration::from_secs(3600);

/// A campaign that nobody lives to see.
const PLAN: &str = "announce = \"2126-01-10\"\nno-new-numbers = \"2126-02-01\"\nlast-warning = \"2126-02-15\"\n\
                    off = \"2126-03-01\"\ngrace-days = 14\naccounts-a-second = 200\n";

/// A log and how the binary is led to it.
struct Place {
    name: &'static str,
    world: World,
    /// Keys, configuration, and on SQLite the database.
    folder: PathBuf,
    /// What commands read and write besides.
    scratch: tempfile::TempDir,
    lines: Vec<Line>,
}

/// Measures every command on PostgreSQL and on SQLite.
pub async fn measure(effort: Effort) -> Table {
    commands::assert_none_is_forgotten();
    let nats = NatsServer::start().await;
    let (postgres, fixture) = World::postgres_with_fixture().await;
    let owner = postgres.keys().join("owner");
    secret(&owner, &fixture.database().url());
    let config = format!(
        "database = \"{}\"\nowner-url-file = \"{}\"\nnats = \"{}\"\nnats-storage = \"4GiB\"\n",
        fixture.url(),
        owner.display(),
        nats.url()
    );
    let mut on_postgres = Place::new("PostgreSQL", postgres, &config, effort.events).await;
    on_postgres.commands().await;
    on_postgres.serve(&["--no-workers"]);
    on_postgres.relay(&nats).await;
    on_postgres.catch_up().await;
    on_postgres.work().await;
    on_postgres.ends(&NEW_EPOCH).await;

    let mut on_sqlite = Place::new("SQLite", World::sqlite().await, "", effort.events).await;
    on_sqlite.commands().await;
    on_sqlite.serve(&[]);
    on_sqlite.restore().await;
    on_sqlite.ends(&NEW_EPOCH).await;
    Table {
        heading: format!(
            "`VmHWM` of each command of the binary on a generated log of {} events over {} accounts. A ratio is what is \
             allowed divided by what was measured.",
            effort.events,
            effort.events / 10
        ),
        lines: [on_postgres.lines, on_sqlite.lines].concat(),
    }
}

impl Place {
    async fn new(name: &'static str, world: World, config: &str, events: u64) -> Self {
        generated(&world, events).await;
        // Nothing of this log is left for jobs to do.
        chancery_workers::set_floors(world.db(), &**world.backend()).await.expect("the floors are set");
        let folder = world.keys().to_owned();
        secret(&folder.join("chancery.toml"), config);
        let scratch = tempfile::tempdir().expect("a folder");
        fs::write(scratch.path().join("plan.toml"), PLAN).expect("the plan is written");
        Self { name, world, folder, scratch, lines: Vec::new() }
    }

    /// Every command that ends by itself and leaves the log as it is or adds to it.
    async fn commands(&mut self) {
        for asked in COMMANDS {
            self.ends(asked).await;
        }
    }

    /// The backup is put back into a new folder.
    async fn restore(&mut self) {
        let data = self.scratch.path().join("restored");
        self.ends_in(&RESTORE, &data).await;
    }

    /// A server whose pages are looked at by many people.
    fn serve(&mut self, more: &[&str]) {
        let config = self.folder.join("chancery.toml").display().to_string();
        let served = Served::start(&self.folder, &[&["--config", &config], more].concat());
        for _ in 0..200 {
            let page = served.visitor().get("/register");
            assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        }
        self.line("serve", served.highest(), STAYING);
    }

    /// A worker that copies the whole log to NATS.
    async fn relay(&mut self, nats: &NatsServer) {
        let (db, end, client) = (self.world.db().clone(), self.head().await, nats.client().await);
        set_floors(&db, Position::START).await;
        let copied = async {
            loop {
                let generation = Generation::current(&db).await.expect("a generation");
                if let Ok(mut stream) = client.get_stream(generation.stream(end.log).stream()).await {
                    let last = stream.info().await.expect("the stream").state.last_sequence;
                    if generation.at(last) >= end.position {
                        return;
                    }
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        let highest = self.works(&["--jobs", "relay"], copied).await;
        set_floors(&db, end.position).await;
        self.line("work --jobs relay, from the log's beginning", highest, STAYING);
    }

    /// A worker with all jobs and read models, none of which has seen anything of the log yet. It is over when each has
    /// looked at all of it; what jobs noted and did not come to is taken away.
    async fn catch_up(&mut self) {
        let (db, end) = (self.world.db().clone(), self.head().await.position);
        let models = positions(&db, "SELECT position FROM projection_cursors").await.len();
        // As of jobs that never ran, and of models that were given up.
        set_floors(&db, Position::START).await;
        db.execute(sql("DELETE FROM projection_cursors")).await.expect("they begin anew");
        let caught_up = async {
            loop {
                let floors = positions(&db, "SELECT position FROM job_floors").await;
                let cursors = positions(&db, "SELECT position FROM projection_cursors").await;
                if cursors.len() == models && floors.iter().chain(&cursors).all(|position| *position >= end) {
                    return;
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        let highest = self.works(&[], caught_up).await;
        db.execute(sql("DELETE FROM jobs")).await.expect("nothing is left to do");
        self.line("work, from the log's beginning", highest, STAYING);
    }

    /// A worker with all jobs, which has nothing to do.
    async fn work(&mut self) {
        let highest = self.works(&[], tokio::time::sleep(IDLE)).await;
        self.line("work, idle", highest, STAYING);
    }

    /// The most that a worker holds until something has come to its end.
    async fn works(&self, more: &[&str], is_over: impl Future<Output = ()>) -> f64 {
        let arguments = [&["work", "--metrics-listen", "127.0.0.1:0"], more].concat();
        let mut child = start(&self.folder, &self.folder, &arguments);
        let mut highest = 0.0_f64;
        let goes_on = async {
            while child.try_wait().expect("a child").is_none() {
                highest = highest.max(highest_resident(child.id()).unwrap_or_default());
                tokio::time::sleep(LOOK).await;
            }
        };
        let over = async {
            tokio::select! {
                () = is_over => {}
                () = goes_on => panic!("the worker has ended: {}", self.complaints()),
            }
        };
        tokio::time::timeout(PATIENCE, over).await.expect("it comes to an end");
        highest = highest.max(highest_resident(child.id()).unwrap_or_default());
        let _ = child.kill();
        let _ = child.wait();
        highest
    }

    async fn ends(&mut self, asked: &Asked) {
        let data = self.folder.clone();
        self.ends_in(asked, &data).await;
    }

    async fn ends_in(&mut self, asked: &Asked, data: &Path) {
        let end = self.head().await.position;
        let words: Vec<String> = asked.line.split(' ').map(|word| self.word(word, end)).collect();
        let (highest, status) = until_it_ends(start(&self.folder, data, &words)).await;
        let is_right = status.code().is_some_and(|code| asked.codes.contains(&code));
        assert!(is_right, "{} on {}: {status}: {}", asked.line, self.name, self.complaints());
        self.line(asked.line, highest, asked.limit);
    }

    /// What a word of a command line stands for here.
    fn word(&self, word: &str, end: Position) -> String {
        let within = |name: &str| self.scratch.path().join(name).display().to_string();
        match word {
            // The first one of every hundred has the most events.
            "UID" => uid(0).to_string(),
            "HEAD" => end.to_string(),
            "PLAN" => within("plan.toml"),
            "BACKUP" => within("backup"),
            "KEYS" => within("keys"),
            itself => itself.to_owned(),
        }
    }

    /// What the last command said on standard error.
    fn complaints(&self) -> String {
        fs::read_to_string(self.folder.join("complaints")).unwrap_or_default()
    }

    async fn head(&self) -> Head {
        self.world.backend().head().await.expect("the head")
    }

    fn line(&mut self, what: &str, megabytes: f64, (floor, aim): Limit) {
        eprintln!("{what} on {}: {megabytes:.0} MB", self.name);
        self.lines.push(Line {
            what: format!("`{what}` on {}", self.name),
            measured: format!("{megabytes:.0} MB"),
            beside: format!("{floor:.0} MB allowed"),
            ratio: floor / megabytes,
            floor: Some(1.0),
            aim: Some((floor / aim * 10.0).round() / 10.0),
        });
    }
}

/// A file that nobody else may read.
fn secret(path: &Path, content: &str) {
    fs::write(path, content).expect("a file is written");
    fs::set_permissions(path, Permissions::from_mode(0o600)).expect("a mode");
}

/// Starts a command with the configuration of a folder; what it prints goes nowhere, and what it complains about to a file.
fn start(folder: &Path, data: &Path, arguments: &[impl AsRef<OsStr>]) -> Child {
    let mut command = Command::new(environment::chancery());
    command.env_clear().args(arguments).arg("--data").arg(data).arg("--config").arg(folder.join("chancery.toml"));
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(File::create(folder.join("complaints")).expect("a file"));
    command.spawn().expect("the binary starts")
}

/// The most memory that a command holds until it ends, and how it ended.
async fn until_it_ends(mut child: Child) -> (f64, ExitStatus) {
    let mut highest = 0.0_f64;
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return (highest, status);
        }
        highest = highest.max(highest_resident(child.id()).unwrap_or_default());
        tokio::time::sleep(POLL).await;
    }
}

async fn positions(db: &Db, select: &'static str) -> Vec<Position> {
    let rows: Vec<(i64,)> = db.fetch(sql(select)).await.expect("the positions are read");
    rows.into_iter().map(|(position,)| Position(position)).collect()
}

/// Every job has looked at the log up to there.
async fn set_floors(db: &Db, position: Position) {
    for job in NAMES {
        let floor = sql("UPDATE job_floors SET position = $2 WHERE job = $1").bind(job).bind(position);
        db.execute(floor).await.expect("a floor");
    }
}
