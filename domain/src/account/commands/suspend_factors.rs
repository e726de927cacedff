//! Whoever has lost the devices stops them, with no more than the password and a mailed link (NIST SP 800-63B-4, section
//! 4.3), and whoever finds them again resumes them.

use minicbor::{Decode, Encode};

use super::manage_factors::FactorRefusal;
use super::parts::Unproved;
use super::{AccountDecision, LinkRefusal, NewLink, PasswordVerdict, Refusal, command_shape};
use crate::account::events::{
    AccountEvent, EndReason, FactorResumed, FactorUnblocked, FactorsSuspended, LinkPurpose, SuspensionReason,
};
use crate::account::{Account, Phase};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::{FactorId, LinkId, SessionId};

/// Why devices are not suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SuspensionRefusal {
    /// The account cannot be used.
    #[error("the account cannot be used")]
    NotUsable,
    /// The password was wrong.
    #[error("the password is wrong")]
    WrongPassword,
    /// The verdict is about another password than the one in force: compute it anew.
    #[error("the password has changed since it was compared")]
    StaleVerdict,
    /// No device counts.
    #[error("there is no second factor to suspend")]
    NoneThere,
    /// The link does not do.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
}

impl From<Unproved> for SuspensionRefusal {
    fn from(unproved: Unproved) -> Self {
        match unproved {
            Unproved::NotUsable => Self::NotUsable,
            Unproved::Stale => Self::StaleVerdict,
            Unproved::Wrong => Self::WrongPassword,
        }
    }
}

impl Account {
    fn may_suspend(&self, verdict: PasswordVerdict) -> Result<(), SuspensionRefusal> {
        self.judge_password(verdict)?;
        if self.factors.counting().next().is_none() && !self.factors.only_sms_is_left() {
            return Err(SuspensionRefusal::NoneThere);
        }
        Ok(())
    }
}

/// Promises a link by which all devices can be suspended.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RequestSuspension {
    /// What became of the typed password.
    #[n(0)]
    pub verdict: PasswordVerdict,
    /// The link.
    #[n(1)]
    pub link: NewLink,
}

impl Command for RequestSuspension {
    command_shape!("request-suspension" v 1: (), SuspensionRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), SuspensionRefusal> {
        match account.may_suspend(self.verdict) {
            Ok(()) => {
                Decision::accept(vec![account.request_link(LinkPurpose::Suspension, &self.link.alone(), context)], ())
            }
            Err(refusal) => Decision::refuse(refusal),
        }
    }
}

/// Suspends every device: none signs in, none is gone, and the account asks for a second factor as before. All sessions end.
/// Recovery codes are no device: they are the way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SuspendFactors {
    /// The mailed link.
    #[n(0)]
    pub link: LinkId,
    /// What became of the typed password.
    #[n(1)]
    pub verdict: PasswordVerdict,
}

impl Command for SuspendFactors {
    command_shape!("suspend-factors" v 1: (), SuspensionRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), SuspensionRefusal> {
        if let Err(refusal) = account.check_link(self.link, LinkPurpose::Suspension, context) {
            return Decision::refuse(refusal.into());
        }
        if let Err(refusal) = account.may_suspend(self.verdict) {
            return Decision::refuse(refusal);
        }
        let mut events = vec![AccountEvent::FactorsSuspended(FactorsSuspended { link: self.link })];
        events.extend(account.end_all_sessions(EndReason::FactorsSuspended, true));
        Decision::accept(events, ())
    }
}

/// Lets a device count again that is suspended, blocked, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ResumeFactor {
    /// The session in which this is asked.
    #[n(0)]
    pub session: SessionId,
    /// The device.
    #[n(1)]
    pub factor: FactorId,
}

impl Command for ResumeFactor {
    command_shape!("resume-factor" v 1: (), FactorRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), FactorRefusal> {
        if let Err(refusal) = account.may_manage(self.session, context) {
            return Decision::refuse(refusal.into());
        }
        match account.factors.by_id(self.factor) {
            None => Decision::refuse(FactorRefusal::Gone),
            Some(factor) => {
                let resumed = FactorResumed { factor: factor.id, reason: None };
                let resumed = factor.suspended.map(|_| AccountEvent::FactorResumed(resumed));
                let unblocked = FactorUnblocked { factor: factor.id };
                let unblocked = factor.is_blocked().then_some(AccountEvent::FactorUnblocked(unblocked));
                Decision::accept(resumed.into_iter().chain(unblocked).collect(), ())
            }
        }
    }
}

