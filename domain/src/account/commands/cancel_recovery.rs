//! An owner who still has a device, or reads the mail, ends a recovery that waits.

use minicbor::{Decode, Encode};

use super::parts::Unproved;
use super::proofs::{FactorVerdict, ProofRefusal};
use super::{AccountDecision, PasswordVerdict, command_shape};
use crate::account::events::{AccountEvent, CancelledBy, Proof, RecoveryCancelled};
use crate::account::{Account, Factor};
use crate::aggregate::{Command, Context, Decision};
use crate::time::Timestamp;

/// Why a recovery goes on, or is none any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CancelRefusal {
    /// It was cancelled, completed or replaced, it has lapsed, or the account cannot be used.
    #[error("no such recovery waits")]
    NoneWaits,
    /// The password was wrong.
    #[error("the password is wrong")]
    WrongPassword,
    /// The verdict is about another password than the one in force: compute it anew.
    #[error("the password has changed since it was compared")]
    StaleVerdict,
    /// The device has no say in it: it came too late, or is not suspended, so that a sign-in with it would do.
    #[error("the device has no say in it")]
    NoSay,
    /// The device's answer counts for nothing.
    #[error(transparent)]
    Proof(#[from] ProofRefusal),
}

impl From<Unproved> for CancelRefusal {
    fn from(unproved: Unproved) -> Self {
        match unproved {
            Unproved::NotUsable => Self::NoneWaits,
            Unproved::Stale => Self::StaleVerdict,
            Unproved::Wrong => Self::WrongPassword,
        }
    }
}

fn cancelled(by: CancelledBy) -> AccountEvent {
    AccountEvent::RecoveryCancelled(RecoveryCancelled { by })
}

/// Cancels the recovery of a mail by the link in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CancelRecovery {
    /// When the recovery was asked for of which the mail told.
    #[n(0)]
    pub requested: Timestamp,
}

impl Command for CancelRecovery {
    command_shape!("cancel-recovery" v 1: (), CancelRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), CancelRefusal> {
        if account.recovery_of(self.requested, context) {
            Decision::accept(vec![cancelled(CancelledBy::MailedLink)], ())
        } else {
            Decision::refuse(CancelRefusal::NoneWaits)
        }
    }
}

/// Cancels the recovery that waits by a device that is suspended. Nobody is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CancelRecoveryByDevice {
    /// What became of the typed password.
    #[n(0)]
    pub verdict: PasswordVerdict,
    /// What became of the device's answer.
    #[n(1)]
    pub factor: FactorVerdict,
}

impl Command for CancelRecoveryByDevice {
    command_shape!("cancel-recovery-by-device" v 1: (), CancelRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), CancelRefusal> {
        if let Err(unproved) = account.judge_password(self.verdict) {
            return Decision::refuse(unproved.into());
        }
        if account.recovery.at(context.now).is_none() {
            return Decision::refuse(CancelRefusal::NoneWaits);
        }
        let factor = self.factor.proof.factor.and_then(|id| account.factors.by_id(id));
        let Some(factor) = factor.filter(|factor| account.may_object(factor, context.now)) else {
            return Decision::refuse(CancelRefusal::NoSay);
        };
        match account.check_device_proof(&self.factor, factor, context.now) {
            Ok(()) => Decision::accept(vec![cancelled(CancelledBy::SuspendedDevice(self.factor.proof))], ()),
            Err(refusal) => Decision::refuse_with(refusal.trace(), refusal.into()),
        }
    }
}

impl Account {
    /// Whether the recovery that was asked for then can still be cancelled.
    #[must_use]
    pub fn recovery_of(&self, requested: Timestamp, context: Context<'_>) -> bool {
        self.is_usable() && self.recovery.at(context.now).is_some_and(|open| open.requested == requested)
    }

    /// Whether a device that is suspended, and not blocked, may cancel the recovery that waits. For whatever reason it is: the mailbox alone
    /// disowns a device, and must not take its say away.
    #[must_use]
    pub fn may_object(&self, factor: &Factor, now: Timestamp) -> bool {
        factor.suspended.is_some()
            && !factor.is_blocked()
            && self.recovery.at(now).is_some_and(|open| open.is_ended_by(factor))
    }

