//! What is stored of changes that an account's owner did not make, and of second factors that do not count for a while.

use minicbor::{Decode, Encode};

use crate::ids::{FactorId, LinkId};

/// See [`AccountEvent::ChangeDisowned`](super::AccountEvent::ChangeDisowned).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ChangeDisowned {
    /// The version that the event of the change has in the account's stream.
    #[n(0)]
    pub version: u64,
}

/// Why a second factor does not count for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum SuspensionReason {
    /// Whoever has the mailbox said that the owner had not added it.
    #[n(0)]
    Disowned,
    /// The owner, who had the password and a mailed link, stopped all devices.
    #[n(1)]
    Lost,
}

/// See [`AccountEvent::FactorSuspended`](super::AccountEvent::FactorSuspended).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FactorSuspended {
    /// The device.
    #[n(0)]
    pub factor: FactorId,
    /// Why.
    #[n(1)]
    pub reason: SuspensionReason,
}

/// See [`AccountEvent::RecoveryCodesSuspended`](super::AccountEvent::RecoveryCodesSuspended).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecoveryCodesSuspended {
    /// Why.
    #[n(0)]
    pub reason: SuspensionReason,
}

/// See [`AccountEvent::FactorsSuspended`](super::AccountEvent::FactorsSuspended).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FactorsSuspended {
    /// The link.
    #[n(0)]
    pub link: LinkId,
}

/// See [`AccountEvent::FactorResumed`](super::AccountEvent::FactorResumed).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FactorResumed {
    /// The device.
    #[n(0)]
    pub factor: FactorId,
    /// Why, in an administrator's words; `None` where its owner resumed it.
    #[n(1)]
    pub reason: Option<String>,
}
