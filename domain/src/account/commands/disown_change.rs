//! By a mailed link: "this wasn't me".

use minicbor::{Decode, Encode};

use super::proofs::FRESH;
use super::{AccountDecision, command_shape};
use crate::account::events::{
    AccountEvent, ChangeDisowned, EndReason, FactorRemoved, FactorSuspended, PasswordReason, RecoveryCodesRemoved,
    RecoveryCodesSuspended, RemovalReason, SessionsEnded, SuspensionReason,
};
use crate::account::{Account, DISOWN_VALIDITY};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::FactorId;
use crate::time::Timestamp;

/// What a mail was about that told of a change.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Changed {
    /// A device came.
    #[n(0)]
    Factor(#[n(0)] FactorId),
    /// Recovery codes came, or one of them was used.
    #[n(1)]
    RecoveryCodes,
    /// The password, an option, or something that went.
    #[n(2)]
    Other,
    /// Nothing: somebody signed in.
    #[n(3)]
    SignIn,
    /// Several devices came back at once.
    #[n(4)]
    Factors(#[n(0)] Vec<FactorId>),
}

impl Changed {
    /// What an event changed of which the account's owner is told by a mail with a link; `None` for any other.
    #[must_use]
    pub fn by(event: &AccountEvent) -> Option<Self> {
        Some(match event {
            AccountEvent::FactorAdded(added) => Self::Factor(added.factor),
            AccountEvent::FactorResumed(resumed) => Self::Factor(resumed.factor),
            AccountEvent::FactorUnblocked(unblocked) => Self::Factor(unblocked.factor),
            AccountEvent::FactorPinChanged(changed) => Self::Factor(changed.factor),
            AccountEvent::RecoveryCodesIssued(_) | AccountEvent::RecoveryCodeUsed(_) => Self::RecoveryCodes,
            AccountEvent::PasswordSet(set) if !matches!(set.reason, PasswordReason::Registration) => Self::Other,
            AccountEvent::FactorRemoved(FactorRemoved { reason, .. })
            | AccountEvent::RecoveryCodesRemoved(RecoveryCodesRemoved { reason })
                if matches!(reason, RemovalReason::Person | RemovalReason::Everything) =>
            {
                Self::Other
            }
            AccountEvent::FactorRenamed(_)
            | AccountEvent::FactorsReset(_)
            | AccountEvent::SignInOptionsChanged(_)
            | AccountEvent::RecoveryCompleted(_) => Self::Other,
            AccountEvent::SignedIn(signed_in) if signed_in.is_news() => Self::SignIn,
            _ => return None,
        })
    }
}

/// Suspends what came with a change that the owner did not make, makes the password worthless, and ends the sessions opened
/// since. Older factors are left alone, and nothing is removed: the link proves the mailbox only.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DisownChange {
    /// The version of the change's event in the account's stream.
    #[n(0)]
    pub version: u64,
    /// When the change was decided.
    #[n(1)]
    pub at: Timestamp,
    /// What changed.
    #[n(2)]
    pub changed: Changed,
}

/// Why a change cannot be disowned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisownRefusal {
    /// [`DISOWN_VALIDITY`] is over, the change is of an earlier epoch of the log, or the account cannot be used.
    #[error("the time to disown the change is over")]
    Expired,
    /// It was disowned before.
    #[error("the change has been disowned")]
    Used,
}

impl Account {
    /// Whether a change can be disowned now.
    ///
    /// # Errors
    /// [`DisownRefusal`] says why not.
    pub fn may_disown(&self, version: u64, at: Timestamp, context: Context<'_>) -> Result<(), DisownRefusal> {
        if !self.is_usable() || at < context.epoch_began || context.now >= at.plus(DISOWN_VALIDITY) {
            return Err(DisownRefusal::Expired);
        }
        if self.factors.disowned.contains(&version) {
            return Err(DisownRefusal::Used);
        }
        Ok(())
    }
}

