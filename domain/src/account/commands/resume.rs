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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;

    fn resume() -> Resume {
        Resume { reason: "stolen".to_owned() }
    }

    #[test]
    fn gives_a_suspended_account_back() {
        let decision = suspended().when(&resume());
        assert_eq!(decision, Decision::accept(vec![AccountEvent::Resumed(reason_given())], ()));
        assert!(suspended().then(decision.events).account.is_usable());
    }

    #[test]
    fn refused_where_nothing_is_suspended() {
        let resumed = suspended().then([AccountEvent::Resumed(reason_given())]);
        for story in [nothing(), unconfirmed(), active(), lapsed(), resumed] {
            assert_eq!(story.when(&resume()), Decision::refuse(Refusal::NotNow));
        }
    }
}
