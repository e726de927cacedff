//! Everything of an application that is stored, as it is stored. A snapshot that changes is a broken promise: see
//! [`crate::frozen`].

use proptest::prelude::*;

use super::commands::testing::{BEGINNING, name};
use super::commands::{
    AddSecret, ChangeScopes, Disable, Enable, InvitePerson, RegisterApplication, RepeatInvitation, RetireSecret,
};
use super::{
    Application, ApplicationEvent, ApplicationRegistered, InvitationRepeated, MAX_STATE, PersonInvited, ReasonGiven,
    Scope, ScopesChanged, SecretAdded, SecretNamed,
};
use crate::aggregate::{Aggregate, Command, DecodeError, DomainEvent, Subject};
use crate::frozen::render;
use crate::ids::StreamId;

/// One of each type, in an order that could have happened.
fn events() -> Vec<ApplicationEvent> {
    use ApplicationEvent as E;
    let invitation = StreamId::from_bytes([7; 16]);
    vec![
        E::Registered(ApplicationRegistered { name: name(), scopes: Scope::ALL.to_vec() }),
        E::SecretAdded(SecretAdded { number: 1, hash: [1; 32] }),
        E::SecretAdded(SecretAdded { number: 2, hash: [2; 32] }),
        E::SecretRetired(SecretNamed { number: 1 }),
        E::ScopesChanged(ScopesChanged { scopes: vec![Scope::AccountsInvite] }),
        E::PersonInvited(PersonInvited { invitation, sealed: vec![1, 2, 3] }),
        E::InvitationRepeated(InvitationRepeated { invitation, position: 70_000 }),
        E::Disabled(ReasonGiven { reason: "leaked".to_owned() }),
        E::Enabled(ReasonGiven { reason: "mended".to_owned() }),
    ]
}

#[test]
fn every_event_keeps_its_shape() {
    for (event_type, version) in ApplicationEvent::TYPES {
        let of_type =
            |event: &ApplicationEvent| (event.event_type(), event.schema_version()) == (*event_type, *version);
        let examples: Vec<_> = events().into_iter().filter(of_type).collect();
        assert!(!examples.is_empty(), "no example of {event_type}");
        let shapes = examples.iter().map(|event| {
            let bytes = event.encode().unwrap();
            let read = |subject| ApplicationEvent::decode(event_type, *version, subject);
            assert_eq!(read(Subject::Open(&bytes)).unwrap(), *event);
            assert_eq!(read(Subject::Redacted).unwrap(), ApplicationEvent::Redacted);
            assert!(matches!(read(Subject::Absent), Err(DecodeError::Malformed(..))));
            render(&bytes)
        });
        insta::assert_snapshot!(format!("{event_type}.v{version}"), shapes.collect::<Vec<_>>().join("\n\n"));
    }
    assert_eq!(ApplicationEvent::FORMER_TYPES, []);
}

/// A stored state is trusted as long as the fold's version is the same: where this changes, raise
/// [`Aggregate::FOLD_VERSION`] and keep the old snapshot.
#[test]
fn a_fold_of_one_version_always_gives_the_same_state() {
    let mut application = Application::default();
    let mut shapes = vec![render(&application.encode())];
    for event in events().into_iter().chain([ApplicationEvent::Redacted]) {
        application.evolve(BEGINNING, &event);
        let encoded = application.encode();
        assert_eq!(Application::decode(&encoded).unwrap(), application);
        assert!(encoded.len() <= MAX_STATE);
        shapes.push(render(&encoded));
    }
    shapes.dedup();
    insta::assert_snapshot!(format!("application.fold_{}", Application::FOLD_VERSION), shapes.join("\n\n"));
    assert!(application.secret_keys().is_empty() && !application.is_tombstone());
}

fn frozen<C>(command: &C) -> String
where
    C: Command + PartialEq + for<'b> minicbor::Decode<'b, ()>,
{
    let bytes = command.encode();
    assert_eq!(minicbor::decode::<C>(&bytes).unwrap(), *command);
    format!("{} v {}\n{}", C::NAME, C::VERSION, render(&bytes))
}

#[test]
fn every_command_keeps_its_shape() {
    let invitation = StreamId::from_bytes([7; 16]);
    let shapes = [
        frozen(&RegisterApplication { name: name(), scopes: Scope::ALL.to_vec(), hash: [1; 32] }),
        frozen(&AddSecret { hash: [2; 32] }),
        frozen(&RetireSecret {}),
        frozen(&ChangeScopes { scopes: vec![Scope::AccountsRead] }),
        frozen(&Disable { reason: "leaked".to_owned() }),
        frozen(&Enable { reason: "mended".to_owned() }),
        frozen(&InvitePerson { invitation, sealed: vec![1, 2, 3] }),
        frozen(&RepeatInvitation { invitation, position: 70_000 }),
    ];
    insta::assert_snapshot!("application_commands", shapes.join("\n\n"));
}

#[test]
fn what_this_build_does_not_know_is_an_error() {
    let unknown = ApplicationEvent::decode("application.levitated", 1, Subject::Absent);
    assert!(matches!(unknown, Err(DecodeError::UnknownType(_))));
    for (event_type, version) in ApplicationEvent::TYPES {
        let newer = ApplicationEvent::decode(event_type, version + 1, Subject::Redacted);
        assert!(matches!(newer, Err(DecodeError::UnknownVersion(..))));
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
        for (event_type, version) in ApplicationEvent::TYPES {
            let _ = ApplicationEvent::decode(event_type, *version, Subject::Open(&bytes));
        }
        let _ = Application::decode(&bytes);
    }
}
