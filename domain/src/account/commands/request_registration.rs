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
    /// The language in which it was shown. Version 1 had no such field, and took the language of mails for it.
    #[n(8)]
    pub privacy_language: Option<Language>,
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
    command_shape!("request-registration" v 2: RegistrationMail, Refusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<RegistrationMail, Refusal> {
        let created = || {
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
                    language: self.privacy_language.unwrap_or(self.link.language),
                    accepted_on: AcceptedOn::Form,
                }),
            ]
        };
        account.register(created, &self.link, context)
    }
}

impl Account {
    /// What comes of asking for an account under an address, whoever asks; where there is none it begins with these events.
    pub(super) fn register(
        &self,
        created: impl FnOnce() -> Vec<AccountEvent>,
        link: &NewLink,
        context: Context<'_>,
    ) -> AccountDecision<RegistrationMail, Refusal> {
        let with_link = |mut events: Vec<AccountEvent>| {
            events.push(self.request_link(LinkPurpose::Registration, link, context));
            Decision::accept(events, RegistrationMail::Link)
        };
        match self.phase {
            Phase::Absent => with_link(created()),
            Phase::Unconfirmed | Phase::Active if self.suspended => {
                Decision::accept(Vec::new(), RegistrationMail::None)
            }
            // The names stay as they are: whoever opens the link sees and corrects them.
            Phase::Unconfirmed => with_link(Vec::new()),
            Phase::Active => Decision::accept(vec![AccountEvent::RegistrationRepeated], RegistrationMail::Repeated),
            Phase::Lapsed => Decision::refuse(Refusal::NotNow),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::account::events::{EmailLinkRepeated, EmailLinkRequested};
    use crate::account::{LinkStanding, MAX_OPEN_LINKS};
    use crate::ids::BrowserTag;

    /// A form filled in by somebody, under other names than the account has.
    fn form(link: u8) -> RequestRegistration {
        RequestRegistration {
            uid: Uid::from_random(1),
            first_name: name("Eve"),
            last_name: name("Stranger"),
            email: email(),
            normalised: email().normalised(),
            language: Language::English,
            link: new_link(link),
            privacy_version: "2026-01".to_owned(),
            privacy_language: Some(Language::French),
        }
    }

    fn link_mailed(events: Vec<AccountEvent>) -> AccountDecision<RegistrationMail, Refusal> {
        Decision::accept(events, RegistrationMail::Link)
    }

    #[test]
    fn a_new_account_with_a_link() {
        let command = RequestRegistration {
            first_name: name("Ada"),
            last_name: name("Lovelace"),
            link: NewLink {
                browser: Some(BrowserTag::from_bytes([7; 16])),
                target: Some("/account".to_owned()),
                language: Language::German,
                ..new_link(1)
            },
            ..form(1)
        };
        let accepted = PrivacyStatementAccepted {
            version: "2026-01".to_owned(),
            language: Language::French,
            accepted_on: AcceptedOn::Form,
        };
        let requested = EmailLinkRequested {
            link: link_id(1),
            purpose: LinkPurpose::Registration,
            browser: Some(BrowserTag::from_bytes([7; 16])),
            target: Some("/account".to_owned()),
            language: Language::German,
            valid_until: nothing().after(24 * 3600).now,
        };
        let decision = nothing().when(&command);
        let events = vec![
            created(),
            AccountEvent::PrivacyStatementAccepted(accepted),
            AccountEvent::EmailLinkRequested(requested),
        ];
        assert_eq!(decision, link_mailed(events));

        let identity = nothing().then(decision.events).account.identity.unwrap();
        assert_eq!(identity.privacy_version, None, "what a stranger accepted does not count");
    }

    #[test]
    fn version_one_took_the_language_of_mails_for_the_statements() {
        let events = nothing().when(&RequestRegistration { privacy_language: None, ..form(1) }).events;
        let accepted = PrivacyStatementAccepted {
            version: "2026-01".to_owned(),
            language: new_link(1).language,
            accepted_on: AcceptedOn::Form,
        };
        assert_eq!(events[1], AccountEvent::PrivacyStatementAccepted(accepted));
    }

    #[test]
    fn a_second_form_brings_a_new_link_and_leaves_the_names() {
        let story = unconfirmed().after(60);
        let decision = story.when(&form(2));
        assert_eq!(decision, link_mailed(vec![requested(2, LinkPurpose::Registration, story.now)]));
        let after = story.clone().then(decision.events);
        assert_eq!(after.account.identity, story.account.identity);
        for link in [1, 2] {
            let standing = after.account.links.standing(link_id(link), after.now);
            assert!(matches!(standing, LinkStanding::Open(_)), "a request kills no open link");
        }
    }

    fn with_open_links(count: usize) -> Story {
        let more = (2..=u8::try_from(count).unwrap()).map(|n| requested(n, LinkPurpose::Registration, BEGINNING));
        unconfirmed().then(more)
    }

    #[test]
    fn five_open_links_and_the_newest_is_mailed_again() {
        let four = with_open_links(MAX_OPEN_LINKS - 1);
        assert_eq!(four.when(&form(9)).events, [requested(9, LinkPurpose::Registration, BEGINNING)]);
        assert_eq!(with_open_links(MAX_OPEN_LINKS).when(&form(9)), link_mailed(vec![repeated(5)]));
    }

    #[test]
    fn whoever_asks_again_is_known_to_the_link_and_mailed_in_their_language() {
        let tag = |n| BrowserTag::from_bytes([n; 16]);
        let asked = |n, language| {
            let link = NewLink { browser: Some(tag(n)), target: Some("/evil".to_owned()), language, ..new_link(9) };
            RequestRegistration { link, ..form(9) }
        };
        let story = with_open_links(MAX_OPEN_LINKS);
        let decision = story.when(&asked(1, Language::Greek));
        let again = EmailLinkRepeated { link: link_id(5), browser: Some(tag(1)), language: Some(Language::Greek) };
        assert_eq!(decision, link_mailed(vec![AccountEvent::EmailLinkRepeated(again)]));
        let story = story.clone().then(decision.events);
        let link = story.account.links.find(link_id(5)).unwrap();
        assert!(link.is_asked_by(tag(1)) && !link.is_asked_by(tag(2)));
        assert_eq!((link.browser, link.target.as_deref(), link.language), (None, None, Language::Greek));

        let after = |story: Story, askers: &[u8]| {
            askers.iter().fold(story, |story, n| {
                let events = story.when(&asked(*n, Language::English)).events;
                story.then(events)
            })
        };
        let known = |story: &Story| story.account.links.find(link_id(5)).unwrap().asked_again.clone();
        let story = after(story, &[2, 1, 3]);
        assert_eq!(known(&story), [2, 1, 3].map(tag), "each once, the newest last");
        assert_eq!(known(&after(story, &[4, 5, 6])), [1, 3, 4, 5, 6].map(tag), "the oldest is forgotten");
    }

    #[test]
    fn links_of_the_other_purpose_do_not_count() {
        let story = with_open_links(MAX_OPEN_LINKS - 1)
            .then([20, 21, 22, 23, 24].map(|n| requested(n, LinkPurpose::Reset, BEGINNING)));
        let decision = story.when(&form(9));
        assert_eq!(decision.events, [requested(9, LinkPurpose::Registration, BEGINNING)]);
        assert_eq!(story.then(decision.events).account.links.open.len(), 2 * MAX_OPEN_LINKS);
    }

    #[test]
    fn links_whose_time_is_over_do_not_count_though_nobody_recorded_that() {
        let story = with_open_links(MAX_OPEN_LINKS).then([sent(3, BEGINNING)]);
        let before = story.clone().after(90 * 60 - 1);
        assert_eq!(before.when(&form(9)).events, [repeated(5)]);
        let after = story.after(90 * 60);
        let decision = after.when(&form(9));
        assert_eq!(decision.events, [requested(9, LinkPurpose::Registration, after.now)]);

        // The one whose time is over makes room, none that can still be used.
        let links = after.clone().then(decision.events).account.links;
        let open: Vec<_> = links.open.iter().map(|link| link.id).collect();
        assert_eq!(open, [1, 2, 4, 5, 9].map(link_id));
        assert_eq!(links.standing(link_id(3), after.now), LinkStanding::Expired);
    }

    #[test]
    fn an_address_with_an_account_is_told_so_and_nothing_changes() {
        let decision = active().when(&form(2));
        assert_eq!(decision, Decision::accept(vec![AccountEvent::RegistrationRepeated], RegistrationMail::Repeated));
        let after = active().then(decision.events).account;
        assert_eq!(after, Account { events: after.events, ..active().account });
    }

    #[test]
    fn a_suspended_account_gets_no_mail() {
        let unconfirmed = unconfirmed().then([AccountEvent::Suspended(reason_given())]);
        for story in [unconfirmed, suspended()] {
            assert_eq!(story.when(&form(9)), Decision::accept(vec![], RegistrationMail::None));
        }
    }

    #[test]
    fn a_lapsed_registration_never_comes_back() {
        assert_eq!(lapsed().when(&form(2)), Decision::refuse(Refusal::NotNow));
    }
}
