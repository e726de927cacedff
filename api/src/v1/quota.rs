//! How often one application may ask one node, and the headers that say so (draft-ietf-httpapi-ratelimit-headers).

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use chancery_domain::StreamId;
use chancery_service::ports::Clock;
use chancery_service::throttle::Limit;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota as Cells, RateLimiter};

/// Requests after which applications that have not asked for a while are forgotten.
const SWEEP: u32 = 10_000;

/// The clock port, as the library reads it.
#[derive(Clone, Debug)]
struct Ticks(Arc<dyn Clock>);

impl governor::clock::Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.now().micros()).unwrap_or(0))
    }
}

type Limiter = RateLimiter<StreamId, HashMapStateStore<StreamId>, Ticks, StateInformationMiddleware>;

/// What an application has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Requests that could be sent at once now.
    pub remaining: u32,
    /// Seconds until all of them are allowed again.
    pub reset: u64,
    /// Where this one was too much: seconds until the next.
    pub wait: Option<u64>,
}

/// The quota of every application on this node. It is no rule of the log, so that each node counts by itself and no
/// request costs a write.
pub struct Quota {
    limiter: Limiter,
    limit: NonZeroU32,
    window: Duration,
    clock: Arc<dyn Clock>,
    taken: AtomicU32,
    /// The header that says what is allowed.
    policy: HeaderValue,
}

impl std::fmt::Debug for Quota {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Quota").field("limit", &self.limit).field("window", &self.window).finish_non_exhaustive()
    }
}

impl Quota {
    /// A quota of this limit; at least one request is allowed.
    #[must_use]
    pub fn new(limit: Limit, clock: Arc<dyn Clock>) -> Self {
        let most = NonZeroU32::new(limit.max).unwrap_or(NonZeroU32::MIN);
        let each = limit.window.checked_div(most.get()).filter(|each| !each.is_zero());
        let each = each.unwrap_or(Duration::from_nanos(1));
        let cells = Cells::with_period(each).unwrap_or_else(|| Cells::per_second(most)).allow_burst(most);
        let limiter = Limiter::new(cells, HashMapStateStore::default(), Ticks(Arc::clone(&clock)));
        let policy = format!("\"requests\";q={most};w={}", limit.window.as_secs().max(1));
        let policy = HeaderValue::try_from(policy).expect("figures in quotes and semicolons are a header");
        Self { limiter, limit: most, window: limit.window, clock, taken: AtomicU32::new(0), policy }
    }

    /// Writes the headers that say what is left.
    pub fn write(&self, left: &Left, headers: &mut HeaderMap) {
        headers.insert(HeaderName::from_static("ratelimit-policy"), self.policy.clone());
        let left = format!("\"requests\";r={};t={}", left.remaining, left.reset);
        if let Ok(left) = HeaderValue::try_from(left) {
            headers.insert(HeaderName::from_static("ratelimit"), left);
        }
    }

    /// Takes one request of an application.
    #[must_use]
    pub fn take(&self, application: StreamId) -> Left {
        if self.taken.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.limiter.retain_recent();
        }
        let (limit, window) = (self.limit.get(), self.window.as_secs().max(1));
        match self.limiter.check_key(&application) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity().min(limit);
                let used = u64::from(limit - remaining);
                let reset = (used * self.window.as_secs()).div_ceil(u64::from(limit));
                Left { remaining, reset, wait: None }
            }
            Err(until) => {
                let now = Duration::from_micros(u64::try_from(self.clock.now().micros()).unwrap_or(0));
                let wait = until.wait_time_from(now).as_millis().div_ceil(1000).max(1);
                let wait = u64::try_from(wait).unwrap_or(window);
                Left { remaining: 0, reset: window, wait: Some(wait) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_domain::Timestamp;
    use chancery_service::ports::DrivenClock;

    #[test]
    fn each_application_has_a_quota_that_comes_back() {
        let clock = Arc::new(DrivenClock::new(Timestamp::from_seconds(1_777_802_400)));
        let limit = Limit { name: "api-requests", max: 4, window: Duration::from_secs(60) };
        let quota = Quota::new(limit, Arc::clone(&clock) as _);
        let (one, other) = (StreamId::from_bytes([1; 16]), StreamId::from_bytes([2; 16]));
        let taken: Vec<_> =
            (0..4).map(|_| quota.take(one)).map(|left| (left.remaining, left.reset, left.wait)).collect();
        assert_eq!(taken, [(3, 15, None), (2, 30, None), (1, 45, None), (0, 60, None)]);
        let over = quota.take(one);
        assert_eq!((over.remaining, over.wait), (0, Some(15)));
        assert_eq!(quota.take(other).remaining, 3);
        clock.advance(Duration::from_secs(15));
        assert_eq!((quota.take(one).wait, quota.take(one).wait), (None, Some(15)));
        let mut headers = HeaderMap::new();
        quota.write(&over, &mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"requests\";q=4;w=60");
        assert_eq!(headers["ratelimit"], "\"requests\";r=0;t=60");
    }
}
