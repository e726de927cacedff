//! A code is asked for that is sent to a telephone.

use minicbor::{Decode, Encode};

use super::proofs::ManageRefusal;
use super::{AccountDecision, PasswordVerdict, command_shape};
use crate::account::events::{AccountEvent, FactorKind, SmsCodeRequested};
use crate::account::{Account, Factor, MAX_FACTORS};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::{ChallengeId, FactorId, SessionId};
use crate::values::{Language, PhoneNumber};

/// Why no code is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmsRefusal {
    /// The session may not change factors now.
    #[error(transparent)]
    Manage(#[from] ManageRefusal),
    /// The account has as many devices as it may.
    #[error("the account has as many second factors as it may")]
    TooMany,
    /// There is no such telephone, or it does not count.
    #[error("there is no such telephone")]
    Gone,
    /// Nobody has proved to be the owner: the password is another by now, or the session has ended.
    #[error("nobody has proved to be the owner")]
    NotProved,
}

/// Promises a code to a telephone that a signed-in person adds.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct BeginPhone {
    /// The session in which this is asked.
    #[n(0)]
    pub session: SessionId,
    /// The id that the telephone will have.
    #[n(1)]
    pub factor: FactorId,
    /// Its number.
    #[n(2)]
    pub phone: PhoneNumber,
    /// What the code answers.
    #[n(3)]
    pub challenge: ChallengeId,
    /// The language of the message.
    #[n(4)]
    pub language: Language,
}

impl Command for BeginPhone {
    command_shape!("begin-phone" v 1: (), SmsRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), SmsRefusal> {
        if let Err(refusal) = account.may_manage(self.session, context) {
            return Decision::refuse(refusal.into());
        }
        if account.factors.devices.len() >= MAX_FACTORS {
            return Decision::refuse(SmsRefusal::TooMany);
        }
        let requested = SmsCodeRequested {
            challenge: self.challenge,
            factor: self.factor,
            phone: Some(self.phone.clone()),
            language: self.language,
        };
        Decision::accept(vec![AccountEvent::SmsCodeRequested(requested)], ())
    }
}

/// Promises a code to one of the account's telephones, after the right password or in an open session. After the password one
/// that is suspended is sent a code as well while a recovery waits in which it has a say: by it nobody signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RequestSmsCode {
    /// What became of the typed password, at a sign-in.
    #[n(0)]
    pub verdict: Option<PasswordVerdict>,
    /// The session in which more is to be proved.
    #[n(1)]
    pub session: Option<SessionId>,
    /// The telephone.
    #[n(2)]
    pub factor: FactorId,
    /// What the code answers.
    #[n(3)]
    pub challenge: ChallengeId,
    /// The language of the message.
    #[n(4)]
    pub language: Language,
}

