//! An invitation is accepted, or its time is over.

use minicbor::{Decode, Encode};

use super::{Invitation, InvitationEvent, InvitationPhase};
use crate::aggregate::{Command, Context, Decision, command_shape};
use crate::time::Timestamp;

/// Notes what became of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SettleInvitation {
    /// Whether the registration that it began was ended by its person.
    #[n(0)]
    pub accepted: bool,
    /// When its time is over.
    #[n(1)]
    pub ends: Timestamp,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It is accepted, now or before.
    Accepted,
    /// Its time is over, now or before.
    Ended,
}

/// Nothing became of it yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the invitation is open until {0}")]
pub struct SettleRefusal(pub Timestamp);

impl Command for SettleInvitation {
    command_shape!(Invitation, "settle-invitation" v 1: Settled, SettleRefusal);

    fn decide(
        &self,
        invitation: &Invitation,
        context: Context<'_>,
    ) -> Decision<InvitationEvent, Settled, SettleRefusal> {
        match invitation.phase {
            InvitationPhase::Accepted => Decision::accept(Vec::new(), Settled::Accepted),
            InvitationPhase::Ended => Decision::accept(Vec::new(), Settled::Ended),
            InvitationPhase::Open if self.accepted => {
                Decision::accept(vec![InvitationEvent::Accepted], Settled::Accepted)
            }
            InvitationPhase::Open if context.now < self.ends => Decision::refuse(SettleRefusal(self.ends)),
            InvitationPhase::Open => Decision::accept(vec![InvitationEvent::Ended], Settled::Ended),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::Aggregate;
    use crate::ids::StreamId;
    use crate::policy::Policy;

    fn decide(
        given: &[InvitationEvent],
        accepted: bool,
        now: i64,
    ) -> Decision<InvitationEvent, Settled, SettleRefusal> {
        let mut invitation = Invitation::default();
        for event in given {
            invitation.evolve(Timestamp(0), event);
        }
        let policy = Policy::default();
        let (now, epoch_began) = (Timestamp(now), Timestamp::default());
        let context = Context { stream: StreamId::default(), now, epoch_began, policy: &policy };
        SettleInvitation { accepted, ends: Timestamp(100) }.decide(&invitation, context)
    }

    #[test]
    fn it_is_open_until_its_time_is_over() {
        assert_eq!(decide(&[], false, 99), Decision::refuse(SettleRefusal(Timestamp(100))));
        assert_eq!(decide(&[], false, 100), Decision::accept(vec![InvitationEvent::Ended], Settled::Ended));
    }

    #[test]
    fn it_is_accepted_whenever_that_is_noted() {
        for now in [0, 100] {
            let accepted = Decision::accept(vec![InvitationEvent::Accepted], Settled::Accepted);
            assert_eq!(decide(&[], true, now), accepted);
        }
    }

    #[test]
    fn what_became_of_it_stays() {
        for accepted in [true, false] {
            let again = decide(&[InvitationEvent::Accepted], accepted, 100);
            assert_eq!(again, Decision::accept(vec![], Settled::Accepted));
            let again = decide(&[InvitationEvent::Ended], accepted, 100);
            assert_eq!(again, Decision::accept(vec![], Settled::Ended));
        }
    }
}
