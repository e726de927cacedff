//! The most memory that each command of the real binary ever holds on a generated log, as the kernel counts it.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chancery_eventstore::db::sql;
use chancery_eventstore::nats::Generation;
use chancery_eventstore::{Db, Position};
use chancery_tests::environment;
use chancery_tests::generator::uid;
use chancery_tests::nats::NatsServer;
use chancery_tests::site::World;
use chancery_workers::jobs::NAMES;

use crate::Effort;
use crate::report::{Line, Table};
use crate::served::{Served, highest_resident};
use crate::workload::generated;

/// How often the kernel is asked.
const POLL: Duration = Duration::from_millis(2);

/// How long a process that stays may take until it has nothing more to do.
const PATIENCE: Duration = Duration::from_secs(900);

/// What a command may hold that looks at one account or at one event after the other, in megabytes: floor and aim.
const STEADY: (f64, f64) = (80.0, 40.0);

/// What a command may hold that folds the whole log on every core.
const FOLDING: (f64, f64) = (400.0, 200.0);

/// What a server or a worker may hold beside the memory of password hashes.
const STAYING: (f64, f64) = (80.0, 40.0);

/// A log and how the binary is led to it.
struct Place {
    name: &'static str,
    world: World,
    /// Keys, configuration, and on SQLite the database.
    folder: PathBuf,
    lines: Vec<Line>,
}

