//! `chancery check`: tries everything that the service needs, one line each.

mod delivery;

use std::error::Error as _;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::ExitCode;

use chancery_domain::values::Language;
use chancery_domain::{KeyId, Timestamp};
use chancery_eventstore::backup::newest;
use chancery_eventstore::postgres::StartError;
use chancery_eventstore::{BackendError, Db, Position, Store};
use chancery_projections::runner::{Status, statuses};
use chancery_service::mail::{Letter, MailSettings, Rendered, all_mails};
use chancery_service::ports::{Clock, SystemClock};

use super::restore::head_text;
use crate::cli::print;
use crate::error::CommandError;
use crate::settings::{PublicUrl, Settings};
use crate::wiring::{self, CLOCK_SKEW, Credentials, Database, Opening};

/// Less room than this in the data folder fails.
const LEAST_ROOM: u64 = 256 * 1024 * 1024;
/// A read model that is further behind than this many events lags.
const MOST_BEHIND: i64 = 1000;
const MEBIBYTE: u64 = 1024 * 1024;

/// What was found out about one thing.
enum Found {
    Well(String),
    Wrong(String),
    NotTried(&'static str),
}

/// Tries everything and prints what was found; exit code 1 if anything is wrong. Sends no mail and appends nothing.
///
/// # Errors
/// Standard output cannot be written to.
pub async fn run(settings: &Settings) -> Result<ExitCode, CommandError> {
    let public_url = settings.public_url_on(settings.listen.port());
    let (mut found, mut messages) = (Vec::new(), Found::NotTried("without a database and its keys"));
    match wiring::database(settings, Opening::Beside).await {
        Ok(database) => {
            found.push(("database", Found::Well(database.name.clone())));
            found.push(("role", role(&database)));
            match wiring::store(settings, &database, Opening::Beside, Credentials::With, &SystemClock).await {
                Ok(store) => {
                    found.push(("keys", Found::Well("they are this log's".to_owned())));
                    found.push(("log", log(&store).await));
                    found.push(("ledger", ledger(settings, &database).await));
                    found.push(("models", models(&store, &database.db).await));
                    found.push(("jobs", delivery::jobs(&database.db, SystemClock.now()).await));
                    if settings.nats.is_some() {
                        found.push(("nats", delivery::nats(settings, &database).await));
                    }
                    found.push(("clock", clock(&store, &SystemClock).await));
                    messages = delivery::messages(settings, &public_url, &store, SystemClock.now()).await;
                    store.close().await;
                }
                Err(error) => {
                    found.push(("keys", Found::Wrong(error.line())));
                    found.extend(
                        ["log", "ledger", "models", "jobs", "clock"]
                            .map(|name| (name, Found::NotTried("without keys"))),
                    );
                }
            }
        }
        Err(error) => {
            // The database did answer where its role is what is wrong.
            let role = wrong_role(&error);
            let why = if role.is_some() { "with another role" } else { "without a database" };
            match role {
                Some(role) => found
                    .extend([("database", Found::Well(error.to_string())), ("role", Found::Wrong(role.to_string()))]),
                None => found.extend([("database", Found::Wrong(error.line())), ("role", Found::NotTried(why))]),
            }
            let rest = ["keys", "log", "ledger", "models", "jobs", "clock"];
            found.extend(rest.map(|name| (name, Found::NotTried(why))));
        }
    }
    found.push(("disk", disk(&settings.data)));
    found.push(("mail", mail(settings, &public_url).await));
    found.push(("sms", messages));
    found.push((
        "templates",
        settings.mail_settings(&public_url).map_or_else(wrong, |written_by| templates(&written_by)),
    ));
    found
        .push(("domains", settings.mail_domains().map_or_else(wrong, |_| Found::Well("the lists can be used".into()))));
    found.push(("privacy", privacy(settings)));
    print(&lines(&found))?;
    let fails = found.iter().any(|(_, found)| matches!(found, Found::Wrong(_)));
    Ok(if fails { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn lines(found: &[(&str, Found)]) -> String {
    found.iter().fold(String::new(), |mut text, (name, found)| {
        let (mark, words) = match found {
            Found::Well(words) => ("ok", words.as_str()),
            Found::Wrong(words) => ("FAIL", words.as_str()),
            Found::NotTried(words) => ("-", *words),
        };
        let _ = writeln!(text, "{mark:4}  {name:9}  {}", crate::error::one_line(words));
        text
    })
}

fn wrong(error: impl std::error::Error) -> Found {
    Found::Wrong(error.to_string())
}

/// What is wrong with PostgreSQL's role, if that is why the database was not opened.
fn wrong_role(error: &CommandError) -> Option<&StartError> {
    let error = error.source()?.downcast_ref()?;
    matches!(error, StartError::TooPowerful { .. } | StartError::NotGranted(_)).then_some(error)
}

/// PostgreSQL's role was judged when the connection was made; a file has its mode.
fn role(database: &Database) -> Found {
    let Db::Sqlite(sqlite) = &database.db else {
        return Found::Well("it has the rights of the service and no others".to_owned());
    };
    let path = sqlite.path();
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => {
            Found::Wrong(format!("others can use the database: run 'chmod 600 {}'", path.display()))
        }
        Ok(_) => Found::Well("only its owner can use the database".to_owned()),
        Err(error) => wrong(error),
    }
}

async fn log(store: &Store) -> Found {
    match store.backend().head().await {
        Ok(head) if head.position == Position::START => Found::Well(format!("{}, no events yet", head.log)),
        Ok(head) => match newest(&**store.backend()).await {
            Ok(newest) => {
                Found::Well(format!("{}, epoch {}, newest event {}", head.log, head.epoch, head_text(&newest)))
            }
            Err(error) => Found::Wrong(CommandError::of(&error).line()),
        },
        Err(error) => Found::Wrong(CommandError::of(&error).line()),
    }
}

/// The ledger of destroyed keys: without it a restore brings back what was erased.
async fn ledger(settings: &Settings, database: &Database) -> Found {
    let look = async {
        let ledger = wiring::ledger(settings, &*database.backend).await?;
        let held = ledger.held().map_err(|error| CommandError::of(&error))?;
        let mut lacking = 0;
        let count = async |page: Vec<KeyId>| {
            lacking += page.len();
            Ok::<_, BackendError>(())
        };
        held.lacking(&*database.backend, count).await.map_err(|error| CommandError::of(&error))?;
        Ok::<_, CommandError>((held.ids().len(), lacking, ledger.path().display().to_string()))
    };
    match (look.await, &database.db) {
        (Ok((held, 0, path)), _) => Found::Well(format!("{held} destroyed keys in {path}")),
        (Ok((held, lacking, path)), Db::Postgres(_)) => Found::Well(format!(
            "{held} destroyed keys in {path}; {lacking} that other processes destroyed are in theirs, and come here at the \
             next start"
        )),
        (Ok((_, lacking, path)), Db::Sqlite(_)) => Found::Wrong(format!(
            "{lacking} destroyed keys are not in {path}, and a restore would bring them back: is there room, and may it \
             be written? They are added within seconds, or at the next start"
        )),
        (Err(error), _) => Found::Wrong(error.line()),
    }
}

/// Read models follow the log: one that halted or is far behind shows old sign-ins. Nothing else depends on it.
async fn models(store: &Store, db: &Db) -> Found {
    let (models, head) = match (statuses(db).await, store.backend().head().await) {
        (Ok(models), Ok(head)) => (models, head.position.0),
        (Err(error), _) | (_, Err(error)) => return Found::Wrong(CommandError::of(&error).line()),
    };
    let behind = |model: &Status| head.saturating_sub(model.position.0);
    let words = |model: &Status| match (behind(model), model.error.as_str()) {
        (0, "") => format!("{} is up to date", model.name),
        (behind, "") => format!("{} is {behind} events behind", model.name),
        (behind, error) => format!("{} is {behind} events behind and halts: {error}", model.name),
    };
    let told = models.iter().map(words).collect::<Vec<_>>().join(", ");
    if models.iter().any(|model| !model.error.is_empty() || behind(model) > MOST_BEHIND) {
        Found::Wrong(told)
    } else if models.is_empty() {
        Found::Well("none has begun: 'chancery serve' moves them".to_owned())
    } else {
        Found::Well(told)
    }
}

async fn clock(store: &Store, clock: &dyn Clock) -> Found {
    match wiring::clock_difference(store, clock).await {
        Ok(difference) if difference <= CLOCK_SKEW => {
            Found::Well(format!("within {} ms of the database's", difference.as_millis()))
        }
        Ok(difference) => Found::Wrong(format!(
            "it differs from the database's by {} s: above {} s the service refuses commands",
            difference.as_secs(),
            CLOCK_SKEW.as_secs()
        )),
        Err(error) => Found::Wrong(error.line()),
    }
}

/// Room in the data folder, and the right to write there.
fn disk(folder: &Path) -> Found {
    let room = match rustix::fs::statvfs(folder) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(error) => return Found::Wrong(format!("{}: {error}", folder.display())),
    };
    if let Err(error) = rustix::fs::access(folder, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK) {
        return Found::Wrong(format!("{} cannot be written to: {error}", folder.display()));
    }
    let words = format!("{} MiB free in {}", room / MEBIBYTE, folder.display());
    if room < LEAST_ROOM {
        Found::Wrong(format!("{words}: at least {} MiB are needed", LEAST_ROOM / MEBIBYTE))
    } else {
        Found::Well(words)
    }
}

/// The connection to the mail server, its encryption and the sign-in.
async fn mail(settings: &Settings, public_url: &PublicUrl) -> Found {
    let Some(server) = &settings.smtp else {
        return Found::Well("no mail server: mails are shown at /dev/mail".to_owned());
    };
    let mails = match wiring::mails(settings, public_url) {
        Ok(mails) => mails,
        Err(error) => return Found::Wrong(error.line()),
    };
    match mails.mailer.check().await {
        Ok(()) => Found::Well(format!("{} port {} takes mails from us", server.host, server.port)),
        Err(error) => Found::Wrong(format!("{} port {}: {error}", server.host, server.port)),
    }
}

/// Writes every mail in every language.
fn templates(settings: &MailSettings) -> Found {
    let mails = all_mails();
    for language in Language::ALL {
        for (name, mail) in &mails {
            let letter = Letter { id: b"check", to: "check@example.org", language, mail, date: Timestamp::default() };
            if let Err(error) = Rendered::new(settings, letter) {
                return Found::Wrong(format!("the mail {name} in {} cannot be written: {error}", language.tag()));
            }
        }
    }
    Found::Well(format!("{} mails written in {} languages", mails.len(), Language::ALL.len()))
}

fn privacy(settings: &Settings) -> Found {
    match wiring::privacy_version(settings) {
        Ok(version) => Found::Well(format!("the statement has the version {version}")),
        Err(error) => Found::Wrong(error.line()),
    }
}
