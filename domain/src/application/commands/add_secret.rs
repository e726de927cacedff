//! An operator rotates an application's secret.

use minicbor::{Decode, Encode};

use super::{ApplicationDecision, Refusal, command_shape};
use crate::aggregate::{Command, Context, Decision};
use crate::application::events::{ApplicationEvent, SecretAdded, SecretNamed};
use crate::application::{Application, MAX_SECRETS};

/// Adds a secret. The one before stays valid, so that the application can change over; one before that is retired.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AddSecret {
    /// The SHA-256 of the new secret.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub hash: [u8; 32],
}

impl Command for AddSecret {
    command_shape!("add-application-secret" v 1: (), Refusal);

    fn decide(&self, application: &Application, _: Context<'_>) -> ApplicationDecision<(), Refusal> {
        if application.name.is_none() {
            return Decision::refuse(Refusal::NotNow);
        }
        let room = MAX_SECRETS - 1;
        let over = application.secrets.len().saturating_sub(room);
        let retired = application.secrets.iter().take(over);
        let mut events: Vec<_> =
            retired.map(|secret| ApplicationEvent::SecretRetired(SecretNamed { number: secret.number })).collect();
        let number = application.newest_secret.saturating_add(1);
        events.push(ApplicationEvent::SecretAdded(SecretAdded { number, hash: self.hash }));
        Decision::accept(events, ())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    fn add(n: u8) -> AddSecret {
        AddSecret { hash: [n; 32] }
    }

    #[test]
    fn two_are_valid_at_a_time() {
        let story = registered();
        assert_eq!(story.when(&add(2)), Decision::accept(vec![secret_added(2)], ()));
        let story = story.clone().then(story.when(&add(2)).events);
        assert_eq!(story.application.secrets.len(), 2);
        let retired = ApplicationEvent::SecretRetired(SecretNamed { number: 1 });
        assert_eq!(story.when(&add(3)), Decision::accept(vec![retired, secret_added(3)], ()));
        let application = story.clone().then(story.when(&add(3)).events).application;
        assert_eq!(application.secrets.iter().map(|secret| secret.number).collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn numbers_are_not_given_twice() {
        let story = registered().then([secret_added(2), ApplicationEvent::SecretRetired(SecretNamed { number: 2 })]);
        assert_eq!(story.when(&add(3)), Decision::accept(vec![secret_added(3)], ()));
    }

    #[test]
    fn refused_where_there_is_no_application() {
        assert_eq!(nothing().when(&add(1)), Decision::refuse(Refusal::NotNow));
    }
}
