//! An operator stops all use of an application: for the day its secret leaks.

use minicbor::{Decode, Encode};

use super::{ApplicationDecision, Refusal, command_shape};
use crate::aggregate::{Command, Context, Decision};
use crate::application::Application;
use crate::application::events::{ApplicationEvent, ReasonGiven};

/// Stops all use of an application until it is enabled.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Disable {
    /// Why.
    #[n(0)]
    pub reason: String,
}

impl Command for Disable {
    command_shape!("disable-application" v 1: (), Refusal);

    fn decide(&self, application: &Application, _: Context<'_>) -> ApplicationDecision<(), Refusal> {
        if application.name.is_none() || application.disabled {
            return Decision::refuse(Refusal::NotNow);
        }
        Decision::accept(vec![ApplicationEvent::Disabled(ReasonGiven { reason: self.reason.clone() })], ())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::application::Scope;

    fn disable() -> Disable {
        Disable { reason: "leaked".to_owned() }
    }

    #[test]
    fn a_disabled_application_may_nothing() {
        let decision = registered().when(&disable());
        assert_eq!(decision, Decision::accept(vec![ApplicationEvent::Disabled(reason_given())], ()));
        let application = registered().then(decision.events).application;
        assert!(!Scope::ALL.into_iter().any(|scope| application.may(scope)));
    }

    #[test]
    fn refused_where_there_is_nothing_to_disable() {
        for story in [nothing(), disabled()] {
            assert_eq!(story.when(&disable()), Decision::refuse(Refusal::NotNow));
        }
    }
}
