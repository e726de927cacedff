//! The order in which waiting jobs are served, and which of them goes when there are too many. Pure.

use std::collections::{HashMap, VecDeque};

use chancery_eventstore::Priority;

use crate::network::NetworkKey;

/// The priorities that jobs have lanes of their own for; what is worth still more stands with the last.
const LANES: [Priority; 3] = [Priority::Registration, Priority::UnknownBrowser, Priority::KnownBrowser];

/// One part in this many is kept for known browsers: of the places in the queue and of the jobs that are started.
const KNOWN_SHARE: usize = 4;

/// Who asks for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker {
    /// The network that the request came from.
    pub network: NetworkKey,
    /// What the job is worth.
    pub priority: Priority,
}

/// Where a waiting job stands, to take it out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    asker: Asker,
    number: u64,
}

/// What became of a job that was to be queued.
#[derive(Debug, PartialEq, Eq)]
pub enum Pushed<J> {
    /// It waits.
    Queued(Ticket),
    /// It waits, in the place of another one, which is handed back.
    InPlaceOf(J, Ticket),
    /// There is no room for it; it is handed back.
    Refused(J),
}

/// A bounded queue, shared by networks in turn.
///
/// - Networks that have jobs waiting are served one job each, round and round; a network's own jobs by priority and then
///   in their order. However many jobs one network queues, another one's next job starts after at most one of them.
/// - Of four jobs that are started one is a known browser's, if any waits; jobs that are not known browsers' never take
///   more than three quarters of the places.
/// - When there is no room, the job of the least priority goes, and within it one of the network that queues the most.
///   The newcomer itself is refused where it is worth no more than all others and its network queues as much as any.
#[derive(Debug)]
pub struct FairQueue<J> {
    capacity: usize,
    numbers: u64,
    lanes: HashMap<NetworkKey, Lane<J>>,
    /// The networks that have jobs waiting, the next one to be served first.
    turn: VecDeque<NetworkKey>,
    /// Jobs waiting, by priority.
    waiting: [usize; LANES.len()],
    /// Jobs started since the last one of a known browser.
    since_known: usize,
}

/// One network's jobs, by priority and in their order.
#[derive(Debug)]
struct Lane<J>([VecDeque<(u64, J)>; LANES.len()]);

impl<J> Lane<J> {
    fn is_empty(&self) -> bool {
        self.0.iter().all(VecDeque::is_empty)
    }
}

