//! `chancery restore`: puts the log back from a backup. Whatever was erased since is erased again before anything starts,
//! and the log goes on in a new epoch.

mod files;

use std::path::PathBuf;
use std::process::ExitCode;

use chancery_domain::log::KnownHead;
use chancery_eventstore::History;
use chancery_eventstore::Seen;
use chancery_eventstore::backup::{Kind, Manifest, new_folder};
use chancery_eventstore::keys::{Destroyed, LedgerError};
use chancery_service::restore::{Restore, Restored};
use data_encoding::HEXLOWER;

use crate::cli::{print, reason};
use crate::error::CommandError;
use crate::settings::Settings;
use crate::wiring::{self, Opening};

/// What the command line says.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// The folder of the backup. A SQLite database is put back from it into the data folder, which must have none; a
    /// PostgreSQL database must have been put back by PostgreSQL's tools before.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Why; the audit shows it.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
    /// Folder with the key files, where they are not in their places already.
    #[arg(long, value_name = "DIR")]
    keys_from: Option<PathBuf>,
    /// The newest event that anybody knows of, as 'chancery backup' and 'chancery check' print it; without it, the
    /// newest that the data folder remembers.
    #[arg(long, value_name = "EPOCH.POSITION.RECORD", value_parser = known_head)]
    last_known_head: Option<KnownHead>,
    /// A ledger of destroyed keys; one for each machine that had one. Without it, the one that the settings name.
    #[arg(long, value_name = "FILE")]
    ledger: Vec<PathBuf>,
    /// Go on without a ledger, or with ledgers that lack keys: what was erased since the backup may come back, and the log
    /// says so for ever.
    #[arg(long)]
    no_ledger: bool,
}

/// Puts the log back, in `operator`'s name.
///
/// # Errors
/// One sentence: what is in the way. After a failure or a kill it can be run again.
pub async fn run(settings: &Settings, arguments: &Arguments, operator: &str) -> Result<ExitCode, CommandError> {
    let manifest = Manifest::read(&arguments.folder).map_err(|error| CommandError::of(&error))?;
    let kind = if settings.database.is_some() { Kind::Postgresql } else { Kind::Sqlite };
    if manifest.database != kind {
        return Err(CommandError::usage(match kind {
            Kind::Sqlite => "this is a backup of PostgreSQL: name the database with --database",
            Kind::Postgresql => "this is a backup of SQLite: leave database unset",
        }));
    }
    let destroyed = destroyed(settings, arguments, &manifest)?;
    let newest = manifest.newest();
    let last_known = last_known(settings, arguments, &newest)?;
    let restore = Restore {
        administrator: operator,
        reason: &arguments.reason,
        backup: &newest,
        destroyed: &destroyed,
        go_on_without: arguments.no_ledger,
        last_known: &last_known,
    };
    let restored = match kind {
        Kind::Sqlite => {
            let place = files::Place::take(settings)?;
            place.fill(settings, &arguments.folder, &manifest, arguments.keys_from.as_deref())?;
            let restored = take(settings, Some(place.folder()), restore).await?;
            place.settle(settings)?;
            restored
        }
        Kind::Postgresql => {
            // A PostgreSQL database's processes keep what they have seen, and their keys, there.
            new_folder(&settings.data).map_err(|error| CommandError::of(&error))?;
            files::put_keys(settings, arguments.keys_from.as_deref())?;
            take(settings, None, restore).await?
        }
    };
    print(&told(&restored, &newest, arguments.no_ledger))?;
    Ok(ExitCode::SUCCESS)
}

/// Does in the database what follows on its being put back.
async fn take(
    settings: &Settings,
    folder: Option<&std::path::Path>,
    restore: Restore<'_>,
) -> Result<Restored, CommandError> {
    let app = wiring::operator_in(settings, Opening::AnyHistory, folder).await?;
    let ledger = wiring::ledger(settings, &**app.store.backend()).await?;
    ledger.take_over(restore.destroyed).map_err(|error| CommandError::of(&error))?;
    let restored = app.restore(restore).await;
    app.store.close().await;
    let unsure = |error| CommandError::failure("the log is not restored for sure: run it again").because(error);
    restored.map_err(unsure)?.map_err(|refusal| CommandError::of(&refusal))
}

