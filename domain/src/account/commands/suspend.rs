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
        events.extend(account.end_all_sessions(EndReason::Suspended, true));
        Decision::accept(events, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::account::events::SignInMethod;

    fn suspend() -> Suspend {
        Suspend { reason: "stolen".to_owned() }
    }

    #[test]
    fn ends_every_session_and_forgets_every_browser() {
        let story = active().then([1, 2].map(|n| signed_in(n, SignInMethod::Password, BEGINNING)));
        let decision = story.when(&suspend());
        let events = vec![AccountEvent::Suspended(reason_given()), ended([1, 2], EndReason::Suspended, true)];
        assert_eq!(decision, Decision::accept(events, ()));
        let account = story.then(decision.events).account;
        assert!(!account.is_usable());
        assert!(account.sessions.open.is_empty());
        assert_eq!(account.sessions.browser_generation, 1);
    }

    #[test]
    fn an_account_without_sessions_and_an_unconfirmed_one_can_be_suspended() {
        let events = vec![AccountEvent::Suspended(reason_given()), ended([], EndReason::Suspended, true)];
        for story in [unconfirmed(), active()] {
            assert_eq!(story.when(&suspend()), Decision::accept(events.clone(), ()));
        }
    }

    #[test]
    fn refused_where_there_is_nothing_to_suspend() {
        for story in [nothing(), suspended(), lapsed()] {
            assert_eq!(story.when(&suspend()), Decision::refuse(Refusal::NotNow));
        }
    }
}