impl<J> FairQueue<J> {
    /// An empty queue with room for `capacity` jobs.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            numbers: 0,
            lanes: HashMap::new(),
            turn: VecDeque::new(),
            waiting: [0; LANES.len()],
            since_known: 0,
        }
    }

    /// How many jobs wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.iter().sum()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Queues `job`, if need be in the place of one that is worth less.
    pub fn push(&mut self, asker: Asker, job: J) -> Pushed<J> {
        let asker = Asker { priority: asker.priority.min(Priority::KnownBrowser), ..asker };
        if self.has_room(asker.priority) {
            return Pushed::Queued(self.insert(asker, job));
        }
        match self.victim(asker) {
            Some(victim) => {
                let shed = self.shed_newest(victim);
                let ticket = self.insert(asker, job);
                match shed {
                    Some(shed) => Pushed::InPlaceOf(shed, ticket),
                    None => Pushed::Queued(ticket),
                }
            }
            None => Pushed::Refused(job),
        }
    }

    /// Takes the job that is to be started next.
    pub fn pop(&mut self) -> Option<J> {
        let known = Priority::KnownBrowser as usize;
        let known_is_due = self.since_known + 1 >= KNOWN_SHARE && self.waiting[known] > 0;
        let place = if known_is_due {
            self.turn
                .iter()
                .position(|network| self.lanes.get(network).is_some_and(|lane| !lane.0[known].is_empty()))?
        } else {
            0
        };
        let network = self.turn.remove(place)?;
        self.turn.push_back(network);
        let lane = self.lanes.get_mut(&network)?;
        let priority = LANES.into_iter().rev().find(|priority| !lane.0[*priority as usize].is_empty())?;
        let (_, job) = lane.0[priority as usize].pop_front()?;
        self.taken(Asker { network, priority });
        self.since_known = if priority == Priority::KnownBrowser { 0 } else { self.since_known + 1 };
        Some(job)
    }

    /// Takes a job out before its turn; `None` if it was started or shed already.
    pub fn remove(&mut self, ticket: Ticket) -> Option<J> {
        let jobs = &mut self.lanes.get_mut(&ticket.asker.network)?.0[ticket.asker.priority as usize];
        let place = jobs.binary_search_by_key(&ticket.number, |(number, _)| *number).ok()?;
        let (_, job) = jobs.remove(place)?;
        self.taken(ticket.asker);
        Some(job)
    }

    fn has_room(&self, priority: Priority) -> bool {
        let unknown = self.len() - self.waiting[Priority::KnownBrowser as usize];
        let kept = self.capacity / KNOWN_SHARE;
        self.len() < self.capacity && (priority == Priority::KnownBrowser || unknown < self.capacity - kept)
    }

    /// Whose newest job is to make room for one of `asker`.
    fn victim(&self, asker: Asker) -> Option<Asker> {
        let lower = LANES.into_iter().find(|priority| self.waiting[*priority as usize] > 0)?;
        let priority = lower.min(asker.priority);
        let queued = |network: &NetworkKey| self.lanes.get(network).map_or(0, |lane| lane.0[priority as usize].len());
        let network = *self.turn.iter().max_by_key(|network| queued(network))?;
        // Of equal worth one goes only if that leaves the two networks more equal than before.
        let shed = if priority < asker.priority {
            queued(&network) > 0
        } else {
            queued(&network) > queued(&asker.network) + 1
        };
        shed.then_some(Asker { network, priority })
    }

    fn shed_newest(&mut self, asker: Asker) -> Option<J> {
        let (_, job) = self.lanes.get_mut(&asker.network)?.0[asker.priority as usize].pop_back()?;
        self.taken(asker);
        Some(job)
    }

    fn insert(&mut self, asker: Asker, job: J) -> Ticket {
        let number = self.numbers;
        self.numbers += 1;
        let lane = self.lanes.entry(asker.network).or_insert_with(|| {
            self.turn.push_back(asker.network);
            Lane(Default::default())
        });
        lane.0[asker.priority as usize].push_back((number, job));
        self.waiting[asker.priority as usize] += 1;
        Ticket { asker, number }
    }

    /// Keeps the counts after one job of `asker` left its lane.
    fn taken(&mut self, asker: Asker) {
        self.waiting[asker.priority as usize] -= 1;
        if self.lanes.get(&asker.network).is_some_and(Lane::is_empty) {
            self.lanes.remove(&asker.network);
            self.turn.retain(|network| *network != asker.network);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use proptest::prelude::*;

    use super::*;

    fn asker(network: u32, priority: Priority) -> Asker {
        Asker { network: IpAddr::from(Ipv4Addr::from_bits(network)).into(), priority }
    }

    fn drain(queue: &mut FairQueue<&'static str>) -> Vec<&'static str> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    use Priority::{KnownBrowser, Registration, UnknownBrowser};

    #[test]
    fn a_flood_of_ten_thousand_delays_another_network_by_one_job() {
        let mut queue = FairQueue::new(20_000);
        for _ in 0..10_000 {
            queue.push(asker(1, UnknownBrowser), "flood");
        }
        queue.pop();
        queue.push(asker(2, UnknownBrowser), "other");
        let before = std::iter::from_fn(|| queue.pop()).position(|job| job == "other").unwrap();
        assert!(before <= 1, "{before} jobs of the flood went first");
    }

    #[test]
    fn networks_take_turns() {
        let mut queue = FairQueue::new(100);
        for job in ["a1", "a2", "a3"] {
            queue.push(asker(1, UnknownBrowser), job);
        }
        for job in ["b1", "b2"] {
            queue.push(asker(2, UnknownBrowser), job);
        }
        queue.push(asker(3, UnknownBrowser), "c1");
        assert_eq!(drain(&mut queue), ["a1", "b1", "c1", "a2", "b2", "a3"]);
        assert!(queue.lanes.is_empty() && queue.turn.is_empty(), "nothing is kept of networks that are done");
    }

    #[test]
    fn one_job_in_four_is_a_known_browsers_whatever_waits() {
        let mut queue = FairQueue::new(1_000);
        for network in 0..100 {
            queue.push(asker(network, UnknownBrowser), "unknown");
        }
        for network in 100..105 {
            queue.push(asker(network, KnownBrowser), "known");
        }
        let places: Vec<_> =
            drain(&mut queue).iter().enumerate().filter(|(_, job)| **job == "known").map(|(place, _)| place).collect();
        assert_eq!(places, [3, 7, 11, 15, 19]);
    }

    #[test]
    fn a_known_browser_is_served_at_once_when_none_was_for_a_while() {
        let mut queue = FairQueue::new(1_000);
        for network in 0..100 {
            queue.push(asker(network, UnknownBrowser), "unknown");
        }
        for _ in 0..50 {
            queue.pop();
        }
        queue.push(asker(200, KnownBrowser), "known");
        assert_eq!(queue.pop(), Some("known"));
    }

    #[test]
    fn a_quarter_of_the_places_is_kept_for_known_browsers() {
        let mut queue = FairQueue::new(8);
        for network in 0..6 {
            assert!(matches!(queue.push(asker(network, UnknownBrowser), "unknown"), Pushed::Queued(_)));
        }
        assert_eq!(queue.push(asker(7, UnknownBrowser), "too many"), Pushed::Refused("too many"));
        for network in 8..10 {
            assert!(matches!(queue.push(asker(network, KnownBrowser), "known"), Pushed::Queued(_)));
        }
        assert_eq!(queue.len(), 8);
    }

    #[test]
    fn new_passwords_are_shed_first_then_unknown_browsers_then_known_ones() {
        let mut queue = FairQueue::new(4);
        queue.push(asker(1, Registration), "new");
        queue.push(asker(2, UnknownBrowser), "unknown 1");
        queue.push(asker(3, UnknownBrowser), "unknown 2");
        assert!(matches!(queue.push(asker(4, UnknownBrowser), "unknown 3"), Pushed::InPlaceOf("new", _)));
        assert!(matches!(queue.push(asker(5, Registration), "late"), Pushed::Refused("late")));
        queue.push(asker(6, KnownBrowser), "known 1");
        for shed in 0..3 {
            let Pushed::InPlaceOf(job, _) = queue.push(asker(10 + shed, KnownBrowser), "known") else {
                panic!("no room was made for a known browser");
            };
            assert!(job.starts_with("unknown"), "{job}");
        }
        assert_eq!(queue.push(asker(20, KnownBrowser), "last"), Pushed::Refused("last"), "all are known ones now");
        assert_eq!(queue.push(asker(20, UnknownBrowser), "last"), Pushed::Refused("last"));
    }

    #[test]
    fn a_network_that_fills_the_queue_makes_room_for_others() {
        let mut queue = FairQueue::new(8);
        for job in ["1", "2", "3", "4", "5", "6"] {
            queue.push(asker(1, UnknownBrowser), job);
        }
        assert_eq!(queue.push(asker(1, UnknownBrowser), "more"), Pushed::Refused("more"), "not for itself");
        for newest in ["6", "5", "4"] {
            let Pushed::InPlaceOf(shed, _) = queue.push(asker(2, UnknownBrowser), "other") else { panic!("no room") };
            assert_eq!(shed, newest);
        }
        assert_eq!(queue.push(asker(2, UnknownBrowser), "other"), Pushed::Refused("other"), "both have three now");
    }

    #[test]
    fn a_job_that_is_taken_out_is_never_started() {
        let mut queue = FairQueue::new(8);
        let Pushed::Queued(first) = queue.push(asker(1, UnknownBrowser), "first") else { panic!() };
        queue.push(asker(1, UnknownBrowser), "second");
        assert_eq!(queue.remove(first), Some("first"));
        assert_eq!(queue.remove(first), None);
        assert_eq!(drain(&mut queue), ["second"]);
        assert_eq!(queue.remove(first), None);
    }

    proptest! {
        /// Whatever is done, the bounds hold, no job is lost or doubled, and nothing stays behind.
        #[test]
        fn no_job_is_lost_or_doubled(
            capacity in 0_usize..20,
            steps in proptest::collection::vec((0_u8..10, 0_u32..5, 0_usize..3), 0..200),
        ) {
            let mut queue = FairQueue::new(capacity);
            let mut waiting = std::collections::BTreeMap::new();
            for (job, (action, network, priority)) in steps.into_iter().enumerate() {
                match action {
                    0..6 => match queue.push(asker(network, LANES[priority]), job) {
                        Pushed::Queued(ticket) => { waiting.insert(job, ticket); }
                        Pushed::InPlaceOf(shed, ticket) => {
                            let shed = waiting.remove(&shed).unwrap();
                            prop_assert!(shed.asker.priority <= ticket.asker.priority);
                            waiting.insert(job, ticket);
                        }
                        Pushed::Refused(refused) => prop_assert_eq!(refused, job),
                    },
                    6..9 => if let Some(job) = queue.pop() {
                        prop_assert!(waiting.remove(&job).is_some());
                    },
                    _ => if let Some((job, ticket)) = waiting.pop_last() {
                        prop_assert_eq!(queue.remove(ticket), Some(job));
                    },
                }
                prop_assert_eq!(queue.len(), waiting.len());
                prop_assert!(queue.len() <= capacity);
                let unknown = queue.len() - queue.waiting[2];
                prop_assert!(unknown <= capacity - capacity / 4);
                prop_assert_eq!(queue.lanes.len(), queue.turn.len());
            }
            while let Some(job) = queue.pop() {
                prop_assert!(waiting.remove(&job).is_some());
            }
            prop_assert!(waiting.is_empty() && queue.lanes.is_empty());
        }
    }
}
