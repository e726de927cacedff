//! The command line: what it says, which command that is, and how the process ends.

mod flags;
mod output;
mod reason;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};

use crate::commands;
use crate::error::{CommandError, one_line};
use crate::settings::{Settings, Sources};

pub use flags::SettingFlags;
pub use output::print;
pub use reason::reason;

const NO_COMMAND: &str = "name a command: see 'chancery --help'";

/// Account and login service whose state is its audit log.
#[derive(Parser, Debug)]
#[command(name = "chancery", version)]
#[command(after_help = "Every setting is also an environment variable (CHANCERY_…) and a key of the file.")]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    flags: SettingFlags,
}

/// What to do.
#[derive(Subcommand, Debug)]
enum Command {
    /// Run the service: pages, jobs and mails in one process. The default.
    Serve(commands::serve::Arguments),
    /// Run jobs in a process of their own, fed by NATS.
    Work(commands::work::Arguments),
    /// Bring the database's tables and roles up to date.
    Migrate(commands::migrate::Arguments),
    /// Try everything that the service needs: one line each.
    Check,
    /// List what the jobs have to do, and try again what is dead.
    Jobs(commands::jobs::Arguments),
    /// See whether a timer has stopped itself, and let it go on.
    Timers(commands::timers::Arguments),
    /// Back the log up beside a running service.
    Backup(commands::backup::Arguments),
    /// Put the log back from a backup, and begin a new epoch of it.
    Restore(commands::restore::Arguments),
    /// Begin a new epoch of the log after the loss of its newest events.
    Log(commands::log::Arguments),
    /// Suspend an account, give it back, or end its sessions.
    Account(commands::account::Arguments),
    /// Ask the log: an account's history and past state, counts, everything in order, and whether the tables agree with it.
    Audit(commands::audit::Arguments),
    /// See how far the read models have come, and rebuild one.
    Projections(commands::projections::Arguments),
    /// Register programs that may ask this service, rotate their secrets, and stop them.
    Application(commands::application::Arguments),
    /// Plan, start, pause, watch or end the end of codes by SMS.
    Campaign(commands::campaign::Arguments),
    /// Print every setting, its value and where it came from.
    Settings(commands::settings::Arguments),
    /// Measure this machine and propose parameters for the hashing of passwords.
    TunePasswordHash(commands::tune_password_hash::Arguments),
    /// Print the completion script of a shell.
    Completions(commands::completions::Arguments),
}

/// Runs the command line `arguments` (the program's name first) in `environment`, and tells how the process ends.
///
/// Every failure is one line on standard error.
pub async fn run(arguments: Vec<OsString>, environment: Vec<(OsString, OsString)>) -> ExitCode {
    let outcome = match Cli::try_parse_from(arguments) {
        Ok(cli) => dispatch(cli, environment).await,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            print(&error.render().to_string()).map(|()| ExitCode::SUCCESS)
        }
        Err(error) => Err(CommandError::usage(usage_sentence(&error))),
    };
    outcome.unwrap_or_else(|error| {
        output::print_error(&error.line());
        error.exit_code()
    })
}

async fn dispatch(cli: Cli, environment: Vec<(OsString, OsString)>) -> Result<ExitCode, CommandError> {
    let Cli { command, flags } = cli;
    let operator = operator(&environment);
    let sources = Sources { flags: flags.settings, config: flags.config, environment, folder: PathBuf::new() };
    // Not before the command asks for them: some work while the settings are wrong.
    let settings = || Settings::load(&sources);
    match command {
        None => commands::serve::run(&settings()?, &commands::serve::Arguments::default()).await,
        Some(Command::Serve(arguments)) => commands::serve::run(&settings()?, &arguments).await,
        Some(Command::Work(arguments)) => commands::work::run(&settings()?, &arguments).await,
        Some(Command::Migrate(arguments)) => commands::migrate::run(&settings()?, &arguments).await,
        Some(Command::Check) => commands::check::run(&settings()?).await,
        Some(Command::Jobs(arguments)) => commands::jobs::run(&settings()?, &arguments).await,
        Some(Command::Timers(arguments)) => commands::timers::run(&settings()?, &arguments).await,
        Some(Command::Backup(arguments)) => commands::backup::run(&settings()?, &arguments).await,
        Some(Command::Restore(arguments)) => commands::restore::run(&settings()?, &arguments, &operator).await,
        Some(Command::Log(arguments)) => commands::log::run(&settings()?, &arguments, &operator).await,
        Some(Command::Account(arguments)) => commands::account::run(&settings()?, &arguments, &operator).await,
        Some(Command::Audit(arguments)) => commands::audit::run(&settings()?, &arguments).await,
        Some(Command::Projections(arguments)) => commands::projections::run(&settings()?, &arguments).await,
        Some(Command::Application(arguments)) => commands::application::run(&settings()?, &arguments, &operator).await,
        Some(Command::Campaign(arguments)) => commands::campaign::run(&settings()?, &arguments, &operator).await,
        Some(Command::Settings(arguments)) => commands::settings::run(&settings()?, &arguments).await,
        Some(Command::TunePasswordHash(arguments)) => commands::tune_password_hash::run(&arguments).await,
        Some(Command::Completions(arguments)) => commands::completions::run(&arguments, Cli::command()),
    }
}

/// Who runs the command, for the audit: the name behind `sudo`, else the one that the system's login gave.
fn operator(environment: &[(OsString, OsString)]) -> String {
    let named = |name: &str| {
        let (_, value) = environment.iter().find(|(variable, value)| variable == name && !value.is_empty())?;
        Some(one_line(&value.to_string_lossy()).chars().take(64).collect())
    };
    ["SUDO_USER", "LOGNAME", "USER"].into_iter().find_map(named).unwrap_or_else(|| "unknown".to_owned())
}

/// The parser's message as one sentence. Its advice stays; the usage, which `--help` prints, goes.
fn usage_sentence(error: &clap::Error) -> String {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return NO_COMMAND.to_owned();
    }
    if let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg)
        && let Some(sentence) = flags::refuse_secret(argument)
    {
        return sentence;
    }
    let text = error.render().to_string();
    let end = ["\n\nUsage:", "\n\nFor more information"].iter().filter_map(|end| text.find(end)).min();
    let said = text.get(..end.unwrap_or(text.len())).unwrap_or(&text);
    let said = said.strip_prefix("error: ").unwrap_or(said).replace("\n\n  ", "; ");
    format!("{}; see 'chancery --help'", one_line(&said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_operator_is_the_one_behind_sudo() {
        let environment =
            |pairs: &[(&str, &str)]| operator(&pairs.iter().map(|(n, v)| (n.into(), v.into())).collect::<Vec<_>>());
        assert_eq!(environment(&[("USER", "root"), ("LOGNAME", "root"), ("SUDO_USER", "ann")]), "ann");
        assert_eq!(environment(&[("USER", "u"), ("LOGNAME", "l\u{1b}\n"), ("SUDO_USER", "")]), "l");
        assert_eq!(environment(&[]), "unknown");
    }
}
