//! The rows that may be lost.

use std::time::Duration;

use chancery_domain::Timestamp;
use chancery_domain::throttle::Window;
use chancery_eventstore::Backend;
use chancery_eventstore::volatile::{Tally, VolatileKind};

use super::Fixture;
use super::commands::{NOW, mac};

const WINDOW: Duration = Duration::from_secs(60);

fn later(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

/// A store that is older than its first window, so that limits hold in full.
async fn grown_up(fixture: &impl Fixture) -> std::sync::Arc<dyn Backend> {
    let backend = fixture.open().await;
    backend.count(&mac(), 1, WINDOW, NOW.minus(WINDOW)).await.unwrap();
    backend
}

/// A row is there until it expires, is replaced, or is taken.
pub async fn put_peek_take(fixture: &impl Fixture) {
    let (one, other) = (fixture.open().await, fixture.open().await);
    let (kind, key) = (VolatileKind::Pending, mac());
    assert_eq!(one.peek(kind, &key, NOW).await.unwrap(), None);
    assert_eq!(one.take(kind, &key, NOW).await.unwrap(), None);
    one.put(kind, &key, b"first", later(10)).await.unwrap();
    one.put(kind, &key, b"second", later(20)).await.unwrap();
    one.put(VolatileKind::Form, &key, b"of another kind", later(5)).await.unwrap();
    assert_eq!(other.peek(kind, &key, later(19)).await.unwrap().as_deref(), Some(&b"second"[..]));
    assert_eq!(other.peek(kind, &key, later(20)).await.unwrap(), None, "expired");
    assert_eq!(other.take(kind, &key, later(20)).await.unwrap(), None, "expired");
    assert_eq!(other.take(kind, &key, later(19)).await.unwrap().as_deref(), Some(&b"second"[..]));
    assert_eq!(one.peek(kind, &key, NOW).await.unwrap(), None, "taken");
    assert_eq!(one.take(kind, &key, NOW).await.unwrap(), None, "taken");
    assert!(one.take(VolatileKind::Form, &key, NOW).await.unwrap().is_some());
}

/// Of any number of callers on any number of nodes one gets the row; where the table is emptied meanwhile, at most one.
pub async fn taken_once(fixture: &impl Fixture) {
    let backends = [fixture.open().await, fixture.open().await, fixture.open().await];
    for round in 0..20 {
        let key = mac();
        backends[0].put(VolatileKind::Form, &key, b"once", later(10)).await.unwrap();
        let takes = (0..12).map(|number| backends[number % 3].take(VolatileKind::Form, &key, NOW));
        let takes = futures::future::join_all(takes);
        let (taken, ()) = futures::join!(takes, async {
            if round % 2 == 1 {
                fixture.execute("DELETE FROM volatile_rows").await;
            }
        });
        let taken = taken.into_iter().filter(|row| row.as_ref().unwrap().is_some()).count();
        assert!(taken <= 1, "{taken} took it");
        assert!(taken == 1 || round % 2 == 1, "nobody got it");
    }
}

/// How many tries a counter's running window has.
async fn counted(backend: &dyn Backend, key: &[u8; 32], now: Timestamp) -> u32 {
    backend.counted(key, now).await.unwrap().map_or(0, |window| window.count)
}

/// A fixed window that begins with the first try; tries are given back; another key has a window of its own.
pub async fn counting(fixture: &impl Fixture) {
    let backend = grown_up(fixture).await;
    let key = mac();
    assert_eq!(counted(&*backend, &key, NOW).await, 0);
    for count in 1..=3 {
        assert_eq!(backend.count(&key, 3, WINDOW, later(u64::from(count))).await.unwrap(), Tally::Taken { count });
    }
    let full = Tally::Full { until: later(61) };
    assert_eq!(backend.count(&key, 3, WINDOW, later(9)).await.unwrap(), full);
    let counter = backend.counted(&key, later(9)).await.unwrap();
    assert_eq!(counter, Some(Window { count: 3, ends: later(61) }), "a refused try is not counted");
    backend.give_back(&[key], later(9)).await.unwrap();
    assert_eq!(backend.count(&key, 3, WINDOW, later(60)).await.unwrap(), Tally::Taken { count: 3 });
    assert_eq!(backend.count(&key, 3, WINDOW, later(60)).await.unwrap(), full);
    assert_eq!(backend.count(&mac(), 3, WINDOW, later(60)).await.unwrap(), Tally::Taken { count: 1 });

    // The next window.
    assert_eq!(counted(&*backend, &key, later(61)).await, 0);
    backend.give_back(&[key], later(61)).await.unwrap();
    assert_eq!(backend.count(&key, 3, WINDOW, later(61)).await.unwrap(), Tally::Taken { count: 1 });
    for _ in 0..3 {
        backend.give_back(&[key], later(62)).await.unwrap();
    }
    assert_eq!(counted(&*backend, &key, later(62)).await, 0, "never below zero");
    assert_eq!(backend.count(&key, 3, WINDOW, later(62)).await.unwrap(), Tally::Taken { count: 1 });
    backend.reset(&key).await.unwrap();
    assert_eq!(counted(&*backend, &key, later(62)).await, 0);
    assert!(matches!(backend.count(&mac(), 0, WINDOW, NOW).await.unwrap(), Tally::Full { .. }), "nothing is allowed");
}

/// However many try at once on however many nodes, no more than the limit are let in.
pub async fn counted_within_the_limit(fixture: &impl Fixture) {
    grown_up(fixture).await;
    let backends = [fixture.open().await, fixture.open().await];
    let key = mac();
    let tries = (0..60).map(|number| backends[number % 2].count(&key, 7, WINDOW, NOW));
    let mut taken: Vec<_> = futures::future::join_all(tries)
        .await
        .into_iter()
        .filter_map(|tally| match tally.unwrap() {
            Tally::Taken { count } => Some(count),
            Tally::Full { .. } => None,
        })
        .collect();
    taken.sort_unstable();
    assert_eq!(taken, [1, 2, 3, 4, 5, 6, 7], "each place is given once");
}

/// Several counters are counted together or not at all, and the first that is full is named.
pub async fn counted_together(fixture: &impl Fixture) {
    let backend = grown_up(fixture).await;
    let (wide, narrow, last) = (mac(), mac(), mac());
    let tries = [(wide, 9, WINDOW), (narrow, 2, WINDOW), (last, 2, WINDOW)];
    assert_eq!(backend.count_all(&[], NOW).await.unwrap(), Ok(vec![]));
    assert_eq!(backend.count_all(&tries, NOW).await.unwrap(), Ok(vec![1, 1, 1]));
    backend.count(&wide, 9, WINDOW, later(1)).await.unwrap();
    assert_eq!(backend.count_all(&tries, later(2)).await.unwrap(), Ok(vec![3, 2, 2]));
    for _ in 0..3 {
        assert_eq!(backend.count_all(&tries, later(3)).await.unwrap(), Err((1, later(60))), "the first of the full");
    }
    assert_eq!(counted(&*backend, &wide, later(3)).await, 3, "none of a refused try is counted");
    // With each window's end its counter begins anew.
    assert_eq!(backend.count_all(&tries, later(60)).await.unwrap(), Ok(vec![1, 1, 1]));
    let none = [(wide, 9, WINDOW), (mac(), 0, WINDOW)];
    assert_eq!(backend.count_all(&none, later(61)).await.unwrap(), Err((1, later(121))));
    assert_eq!(counted(&*backend, &wide, later(61)).await, 1);
}

/// What was counted before a birth may be lost, so for one window after it only half is allowed, rounded up.
pub async fn half_at_birth(fixture: &impl Fixture) {
    let backend = fixture.open().await;
    let allowed = async |max: u32, now: Timestamp| {
        let key = mac();
        let mut count = 0;
        while let Tally::Taken { .. } = backend.count(&key, max, WINDOW, now).await.unwrap() {
            count += 1;
        }
        count
    };
    for (max, half) in [(1, 1), (4, 2), (5, 3)] {
        assert_eq!(allowed(max, NOW).await, half);
        assert_eq!(allowed(max, later(59)).await, half);
        assert_eq!(allowed(max, later(60)).await, max);
    }
    fixture.execute("DELETE FROM volatile_rows; DELETE FROM volatile_counters; DELETE FROM volatile_birth").await;
    assert_eq!(allowed(6, later(100)).await, 3, "born anew");
    assert_eq!(allowed(6, later(159)).await, 3);
    assert_eq!(allowed(6, later(160)).await, 6);
}

/// What has expired is swept, what has not stays.
pub async fn swept(fixture: &impl Fixture) {
    let backend = grown_up(fixture).await;
    let (old, new) = (mac(), mac());
    backend.sweep(NOW.plus(WINDOW)).await.unwrap();
    for (key, expires) in [(&old, later(10)), (&new, later(100))] {
        backend.put(VolatileKind::SessionUse, key, b"row", expires).await.unwrap();
        backend.count(key, 5, expires.since(NOW), NOW).await.unwrap();
    }
    assert_eq!(backend.sweep(later(9)).await.unwrap(), 0);
    assert_eq!(backend.sweep(later(10)).await.unwrap(), 2);
    assert_eq!(backend.sweep(later(10)).await.unwrap(), 0);
    assert!(backend.peek(VolatileKind::SessionUse, &old, NOW).await.unwrap().is_none());
    assert!(backend.peek(VolatileKind::SessionUse, &new, NOW).await.unwrap().is_some());
    assert_eq!(counted(&*backend, &new, NOW).await, 1);
    assert!(matches!(backend.count(&old, 1, WINDOW, later(130)).await.unwrap(), Tally::Taken { .. }), "not born anew");
    assert_eq!(backend.count(&mac(), 2, WINDOW, later(130)).await.unwrap(), Tally::Taken { count: 1 });
}

/// An old copy put back: what is newer is gone and asked for again, what is older keeps its expiry and its count, and
/// no limit grows.
pub async fn put_back(fixture: &impl Fixture) {
    let backend = grown_up(fixture).await;
    let kind = VolatileKind::Pending;
    let (old, new, full, half_full) = (mac(), mac(), mac(), mac());
    backend.put(kind, &old, b"old", later(30)).await.unwrap();
    for _ in 0..4 {
        backend.count(&full, 4, WINDOW, NOW).await.unwrap();
    }
    backend.count(&half_full, 4, WINDOW, NOW).await.unwrap();
    fixture
        .execute(
            "CREATE TABLE old_rows AS SELECT * FROM volatile_rows;
            CREATE TABLE old_counters AS SELECT * FROM volatile_counters;
            CREATE TABLE old_birth AS SELECT * FROM volatile_birth",
        )
        .await;

    backend.put(kind, &new, b"new", later(30)).await.unwrap();
    for count in 2..=4 {
        assert_eq!(backend.count(&half_full, 4, WINDOW, later(9)).await.unwrap(), Tally::Taken { count });
    }
    fixture
        .execute(
            "DELETE FROM volatile_rows; INSERT INTO volatile_rows SELECT * FROM old_rows;
            DELETE FROM volatile_counters; INSERT INTO volatile_counters SELECT * FROM old_counters;
            DELETE FROM volatile_birth; INSERT INTO volatile_birth SELECT * FROM old_birth",
        )
        .await;
    assert_eq!(backend.take(kind, &new, later(10)).await.unwrap(), None, "asked for again");
    assert_eq!(backend.take(kind, &old, later(30)).await.unwrap(), None, "not for longer than it was meant for");
    assert!(backend.take(kind, &old, later(29)).await.unwrap().is_some());
    assert_eq!(backend.take(kind, &old, later(29)).await.unwrap(), None, "once a copy");
    let until = later(60);
    assert_eq!(backend.count(&full, 4, WINDOW, later(10)).await.unwrap(), Tally::Full { until });
    for count in 2..=4 {
        assert_eq!(backend.count(&half_full, 4, WINDOW, later(10)).await.unwrap(), Tally::Taken { count });
    }
    assert_eq!(backend.count(&half_full, 4, WINDOW, later(10)).await.unwrap(), Tally::Full { until });

    // A copy from before the first use knows nothing of what was counted: the store is born anew.
    fixture.execute("DELETE FROM volatile_counters; DELETE FROM volatile_birth").await;
    for count in 1..=2 {
        assert_eq!(backend.count(&full, 4, WINDOW, later(20)).await.unwrap(), Tally::Taken { count });
    }
    assert!(matches!(backend.count(&full, 4, WINDOW, later(20)).await.unwrap(), Tally::Full { .. }));
}
