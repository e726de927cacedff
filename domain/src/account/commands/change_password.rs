//! A signed-in person chooses another password.

use minicbor::{Decode, Encode};

use super::{AccountDecision, NewPassword, PasswordVerdict, command_shape};
use crate::account::events::PasswordReason;
use crate::account::{Account, EndReason};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::SessionId;

/// Replaces the password by its owner's wish: every other session ends.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ChangePassword {
    /// What became of the typed current password.
    #[n(0)]
    pub verdict: PasswordVerdict,
    /// The new one.
    #[n(1)]
    pub password: NewPassword,
    /// The session in which this is asked; it stays.
    #[n(2)]
    pub session: SessionId,
}

/// Why the password stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangePasswordRefusal {
    /// The session has ended, or the account cannot be used.
    #[error("the session has ended")]
    NoSession,
    /// The current password was wrong.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The verdict is about another password than the one in force: compute it anew.
    #[error("the password has changed since it was compared")]
    StaleVerdict,
    /// The rule changed since the new password was checked: check it anew.
    #[error("the password rule has changed")]
    OtherRule,
}

impl Command for ChangePassword {
    command_shape!("change-password" v 1: (), ChangePasswordRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), ChangePasswordRefusal> {
        let Some(current) = account.password.as_ref().filter(|_| account.is_usable()) else {
            return Decision::refuse(ChangePasswordRefusal::NoSession);
        };
        if account.sessions.live(self.session, context.now).is_none() {
            return Decision::refuse(ChangePasswordRefusal::NoSession);
        }
        if current.credential.key != self.verdict.credential {
            return Decision::refuse(ChangePasswordRefusal::StaleVerdict);
        }
        if !self.verdict.right {
            return Decision::refuse(ChangePasswordRefusal::WrongPassword);
        }
        if self.password.rule != context.policy.password_rule {
            return Decision::refuse(ChangePasswordRefusal::OtherRule);
        }
        let mut events = vec![self.password.set(PasswordReason::Change, None)];
        events.extend(account.end_other_sessions(Some(self.session), EndReason::PasswordChanged, false));
        Decision::accept(events, ())
    }
}
