//! What can be asked of an application: one command per file, with its decision, its refusals and its tests.

mod add_secret;
mod change_scopes;
#[cfg(test)]
pub(crate) mod decisions;
mod disable;
mod enable;
mod invite_person;
mod register;
mod repeat_invitation;
mod retire_secret;
#[cfg(test)]
pub(super) mod testing;

pub use add_secret::AddSecret;
pub use change_scopes::ChangeScopes;
pub use disable::Disable;
pub use enable::Enable;
pub use invite_person::InvitePerson;
pub use register::RegisterApplication;
pub use repeat_invitation::RepeatInvitation;
pub use retire_secret::RetireSecret;

/// Why an application's command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The application is not in a state in which this can be asked.
    #[error("the application is not in a state in which this can be asked")]
    NotNow,
    /// The application may not ask for this, or not any more.
    #[error("the application may not ask for this")]
    NotAllowed,
}

/// The shape of a command of an application.
macro_rules! command_shape {
    ($($shape:tt)+) => {
        crate::aggregate::command_shape!(crate::application::Application, $($shape)+);
    };
}
pub(super) use command_shape;

/// The decision of an application's command.
pub type ApplicationDecision<O, R> = crate::aggregate::Decision<super::ApplicationEvent, O, R>;
