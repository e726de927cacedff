//! One file for each command.

pub mod account;
pub mod application;
pub mod audit;
pub mod backup;
pub mod campaign;
pub mod check;
pub mod completions;
pub mod jobs;
pub mod log;
pub mod migrate;
pub mod projections;
pub mod restore;
pub mod serve;
pub mod settings;
pub mod timers;
pub mod tune_password_hash;
pub mod work;
