//! An account that was erased came back with a restored database.

use minicbor::{Decode, Encode};

use super::{AccountDecision, Refusal, command_shape};
use crate::account::events::AccountEvent;
use crate::account::{Account, Phase};
use crate::aggregate::{Command, Context, Decision};

/// Erases an account once more: its reservations are released and its key destroyed. It asks for no state that may be
/// erased, since the one that was is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct EraseAgain {}

impl Command for EraseAgain {
    command_shape!("erase-again" v 1: (), Refusal);

    fn decide(&self, account: &Account, _: Context<'_>) -> AccountDecision<(), Refusal> {
        match account.phase {
            Phase::Unconfirmed | Phase::Active => Decision::accept(vec![AccountEvent::Erased], ()),
            Phase::Absent | Phase::Lapsed => Decision::refuse(Refusal::NotNow),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::aggregate::Aggregate;

    #[test]
    fn nothing_of_the_person_is_left_whatever_the_account_was() {
        for story in [unconfirmed(), active(), suspended()] {
            let decision = story.when(&EraseAgain {});
            assert_eq!(decision, Decision::accept(vec![AccountEvent::Erased], ()));
            let after = story.then(decision.events);
            assert_eq!(after.account, Account { phase: Phase::Lapsed, ..Account::default() });
            assert!(after.account.is_tombstone() && after.account.claims().is_empty());
            assert_eq!(after.when(&EraseAgain {}), Decision::refuse(Refusal::NotNow));
        }
        assert_eq!(nothing().when(&EraseAgain {}), Decision::refuse(Refusal::NotNow));
    }
}
