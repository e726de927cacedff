//! What is stored of an invitation.

use super::{EndInvitationAgain, Invitation, InvitationEvent, SettleInvitation};
use crate::aggregate::{Aggregate, Command, DomainEvent, Subject};
use crate::frozen::render;
use crate::time::Timestamp;

/// A snapshot that changes is a broken promise: see [`crate::frozen`].
#[test]
fn every_stored_shape_stays() {
    let mut shapes = Vec::new();
    for event in [InvitationEvent::Accepted, InvitationEvent::Ended] {
        assert_eq!(event.encode(), None, "an event that destroys the key has nothing to seal");
        let (event_type, version) = (event.event_type(), event.schema_version());
        assert_eq!(InvitationEvent::decode(event_type, version, Subject::Absent).unwrap(), event);
        let mut state = Invitation::default();
        state.evolve(Timestamp(1), &event);
        assert_eq!(Invitation::decode(&state.encode()).unwrap(), state);
        assert!(state.is_tombstone() && !Invitation::default().is_tombstone());
        shapes.push(format!("{event_type} v {version}\n{}", render(&state.encode())));
    }
    assert_eq!(InvitationEvent::TYPES.len(), shapes.len());
    shapes.push(render(&Invitation::default().encode()));
    let command = SettleInvitation { accepted: true, ends: Timestamp(7) };
    assert_eq!(minicbor::decode::<SettleInvitation>(&Command::encode(&command)).unwrap(), command);
    shapes.push(format!("settle-invitation v 1\n{}", render(&Command::encode(&command))));
    let command = EndInvitationAgain {};
    assert_eq!(minicbor::decode::<EndInvitationAgain>(&Command::encode(&command)).unwrap(), command);
    insta::assert_snapshot!("end-invitation-again.v1", render(&Command::encode(&command)));
    insta::assert_snapshot!(format!("invitation.fold_{}", Invitation::FOLD_VERSION), shapes.join("\n\n"));
}
