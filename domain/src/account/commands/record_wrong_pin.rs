//! The app signed with its own key, and the PIN was wrong.

use minicbor::{Decode, Encode};

use super::{AccountDecision, command_shape};
use crate::account::events::{AccountEvent, FactorBlocked, FactorKind, FactorPinFailed};
use crate::account::{Account, Factor};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::{FactorId, KeyId};

/// Counts a wrong PIN, and blocks the device with the last that it may have in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecordWrongPin {
    /// The device.
    #[n(0)]
    pub factor: FactorId,
    /// The key of the secret with which the PIN was found to be wrong.
    #[n(1)]
    pub credential: KeyId,
}

/// Why what the app says of itself counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppRefusal {
    /// The device is not there, or does not count.
    #[error("there is no such device, or it does not count")]
    Gone,
    /// What was checked was checked with another version of its secret: check it anew.
    #[error("the device's secret has changed since it was checked")]
    Stale,
}

impl Account {
    /// The app with this id, if it counts and has this version of its secret.
    pub(super) fn app(&self, factor: FactorId, credential: KeyId) -> Result<&Factor, AppRefusal> {
        let there = self.factors.counting().find(|there| there.id == factor && there.kind == FactorKind::MobileApp);
        let app = there.filter(|_| self.is_usable()).ok_or(AppRefusal::Gone)?;
        if app.key == credential { Ok(app) } else { Err(AppRefusal::Stale) }
    }
}

impl Command for RecordWrongPin {
    command_shape!("record-wrong-pin" v 1: (), AppRefusal);

