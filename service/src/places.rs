//! Places that are taken for a while, and given away by worth when they grow few.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chancery_eventstore::Priority;

use crate::network::NetworkKey;

/// A bounded number of places. Of them what is worth less takes only its share, see [`Priority::share`].
#[derive(Clone, Debug)]
pub struct Places {
    most: usize,
    taken: Arc<AtomicUsize>,
}

/// One place, free again when it is dropped.
#[derive(Debug)]
pub struct Place(Arc<AtomicUsize>);

impl Places {
    /// So many places, all free.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, taken: Arc::default() }
    }

    /// Takes a place; `None` where there is none for what is worth this much.
    #[must_use]
    pub fn take(&self, priority: Priority) -> Option<Place> {
        let share = priority.share(self.most);
        let another = |taken: usize| (taken < share).then_some(taken + 1);
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, another).ok()?;
        Some(Place(Arc::clone(&self.taken)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many of something each network has that has any.
#[derive(Clone, Debug, Default)]
pub struct NetworkShares(Arc<Mutex<HashMap<NetworkKey, usize>>>);

/// One that a network has, until it is dropped.
#[derive(Debug)]
pub struct NetworkShare {
    network: NetworkKey,
    shares: NetworkShares,
}

impl NetworkShares {
    /// One more for a network; `None` where it has `most` already.
    #[must_use]
    pub fn take(&self, network: NetworkKey, most: usize) -> Option<NetworkShare> {
        let mut networks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if networks.get(&network).is_some_and(|count| *count >= most) {
            return None;
        }
        *networks.entry(network).or_default() += 1;
        Some(NetworkShare { network, shares: self.clone() })
    }
}

impl Drop for NetworkShare {
    fn drop(&mut self) {
        let mut networks = self.shares.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = networks.entry(self.network) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn a_network_has_its_part_and_nothing_is_kept_of_one_that_has_none() {
        let shares = NetworkShares::default();
        let network = |n: u8| NetworkKey::from(IpAddr::from([192, 0, 2, n]));
        let mut of_one: Vec<_> = std::iter::from_fn(|| shares.take(network(1), 2)).collect();
        assert_eq!(of_one.len(), 2);
        let of_another = shares.take(network(2), 2);
        assert!(of_another.is_some(), "another has its own");
        of_one.pop();
        of_one.extend(shares.take(network(1), 2));
        assert_eq!(of_one.len(), 2, "there is room again");
        drop((of_one, of_another));
        assert!(shares.0.lock().unwrap().is_empty());
    }

    #[test]
    fn the_last_places_are_kept_for_what_is_worth_most() {
        let places = Places::new(8);
        let mut taken = Vec::new();
        for (priority, share) in [
            (Priority::Registration, 4),
            (Priority::UnknownBrowser, 6),
            (Priority::KnownBrowser, 7),
            (Priority::Session, 8),
        ] {
            taken.extend(std::iter::from_fn(|| places.take(priority)));
            assert_eq!(taken.len(), share, "{priority:?}");
        }
        taken.truncate(3);
        assert!(places.take(Priority::Registration).is_some(), "there is room again");
    }
}
