//! The program itself, as a process: `chancery serve`, `work` and the commands beside them, over real connections.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod campaign;
mod check;
mod command_line_postgres;
mod door;
mod history;
mod keys;
mod logs;
mod mail;
mod old_logs;
mod operations;
mod policy;
mod restart;
mod restore;
mod restored;
mod sms;
mod traces;
mod unlisted_phones;
mod upgrade;
mod work;
