//! One file for each command.

pub mod account;
pub mod check;
pub mod completions;
pub mod jobs;
pub mod migrate;
pub mod serve;
pub mod settings;
pub mod timers;
pub mod tune_password_hash;
