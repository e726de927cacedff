//! What is stored of codes that are sent to telephones.

use minicbor::{Decode, Encode};

use crate::campaign::CampaignStage;
use crate::ids::{ChallengeId, FactorId};
use crate::time::Timestamp;
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

/// See [`AccountEvent::SmsDeprecated`](super::AccountEvent::SmsDeprecated).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SmsDeprecated {
    /// The campaign's number.
    #[n(0)]
    pub campaign: u16,
    /// Its stage, of those that an account is told of.
    #[n(1)]
    pub stage: CampaignStage,
    /// When codes by SMS end, or have ended, as far as was known then.
    #[n(2)]
    pub off: Timestamp,
    /// Until when one last sign-in by SMS is possible, where the account had nothing else at the end.
    #[n(3)]
    pub last_until: Option<Timestamp>,
}