impl Command for DisownChange {
    command_shape!("disown-change" v 1: (), DisownRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), DisownRefusal> {
        if let Err(refusal) = account.may_disown(self.version, self.at, context) {
            return Decision::refuse(refusal);
        }
        let reason = SuspensionReason::Disowned;
        let mut events = vec![AccountEvent::ChangeDisowned(ChangeDisowned { version: self.version })];
        // Of one that was suspended as lost the log tells from here on that it is not the owner's.
        let suspend = |factor: &FactorId| {
            let there = account.factors.by_id(*factor).filter(|it| it.suspended != Some(reason))?;
            Some(AccountEvent::FactorSuspended(FactorSuspended { factor: there.id, reason }))
        };
        match &self.changed {
            Changed::Factor(factor) => events.extend(suspend(factor)),
            Changed::Factors(factors) => events.extend(factors.iter().filter_map(suspend)),
            // A later set is not what the mail was about.
            Changed::RecoveryCodes
                if account
                    .factors
                    .recovery
                    .as_ref()
                    .is_some_and(|codes| !codes.suspended && codes.issued <= self.at) =>
            {
                events.push(AccountEvent::RecoveryCodesSuspended(RecoveryCodesSuspended { reason }));
            }
            Changed::RecoveryCodes | Changed::Other | Changed::SignIn => {}
        }
        let since = match &self.changed {
            Changed::SignIn => self.at,
            // The session that made the change had proved something within this time before it.
            Changed::Factor(_) | Changed::Factors(_) | Changed::RecoveryCodes | Changed::Other => self.at.minus(FRESH),
        };
        let sessions = account.sessions.open.iter().filter(|open| open.began >= since).map(|open| open.id).collect();
        events.push(AccountEvent::SessionsEnded(SessionsEnded {
            sessions,
            reason: EndReason::Disowned,
            browsers_forgotten: true,
            note: None,
        }));
        Decision::accept(events, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::MAX_DISOWNED;
    use crate::account::commands::testing::*;
    use crate::account::commands::{
        ChangeSignInOptions, FactorRefusal, FactorVerdict, ManageRefusal, PasswordVerdict, ProofRefusal, RemoveFactor,
        SignIn, SignInRefusal,
    };
    use crate::account::events::{FactorKind, Proof, RecoveryCodesIssued, SignInMethod, SignedIn};

    const DAY: u64 = 24 * 3600;

    /// Device 1 is the owner's, who signed in with it hours before session 2, in which device 2 was added.
    fn broken_into() -> Story {
        active()
            .then([factor_added(1, 0, FactorKind::Totp)])
            .then([signed_in_with(1, &[Proof::by(SignInMethod::Password), totp(1)], BEGINNING)])
            .after(6 * 3600)
            .then([signed_in(2, SignInMethod::Password, BEGINNING.plus(std::time::Duration::from_secs(6 * 3600)))])
            .after(300)
            .then([factor_added(2, 1, FactorKind::SecurityKey)])
    }

    /// "This wasn't me" about what was done when the story had come so far.
    fn disown(story: &Story, version: u64, changed: Changed) -> DisownChange {
        DisownChange { version, at: story.now, changed }
    }

    fn disowned(version: u64) -> AccountEvent {
        AccountEvent::ChangeDisowned(ChangeDisowned { version })
    }

    fn suspended_factor(n: u8) -> AccountEvent {
        let reason = SuspensionReason::Disowned;
        AccountEvent::FactorSuspended(FactorSuspended { factor: factor_id(n), reason })
    }

    #[test]
    fn the_factor_is_suspended_the_password_worthless_and_what_was_opened_since_ends() {
        let story = broken_into();
        let command = disown(&story, 9, Changed::Factor(factor_id(2)));
        let later = story.after(3600);
        let later = later.clone().then([signed_in(3, SignInMethod::Password, later.now)]);
        let decision = later.when(&command);
        let events = vec![disowned(9), suspended_factor(2), ended([2, 3], EndReason::Disowned, true)];
        assert_eq!(
            decision,
            Decision::accept(events, ()),
            "the session in which it was added ends too, the older one not"
        );
        let account = later.then(decision.events).account;
        assert_eq!(account.password, None);
        assert!(!account.secret_keys_sorted().contains(&credential(1).key), "its key goes with it");
        assert!(account.factors.by_id(factor_id(1)).unwrap().counts(), "older factors are left alone");
        assert!(!account.factors.by_id(factor_id(2)).unwrap().counts());
        assert_eq!(account.sessions.open.len(), 1);
    }

    #[test]
    fn what_is_suspended_signs_nobody_in_and_the_account_asks_for_no_less() {
        let story = broken_into();
        let story = story.clone().then(story.when(&disown(&story, 9, Changed::Factor(factor_id(2)))).events);
        let anew = Proof { challenge: None, step: Some(2_000), ..totp(1) };
        let again = signed_in_with(9, &[Proof::by(SignInMethod::Password), anew], story.now);
        let story = story.then([password_set(7, PasswordReason::Reset, None), again]);
        let password = Some(PasswordVerdict { credential: credential(7).key, right: true });
        let key = Proof { method: SignInMethod::SecurityKey, ..passkey(2) };
        let answer = FactorVerdict { proof: key, credential: credential(102).key, right: true, code: None };
        let sign_in = SignIn { verdict: password, session: new_session(8), rehashed: None, factor: Some(answer) };
        assert_eq!(story.when(&sign_in), Decision::refuse(SignInRefusal::Proof(ProofRefusal::Gone)));
        // As long as the key is there, a weaker device does not manage it away.
        let remove = RemoveFactor { session: session_id(9), factor: factor_id(2) };
        let refused = FactorRefusal::Manage(ManageRefusal::KeyNeeded);
        assert_eq!(story.when(&remove), Decision::refuse(refused));
        let strict = crate::policy::Policy { second_factor_required: true, ..crate::policy::Policy::default() };
        assert!(story.account.needs_second_factor(&strict));
    }

    #[test]
    fn each_change_is_disowned_once_and_for_thirty_days() {
        let story = broken_into();
        let command = disown(&story, 9, Changed::Factor(factor_id(2)));
        let done = story.clone().then(story.when(&command).events);
        assert_eq!(done.when(&command), Decision::refuse(DisownRefusal::Used));
        let last = story.clone().after(30 * DAY - 1);
        assert!(last.when(&command).outcome.is_ok());
        assert_eq!(last.after(1).when(&command), Decision::refuse(DisownRefusal::Expired));
        assert_eq!(story.after(1).in_a_new_epoch().when(&command), Decision::refuse(DisownRefusal::Expired));
        for story in [nothing(), unconfirmed(), suspended(), lapsed()] {
            assert_eq!(story.when(&disown(&story, 9, Changed::Other)), Decision::refuse(DisownRefusal::Expired));
        }
    }

    #[test]
    fn codes_are_suspended_until_others_take_their_place() {
        let codes = |n| AccountEvent::RecoveryCodesIssued(RecoveryCodesIssued { credential: credential(n), count: 10 });
        let story = broken_into().then([codes(50)]);
        let decision = story.when(&disown(&story, 10, Changed::RecoveryCodes));
        let reason = SuspensionReason::Disowned;
        let suspended = AccountEvent::RecoveryCodesSuspended(RecoveryCodesSuspended { reason });
        assert_eq!(decision.events, [disowned(10), suspended, ended([2], EndReason::Disowned, true)]);
        let story = story.then(decision.events).then([password_set(7, PasswordReason::Reset, None)]);
        let proof = Proof::by(SignInMethod::RecoveryCode);
        let answer = |n| FactorVerdict { proof, credential: credential(n).key, right: true, code: Some(3) };
        let verdict = Some(PasswordVerdict { credential: credential(7).key, right: true });
        let sign_in = |n| SignIn { verdict, session: new_session(8), rehashed: None, factor: Some(answer(n)) };
        assert_eq!(story.when(&sign_in(50)), Decision::refuse(SignInRefusal::Proof(ProofRefusal::Gone)));
        assert!(story.then([codes(51)]).when(&sign_in(51)).outcome.is_ok());
    }

    #[test]
    fn what_came_back_together_is_suspended_together() {
        let story = broken_into();
        let both = Changed::Factors(vec![factor_id(1), factor_id(9), factor_id(2)]);
        let events = vec![disowned(9), suspended_factor(1), suspended_factor(2), ended([2], EndReason::Disowned, true)];
        assert_eq!(story.when(&disown(&story, 9, both)), Decision::accept(events, ()), "and what is gone is gone");
    }

    #[test]
    fn a_later_set_of_codes_is_left_alone() {
        let codes = |n| AccountEvent::RecoveryCodesIssued(RecoveryCodesIssued { credential: credential(n), count: 10 });
        let story = broken_into().then([codes(50)]);
        let command = disown(&story, 10, Changed::RecoveryCodes);
        let events = story.after(60).then([codes(51)]).when(&command).events;
        assert_eq!(events, [disowned(10), ended([2], EndReason::Disowned, true)]);
    }

    #[test]
    fn one_that_was_suspended_as_lost_is_disowned_all_the_same() {
        let reason = SuspensionReason::Lost;
        let lost = AccountEvent::FactorSuspended(FactorSuspended { factor: factor_id(2), reason });
        let story = broken_into().then([lost]);
        let command = disown(&story, 9, Changed::Factor(factor_id(2)));
        assert!(story.when(&command).events.contains(&suspended_factor(2)));
    }

    #[test]
    fn what_is_gone_or_suspended_already_is_not_suspended_again() {
        let story = broken_into();
        for changed in [Changed::Factor(factor_id(9)), Changed::RecoveryCodes, Changed::Other] {
            let events = vec![disowned(4), ended([2], EndReason::Disowned, true)];
            assert_eq!(story.when(&disown(&story, 4, changed.clone())), Decision::accept(events, ()), "{changed:?}");
        }
    }

    #[test]
    fn a_sign_in_ends_with_all_that_followed_it_and_nothing_before() {
        let began = |story: &Story, n| signed_in(n, SignInMethod::Password, story.now);
        let story = active().then([factor_added(1, 0, FactorKind::Totp)]).after(3600);
        let story = story.clone().then([began(&story, 1)]).after(60);
        let story = story.clone().then([began(&story, 2)]);
        let command = disown(&story, 9, Changed::SignIn);
        let later = story.after(60);
        let later = later.clone().then([began(&later, 3)]);
        let events = vec![disowned(9), ended([2, 3], EndReason::Disowned, true)];
        let decision = later.when(&command);
        assert_eq!(decision, Decision::accept(events, ()), "what was opened a minute before stays");
        let account = later.then(decision.events).account;
        assert!(account.password.is_none() && account.factors.counting().count() == 1);
    }

    #[test]
    fn a_sign_in_is_told_where_a_proof_came_from_a_browser_that_is_not_known() {
        let told = |signed_in: &SignedIn| Changed::by(&AccountEvent::SignedIn(signed_in.clone()));
        let AccountEvent::SignedIn(strange) = signed_in(1, SignInMethod::Password, BEGINNING) else { panic!() };
        assert_eq!(told(&strange), Some(Changed::SignIn));
        let key = SignedIn { proofs: vec![passkey(2)], ..strange.clone() };
        assert_eq!(told(&key), Some(Changed::SignIn));
        assert_eq!(told(&SignedIn { known_browser: true, ..strange.clone() }), None);
        let more_proved = SignedIn { continues: Some(session_id(9)), ..strange.clone() };
        assert_eq!(told(&more_proved), None);
        let by_link = SignedIn { proofs: vec![Proof::by(SignInMethod::MailedLink)], ..strange };
        assert_eq!(told(&by_link), None, "the first password's own session, or one of which another mail tells");
    }

    #[test]
    fn an_option_that_needs_a_factor_needs_one_that_counts() {
        let story = active().then([factor_added(1, 0, FactorKind::Totp), suspended_factor(1)]).then([signed_in_with(
            1,
            &[Proof::by(SignInMethod::RecoveryCode)],
            BEGINNING,
        )]);
        let always = ChangeSignInOptions { session: session_id(1), always_second_factor: true };
        assert_eq!(story.when(&always), Decision::refuse(FactorRefusal::NoneThere));
    }

    #[test]
    fn only_the_last_ones_are_remembered() {
        let count = u64::try_from(MAX_DISOWNED).unwrap();
        let story = active().then((0..=count).map(disowned));
        assert_eq!(story.account.factors.disowned, (1..=count).collect::<Vec<_>>());
    }
}