/// All that the ledgers hold.
fn destroyed(settings: &Settings, arguments: &Arguments, manifest: &Manifest) -> Result<Destroyed, CommandError> {
    let own = settings.destroyed_keys_path();
    let mut paths = arguments.ledger.clone();
    if paths.is_empty() && own.exists() {
        paths.push(own.clone());
    }
    if paths.is_empty() && !arguments.no_ledger {
        return Err(CommandError::usage(format!(
            "there is no ledger of destroyed keys at {}: name the one of each machine with --ledger, so that what was \
             erased since the backup is erased again; --no-ledger goes on without",
            own.display()
        )));
    }
    paths.iter().try_fold(Destroyed::none(manifest.log), |all, path| {
        let held = Destroyed::read(path).map_err(|error| CommandError::of(&error))?;
        if held.log != manifest.log {
            let other = LedgerError::OtherLog { path: path.clone(), own: manifest.log, found: held.log };
            return Err(CommandError::of(&other));
        }
        Ok(all.and(held))
    })
}

/// The newest event of the old history: what the operator says, else what the data folder remembers; the backup's own
/// where that is newer.
fn last_known(settings: &Settings, arguments: &Arguments, backup: &Seen) -> Result<KnownHead, CommandError> {
    let own = known(backup);
    if let Some(head) = &arguments.last_known_head {
        if is_older(head, &own) {
            return Err(CommandError::usage(format!(
                "the backup itself knows a newer event than --last-known-head: {}",
                head_text(backup)
            )));
        }
        return Ok(head.clone());
    }
    let seen = History::consult(&settings.data).map_err(|error| CommandError::of(&error))?.seen();
    let seen = seen.filter(|seen| seen.log == backup.log).as_ref().map(known);
    Ok(seen.filter(|seen| !is_older(seen, &own)).unwrap_or(own))
}

/// Whether an event comes before another, whatever history they are of.
pub(super) fn is_older(head: &KnownHead, than: &KnownHead) -> bool {
    (head.epoch, head.position) < (than.epoch, than.position)
}

/// An event that was seen, as the log's own events name it.
pub(super) fn known(seen: &Seen) -> KnownHead {
    KnownHead { epoch: seen.epoch, position: seen.position.0, record: seen.record }
}

/// An event as `--last-known-head` takes it.
pub(super) fn head_text(seen: &Seen) -> String {
    format!("{}.{}.{}", seen.epoch, seen.position, HEXLOWER.encode(&seen.record))
}

/// The same, read.
pub(super) fn known_head(typed: &str) -> Result<KnownHead, String> {
    let parse = || {
        let mut parts = typed.split('.');
        let (epoch, position) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let record = HEXLOWER.decode(parts.next()?.as_bytes()).ok()?.try_into().ok()?;
        let head = KnownHead { epoch, position, record };
        (parts.next().is_none() && head.epoch > 0 && head.position > 0).then_some(head)
    };
    parse().ok_or_else(|| "it must be an event as 'chancery backup' prints it, such as 1.1234.5f0c…".to_owned())
}

fn told(restored: &Restored, backup: &Seen, no_ledger: bool) -> String {
    let Restored { epoch, keys, lacking } = restored;
    let destroyed = match (no_ledger, lacking) {
        (false, _) => format!("keys destroyed again that had been destroyed since: {keys}"),
        (true, 0) => format!("keys destroyed again: {keys}; without a ledger nobody knows whether that is all"),
        (true, lacking) => {
            format!(
                "keys destroyed again: {keys}; the ledgers lack {lacking} of the backup's time, and who knows what since"
            )
        }
    };
    format!(
        "the log is as the backup has it, up to position {}.{}\n{destroyed}\nthe log is in epoch {epoch}: start every \
         server and worker; people sign in again\n",
        backup.epoch, backup.position
    )
}

#[cfg(test)]
mod tests {
    use chancery_eventstore::Position;

    use super::*;

    #[test]
    fn a_head_is_taken_as_it_is_printed() {
        let seen = Seen { log: uuid::Uuid::nil(), epoch: 2, position: Position(7), record: [0xab; 32] };
        assert_eq!(known_head(&head_text(&seen)), Ok(known(&seen)));
        let whole = head_text(&seen);
        let wrong =
            ["", "2.7", &whole[..whole.len() - 1], &format!("{whole}.1"), &whole.replace("2.", "0."), "2.-7.ab"];
        for wrong in wrong {
            assert!(known_head(wrong).is_err(), "{wrong}");
        }
    }
}
