//! The record of sign-ins that failed: the first of a series, each lock, and counts.

use std::time::Duration;

use minicbor::{Decode, Encode};

use super::{AccountDecision, Refusal, command_shape};
use crate::account::events::{AccountEvent, LockScope, SignInFailed, SignInLocked};
use crate::account::{Account, Phase};
use crate::aggregate::{Command, Context, Decision};
use crate::time::Timestamp;

/// The owner is told of a lock at most once in this time.
const TOLD_ONCE_IN: Duration = Duration::from_secs(24 * 3600);

/// Tries that are refused from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Locked {
    /// Which ones.
    #[n(0)]
    pub scope: LockScope,
    /// Until when.
    #[n(1)]
    pub until: Timestamp,
}

/// Records failures that the volatile counters counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecordSignInFailures {
    /// How many; 0 if only a lock is recorded.
    #[n(0)]
    pub count: u32,
    /// Since when.
    #[n(1)]
    pub since: Timestamp,
    /// From a browser that signed in to this account before.
    #[n(2)]
    pub known_browser: bool,
    /// The lock that they led to.
    #[n(3)]
    pub locked: Option<Locked>,
}

impl Command for RecordSignInFailures {
    command_shape!("record-sign-in-failures" v 1: (), Refusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), Refusal> {
        if account.phase != Phase::Active {
            return Decision::refuse(Refusal::NotNow);
        }
        let mut events = Vec::new();
        if self.count > 0 {
            events.push(AccountEvent::SignInFailed(SignInFailed {
                count: self.count,
                since: self.since,
                known_browser: self.known_browser,
            }));
        }
        if let Some(locked) = self.locked {
            let owner_told = account.lock_told.is_none_or(|told| context.now.since(told) >= TOLD_ONCE_IN);
            events.push(AccountEvent::SignInLocked(SignInLocked {
                scope: locked.scope,
                until: locked.until,
                owner_told,
            }));
        }
        Decision::accept(events, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;

    const DAY: u64 = 24 * 3600;

    fn failures(count: u32, locked: Option<Locked>) -> RecordSignInFailures {
        RecordSignInFailures { count, since: BEGINNING, known_browser: true, locked }
    }

    fn lock() -> Option<Locked> {
        Some(Locked { scope: LockScope::Network, until: Timestamp(7) })
    }

    fn failed(count: u32) -> AccountEvent {
        AccountEvent::SignInFailed(SignInFailed { count, since: BEGINNING, known_browser: true })
    }

    fn locked(owner_told: bool) -> AccountEvent {
        let until = Timestamp(7);
        AccountEvent::SignInLocked(SignInLocked { scope: LockScope::Network, until, owner_told })
    }

    #[test]
    fn a_count_a_lock_or_both() {
        assert_eq!(active().when(&failures(3, None)), Decision::accept(vec![failed(3)], ()));
        assert_eq!(active().when(&failures(0, lock())), Decision::accept(vec![locked(true)], ()));
        assert_eq!(active().when(&failures(5, lock())), Decision::accept(vec![failed(5), locked(true)], ()));
        assert_eq!(active().when(&failures(0, None)), Decision::accept(vec![], ()));
    }

    #[test]
    fn the_owner_is_told_of_the_first_lock_of_a_day() {
        let told = active().then([locked(true)]);
        assert_eq!(told.when(&failures(0, lock())).events, [locked(false)]);
        // A lock of which the owner was not told does not put the next word off.
        let again = told.after(DAY / 2).then([locked(false)]);
        assert_eq!(again.clone().after(DAY / 2 - 1).when(&failures(0, lock())).events, [locked(false)]);
        assert_eq!(again.after(DAY / 2).when(&failures(0, lock())).events, [locked(true)]);
    }

    #[test]
    fn nothing_else_of_the_account_changes() {
        let story = active();
        let after = story.clone().then([failed(3), locked(true)]).account;
        assert_eq!(after, Account { lock_told: Some(BEGINNING), events: after.events, ..story.account });
    }

    #[test]
    fn a_suspended_account_is_guessed_at_like_any_other() {
        assert_eq!(suspended().when(&failures(1, None)).events, [failed(1)]);
    }

    #[test]
    fn only_an_active_account_has_a_password_to_guess() {
        for story in [nothing(), unconfirmed(), lapsed()] {
            assert_eq!(story.when(&failures(1, lock())), Decision::refuse(Refusal::NotNow));
        }
    }
}
