//! An operator narrows or widens what an application may ask for.

use minicbor::{Decode, Encode};

use super::{ApplicationDecision, Refusal, command_shape};
use crate::aggregate::{Command, Context, Decision};
use crate::application::events::{ApplicationEvent, ScopesChanged};
use crate::application::{Application, Scope, scope};

/// Puts these scopes in place of those that the application had.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ChangeScopes {
    /// All that it may ask for from here on; none is a scope too few for anything.
    #[n(0)]
    pub scopes: Vec<Scope>,
}

impl Command for ChangeScopes {
    command_shape!("change-application-scopes" v 1: (), Refusal);

    fn decide(&self, application: &Application, _: Context<'_>) -> ApplicationDecision<(), Refusal> {
        if application.name.is_none() {
            return Decision::refuse(Refusal::NotNow);
        }
        let scopes = scope::sorted(&self.scopes);
        if scopes == application.scopes {
            return Decision::accept(Vec::new(), ());
        }
        Decision::accept(vec![ApplicationEvent::ScopesChanged(ScopesChanged { scopes })], ())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn what_was_taken_away_may_not_be_asked_for() {
        let narrow = ChangeScopes { scopes: vec![Scope::AccountsRead] };
        let decision = registered().when(&narrow);
        let changed = ScopesChanged { scopes: vec![Scope::AccountsRead] };
        assert_eq!(decision, Decision::accept(vec![ApplicationEvent::ScopesChanged(changed)], ()));
        let application = registered().then(decision.events).application;
        assert!(application.may(Scope::AccountsRead) && !application.may(Scope::AccountsInvite));
    }

    #[test]
    fn the_same_scopes_in_another_order_change_nothing() {
        let same = ChangeScopes { scopes: vec![Scope::AccountsInvite, Scope::AccountsRead] };
        assert_eq!(registered().when(&same), Decision::accept(vec![], ()));
    }

    #[test]
    fn refused_where_there_is_no_application() {
        assert_eq!(nothing().when(&ChangeScopes { scopes: vec![] }), Decision::refuse(Refusal::NotNow));
    }
}
