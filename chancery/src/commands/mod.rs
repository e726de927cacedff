//! One file for each command.

pub mod completions;
pub mod settings;
pub mod tune_password_hash;
