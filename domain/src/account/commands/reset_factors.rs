//! An administrator, or a restore, takes second factors away.

use minicbor::{Decode, Encode};

use super::{AccountDecision, Refusal, command_shape};
use crate::account::events::{
    AccountEvent, EndReason, FactorRemoved, FactorsReset, RecoveryCodesRemoved, RemovalReason,
};
use crate::account::{Account, Phase};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::KeyId;

/// Removes every second factor of a person who has none of them left, ends all sessions and forgets known browsers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ResetFactors {
    /// Why, in the administrator's words.
    #[n(0)]
    pub reason: String,
}

impl Command for ResetFactors {
    command_shape!("reset-factors" v 1: (), Refusal);

    fn decide(&self, account: &Account, _: Context<'_>) -> AccountDecision<(), Refusal> {
        let removed = account.remove_all(RemovalReason::Administrator);
        if account.phase != Phase::Active || removed.is_empty() {
            return Decision::refuse(Refusal::NotNow);
        }
        let mut events = vec![AccountEvent::FactorsReset(FactorsReset { reason: self.reason.clone() })];
        events.extend(removed);
        events.extend(account.end_all_sessions(EndReason::FactorsRemoved, true));
        Decision::accept(events, ())
    }
}

/// Destroys the key of a second factor's secret again, or that of recovery codes, which came back with a restored database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DestroyFactor {
    /// The key.
    #[n(0)]
    pub credential: KeyId,
}

impl Command for DestroyFactor {
    command_shape!("destroy-factor" v 1: (), Refusal);

    fn decide(&self, account: &Account, _: Context<'_>) -> AccountDecision<(), Refusal> {
        let reason = RemovalReason::Restored;
        if account.factors.recovery.as_ref().is_some_and(|codes| codes.key == self.credential) {
            let removed = AccountEvent::RecoveryCodesRemoved(RecoveryCodesRemoved { reason });
            return Decision::accept(vec![removed], ());
        }
        match account.factors.devices.iter().find(|factor| factor.key == self.credential) {
            Some(factor) => {
                let removed = FactorRemoved { factor: factor.id, reason };
                Decision::accept(vec![AccountEvent::FactorRemoved(removed)], ())
            }
            None => Decision::refuse(Refusal::NotNow),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::account::events::{FactorKind, RecoveryCodesIssued, SignInMethod};

    fn story() -> Story {
        active().then([
            factor_added(1, 0, FactorKind::Totp),
            AccountEvent::RecoveryCodesIssued(RecoveryCodesIssued { credential: credential(50), count: 10 }),
            signed_in(1, SignInMethod::Password, BEGINNING),
        ])
    }

    #[test]
    fn an_administrator_leaves_the_password_only() {
        let reset = ResetFactors { reason: "telephone lost".to_owned() };
        let reason = RemovalReason::Administrator;
        let events = vec![
            AccountEvent::FactorsReset(FactorsReset { reason: "telephone lost".to_owned() }),
            AccountEvent::FactorRemoved(FactorRemoved { factor: factor_id(1), reason }),
            AccountEvent::RecoveryCodesRemoved(RecoveryCodesRemoved { reason }),
            ended([1], EndReason::FactorsRemoved, true),
        ];
        assert_eq!(story().when(&reset), Decision::accept(events, ()));
        assert_eq!(active().when(&reset), Decision::refuse(Refusal::NotNow), "there is none");
    }

    #[test]
    fn a_restore_takes_again_what_was_gone() {
        let destroy = |n: u8| DestroyFactor { credential: credential(n).key };
        let reason = RemovalReason::Restored;
        let removed = AccountEvent::FactorRemoved(FactorRemoved { factor: factor_id(1), reason });
        assert_eq!(story().when(&destroy(101)), Decision::accept(vec![removed], ()));
        let codes = AccountEvent::RecoveryCodesRemoved(RecoveryCodesRemoved { reason });
        assert_eq!(story().when(&destroy(50)), Decision::accept(vec![codes], ()));
        assert_eq!(story().when(&destroy(1)), Decision::refuse(Refusal::NotNow), "the password is another command's");
    }
}
