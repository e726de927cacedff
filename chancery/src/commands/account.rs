//! `chancery account suspend|resume|end-sessions|reset-factors|resume-factors`: for the day an account is stolen, or a device lost.

use std::process::ExitCode;

use chancery_domain::values::Uid;
use chancery_service::accounts::administer::{Measure, Measured};

use crate::cli::{print, reason};
use crate::error::CommandError;
use crate::settings::Settings;
use crate::wiring::{self, Opening};

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
    /// Remove all second factors and recovery codes of a person who has lost them.
    ResetFactors(Target),
    /// Let the suspended second factors of a person count again who has found them.
    ResumeFactors(Target),
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

/// Appends the measure to the log, in `operator`'s name.
///
/// # Errors
/// There is no such account, it is not in a state for this, or the log cannot be used.
pub async fn run(settings: &Settings, arguments: &Arguments, operator: &str) -> Result<ExitCode, CommandError> {
    let (target, measure) = match &arguments.measure {
        MeasureArguments::Suspend(target) => (target, Measure::Suspend),
        MeasureArguments::Resume(target) => (target, Measure::Resume),
        MeasureArguments::EndSessions(target) => (target, Measure::EndSessions),
        MeasureArguments::ResetFactors(target) => (target, Measure::ResetFactors),
        MeasureArguments::ResumeFactors(target) => (target, Measure::ResumeFactors),
    };
    let app = wiring::operator(settings, Opening::Beside).await?;
    let outcome = app.administer(operator, &target.uid, &measure, &target.reason).await;
    app.store.close().await;
    match outcome.map_err(|error| CommandError::failure("nothing was changed for sure").because(error))? {
        Measured::Done => print(&format!("{} {}, in force at once\n", target.uid, done(&measure)))?,
        Measured::NoAccount => {
            return Err(CommandError::failure(format!("there is no account {}", target.uid)));
        }
        Measured::TooMany(reached) => {
            return Err(CommandError::failure(format!(
                "as many accounts lost their second factors within the hour as limit-factor-resets allows: go on after {}",
                reached.until
            )));
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
        Measure::ResetFactors => "has no second factor any more, and its sessions have ended",
        Measure::ResumeFactors => "can use its second factors again",
    }
}

fn not_now(measure: &Measure) -> &'static str {
    match measure {
        Measure::Suspend => "is suspended already, or gone",
        Measure::Resume => "is not suspended",
        Measure::EndSessions => "is in no state to have sessions",
        Measure::ResetFactors => "has no second factor",
        Measure::ResumeFactors => "has no second factor that its owner suspended as lost",
    }
}
