//! What is stored of codes that are sent to telephones.

use minicbor::{Decode, Encode};

use crate::ids::{ChallengeId, FactorId};
use crate::values::{Language, PhoneNumber};

/// See [`AccountEvent::SmsCodeRequested`](super::AccountEvent::SmsCodeRequested).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SmsCodeRequested {
    /// What the code answers: it is made anew out of this when it is sent, and stored nowhere.
    #[n(0)]
    pub challenge: ChallengeId,
    /// The telephone, or the one that it is to become.
    #[n(1)]
    pub factor: FactorId,
    /// The number, while it is none of the account's.
    #[n(2)]
    pub phone: Option<PhoneNumber>,
    /// The language of the message.
    #[n(3)]
    pub language: Language,
}
