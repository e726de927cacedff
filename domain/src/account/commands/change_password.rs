//! A signed-in person chooses another password.

use minicbor::{Decode, Encode};

use super::proofs::ManageRefusal;
use super::{AccountDecision, NewPassword, NewSession, PasswordVerdict, command_shape};
use crate::account::events::{PasswordReason, Proof, SignInMethod};
use crate::account::{Account, EndReason};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::SessionId;

/// Replaces the password by its owner's wish: every session ends, and the browser that asked goes on in a new one, so that
/// a copied cookie ends too.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ChangePassword {
    /// What became of the typed current password.
    #[n(0)]
    pub verdict: PasswordVerdict,
    /// The new one.
    #[n(1)]
    pub password: NewPassword,
    /// The session in which this is asked.
    #[n(2)]
    pub session: SessionId,
    /// The session that takes its place.
    #[n(3)]
    pub next: NewSession,
}

/// Why the password stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangePasswordRefusal {
    /// The session has ended, or the account cannot be used.
    #[error("the session has ended")]
    NoSession,
    /// The current password was wrong.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The verdict is about another password than the one in force: compute it anew.
    #[error("the password has changed since it was compared")]
    StaleVerdict,
    /// The rule changed since the new password was checked: check it anew.
    #[error("the password rule has changed")]
    OtherRule,
    /// The account has second factors, and the session lacks a fresh proof by one.
    #[error(transparent)]
    Manage(#[from] ManageRefusal),
}

