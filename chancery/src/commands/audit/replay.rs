//! `chancery audit replay`: every event in order, in constant memory.

use std::process::ExitCode;

use chancery_eventstore::Position;
use chancery_service::audit::{Bound, Moment, Told};

use super::lines::{self, Lines};
use super::{reading, unread, until};
use crate::error::CommandError;
use crate::settings::Settings;

/// Events that are read at once.
const RANGE: u32 = 2_000;

/// What the command line says.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// Only events up to this position, or recorded until this time.
    #[arg(long, value_name = "MOMENT", value_parser = super::moment)]
    until: Option<Moment>,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// Prints the log.
pub(super) async fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let database = reading(settings).await?;
    let backend = &*database.backend;
    let head = backend.head().await.map_err(unread)?;
    let until = until(backend, &head, arguments.until, Bound::Including).await?;
    let mut lines = Lines::new();
    let mut after = Position::START;
    while after < until {
        let limit = u32::try_from(until.0 - after.0).map_or(RANGE, |left| left.min(RANGE));
        let (before, mut written) = (after, Ok(true));
        backend
            .scan(before, limit, &mut |row| {
                after = row.position;
                if !matches!(written, Ok(true)) {
                    return;
                }
                let told = Told::of(&row);
                let line = if arguments.json {
                    serde_json::Value::Object(lines::object(&head, &row, &told)).to_string()
                } else {
                    format!("{}  {}", row.stream, lines::sentence(&head, &row, &told))
                };
                written = lines.line(&line);
            })
            .await
            .map_err(unread)?;
        if !written? {
            break;
        }
        if after == before {
            return Err(CommandError::unchecked(format!(
                "the log has a gap behind {}: see 'chancery audit verify'",
                lines::position(&head, after)
            )));
        }
    }
    lines.end()?;
    database.was_still()?;
    Ok(ExitCode::SUCCESS)
}
