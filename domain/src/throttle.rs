//! The arithmetic of limits: so many tries in a window that begins with the first one.
//!
//! The databases compute the same in one atomic statement, and are held against this.

use std::time::Duration;

use crate::time::Timestamp;

/// So many tries in so long a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Tells this limit's counters from those of others, for ever; also the name in metrics.
    pub name: &'static str,
    /// Tries in one window.
    pub max: u32,
    /// The window's length.
    pub window: Duration,
}

/// A counter: the tries in the window that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Tries counted, those that were given back excluded.
    pub count: u32,
    /// When the window ends; from this moment on the counter counts for nothing.
    pub ends: Timestamp,
}

/// The limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    /// When the window ends, at the latest.
    pub until: Timestamp,
}

impl Limit {
    /// How many tries a window may have at `now`: for one window after the counters' birth half of them, rounded up,
    /// since what was counted before may have been lost.
    #[must_use]
    pub fn allowed(&self, born: Timestamp, now: Timestamp) -> u32 {
        if now < born.plus(self.window) { self.max.div_ceil(2) } else { self.max }
    }

    /// Counts a try at `now` in a counter of a store that was born at `born`.
    ///
    /// # Errors
    /// [`Full`] if the limit is reached; nothing is counted then.
    pub fn take(&self, counter: Option<Window>, born: Timestamp, now: Timestamp) -> Result<Window, Full> {
        let running = counter.filter(|window| now < window.ends);
        let window = running.unwrap_or(Window { count: 0, ends: now.plus(self.window) });
        if window.count < self.allowed(born, now) {
            Ok(Window { count: window.count + 1, ..window })
        } else {
            Err(Full { until: window.ends })
        }
    }
}

impl Window {
    /// Gives one try back: the one counted turned out to be no failure. Never below zero.
    #[must_use]
    pub const fn give_back(self) -> Self {
        Self { count: self.count.saturating_sub(1), ..self }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const THREE_A_MINUTE: Limit = Limit { name: "test", max: 3, window: Duration::from_secs(60) };
    const LONG_AGO: Timestamp = Timestamp::from_seconds(0);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_000_000 + seconds)
    }

    #[test]
    fn a_window_begins_with_its_first_try_and_ends_after_its_length() {
        let mut counter = None;
        for (second, outcome) in [
            (0, Ok(1)),
            (20, Ok(2)),
            (40, Ok(3)),
            (41, Err(Full { until: at(60) })),
            (59, Err(Full { until: at(60) })),
            (60, Ok(1)),
            (119, Ok(2)),
            (200, Ok(1)),
        ] {
            let taken = THREE_A_MINUTE.take(counter, LONG_AGO, at(second));
            assert_eq!(taken.map(|window| window.count), outcome, "after {second} s");
            counter = taken.ok().or(counter);
        }
    }

    #[test]
    fn a_try_that_was_given_back_can_be_taken_again() {
        let mut window = None;
        for _ in 0..3 {
            window = Some(THREE_A_MINUTE.take(window, LONG_AGO, at(0)).expect("below the limit"));
        }
        assert_eq!(THREE_A_MINUTE.take(window, LONG_AGO, at(1)), Err(Full { until: at(60) }));
        let given_back = window.map(Window::give_back);
        assert_eq!(THREE_A_MINUTE.take(given_back, LONG_AGO, at(2)), Ok(Window { count: 3, ends: at(60) }));
        assert_eq!(Window { count: 0, ends: at(60) }.give_back().count, 0);
    }

    #[test]
    fn half_is_allowed_for_one_window_after_birth() {
        let born = at(0);
        assert_eq!(THREE_A_MINUTE.allowed(born, at(0)), 2);
        assert_eq!(THREE_A_MINUTE.allowed(born, at(59)), 2);
        assert_eq!(THREE_A_MINUTE.allowed(born, at(60)), 3);
        let once = Limit { max: 1, ..THREE_A_MINUTE };
        assert_eq!(once.allowed(born, at(0)), 1, "what happens once can still happen once");
    }

    proptest! {
        /// In any window, and whatever is given back, no more than the limit stand.
        #[test]
        fn no_window_holds_more_than_the_limit(steps in proptest::collection::vec((0_i64..20, any::<bool>()), 1..100)) {
            let (mut counter, mut second) = (None::<Window>, 0);
            for (later, give_back) in steps {
                second += later;
                if give_back {
                    counter = counter.map(Window::give_back);
                } else if let Ok(window) = THREE_A_MINUTE.take(counter, LONG_AGO, at(second)) {
                    prop_assert!(window.count <= 3 && at(second) < window.ends);
                    prop_assert!(window.ends <= at(second + 60));
                    counter = Some(window);
                }
            }
        }
    }
}
