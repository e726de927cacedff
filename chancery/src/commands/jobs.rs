//! `chancery jobs`: what waits, what is dead and why, and to try that again.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use chancery_domain::Timestamp;
use chancery_eventstore::{BackendError, Db};
use chancery_service::ports::{Clock, SystemClock};
use chancery_workers::admin::{self, Item, JobCount};

use crate::cli::print;
use crate::error::{CommandError, one_line};
use crate::settings::Settings;
use crate::wiring::{self, Opening};

/// Dead items that are listed; more are only counted.
const LISTED: u32 = 100;

/// What the command line says.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    wish: Option<Wish>,
}

#[derive(clap::Subcommand, Debug)]
enum Wish {
    /// Print one item.
    Show {
        /// The item, as the list names it.
        id: String,
    },
    /// Try dead items again, from now on.
    Requeue(Requeue),
}

#[derive(clap::Args, Debug)]
#[group(required = true, multiple = false)]
struct Requeue {
    /// The item, as the list names it.
    id: Option<String>,
    /// Every dead item.
    #[arg(long)]
    all_dead: bool,
}

/// Lists, shows or requeues.
///
/// # Errors
/// There is no such item, or the database cannot be used.
pub async fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let db = wiring::database(settings, Opening::Beside).await?.db;
    let now = SystemClock.now();
    let text = match &arguments.wish {
        None => list(&db, now).await?,
        Some(Wish::Show { id }) => match admin::show(&db, id).await.map_err(unanswered)? {
            Some(item) => details(&item),
            None => return Err(CommandError::failure(format!("there is no item {}: it may be done", one_line(id)))),
        },
        Some(Wish::Requeue(Requeue { id: Some(id), .. })) => {
            if !admin::requeue(&db, id, now).await.map_err(unanswered)? {
                return Err(CommandError::failure(format!("there is no dead item {}", one_line(id))));
            }
            format!("{id} is tried again\n")
        }
        Some(Wish::Requeue(_)) => {
            format!("dead items that are tried again: {}\n", admin::requeue_all(&db, now).await.map_err(unanswered)?)
        }
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn unanswered(error: BackendError) -> CommandError {
    CommandError::failure("the jobs cannot be read").because(error)
}

async fn list(db: &Db, now: Timestamp) -> Result<String, CommandError> {
    let counts = admin::counts(db).await.map_err(unanswered)?;
    if counts.is_empty() {
        return Ok("nothing waits and nothing is dead\n".to_owned());
    }
    let mut text = format!("{:20}  {:7}  {:>7}  oldest\n", "job", "state", "items");
    for JobCount { job, state, count, oldest } in &counts {
        let _ = writeln!(text, "{job:20}  {state:7}  {count:7}  {}", age(*oldest, now));
    }
    let dead = admin::dead(db, LISTED).await.map_err(unanswered)?;
    if !dead.is_empty() {
        let _ = writeln!(text, "\nDead; 'chancery jobs requeue' tries them again:");
    }
    for item in dead {
        let (id, job, reason, age) = (&item.id, &item.job, &item.reason, age(item.created, now));
        let _ =
            writeln!(text, "{id}  {job}  event {}  tried {} times  {age}  {reason}", item.position.0, item.attempts);
    }
    Ok(text)
}

fn details(item: &Item) -> String {
    let Item { id, job, position, state, attempts, next_at, reason, created } = item;
    let reason = if reason.is_empty() { "-" } else { reason };
    let next = if state == "dead" { "never, unless requeued".to_owned() } else { next_at.to_string() };
    format!(
        "item     {id}\njob      {job}\nevent    {}\nstate    {state}\ncreated  {created}\ntried    {attempts} times\n\
         next     {next}\nreason   {reason}\n",
        position.0
    )
}

/// How long ago, in its two largest units.
fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.since(then).as_secs();
    // Nobody needs the seconds of a day.
    let unit = match seconds {
        86_400.. => 3600,
        3600.. => 60,
        _ => 1,
    };
    humantime::format_duration(Duration::from_secs(seconds / unit * unit)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_as_exact_as_it_is_young() {
        let age = |seconds: i64| age(Timestamp::from_seconds(10), Timestamp::from_seconds(10 + seconds));
        assert_eq!([0, 65, 3_725, 180_725_i64].map(age), ["0s", "1m 5s", "1h 2m", "2days 2h"]);
        assert_eq!(super::age(Timestamp::from_seconds(10), Timestamp::from_seconds(5)), "0s");
    }
}
