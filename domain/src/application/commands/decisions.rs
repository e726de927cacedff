//! What an application's commands decide at each point of a fixed story.

use super::testing::{BEGINNING, Story, disabled, name, nothing, registered, registration, secret_added};
use super::{
    AddSecret, ChangeScopes, Disable, Enable, InvitePerson, RegisterApplication, RepeatInvitation, RetireSecret,
};
use crate::application::{Application, Scope};
use crate::ids::StreamId;
use crate::rules::tests::{Pinned, Stage};

fn stages() -> Vec<Stage<Application>> {
    let at = |name, story: Story| Stage { state: story.application, ..Stage::of(name, BEGINNING, &[]) };
    vec![
        at("nothing", nothing()),
        at("registered", registered()),
        at("with two secrets", registered().then([secret_added(2)])),
        at("without the scope", nothing().then([registration(&[Scope::AccountsRead]), secret_added(1)])),
        at("disabled", disabled()),
    ]
}

/// Pins every command.
pub(crate) fn pin(pinned: &mut Pinned) {
    let stages = stages();
    let invitation = StreamId::from_bytes([7; 16]);
    pinned.pin(1, &stages, &[RegisterApplication { name: name(), scopes: Scope::ALL.to_vec(), hash: [1; 32] }]);
    pinned.pin(1, &stages, &[AddSecret { hash: [3; 32] }]);
    pinned.pin(1, &stages, &[RetireSecret {}]);
    pinned.pin(
        1,
        &stages,
        &[ChangeScopes { scopes: vec![Scope::AccountsRead] }, ChangeScopes { scopes: Scope::ALL.to_vec() }],
    );
    pinned.pin(1, &stages, &[Disable { reason: "leaked".to_owned() }]);
    pinned.pin(1, &stages, &[Enable { reason: "mended".to_owned() }]);
    pinned.pin(1, &stages, &[InvitePerson { invitation, sealed: vec![1, 2, 3] }]);
    pinned.pin(1, &stages, &[RepeatInvitation { invitation, position: 70_000 }]);
}
