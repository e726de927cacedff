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
            Some(identity) if account.is_usable() && account.sessions.live(self.session, context.now).is_some() => {
                let changed = (identity.language != self.language)
                    .then_some(AccountEvent::MailLanguageChanged(MailLanguageChanged { language: self.language }));
                Decision::accept(changed.into_iter().collect(), ())
            }
            _ => Decision::refuse(Refusal::NotNow),
        }
    }
}
