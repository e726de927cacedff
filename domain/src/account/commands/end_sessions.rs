//! Sessions are ended by their owner or by an administrator.

use minicbor::{Decode, Encode};

use super::{AccountDecision, Refusal, command_shape};
use crate::account::events::{AccountEvent, EndReason, SessionsEnded};
use crate::account::{Account, Phase};
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
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct EndSessions {
    /// Which.
    #[n(0)]
    pub which: Which,
    /// The session in which the owner asks; `None` for an administrator.
    #[n(1)]
    pub asked_in: Option<SessionId>,
    /// The administrator's own words.
    #[n(2)]
    pub note: Option<String>,
}

impl Command for EndSessions {
    command_shape!("end-sessions" v 2: (), Refusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), Refusal> {
        let exists = matches!(account.phase, Phase::Unconfirmed | Phase::Active);
        if !exists || self.asked_in.is_some_and(|session| account.sessions.by_id(session, context.moment()).is_none()) {
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
            let note = self.note.clone();
            vec![AccountEvent::SessionsEnded(SessionsEnded { sessions, reason, browsers_forgotten, note })]
        };
        Decision::accept(events, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::account::events::SignInMethod;

    fn three_sessions() -> Story {
        active().then([1, 2, 3].map(|n| signed_in(n, SignInMethod::Password, BEGINNING)))
    }

    fn by_owner(which: Which) -> EndSessions {
        EndSessions { which, asked_in: Some(session_id(1)), note: None }
    }

    fn by_administrator(which: Which) -> EndSessions {
        EndSessions { which, asked_in: None, note: None }
    }

    fn one(n: u8) -> Which {
        Which::One(session_id(n))
    }

    #[test]
    fn one_from_the_list() {
        let decision = three_sessions().when(&by_owner(one(2)));
        assert_eq!(decision, Decision::accept(vec![ended([2], EndReason::Person, false)], ()));
        let sessions = three_sessions().then(decision.events).account.sessions;
        assert_eq!(sessions.by_id(session_id(2), BEGINNING), None);
        assert_eq!(sessions.open.len(), 2);
        assert_eq!(sessions.browser_generation, 0);
    }

    #[test]
    fn ones_own_can_be_ended_from_the_list_too() {
        let decision = three_sessions().when(&by_owner(one(1)));
        assert_eq!(decision, Decision::accept(vec![ended([1], EndReason::Person, false)], ()));
    }

    #[test]
    fn everywhere_ends_all_and_forgets_browsers() {
        let decision = three_sessions().when(&by_owner(Which::All));
        assert_eq!(decision, Decision::accept(vec![ended([1, 2, 3], EndReason::Everywhere, true)], ()));
        let sessions = three_sessions().then(decision.events).account.sessions;
        assert!(sessions.open.is_empty());
        assert_eq!(sessions.browser_generation, 1);
    }

    #[test]
    fn an_administrator_needs_no_session() {
        let all = three_sessions().when(&by_administrator(Which::All));
        assert_eq!(all, Decision::accept(vec![ended([1, 2, 3], EndReason::Administrator, true)], ()));
        let one = three_sessions().when(&by_administrator(one(3)));
        assert_eq!(one, Decision::accept(vec![ended([3], EndReason::Administrator, false)], ()));
        // Known browsers are forgotten where no session is open, too.
        let none = active().when(&by_administrator(Which::All));
        assert_eq!(none, Decision::accept(vec![ended([], EndReason::Administrator, true)], ()));
    }

    #[test]
    fn an_administrators_words_are_kept() {
        let note = Some("the phone was stolen".to_owned());
        let command = EndSessions { note: note.clone(), ..by_administrator(Which::All) };
        let decision = three_sessions().when(&command);
        let [AccountEvent::SessionsEnded(ended)] = decision.events.as_slice() else { panic!("{decision:?}") };
        assert_eq!(ended.note, note);
    }

    #[test]
    fn ending_an_ended_session_changes_nothing() {
        assert_eq!(three_sessions().when(&by_owner(one(9))), Decision::accept(vec![], ()));
        assert_eq!(three_sessions().when(&by_administrator(one(9))), Decision::accept(vec![], ()));
    }

    #[test]
    fn an_owner_without_a_live_session_is_refused() {
        let refused = Decision::refuse(Refusal::NotNow);
        for which in [one(2), Which::All] {
            assert_eq!(active().when(&by_owner(which)), refused);
            assert!(three_sessions().after(12 * 3600 - 1).when(&by_owner(which)).outcome.is_ok());
            assert_eq!(three_sessions().after(12 * 3600).when(&by_owner(which)), refused);
        }
    }

    #[test]
    fn there_must_be_an_account() {
        for story in [nothing(), lapsed()] {
            assert_eq!(story.when(&by_administrator(Which::All)), Decision::refuse(Refusal::NotNow));
        }
    }
}
