//! The recovery of an account whose devices are lost: since when one waits, until when, and who may end it before.

use std::time::Duration;

use minicbor::{Decode, Encode};

use super::events::{AccountEvent, PasswordReason};
use super::factors::{Factor, Factors};
use crate::ids::FactorId;
use crate::time::Timestamp;

/// How long after its end a recovery can be completed; after that it has lapsed.
pub const RECOVERY_RETURN: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long after a password that a mailed link set a recovery ends at the earliest: whoever reads the mail can set one.
pub const RECOVERY_AFTER_RESET: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long a device must have been there before a recovery is asked for to have a say in it, or to ask for that of another.
pub const RECOVERY_OLD_DEVICE: Duration = Duration::from_secs(7 * 24 * 3600);

/// A recovery that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct OpenRecovery {
    /// When: no two of an account have the same.
    #[n(0)]
    pub requested: Timestamp,
    /// When it can be completed at the earliest.
    #[n(1)]
    pub ends: Timestamp,
    /// The one device that is lost; `None` where all are.
    #[n(2)]
    pub factor: Option<FactorId>,
}

/// How a recovery stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryStanding {
    /// It waits.
    Waiting,
    /// It can be completed.
    Ready,
    /// Nobody came back in time.
    Lapsed,
}

impl OpenRecovery {
    /// Until when it can be completed.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.ends.plus(RECOVERY_RETURN)
    }

    /// How it stands.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> RecoveryStanding {
        match now {
            now if now < self.ends => RecoveryStanding::Waiting,
            now if now < self.until() => RecoveryStanding::Ready,
            _ => RecoveryStanding::Lapsed,
        }
    }

    /// Whether a device's proof ends it: one that came shortly before or since may be a stranger's, and a weaker one has no
    /// say where another is lost.
    #[must_use]
    pub fn is_ended_by(&self, factor: &Factor) -> bool {
        self.factor.is_none_or(|lost| lost == factor.id) && is_old(factor, self.requested)
    }
}

/// Whether a device was there for long enough before a moment to be its owner's, and not that of a stranger who came lately.
pub(super) fn is_old(factor: &Factor, at: Timestamp) -> bool {
    factor.added.plus(RECOVERY_OLD_DEVICE) < at
}

/// The account's recovery.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Recovery {
    /// The last one that was asked for and neither cancelled nor completed.
    #[n(0)]
    pub open: Option<OpenRecovery>,
    /// When a mailed link last set a password.
    #[n(1)]
    pub reset: Option<Timestamp>,
    /// Whether one was completed, and no device added since: that comes before anything else.
    #[n(2)]
    pub factor_owed: bool,
}

impl Recovery {
    /// The one that waits, or can be completed.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Option<&OpenRecovery> {
        self.open.as_ref().filter(|open| open.standing(now) != RecoveryStanding::Lapsed)
    }

    /// When one ends at the earliest that is asked for now.
    #[must_use]
    pub fn ends_if_asked(&self, now: Timestamp, wait: Duration) -> Timestamp {
        let after_reset = self.reset.map(|reset| reset.plus(RECOVERY_AFTER_RESET));
        now.plus(wait).max(after_reset.unwrap_or_default())
    }

    pub(super) fn evolve(&mut self, decided: Timestamp, event: &AccountEvent, factors: &Factors) {
        match event {
            AccountEvent::RecoveryRequested(requested) => {
                self.open = Some(OpenRecovery { requested: decided, ends: requested.ends, factor: requested.factor });
            }
            AccountEvent::RecoveryCancelled(_) => self.open = None,
            AccountEvent::RecoveryCompleted(_) => {
                self.factor_owed = self.open.take().is_some_and(|open| open.factor.is_none());
            }
            AccountEvent::PasswordSet(set) if set.reason == PasswordReason::Reset => {
                self.reset = Some(decided);
                let open = self.open.as_mut().filter(|open| open.standing(decided) != RecoveryStanding::Lapsed);
                if let Some(open) = open {
                    open.ends = open.ends.max(decided.plus(RECOVERY_AFTER_RESET));
                }
            }
            AccountEvent::FactorAdded(_) => self.factor_owed = false,
            _ => {}
        }
        // What it is about went another way.
        let is_moot = |open: &OpenRecovery| match open.factor {
            Some(lost) => factors.by_id(lost).is_none(),
            None => factors.is_empty(),
        };
        self.open = self.open.filter(|open| !is_moot(open));
    }
}
