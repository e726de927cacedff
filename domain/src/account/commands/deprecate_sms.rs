//! A campaign reaches an account: codes by SMS end.

use std::time::Duration;

use minicbor::{Decode, Encode};

use super::{AccountDecision, command_shape};
use crate::account::Account;
use crate::account::events::{AccountEvent, SmsDeprecated};
use crate::aggregate::{Command, Context, Decision};
use crate::campaign::CampaignStage;
use crate::time::Timestamp;

/// Takes an account into a stage of the campaign. What is read of the campaign is guarded: it stands so when this is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DeprecateSms {
    /// The campaign's number.
    #[n(0)]
    pub campaign: u16,
    /// The stage, of those that an account is told of.
    #[n(1)]
    pub stage: CampaignStage,
    /// When SMS ends, as far as that is known.
    #[n(2)]
    pub off: Timestamp,
    /// For how long after the end one last sign-in by SMS is possible, in seconds.
    #[n(3)]
    pub grace: u32,
}

/// The stage is nothing to the account: it has no telephone, has something else, or was told already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stage is nothing to this account")]
pub struct NotConcerned;

impl Command for DeprecateSms {
    command_shape!("deprecate-sms" v 1: (), NotConcerned);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), NotConcerned> {
        let Self { campaign, stage, off, grace } = *self;
        if !account.is_concerned_by(campaign, stage) {
            return Decision::refuse(NotConcerned);
        }
        let is_last = stage == CampaignStage::Off && !account.factors.has_more_than_sms();
        let last_until = is_last.then(|| context.now.plus(Duration::from_secs(grace.into())));
        let deprecated = SmsDeprecated { campaign, stage, off, last_until };
        Decision::accept(vec![AccountEvent::SmsDeprecated(deprecated)], ())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{
        AddFactor, FactorVerdict, ManageRefusal, PasswordVerdict, ProofRefusal, RemoveAllFactors, RemoveFactor,
        RequestSmsCode, ResumeFactor, SignIn, SignInRefusal, SmsRefusal, SuspendFactors,
    };
    use super::*;
    use crate::account::commands::FactorRefusal;
    use crate::account::events::{
        FactorKind, FactorRemoved, FactorSuspended, LinkPurpose, Proof, RemovalReason, SignInMethod,
        SignInOptionsChanged, SuspensionReason,
    };
    use crate::ids::ChallengeId;
    use crate::values::Language;

    const GRACE: u64 = 14 * 24 * 3600;

    fn deprecate(stage: CampaignStage) -> DeprecateSms {
        DeprecateSms { campaign: 1, stage, off: BEGINNING, grace: GRACE as u32 }
    }

    fn told(stage: CampaignStage, last_until: Option<Timestamp>) -> AccountEvent {
        AccountEvent::SmsDeprecated(SmsDeprecated { campaign: 1, stage, off: BEGINNING, last_until })
    }

    /// Device 1 is a telephone.
    fn with_phone() -> Story {
        active().then([factor_added(1, 0, FactorKind::Phone)])
    }

    fn with_both() -> Story {
        with_phone().then([factor_added(2, 1, FactorKind::Totp)])
    }

    /// SMS has ended a moment ago, and was all there was.
    fn off() -> Story {
        let story = with_phone().after(600);
        story.clone().then(story.when(&deprecate(CampaignStage::Off)).events)
    }

    fn by_sms(n: u8) -> Proof {
        let challenge = Some(ChallengeId::from_bytes([n; 16]));
        Proof { factor: Some(factor_id(1)), challenge, ..Proof::by(SignInMethod::Sms) }
    }

    fn sign_in(session: u8, factor: Option<Proof>) -> SignIn {
        let answer = |proof| FactorVerdict { proof, credential: credential(101).key, right: true, code: None };
        let verdict = Some(PasswordVerdict { credential: credential(1).key, right: true });
        SignIn { verdict, session: new_session(session), rehashed: None, factor: factor.map(answer) }
    }

    fn ask() -> RequestSmsCode {
        RequestSmsCode {
            verdict: Some(PasswordVerdict { credential: credential(1).key, right: true }),
            session: None,
            factor: factor_id(1),
            challenge: ChallengeId::from_bytes([7; 16]),
            language: Language::English,
        }
    }

    /// The one last sign-in was used, in session 1.
    fn last_used() -> Story {
        off().then(off().when(&sign_in(1, Some(by_sms(1)))).events)
    }

    #[test]
    fn who_has_only_a_telephone_is_told_once_in_each_stage() {
        let mut story = with_phone();
        for stage in [CampaignStage::Announce, CampaignStage::LastWarning, CampaignStage::Off] {
            let last_until = (stage == CampaignStage::Off).then(|| story.now.plus(Duration::from_secs(GRACE)));
            let decision = story.when(&deprecate(stage));
            assert_eq!(decision, Decision::accept(vec![told(stage, last_until)], ()));
            story = story.then(decision.events);
            for again in [stage, CampaignStage::Announce] {
                assert_eq!(story.when(&deprecate(again)), Decision::refuse(NotConcerned), "once, and never back");
            }
            let sms = story.account.factors.sms.unwrap();
            assert_eq!((sms.stage, sms.off), (stage, BEGINNING));
        }
        assert_eq!(story.account.factors.counting().count(), 0);
        let other = DeprecateSms { campaign: 2, ..deprecate(CampaignStage::Announce) };
        assert_eq!(story.when(&other), Decision::refuse(NotConcerned), "what is off stays off");
        let story = with_phone().then([told(CampaignStage::LastWarning, None)]);
        assert!(story.when(&other).outcome.is_ok(), "another campaign tells anew");
    }

    #[test]
    fn who_moved_is_left_alone_until_the_end_and_then_has_what_they_moved_to() {
        for stage in [CampaignStage::Announce, CampaignStage::LastWarning] {
            assert_eq!(with_both().when(&deprecate(stage)), Decision::refuse(NotConcerned));
        }
        let decision = with_both().when(&deprecate(CampaignStage::Off));
        assert_eq!(decision, Decision::accept(vec![told(CampaignStage::Off, None)], ()));
        let factors = with_both().then(decision.events).account.factors;
        assert_eq!(factors.counting().map(|factor| factor.id).collect::<Vec<_>>(), [factor_id(2)]);
        assert!(!factors.only_sms_is_left() && factors.asked(BEGINNING).count() == 1);
        // What is suspended is nothing to sign in with.
        let reason = SuspensionReason::Lost;
        let lost = AccountEvent::FactorSuspended(FactorSuspended { factor: factor_id(2), reason });
        assert!(with_both().then([lost]).when(&deprecate(CampaignStage::Announce)).outcome.is_ok());
    }

    #[test]
    fn it_is_nothing_to_whoever_has_no_telephone() {
        let removed = FactorRemoved { factor: factor_id(1), reason: RemovalReason::Person };
        let gone = with_phone().then([AccountEvent::FactorRemoved(removed)]);
        for story in [nothing(), unconfirmed(), active(), lapsed(), gone] {
            assert_eq!(story.when(&deprecate(CampaignStage::Off)), Decision::refuse(NotConcerned));
        }
        let stopped = with_phone().then([AccountEvent::Suspended(reason_given())]);
        assert!(stopped.when(&deprecate(CampaignStage::Off)).outcome.is_ok(), "it may be given back");
    }

    #[test]
    fn the_accounts_that_it_is_about_are_reserved_until_they_are_gone() {
        let is_listed = |story: &Story| {
            use crate::aggregate::{Aggregate as _, ClaimKind};
            story.account.claims().iter().any(|claim| claim.kind == ClaimKind::SmsAccount)
        };
        assert!(!is_listed(&active()) && is_listed(&with_phone()));
        let removed =
            || AccountEvent::FactorRemoved(FactorRemoved { factor: factor_id(1), reason: RemovalReason::Person });
        assert!(!is_listed(&with_phone().then([removed()])));
        assert!(is_listed(&with_phone().then([told(CampaignStage::Announce, None), removed()])), "it moved");
    }

    #[test]
    fn one_last_sign_in_is_possible_in_the_grace_time_and_no_second_one() {
        assert!(off().when(&ask()).outcome.is_ok());
        assert!(off().when(&sign_in(1, Some(by_sms(1)))).outcome.is_ok());
        let refused = Decision::refuse(SignInRefusal::Proof(ProofRefusal::Gone));
        let late = off().after(GRACE);
        assert_eq!(late.when(&ask()), Decision::refuse(SmsRefusal::Gone));
        assert_eq!(late.when(&sign_in(1, Some(by_sms(1)))), refused);
        let used = last_used();
        assert_eq!(used.when(&ask()), Decision::refuse(SmsRefusal::Gone));
        assert_eq!(used.when(&sign_in(2, Some(by_sms(2)))), refused);
        // The account asks for no less than before.
        let always = AccountEvent::SignInOptionsChanged(SignInOptionsChanged { always_second_factor: true });
        let story = off().then([always]);
        assert_eq!(story.when(&sign_in(1, None)), Decision::refuse(SignInRefusal::FactorNeeded));
        let with_other = with_both();
        let with_other = with_other.clone().then(with_other.when(&deprecate(CampaignStage::Off)).events);
        assert_eq!(with_other.when(&sign_in(1, Some(by_sms(1)))), refused, "who has something else uses that");
    }

    #[test]
    fn the_last_sign_in_leads_to_another_factor_and_to_nothing_else() {
        let add = AddFactor { session: session_id(1), factor: new_factor(2, FactorKind::Totp), next: new_session(100) };
        let decision = last_used().when(&add);
        assert!(decision.outcome.is_ok(), "{decision:?}");
        let remove = RemoveFactor { session: session_id(1), factor: factor_id(1) };
        let owed = Decision::refuse(FactorRefusal::Manage(ManageRefusal::FactorOwed));
        assert_eq!(last_used().when(&remove), owed);
        assert_eq!(last_used().when(&RemoveAllFactors { session: session_id(1) }), owed);
        let resume = ResumeFactor { session: session_id(1), factor: factor_id(1) };
        assert_eq!(last_used().when(&resume), Decision::accept(Vec::new(), ()), "nothing brings it back");
        let story = last_used().then(decision.events);
        assert!(!story.account.factors.only_sms_is_left());
        let refused = Decision::refuse(FactorRefusal::Manage(ManageRefusal::FactorNeeded));
        assert_eq!(story.when(&remove), refused, "from here on what was added is asked for");
        // The password alone adds nothing.
        let by_password = off().then(off().when(&sign_in(3, None)).events);
        let add = AddFactor { session: session_id(3), ..add };
        assert_eq!(by_password.when(&add).outcome, Err(ManageRefusal::FactorNeeded.into()));
    }

    #[test]
    fn who_suspends_everything_suspends_the_last_sign_in_too() {
        let verdict = PasswordVerdict { credential: credential(1).key, right: true };
        let now = off().now;
        let story = off().then([requested(2, LinkPurpose::Suspension, now), sent(2, now)]);
        let decision = story.when(&SuspendFactors { link: link_id(2), verdict });
        assert!(decision.outcome.is_ok(), "{decision:?}");
        assert_eq!(story.then(decision.events).when(&ask()), Decision::refuse(SmsRefusal::Gone));
    }
}
