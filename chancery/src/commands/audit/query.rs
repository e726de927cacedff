//! `chancery audit query`: how many events of which types on which days.

use std::fmt::Write as _;
use std::process::ExitCode;

use chancery_domain::Timestamp;
use chancery_domain::events::known_types;
use chancery_service::audit::Moment;
use chancery_service::audit::query::{By, Counts, day_beginning, over_log, over_model};
use serde_json::json;

use super::history::to_bound;
use super::{after, lines, reading, unread, until};
use crate::cli::print;
use crate::error::{CommandError, one_line};
use crate::settings::Settings;

/// What the command line says.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// Only events of this type, such as account.signed_in; may be given more than once.
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',', value_parser = event_type)]
    types: Vec<String>,
    /// Only events from this position or time on.
    #[arg(long, value_name = "MOMENT", value_parser = super::moment)]
    from: Option<Moment>,
    /// Only events up to this position, or before this time.
    #[arg(long, value_name = "MOMENT", value_parser = super::moment)]
    to: Option<Moment>,
    /// What to count apart: days, types or both.
    #[arg(long, value_name = "BY", value_delimiter = ',')]
    count_by: Vec<CountBy>,
    /// Count the log itself, or ask the read model that counts it: faster, and over whole days only.
    #[arg(long, value_name = "SOURCE", default_value = "log")]
    over: Source,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum CountBy {
    Day,
    Type,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Source {
    Log,
    Model,
}

fn event_type(typed: &str) -> Result<String, String> {
    if known_types().any(|(known, _)| known == typed) {
        return Ok(typed.to_owned());
    }
    let near = known_types()
        .map(|(known, _)| (strsim::jaro_winkler(known, typed), known))
        .max_by(|one, other| one.0.total_cmp(&other.0));
    let hint = near.map_or_else(String::new, |(_, known)| format!("; did you mean {known}?"));
    Err(format!("no event has the type {}{hint}", one_line(typed)))
}

/// Counts.
pub(super) async fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let database = reading(settings).await?;
    let backend = &*database.backend;
    let head = backend.head().await.map_err(unread)?;
    let by =
        By { day: arguments.count_by.contains(&CountBy::Day), event_type: arguments.count_by.contains(&CountBy::Type) };
    let (counts, position) = match arguments.over {
        Source::Log => {
            let from = after(backend, &head, arguments.from).await?;
            let to = until(backend, &head, arguments.to, to_bound(arguments.to)).await?;
            (over_log(&database.db, &arguments.types, (from, to), by).await.map_err(unread)?, head.position)
        }
        Source::Model => {
            let days = (day(arguments.from, i64::MIN)?, day(arguments.to, i64::MAX)?);
            let counted = over_model(&database.db, &arguments.types, days, by).await.map_err(unread)?;
            let (position, counts) = counted.ok_or_else(|| {
                CommandError::unchecked("the read model event_counts_v1 has not begun: 'chancery serve' moves it")
            })?;
            (counts, position)
        }
    };
    let text = if arguments.json { objects(&counts) } else { table(&counts, by) };
    let behind = head.position.0 - position.0;
    let place = lines::position(&head, position);
    let standing = match behind {
        _ if arguments.json => String::new(),
        0 | i64::MIN..0 => format!("\nup to {place}, the end of the log\n"),
        _ => format!("\nup to {place}: the read model is {behind} events behind the log\n"),
    };
    database.was_still()?;
    print(&format!("{text}{standing}"))?;
    Ok(ExitCode::SUCCESS)
}

/// The day at whose beginning a moment lies.
fn day(moment: Option<Moment>, without: i64) -> Result<i64, CommandError> {
    let whole = match moment {
        None => return Ok(without),
        Some(Moment::Time(time)) => day_beginning(time),
        Some(Moment::At(..)) => None,
    };
    whole.ok_or_else(|| {
        CommandError::usage("the read model counts whole days: give --from and --to as dates, or count --over log")
    })
}

fn date(day: i64) -> String {
    let midnight = Timestamp::from_seconds(day.saturating_mul(86_400)).to_string();
    midnight.split('T').next().unwrap_or_default().to_owned()
}

fn table(counts: &Counts, by: By) -> String {
    let mut text = String::new();
    for ((day, event_type), count) in counts {
        if let Some(day) = day {
            let _ = write!(text, "{}  ", date(*day));
        }
        if let Some(event_type) = event_type {
            let _ = write!(text, "{event_type:34}  ");
        }
        let _ = writeln!(text, "{count:10}");
    }
    if counts.is_empty() {
        text = if by == By::default() { "         0\n".to_owned() } else { "no such event\n".to_owned() };
    }
    text
}

fn objects(counts: &Counts) -> String {
    counts.iter().fold(String::new(), |mut text, ((day, event_type), count)| {
        let mut object = json!({ "count": count });
        if let Some(day) = day {
            object["day"] = json!(date(*day));
        }
        if let Some(event_type) = event_type {
            object["type"] = json!(event_type);
        }
        let _ = writeln!(text, "{object}");
        text
    })
}
