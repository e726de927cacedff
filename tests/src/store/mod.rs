//! The one suite of tests over both databases.
//!
//! Each test is a function over a [`Fixture`]; [`store_suite!`](crate::store_suite) makes a `#[tokio::test]` of each
//! for one database.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

pub mod commands;
pub mod epochs;
pub mod keys;
pub mod load;
pub mod log;
pub mod model;
pub mod order;
pub mod postgres;
pub mod races;
pub mod reservations;
pub mod sqlite;
pub mod statuses;
pub mod tables;
pub mod volatile;

use std::sync::Arc;

use async_trait::async_trait;
use chancery_eventstore::{Backend, Prepared, Status};

/// A database of a test's own.
#[async_trait]
pub trait Fixture: Send + Sync {
    /// One more instance over it, as another process would have.
    async fn open(&self) -> Arc<dyn Backend>;

    /// Every table with its columns, in their order, as the database itself tells.
    async fn columns(&self) -> Vec<(String, Vec<String>)>;

    /// Makes some transactions stay open for up to two milliseconds between writing and committing, where the database
    /// allows that.
    async fn linger(&self);

    /// Runs statements as whoever owns the database.
    async fn execute(&self, sql: &'static str);
}

/// Appends a batch that must be answered.
pub async fn append(backend: &dyn Backend, batch: &[Prepared]) -> Vec<Status> {
    let statuses = backend.append(batch).await.expect("the batch is answered");
    assert_eq!(statuses.len(), batch.len(), "every command has a status");
    statuses
}

/// Appends one command, which must be accepted.
pub async fn accept(backend: &dyn Backend, command: &Prepared) {
    let status = append(backend, std::slice::from_ref(command)).await.remove(0);
    assert!(matches!(status, Status::Appended { .. }), "{status:?}");
}

/// Makes a `#[tokio::test]` of every test of the suite. The fixture is an expression that is awaited for each.
#[macro_export]
macro_rules! store_suite {
    ($fixture:expr) => {
        $crate::store_suite!(@ $fixture =>
            statuses: appended, duplicate, key_gone, wrong_version, guards, reservation_taken, precedence,
                neighbours_stay, too_large, without_event, large_batches;
            epochs: an_old_epoch_writes_nothing_more, no_epoch_comes_twice, what_was_acknowledged_was_seen;
            log: round_trip, recorded_never_goes_back, reading_in_parts, head_tells_one_log;
            reservations: held_by_their_stream, read_at_one_moment, released_by_their_holder_only, races;
            keys: come_and_go, added_once, never_replaced, states_and_their_keys;
            model: histories;
            order: readers_miss_nothing;
            races: write_skew, guard_beside_its_write, same_version, same_command, same_claim, key_destroyed_meanwhile;
            tables: all_are_declared;
            volatile: put_peek_take, taken_once, counting, counted_within_the_limit, counted_together, half_at_birth, swept, put_back;
        );
    };
    (@ $fixture:expr => $($module:ident: $($test:ident),+;)+) => {
        $(mod $module {
            use super::*;

            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                $crate::store::$module::$test(&$fixture.await).await;
            })+
        })+
    };
}
