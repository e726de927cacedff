//! What can be asked: the read models that follow the log, one folder each with its rows, its apply and its queries.
//!
//! A read model keeps its cursor and its rows in one transaction, has a version in its name, and halts, loudly, on an
//! event that it does not know.

pub mod activity;
pub mod runner;

pub use activity::{Activity, PastSignIn};
pub use runner::{Projection, ProjectionError, Runner, Status};
