//! Which stored shapes may be written: only those that every live process reads.

use std::sync::{Mutex, PoisonError};

use chancery_domain::Timestamp;

/// What was heard last of the generation of stored shapes that every live process reads, and until when that holds.
///
/// Where nothing was heard, or too long ago, each is written in the shape before its newest, which the build before reads.
#[derive(Debug)]
pub struct Readers(Mutex<Heard>);

#[derive(Clone, Copy, Debug)]
struct Heard {
    everyone: u16,
    until: Timestamp,
}

impl Default for Readers {
    fn default() -> Self {
        Self(Mutex::new(Heard { everyone: 0, until: Timestamp(i64::MIN) }))
    }
}

impl Readers {
    /// Hears that until then every live process reads this generation; returns which one was known before.
    pub fn hear(&self, everyone: u16, until: Timestamp) -> u16 {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *heard, Heard { everyone, until }).everyone
    }

    /// The generation that every process reads at this moment, as far as is known.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> u16 {
        let heard = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now <= heard.until { heard.everyone } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_heard_holds_for_a_while() {
        let (readers, now) = (Readers::default(), Timestamp::from_seconds(1_777_802_400));
        assert_eq!(readers.at(now), 0, "nothing is known of others");
        let until = Timestamp::from_seconds(1_777_802_410);
        assert_eq!(readers.hear(2, until), 0);
        assert_eq!(readers.at(until), 2);
        assert_eq!(readers.at(Timestamp(until.0 + 1)), 0, "too long ago");
        assert_eq!(readers.hear(1, until), 2);
        assert_eq!(readers.at(now), 1);
    }
}
