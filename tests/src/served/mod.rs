//! The binary, running: `chancery serve` on a free port, what it prints and logs, commands beside it, people who use it
//! over real connections.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod at_rest;
mod many;
mod person;
mod postgres;
mod working;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

pub use at_rest::log_in;
pub use many::Many;
pub use person::{Answer, Person};
pub use postgres::OnPostgres;
pub use working::Working;

use crate::environment;

/// A service that runs until it is told to stop; killed if a test leaves it.
pub struct Served {
    child: Child,
    /// The port of its pages.
    pub port: u16,
    /// The URL by which people reach it.
    pub url: String,
    /// What it printed until it was ready.
    pub greeting: Vec<String>,
    folder: TempDir,
    binary: PathBuf,
    arguments: Vec<String>,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("{} logged:\n{}", self.url, self.log());
        }
    }
}

impl Served {
    /// Starts one on a free port, with a data folder of its own and cheap hashes, and waits until it says that it is
    /// ready.
    ///
    /// # Panics
    /// With its log, if it ends instead.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_at(0, arguments)
    }

    /// The same on this port.
    ///
    /// # Panics
    /// As [`Served::start`].
    pub fn start_at(port: u16, arguments: &[&str]) -> Self {
        Self::start_in(TempDir::new().unwrap(), port, arguments)
    }

    /// The same on what stands in `data` in a folder already.
    ///
    /// # Panics
    /// As [`Served::start`].
    pub fn start_in(folder: TempDir, port: u16, arguments: &[&str]) -> Self {
        Self::start_of(environment::chancery(), folder, port, arguments)
    }

    /// The same of another build.
    ///
    /// # Panics
    /// As [`Served::start`].
    pub fn start_of(binary: PathBuf, folder: TempDir, port: u16, arguments: &[&str]) -> Self {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let running = run(&binary, folder.path(), port, &arguments);
        let (child, greeting, url) = running.unwrap_or_else(|log| panic!("it ended before it was ready: {log}"));
        let port = url.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(port);
        Self { child, port, url, greeting, folder, binary, arguments }
    }

    /// Starts it again, after it has ended, on the same data and port and with the same arguments.
    ///
    /// # Errors
    /// What it logged, if it ends instead of becoming ready.
    pub fn again(&mut self) -> Result<(), String> {
        (self.child, self.greeting, self.url) = run(&self.binary, self.folder.path(), self.port, &self.arguments)?;
        Ok(())
    }

    /// The same with more arguments, this time only.
    ///
    /// # Errors
    /// As [`Served::again`].
    pub fn again_with(&mut self, more: &[&str]) -> Result<(), String> {
        let usual = self.arguments.clone();
        self.arguments.extend(more.iter().map(ToString::to_string));
        let started = self.again();
        self.arguments = usual;
        started
    }

    /// A folder of its own, for whatever a test puts beside its data.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// What it logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// The path of the development mails with its key; empty where there are none.
    #[must_use]
    pub fn mails(&self) -> String {
        self.shown_at("/dev/mail?key=")
    }

    /// The path of the messages to telephones with its key; empty where there are none.
    #[must_use]
    pub fn messages(&self) -> String {
        self.shown_at("/dev/sms?key=")
    }

    fn shown_at(&self, path: &str) -> String {
        let found = |line: &String| line.find(path).map(|at| line[at..].to_owned());
        self.greeting.iter().find_map(found).unwrap_or_default()
    }

    /// A new connection to its pages.
    #[must_use]
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
        stream
    }

    /// Everything that comes back for these bytes until the connection is closed.
    #[must_use]
    pub fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        let mut answer = Vec::new();
        // A connection that is reset after the answer has answered all the same.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// A person with a browser of their own.
    #[must_use]
    pub fn person(&self) -> Person {
        Person::at(self.port, &self.url)
    }

    /// A command of the same binary beside it, on the same data.
    pub fn beside<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Output {
        let mut command = Command::new(&self.binary);
        command.env_clear().args(arguments).arg("--data").arg(self.folder.path().join("data"));
        command.stdin(Stdio::null()).output().unwrap()
    }

    /// Asserts that `chancery audit verify` with these arguments finds nothing that differs, and nothing that cannot be
    /// checked.
    ///
    /// # Panics
    /// With what it found.
    pub fn assert_clean(&self, arguments: &[&str]) {
        let output = self.beside([&["audit", "verify"], arguments].concat());
        let said = [&output.stdout[..], &output.stderr].concat();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&said));
    }

    /// The most memory that it ever held, in bytes (`VmHWM`).
    #[must_use]
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// Tells it to stop.
    pub fn terminate(&self) {
        let id = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(id, Signal::TERM).unwrap();
    }

    /// Stops it as an operator does, and waits for its end.
    pub fn stop(&mut self) {
        self.terminate();
        self.ended();
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.ended();
    }

    /// Waits for its end.
    pub fn ended(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

/// The process, what it printed until it was ready, and its URL; what it logged, if it ended instead.
fn run(binary: &Path, folder: &Path, port: u16, arguments: &[String]) -> Result<(Child, Vec<String>, String), String> {
    let log = folder.join("log");
    let mut child = Command::new(binary)
        // The service refuses variables that name no setting, such as those of the tests.
        .env_clear()
        .args(["serve", "--hash-memory", "7MiB", "--listen", &format!("127.0.0.1:{port}"), "--data"])
        .arg(folder.join("data"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // A file takes all that it logs; a pipe that nobody empties would stop it.
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let mut greeting = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
        let url = line.strip_prefix("ready at ").map(ToOwned::to_owned);
        greeting.push(line);
        if let Some(url) = url {
            return Ok((child, greeting, url));
        }
    }
    let ended = child.wait();
    Err(format!("{ended:?}\n{}", std::fs::read_to_string(log).unwrap()))
}
