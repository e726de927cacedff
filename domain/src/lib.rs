//! What is true: the values, events, aggregates, commands and policies of Chancery.
//!
//! This crate is pure. It does no input or output, is never asynchronous, reads no clock and draws no random
//! number: whatever a decision needs arrives inside its command. Nothing here knows of SQL, HTTP or NATS.

// What only this feature writes is frozen nowhere, and no log of anybody's may ever hold it.
#[cfg(all(feature = "next-build", not(debug_assertions)))]
compile_error!("the feature next-build makes a build for tests only");

pub mod account;
pub mod actor;
pub mod aggregate;
pub mod application;
pub mod campaign;
pub mod events;
#[cfg(test)]
mod frozen;
pub mod ids;
pub mod invitation;
pub mod log;
pub mod network;
pub mod policy;
pub mod rules;
pub mod throttle;
pub mod time;
pub mod values;

pub use actor::{Actor, ActorDetails};
pub use aggregate::{Aggregate, Claim, ClaimKind, Command, Context, Decision, DecodeError, DomainEvent, Subject};
pub use ids::{BrowserTag, ChallengeId, FactorId, KeyId, LinkId, SessionId, StreamId};
pub use rules::RULES;
pub use time::{Moment, Timestamp};
