//! Who an account is: names, address, uid, language.

use minicbor::{Decode, Encode};

use super::events::{AcceptedOn, AccountEvent};
use crate::time::Timestamp;
use crate::values::{EmailAddress, Language, NormalisedEmail, PersonName, Uid};

/// The person's particulars.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Identity {
    /// The account's name for ever.
    #[n(0)]
    pub uid: Uid,
    /// First name.
    #[n(1)]
    pub first_name: PersonName,
    /// Last name.
    #[n(2)]
    pub last_name: PersonName,
    /// The address, exactly as it was typed: mail goes there only.
    #[n(3)]
    pub email: EmailAddress,
    /// The form by which it is reserved.
    #[n(4)]
    pub normalised: NormalisedEmail,
    /// The language of mails.
    #[n(5)]
    pub language: Language,
    /// When the account was asked for.
    #[n(6)]
    pub created: Timestamp,
    /// When the address was proved.
    #[n(7)]
    pub confirmed: Option<Timestamp>,
    /// The version of the privacy statement that the owner accepted on the link's page.
    #[n(8)]
    pub privacy_version: Option<String>,
}

impl Identity {
    pub(super) fn evolve(this: &mut Option<Self>, decided: Timestamp, event: &AccountEvent) {
        if let AccountEvent::Created(created) = event {
            *this = Some(Self {
                uid: created.uid,
                first_name: created.first_name.clone(),
                last_name: created.last_name.clone(),
                email: created.email.clone(),
                normalised: created.normalised.clone(),
                language: created.language,
                created: decided,
                confirmed: None,
                privacy_version: None,
            });
            return;
        }
        let Some(identity) = this else { return };
        match event {
            AccountEvent::NamesCorrected(names) => {
                identity.first_name = names.first_name.clone();
                identity.last_name = names.last_name.clone();
            }
            AccountEvent::EmailConfirmed(_) => identity.confirmed = Some(decided),
            AccountEvent::PrivacyStatementAccepted(accepted) if accepted.accepted_on == AcceptedOn::Link => {
                identity.privacy_version = Some(accepted.version.clone());
            }
            AccountEvent::MailLanguageChanged(changed) => identity.language = changed.language,
            _ => {}
        }
    }
}
