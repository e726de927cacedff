//! A job records that links' time is over.

use minicbor::{Decode, Encode};

use super::{AccountDecision, Refusal, command_shape};
use crate::account::Account;
use crate::account::events::{AccountEvent, LinkNamed};
use crate::aggregate::{Command, Context, Decision};

/// Records every link whose time is over. It makes the record, not the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ExpireLinks {}

impl Command for ExpireLinks {
    command_shape!("expire-links" v 1: (), Refusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), Refusal> {
        let expired = account.links.open.iter().filter(|link| link.valid_until <= context.now);
        Decision::accept(expired.map(|link| AccountEvent::EmailLinkExpired(LinkNamed { link: link.id })).collect(), ())
    }
}
