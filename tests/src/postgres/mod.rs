//! PostgreSQL for tests: a database of one's own on the shared server, or a whole server of one's own where the test
//! kills it, fills its disk or changes its settings.

mod database;
mod server;

pub use database::{Database, throw_away_database};
pub use server::free_port;
pub use server::{Server, program};
