//! `chancery completions SHELL`: a shell's completion script.

use std::process::ExitCode;

use clap_complete::Shell;

use crate::cli::print;
use crate::error::CommandError;

/// What the command line says.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// The shell.
    shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// Standard output cannot be written to.
pub fn run(arguments: &Arguments, mut command: clap::Command) -> Result<ExitCode, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "chancery", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
