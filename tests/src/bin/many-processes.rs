//! Chancery in many processes, for the browser tests: PostgreSQL and NATS, two `serve` behind a plain TCP balancer that knows
//! nothing of HTTP, and two `work`. Every two seconds one of each kind is killed and started again, unless `--calm` is given.
//!
//! It prints the URL by which people reach the service, and one of its own: `/mails` there gives the mails so far as JSON,
//! `/verdict` ends the killing and says what `chancery audit verify` finds. It ends with its standard input.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use chancery_tests::environment;
use chancery_tests::leash::Leash;
use chancery_tests::nats::NatsServer;
use chancery_tests::postgres::free_port;
use chancery_tests::smtp::SmtpSink;
use chancery_tests::store::postgres::PostgresFixture;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

/// How often one of each kind is killed.
const EVERY: Duration = Duration::from_secs(2);

/// A process that is started again after each kill. It ends with this one.
struct Process {
    name: String,
    arguments: Vec<String>,
    folder: PathBuf,
    leash: Option<Leash>,
}

impl Process {
    fn start(folder: &Path, name: &str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(ToString::to_string).collect();
        let mut process = Self { name: name.to_owned(), arguments, folder: folder.to_owned(), leash: None };
        process.run();
        process
    }

    fn run(&mut self) {
        let log = File::options().create(true).append(true).open(self.folder.join(&self.name)).expect("its log");
        // Variables of the tests' own would be taken for settings.
        let command = ["/usr/bin/env", "-i", "-C"].map(str::to_owned).into_iter();
        let program = [self.folder.display().to_string(), environment::chancery().display().to_string()];
        let command: Vec<String> = command.chain(program).chain(self.arguments.iter().cloned()).collect();
        self.leash = Some(Leash::start("KILL", &command, log));
    }

    fn kill(&mut self) {
        let Some(leash) = self.leash.take() else { return };
        if let Some(id) = i32::try_from(leash.server()).ok().and_then(Pid::from_raw) {
            // One that ended by itself is found in its log.
            let _ = kill_process(id, Signal::KILL);
        }
    }
}

struct Town {
    folder: tempfile::TempDir,
    mails: SmtpSink,
    /// Both kinds, two of each.
    processes: Mutex<[[Process; 2]; 2]>,
    kills: AtomicUsize,
    url: String,
    /// What they run on ends with this value.
    _servers: (PostgresFixture, NatsServer),
}

#[tokio::main]
async fn main() {
    let (postgres, nats, mails) = (PostgresFixture::new().await, NatsServer::start().await, SmtpSink::start().await);
    let door = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://localhost:{}", door.local_addr().expect("bound").port());
    let folder = tempfile::tempdir().expect("a folder");
    let config = format!(
        "database = \"{}\"\nnats = \"{}\"\nnats-storage = \"32MiB\"\nsmtp = \"{}\"\nmail-from = \"no-reply@example.org\"\n\
         public-url = \"{url}\"\ntrusted-proxies = \"127.0.0.1\"\nhash-memory = \"7MiB\"\n\
         limit-mail-network-hour = 20\nlimit-mail-network-day = 20\n",
        postgres.url(),
        nats.url(),
        mails.url()
    );
    let file = folder.path().join("chancery.toml");
    fs::write(&file, config).expect("written");
    fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("a mode");

    let ports = [free_port(), free_port()];
    let listens = ports.map(|port| format!("127.0.0.1:{port}"));
    let serve = |number: usize| {
        let arguments = ["serve", "--no-workers", "--listen", &listens[number]];
        Process::start(folder.path(), &format!("serve-{number}"), &arguments)
    };
    // The first one makes the keys.
    let first = serve(0);
    while TcpStream::connect(&listens[0]).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let work = |number: usize| Process::start(folder.path(), &format!("work-{number}"), &["work"]);
    let processes = Mutex::new([[first, serve(1)], [work(0), work(1)]]);
    let kills = AtomicUsize::new(0);
    let town = Arc::new(Town { folder, mails, processes, kills, url, _servers: (postgres, nats) });

    tokio::spawn(balance(door, listens));
    if !std::env::args().any(|argument| argument == "--calm") {
        tokio::spawn(keep_killing(Arc::clone(&town)));
    }
    let aside = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("people {}", town.url);
    println!("aside http://{}", aside.local_addr().expect("bound"));
    let routes = Router::new().route("/mails", get(all_mails)).route("/verdict", get(verdict)).with_state(town);
    tokio::select! {
        _ = axum::serve(aside, routes) => {}
        _ = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())) => {}
    }
}

/// Passes each connection on to the next server, or to the other where that does not listen.
async fn balance(door: TcpListener, servers: [String; 2]) {
    let next = AtomicUsize::new(0);
    while let Ok((mut client, _)) = door.accept().await {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let order = [servers[number % 2].clone(), servers[(number + 1) % 2].clone()];
        tokio::spawn(async move {
            for server in order {
                if let Ok(mut server) = TcpStream::connect(server).await {
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                    return;
                }
            }
        });
    }
}

async fn keep_killing(town: Arc<Town>) {
    for round in 0.. {
        tokio::time::sleep(EVERY).await;
        let mut processes = town.processes.lock().await;
        for kind in &mut *processes {
            let process = &mut kind[round % 2];
            // One that was stopped for the verdict stays so.
            if process.leash.is_some() {
                process.kill();
                process.run();
                town.kills.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

async fn all_mails(State(town): State<Arc<Town>>) -> Json<Value> {
    let told = |mail: chancery_tests::smtp::ReceivedMail| json!({ "to": mail.to, "subject": mail.subject(), "link": mail.links().first(), "text": mail.text() });
    Json(town.mails.mails().into_iter().map(told).collect())
}

async fn verdict(State(town): State<Arc<Town>>) -> Json<Value> {
    let mut processes = town.processes.lock().await;
    processes.iter_mut().flatten().for_each(Process::kill);
    let mut verify = Command::new(environment::chancery());
    verify.env_clear().args(["audit", "verify"]).current_dir(town.folder.path()).stdin(Stdio::null());
    let output = verify.output().expect("it runs");
    let text = [output.stdout, output.stderr].concat();
    let logs = ["serve-0", "serve-1", "work-0", "work-1"]
        .map(|name| fs::read_to_string(town.folder.path().join(name)).unwrap_or_default());
    Json(json!({
        "kills": town.kills.load(Ordering::Relaxed),
        "code": output.status.code(),
        "text": String::from_utf8_lossy(&text),
        "logs": logs,
    }))
}
