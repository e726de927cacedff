//! The binary's own matters: its command line, its settings, its logs and its metrics. It wires the other crates
//! together and holds no rule of its own.

pub mod cli;
pub mod commands;
pub mod error;
pub mod http;
pub mod listen;
pub mod logging;
pub mod metrics;
pub mod service_manager;
pub mod settings;
pub mod traces;
pub mod wiring;
