//! `chancery account suspend|resume|end-sessions`: for the day an account is stolen.

use std::process::ExitCode;
use std::sync::Arc;

use chancery_domain::values::Uid;
use chancery_service::accounts::administer::{Measure, Measured};
use chancery_service::password_hash::PoolSettings;
use chancery_service::ports::{SystemClock, SystemRandom};

use crate::cli::print;
use crate::error::CommandError;
use crate::settings::Settings;
use crate::wiring::{self, CLOCK_SKEW, Credentials, Opening};

/// The longest reason, in characters.
const LONGEST_REASON: usize = 400;

/// What the command line says.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    measure: MeasureArguments,
}

#[derive(clap::Subcommand, Debug)]
enum MeasureArguments {
    /// Stop all use of an account, at once and on every node.
    Suspend(Target),
    /// Give a suspended account back to its owner.
    Resume(Target),
    /// End all sessions of an account and forget its known browsers.
    EndSessions(Target),
}

#[derive(clap::Args, Debug)]
struct Target {
    /// The account, such as n7k2m9qx.
    #[arg(value_parser = |typed: &str| Uid::parse(typed))]
    uid: Uid,
    /// Why; the audit shows it.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
}

fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    let right = (1..=LONGEST_REASON).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    right.then(|| text.to_owned()).ok_or_else(|| format!("it must be one line of 1 to {LONGEST_REASON} characters"))
}

/// Appends the measure to the log, in `operator`'s name.
///
/// # Errors
/// There is no such account, it is not in a state for this, or the log cannot be used.
pub async fn run(settings: &Settings, arguments: &Arguments, operator: &str) -> Result<ExitCode, CommandError> {
    let (target, measure) = match &arguments.measure {
        MeasureArguments::Suspend(target) => (target, Measure::Suspend),
        MeasureArguments::Resume(target) => (target, Measure::Resume),
        MeasureArguments::EndSessions(target) => (target, Measure::EndSessions),
    };
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let database = wiring::database(settings, Opening::Beside).await?;
    let store = wiring::store(settings, &database, Opening::Beside, Credentials::Without, &*clock).await?;
    let difference = wiring::clock_difference(&store, &*clock).await?;
    if difference > CLOCK_SKEW {
        return Err(CommandError::failure(format!(
            "this machine's clock and the database's differ by {} s: set them right first",
            difference.as_secs()
        )));
    }
    let public_url = settings.public_url_on(settings.listen.port());
    let pool = PoolSettings { workers: std::num::NonZeroUsize::MIN, ..settings.hash_pool() };
    let app = wiring::app(settings, store.clone(), &public_url, pool, clock, random).await?;
    let outcome = app.administer(operator, &target.uid, &measure, &target.reason).await;
    store.close().await;
    match outcome.map_err(|error| CommandError::failure("nothing was changed for sure").because(error))? {
        Measured::Done => print(&format!("{} {}, in force at once\n", target.uid, done(&measure)))?,
        Measured::NoAccount => {
            return Err(CommandError::failure(format!("there is no account {}", target.uid)));
        }
        Measured::NotNow => {
            return Err(CommandError::failure(format!("{} {}", target.uid, not_now(&measure))));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn done(measure: &Measure) -> &'static str {
    match measure {
        Measure::Suspend => "is suspended and its sessions have ended",
        Measure::Resume => "can be used again",
        Measure::EndSessions => "has no session and no known browser any more",
    }
}

fn not_now(measure: &Measure) -> &'static str {
    match measure {
        Measure::Suspend => "is suspended already, or gone",
        Measure::Resume => "is not suspended",
        Measure::EndSessions => "is in no state to have sessions",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_that_says_something() {
        assert_eq!(reason(" stolen phone "), Ok("stolen phone".to_owned()));
        for text in ["", "  ", "a\nb", &"x".repeat(LONGEST_REASON + 1)] {
            assert!(reason(text).is_err(), "{text:?}");
        }
    }
}
