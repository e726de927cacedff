//! An account whose telephone an earlier build added is listed.

use minicbor::{Decode, Encode};

use super::{AccountDecision, Refusal, command_shape};
use crate::account::Account;
use crate::account::events::AccountEvent;
use crate::aggregate::{Command, Context, Decision};

/// Lists an account among those with a telephone. The build that first added telephones kept no list of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ListTelephone {
    /// Whether it is listed: its reservation was looked up.
    #[n(0)]
    pub is_listed: bool,
}

impl Command for ListTelephone {
    command_shape!("list-telephone" v 1: (), Refusal);

    fn decide(&self, account: &Account, _: Context<'_>) -> AccountDecision<(), Refusal> {
        // Once is enough: whoever took the reservation away since did so behind the log's back, and `verify` tells.
        if self.is_listed || account.factors.listed || account.sms_claim().is_none() {
            return Decision::refuse(Refusal::NotNow);
        }
        Decision::accept(vec![AccountEvent::TelephoneListed], ())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::account::events::{FactorKind, FactorRemoved, RemovalReason};
    use crate::aggregate::{Aggregate as _, Claim, ClaimKind};

    const MISSING: ListTelephone = ListTelephone { is_listed: false };

    fn with_phone() -> Story {
        active().then([factor_added(1, 0, FactorKind::Phone)])
    }

    fn claimed(story: &Story) -> Vec<Claim> {
        story.account.claims().into_iter().filter(|claim| claim.kind == ClaimKind::SmsAccount).collect()
    }

    #[test]
    fn an_account_that_was_left_out_claims_what_no_event_before_it_did() {
        let decision = with_phone().when(&MISSING);
        assert_eq!(decision, Decision::accept(vec![AccountEvent::TelephoneListed], ()));
        let listed = with_phone().then(decision.events);
        let (before, after) = (claimed(&with_phone()), claimed(&listed));
        assert_eq!((before.len(), after.len()), (1, 1));
        assert_ne!(before, after);
        assert_eq!(listed.when(&MISSING), Decision::refuse(Refusal::NotNow), "once");
    }

    #[test]
    fn it_is_listed_for_as_long_as_it_has_to_do_with_sms() {
        let removed = FactorRemoved { factor: factor_id(1), reason: RemovalReason::Person };
        let listed = with_phone().then([AccountEvent::TelephoneListed]);
        let gone = listed.clone().then([AccountEvent::FactorRemoved(removed)]);
        assert!(claimed(&gone).is_empty());
        let again = gone.then([factor_added(2, 1, FactorKind::Phone)]);
        assert_eq!(claimed(&again), claimed(&listed), "under the value that is its own");
    }

    #[test]
    fn nobody_else_is_listed_by_an_event() {
        let with_codes = active().then([factor_added(1, 0, FactorKind::Totp)]);
        for story in [nothing(), unconfirmed(), active(), with_codes, lapsed()] {
            assert_eq!(story.when(&MISSING), Decision::refuse(Refusal::NotNow));
        }
        assert_eq!(with_phone().when(&ListTelephone { is_listed: true }), Decision::refuse(Refusal::NotNow));
    }
}
