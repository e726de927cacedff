//! Somebody has lost the password.

use minicbor::{Decode, Encode};

use super::{AccountDecision, NewLink, Refusal, command_shape};
use crate::account::events::{AccountEvent, LinkPurpose, PasswordResetRequested};
use crate::account::{Account, Phase};
use crate::aggregate::{Command, Context, Decision};

/// Asks for a mail by which a new password can be set. The sender has proved nothing.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RequestPasswordReset {
    /// The link that may be mailed.
    #[n(0)]
    pub link: NewLink,
    /// By the uid rather than the address.
    #[n(1)]
    pub by_uid: bool,
}

/// Which mail goes to the account's address. The sender is never told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetMail {
    /// A link that sets a new password.
    Reset,
    /// A link that ends the registration, which was never done.
    Registration,
    /// None: the account is suspended.
    None,
}

impl Command for RequestPasswordReset {
    command_shape!("request-password-reset" v 1: ResetMail, Refusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<ResetMail, Refusal> {
        match account.phase {
            Phase::Absent | Phase::Lapsed => Decision::refuse(Refusal::NotNow),
            Phase::Unconfirmed | Phase::Active if account.suspended => Decision::accept(Vec::new(), ResetMail::None),
            Phase::Unconfirmed => Decision::accept(
                vec![account.request_link(LinkPurpose::Registration, &self.link, context)],
                ResetMail::Registration,
            ),
            Phase::Active => Decision::accept(
                vec![
                    AccountEvent::PasswordResetRequested(PasswordResetRequested { by_uid: self.by_uid }),
                    account.request_link(LinkPurpose::Reset, &self.link, context),
                ],
                ResetMail::Reset,
            ),
        }
    }
}
