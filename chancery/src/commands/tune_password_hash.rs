//! `chancery tune-password-hash`: which parameters of argon2id suit this machine.

use std::process::ExitCode;
use std::time::Duration;

use chancery_service::password_hash::tune::{Proposal, propose};

use crate::cli::print;
use crate::error::CommandError;
use crate::settings::HashMemory;

/// What the command line says.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Time that one password may take at most while every processor hashes one.
    #[arg(long, value_name = "TIME", default_value = "250ms", value_parser = target_time)]
    target_time: Duration,
    /// Memory that one password may take at most.
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = HashMemory::parse)]
    target_memory: HashMemory,
}

fn target_time(text: &str) -> Result<Duration, &'static str> {
    let bounds = Duration::from_millis(1)..=Duration::from_mins(1);
    humantime::parse_duration(text)
        .ok()
        .filter(|time| bounds.contains(time))
        .ok_or("it must be a length of time from 1ms to 1m, such as 250ms")
}

/// Measures this machine, which takes some seconds, and prints what was found and the settings to use.
///
/// # Errors
/// There is less memory than asked for, or standard output cannot be written to.
pub async fn run(arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let (time, memory) = (arguments.target_time, arguments.target_memory.kibibytes());
    let proposal = tokio::task::spawn_blocking(move || propose(time, memory))
        .await
        .map_err(|error| CommandError::failure("the measuring was broken off").because(error))?
        .map_err(|error| {
            CommandError::failure("cannot measure with this much memory: try a smaller --target-memory").because(error)
        })?;
    print(&text(&proposal))?;
    Ok(ExitCode::SUCCESS)
}

fn text(proposal: &Proposal) -> String {
    let parameters = proposal.proposed.parameters;
    format!(
        "{proposal}\n\nAs settings, in the configuration file:\n  hash-memory = \"{}\"\n  hash-iterations = {}\n  \
         hash-parallelism = {}\n",
        HashMemory::from_kibibytes(parameters.memory_kib),
        parameters.iterations,
        parameters.parallelism,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_time_that_makes_sense() {
        assert_eq!(target_time("250ms"), Ok(Duration::from_millis(250)));
        for text in ["", "0s", "250", "999us", "61s", "x"] {
            assert!(target_time(text).is_err(), "{text}");
        }
    }
}
