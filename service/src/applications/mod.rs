//! What relying applications may ask, and what operators do with them: one use case per file.

pub mod at_least;
pub mod authenticate;
pub mod carry_out;
pub mod changes;
pub mod disable;
pub mod invitation;
pub mod invite;
pub mod list;
pub mod read_account;
pub mod register;
pub mod resend;
pub mod secrets;
pub mod set_scopes;
pub mod settle;

use chancery_domain::application::Application;
use chancery_domain::application::commands::Refusal;
use chancery_domain::{Command, StreamId};
use chancery_eventstore::{Loaded, NewKey, Position};

use crate::app::{App, Failure};
use crate::run::{Attempt, Origin, TRIES};

/// An application as it stood when it was read.
pub type LoadedApplication = Loaded<Application>;

/// What became of an operator's command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Administered {
    /// It is in force.
    Done,
    /// There is no such application.
    NoApplication,
    /// The application is not in a state in which this can be done.
    NotNow,
}

impl App {
    /// Gives a command to an application, again for as long as the application moves on meanwhile. Tells where it stands
    /// in the log, if it led to anything.
    pub(crate) async fn on_application<C: Command<Aggregate = Application>>(
        &self,
        stream: StreamId,
        command: &C,
        new_keys: &[NewKey],
        origin: &Origin,
    ) -> Result<Option<(Result<C::Outcome, C::Refusal>, Option<Position>)>, Failure> {
        for _ in 0..TRIES {
            let Some(application) = self.store.load::<Application>(stream).await? else { return Ok(None) };
            let policy = self.policy().await?;
            let attempt = self.attempt(&application, command, &policy, new_keys.to_vec(), origin).await?;
            if let Attempt::Decided { outcome, position, .. } = attempt {
                return Ok(Some((outcome, position)));
            }
        }
        Err(Failure::BUSY)
    }

    /// Gives an operator's command to the application of this name.
    pub(crate) async fn administer_application<C>(
        &self,
        name: &chancery_domain::application::ApplicationName,
        command: &C,
        origin: &Origin,
    ) -> Result<Administered, Failure>
    where
        C: Command<Aggregate = Application, Refusal = Refusal>,
    {
        let claim = chancery_domain::application::name_claim(name);
        let Some(application) = self.store.find::<Application>(&claim).await? else {
            return Ok(Administered::NoApplication);
        };
        Ok(match self.on_application(application.stream, command, &[], origin).await? {
            None => Administered::NoApplication,
            Some((Ok(_), _)) => Administered::Done,
            Some((Err(Refusal::NotNow | Refusal::NotAllowed), _)) => Administered::NotNow,
        })
    }
}
