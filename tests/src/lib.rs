//! The harness of the tests that need a world around the code: databases, servers that can be killed, networks that
//! can be cut. Each part is a file of its own; what only one test needs stays in that test.
//!
//! The servers are started by `tests/run`, which names them in the environment. A test that needs one fails without
//! it, in one sentence: it is never skipped.

pub mod audit;
pub mod collector;
pub mod command_line;
pub mod environment;
pub mod generator;
pub mod leash;
pub mod nats;
pub mod net;
pub mod nodes;
pub mod postgres;
pub mod seeding;
pub mod served;
pub mod site;
pub mod smtp;
pub mod speed;
pub mod store;
