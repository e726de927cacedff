//! `chancery audit state`: an account as it was.

use std::fmt::Write as _;
use std::process::ExitCode;

use chancery_domain::values::Uid;
use chancery_eventstore::{Head, KeyError, ReadError};
use chancery_service::audit::history::stream_of;
use chancery_service::audit::state::{SetBy, parts_at};
use chancery_service::audit::{AccountParts, Bound, Moment};
use serde_json::json;

use super::history::no_account;
use super::{keyed, lines, unread, until};
use crate::cli::print;
use crate::error::CommandError;
use crate::settings::Settings;

/// What the command line says.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// The account, such as n7k2m9qx; of one that lapsed, too.
    #[arg(value_parser = |typed: &str| Uid::parse(typed))]
    uid: Uid,
    /// After the event at this position, or at this time; as it is now without it.
    #[arg(long, value_name = "MOMENT", value_parser = super::moment)]
    at: Option<Moment>,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

/// Tells the state.
pub(super) async fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let (database, store, head) = keyed(settings).await?;
    let Some(stream) = stream_of(&store, &arguments.uid).await.map_err(unread)? else {
        return Err(no_account(&arguments.uid));
    };
    let until = until(&*database.backend, &head, arguments.at, Bound::Including).await?;
    let parts = parts_at(&store, stream, until).await;
    // Of a file that somebody began to write in, half of a change may have been read.
    database.was_still()?;
    let parts = parts.map_err(|error| match error {
        ReadError::Backend(error) => unread(error),
        ReadError::Key(KeyError::NoWrappingKey(_) | KeyError::OtherWrappingKey(_)) => {
            CommandError::unchecked("the state cannot be folded without the log's own master.key").because(error)
        }
        error => CommandError::unchecked("the state cannot be folded: see 'chancery audit verify'").because(error),
    })?;
    store.close().await;
    let Some(parts) = parts else {
        return Err(CommandError::failure(format!(
            "{} did not exist yet at {}",
            arguments.uid,
            lines::position(&head, until)
        )));
    };
    print(&if arguments.json { object(&head, &parts) } else { table(&head, &parts, &arguments.uid) })?;
    Ok(ExitCode::SUCCESS)
}

fn table(head: &Head, parts: &AccountParts, uid: &Uid) -> String {
    let place = |by: &SetBy| format!("{:>8}  {}  {}", lines::position(head, by.position), by.recorded, by.event_type);
    let mut text = format!(
        "{uid} as of {}, {}: {} events\n\n",
        lines::position(head, parts.last.position),
        parts.last.recorded,
        parts.version
    );
    for part in &parts.parts {
        let sealed = if part.is_sealed { ", sealed" } else { "" };
        let set_by = part.set_by.as_ref().map_or_else(|| "       -".to_owned(), place);
        let _ = writeln!(text, "{:11}  {:38}  {set_by}", part.name, format!("{}{sealed}", part.standing));
    }
    text
}

fn object(head: &Head, parts: &AccountParts) -> String {
    let by = |by: &SetBy| {
        json!({
            "position": lines::position(head, by.position),
            "recorded": by.recorded.to_string(),
            "type": by.event_type,
        })
    };
    let part = |part: &chancery_service::audit::PartStanding| {
        json!({
            "part": part.name,
            "standing": part.standing,
            "sealed": part.is_sealed,
            "set_by": part.set_by.as_ref().map(by),
        })
    };
    let value = json!({
        "stream": parts.stream.to_string(),
        "version": parts.version.0,
        "as_of": by(&parts.last),
        "parts": parts.parts.iter().map(part).collect::<Vec<_>>(),
    });
    format!("{value}\n")
}
