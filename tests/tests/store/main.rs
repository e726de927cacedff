//! The store on both databases, what their roles may do, its copy on NATS and the read models behind it.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod generator;
mod nats_stream;
mod postgres;
mod postgres_role;
mod postgres_start;
mod projections_rebuild;
mod sqlite;
mod sqlite_file;