impl Command for ChangePassword {
    command_shape!("change-password" v 2: (), ChangePasswordRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), ChangePasswordRefusal> {
        let Some(current) = account.password.as_ref().filter(|_| account.is_usable()) else {
            return Decision::refuse(ChangePasswordRefusal::NoSession);
        };
        let Some(session) = account.sessions.by_id(self.session, context.moment()) else {
            return Decision::refuse(ChangePasswordRefusal::NoSession);
        };
        if let Err(refusal) = account.owes_no_factor() {
            return Decision::refuse(refusal.into());
        }
        // Without second factors the current password is proof enough.
        if !account.factors.is_empty()
            && let Err(refusal) = account.may_manage(self.session, context)
        {
            return Decision::refuse(refusal.into());
        }
        if current.credential.key != self.verdict.credential {
            return Decision::refuse(ChangePasswordRefusal::StaleVerdict);
        }
        if !self.verdict.right {
            return Decision::refuse(ChangePasswordRefusal::WrongPassword);
        }
        if self.password.rule != context.policy.password_rule {
            return Decision::refuse(ChangePasswordRefusal::OtherRule);
        }
        let mut events = vec![self.password.set(PasswordReason::Change, None)];
        events.extend(account.end_all_sessions(EndReason::PasswordChanged, false));
        // Nobody signs in: the browser goes on, no longer than before.
        let proofs = vec![Proof::by(SignInMethod::Password)];
        events.extend(account.continue_session(session, &self.next, proofs, context));
        Decision::accept(events, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::account::events::FactorKind;
    use crate::account::events::LinkPurpose;
    use crate::account::events::SignedIn;
    use crate::account::{AccountEvent, Level, LinkStanding};
    use crate::policy::Policy;
    use crate::values::PasswordRule;

    fn with_sessions(sessions: impl IntoIterator<Item = u8>) -> Story {
        active().then(sessions.into_iter().map(|n| signed_in(n, SignInMethod::Password, BEGINNING)))
    }

    fn change() -> ChangePassword {
        ChangePassword {
            verdict: PasswordVerdict { credential: credential(1).key, right: true },
            password: new_password(2),
            session: session_id(1),
            next: new_session(100),
        }
    }

    /// The event by which a session goes on as another.
    fn went_on(session: u8, next: u8) -> AccountEvent {
        let AccountEvent::SignedIn(event) = signed_in(next, SignInMethod::Password, BEGINNING) else { panic!() };
        AccountEvent::SignedIn(SignedIn { continues: Some(session_id(session)), ..event })
    }

    #[test]
    fn every_session_ends_and_the_browser_goes_on_in_a_new_one() {
        let decision = with_sessions([2, 1, 3]).when(&change());
        let events = vec![
            password_set(2, PasswordReason::Change, None),
            ended([2, 1, 3], EndReason::PasswordChanged, false),
            went_on(1, 100),
        ];
        assert_eq!(decision, Decision::accept(events, ()));

        let after = with_sessions([2, 1, 3]).then(decision.events).account;
        assert!(after.sessions.by_id(session_id(1), BEGINNING).is_none(), "a copied cookie ends too");
        assert!(after.sessions.by_id(session_id(100), BEGINNING).is_some());
        assert_eq!(after.sessions.open.len(), 1);
        assert_eq!(after.sessions.browser_generation, 0, "known browsers stay known");
        assert_eq!(after.password.unwrap().credential, credential(2));
    }

    #[test]
    fn an_open_link_that_could_set_another_password_dies() {
        let story = || with_sessions([1]).then([requested(2, LinkPurpose::Reset, BEGINNING)]);
        let after = story().then(story().when(&change()).events).account;
        assert_eq!(after.links.standing(link_id(2), BEGINNING), LinkStanding::Superseded);
    }

    #[test]
    fn with_second_factors_a_fresh_proof_by_one_is_needed_and_its_level_stays() {
        let story = with_sessions([1]).then([factor_added(1, 0, FactorKind::Totp)]);
        let refused = Decision::refuse(ChangePasswordRefusal::Manage(ManageRefusal::FactorNeeded));
        assert_eq!(story.when(&change()), refused);
        let story = active().then([
            factor_added(1, 0, FactorKind::Totp),
            signed_in_with(1, &[Proof::by(SignInMethod::Password), totp(1)], BEGINNING),
        ]);
        let account = story.clone().then(story.when(&change()).events).account;
        let session = account.sessions.by_id(session_id(100), BEGINNING).unwrap();
        assert_eq!((session.level, account.sessions.open.len()), (Level::Medium, 1));
        assert!(session.factors.is_empty(), "what counts as fresh is the password");
        let refused = Decision::refuse(ChangePasswordRefusal::Manage(ManageRefusal::NotFresh));
        assert_eq!(story.after(600).when(&change()), refused);
    }

    #[test]
    fn refused_without_a_live_session() {
        let refused = Decision::refuse(ChangePasswordRefusal::NoSession);
        for story in [nothing(), unconfirmed(), active(), with_sessions([2]), suspended(), lapsed()] {
            assert_eq!(story.when(&change()), refused);
        }
        assert!(with_sessions([1]).after(12 * 3600 - 1).when(&change()).outcome.is_ok());
        assert_eq!(with_sessions([1]).after(12 * 3600).when(&change()), refused);
    }

    #[test]
    fn a_verdict_about_another_password_is_refused_whatever_it_says() {
        for right in [true, false] {
            let verdict = PasswordVerdict { credential: credential(9).key, right };
            let decision = with_sessions([1]).when(&ChangePassword { verdict, ..change() });
            assert_eq!(decision, Decision::refuse(ChangePasswordRefusal::StaleVerdict));
        }
    }

    #[test]
    fn the_current_password_must_be_right() {
        let verdict = PasswordVerdict { credential: credential(1).key, right: false };
        let decision = with_sessions([1]).when(&ChangePassword { verdict, ..change() });
        assert_eq!(decision, Decision::refuse(ChangePasswordRefusal::WrongPassword));
    }

    #[test]
    fn the_new_password_must_satisfy_the_rule_in_force() {
        let stricter = Policy { password_rule: PasswordRule::Nist, ..Policy::default() };
        let decision = with_sessions([1]).under(stricter).when(&change());
        assert_eq!(decision, Decision::refuse(ChangePasswordRefusal::OtherRule));
    }
}
