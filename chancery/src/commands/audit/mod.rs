//! `chancery audit`: what an auditor asks of the log. Every command only reads, beside a running server.

mod history;
mod lines;
mod query;
mod replay;
mod state;
mod verify;

use std::process::ExitCode;

use chancery_eventstore::{Backend, BackendError, Head, Position, Store};
use chancery_service::audit::{Bound, Moment, MomentError};
use chancery_service::ports::SystemClock;

use crate::error::CommandError;
use crate::settings::Settings;
use crate::wiring::{self, Credentials, Database, Opening};

pub(super) use verify::verified;

/// What the command line says.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    wish: Wish,
}

#[derive(clap::Subcommand, Debug)]
enum Wish {
    /// Tell what happened to one account: what, when, by whom, because of what.
    History(history::Arguments),
    /// Tell how one account stood at a moment, and which event each part of it stands on.
    State(state::Arguments),
    /// Print every event in order.
    Replay(replay::Arguments),
    /// Count events.
    Query(query::Arguments),
    /// Compute everything anew from the log and compare it with what stands in the tables.
    ///
    /// Ends with 0 if all agrees, 1 if something differs, 3 if something could not be checked.
    Verify(verify::Arguments),
}

/// Answers.
///
/// # Errors
/// One sentence: what was asked cannot be answered, and why.
pub async fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, CommandError> {
    match &arguments.wish {
        Wish::History(arguments) => history::run(settings, arguments).await,
        Wish::State(arguments) => state::run(settings, arguments).await,
        Wish::Replay(arguments) => replay::run(settings, arguments).await,
        Wish::Query(arguments) => query::run(settings, arguments).await,
        Wish::Verify(arguments) => verify::run(settings, arguments).await,
    }
}

pub(super) fn moment(typed: &str) -> Result<Moment, String> {
    typed.parse().map_err(|error: MomentError| error.to_string())
}

fn unread(error: BackendError) -> CommandError {
    CommandError::unchecked("the log cannot be read").because(error)
}

/// The database, to read only.
async fn reading(settings: &Settings) -> Result<Database, CommandError> {
    wiring::database(settings, Opening::Reading).await.map_err(CommandError::as_unchecked)
}

/// The log with its keys, which tell the stream of a uid.
async fn keyed(settings: &Settings) -> Result<(Database, Store, Head), CommandError> {
    let database = reading(settings).await?;
    let store = wiring::store(settings, &database, Opening::Reading, Credentials::Without, &SystemClock).await;
    let store = store.map_err(CommandError::as_unchecked)?;
    let head = store.backend().head().await.map_err(unread)?;
    Ok((database, store, head))
}

/// The last position that a moment includes or leaves out; the head's without one.
async fn until(
    backend: &dyn Backend,
    head: &Head,
    moment: Option<Moment>,
    bound: Bound,
) -> Result<Position, CommandError> {
    let Some(moment) = moment else { return Ok(head.position) };
    moment.last_position(backend, head, bound).await.map_err(|error| match error {
        MomentError::Backend(error) => unread(error),
        error => CommandError::usage(error.to_string()),
    })
}

/// Behind which position events are wanted: the beginning without a moment.
async fn after(backend: &dyn Backend, head: &Head, moment: Option<Moment>) -> Result<Position, CommandError> {
    match moment {
        None => Ok(Position::START),
        Some(moment) => Ok(until(backend, head, Some(moment), Bound::Excluding).await?.max(Position::START)),
    }
}
