//! An operator lets a disabled application go on.

use minicbor::{Decode, Encode};

use super::{ApplicationDecision, Refusal, command_shape};
use crate::aggregate::{Command, Context, Decision};
use crate::application::Application;
use crate::application::events::{ApplicationEvent, ReasonGiven};

/// Undoes [`super::Disable`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Enable {
    /// Why.
    #[n(0)]
    pub reason: String,
}

impl Command for Enable {
    command_shape!("enable-application" v 1: (), Refusal);

    fn decide(&self, application: &Application, _: Context<'_>) -> ApplicationDecision<(), Refusal> {
        if !application.disabled {
            return Decision::refuse(Refusal::NotNow);
        }
        Decision::accept(vec![ApplicationEvent::Enabled(ReasonGiven { reason: self.reason.clone() })], ())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::application::Scope;

    fn enable() -> Enable {
        Enable { reason: "leaked".to_owned() }
    }

    #[test]
    fn it_may_again_what_it_could_before() {
        let decision = disabled().when(&enable());
        assert_eq!(decision, Decision::accept(vec![ApplicationEvent::Enabled(reason_given())], ()));
        let application = disabled().then(decision.events).application;
        assert!(Scope::ALL.into_iter().all(|scope| application.may(scope)));
    }

    #[test]
    fn refused_where_nothing_is_disabled() {
        for story in [nothing(), registered()] {
            assert_eq!(story.when(&enable()), Decision::refuse(Refusal::NotNow));
        }
    }
}
