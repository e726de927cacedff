//! What a job is given out of the messages that a process holds, and which of them are acknowledged: the decisions alone.
//!
//! A message is acknowledged when the job's floor in the database has passed its event, and not before: until then it comes
//! again, to this process or another. A floor that has passed it was moved together with what the job noted of it, so that
//! nothing is lost by acknowledging and nothing repeated by a message that comes again.

use std::collections::BTreeMap;

use crate::row::Position;

/// What is given next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Give {
    /// That many of the messages held, from the one after the floor on.
    Held(usize),
    /// Up to so many events after the floor out of the log: the stream gave none of them, or none that can be read.
    FromLog(u32),
    /// Nothing: no message is held.
    Nothing,
}

/// Takes out of `held` what the floor has passed; those are to be acknowledged.
pub fn passed<T>(held: &mut BTreeMap<i64, T>, floor: Position) -> BTreeMap<i64, T> {
    let later = held.split_off(&floor.0.saturating_add(1));
    std::mem::replace(held, later)
}

/// What to give after `floor`, at most `limit` events. `held` has messages by position, none of which the floor has passed;
/// `readable` tells those that can be given.
pub fn give<T>(held: &BTreeMap<i64, T>, readable: impl Fn(&T) -> bool, floor: Position, limit: u32) -> Give {
    let Some((first, _)) = held.first_key_value() else { return Give::Nothing };
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let run = held.iter().zip(floor.0.saturating_add(1)..);
    let run =
        run.take_while(|((position, message), right)| **position == *right && readable(message)).take(most).count();
    if run > 0 {
        return Give::Held(run);
    }
    // Up to the first message, or that one itself where it is the next and cannot be read.
    let missing = first.saturating_sub(floor.0).saturating_sub(1).max(1);
    Give::FromLog(u32::try_from(missing).unwrap_or(u32::MAX).min(limit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(positions: &[i64]) -> BTreeMap<i64, bool> {
        // Positions below zero stand for messages that cannot be read.
        positions.iter().map(|position| (position.abs(), *position > 0)).collect()
    }

    fn given(positions: &[i64], floor: i64) -> Give {
        give(&held(positions), |readable| *readable, Position(floor), 3)
    }

    #[test]
    fn what_follows_the_floor_is_given_in_order() {
        assert_eq!(given(&[], 4), Give::Nothing);
        assert_eq!(given(&[5], 4), Give::Held(1));
        assert_eq!(given(&[5, 6, 8], 4), Give::Held(2));
        assert_eq!(given(&[5, 6, 7, 8], 4), Give::Held(3), "no more than asked for");
    }

    #[test]
    fn what_the_stream_lacks_is_read_from_the_log_up_to_what_it_has() {
        assert_eq!(given(&[7], 4), Give::FromLog(2));
        assert_eq!(given(&[70], 4), Give::FromLog(3), "no more than asked for");
        assert_eq!(given(&[-5, 6], 4), Give::FromLog(1), "a message that cannot be read");
        assert_eq!(given(&[5, -6, 7], 4), Give::Held(1));
    }

    #[test]
    fn a_message_is_acknowledged_when_the_floor_has_passed_it() {
        let mut all = held(&[3, 4, 5]);
        assert_eq!(passed(&mut all, Position(4)).into_keys().collect::<Vec<_>>(), [3, 4]);
        assert_eq!(all.into_keys().collect::<Vec<_>>(), [5]);
    }
}
