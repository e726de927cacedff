//! Somebody signs in with the password.

use minicbor::{Decode, Encode};

use super::{AccountDecision, NewSession, PasswordVerdict, command_shape};
use crate::account::Account;
use crate::account::events::{AccountEvent, Credential, PasswordRehashed, SignInMethod};
use crate::aggregate::{Command, Context, Decision};

/// Opens a session for whoever typed the right password.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignIn {
    /// What became of the typed password.
    #[n(0)]
    pub verdict: PasswordVerdict,
    /// The session that may begin.
    #[n(1)]
    pub session: NewSession,
    /// The same password hashed anew, where the parameters were raised.
    #[n(2)]
    pub rehashed: Option<Credential>,
}

/// Why a sign-in is refused. The person reads one sentence for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInRefusal {
    /// The account cannot be used: not confirmed, suspended or lapsed.
    #[error("the account cannot be used")]
    NotUsable,
    /// The password was wrong.
    #[error("the password is wrong")]
    WrongPassword,
    /// The verdict is about another password than the one in force: compute it anew.
    #[error("the password has changed since it was compared")]
    StaleVerdict,
}

impl Command for SignIn {
    command_shape!("sign-in" v 1: (), SignInRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), SignInRefusal> {
        let Some(password) = account.password.as_ref().filter(|_| account.is_usable()) else {
            return Decision::refuse(SignInRefusal::NotUsable);
        };
        if password.credential.key != self.verdict.credential {
            return Decision::refuse(SignInRefusal::StaleVerdict);
        }
        if !self.verdict.right {
            return Decision::refuse(SignInRefusal::WrongPassword);
        }
        let mut events = Vec::new();
        if let Some(credential) = &self.rehashed {
            events.push(AccountEvent::PasswordRehashed(PasswordRehashed { credential: credential.clone() }));
        }
        events.extend(account.open_session(&self.session, SignInMethod::Password, &[], context));
        Decision::accept(events, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::MAX_SESSIONS;
    use crate::account::commands::testing::*;
    use crate::account::events::{EndReason, SignedIn};
    use crate::ids::SessionId;
    use crate::policy::Policy;

    fn sign_in(session: u8) -> SignIn {
        SignIn { verdict: verdict(1, true), session: new_session(session), rehashed: None }
    }

    fn verdict(key: u8, right: bool) -> PasswordVerdict {
        PasswordVerdict { credential: credential(key).key, right }
    }

    #[test]
    fn the_right_password_opens_a_session() {
        let decision = active().when(&sign_in(1));
        assert_eq!(decision, Decision::accept(vec![signed_in(1, SignInMethod::Password, BEGINNING)], ()));
        let sessions = active().then(decision.events).account.sessions;
        assert_eq!(sessions.by_secret(&[1; 32], BEGINNING).map(|session| session.id), Some(session_id(1)));
        let end = BEGINNING.plus(std::time::Duration::from_secs(12 * 3600));
        assert!(sessions.live(session_id(1), crate::Timestamp(end.micros() - 1)).is_some());
        assert_eq!(sessions.live(session_id(1), end), None);
        assert_eq!(sessions.by_secret(&[1; 32], end), None);
    }

    #[test]
    fn lifetimes_follow_policy_and_computer() {
        let policy = Policy { session_idle: 600, session_absolute: 6000, session_public: 60, ..Policy::default() };
        for (public_computer, idle, lifetime) in [(false, 600, 6000), (true, 60, 60)] {
            let session = NewSession { public_computer, known_browser: true, ..new_session(1) };
            let decision = active().under(policy.clone()).when(&SignIn { session, ..sign_in(1) });
            let expected = SignedIn {
                session: session_id(1),
                secret_hash: [1; 32],
                methods: vec![SignInMethod::Password],
                known_browser: true,
                public_computer,
                idle,
                expires: active().after(lifetime).now,
            };
            assert_eq!(decision, Decision::accept(vec![AccountEvent::SignedIn(expected)], ()));
        }
    }

    #[test]
    fn a_stronger_hash_of_the_same_password_is_kept() {
        let story = active().after(60);
        let decision = story.when(&SignIn { rehashed: Some(credential(2)), ..sign_in(1) });
        let rehashed = AccountEvent::PasswordRehashed(PasswordRehashed { credential: credential(2) });
        let events = vec![rehashed, signed_in(1, SignInMethod::Password, story.now)];
        assert_eq!(decision, Decision::accept(events, ()));
        let password = story.then(decision.events).account.password.unwrap();
        assert_eq!(password.credential, credential(2));
        assert_eq!(password.set, BEGINNING, "the password is as old as it was");
    }

    #[test]
    fn a_verdict_about_another_password_is_refused_whatever_it_says() {
        for right in [true, false] {
            let command = SignIn { verdict: verdict(9, right), ..sign_in(1) };
            assert_eq!(active().when(&command), Decision::refuse(SignInRefusal::StaleVerdict));
        }
        // The password was changed, or hashed anew, between the comparison and the decision.
        let rehashed = AccountEvent::PasswordRehashed(PasswordRehashed { credential: credential(2) });
        for moved in [password_set(2, crate::account::PasswordReason::Change, None), rehashed] {
            let decision = active().then([moved]).when(&sign_in(1));
            assert_eq!(decision, Decision::refuse(SignInRefusal::StaleVerdict));
        }
    }

    #[test]
    fn a_wrong_password_is_refused() {
        let command = SignIn { verdict: verdict(1, false), rehashed: Some(credential(2)), ..sign_in(1) };
        assert_eq!(active().when(&command), Decision::refuse(SignInRefusal::WrongPassword));
    }

    #[test]
    fn the_account_must_be_usable() {
        for story in [nothing(), unconfirmed(), suspended(), lapsed()] {
            assert_eq!(story.when(&sign_in(1)), Decision::refuse(SignInRefusal::NotUsable));
        }
    }

    /// As many sessions as may be open, the first of them an hour older than the others.
    fn full() -> Story {
        let sessions = 2..=u8::try_from(MAX_SESSIONS).unwrap();
        let story = active().then([signed_in(1, SignInMethod::Password, BEGINNING)]).after(3600);
        let now = story.now;
        story.then(sessions.map(|n| signed_in(n, SignInMethod::Password, now)))
    }

    fn one_more(least_recent: Option<SessionId>) -> SignIn {
        SignIn { session: NewSession { least_recent, ..new_session(100) }, ..sign_in(100) }
    }

    #[test]
    fn one_too_many_ends_the_least_recently_used() {
        let decision = full().when(&one_more(Some(session_id(7))));
        let events = vec![ended([7], EndReason::TooMany, false), signed_in(100, SignInMethod::Password, full().now)];
        assert_eq!(decision, Decision::accept(events, ()));
        let sessions = full().then(decision.events).account.sessions;
        assert_eq!(sessions.open.len(), MAX_SESSIONS);
        assert_eq!(sessions.live(session_id(7), full().now), None);
        assert_eq!(sessions.browser_generation, 0);
    }

    #[test]
    fn without_a_word_on_use_the_oldest_makes_room() {
        for unknown in [None, Some(session_id(200))] {
            let decision = full().when(&one_more(unknown));
            assert_eq!(decision.events[0], ended([1], EndReason::TooMany, false));
        }
    }

    #[test]
    fn as_many_as_allowed_end_none() {
        let one_less = full().then([ended([9], EndReason::Person, false)]);
        assert_eq!(one_less.when(&one_more(Some(session_id(7)))).events.len(), 1);
    }

    #[test]
    fn a_session_whose_time_is_over_takes_no_room() {
        let over = full().after(11 * 3600);
        let decision = over.when(&one_more(Some(session_id(7))));
        assert_eq!(decision.events, [signed_in(100, SignInMethod::Password, over.now)]);
        let sessions = over.then(decision.events).account.sessions;
        assert_eq!(sessions.open.len(), MAX_SESSIONS, "the one whose time is over is dropped");
    }
}
