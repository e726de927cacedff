//! An invitation: what became of it. That it was made, by which application, is an event of the application's.
//!
//! The stream has a data key from its beginning on, which seals who was invited, and one event at its end, with which the
//! key is destroyed: an application's history does not hold addresses for longer than they are needed.

mod end_again;
mod settle;
#[cfg(test)]
mod tests;

use minicbor::{Decode, Encode};

pub use end_again::EndInvitationAgain;
pub use settle::{SettleInvitation, SettleRefusal, Settled};

use crate::aggregate::{Aggregate, Claim, DecodeError, from_cbor, to_cbor};
use crate::events::events;
use crate::ids::KeyId;
use crate::time::Timestamp;

events! {
    /// A fact about one invitation.
    InvitationEvent of "invitation":

    /// Whoever was invited ended the registration that the invitation began. An auditor learns when this was noted; which
    /// account it was, the account's own log says.
    Accepted = "invitation.accepted" v 1;
    /// The invitation's time was over. An auditor learns that nobody registered because of it: its address had an account
    /// already, or nobody followed it. By an administrator: it had been settled, and came back with a restored database.
    Ended = "invitation.ended" v 1;
}

/// How an invitation stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum InvitationPhase {
    /// It can be accepted.
    #[default]
    #[n(0)]
    Open,
    /// It was accepted.
    #[n(1)]
    Accepted,
    /// Its time is over.
    #[n(2)]
    Ended,
}

/// An invitation's state, folded from its events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Invitation {
    /// How it stands.
    #[n(0)]
    pub phase: InvitationPhase,
}

impl Aggregate for Invitation {
    const NAME: &'static str = "invitation";
    const FOLD_VERSION: u16 = 1;
    type Event = InvitationEvent;

    fn evolve(&mut self, _decided: Timestamp, event: &InvitationEvent) {
        match event {
            InvitationEvent::Accepted => self.phase = InvitationPhase::Accepted,
            InvitationEvent::Ended => self.phase = InvitationPhase::Ended,
            InvitationEvent::Redacted => {}
        }
    }

    fn encode(&self) -> Vec<u8> {
        to_cbor(self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        from_cbor(Self::NAME, bytes)
    }

    fn claims(&self) -> Vec<Claim> {
        Vec::new()
    }

    fn secret_keys(&self) -> Vec<KeyId> {
        Vec::new()
    }

    fn is_tombstone(&self) -> bool {
        self.phase != InvitationPhase::Open
    }
}
