//! What `tests/run` tells the tests about the world it made for them.
//!
//! | variable | meaning |
//! |---|---|
//! | `CHANCERY_TEST_POSTGRES` | URL of the throw-away PostgreSQL's superuser |
//! | `CHANCERY_TEST_POSTGRES_BIN` | folder of `initdb` and `postgres` |
//! | `CHANCERY_TEST_POSTGRES_USER` | user that runs the tests' own servers where the tests run as root, which PostgreSQL refuses; empty otherwise |
//! | `CHANCERY_TEST_TMPFS` | folder on a tmpfs of 32 MiB, for the test of a full disk |
//! | `CHANCERY_TEST_NATS` | URL of the throw-away NATS server with JetStream |
//! | `CHANCERY_TEST_GALLERY` | the example that writes every page in every state, for the browser tests |
//! | `CHANCERY_TEST_MANY` | the program that runs the service in many processes and kills them, for the browser tests |
//! | `CHANCERY_TEST_CHROMIUM` | the browser of the browser tests |
//! | `CHANCERY_BIN` | the `chancery` binary under test |
//! | `CHANCERY_NEXT_BIN` | the same as of the next build, for upgrades |
//!
//! `CHANCERY_CAMPAIGN_PEOPLE` may be set besides, which `tests/bench campaign-killed` does: how many people a campaign meets
//! whose workers are killed.

use std::path::{Path, PathBuf};

/// The value of a variable that `tests/run` sets.
///
/// # Panics
/// When it is not set, with a sentence that says what to do.
#[expect(clippy::disallowed_methods, reason = "the harness is told about its world through the environment")]
pub fn variable(name: &str) -> String {
    match std::env::var(name) {
        Ok(value) => value,
        Err(_) => panic!("{name} is not set: start the tests with tests/run, which starts the servers they need"),
    }
}

/// The URL of the throw-away NATS server.
pub fn nats() -> String {
    variable("CHANCERY_TEST_NATS")
}

/// A folder on a small tmpfs, writable for the user that runs the tests' own PostgreSQL servers.
pub fn tmpfs() -> PathBuf {
    PathBuf::from(variable("CHANCERY_TEST_TMPFS"))
}

/// The `chancery` binary under test.
pub fn chancery() -> PathBuf {
    PathBuf::from(variable("CHANCERY_BIN"))
}

/// The binary of the next build.
pub fn chancery_next() -> PathBuf {
    PathBuf::from(variable("CHANCERY_NEXT_BIN"))
}

/// How many people a campaign meets whose workers are killed, where that is not left to the test.
///
/// # Panics
/// When it is no number.
#[expect(clippy::disallowed_methods, reason = "the harness is told about its world through the environment")]
pub fn campaign_people() -> Option<u64> {
    let people = std::env::var("CHANCERY_CAMPAIGN_PEOPLE").ok()?;
    Some(people.parse().expect("CHANCERY_CAMPAIGN_PEOPLE is a number"))
}

/// The top folder of the repository.
pub fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
