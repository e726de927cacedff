//! What can be asked of an account: one command per file, with its decision, its refusals and its tests.

mod change_mail_language;
mod change_password;
mod complete_registration;
mod complete_reset;
mod end_sessions;
mod expire_links;
mod lapse_registration;
mod parts;
mod record_link_sent;
mod record_mail_refused;
mod record_sign_in_failures;
mod request_password_reset;
mod request_registration;
mod resume;
mod sign_in;
mod sign_out;
mod suspend;
#[cfg(test)]
mod testing;

pub use change_mail_language::ChangeMailLanguage;
pub use change_password::{ChangePassword, ChangePasswordRefusal};
pub use complete_registration::{CompleteRegistration, CompleteRegistrationRefusal};
pub use complete_reset::{CompleteReset, CompleteResetRefusal};
pub use end_sessions::{EndSessions, Which};
pub use expire_links::ExpireLinks;
pub use lapse_registration::{LapseRefusal, LapseRegistration};
pub use parts::{LinkRefusal, NewLink, NewPassword, NewSession, PasswordVerdict};
pub use record_link_sent::RecordLinkSent;
pub use record_mail_refused::RecordMailRefused;
pub use record_sign_in_failures::{Locked, RecordSignInFailures};
pub use request_password_reset::{RequestPasswordReset, ResetMail};
pub use request_registration::{RegistrationMail, RequestRegistration};
pub use resume::Resume;
pub use sign_in::{SignIn, SignInRefusal};
pub use sign_out::SignOut;
pub use suspend::Suspend;

/// What most commands refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The account is not in a phase in which this can be asked.
    #[error("the account is not in a state in which this can be asked")]
    NotNow,
}

/// Implements what every command's encoding shares.
macro_rules! command_shape {
    ($name:literal v $version:literal: $outcome:ty, $refusal:ty) => {
        type Aggregate = crate::account::Account;
        type Outcome = $outcome;
        type Refusal = $refusal;
        const NAME: &'static str = $name;
        const VERSION: u16 = $version;

        fn encode(&self) -> Vec<u8> {
            crate::aggregate::to_cbor(self)
        }
    };
}
pub(super) use command_shape;

/// The decision of an account's command.
pub type AccountDecision<O, R> = crate::aggregate::Decision<super::AccountEvent, O, R>;
