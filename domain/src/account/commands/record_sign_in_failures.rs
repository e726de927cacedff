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
