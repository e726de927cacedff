//! Whether the tables say what the log says.

use std::sync::Arc;
use std::time::Duration;

use chancery_domain::Timestamp;
use chancery_domain::policy::{POLICY_STREAM, Policy, PolicyEvent};
use chancery_eventstore::verify::{Options, Report, Verifier, VerifyError};
use chancery_eventstore::{Backend, BatcherOptions, Db, Position, ReadError, Store, Version, Wrapper};

use super::AGGREGATES;

/// Compares everything that follows from the log with what stands in the tables, at this moment. Without wrapping keys
/// nothing sealed is opened, and what needs that is told as unchecked.
///
/// # Errors
/// [`VerifyError`] if it cannot go on; what differs is no error.
pub async fn verify(
    db: &Db,
    backend: &Arc<dyn Backend>,
    wrapper: Option<Arc<dyn Wrapper>>,
    now: Timestamp,
    options: Options,
) -> Result<Report, VerifyError> {
    let head = backend.head().await?;
    let is_empty = head.position == Position::START;
    // An auditor's clock may be behind those that wrote the log and swept what was too old.
    let now = now.max(head.recorded);
    let retention = match &wrapper {
        Some(wrapper) if !is_empty => retention(backend, wrapper, now).await,
        _ => Duration::ZERO,
    };
    let followers = chancery_projections::followers(now.minus(retention));
    Verifier { db, wrapper, kinds: AGGREGATES, followers, options }.run().await
}

/// Where the service's keys or the policy cannot be opened, which the verification tells, no row is missed for its age.
async fn retention(backend: &Arc<dyn Backend>, wrapper: &Arc<dyn Wrapper>, now: Timestamp) -> Duration {
    let opened = Store::open(Arc::clone(backend), Arc::clone(wrapper), BatcherOptions::default(), now).await;
    // Not closed: the database is the caller's.
    let Ok(store) = opened else { return Duration::ZERO };
    shortest_retention(&store).await.unwrap_or_default()
}

/// How long what a read model shows of machines is kept: the shortest time of any policy that was ever in force, since
/// rows that were deleted under one do not come back under the next.
///
/// # Errors
/// [`ReadError`] if the database does not answer, or a policy cannot be opened.
async fn shortest_retention(store: &Store) -> Result<Duration, ReadError> {
    let mut shortest = None;
    let rows = Backend::read_stream(&**store.backend(), POLICY_STREAM, Version(0), u32::MAX).await?;
    let keys = store.open_keys(&rows).await?;
    for row in &rows {
        if let PolicyEvent::Adopted(adopted) = keys.event(row)? {
            let seconds = adopted.policy.network_data_retention;
            shortest = Some(shortest.map_or(seconds, |known: u32| known.min(seconds)));
        }
    }
    let seconds = shortest.unwrap_or_else(|| Policy::default().network_data_retention);
    Ok(Duration::from_secs(seconds.into()))
}
