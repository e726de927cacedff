//! `chancery application …`: which programs may ask this service, and for what.

use std::fmt::Write as _;
use std::process::ExitCode;

use chancery_domain::application::{ApplicationName, Scope};
use chancery_service::App;
use chancery_service::applications::{Administered, LoadedApplication};
use uuid::Uuid;

use crate::cli::{print, reason};
use crate::error::CommandError;
use crate::settings::Settings;
use crate::wiring::{self, Opening};

/// What the command line says.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    measure: Measure,
}

#[derive(clap::Subcommand, Debug)]
enum Measure {
    /// Let a program ask for something; prints its secret once.
    Register(Register),
    /// List all applications.
    List,
    /// Print a new secret; the one before stays valid until it is retired.
    RotateSecret(Named),
    /// End the time in which two secrets are valid: only the newest stays.
    RetireSecret(Named),
    /// Narrow or widen what an application may ask for, at once and on every node.
    SetScopes(SetScopes),
    /// Stop all use of an application, at once and on every node.
    Disable(Reasoned),
    /// Let a disabled application go on.
    Enable(Reasoned),
}

#[derive(clap::Args, Debug)]
struct Named {
    /// The application's name.
    name: ApplicationName,
}

#[derive(clap::Args, Debug)]
struct Register {
    /// What it is called: one line of 1 to 64 characters, no other application's.
    #[arg(long)]
    name: ApplicationName,
    /// What it may ask for: accounts:read, accounts:invite.
    #[arg(long, value_name = "SCOPE,…", value_delimiter = ',', required = true)]
    scope: Vec<Scope>,
}

#[derive(clap::Args, Debug)]
struct SetScopes {
    /// The application's name.
    name: ApplicationName,
    /// All that it may ask for from now on: accounts:read, accounts:invite.
    #[arg(long, value_name = "SCOPE,…", value_delimiter = ',', required = true)]
    scope: Vec<Scope>,
}

#[derive(clap::Args, Debug)]
struct Reasoned {
    /// The application's name.
    name: ApplicationName,
    /// Why; the audit shows it.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
}

/// Carries the command out, in `operator`'s name.
///
/// # Errors
/// There is no such application, it is not in a state for this, or the log cannot be used.
pub async fn run(settings: &Settings, arguments: &Arguments, operator: &str) -> Result<ExitCode, CommandError> {
    let app = wiring::operator(settings, Opening::Beside).await?;
    let outcome = carry_out(&app, &arguments.measure, operator).await;
    app.store.close().await;
    print(&outcome?)?;
    Ok(ExitCode::SUCCESS)
}

fn failed(failure: chancery_service::Failure) -> CommandError {
    CommandError::failure("nothing was changed for sure").because(failure)
}

async fn carry_out(app: &App, measure: &Measure, operator: &str) -> Result<String, CommandError> {
    match measure {
        Measure::Register(Register { name, scope }) => {
            let (id, secret) = match app.register_application(operator, name, scope).await.map_err(failed)? {
                Ok(registered) => registered,
                Err(_) => {
                    return Err(CommandError::failure(format!("there is an application '{name}' already")));
                }
            };
            let id = Uuid::from(id);
            Ok(format!("{name} ({id}) is registered. Its secret, which is not shown again:\n{}\n", &*secret.expose()))
        }
        Measure::List => {
            let applications = app.applications().await;
            Ok(list(
                &applications
                    .map_err(|error| CommandError::failure("the applications cannot be read").because(error))?,
            ))
        }
        Measure::RotateSecret(Named { name }) => {
            match app.rotate_application_secret(operator, name).await.map_err(failed)? {
                Ok(secret) => Ok(format!(
                    "The new secret of {name}, which is not shown again:\n{}\nThe one before stays valid until \
                     'chancery application retire-secret'\n",
                    &*secret.expose()
                )),
                Err(administered) => in_force(name, administered, "", "cannot have another secret"),
            }
        }
        Measure::RetireSecret(Named { name }) => {
            let done = app.retire_application_secret(operator, name).await.map_err(failed)?;
            in_force(name, done, "has one valid secret, the newest", "has no second secret")
        }
        Measure::SetScopes(SetScopes { name, scope }) => {
            let done = app.set_application_scopes(operator, name, scope).await.map_err(failed)?;
            let scopes = scope.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            in_force(name, done, &format!("may ask for {scopes}"), "cannot be given scopes")
        }
        Measure::Disable(Reasoned { name, reason }) => {
            let done = app.disable_application(operator, name, reason).await.map_err(failed)?;
            in_force(name, done, "is disabled, and what it held open is cut", "is disabled already")
        }
        Measure::Enable(Reasoned { name, reason }) => {
            let done = app.enable_application(operator, name, reason).await.map_err(failed)?;
            in_force(name, done, "can be used again", "is not disabled")
        }
    }
}

fn in_force(
    name: &ApplicationName,
    administered: Administered,
    done: &str,
    not_now: &str,
) -> Result<String, CommandError> {
    match administered {
        Administered::Done => Ok(format!("{name} {done}, in force at once\n")),
        Administered::NotNow => Err(CommandError::failure(format!("{name} {not_now}"))),
        Administered::NoApplication => {
            Err(CommandError::failure(format!("there is no application '{name}': see 'chancery application list'")))
        }
    }
}

fn list(applications: &[LoadedApplication]) -> String {
    if applications.is_empty() {
        return "no application is registered\n".to_owned();
    }
    let mut text = format!("{:24}  {:8}  {:7}  {:30}  id\n", "name", "state", "secrets", "scopes");
    for application in applications {
        let state = &application.state;
        let name = state.name.as_ref().map_or("", ApplicationName::as_str);
        let standing = if state.disabled { "disabled" } else { "enabled" };
        let scopes = state.scopes.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let (secrets, id) = (state.secrets.len(), Uuid::from(application.stream));
        let _ = writeln!(text, "{name:24}  {standing:8}  {secrets:7}  {scopes:30}  {id}");
    }
    text
}
