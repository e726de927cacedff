//! `chancery work`, running beside a service.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::environment;

/// A process that runs jobs until it is told to stop; killed if a test leaves it.
pub struct Working {
    child: Child,
    log: PathBuf,
}

impl Drop for Working {
    fn drop(&mut self) {
        self.kill9();
        if std::thread::panicking() {
            eprintln!("{} logged:\n{}", self.log.display(), self.log());
        }
    }
}

impl Working {
    /// Starts one in this folder, whose configuration file it reads, and waits until it says that it is ready. Its log is
    /// `log`, to which it adds.
    ///
    /// # Panics
    /// With its log, if it ends instead.
    pub fn start(folder: &Path, log: &str, arguments: &[&str]) -> Self {
        let log = folder.join(log);
        let mut child = Command::new(environment::chancery())
            .env_clear()
            .arg("work")
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::options().create(true).append(true).open(&log).unwrap())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let ready = lines.into_iter().any(|line| line.starts_with("ready to work: "));
        let working = Self { child, log };
        assert!(ready, "it ended before it was ready:\n{}", working.log());
        working
    }

    /// Kills it at once.
    pub fn kill9(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// What it logged so far, and those before it under the same name.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}
