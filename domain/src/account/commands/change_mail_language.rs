//! A signed-in person chooses the language of mails.

use minicbor::{Decode, Encode};

use super::{AccountDecision, Refusal, command_shape};
use crate::account::Account;
use crate::account::events::{AccountEvent, MailLanguageChanged};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::SessionId;
use crate::values::Language;

/// Changes the language of mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ChangeMailLanguage {
    /// The language from here on.
    #[n(0)]
    pub language: Language,
    /// The session in which this is asked.
    #[n(1)]
    pub session: SessionId,
}

impl Command for ChangeMailLanguage {
    command_shape!("change-mail-language" v 1: (), Refusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), Refusal> {
        match &account.identity {
            Some(identity)
                if account.is_usable() && account.sessions.by_id(self.session, context.moment()).is_some() =>
            {
                let changed = (identity.language != self.language)
                    .then_some(AccountEvent::MailLanguageChanged(MailLanguageChanged { language: self.language }));
                Decision::accept(changed.into_iter().collect(), ())
            }
            _ => Decision::refuse(Refusal::NotNow),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::account::events::SignInMethod;

    fn signed_in_person() -> Story {
        active().then([signed_in(1, SignInMethod::Password, BEGINNING)])
    }

    fn change(language: Language, session: u8) -> ChangeMailLanguage {
        ChangeMailLanguage { language, session: session_id(session) }
    }

    #[test]
    fn another_language() {
        let decision = signed_in_person().when(&change(Language::Greek, 1));
        let changed = AccountEvent::MailLanguageChanged(MailLanguageChanged { language: Language::Greek });
        assert_eq!(decision, Decision::accept(vec![changed], ()));
        let after = signed_in_person().then(decision.events);
        assert_eq!(after.account.identity.unwrap().language, Language::Greek);
    }

    #[test]
    fn the_same_language_changes_nothing() {
        assert_eq!(signed_in_person().when(&change(Language::English, 1)), Decision::accept(vec![], ()));
    }

    #[test]
    fn refused_without_a_live_session() {
        let refused = Decision::refuse(Refusal::NotNow);
        for story in [nothing(), unconfirmed(), active(), suspended(), lapsed()] {
            assert_eq!(story.when(&change(Language::Greek, 1)), refused);
        }
        assert_eq!(signed_in_person().when(&change(Language::Greek, 2)), refused);
        assert!(signed_in_person().after(12 * 3600 - 1).when(&change(Language::Greek, 1)).outcome.is_ok());
        assert_eq!(signed_in_person().after(12 * 3600).when(&change(Language::Greek, 1)), refused);
    }
}
