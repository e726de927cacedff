//! An administrator stops all use of an account: for the day it is stolen.

use minicbor::{Decode, Encode};

use super::{AccountDecision, Refusal, command_shape};
use crate::account::events::{AccountEvent, ReasonGiven};
use crate::account::{Account, EndReason, Phase};
use crate::aggregate::{Command, Context, Decision};

/// Suspends an account: every session ends, no sign-in and no mailed link works until it is resumed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Suspend {
    /// Why.
    #[n(0)]
    pub reason: String,
}

impl Command for Suspend {
    command_shape!("suspend" v 1: (), Refusal);

    fn decide(&self, account: &Account, _: Context<'_>) -> AccountDecision<(), Refusal> {
        if !matches!(account.phase, Phase::Unconfirmed | Phase::Active) || account.suspended {
            return Decision::refuse(Refusal::NotNow);
        }
        let mut events = vec![AccountEvent::Suspended(ReasonGiven { reason: self.reason.clone() })];
        events.extend(account.end_other_sessions(None, EndReason::Suspended, true));
        Decision::accept(events, ())
    }
}
