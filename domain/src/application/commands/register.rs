//! An operator lets a program ask for something.

use minicbor::{Decode, Encode};

use super::{ApplicationDecision, Refusal, command_shape};
use crate::aggregate::{Command, Context, Decision};
use crate::application::events::{ApplicationEvent, ApplicationRegistered, SecretAdded};
use crate::application::{Application, ApplicationName, Scope, scope};

/// Registers an application with its first secret. That no other one has its name, the reservation sees to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RegisterApplication {
    /// What it is called.
    #[n(0)]
    pub name: ApplicationName,
    /// What it may ask for.
    #[n(1)]
    pub scopes: Vec<Scope>,
    /// The SHA-256 of its first secret.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub hash: [u8; 32],
}

impl Command for RegisterApplication {
    command_shape!("register-application" v 1: (), Refusal);

    fn decide(&self, application: &Application, _: Context<'_>) -> ApplicationDecision<(), Refusal> {
        if application.name.is_some() {
            return Decision::refuse(Refusal::NotNow);
        }
        let registered = ApplicationRegistered { name: self.name.clone(), scopes: scope::sorted(&self.scopes) };
        let events = vec![
            ApplicationEvent::Registered(registered),
            ApplicationEvent::SecretAdded(SecretAdded { number: 1, hash: self.hash }),
        ];
        Decision::accept(events, ())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    fn register(scopes: &[Scope]) -> RegisterApplication {
        RegisterApplication { name: name(), scopes: scopes.to_vec(), hash: [1; 32] }
    }

    #[test]
    fn an_application_begins_with_one_secret_and_each_scope_once() {
        let twice = [Scope::AccountsInvite, Scope::AccountsRead, Scope::AccountsInvite];
        let decision = nothing().when(&register(&twice));
        assert_eq!(decision, Decision::accept(vec![registration(&Scope::ALL), secret_added(1)], ()));
        let application = nothing().then(decision.events).application;
        assert!(Scope::ALL.into_iter().all(|scope| application.may(scope)));
        assert_eq!((application.secrets.len(), application.newest_secret), (1, 1));
        assert_eq!(application.registered, BEGINNING);
    }

    #[test]
    fn what_it_was_not_given_it_may_not() {
        let application = nothing().then(nothing().when(&register(&[Scope::AccountsInvite])).events).application;
        assert!(application.may(Scope::AccountsInvite) && !application.may(Scope::AccountsRead));
    }

    #[test]
    fn refused_where_there_is_one() {
        for story in [registered(), disabled()] {
            assert_eq!(story.when(&register(&Scope::ALL)), Decision::refuse(Refusal::NotNow));
        }
    }
}
