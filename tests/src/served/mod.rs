//! The binary, running: `chancery serve` on a free port, what it prints and logs, commands beside it, people who use it
//! over real connections.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod person;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

pub use person::{Answer, Person};

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
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
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
        let folder = TempDir::new().unwrap();
        let mut child = Command::new(environment::chancery())
            // The service refuses variables that name no setting, such as those of the tests.
            .env_clear()
            .args(["serve", "--hash-memory", "7MiB", "--listen", &format!("127.0.0.1:{port}"), "--data"])
            .arg(folder.path().join("data"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // A file takes all that it logs; a pipe that nobody empties would stop it.
            .stderr(File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut greeting = Vec::new();
        let mut ready = None;
        for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
            ready = line.strip_prefix("ready at ").map(ToOwned::to_owned);
            greeting.push(line);
            if ready.is_some() {
                break;
            }
        }
        let mut served = Self { child, port, url: ready.unwrap_or_default(), greeting, folder };
        assert!(!served.url.is_empty(), "it ended before it was ready: {:?}\n{}", served.child.wait(), served.log());
        if port == 0 {
            served.port = served.url.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap();
        }
        served
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
        let path = |line: &String| line.find("/dev/mail?key=").map(|at| line[at..].to_owned());
        self.greeting.iter().find_map(path).unwrap_or_default()
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
        let mut command = Command::new(environment::chancery());
        command.env_clear().args(arguments).arg("--data").arg(self.folder.path().join("data"));
        command.stdin(Stdio::null()).output().unwrap()
    }

    /// Tells it to stop.
    pub fn terminate(&self) {
        let id = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(id, Signal::TERM).unwrap();
    }

    /// Waits for its end.
    pub fn ended(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}
