//! `chancery audit verify`: whether the tables say what the log says.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use chancery_eventstore::Wrapper;
use chancery_eventstore::verify::{Divergence, Options, Report};
use chancery_service::audit;
use chancery_service::ports::{Clock, SystemClock};
use serde_json::json;

use super::{lines, reading};
use crate::cli::print;
use crate::error::{CommandError, EXIT_UNCHECKED};
use crate::settings::Settings;
use crate::wiring;

/// Divergences that are printed; more are only counted.
const PRINTED: usize = 20;

/// What the command line says.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// Streams that are held in memory at once, one to three KiB each; the log is read once for each such part.
    #[arg(long, value_name = "NUMBER", default_value_t = Options::default().streams, value_parser = clap::value_parser!(u64).range(1..))]
    streams_in_memory: u64,
}

/// Verifies and tells.
pub(super) async fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let options = Options { streams: arguments.streams_in_memory, ..Options::default() };
    let report = verified(settings, options).await?;
    print(&if arguments.json { object(&report) } else { text(&report) })?;
    Ok(exit_code(&report))
}

/// A difference is one, whatever else could not be checked.
pub(in crate::commands) fn exit_code(report: &Report) -> ExitCode {
    match (report.divergences.is_empty(), report.unchecked.is_empty()) {
        (false, _) => ExitCode::FAILURE,
        (true, false) => ExitCode::from(EXIT_UNCHECKED),
        (true, true) => ExitCode::SUCCESS,
    }
}

/// The report over the settings' database.
pub(in crate::commands) async fn verified(settings: &Settings, options: Options) -> Result<Report, CommandError> {
    let database = reading(settings).await?;
    let keys = wiring::audit_keys(settings).map_err(CommandError::as_unchecked)?;
    let wrapper = keys.map(|keys| Arc::new(keys) as Arc<dyn Wrapper>);
    let report = audit::verify(&database.db, &database.backend, wrapper, SystemClock.now(), options).await;
    database.was_still()?;
    report.map_err(|error| CommandError::unchecked("the log could not be verified").because(error))
}

fn text(report: &Report) -> String {
    let head = &report.head;
    let mut text = format!(
        "{} events of {} streams up to {}, recorded until {}\n",
        report.events,
        report.streams,
        lines::position(head, head.position),
        head.recorded
    );
    if report.erased > 0 {
        let _ =
            writeln!(text, "erased streams: {}, whose facts stand and no longer say anything of people", report.erased);
    }
    if report.of_earlier_fold > 0 {
        let _ = writeln!(
            text,
            "{} states are of an earlier build, which are folded anew when needed",
            report.of_earlier_fold
        );
    }
    for Divergence { position, table, meaning } in report.divergences.iter().take(PRINTED) {
        let _ = writeln!(text, "DIFFERS  {:>8}  {table}: {meaning}", lines::position(head, *position));
    }
    let more = report.more + report.divergences.len().saturating_sub(PRINTED) as u64;
    if more > 0 {
        let _ = writeln!(text, "and {more} more differences; the first one often leads to the others");
    }
    for (reason, count) in &report.unchecked {
        let _ = writeln!(text, "NOT CHECKED  {reason} ({count} times)");
    }
    if report.divergences.is_empty() && report.unchecked.is_empty() {
        text.push_str("everything that follows from the log is as the log says\n");
    }
    text
}

fn object(report: &Report) -> String {
    let head = &report.head;
    let divergence = |divergence: &Divergence| {
        json!({
            "position": lines::position(head, divergence.position),
            "table": divergence.table,
            "meaning": divergence.meaning,
        })
    };
    let value = json!({
        "position": lines::position(head, head.position),
        "recorded": head.recorded.to_string(),
        "events": report.events,
        "streams": report.streams,
        "erased_streams": report.erased,
        "states_of_earlier_fold": report.of_earlier_fold,
        "divergences": report.divergences.iter().map(divergence).collect::<Vec<_>>(),
        "more_divergences": report.more,
        "unchecked": report.unchecked,
    });
    format!("{value}\n")
}
