//! What is true: the values, events, aggregates, commands and policies of Chancery.
//!
//! This crate is pure. It does no input or output, is never asynchronous, reads no clock and draws no random
//! number: whatever a decision needs arrives inside its command. Nothing here knows of SQL, HTTP or NATS.

pub mod account;
pub mod actor;
pub mod aggregate;
mod events;
#[cfg(test)]
mod frozen;
pub mod ids;
pub mod network;
pub mod policy;
pub mod throttle;
pub mod time;
pub mod values;

pub use actor::{Actor, ActorDetails};
pub use aggregate::{Aggregate, Claim, ClaimKind, Command, Context, Decision, DecodeError, DomainEvent, Subject};
pub use ids::{BrowserTag, KeyId, LinkId, SessionId, StreamId};
pub use time::Timestamp;
