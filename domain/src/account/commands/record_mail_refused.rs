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
