//! A signed-in person signs out.

use minicbor::{Decode, Encode};

use super::{AccountDecision, Refusal, command_shape};
use crate::account::Account;
use crate::account::events::{AccountEvent, SignedOut};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::SessionId;

/// Ends the session in which it is asked. Asking again changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignOut {
    /// The session.
    #[n(0)]
    pub session: SessionId,
}

impl Command for SignOut {
    command_shape!("sign-out" v 1: (), Refusal);

    fn decide(&self, account: &Account, _: Context<'_>) -> AccountDecision<(), Refusal> {
        let open = account.sessions.open.iter().any(|session| session.id == self.session);
        let ended = open.then_some(AccountEvent::SignedOut(SignedOut { session: self.session }));
        Decision::accept(ended.into_iter().collect(), ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::account::events::SignInMethod;

    fn sign_out(session: u8) -> SignOut {
        SignOut { session: session_id(session) }
    }

    #[test]
    fn ends_this_session_only_and_keeps_the_browser_known() {
        let story = active().then([1, 2].map(|n| signed_in(n, SignInMethod::Password, BEGINNING)));
        let decision = story.when(&sign_out(1));
        let signed_out = AccountEvent::SignedOut(SignedOut { session: session_id(1) });
        assert_eq!(decision, Decision::accept(vec![signed_out], ()));
        let after = story.then(decision.events);
        assert_eq!(after.account.sessions.by_secret(&[1; 32], after.now), None);
        assert!(after.account.sessions.by_id(session_id(2), after.now).is_some());
        assert_eq!(after.account.sessions.browser_generation, 0);
        assert_eq!(after.when(&sign_out(1)), Decision::accept(vec![], ()), "asking again changes nothing");
    }

    #[test]
    fn works_when_the_time_is_over_and_when_the_account_is_suspended() {
        let over = active().then([signed_in(1, SignInMethod::Password, BEGINNING)]).after(13 * 3600);
        for story in [over, suspended()] {
            assert_eq!(story.when(&sign_out(1)).events.len(), 1);
        }
    }

    #[test]
    fn without_a_session_nothing_happens() {
        for story in [nothing(), unconfirmed(), active(), lapsed()] {
            assert_eq!(story.when(&sign_out(1)), Decision::accept(vec![], ()));
        }
    }
}
