//! The owner of the address opens the link, checks the names, accepts the statement and sets a password.

use minicbor::{Decode, Encode};

use super::{AccountDecision, LinkRefusal, NewPassword, NewSession, command_shape};
use crate::account::events::{
    AcceptedOn, AccountEvent, LinkNamed, LinkPurpose, NamesCorrected, PasswordReason, PrivacyStatementAccepted,
    SignInMethod,
};
use crate::account::{Account, Phase};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::LinkId;
use crate::values::{Language, PersonName};

/// Ends a registration.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CompleteRegistration {
    /// The link, whose secret was right.
    #[n(0)]
    pub link: LinkId,
    /// First name, as its owner has it.
    #[n(1)]
    pub first_name: PersonName,
    /// Last name, as its owner has it.
    #[n(2)]
    pub last_name: PersonName,
    /// The version of the privacy statement that the owner accepted.
    #[n(3)]
    pub privacy_version: String,
    /// The language in which it was shown.
    #[n(4)]
    pub language: Language,
    /// The password.
    #[n(5)]
    pub password: NewPassword,
    /// The session that begins with it.
    #[n(6)]
    pub session: NewSession,
}

/// Why a registration cannot be ended so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompleteRegistrationRefusal {
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

impl Command for CompleteRegistration {
    command_shape!("complete-registration" v 1: (), CompleteRegistrationRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), CompleteRegistrationRefusal> {
        if let Err(refusal) = account.check_link(self.link, LinkPurpose::Registration, context) {
            return Decision::refuse(refusal.into());
        }
        let Some(identity) = account.identity.as_ref().filter(|_| account.phase == Phase::Unconfirmed) else {
            return Decision::refuse(LinkRefusal::Expired.into());
        };
        if account.suspended {
            return Decision::refuse(CompleteRegistrationRefusal::Suspended);
        }
        if self.password.rule != context.policy.password_rule {
            return Decision::refuse(CompleteRegistrationRefusal::OtherRule);
        }
        let mut events = vec![AccountEvent::EmailConfirmed(LinkNamed { link: self.link })];
        if identity.first_name != self.first_name || identity.last_name != self.last_name {
            events.push(AccountEvent::NamesCorrected(NamesCorrected {
                first_name: self.first_name.clone(),
                last_name: self.last_name.clone(),
            }));
        }
        events.push(AccountEvent::PrivacyStatementAccepted(PrivacyStatementAccepted {
            version: self.privacy_version.clone(),
            language: self.language,
            accepted_on: AcceptedOn::Link,
        }));
        events.push(self.password.set(PasswordReason::Registration, Some(self.link)));
        events.extend(account.open_session(&self.session, SignInMethod::MailedLink, &[], context));
        Decision::accept(events, ())
    }
}
