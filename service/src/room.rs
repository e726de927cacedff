//! Whether the log has room. Only names that have an account lead to an append: where there is no room, nobody is promised
//! anything, or a full disk would tell them apart.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chancery_domain::Timestamp;

/// How long a log that had no room is taken to have none. Longer than the pause between two tries of what waits for room:
/// while anything does, nothing more is promised.
const LASTS: Duration = Duration::from_secs(10);

/// What this node's last appends found. It mends by itself: by the next append that is written, or by time.
#[derive(Debug, Default)]
pub struct Room {
    full_until: AtomicI64,
}

impl Room {
    /// An append found no room.
    pub(crate) fn was_missed(&self, now: Timestamp) {
        self.full_until.store(now.plus(LASTS).micros(), Ordering::Relaxed);
    }

    /// An append was written.
    pub(crate) fn was_found(&self) {
        self.full_until.store(0, Ordering::Relaxed);
    }

    /// Whether there was none a moment ago.
    pub(crate) fn is_missing(&self, now: Timestamp) -> bool {
        now.micros() < self.full_until.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_room_lasts_a_while_or_until_something_is_written() {
        let (room, now) = (Room::default(), Timestamp::from_seconds(1_767_225_600));
        assert!(!room.is_missing(now));
        room.was_missed(now);
        assert!(room.is_missing(now));
        assert!(room.is_missing(now.plus(LASTS).minus(Duration::from_micros(1))));
        assert!(!room.is_missing(now.plus(LASTS)));
        room.was_missed(now);
        room.was_found();
        assert!(!room.is_missing(now));
    }
}
