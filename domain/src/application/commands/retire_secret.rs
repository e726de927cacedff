//! An operator ends the time in which two secrets are valid.

use minicbor::{Decode, Encode};

use super::{ApplicationDecision, Refusal, command_shape};
use crate::aggregate::{Command, Context, Decision};
use crate::application::Application;
use crate::application::events::{ApplicationEvent, SecretNamed};

/// Retires every secret but the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RetireSecret {}

impl Command for RetireSecret {
    command_shape!("retire-application-secret" v 1: (), Refusal);

    fn decide(&self, application: &Application, _: Context<'_>) -> ApplicationDecision<(), Refusal> {
        let Some((_, older)) = application.secrets.split_last().filter(|(_, older)| !older.is_empty()) else {
            return Decision::refuse(Refusal::NotNow);
        };
        let retired = |number| ApplicationEvent::SecretRetired(SecretNamed { number });
        Decision::accept(older.iter().map(|secret| retired(secret.number)).collect(), ())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn only_the_newest_stays() {
        let story = registered().then([secret_added(2)]);
        let decision = story.when(&RetireSecret {});
        let retired = ApplicationEvent::SecretRetired(SecretNamed { number: 1 });
        assert_eq!(decision, Decision::accept(vec![retired], ()));
        let application = story.then(decision.events).application;
        assert_eq!(application.secrets.iter().map(|secret| secret.number).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn the_only_one_is_not_retired() {
        for story in [nothing(), registered()] {
            assert_eq!(story.when(&RetireSecret {}), Decision::refuse(Refusal::NotNow));
        }
    }
}
