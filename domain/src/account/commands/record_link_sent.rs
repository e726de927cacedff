//! The mail job reports that a mail server took a link's mail.

use minicbor::{Decode, Encode};

use super::{AccountDecision, Refusal, command_shape};
use crate::account::Account;
use crate::account::events::{AccountEvent, EmailLinkSent};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::LinkId;

/// Records a sending: from now on the link is valid for the policy's time, counted from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecordLinkSent {
    /// The link.
    #[n(0)]
    pub link: LinkId,
}

impl Command for RecordLinkSent {
    command_shape!("record-link-sent" v 1: (), Refusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), Refusal> {
        let Some(link) = account.links.open.iter().find(|link| link.id == self.link) else {
            return Decision::accept(Vec::new(), ());
        };
        // A link that is mailed again lives on, but never longer than it could have waited in the queue.
        let limit = link.requested.plus(context.policy.mail_queue_limit());
        let valid_until = context.now.plus(context.policy.link_validity()).min(limit);
        if link.sent && valid_until <= link.valid_until {
            return Decision::accept(Vec::new(), ());
        }
        Decision::accept(vec![AccountEvent::EmailLinkSent(EmailLinkSent { link: self.link, valid_until })], ())
    }
}
