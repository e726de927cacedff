//! `chancery migrate`: brings the database's tables and roles up to date.

use std::fmt::Write as _;
use std::process::ExitCode;

use chancery_eventstore::{PendingMigration, PostgresMigrator};

use crate::cli::print;
use crate::error::CommandError;
use crate::settings::Settings;
use crate::wiring::{self, Opening};

/// What the command line says.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Print what would be run, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Migrates PostgreSQL as the tables' owner. A SQLite file is brought up to date whenever it is opened.
///
/// # Errors
/// No owner is named, the database cannot be reached, or a migration fails; then nothing of that one remains.
pub async fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let Some(service) = settings.postgres()? else {
        if arguments.dry_run {
            print(&planned(wiring::pending(settings).await?))?;
        } else {
            let database = wiring::database(settings, Opening::Beside).await?;
            print(&format!("{} is up to date\n", database.name))?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    let owner = settings.postgres_owner()?.ok_or_else(|| {
        CommandError::usage(
            "migrating needs the owner of the database, which the service must not be: set owner-url-file to a file \
             with a URL such as postgres://owner:password@db.example.org/chancery",
        )
    })?;
    let login = service.connection.get_username().to_owned();
    if login == owner.get_username() {
        return Err(CommandError::usage(format!(
            "database and owner-url-file both name the role {login}: the service needs a role of its own, which cannot \
             rewrite the log"
        )));
    }
    let migrator = PostgresMigrator::new(owner, Some(login));
    let plan = migrator.plan().await.map_err(|error| CommandError::failure("cannot migrate").because(error))?;
    let mut text = String::new();
    if arguments.dry_run {
        text = planned(plan);
    } else {
        migrator.up().await.map_err(|error| CommandError::failure("cannot migrate").because(error))?;
        for step in plan {
            let _ = writeln!(text, "{}: done", step.name);
        }
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The statements that would be run, each under its file's name and the oldest build that may run on what it makes.
fn planned(steps: Vec<PendingMigration>) -> String {
    let mut text = String::new();
    for step in steps {
        let _ = writeln!(text, "-- {}", step.name);
        if let Some(oldest) = step.oldest_build {
            let _ = writeln!(text, "-- oldest build that may run on it: {oldest}");
        }
        let _ = writeln!(text, "{}\n", step.sql.trim_end());
    }
    text
}
