//! The owner opens the mailed link and sets a new password.

use minicbor::{Decode, Encode};

use super::{AccountDecision, LinkRefusal, NewPassword, NewSession, command_shape};
use crate::account::events::{LinkPurpose, PasswordReason, Proof, SignInMethod};
use crate::account::{Account, EndReason};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::LinkId;

/// Sets a new password by a mailed link: every other session ends and every known browser is forgotten.
///
/// A mailbox is no factor: where the account has second factors no session begins, but a sign-in goes on to them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CompleteReset {
    /// The link, whose secret was right.
    #[n(0)]
    pub link: LinkId,
    /// The new password.
    #[n(1)]
    pub password: NewPassword,
    /// The session that begins with it.
    #[n(2)]
    pub session: NewSession,
}

/// What a reset led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetOutcome {
    /// The browser is signed in.
    SignedIn,
    /// The password is set, and the account's second factors come next.
    SecondFactorNext,
}

/// Why a password cannot be reset so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompleteResetRefusal {
    /// The link cannot be used.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
    /// The account is suspended.
    #[error("the account is suspended")]
    Suspended,
    /// The rule changed since the password was checked: check it anew.
    #[error("the password rule has changed")]
    OtherRule,
}

impl Command for CompleteReset {
    command_shape!("complete-reset" v 1: ResetOutcome, CompleteResetRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<ResetOutcome, CompleteResetRefusal> {
        if let Err(refusal) = account.check_link(self.link, LinkPurpose::Reset, context) {
            return Decision::refuse(refusal.into());
        }
        if !account.is_usable() {
            return Decision::refuse(CompleteResetRefusal::Suspended);
        }
        if self.password.rule != context.policy.password_rule {
            return Decision::refuse(CompleteResetRefusal::OtherRule);
        }
        let ended: Vec<_> = account.sessions.open.iter().map(|session| session.id).collect();
        let mut events = vec![self.password.set(PasswordReason::Reset, Some(self.link))];
        events.extend(account.end_all_sessions(EndReason::PasswordReset, true));
        if !account.factors.is_empty() {
            return Decision::accept(events, ResetOutcome::SecondFactorNext);
        }
        events.extend(account.open_session(&self.session, vec![Proof::by(SignInMethod::MailedLink)], &ended, context));
        Decision::accept(events, ResetOutcome::SignedIn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::MAX_SESSIONS;
    use crate::account::commands::testing::*;
    use crate::account::events::{AccountEvent, FactorKind};
    use crate::policy::Policy;
    use crate::values::PasswordRule;

    fn forgetful() -> Story {
        active().then([requested(2, LinkPurpose::Reset, BEGINNING)])
    }

    fn complete(link: u8) -> CompleteReset {
        CompleteReset { link: link_id(link), password: new_password(2), session: new_session(100) }
    }

    fn refused(refusal: LinkRefusal) -> AccountDecision<ResetOutcome, CompleteResetRefusal> {
        Decision::refuse(CompleteResetRefusal::Link(refusal))
    }

    #[test]
    fn all_sessions_end_all_browsers_are_forgotten_and_a_new_session_begins() {
        let story = forgetful().then([1, 2].map(|n| signed_in(n, SignInMethod::Password, BEGINNING)));
        let decision = story.when(&complete(2));
        let events = vec![
            password_set(2, PasswordReason::Reset, Some(2)),
            ended([1, 2], EndReason::PasswordReset, true),
            signed_in(100, SignInMethod::MailedLink, BEGINNING),
        ];
        assert_eq!(decision, Decision::accept(events, ResetOutcome::SignedIn));

        let account = story.then(decision.events).account;
        assert_eq!(account.sessions.browser_generation, 1);
        let open: Vec<_> = account.sessions.open.iter().map(|session| session.id).collect();
        assert_eq!(open, [session_id(100)]);
        assert_eq!(account.password.unwrap().credential, credential(2));
    }

    #[test]
    fn browsers_are_forgotten_even_where_no_session_is_open() {
        let events = vec![
            password_set(2, PasswordReason::Reset, Some(2)),
            ended([], EndReason::PasswordReset, true),
            signed_in(100, SignInMethod::MailedLink, BEGINNING),
        ];
        assert_eq!(forgetful().when(&complete(2)), Decision::accept(events, ResetOutcome::SignedIn));
    }

    #[test]
    fn sessions_that_end_anyway_need_not_make_room() {
        let full = 1..=u8::try_from(MAX_SESSIONS).unwrap();
        let story = forgetful().then(full.clone().map(|n| signed_in(n, SignInMethod::Password, BEGINNING)));
        let events = vec![
            password_set(2, PasswordReason::Reset, Some(2)),
            ended(full, EndReason::PasswordReset, true),
            signed_in(100, SignInMethod::MailedLink, BEGINNING),
        ];
        assert_eq!(story.when(&complete(2)), Decision::accept(events, ResetOutcome::SignedIn));
    }

    #[test]
    fn all_open_links_die_with_the_one_that_is_used() {
        let story = forgetful().then([requested(3, LinkPurpose::Reset, BEGINNING)]);
        let story = story.clone().then(story.when(&complete(2)).events);
        assert!(story.account.links.open.is_empty());
        assert_eq!(story.when(&complete(2)), refused(LinkRefusal::Used));
        assert_eq!(story.when(&complete(3)), refused(LinkRefusal::Superseded));
    }

    #[test]
    fn a_password_changed_meanwhile_closes_the_link() {
        let story = forgetful().then([password_set(7, PasswordReason::Change, None)]);
        assert_eq!(story.when(&complete(2)), refused(LinkRefusal::Superseded));
    }

    #[test]
    fn validity_ends_at_its_moment() {
        assert!(forgetful().after(24 * 3600 - 1).when(&complete(2)).outcome.is_ok());
        assert_eq!(forgetful().after(24 * 3600).when(&complete(2)), refused(LinkRefusal::Expired));
        let story = forgetful().then([sent(2, BEGINNING)]);
        assert!(story.clone().after(90 * 60 - 1).when(&complete(2)).outcome.is_ok());
        assert_eq!(story.after(90 * 60).when(&complete(2)), refused(LinkRefusal::Expired));
    }

    #[test]
    fn only_an_open_reset_link_of_this_account_will_do() {
        assert_eq!(unconfirmed().when(&complete(1)), refused(LinkRefusal::AnotherPurpose));
        assert_eq!(active().when(&complete(1)), refused(LinkRefusal::Used));
        assert_eq!(active().when(&complete(9)), refused(LinkRefusal::Expired));
        assert_eq!(nothing().when(&complete(2)), refused(LinkRefusal::Expired));
        assert_eq!(lapsed().when(&complete(1)), refused(LinkRefusal::Expired));
    }

    #[test]
    fn refused_while_suspended() {
        assert_eq!(suspended().when(&complete(2)), Decision::refuse(CompleteResetRefusal::Suspended));
        let resumed = suspended().then([AccountEvent::Resumed(reason_given())]);
        assert!(resumed.when(&complete(2)).outcome.is_ok());
    }

    #[test]
    fn the_password_must_satisfy_the_rule_in_force() {
        let stricter = Policy { password_rule: PasswordRule::Nist, ..Policy::default() };
        let decision = forgetful().under(stricter).when(&complete(2));
        assert_eq!(decision, Decision::refuse(CompleteResetRefusal::OtherRule));
    }

    #[test]
    fn a_mailbox_is_no_factor() {
        let factors = [factor_added(1, 0, FactorKind::Totp)];
        let decision = forgetful().then(factors).when(&complete(2));
        let events = vec![password_set(2, PasswordReason::Reset, Some(2)), ended([], EndReason::PasswordReset, true)];
        assert_eq!(decision, Decision::accept(events, ResetOutcome::SecondFactorNext));
    }
}
