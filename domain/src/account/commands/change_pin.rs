//! The owner chose another PIN in the app.

use minicbor::{Decode, Encode};

use super::record_wrong_pin::AppRefusal;
use super::{AccountDecision, command_shape};
use crate::account::Account;
use crate::account::events::{AccountEvent, Credential, FactorPinChanged};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::{FactorId, KeyId};

/// Puts what proofs are checked with from here on in the old one's place, the old PIN having been right.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ChangePin {
    /// The device.
    #[n(0)]
    pub factor: FactorId,
    /// The key of the secret with which the old PIN was found to be right.
    #[n(1)]
    pub replaces: KeyId,
    /// The device's new secret, sealed.
    #[n(2)]
    pub credential: Credential,
}

impl Command for ChangePin {
    command_shape!("change-pin" v 1: (), AppRefusal);

    fn decide(&self, account: &Account, _: Context<'_>) -> AccountDecision<(), AppRefusal> {
        if let Err(refusal) = account.app(self.factor, self.replaces) {
            return Decision::refuse(refusal);
        }
        let changed = FactorPinChanged { factor: self.factor, credential: self.credential.clone() };
        Decision::accept(vec![AccountEvent::FactorPinChanged(changed)], ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::MAX_WRONG_PINS;
    use crate::account::commands::testing::*;
    use crate::account::events::{FactorBlocked, FactorKind, FactorPinFailed};

    fn phone() -> Story {
        active().then([factor_added(1, 0, FactorKind::MobileApp)])
    }

    fn change(replaces: u8) -> ChangePin {
        ChangePin { factor: factor_id(1), replaces: credential(replaces).key, credential: credential(60) }
    }

    #[test]
    fn the_secret_is_swapped_once_and_the_old_one_goes() {
        let failed = AccountEvent::FactorPinFailed(FactorPinFailed { factor: factor_id(1), in_a_row: 4 });
        let story = phone().then([failed]);
        let version = story.account.events + 1;
        let decision = story.when(&change(101));
        let changed = FactorPinChanged { factor: factor_id(1), credential: credential(60) };
        assert_eq!(decision, Decision::accept(vec![AccountEvent::FactorPinChanged(changed)], ()));
        let story = story.then(decision.events);
        let factor = story.account.factors.by_id(factor_id(1)).unwrap();
        assert_eq!((factor.key, factor.event), (credential(60).key, version));
        assert_eq!(factor.pins_left(), MAX_WRONG_PINS, "whoever knew the old PIN begins anew");
        assert!(!story.account.secret_keys_sorted().contains(&credential(101).key), "its key is destroyed");
        assert_eq!(story.when(&change(101)), Decision::refuse(AppRefusal::Stale));
    }

    #[test]
    fn a_device_that_does_not_count_changes_nothing() {
        let blocked = AccountEvent::FactorBlocked(FactorBlocked { factor: factor_id(1) });
        for story in [active(), suspended(), phone().then([blocked])] {
            assert_eq!(story.when(&change(101)), Decision::refuse(AppRefusal::Gone));
        }
    }
}
