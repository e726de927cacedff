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