/// An administrator lets every device count again that its owner suspended as lost. One that the owner disowned stays as it
/// is: it may be a thief's.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ResumeFactors {
    /// Why, in the administrator's words.
    #[n(0)]
    pub reason: String,
}

impl Command for ResumeFactors {
    command_shape!("resume-factors" v 1: (), Refusal);

    fn decide(&self, account: &Account, _: Context<'_>) -> AccountDecision<(), Refusal> {
        let lost = Some(SuspensionReason::Lost);
        let suspended = account.factors.devices.iter().filter(|factor| factor.suspended == lost);
        let resumed = |factor| FactorResumed { factor, reason: Some(self.reason.clone()) };
        let events: Vec<_> = suspended.map(|factor| AccountEvent::FactorResumed(resumed(factor.id))).collect();
        if account.phase != Phase::Active || events.is_empty() {
            return Decision::refuse(Refusal::NotNow);
        }
        Decision::accept(events, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::account::commands::{
        AddFactor, AddFactorRefusal, FactorVerdict, ManageRefusal, ProofRefusal, SignIn, SignInRefusal,
    };
    use crate::account::events::{
        FactorKind, FactorSuspended, PasswordReason, Proof, RecoveryCodesIssued, SignInMethod, SignInOptionsChanged,
    };
    use crate::policy::Policy;

    fn verdict(key: u8, right: bool) -> PasswordVerdict {
        PasswordVerdict { credential: credential(key).key, right }
    }

    /// Devices 1 (an app) and 2 (a key), recovery codes, session 1, and suspension link 2; a factor is always asked for.
    fn lost() -> Story {
        active().then([
            factor_added(1, 0, FactorKind::Totp),
            factor_added(2, 1, FactorKind::SecurityKey),
            AccountEvent::RecoveryCodesIssued(RecoveryCodesIssued { credential: credential(50), count: 10 }),
            AccountEvent::SignInOptionsChanged(SignInOptionsChanged { always_second_factor: true }),
            signed_in(1, SignInMethod::Password, BEGINNING),
            requested(2, LinkPurpose::Suspension, BEGINNING),
        ])
    }

    fn suspend(n: u8, verdict: PasswordVerdict) -> SuspendFactors {
        SuspendFactors { link: link_id(n), verdict }
    }

    fn stopped() -> Story {
        lost().then(lost().when(&suspend(2, verdict(1, true))).events)
    }

    #[test]
    fn password_and_link_suspend_every_device_and_no_more() {
        let decision = lost().when(&suspend(2, verdict(1, true)));
        let events = vec![
            AccountEvent::FactorsSuspended(FactorsSuspended { link: link_id(2) }),
            ended([1], EndReason::FactorsSuspended, true),
        ];
        assert_eq!(decision, Decision::accept(events, ()));
        let account = stopped().account;
        assert_eq!((account.factors.devices.len(), account.factors.counting().count()), (2, 0));
        assert!(account.needs_second_factor(&Policy::default()), "the account asks for no less");
        assert_eq!(account.secret_keys_sorted().len(), 4, "nothing is gone");
        assert_eq!(stopped().when(&suspend(2, verdict(1, true))), Decision::refuse(LinkRefusal::Used.into()));
    }

    #[test]
    fn neither_the_password_nor_the_link_suffices_alone() {
        let refused = Decision::refuse;
        assert_eq!(lost().when(&suspend(2, verdict(1, false))), refused(SuspensionRefusal::WrongPassword));
        assert_eq!(lost().when(&suspend(2, verdict(9, true))), refused(SuspensionRefusal::StaleVerdict));
        assert_eq!(lost().when(&suspend(9, verdict(1, true))), refused(LinkRefusal::Expired.into()));
        let reset = lost().then([requested(3, LinkPurpose::Reset, BEGINNING)]);
        assert_eq!(reset.when(&suspend(3, verdict(1, true))), refused(LinkRefusal::AnotherPurpose.into()));
        assert_eq!(lost().after(24 * 3600).when(&suspend(2, verdict(1, true))), refused(LinkRefusal::Expired.into()));
    }

    #[test]
    fn a_link_is_promised_to_whoever_knows_the_password_of_an_account_with_devices() {
        let request = |verdict| RequestSuspension { verdict, link: new_link(3) };
        let promised = requested(3, LinkPurpose::Suspension, BEGINNING);
        assert_eq!(lost().when(&request(verdict(1, true))), Decision::accept(vec![promised], ()));
        let wrong = Decision::refuse(SuspensionRefusal::WrongPassword);
        assert_eq!(lost().when(&request(verdict(1, false))), wrong);
        let none = Decision::refuse(SuspensionRefusal::NoneThere);
        assert_eq!(active().when(&request(verdict(1, true))), none);
        assert_eq!(stopped().when(&request(verdict(1, true))), none);
        for story in [nothing(), unconfirmed(), suspended(), lapsed()] {
            assert_eq!(story.when(&request(verdict(1, true))), Decision::refuse(SuspensionRefusal::NotUsable));
        }
    }

    fn code(n: u8) -> FactorVerdict {
        let proof = Proof::by(SignInMethod::RecoveryCode);
        FactorVerdict { proof, credential: credential(50).key, right: true, code: Some(n) }
    }

    #[test]
    fn only_a_recovery_code_leads_back() {
        let sign_in =
            |factor| SignIn { verdict: Some(verdict(1, true)), session: new_session(5), rehashed: None, factor };
        assert_eq!(stopped().when(&sign_in(None)), Decision::refuse(SignInRefusal::FactorNeeded));
        let app = FactorVerdict { proof: totp(1), credential: credential(101).key, right: true, code: None };
        assert_eq!(stopped().when(&sign_in(Some(app))), Decision::refuse(SignInRefusal::Proof(ProofRefusal::Gone)));

        let resume = |n| ResumeFactor { session: session_id(5), factor: factor_id(n) };
        // With the password alone, where that suffices, nothing is resumed or added.
        let by_password = stopped().then([signed_in(5, SignInMethod::Password, BEGINNING)]);
        let needed = Decision::refuse(FactorRefusal::Manage(ManageRefusal::KeyNeeded));
        assert_eq!(by_password.when(&resume(1)), needed);
        let add = AddFactor { session: session_id(5), factor: new_factor(3, FactorKind::Totp), next: new_session(6) };
        let refused = Decision::refuse(AddFactorRefusal::Manage(ManageRefusal::KeyNeeded));
        assert_eq!(by_password.when(&add), refused);

        let story = stopped().then(stopped().when(&sign_in(Some(code(3)))).events);
        let strict = Policy { recovery_code_only_signs_in: true, ..Policy::default() };
        assert_eq!(story.clone().under(strict).when(&resume(1)), needed);
        let decision = story.when(&resume(1));
        let resumed = AccountEvent::FactorResumed(FactorResumed { factor: factor_id(1), reason: None });
        assert_eq!(decision, Decision::accept(vec![resumed], ()));
        let story = story.clone().then(decision.events);
        assert!(story.account.factors.by_id(factor_id(1)).unwrap().counts());
        assert_eq!(story.when(&resume(1)), Decision::accept(vec![], ()), "as it is");
        assert_eq!(story.when(&resume(9)), Decision::refuse(FactorRefusal::Gone));
    }

    #[test]
    fn an_administrator_resumes_all() {
        let resume = ResumeFactors { reason: "found again".to_owned() };
        let resumed = |n| {
            AccountEvent::FactorResumed(FactorResumed { factor: factor_id(n), reason: Some("found again".to_owned()) })
        };
        assert_eq!(stopped().when(&resume), Decision::accept(vec![resumed(1), resumed(2)], ()));
        assert_eq!(lost().when(&resume), Decision::refuse(Refusal::NotNow));
        let reason = SuspensionReason::Disowned;
        let disowned = AccountEvent::FactorSuspended(FactorSuspended { factor: factor_id(2), reason });
        let story = lost().then([disowned]);
        let story = story.clone().then(story.when(&suspend(2, verdict(1, true))).events);
        assert_eq!(story.when(&resume), Decision::accept(vec![resumed(1)], ()), "a thief's device stays out");
    }

    #[test]
    fn a_new_password_leaves_the_devices_suspended() {
        let story = stopped().then([password_set(7, PasswordReason::Reset, None)]);
        assert_eq!(story.account.factors.counting().count(), 0);
    }
}
