//! Servers that end with the test, however the test ends.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use crate::environment;

/// A server process held by `tests/leash`: it gets its signal and is waited for when this value is dropped, and also
/// when the whole test process is killed.
#[derive(Debug)]
pub struct Leash {
    holder: Child,
    server: u32,
}

impl Leash {
    /// Starts `command` with its output going to `log`. `signal` (`TERM`, `QUIT`) is what it is stopped with.
    pub fn start(signal: &str, command: &[String], log: File) -> Self {
        let mut holder = Command::new(environment::repository().join("tests/leash"))
            .arg(signal)
            .args(command)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("tests/leash starts");
        let mut line = String::new();
        let output = holder.stdout.take().expect("its standard output is a pipe");
        BufReader::new(output).read_line(&mut line).expect("tests/leash names the server's process");
        let server = line.trim().parse().expect("a process id");
        Self { holder, server }
    }

    /// The server's process id. A dead server's id is not given anew while this value lives.
    pub fn server(&self) -> u32 {
        self.server
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        if let Err(error) = self.holder.wait() {
            eprintln!("a test's server was not stopped: {error}");
        }
    }
}
