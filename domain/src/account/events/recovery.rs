//! What is stored of recoveries with a waiting time.

use minicbor::{Decode, Encode};

use super::Proof;
use crate::ids::{FactorId, LinkId};
use crate::time::Timestamp;

/// See [`AccountEvent::RecoveryRequested`](super::AccountEvent::RecoveryRequested).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecoveryRequested {
    /// The link by which it was asked for; `None` where that was done in a session.
    #[n(0)]
    pub link: Option<LinkId>,
    /// The one device that is lost; `None` where all are.
    #[n(1)]
    pub factor: Option<FactorId>,
    /// When it can be completed at the earliest, as far as was known then.
    #[n(2)]
    pub ends: Timestamp,
}

/// What ended a recovery before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum CancelledBy {
    /// The link in a mail that told of it.
    #[n(0)]
    MailedLink,
    /// A sign-in with a device that was there long before.
    #[n(1)]
    SignIn(#[n(0)] FactorId),
    /// A proof by a suspended device that was there long before; it lets nobody in.
    #[n(2)]
    SuspendedDevice(#[n(0)] Proof),
}

/// See [`AccountEvent::RecoveryCancelled`](super::AccountEvent::RecoveryCancelled).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecoveryCancelled {
    /// What ended it.
    #[n(0)]
    pub by: CancelledBy,
}

/// See [`AccountEvent::RecoveryCompleted`](super::AccountEvent::RecoveryCompleted).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecoveryCompleted {
    /// The link that was used; `None` where a session was, in which one device was lost.
    #[n(0)]
    pub link: Option<LinkId>,
}
