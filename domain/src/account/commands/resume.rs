//! An administrator gives a suspended account back.

use minicbor::{Decode, Encode};

use super::{AccountDecision, Refusal, command_shape};
use crate::account::Account;
use crate::account::events::{AccountEvent, ReasonGiven};
use crate::aggregate::{Command, Context, Decision};

/// Ends a suspension.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Resume {
    /// Why.
    #[n(0)]
    pub reason: String,
}

impl Command for Resume {
    command_shape!("resume" v 1: (), Refusal);

    fn decide(&self, account: &Account, _: Context<'_>) -> AccountDecision<(), Refusal> {
        if !account.suspended {
            return Decision::refuse(Refusal::NotNow);
        }
        Decision::accept(vec![AccountEvent::Resumed(ReasonGiven { reason: self.reason.clone() })], ())
    }
}
