//! What can be asked of an account: one command per file, with its decision, its refusals and its tests.

mod add_factor;
mod cancel_recovery;
mod change_mail_language;
mod change_password;
mod change_pin;
mod complete_registration;
mod complete_reset;
#[cfg(test)]
pub(crate) mod decisions;
mod deny_app_request;
mod deprecate_sms;
mod destroy_password;
mod disown_change;
mod end_sessions;
mod erase_again;
mod expire_links;
mod invite;
mod lapse_registration;
mod list_telephone;
mod manage_factors;
mod open_app_request;
mod parts;
mod proofs;
mod prove_more;
mod record_link_sent;
mod record_mail_refused;
mod record_second_factor_failures;
mod record_sign_in_failures;
mod record_wrong_pin;
mod recover;
mod request_password_reset;
mod request_registration;
mod request_sms_code;
mod reset_factors;
mod resume;
mod sign_in;
mod sign_in_adaptively;
mod sign_out;
mod suspend;
mod suspend_factors;
#[cfg(test)]
mod testing;

pub use add_factor::{AddFactor, AddFactorRefusal, FactorOutcome, NewFactor};
pub use cancel_recovery::{CancelRecovery, CancelRecoveryByDevice, CancelRefusal};
pub use change_mail_language::ChangeMailLanguage;
pub use change_password::{ChangePassword, ChangePasswordRefusal};
pub use change_pin::ChangePin;
pub use complete_registration::{CompleteRegistration, CompleteRegistrationRefusal};
pub use complete_reset::{CompleteReset, CompleteResetRefusal, ResetOutcome};
pub use deny_app_request::DenyAppRequest;
pub use deprecate_sms::{DeprecateSms, NotConcerned};
pub use destroy_password::DestroyPassword;
pub use disown_change::{Changed, DisownChange, DisownRefusal};
pub use end_sessions::{EndSessions, Which};
pub use erase_again::EraseAgain;
pub use expire_links::ExpireLinks;
pub use invite::Invite;
pub use lapse_registration::{LapseRefusal, LapseRegistration};
pub use list_telephone::ListTelephone;
pub use manage_factors::{
    ChangeSignInOptions, FactorRefusal, IssueRecoveryCodes, RemoveAllFactors, RemoveFactor, RenameFactor,
};
pub use open_app_request::OpenAppRequest;
pub use parts::{LinkRefusal, NewLink, NewPassword, NewSession, PasswordVerdict};
pub use proofs::{FRESH, FactorVerdict, ManageRefusal, ProofRefusal};
pub use prove_more::{ProveMore, ProveMoreRefusal};
pub use record_link_sent::RecordLinkSent;
pub use record_mail_refused::RecordMailRefused;
pub use record_second_factor_failures::RecordSecondFactorFailures;
pub use record_sign_in_failures::{Locked, RecordSignInFailures};
pub use record_wrong_pin::{AppRefusal, RecordWrongPin};
pub use recover::{BeginRecovery, CompleteRecovery, RecoverFactor, RecoveryRefusal, RequestRecoveryLink};
pub use request_password_reset::{RequestPasswordReset, ResetMail};
pub use request_registration::{RegistrationMail, RequestRegistration};
pub use request_sms_code::{BeginPhone, RequestSmsCode, SmsRefusal};
pub use reset_factors::{DestroyFactor, ResetFactors};
pub use resume::Resume;
pub use sign_in::{SignIn, SignInRefusal};
pub use sign_in_adaptively::{ProvedBrowser, SignInAdaptively};
pub use sign_out::SignOut;
pub use suspend::Suspend;
pub use suspend_factors::{RequestSuspension, ResumeFactor, ResumeFactors, SuspendFactors, SuspensionRefusal};

/// What most commands refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The account is not in a phase in which this can be asked.
    #[error("the account is not in a state in which this can be asked")]
    NotNow,
}

/// The shape of a command of an account.
macro_rules! command_shape {
    ($($shape:tt)+) => {
        crate::aggregate::command_shape!(crate::account::Account, $($shape)+);
    };
}
pub(super) use command_shape;

/// The decision of an account's command.
pub type AccountDecision<O, R> = crate::aggregate::Decision<super::AccountEvent, O, R>;
