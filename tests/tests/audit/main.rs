//! What auditors do: the commands, reading beside a running service, and finding what was tampered with.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod commands;
mod factors;
mod reading;
mod verify;
