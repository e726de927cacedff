//! An application invites a person.

use minicbor::{Decode, Encode};

use super::{ApplicationDecision, Refusal, command_shape};
use crate::aggregate::{Command, Context, Decision};
use crate::application::events::{ApplicationEvent, PersonInvited};
use crate::application::{Application, Scope};
use crate::ids::StreamId;

/// Invites whoever is sealed in it. Whether the address has an account is neither looked up nor told.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct InvitePerson {
    /// The invitation: a new stream.
    #[n(0)]
    pub invitation: StreamId,
    /// Who is invited, sealed under the invitation's data key.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub sealed: Vec<u8>,
}

impl Command for InvitePerson {
    command_shape!("invite-person" v 1: (), Refusal);

    fn decide(&self, application: &Application, _: Context<'_>) -> ApplicationDecision<(), Refusal> {
        if !application.may(Scope::AccountsInvite) {
            return Decision::refuse(Refusal::NotAllowed);
        }
        let invited = PersonInvited { invitation: self.invitation, sealed: self.sealed.clone() };
        Decision::accept(vec![ApplicationEvent::PersonInvited(invited)], ())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    fn invite() -> InvitePerson {
        InvitePerson { invitation: StreamId::from_bytes([7; 16]), sealed: vec![1, 2, 3] }
    }

    #[test]
    fn an_invitation_leaves_nothing_in_the_state() {
        let decision = registered().when(&invite());
        let invited = PersonInvited { invitation: StreamId::from_bytes([7; 16]), sealed: vec![1, 2, 3] };
        assert_eq!(decision, Decision::accept(vec![ApplicationEvent::PersonInvited(invited)], ()));
        assert_eq!(registered().then(decision.events).application, registered().application);
    }

    #[test]
    fn refused_without_the_scope_and_while_disabled() {
        let reader = nothing().then([registration(&[Scope::AccountsRead]), secret_added(1)]);
        for story in [nothing(), reader, disabled()] {
            assert_eq!(story.when(&invite()), Decision::refuse(Refusal::NotAllowed));
        }
    }
}
