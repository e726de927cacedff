//! Second factors failed after a right password.

use std::time::Duration;

use minicbor::{Decode, Encode};

use super::{AccountDecision, Refusal, command_shape};
use crate::account::events::{AccountEvent, SecondFactorFailed, SignInMethod};
use crate::account::{Account, Phase};
use crate::aggregate::{Command, Context, Decision};
use crate::time::Timestamp;

/// The owner is told once within this time.
const TOLD_AGAIN: Duration = Duration::from_secs(24 * 3600);

/// Records that answers were wrong: the first of a series, or how many there were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecordSecondFactorFailures {
    /// How many failed.
    #[n(0)]
    pub count: u32,
    /// Since when.
    #[n(1)]
    pub since: Timestamp,
    /// The way that was tried last.
    #[n(2)]
    pub method: SignInMethod,
    /// From a browser that had signed in to this account before.
    #[n(3)]
    pub known_browser: bool,
}

impl Command for RecordSecondFactorFailures {
    command_shape!("record-second-factor-failures" v 1: (), Refusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), Refusal> {
        if account.phase != Phase::Active || self.count == 0 {
            return Decision::refuse(Refusal::NotNow);
        }
        let Self { count, since, method, known_browser } = *self;
        let told = account.factors.told.is_some_and(|told| context.now.since(told) < TOLD_AGAIN);
        let failed = SecondFactorFailed { count, since, method, known_browser, owner_told: !known_browser && !told };
        Decision::accept(vec![AccountEvent::SecondFactorFailed(failed)], ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;

    fn failures(known_browser: bool) -> RecordSecondFactorFailures {
        RecordSecondFactorFailures { count: 1, since: BEGINNING, method: SignInMethod::Totp, known_browser }
    }

    #[test]
    fn the_owner_is_told_of_unknown_browsers_once_a_day() {
        let told = |story: &Story, known| match story.when(&failures(known)).events.as_slice() {
            [AccountEvent::SecondFactorFailed(failed)] => failed.owner_told,
            other => panic!("{other:?}"),
        };
        let story = active();
        assert!(!told(&story, true));
        assert!(told(&story, false));
        let story = story.clone().then(story.when(&failures(false)).events);
        assert!(!told(&story.clone().after(24 * 3600 - 1), false));
        assert!(told(&story.after(24 * 3600), false));
    }

    #[test]
    fn nothing_is_recorded_of_nothing() {
        for story in [nothing(), unconfirmed(), lapsed()] {
            assert_eq!(story.when(&failures(false)), Decision::refuse(Refusal::NotNow));
        }
        let none = RecordSecondFactorFailures { count: 0, ..failures(false) };
        assert_eq!(active().when(&none), Decision::refuse(Refusal::NotNow));
    }
}
