//! For how long a browser is believed in which several factors were proved.

use std::time::Duration;

use minicbor::{Decode, Encode};

/// How long after several factors were proved in a browser its password may be left out there; it may be off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct AdaptiveSignIn(#[n(0)] u32);

impl AdaptiveSignIn {
    /// The password is never left out.
    pub const OFF: Self = Self(0);

    /// So many seconds; none of them is [`AdaptiveSignIn::OFF`].
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

impl Default for AdaptiveSignIn {
    fn default() -> Self {
        Self(30 * 24 * 3600)
    }
}
