//! How long those wait who have lost what their accounts ask for.

use std::time::Duration;

use minicbor::{Decode, Encode};

/// How long a recovery waits; it may be off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct RecoveryWait(#[n(0)] u32);

impl RecoveryWait {
    /// Nobody recovers an account by waiting.
    pub const OFF: Self = Self(0);

    /// So many seconds; none of them is [`RecoveryWait::OFF`].
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

impl Default for RecoveryWait {
    fn default() -> Self {
        Self(72 * 3600)
    }
}
