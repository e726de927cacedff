//! Sessions are ended by their owner or by an administrator.

use minicbor::{Decode, Encode};

use super::{AccountDecision, Refusal, command_shape};
use crate::account::Account;
use crate::account::events::{AccountEvent, EndReason, SessionsEnded};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::SessionId;

/// Which sessions end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Which {
    /// One, chosen from the list.
    #[n(0)]
    One(#[n(0)] SessionId),
    /// All, and every known browser is forgotten: "sign out everywhere".
    #[n(1)]
    All,
}

/// Ends sessions before their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct EndSessions {
    /// Which.
    #[n(0)]
    pub which: Which,
    /// The session in which the owner asks; `None` for an administrator.
    #[n(1)]
    pub asked_in: Option<SessionId>,
}

impl Command for EndSessions {
    command_shape!("end-sessions" v 1: (), Refusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), Refusal> {
        if self.asked_in.is_some_and(|session| account.sessions.live(session, context.now).is_none()) {
            return Decision::refuse(Refusal::NotNow);
        }
        let (wanted, reason) = match (self.which, self.asked_in) {
            (Which::One(session), Some(_)) => (Some(session), EndReason::Person),
            (Which::All, Some(_)) => (None, EndReason::Everywhere),
            (Which::One(session), None) => (Some(session), EndReason::Administrator),
            (Which::All, None) => (None, EndReason::Administrator),
        };
        let sessions: Vec<_> = account
            .sessions
            .open
            .iter()
            .map(|session| session.id)
            .filter(|id| wanted.is_none_or(|wanted| wanted == *id))
            .collect();
        let browsers_forgotten = self.which == Which::All;
        let events = if sessions.is_empty() && !browsers_forgotten {
            Vec::new()
        } else {
            vec![AccountEvent::SessionsEnded(SessionsEnded { sessions, reason, browsers_forgotten })]
        };
        Decision::accept(events, ())
    }
}
