//! The owner of the address opens the link, checks the names, accepts the statement and sets a password.

use minicbor::{Decode, Encode};

use super::{AccountDecision, LinkRefusal, NewPassword, NewSession, command_shape};
use crate::account::events::{
    AcceptedOn, AccountEvent, LinkNamed, LinkPurpose, MailLanguageChanged, NamesCorrected, PasswordReason,
    PrivacyStatementAccepted, Proof, SignInMethod,
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
        // The form by which the account began may have been a stranger's. The mail that was opened came in the language
        // that the sender of its own form chose.
        let language = account.links.find(self.link).map_or(identity.language, |link| link.language);
        if language != identity.language {
            events.push(AccountEvent::MailLanguageChanged(MailLanguageChanged { language }));
        }
        events.push(AccountEvent::PrivacyStatementAccepted(PrivacyStatementAccepted {
            version: self.privacy_version.clone(),
            language: self.language,
            accepted_on: AcceptedOn::Link,
        }));
        events.push(self.password.set(PasswordReason::Registration, Some(self.link)));
        events.extend(account.open_session(&self.session, vec![Proof::by(SignInMethod::MailedLink)], &[], context));
        Decision::accept(events, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::account::events::EmailLinkRequested;
    use crate::account::{Closing, LinkStanding};
    use crate::policy::Policy;
    use crate::values::PasswordRule;

    fn complete(link: u8) -> CompleteRegistration {
        CompleteRegistration {
            link: link_id(link),
            first_name: name("Ada"),
            last_name: name("Lovelace"),
            privacy_version: "2026-01".to_owned(),
            language: Language::French,
            password: new_password(1),
            session: new_session(1),
        }
    }

    fn confirmed(link: u8) -> AccountEvent {
        AccountEvent::EmailConfirmed(LinkNamed { link: link_id(link) })
    }

    fn accepted() -> AccountEvent {
        AccountEvent::PrivacyStatementAccepted(PrivacyStatementAccepted {
            version: "2026-01".to_owned(),
            language: Language::French,
            accepted_on: AcceptedOn::Link,
        })
    }

    fn refused(refusal: LinkRefusal) -> AccountDecision<(), CompleteRegistrationRefusal> {
        Decision::refuse(CompleteRegistrationRefusal::Link(refusal))
    }

    #[test]
    fn proves_the_address_sets_the_password_and_signs_in() {
        let decision = unconfirmed().when(&complete(1));
        let events = vec![
            confirmed(1),
            accepted(),
            password_set(1, PasswordReason::Registration, Some(1)),
            signed_in(1, SignInMethod::MailedLink, BEGINNING),
        ];
        assert_eq!(decision, Decision::accept(events, ()));

        let before = unconfirmed().account.identity.unwrap();
        assert_eq!((before.confirmed, before.privacy_version), (None, None));
        let account = unconfirmed().then(decision.events).account;
        assert!(account.is_usable());
        assert!(account.sessions.by_id(session_id(1), BEGINNING).is_some());
        let identity = account.identity.unwrap();
        assert_eq!(identity.confirmed, Some(BEGINNING));
        assert_eq!(identity.privacy_version.as_deref(), Some("2026-01"));
    }

    #[test]
    fn names_that_differ_are_corrected_by_their_owner() {
        for (first, last) in [("Augusta", "Lovelace"), ("Ada", "King"), ("Augusta", "King")] {
            let command = CompleteRegistration { first_name: name(first), last_name: name(last), ..complete(1) };
            let decision = unconfirmed().when(&command);
            let corrected = NamesCorrected { first_name: name(first), last_name: name(last) };
            let events = vec![
                confirmed(1),
                AccountEvent::NamesCorrected(corrected),
                accepted(),
                password_set(1, PasswordReason::Registration, Some(1)),
                signed_in(1, SignInMethod::MailedLink, BEGINNING),
            ];
            assert_eq!(decision, Decision::accept(events, ()));
            let identity = unconfirmed().then(decision.events).account.identity.unwrap();
            assert_eq!((identity.first_name, identity.last_name), (name(first), name(last)));
        }
    }

    #[test]
    fn mails_come_in_the_language_of_the_mail_that_was_opened_not_of_a_strangers_form() {
        let AccountEvent::EmailLinkRequested(own) = requested(2, LinkPurpose::Registration, BEGINNING) else {
            panic!("a request")
        };
        let own = AccountEvent::EmailLinkRequested(EmailLinkRequested { language: Language::Greek, ..own });
        let story = unconfirmed().then([own]);
        let decision = story.when(&complete(2));
        let events = vec![
            confirmed(2),
            AccountEvent::MailLanguageChanged(MailLanguageChanged { language: Language::Greek }),
            accepted(),
            password_set(1, PasswordReason::Registration, Some(2)),
            signed_in(1, SignInMethod::MailedLink, BEGINNING),
        ];
        assert_eq!(decision, Decision::accept(events, ()));
        assert_eq!(story.clone().then(decision.events).account.identity.unwrap().language, Language::Greek);
        // The language of the page is no choice of one for mails.
        assert_ne!(complete(1).language, story.account.identity.as_ref().unwrap().language);
        let unchanged = story.clone().then(story.when(&complete(1)).events).account;
        assert_eq!(unchanged.identity.unwrap().language, Language::English);
    }

    #[test]
    fn a_public_computer_gets_a_short_session() {
        let session = NewSession { public_computer: true, ..new_session(1) };
        let decision = unconfirmed().when(&CompleteRegistration { session, ..complete(1) });
        let Some(AccountEvent::SignedIn(signed_in)) = decision.events.last() else { panic!("{decision:?}") };
        assert!(signed_in.public_computer);
        assert_eq!((signed_in.idle, signed_in.expires), (15 * 60, BEGINNING.plus(std::time::Duration::from_secs(900))));
    }

    #[test]
    fn all_open_links_die_with_the_one_that_is_used() {
        let story = unconfirmed().then([
            requested(2, LinkPurpose::Registration, BEGINNING),
            requested(3, LinkPurpose::Registration, BEGINNING),
        ]);
        let story = story.clone().then(story.when(&complete(2)).events);
        let closed: Vec<_> = story.account.links.closed.iter().map(|link| (link.id, link.closing)).collect();
        let expected =
            [(1, Closing::Superseded), (2, Closing::Used), (3, Closing::Superseded)].map(|(n, how)| (link_id(n), how));
        assert_eq!(closed, expected);
        assert_eq!(story.account.links.standing(link_id(2), story.now), LinkStanding::Used);
        assert_eq!(story.when(&complete(2)), refused(LinkRefusal::Used));
        assert_eq!(story.when(&complete(1)), refused(LinkRefusal::Superseded));
        assert_eq!(story.when(&complete(3)), refused(LinkRefusal::Superseded));
    }

    #[test]
    fn a_link_whose_sending_is_not_recorded_is_valid_up_to_the_queues_limit() {
        assert!(unconfirmed().after(24 * 3600 - 1).when(&complete(1)).outcome.is_ok());
        assert_eq!(unconfirmed().after(24 * 3600).when(&complete(1)), refused(LinkRefusal::Expired));
    }

    #[test]
    fn the_record_of_the_sending_narrows_that_to_ninety_minutes_from_it() {
        let story = unconfirmed().after(60);
        let story = story.clone().then([sent(1, story.now)]);
        assert!(story.clone().after(90 * 60 - 1).when(&complete(1)).outcome.is_ok());
        assert_eq!(story.clone().after(90 * 60).when(&complete(1)), refused(LinkRefusal::Expired));
        // The record of the expiry changes nothing.
        let recorded = story.after(90 * 60).then([expired(1)]);
        assert_eq!(recorded.when(&complete(1)), refused(LinkRefusal::Expired));
    }

    #[test]
    fn only_a_link_of_this_registration_will_do() {
        assert_eq!(unconfirmed().when(&complete(9)), refused(LinkRefusal::Expired));
        assert_eq!(nothing().when(&complete(1)), refused(LinkRefusal::Expired));
        assert_eq!(lapsed().when(&complete(1)), refused(LinkRefusal::Expired));
        let reset = active().then([requested(2, LinkPurpose::Reset, BEGINNING)]);
        assert_eq!(reset.when(&complete(2)), refused(LinkRefusal::AnotherPurpose));
    }

    #[test]
    fn refused_while_suspended() {
        let story = unconfirmed().then([AccountEvent::Suspended(reason_given())]);
        assert_eq!(story.when(&complete(1)), Decision::refuse(CompleteRegistrationRefusal::Suspended));
        let resumed = story.then([AccountEvent::Resumed(reason_given())]);
        assert!(resumed.when(&complete(1)).outcome.is_ok());
    }

    #[test]
    fn the_password_must_satisfy_the_rule_in_force() {
        let stricter = Policy { password_rule: PasswordRule::Nist, ..Policy::default() };
        let decision = unconfirmed().under(stricter).when(&complete(1));
        assert_eq!(decision, Decision::refuse(CompleteRegistrationRefusal::OtherRule));
    }
}
