//! An application asks for an invitation's mail once more.

use minicbor::{Decode, Encode};

use super::{ApplicationDecision, Refusal, command_shape};
use crate::aggregate::{Command, Context, Decision};
use crate::application::events::{ApplicationEvent, InvitationRepeated};
use crate::application::{Application, Scope};
use crate::ids::StreamId;

/// Asks for the mail of an invitation of this application once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RepeatInvitation {
    /// The invitation.
    #[n(0)]
    pub invitation: StreamId,
    /// The position of the event by which it began.
    #[n(1)]
    pub position: i64,
}

impl Command for RepeatInvitation {
    command_shape!("repeat-invitation" v 1: (), Refusal);

    fn decide(&self, application: &Application, _: Context<'_>) -> ApplicationDecision<(), Refusal> {
        if !application.may(Scope::AccountsInvite) {
            return Decision::refuse(Refusal::NotAllowed);
        }
        let repeated = InvitationRepeated { invitation: self.invitation, position: self.position };
        Decision::accept(vec![ApplicationEvent::InvitationRepeated(repeated)], ())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    fn repeat() -> RepeatInvitation {
        RepeatInvitation { invitation: StreamId::from_bytes([7; 16]), position: 5 }
    }

    #[test]
    fn a_repetition_is_a_fact_and_no_state() {
        let decision = registered().when(&repeat());
        let repeated = InvitationRepeated { invitation: StreamId::from_bytes([7; 16]), position: 5 };
        assert_eq!(decision, Decision::accept(vec![ApplicationEvent::InvitationRepeated(repeated)], ()));
        assert_eq!(registered().then(decision.events).application, registered().application);
    }

    #[test]
    fn refused_without_the_scope_and_while_disabled() {
        let reader = nothing().then([registration(&[Scope::AccountsRead])]);
        for story in [nothing(), reader, disabled()] {
            assert_eq!(story.when(&repeat()), Decision::refuse(Refusal::NotAllowed));
        }
    }
}
