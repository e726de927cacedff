//! `chancery timers`: whether a timer whose work cannot be undone has stopped itself, and to let it go on.

use std::fmt::Write as _;
use std::process::ExitCode;

use chancery_eventstore::BackendError;
use chancery_service::ports::{Clock, SystemClock};
use chancery_workers::timers::{self, TimerStatus};

use crate::cli::print;
use crate::error::{CommandError, one_line};
use crate::settings::Settings;
use crate::wiring::{self, Opening};

/// What the command line says.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    wish: Wish,
}

#[derive(clap::Subcommand, Debug)]
enum Wish {
    /// Print how every timer stands that ever acted.
    Status,
    /// Let a stopped timer act again, at the same rate.
    Resume {
        /// The timer, as `status` names it.
        name: String,
    },
}

/// Prints how timers stand, or lets one go on.
///
/// # Errors
/// The timer has not stopped, or the database cannot be used.
pub async fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let db = wiring::database(settings, Opening::Beside).await?.db;
    let unanswered = |error: BackendError| CommandError::failure("the timers cannot be read").because(error);
    let text = match &arguments.wish {
        Wish::Status => status(&timers::statuses(&db).await.map_err(unanswered)?),
        Wish::Resume { name } => {
            if !timers::resume(&db, name, SystemClock.now()).await.map_err(unanswered)? {
                return Err(CommandError::failure(format!("no timer {} has stopped", one_line(name))));
            }
            format!("{name} goes on\n")
        }
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn status(timers: &[TimerStatus]) -> String {
    if timers.is_empty() {
        return "no timer has acted yet\n".to_owned();
    }
    timers.iter().fold(String::new(), |mut text, TimerStatus { name, count, stopped, reason }| {
        let _ = match stopped {
            Some(at) => {
                writeln!(text, "{name}  STOPPED at {at}: {reason}; 'chancery timers resume {name}' lets it go on")
            }
            None => writeln!(text, "{name}  runs, acted {count} times within its rate"),
        };
        text
    })
}
