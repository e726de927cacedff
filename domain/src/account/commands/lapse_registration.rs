//! A timer gives an address free that nobody ever proved.

use minicbor::{Decode, Encode};

use super::{AccountDecision, command_shape};
use crate::account::events::{AccountEvent, LinkPurpose};
use crate::account::{Account, Phase};
use crate::aggregate::{Command, Context, Decision};
use crate::time::Timestamp;

/// Lets a registration lapse: its reservation is released and its key destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct LapseRegistration {}

/// Why a registration does not lapse now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LapseRefusal {
    /// It was confirmed, or lapsed already.
    #[error("there is no unconfirmed registration")]
    NotUnconfirmed,
    /// A link is open, or the last request is too recent.
    #[error("the registration cannot lapse before {0}")]
    NotBefore(Timestamp),
}

impl Account {
    /// When an unconfirmed registration may lapse: a while after its last request, never while a link is open.
    #[must_use]
    pub fn lapses(&self, context: Context<'_>) -> Option<Timestamp> {
        let identity = self.identity.as_ref().filter(|_| self.phase == Phase::Unconfirmed)?;
        let last = self.links.last_request.unwrap_or(identity.created);
        let open = self.links.usable(LinkPurpose::Registration, context.now).map(|link| link.valid_until).max();
        let due = last.plus(context.policy.registration_lapse());
        Some(open.map_or(due, |open| due.max(open)))
    }
}

impl Command for LapseRegistration {
    command_shape!("lapse-registration" v 1: (), LapseRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), LapseRefusal> {
        match account.lapses(context) {
            None => Decision::refuse(LapseRefusal::NotUnconfirmed),
            Some(due) if context.now < due => Decision::refuse(LapseRefusal::NotBefore(due)),
            Some(_) => Decision::accept(vec![AccountEvent::RegistrationLapsed], ()),
        }
    }
}
