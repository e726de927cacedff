//! Somebody fills in the form "Create an account".

use minicbor::{Decode, Encode};

use super::{AccountDecision, NewLink, Refusal, command_shape};
use crate::account::events::{AcceptedOn, AccountCreated, AccountEvent, LinkPurpose, PrivacyStatementAccepted};
use crate::account::{Account, Phase};
use crate::aggregate::{Command, Context, Decision};
use crate::values::{EmailAddress, Language, NormalisedEmail, PersonName, Uid};

/// Asks for an account under an address. The sender has proved nothing.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RequestRegistration {
    /// The uid that a new account would get.
    #[n(0)]
    pub uid: Uid,
    /// First name, as typed.
    #[n(1)]
    pub first_name: PersonName,
    /// Last name, as typed.
    #[n(2)]
    pub last_name: PersonName,
    /// The address, as typed.
    #[n(3)]
    pub email: EmailAddress,
    /// The form by which it is reserved.
    #[n(4)]
    pub normalised: NormalisedEmail,
    /// The language of mails.
    #[n(5)]
    pub language: Language,
    /// The link that may be mailed.
    #[n(6)]
    pub link: NewLink,
    /// The version of the privacy statement that the sender accepted.
    #[n(7)]
    pub privacy_version: String,
}

/// Which mail goes to the address. The sender is never told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrationMail {
    /// A link that ends the registration.
    Link,
    /// A word that there is an account already.
    Repeated,
    /// None: the account is suspended.
    None,
}

impl Command for RequestRegistration {
    command_shape!("request-registration" v 1: RegistrationMail, Refusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<RegistrationMail, Refusal> {
        match account.phase {
            Phase::Absent => Decision::accept(
                vec![
                    AccountEvent::Created(AccountCreated {
                        uid: self.uid,
                        first_name: self.first_name.clone(),
                        last_name: self.last_name.clone(),
                        email: self.email.clone(),
                        normalised: self.normalised.clone(),
                        language: self.language,
                    }),
                    AccountEvent::PrivacyStatementAccepted(PrivacyStatementAccepted {
                        version: self.privacy_version.clone(),
                        language: self.link.language,
                        accepted_on: AcceptedOn::Form,
                    }),
                    account.request_link(LinkPurpose::Registration, &self.link, context),
                ],
                RegistrationMail::Link,
            ),
            Phase::Unconfirmed if account.suspended => Decision::accept(Vec::new(), RegistrationMail::None),
            // The names stay as they are: whoever opens the link sees and corrects them.
            Phase::Unconfirmed => Decision::accept(
                vec![account.request_link(LinkPurpose::Registration, &self.link, context)],
                RegistrationMail::Link,
            ),
            Phase::Active if account.suspended => Decision::accept(Vec::new(), RegistrationMail::None),
            Phase::Active => Decision::accept(vec![AccountEvent::RegistrationRepeated], RegistrationMail::Repeated),
            Phase::Lapsed => Decision::refuse(Refusal::NotNow),
        }
    }
}
