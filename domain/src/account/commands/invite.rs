//! An application's invitation reaches the account of its address, or begins one.

use minicbor::{Decode, Encode};

use super::{AccountDecision, NewLink, Refusal, RegistrationMail, command_shape};
use crate::account::Account;
use crate::account::events::{AccountCreated, AccountEvent};
use crate::aggregate::{Command, Context};
use crate::values::{EmailAddress, Language, NormalisedEmail, PersonName, Uid};

/// As somebody's form "Create an account" does, but nobody accepted a privacy statement: the invited person will, on the
/// link's page.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Invite {
    /// The uid that a new account would get.
    #[n(0)]
    pub uid: Uid,
    /// First name, as the application gave it.
    #[n(1)]
    pub first_name: PersonName,
    /// Last name, as the application gave it.
    #[n(2)]
    pub last_name: PersonName,
    /// The address, as the application gave it.
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
}

impl Command for Invite {
    command_shape!("invite" v 1: RegistrationMail, Refusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<RegistrationMail, Refusal> {
        let created = || {
            vec![AccountEvent::Created(AccountCreated {
                uid: self.uid,
                first_name: self.first_name.clone(),
                last_name: self.last_name.clone(),
                email: self.email.clone(),
                normalised: self.normalised.clone(),
                language: self.language,
            })]
        };
        account.register(created, &self.link, context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::MAX_OPEN_LINKS;
    use crate::account::commands::testing::*;
    use crate::account::events::LinkPurpose;
    use crate::aggregate::Decision;

    fn invite(link: u8) -> Invite {
        Invite {
            uid: Uid::from_random(1),
            first_name: name("Ada"),
            last_name: name("Lovelace"),
            email: email(),
            normalised: email().normalised(),
            language: Language::French,
            link: new_link(link),
        }
    }

    #[test]
    fn an_unknown_address_gets_an_account_and_a_link_and_no_statement_is_accepted() {
        let decision = nothing().when(&invite(1));
        let created = AccountEvent::Created(AccountCreated {
            uid: Uid::from_random(1),
            first_name: name("Ada"),
            last_name: name("Lovelace"),
            email: email(),
            normalised: email().normalised(),
            language: Language::French,
        });
        let events = vec![created, requested(1, LinkPurpose::Registration, BEGINNING)];
        assert_eq!(decision, Decision::accept(events, RegistrationMail::Link));
        let identity = nothing().then(decision.events).account.identity.unwrap();
        assert_eq!((identity.confirmed, identity.privacy_version), (None, None));
    }

    #[test]
    fn a_registration_that_waits_gets_one_more_link() {
        let events = vec![requested(2, LinkPurpose::Registration, BEGINNING)];
        assert_eq!(unconfirmed().when(&invite(2)), Decision::accept(events, RegistrationMail::Link));
        let open = 2..=u8::try_from(MAX_OPEN_LINKS).unwrap();
        let story = unconfirmed().then(open.map(|n| requested(n, LinkPurpose::Registration, BEGINNING)));
        assert_eq!(story.when(&invite(9)), Decision::accept(vec![repeated(5)], RegistrationMail::Link));
    }

    #[test]
    fn an_account_is_told_that_it_is_one() {
        let events = vec![AccountEvent::RegistrationRepeated];
        assert_eq!(active().when(&invite(1)), Decision::accept(events, RegistrationMail::Repeated));
    }

    #[test]
    fn a_suspended_one_is_told_nothing_and_a_lapsed_one_is_gone() {
        let unconfirmed = unconfirmed().then([AccountEvent::Suspended(reason_given())]);
        for story in [suspended(), unconfirmed] {
            assert_eq!(story.when(&invite(1)), Decision::accept(vec![], RegistrationMail::None));
        }
        assert_eq!(lapsed().when(&invite(1)), Decision::refuse(Refusal::NotNow));
    }
}
