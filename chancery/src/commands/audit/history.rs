//! `chancery audit history`: the timeline of one account.

use std::process::ExitCode;

use chancery_domain::values::Uid;
use chancery_eventstore::{BackendError, Head};
use chancery_service::audit::history::stream_of;
use chancery_service::audit::{Bound, Entry, History, Moment};
use chancery_workers::admin::{self, Item};
use serde_json::json;

use super::lines::{self, Lines};
use super::{after, keyed, unread, until};
use crate::error::CommandError;
use crate::settings::Settings;

/// What the command line says.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// The account, such as n7k2m9qx; of one that lapsed, too.
    #[arg(value_parser = |typed: &str| Uid::parse(typed))]
    uid: Uid,
    /// Only events from this position or time on.
    #[arg(long, value_name = "MOMENT", value_parser = super::moment)]
    from: Option<Moment>,
    /// Only events up to this position, or before this time.
    #[arg(long, value_name = "MOMENT", value_parser = super::moment)]
    to: Option<Moment>,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// Why the timeline ended early.
enum Ended {
    Failed(CommandError),
    /// Nobody reads on.
    Unread,
}

impl From<BackendError> for Ended {
    fn from(error: BackendError) -> Self {
        Self::Failed(unread(error))
    }
}

/// Tells the timeline.
pub(super) async fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let (database, store, head) = keyed(settings).await?;
    let backend = &*database.backend;
    let Some(stream) = stream_of(&store, &arguments.uid).await.map_err(unread)? else {
        return Err(no_account(&arguments.uid));
    };
    let range = (
        after(backend, &head, arguments.from).await?,
        until(backend, &head, arguments.to, to_bound(arguments.to)).await?,
    );
    let history = History::of(backend, stream).await.map_err(unread)?;
    let mut lines = Lines::new();
    let told = history
        .each(backend, range, async |entry| {
            let jobs = admin::of_event(&database.db, entry.row.position).await?;
            let goes_on = tell(&mut lines, &head, &entry, &jobs, arguments.json).map_err(Ended::Failed)?;
            if goes_on { Ok(()) } else { Err(Ended::Unread) }
        })
        .await;
    store.close().await;
    // Of a file that somebody began to write in, half of a change may have been read.
    database.was_still()?;
    if let Err(Ended::Failed(error)) = told {
        return Err(error);
    }
    lines.end()?;
    Ok(ExitCode::SUCCESS)
}

/// A time leaves out what was recorded at it, so that ranges meet; a position is included.
pub(super) const fn to_bound(to: Option<Moment>) -> Bound {
    match to {
        Some(Moment::Time(_)) => Bound::Excluding,
        _ => Bound::Including,
    }
}

pub(super) fn no_account(uid: &Uid) -> CommandError {
    CommandError::failure(format!("no account has or had the uid {uid}: look at its spelling"))
}

fn tell(lines: &mut Lines, head: &Head, entry: &Entry, jobs: &[Item], is_json: bool) -> Result<bool, CommandError> {
    let place = |position| lines::position(head, position);
    if is_json {
        let mut object = lines::object(head, &entry.row, &entry.told);
        object.insert("request".to_owned(), json!(place(entry.request.unwrap_or(entry.row.position))));
        let led_to = |(position, event_type): &(_, String)| json!({ "position": place(*position), "type": event_type });
        object.insert("led_to".to_owned(), entry.led_to.iter().map(led_to).collect());
        let waiting = |item: &Item| json!({ "job": item.job, "state": item.state, "next": item.next_at.to_string(), "reason": item.reason });
        object.insert("jobs".to_owned(), jobs.iter().map(waiting).collect());
        return lines.line(&serde_json::Value::Object(object).to_string());
    }
    lines.line(&lines::sentence(head, &entry.row, &entry.told))?;
    let mut goes_on = true;
    if let Some(request) = entry.request.filter(|request| Some(*request) != entry.row.causing) {
        goes_on = lines.line(&format!("        in the request that began with {}", place(request)))?;
    }
    for (position, event_type) in &entry.led_to {
        goes_on = lines.line(&format!("        led to {} ({event_type})", place(*position)))?;
    }
    for Item { job, state, attempts, next_at, reason, .. } in jobs {
        let words = match state.as_str() {
            "dead" => format!("        the job {job} gave up after {attempts} tries: {reason}"),
            _ => format!("        the job {job} will look at it at {next_at}"),
        };
        goes_on = lines.line(&words)?;
    }
    Ok(goes_on)
}
