//! Given events, when a command, then events or the exact refusal.

use crate::aggregate::{Aggregate, Command, Context, Decision};
use crate::application::events::{ApplicationEvent, ApplicationRegistered, ReasonGiven, SecretAdded};
use crate::application::{Application, ApplicationName, Scope};
use crate::ids::StreamId;
use crate::policy::Policy;
use crate::time::Timestamp;

/// 2026-05-03T10:00:00Z, when every story begins.
pub(in crate::application) const BEGINNING: Timestamp = Timestamp::from_seconds(1_777_802_400);

/// A story: what happened.
#[derive(Clone)]
pub(super) struct Story {
    pub(super) application: Application,
}

pub(super) fn nothing() -> Story {
    Story { application: Application::default() }
}

/// An application with both scopes and secret 1.
pub(super) fn registered() -> Story {
    nothing().then([registration(&Scope::ALL), secret_added(1)])
}

pub(super) fn disabled() -> Story {
    registered().then([ApplicationEvent::Disabled(reason_given())])
}

impl Story {
    pub(super) fn then(mut self, events: impl IntoIterator<Item = ApplicationEvent>) -> Self {
        for event in events {
            self.application.evolve(BEGINNING, &event);
        }
        self
    }

    pub(super) fn when<C: Command<Aggregate = Application>>(
        &self,
        command: &C,
    ) -> Decision<ApplicationEvent, C::Outcome, C::Refusal> {
        let policy = Policy::default();
        let (now, epoch_began) = (BEGINNING, Timestamp::default());
        let context = Context { stream: StreamId::from_bytes([1; 16]), now, epoch_began, policy: &policy };
        command.decide(&self.application, context)
    }
}

pub(in crate::application) fn name() -> ApplicationName {
    "Room booking".parse().unwrap()
}

pub(super) fn registration(scopes: &[Scope]) -> ApplicationEvent {
    ApplicationEvent::Registered(ApplicationRegistered { name: name(), scopes: scopes.to_vec() })
}

pub(super) fn secret_added(number: u8) -> ApplicationEvent {
    ApplicationEvent::SecretAdded(SecretAdded { number: number.into(), hash: [number; 32] })
}

pub(super) fn reason_given() -> ReasonGiven {
    ReasonGiven { reason: "leaked".to_owned() }
}
