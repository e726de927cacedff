//! What can happen to an application. Wire names and stored shapes are frozen: a change is a new version with its
//! upgrade.

use minicbor::{Decode, Encode};

use super::{ApplicationName, Scope};
use crate::events::events;
use crate::ids::StreamId;

events! {
    /// A fact about one application.
    ApplicationEvent of "application":

    /// An operator let a program ask for something. An auditor learns its name, and for what it could ask.
    Registered(ApplicationRegistered) = "application.registered" v 1;
    /// A secret by which the application proves to be itself was made. An auditor learns which one, never the secret.
    SecretAdded(SecretAdded) = "application.secret_added" v 1;
    /// A secret is worth nothing from here on. An auditor learns which one.
    SecretRetired(SecretNamed) = "application.secret_retired" v 1;
    /// What the application may ask for was narrowed or widened. An auditor learns all that it could ask for from here on.
    ScopesChanged(ScopesChanged) = "application.scopes_changed" v 1;
    /// An operator stopped all use of the application. An auditor learns why.
    Disabled(ReasonGiven) = "application.disabled" v 1;
    /// An operator let the application go on. An auditor learns why.
    Enabled(ReasonGiven) = "application.enabled" v 1;
    /// The application invited a person, with an account or without. An auditor learns which invitation it is; who was
    /// invited is sealed under the invitation's own key, and gone with it when the invitation is accepted or ends.
    PersonInvited(PersonInvited) = "application.person_invited" v 1;
    /// The application asked for an invitation's mail once more. An auditor learns which invitation it is.
    InvitationRepeated(InvitationRepeated) = "application.invitation_repeated" v 1;
}

/// See [`ApplicationEvent::Registered`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ApplicationRegistered {
    /// What it is called.
    #[n(0)]
    pub name: ApplicationName,
    /// What it may ask for.
    #[n(1)]
    pub scopes: Vec<Scope>,
}

/// See [`ApplicationEvent::SecretAdded`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SecretAdded {
    /// The secret's number: the application's first one has 1.
    #[n(0)]
    pub number: u32,
    /// The SHA-256 of the secret.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub hash: [u8; 32],
}

/// An event about a secret that says no more than which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SecretNamed {
    /// The secret's number.
    #[n(0)]
    pub number: u32,
}

/// See [`ApplicationEvent::ScopesChanged`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ScopesChanged {
    /// All that it may ask for from here on.
    #[n(0)]
    pub scopes: Vec<Scope>,
}

/// Why an operator acted, in their own words.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ReasonGiven {
    /// The words.
    #[n(0)]
    pub reason: String,
}

/// See [`ApplicationEvent::PersonInvited`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PersonInvited {
    /// The invitation: a stream of its own, whose data key seals who was invited.
    #[n(0)]
    pub invitation: StreamId,
    /// Who was invited, sealed.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub sealed: Vec<u8>,
}

/// See [`ApplicationEvent::InvitationRepeated`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct InvitationRepeated {
    /// The invitation.
    #[n(0)]
    pub invitation: StreamId,
    /// The position of the event by which it began.
    #[n(1)]
    pub position: i64,
}
