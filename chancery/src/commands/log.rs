//! `chancery log new-epoch`: after a restore the log goes on as another history, and never as the old one.

use std::process::ExitCode;

use chancery_domain::log::KnownHead;
use chancery_eventstore::{History, Seen};

use super::restore::{head_text, is_older, known, known_head};
use crate::cli::{print, reason};
use crate::error::CommandError;
use crate::settings::Settings;
use crate::wiring::{self, Opening};

/// What the command line says.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand, Debug)]
enum Action {
    /// Take the log as it stands now for the log from now on, after a restore or the loss of its newest events. Every
    /// session, open link and known browser of the old epoch is void, and every server and worker has to start again.
    NewEpoch(NewEpoch),
}

#[derive(clap::Args, Debug)]
struct NewEpoch {
    /// Why; the audit shows it.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
    /// The newest event of the old history that anybody knows of, as 'chancery backup' and 'chancery check' print it;
    /// without it, the newest that the data folder remembers.
    #[arg(long, value_name = "EPOCH.POSITION.RECORD", value_parser = known_head)]
    last_known_head: Option<KnownHead>,
}

/// Begins the epoch, in `operator`'s name.
///
/// # Errors
/// The log cannot be used, or is in use.
pub async fn run(settings: &Settings, arguments: &Arguments, operator: &str) -> Result<ExitCode, CommandError> {
    let Action::NewEpoch(NewEpoch { reason, last_known_head }) = &arguments.action;
    let seen = History::consult(&settings.data).map_err(|error| CommandError::of(&error))?.seen();
    let last_known = last_known(last_known_head.as_ref(), seen.as_ref())?;
    let app = wiring::operator(settings, Opening::AnyHistory).await?;
    let begun = app.begin_epoch(operator, reason, last_known).await;
    app.store.close().await;
    let unsure = |error| CommandError::failure("no epoch has begun for sure").because(error);
    let epoch = begun.map_err(unsure)?.map_err(|refusal| CommandError::of(&refusal))?;
    print(&format!("the log is in epoch {epoch}: start every server and worker again\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// The newest event of the old history: what the operator says, else what the data folder remembers.
fn last_known(told: Option<&KnownHead>, seen: Option<&Seen>) -> Result<Option<KnownHead>, CommandError> {
    let remembered = seen.map(known);
    match (told, seen) {
        (Some(told), Some(seen)) if is_older(told, &known(seen)) => Err(CommandError::usage(format!(
            "the data folder itself knows a newer event than --last-known-head: {}",
            head_text(seen)
        ))),
        (told, _) => Ok(told.cloned().or(remembered)),
    }
}
