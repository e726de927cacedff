//! `chancery projections`: how far the read models have come, and to rebuild one.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use chancery_eventstore::verify::Options;
use chancery_eventstore::{BackendError, Db};
use chancery_projections::runner::{Status, statuses};
use chancery_projections::{Projection, Rebuild};
use chancery_service::ports::SystemClock;

use super::audit;
use crate::cli::print;
use crate::error::{CommandError, EXIT_UNCHECKED, one_line};
use crate::settings::Settings;
use crate::wiring::{self, Credentials, Database, Opening};

/// What the command line says.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    wish: Wish,
}

#[derive(clap::Subcommand, Debug)]
enum Wish {
    /// Print each read model: its version, how far it has come, how many rows it has, what it halted on.
    Status,
    /// Build a read model anew beside the live one and switch to it, while everything goes on. One that was killed goes
    /// on where it stood.
    Rebuild {
        /// The read model, as `status` names it.
        name: String,
        /// Only compute it anew in memory and compare it with the live one. Ends as `audit verify` does.
        #[arg(long)]
        verify: bool,
    },
}

/// Prints, rebuilds or compares.
///
/// # Errors
/// There is no such read model, it halts on an event, or the database cannot be used.
pub async fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let opening = match &arguments.wish {
        Wish::Status | Wish::Rebuild { verify: true, .. } => Opening::Reading,
        Wish::Rebuild { verify: false, .. } => Opening::Beside,
    };
    // What only looks says by its exit code that it could not look.
    let failed = |error: CommandError| if opening == Opening::Reading { error.as_unchecked() } else { error };
    let database = wiring::database(settings, opening).await.map_err(failed)?;
    let store =
        wiring::store(settings, &database, opening, Credentials::Without, &SystemClock).await.map_err(failed)?;
    let models = chancery_projections::all(&store, &database.db);
    let done = match &arguments.wish {
        Wish::Status => status(&database, &models).await,
        Wish::Rebuild { name, verify: true } => compare(settings, find(&models, name)?).await,
        Wish::Rebuild { name, verify: false } => rebuild(&database, find(&models, name)?).await,
    };
    store.close().await;
    done
}

fn unread(error: BackendError) -> CommandError {
    CommandError::failure("the read models cannot be read").because(error)
}

fn find<'m>(models: &'m [Arc<dyn Projection>], name: &str) -> Result<&'m Arc<dyn Projection>, CommandError> {
    models.iter().find(|model| model.name() == name).ok_or_else(|| {
        let known: Vec<&str> = models.iter().map(|model| model.name()).collect();
        let known = known.join(", ");
        let known = known.rsplit_once(", ").map_or(known.clone(), |(some, last)| format!("{some} and {last}"));
        CommandError::usage(format!("there is no read model {}: there are {known}", one_line(name)))
    })
}

async fn status(database: &Database, models: &[Arc<dyn Projection>]) -> Result<ExitCode, CommandError> {
    let head = database.backend.head().await.map_err(unread)?;
    let standing = standings(&database.db).await?;
    let mut text =
        format!("{:18}  {:>7}  {:>12}  {:>8}  {:>10}  last error\n", "name", "version", "cursor", "lag", "rows");
    for model in models {
        let name = model.name();
        let version = name.rsplit_once("_v").map_or("-", |(_, version)| version);
        let Some(status) = standing.iter().find(|status| status.name == model.name()) else {
            let _ = writeln!(
                text,
                "{name:18}  {version:>7}  {:>12}  {:>8}  {:>10}  it has not begun",
                "-", head.position, 0
            );
            continue;
        };
        let rows = model.count(status.generation).await.map_err(unread)?;
        let cursor = format!("{}.{}", head.epoch, status.position);
        let lag = head.position.0.saturating_sub(status.position.0).max(0);
        let error = if status.error.is_empty() { "-" } else { &status.error };
        let _ = writeln!(text, "{name:18}  {version:>7}  {cursor:>12}  {lag:>8}  {rows:>10}  {}", one_line(error));
        if let Some(position) = status.building {
            let _ = writeln!(
                text,
                "{:18}  a rebuild stands at {}.{position}: 'rebuild {}' goes on with it",
                "",
                head.epoch,
                model.name()
            );
        }
    }
    database.was_still()?;
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

async fn standings(db: &Db) -> Result<Vec<Status>, CommandError> {
    statuses(db).await.map_err(unread)
}

async fn rebuild(database: &Database, model: &Arc<dyn Projection>) -> Result<ExitCode, CommandError> {
    let rebuild = Rebuild::new(database.db.clone(), Arc::clone(&database.backend), Arc::clone(model));
    let rebuilt = rebuild.run(|_| {}).await.map_err(|error| {
        let sentence =
            format!("{} was not rebuilt, and the live one is as it was; run this again to go on", model.name());
        CommandError::failure(sentence).because(error)
    })?;
    let from = match rebuilt.from.0 {
        0 => String::new(),
        from => format!(" from event {from} on, where an earlier rebuild had ended"),
    };
    print(&format!(
        "{} is rebuilt{from} and live with {} rows up to event {}\n",
        model.name(),
        rebuilt.rows,
        rebuilt.position
    ))?;
    Ok(ExitCode::SUCCESS)
}

async fn compare(settings: &Settings, model: &Arc<dyn Projection>) -> Result<ExitCode, CommandError> {
    let report = audit::verified(settings, Options::default()).await?;
    let name = model.name();
    let mut text = String::new();
    let differences: Vec<_> = report.divergences.iter().filter(|divergence| divergence.table == name).collect();
    for divergence in differences.iter().take(20) {
        let _ = writeln!(text, "DIFFERS  {}.{}  {}", report.head.epoch, divergence.position, divergence.meaning);
    }
    let (words, code) = match (differences.len(), report.divergences.len(), report.unchecked.is_empty()) {
        (0, 0, true) => (format!("{name} is what a rebuild would give\n"), ExitCode::SUCCESS),
        (0, 0, false) => (
            "not everything could be checked: see 'chancery audit verify'\n".to_owned(),
            ExitCode::from(EXIT_UNCHECKED),
        ),
        (0, ..) => (
            format!("{name} is what a rebuild would give, but the log is not sound: see 'chancery audit verify'\n"),
            ExitCode::FAILURE,
        ),
        (count, ..) => {
            (format!("{name} differs from what a rebuild would give in {count} places\n"), ExitCode::FAILURE)
        }
    };
    print(&format!("{text}{words}"))?;
    Ok(code)
}
