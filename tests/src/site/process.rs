//! The program as a process of its own beside a site.

use std::process::{Command, Stdio};

use super::World;

impl World {
    /// The program with these arguments, on this database and with its keys.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(crate::environment::chancery());
        command.env_clear().args(arguments).arg("--data").arg(self.keys()).stdin(Stdio::null());
        if let Some(fixture) = &self.postgres {
            command.env("CHANCERY_DATABASE", fixture.url());
        }
        command
    }
}
