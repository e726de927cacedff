//! An invitation came back with a restored database after its key had been destroyed.

use std::convert::Infallible;

use minicbor::{Decode, Encode};

use super::{Invitation, InvitationEvent, InvitationPhase};
use crate::aggregate::{Command, Context, Decision, command_shape};

/// Ends an invitation whatever its time: what became of it is lost, and whom it was for must not be readable again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct EndInvitationAgain {}

impl Command for EndInvitationAgain {
    command_shape!(Invitation, "end-invitation-again" v 1: (), Infallible);

    fn decide(&self, invitation: &Invitation, _: Context<'_>) -> Decision<InvitationEvent, (), Infallible> {
        let events = match invitation.phase {
            InvitationPhase::Open => vec![InvitationEvent::Ended],
            InvitationPhase::Accepted | InvitationPhase::Ended => Vec::new(),
        };
        Decision::accept(events, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::Aggregate;
    use crate::ids::StreamId;
    use crate::policy::Policy;
    use crate::time::Timestamp;

    #[test]
    fn an_open_one_ends_at_once_and_what_became_of_another_stays() {
        let (now, epoch_began, policy) = (Timestamp(1), Timestamp(0), Policy::default());
        let context = Context { stream: StreamId::default(), now, epoch_began, policy: &policy };
        let mut invitation = Invitation::default();
        let decision = EndInvitationAgain {}.decide(&invitation, context);
        assert_eq!(decision, Decision::accept(vec![InvitationEvent::Ended], ()));
        for event in [InvitationEvent::Ended, InvitationEvent::Accepted] {
            invitation.evolve(now, &event);
            assert_eq!(EndInvitationAgain {}.decide(&invitation, context), Decision::accept(vec![], ()));
        }
    }
}