/// Measures every command on PostgreSQL and on SQLite.
pub async fn measure(effort: Effort) -> Table {
    let nats = NatsServer::start().await;
    let postgres = World::postgres().await;
    let config =
        format!("database = \"{}\"\nnats = \"{}\"\nnats-storage = \"4GiB\"\n", postgres.fixture().url(), nats.url());
    let mut on_postgres = Place::new("PostgreSQL", postgres, &config, effort.events).await;
    on_postgres.commands().await;
    on_postgres.serve(&["--no-workers"]);
    on_postgres.relay(&nats).await;
    on_postgres.work().await;

    let mut on_sqlite = Place::new("SQLite", World::sqlite().await, "", effort.events).await;
    on_sqlite.commands().await;
    on_sqlite.serve(&[]);
    on_sqlite.restore().await;
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
        let path = folder.join("chancery.toml");
        fs::write(&path, config).expect("the configuration is written");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("a mode");
        Self { name, world, folder, lines: Vec::new() }
    }

    /// Every command that ends by itself.
    async fn commands(&mut self) {
        // The first one of every hundred has the most events.
        let (uid, scratch) = (uid(0).to_string(), tempfile::tempdir().expect("a folder"));
        let into = |name: &str| scratch.path().join(name).display().to_string();
        for model in ["account_changes_v1", "activity_v1", "event_counts_v1"] {
            self.ends(&["projections", "rebuild", model], FOLDING).await;
        }
        self.ends(&["audit", "history", &uid], STEADY).await;
        self.ends(&["audit", "state", &uid], STEADY).await;
        self.ends(&["audit", "replay"], STEADY).await;
        self.ends(&["audit", "query", "--count-by", "day,type"], STEADY).await;
        self.ends(&["audit", "verify"], FOLDING).await;
        self.ends(&["projections", "rebuild", "activity_v1", "--verify"], FOLDING).await;
        self.ends(&["projections", "status"], STEADY).await;
        self.ends(&["jobs"], STEADY).await;
        self.ends(&["timers", "status"], STEADY).await;
        self.ends(&["application", "list"], STEADY).await;
        self.ends(&["backup", &into("backup"), "--keys-to", &into("keys")], STEADY).await;
        if self.name == "SQLite" {
            let kept = self.folder.join("kept");
            let _ = fs::remove_dir_all(&kept);
            fs::create_dir(&kept).expect("a folder");
            for name in ["backup", "keys"] {
                fs::rename(scratch.path().join(name), kept.join(name)).expect("it is moved");
            }
        }
    }

    /// The backup is put back into a new folder.
    async fn restore(&mut self) {
        let (kept, target) = (self.folder.join("kept"), tempfile::tempdir().expect("a folder"));
        let [backup, keys] = ["backup", "keys"].map(|name| kept.join(name).display().to_string());
        let data = target.path().join("data");
        let arguments = ["restore", &backup, "--reason", "bench", "--keys-from", &keys, "--no-ledger"];
        let child = start(&self.folder, &data, &arguments);
        let highest = until_it_ends(child, "restore").await;
        self.line("restore", highest, STEADY);
    }

    /// A server whose pages are looked at by many people.
    fn serve(&mut self, more: &[&str]) {
        let config = self.config();
        let served = Served::start(&self.folder, &[&["--config", &config], more].concat());
        for _ in 0..200 {
            let page = served.visitor().get("/register");
            assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        }
        self.line("serve", served.highest(), STAYING);
    }

    /// A worker that copies the whole log to NATS.
    async fn relay(&mut self, nats: &NatsServer) {
        let (db, end) = (self.world.db().clone(), self.world.backend().head().await.expect("the head"));
        set_floors(&db, Position::START).await;
        let arguments = ["work", "--jobs", "relay", "--metrics-listen", "127.0.0.1:0"];
        let mut child = start(&self.folder, &self.folder, &arguments);
        let (client, mut highest) = (nats.client().await, 0.0_f64);
        let copied = async {
            loop {
                highest = highest.max(highest_resident(child.id()).unwrap_or_default());
                assert!(child.try_wait().expect("a child").is_none(), "the worker goes on");
                let generation = Generation::current(&db).await.expect("a generation");
                if let Ok(mut stream) = client.get_stream(generation.stream(end.log).stream()).await {
                    let last = stream.info().await.expect("the stream").state.last_sequence;
                    if generation.at(last) >= end.position {
                        return;
                    }
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, copied).await.expect("the log is copied");
        stop(child);
        set_floors(&db, end.position).await;
        self.line("work --jobs relay, from the log's beginning", highest, STAYING);
    }

    /// A worker with all jobs, which has nothing to do.
    async fn work(&mut self) {
        let child = start(&self.folder, &self.folder, &["work", "--metrics-listen", "127.0.0.1:0"]);
        let mut highest = 0.0_f64;
        for _ in 0..200 {
            highest = highest.max(highest_resident(child.id()).expect("the worker goes on"));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        stop(child);
        self.line("work, idle", highest, STAYING);
    }

    async fn ends(&mut self, arguments: &[&str], limit: (f64, f64)) {
        let what: Vec<&str> = arguments.iter().copied().filter(|word| !word.contains('/')).collect();
        let what = what.join(" ");
        let highest = until_it_ends(start(&self.folder, &self.folder, arguments), &what).await;
        let uid = uid(0).to_string();
        self.line(&what.replace(&uid, "UID").replace(" --keys-to", ""), highest, limit);
    }

    fn config(&self) -> String {
        self.folder.join("chancery.toml").display().to_string()
    }

    fn line(&mut self, what: &str, megabytes: f64, (floor, aim): (f64, f64)) {
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

/// Starts a command with the configuration of a folder; what it prints goes nowhere, and what it complains about to a file.
fn start(folder: &Path, data: &Path, arguments: &[&str]) -> Child {
    let mut command = Command::new(environment::variable("CHANCERY_BIN"));
    command.env_clear().args(arguments).arg("--data").arg(data).arg("--config").arg(folder.join("chancery.toml"));
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(File::create(folder.join("complaints")).expect("a file"));
    command.spawn().expect("the binary starts")
}

/// The most memory that a command holds until it ends well.
async fn until_it_ends(mut child: Child, what: &str) -> f64 {
    let mut highest = 0.0_f64;
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            assert!(status.success(), "{what}: {status}");
            return highest;
        }
        highest = highest.max(highest_resident(child.id()).unwrap_or_default());
        tokio::time::sleep(POLL).await;
    }
}

fn stop(mut child: Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// Every job has looked at the log up to there.
async fn set_floors(db: &Db, position: Position) {
    for job in NAMES {
        let floor = sql("UPDATE job_floors SET position = $2 WHERE job = $1").bind(job).bind(position);
        db.execute(floor).await.expect("a floor");
    }
}
