//! The owner opens the mailed link and sets a new password.

use minicbor::{Decode, Encode};

use super::{AccountDecision, LinkRefusal, NewPassword, NewSession, command_shape};
use crate::account::events::{LinkPurpose, PasswordReason, SignInMethod};
use crate::account::{Account, EndReason};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::LinkId;

/// Sets a new password by a mailed link: every other session ends and every known browser is forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CompleteReset {
    /// The link, whose secret was right.
    #[n(0)]
    pub link: LinkId,
    /// The new password.
    #[n(1)]
    pub password: NewPassword,
    /// The session that begins with it.
    #[n(2)]
    pub session: NewSession,
}

/// Why a password cannot be reset so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompleteResetRefusal {
    /// The link cannot be used.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
    /// The account is suspended.
    #[error("the account is suspended")]
    Suspended,
    /// The rule changed since the password was checked: check it anew.
    #[error("the password rule has changed")]
    OtherRule,
}

impl Command for CompleteReset {
    command_shape!("complete-reset" v 1: (), CompleteResetRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), CompleteResetRefusal> {
        if let Err(refusal) = account.check_link(self.link, LinkPurpose::Reset, context) {
            return Decision::refuse(refusal.into());
        }
        if !account.is_usable() {
            return Decision::refuse(CompleteResetRefusal::Suspended);
        }
        if self.password.rule != context.policy.password_rule {
            return Decision::refuse(CompleteResetRefusal::OtherRule);
        }
        let ended: Vec<_> = account.sessions.open.iter().map(|session| session.id).collect();
        let mut events = vec![self.password.set(PasswordReason::Reset, Some(self.link))];
        events.extend(account.end_other_sessions(None, EndReason::PasswordReset, true));
        events.extend(account.open_session(&self.session, SignInMethod::MailedLink, &ended, context));
        Decision::accept(events, ())
    }
}
