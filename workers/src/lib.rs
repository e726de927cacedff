//! What follows: jobs and timers that act on events, and the runner that gives them each event until they are done.
//!
//! Each job is a file of its own that says from which events it acts and what a repeat does. A job reads one event,
//! calls one use case or port, and reports.

pub mod admin;
pub mod fact;
pub mod job;
pub mod jobs;
pub mod living;
pub mod network_keys;
pub mod relay;
pub mod runner;
pub mod sweep;
pub mod timers;
mod workers;

pub use fact::Fact;
pub use job::{Context, Job, Outcome};
pub use relay::Relay;
pub use workers::{ALL, Options, Senders, Source, Workers, set_floors};