    /// The event by which a recovery ends that waits while somebody signs in with these proofs.
    pub(super) fn ends_recovery(&self, proofs: &[Proof], now: Timestamp) -> Option<AccountEvent> {
        let open = self.recovery.at(now)?;
        let used = proofs.iter().filter_map(|proof| self.factors.by_id(proof.factor?));
        let by = used.into_iter().find(|factor| open.is_ended_by(factor))?;
        Some(cancelled(CancelledBy::SignIn(by.id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::account::commands::{ProveMore, SignIn};
    use crate::account::events::{
        FactorKind, FactorSuspended, FactorsSuspended, RecoveryCodesIssued, RecoveryRequested, SignInMethod,
        SuspensionReason,
    };
    use crate::ids::{ChallengeId, FactorId};

    const DAY: u64 = 24 * 3600;

    fn asked(factor: Option<FactorId>, now: Timestamp) -> AccountEvent {
        let ends = now.plus(std::time::Duration::from_secs(3 * DAY));
        AccountEvent::RecoveryRequested(RecoveryRequested { link: None, factor, ends })
    }

    /// Device 1 (an app) was there for a week and a second, device 2 (a key) for a week when a recovery of everything, or of
    /// the key, was asked for; device 3 (an app) and recovery codes came since.
    fn waits(factor: Option<FactorId>) -> Story {
        let codes = AccountEvent::RecoveryCodesIssued(RecoveryCodesIssued { credential: credential(50), count: 10 });
        let story = active().then([factor_added(1, 0, FactorKind::Totp)]).after(1);
        let story = story.then([factor_added(2, 1, FactorKind::SecurityKey)]).after(7 * DAY);
        let now = story.now;
        story.then([asked(factor, now)]).after(60).then([factor_added(3, 2, FactorKind::Totp), codes])
    }

    fn password(right: bool) -> PasswordVerdict {
        PasswordVerdict { credential: credential(1).key, right }
    }

    fn answer(n: u8) -> FactorVerdict {
        let challenge = Some(ChallengeId::from_bytes([n; 16]));
        let proof = if n == 2 {
            Proof { method: SignInMethod::SecurityKey, ..passkey(2) }
        } else {
            Proof { challenge, ..totp(n) }
        };
        FactorVerdict { proof, credential: credential(100 + n).key, right: true, code: None }
    }

    fn sign_in(factor: Option<FactorVerdict>) -> SignIn {
        SignIn { verdict: Some(password(true)), session: new_session(5), rehashed: None, factor }
    }

    fn cancels(story: &Story, n: u8) -> bool {
        let events = story.when(&sign_in(Some(answer(n)))).events;
        assert!(matches!(events.last(), Some(AccountEvent::SignedIn(_))), "{events:?}");
        let by = CancelledBy::SignIn(factor_id(n));
        events.contains(&AccountEvent::RecoveryCancelled(RecoveryCancelled { by }))
    }

    #[test]
    fn a_sign_in_with_an_old_device_cancels_it_and_one_with_a_young_one_does_not() {
        let story = waits(None);
        assert!(cancels(&story, 1));
        assert!(!cancels(&story, 2), "there for a week and no longer");
        assert!(!cancels(&story, 3), "it came since");
        assert!(!cancels(&story.clone().after(10 * DAY), 1), "lapsed: there is nothing to cancel");
        assert!(
            cancels(&story.clone().after(9 * DAY), 1),
            "also when its time is over, as long as it can be completed"
        );
        let cancelled = story.clone().then(story.when(&sign_in(Some(answer(1)))).events);
        assert_eq!(cancelled.account.recovery.open, None);
        // Neither the password nor a recovery code is a multi-factor sign-in.
        assert_eq!(story.when(&sign_in(None)).events.len(), 1);
        let code = FactorVerdict {
            proof: Proof::by(SignInMethod::RecoveryCode),
            credential: credential(50).key,
            right: true,
            code: Some(1),
        };
        let events = story.when(&sign_in(Some(code))).events;
        assert!(matches!(events[..], [AccountEvent::RecoveryCodeUsed(_), AccountEvent::SignedIn(_)]), "{events:?}");
        // What was refused cancels nothing.
        let wrong = FactorVerdict { right: false, ..answer(1) };
        assert_eq!(story.when(&sign_in(Some(wrong))).events, []);
    }

    #[test]
    fn a_proof_in_an_open_session_cancels_it_as_well() {
        let story = waits(None);
        let now = story.now;
        let story = story.then([signed_in(4, SignInMethod::Password, now)]);
        let (session, next) = (session_id(4), new_session(5));
        let more = |n| ProveMore { session, password: None, factor: Some(answer(n)), next: next.clone() };
        let by = CancelledBy::SignIn(factor_id(1));
        assert_eq!(story.when(&more(1)).events[0], AccountEvent::RecoveryCancelled(RecoveryCancelled { by }));
        assert_eq!(story.when(&more(3)).events.len(), 1);
    }

    #[test]
    fn where_one_device_is_lost_only_that_one_cancels() {
        assert!(!cancels(&waits(Some(factor_id(2))), 1));
        assert!(!cancels(&waits(Some(factor_id(2))), 2), "it is young");
        assert!(cancels(&waits(Some(factor_id(1))), 1));
    }

    #[test]
    fn the_mailed_link_cancels_the_recovery_that_the_mail_is_about() {
        let story = waits(None);
        let requested = story.account.recovery.open.unwrap().requested;
        let cancel = CancelRecovery { requested };
        let by_link = AccountEvent::RecoveryCancelled(RecoveryCancelled { by: CancelledBy::MailedLink });
        assert_eq!(story.when(&cancel), Decision::accept(vec![by_link], ()));
        let none = || Decision::refuse(CancelRefusal::NoneWaits);
        let over = story.clone().then(story.when(&cancel).events);
        assert_eq!(over.when(&cancel), none());
        let now = over.now;
        assert_eq!(over.then([asked(None, now)]).when(&cancel), none(), "another one");
        assert_eq!(story.clone().after(10 * DAY).when(&cancel), none(), "lapsed");
        assert_eq!(story.then([AccountEvent::Suspended(reason_given())]).when(&cancel), none());
    }

    #[test]
    fn a_suspended_device_cancels_it_and_lets_nobody_in() {
        let story = waits(None).then([AccountEvent::FactorsSuspended(FactorsSuspended { link: link_id(9) })]);
        let cancel = |right, n| CancelRecoveryByDevice { verdict: password(right), factor: answer(n) };
        let decision = story.when(&cancel(true, 1));
        let by = CancelledBy::SuspendedDevice(answer(1).proof);
        assert_eq!(decision, Decision::accept(vec![AccountEvent::RecoveryCancelled(RecoveryCancelled { by })], ()));
        let refused = Decision::refuse;
        assert_eq!(story.when(&cancel(false, 1)), refused(CancelRefusal::WrongPassword));
        let stale = PasswordVerdict { credential: credential(9).key, right: true };
        let stale = CancelRecoveryByDevice { verdict: stale, ..cancel(true, 1) };
        assert_eq!(story.when(&stale), refused(CancelRefusal::StaleVerdict));
        for n in [2, 3, 9] {
            assert_eq!(story.when(&cancel(true, n)), refused(CancelRefusal::NoSay), "{n}");
        }
        let wrong = FactorVerdict { right: false, ..answer(1) };
        let wrong = CancelRecoveryByDevice { factor: wrong, ..cancel(true, 1) };
        assert_eq!(story.when(&wrong), refused(CancelRefusal::Proof(ProofRefusal::Wrong)));
        assert_eq!(waits(None).when(&cancel(true, 1)), refused(CancelRefusal::NoSay), "one that counts signs in");
        let disowned = FactorSuspended { factor: factor_id(1), reason: SuspensionReason::Disowned };
        let disowned = waits(None).then([AccountEvent::FactorSuspended(disowned)]);
        assert!(disowned.when(&cancel(true, 1)).outcome.is_ok(), "the mailbox alone disowns one");

        let over = story.clone().then(decision.events);
        assert_eq!(over.when(&cancel(true, 1)), refused(CancelRefusal::NoneWaits));
        assert!(!over.account.factors.by_id(factor_id(1)).unwrap().counts(), "it stays suspended");
        let now = over.now.plus(std::time::Duration::from_secs(1));
        let again = over.at(now).then([asked(None, now)]);
        assert_eq!(
            again.when(&cancel(true, 1)),
            refused(CancelRefusal::Proof(ProofRefusal::Used)),
            "a code counts once"
        );
    }
}