    fn decide(&self, account: &Account, _: Context<'_>) -> AccountDecision<(), AppRefusal> {
        let app = match account.app(self.factor, self.credential) {
            Ok(app) => app,
            Err(refusal) => return Decision::refuse(refusal),
        };
        let in_a_row = app.wrong_pins.unwrap_or_default().saturating_add(1);
        let mut events = vec![AccountEvent::FactorPinFailed(FactorPinFailed { factor: self.factor, in_a_row })];
        if app.pins_left() <= 1 {
            events.push(AccountEvent::FactorBlocked(FactorBlocked { factor: self.factor }));
        }
        Decision::accept(events, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::MAX_WRONG_PINS;
    use crate::account::commands::testing::*;
    use crate::account::commands::{
        FactorRefusal, FactorVerdict, ManageRefusal, PasswordVerdict, ProofRefusal, ResumeFactor, SignIn, SignInRefusal,
    };
    use crate::account::events::{
        FactorSuspended, FactorUnblocked, FactorsSuspended, Proof, SignInMethod, SuspensionReason,
    };
    use crate::ids::ChallengeId;

    const WRONG: RecordWrongPin =
        RecordWrongPin { factor: FactorId::from_bytes([1; 16]), credential: KeyId::from_bytes([101; 16]) };

    /// Device 1 is a telephone with the app.
    fn phone() -> Story {
        active().then([factor_added(1, 0, FactorKind::MobileApp)])
    }

    fn failed(in_a_row: u8) -> AccountEvent {
        AccountEvent::FactorPinFailed(FactorPinFailed { factor: factor_id(1), in_a_row })
    }

    fn blocked() -> AccountEvent {
        AccountEvent::FactorBlocked(FactorBlocked { factor: factor_id(1) })
    }

    /// A sign-in with what the telephone said of challenge n, in one of its ways.
    fn by_phone(n: u8, method: SignInMethod) -> SignIn {
        let challenge = Some(ChallengeId::from_bytes([n; 16]));
        let proof = Proof { factor: Some(factor_id(1)), challenge, ..Proof::by(method) };
        SignIn {
            verdict: Some(PasswordVerdict { credential: credential(1).key, right: true }),
            session: new_session(n),
            rehashed: None,
            factor: Some(FactorVerdict { proof, credential: credential(101).key, right: true, code: None }),
        }
    }

    #[test]
    fn five_in_a_row_block_the_device_and_only_its_owner_unblocks_it() {
        let mut story = phone();
        for in_a_row in 1..MAX_WRONG_PINS {
            let decision = story.when(&WRONG);
            assert_eq!(decision, Decision::accept(vec![failed(in_a_row)], ()));
            story = story.then(decision.events);
            assert_eq!(story.account.factors.by_id(factor_id(1)).unwrap().pins_left(), MAX_WRONG_PINS - in_a_row);
        }
        let decision = story.when(&WRONG);
        assert_eq!(decision, Decision::accept(vec![failed(MAX_WRONG_PINS), blocked()], ()));
        let story = story.then(decision.events);
        assert_eq!(story.when(&WRONG), Decision::refuse(AppRefusal::Gone), "it counts no further");
        for way in [SignInMethod::MobileAppPinCode, SignInMethod::OnMobile, SignInMethod::MobileAppQrCode] {
            let refused = SignInRefusal::Proof(ProofRefusal::Gone);
            assert_eq!(story.when(&by_phone(9, way)), Decision::refuse(refused), "{way:?}");
        }
        // The password alone does not unblock it, nor does a session that was there before.
        let resume = |session| ResumeFactor { session: session_id(session), factor: factor_id(1) };
        let story = story.then([
            signed_in(2, SignInMethod::Password, BEGINNING),
            signed_in_with(3, &[Proof::by(SignInMethod::Password), Proof::by(SignInMethod::RecoveryCode)], BEGINNING),
        ]);
        let refused = FactorRefusal::Manage(ManageRefusal::FactorNeeded);
        assert_eq!(story.when(&resume(2)), Decision::refuse(refused));
        let decision = story.when(&resume(3));
        let unblocked = AccountEvent::FactorUnblocked(FactorUnblocked { factor: factor_id(1) });
        assert_eq!(decision, Decision::accept(vec![unblocked], ()));
        let story = story.then(decision.events);
        assert_eq!(story.account.factors.by_id(factor_id(1)).unwrap().pins_left(), MAX_WRONG_PINS);
        assert!(story.when(&by_phone(9, SignInMethod::MobileAppPinCode)).outcome.is_ok());
    }

    #[test]
    fn a_right_pin_begins_the_count_anew_and_a_typed_code_does_not() {
        for (way, left) in [
            (SignInMethod::MobileAppPinCode, MAX_WRONG_PINS),
            (SignInMethod::OnMobile, MAX_WRONG_PINS),
            (SignInMethod::MobileAppQrCode, 1),
        ] {
            let story = phone().then((1..MAX_WRONG_PINS).map(failed));
            let story = story.clone().then(story.when(&by_phone(9, way)).events);
            assert_eq!(story.account.factors.by_id(factor_id(1)).unwrap().pins_left(), left, "{way:?}");
        }
    }

    #[test]
    fn only_an_app_that_counts_has_wrong_pins() {
        let reason = SuspensionReason::Disowned;
        let suspended = AccountEvent::FactorSuspended(FactorSuspended { factor: factor_id(1), reason });
        let other = active().then([factor_added(1, 0, FactorKind::Totp)]);
        for story in [active(), other, phone().then([suspended])] {
            assert_eq!(story.when(&WRONG), Decision::refuse(AppRefusal::Gone));
        }
        let stale = RecordWrongPin { credential: credential(9).key, ..WRONG };
        assert_eq!(phone().when(&stale), Decision::refuse(AppRefusal::Stale));
    }

    #[test]
    fn what_is_blocked_is_suspended_with_the_rest_and_counts_when_both_are_undone() {
        let lost = AccountEvent::FactorsSuspended(FactorsSuspended { link: link_id(9) });
        let codes = [Proof::by(SignInMethod::Password), Proof::by(SignInMethod::RecoveryCode)];
        let story = phone().then([blocked(), lost, signed_in_with(3, &codes, BEGINNING)]);
        let resume = ResumeFactor { session: session_id(3), factor: factor_id(1) };
        let decision = story.when(&resume);
        assert_eq!(decision.events.len(), 2);
        let story = story.then(decision.events);
        assert!(story.account.factors.by_id(factor_id(1)).unwrap().counts());
        assert_eq!(story.when(&resume), Decision::accept(vec![], ()));
    }
}
