//! What can be asked: the read models that follow the log, one folder each with its rows, its apply and its queries.
//!
//! A read model keeps its cursor and its rows in one transaction, has a version in its name, and halts, loudly, on an
//! event that it does not know.

pub mod account_changes;
pub mod activity;
pub mod event_counts;
pub mod rebuild;
mod rows;
pub mod runner;

use std::sync::Arc;

use chancery_domain::Timestamp;
use chancery_eventstore::verify::Follower;
use chancery_eventstore::{Db, Store};

pub use account_changes::{AccountChange, AccountChanges, Changes, Field};
pub use activity::{Activity, PastSignIn};
pub use event_counts::{DayCount, EventCounts};
pub use rebuild::{Rebuild, Rebuilt};
pub use runner::{Projection, ProjectionError, Runner, Status};

/// Every read model, as a runner moves it.
#[must_use]
pub fn all(store: &Store, db: &Db) -> Vec<Arc<dyn Projection>> {
    vec![
        AccountChanges::new(db.clone()).projection(),
        Activity::new(store.clone(), db.clone()).projection(),
        EventCounts::new(db.clone()).projection(),
    ]
}

/// Every read model, as the verification computes it anew in memory. Rows about what was decided before `oldest` may be
/// gone by their age.
#[must_use]
pub fn followers(oldest: Timestamp) -> Vec<Arc<dyn Follower>> {
    vec![account_changes::follower(), activity::follower(oldest), event_counts::follower()]
}
