//! The mail job reports that a mail server refused a mail for good.

use minicbor::{Decode, Encode};

use super::{AccountDecision, Refusal, command_shape};
use crate::account::events::{AccountEvent, MailRefused};
use crate::account::{Account, Phase};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::LinkId;

/// Records a refusal, for the operator.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecordMailRefused {
    /// What the mail was, by the name of its template.
    #[n(0)]
    pub mail: String,
    /// The link in it.
    #[n(1)]
    pub link: Option<LinkId>,
    /// The server's reply code; 0 where the address itself cannot be mailed to.
    #[n(2)]
    pub code: u16,
}

impl Command for RecordMailRefused {
    command_shape!("record-mail-refused" v 1: (), Refusal);

    fn decide(&self, account: &Account, _: Context<'_>) -> AccountDecision<(), Refusal> {
        match account.phase {
            Phase::Absent | Phase::Lapsed => Decision::refuse(Refusal::NotNow),
            Phase::Unconfirmed | Phase::Active => Decision::accept(
                vec![AccountEvent::MailRefused(MailRefused {
                    mail: self.mail.clone(),
                    link: self.link,
                    code: self.code,
                })],
                (),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;

    fn refused_by_server() -> RecordMailRefused {
        RecordMailRefused { mail: "registration".to_owned(), link: Some(link_id(1)), code: 550 }
    }

    #[test]
    fn is_recorded_and_leaves_the_account_as_it_is() {
        let refused = MailRefused { mail: "registration".to_owned(), link: Some(link_id(1)), code: 550 };
        for story in [unconfirmed(), active(), suspended()] {
            let decision = story.when(&refused_by_server());
            assert_eq!(decision, Decision::accept(vec![AccountEvent::MailRefused(refused.clone())], ()));
            let after = story.clone().then(decision.events).account;
            assert_eq!(after, Account { events: after.events, ..story.account });
        }
    }

    #[test]
    fn there_must_be_an_account() {
        for story in [nothing(), lapsed()] {
            assert_eq!(story.when(&refused_by_server()), Decision::refuse(Refusal::NotNow));
        }
    }
}