impl Command for RequestSmsCode {
    command_shape!("request-sms-code" v 1: (), SmsRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), SmsRefusal> {
        let by_password = self.verdict.is_some_and(|verdict| account.judge_password(verdict).is_ok());
        let session = self.session.and_then(|session| account.sessions.by_id(session, context.moment()));
        if !(by_password || session.is_some() && account.is_usable()) {
            return Decision::refuse(SmsRefusal::NotProved);
        }
        let phone = account.factors.by_id(self.factor).filter(|phone| phone.kind == FactorKind::Phone);
        let is_asked = |phone: &Factor| {
            account.factors.asked(context.now).any(|asked| asked.id == phone.id)
                || by_password && account.may_object(phone, context.now)
        };
        if !phone.is_some_and(is_asked) {
            return Decision::refuse(SmsRefusal::Gone);
        }
        let Self { factor, challenge, language, .. } = *self;
        let requested = SmsCodeRequested { challenge, factor, phone: None, language };
        Decision::accept(vec![AccountEvent::SmsCodeRequested(requested)], ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::account::{FactorSuspended, RecoveryRequested, SignInMethod, SuspensionReason};

    const NUMBER: &str = "+32470123456";

    fn begin() -> BeginPhone {
        BeginPhone {
            session: session_id(1),
            factor: factor_id(9),
            phone: PhoneNumber::parse(NUMBER).unwrap(),
            challenge: ChallengeId::from_bytes([7; 16]),
            language: Language::Greek,
        }
    }

    fn request(verdict: Option<(u8, bool)>, session: Option<u8>) -> RequestSmsCode {
        RequestSmsCode {
            verdict: verdict.map(|(key, right)| PasswordVerdict { credential: credential(key).key, right }),
            session: session.map(session_id),
            factor: factor_id(1),
            challenge: ChallengeId::from_bytes([7; 16]),
            language: Language::Greek,
        }
    }

    fn signed() -> Story {
        active().then([signed_in(1, SignInMethod::Password, BEGINNING)])
    }

    fn with_phone() -> Story {
        signed().then([factor_added(1, 0, FactorKind::Phone)])
    }

    fn requested(factor: u8, phone: Option<&str>) -> AccountEvent {
        AccountEvent::SmsCodeRequested(SmsCodeRequested {
            challenge: ChallengeId::from_bytes([7; 16]),
            factor: factor_id(factor),
            phone: phone.map(|phone| PhoneNumber::parse(phone).unwrap()),
            language: Language::Greek,
        })
    }

    #[test]
    fn a_telephone_is_added_by_whoever_may_add_a_device() {
        assert_eq!(signed().when(&begin()), Decision::accept(vec![requested(9, Some(NUMBER))], ()));
        for (story, refusal) in [
            (active(), ManageRefusal::NoSession),
            (suspended(), ManageRefusal::NoSession),
            (signed().after(600), ManageRefusal::NotFresh),
            (with_phone(), ManageRefusal::FactorNeeded),
        ] {
            assert_eq!(story.when(&begin()), Decision::refuse(SmsRefusal::Manage(refusal)));
        }
        let number = |n: u8| u16::from(n) - 1;
        let full = active().then((1..=20).map(|n| factor_added(n, number(n), FactorKind::Totp))).after(301);
        let now = full.now;
        let full = full.then([signed_in_with(1, &[totp(1)], now)]);
        assert_eq!(full.when(&begin()), Decision::refuse(SmsRefusal::TooMany));
    }

    #[test]
    fn after_the_right_password_or_in_a_session_a_telephone_is_sent_a_code() {
        let right = Decision::accept(vec![requested(1, None)], ());
        assert_eq!(with_phone().when(&request(Some((1, true)), None)), right);
        assert_eq!(with_phone().when(&request(None, Some(1))), right);
        let nobody = Decision::refuse(SmsRefusal::NotProved);
        for unproved in [
            request(None, None),
            request(Some((1, false)), None),
            request(Some((2, true)), None),
            request(None, Some(2)),
        ] {
            assert_eq!(with_phone().when(&unproved), nobody, "{unproved:?}");
        }
        let stopped = with_phone().then([AccountEvent::Suspended(reason_given())]);
        assert_eq!(stopped.when(&request(Some((1, true)), None)), nobody);
        assert_eq!(stopped.when(&request(None, Some(1))), nobody);
    }

    #[test]
    fn only_a_telephone_that_counts_is_sent_one() {
        let gone = Decision::refuse(SmsRefusal::Gone);
        let asked = request(Some((1, true)), None);
        assert_eq!(signed().when(&asked), gone);
        assert_eq!(signed().then([factor_added(1, 0, FactorKind::Totp)]).when(&asked), gone);
        let reason = SuspensionReason::Lost;
        let lost = AccountEvent::FactorSuspended(FactorSuspended { factor: factor_id(1), reason });
        assert_eq!(with_phone().then([lost]).when(&asked), gone);
    }

    #[test]
    fn one_that_is_suspended_is_sent_one_while_it_has_a_say_in_a_recovery() {
        let reason = SuspensionReason::Lost;
        let lost = AccountEvent::FactorSuspended(FactorSuspended { factor: factor_id(1), reason });
        let recovered_after = |days: u64| {
            let story = with_phone().after(days * 24 * 3600);
            let ends = story.now.plus(std::time::Duration::from_secs(3 * 24 * 3600));
            let asked = RecoveryRequested { link: None, factor: None, ends };
            story.then([lost.clone(), AccountEvent::RecoveryRequested(asked)])
        };
        let (asked, gone) = (request(Some((1, true)), None), Decision::refuse(SmsRefusal::Gone));
        assert_eq!(recovered_after(8).when(&asked), Decision::accept(vec![requested(1, None)], ()));
        assert_eq!(recovered_after(6).when(&asked), gone, "it came shortly before");
        let story = recovered_after(8);
        let now = story.now;
        let story = story.then([signed_in(3, SignInMethod::Password, now)]);
        assert_eq!(story.when(&request(None, Some(3))), gone, "by it nobody proves more in a session");
        let over = story.after(10 * 24 * 3600 + 1).when(&asked);
        assert_eq!(over, gone, "nobody came back in time");
    }

    #[test]
    fn a_promise_changes_nothing_of_the_account() {
        let story = with_phone();
        let before = story.account.clone();
        let decision = story.when(&request(None, Some(1)));
        let after = story.then(decision.events).account;
        assert_eq!(Account { events: before.events, ..after }, before);
    }
}
