//! A time of the policy by which something is done, or not at all.

use std::time::Duration;

use minicbor::{Decode, Encode};

/// A time in whole seconds; it may be off. `DEFAULT` is what holds where the operator says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct TimeOrOff<const DEFAULT: u32>(#[n(0)] u32);

/// How long those wait who have lost what their accounts ask for; where it is off, nobody recovers an account by waiting.
pub type RecoveryWait = TimeOrOff<{ 72 * 3600 }>;

/// How long after several factors were proved in a browser its password may be left out there; where it is off, never.
pub type AdaptiveSignIn = TimeOrOff<{ 30 * 24 * 3600 }>;

impl<const DEFAULT: u32> TimeOrOff<DEFAULT> {
    /// It is not done.
    pub const OFF: Self = Self(0);

    /// So many seconds; none of them is [`TimeOrOff::OFF`].
    #[must_use]
    pub const fn seconds(seconds: u32) -> Self {
        Self(seconds)
    }

    /// The time; `None` where it is off.
    #[must_use]
    pub const fn span(self) -> Option<Duration> {
        if self.0 == 0 { None } else { Some(Duration::from_secs(self.0 as u64)) }
    }
}

impl<const DEFAULT: u32> Default for TimeOrOff<DEFAULT> {
    fn default() -> Self {
        Self(DEFAULT)
    }
}
