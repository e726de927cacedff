//! Positions that leave the process: `<epoch>.<n>`. One of another epoch belongs to another history.

use std::fmt;
use std::str::FromStr;

use chancery_domain::StreamId;
use chancery_eventstore::{Position, Purpose};

use crate::app::{App, LogIdentity};

/// A place in the log of one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LogPosition {
    /// The log's epoch when it was given out.
    pub epoch: i64,
    /// The place.
    pub position: Position,
}

/// The text is no position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a position is two numbers with a dot between them, such as 1.42")]
pub struct NotAPosition;

/// The position is one of another epoch: the log was restored meanwhile, and what followed it may be gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the log's epoch is {current}, not {given}: start over")]
pub struct EpochChanged {
    /// The epoch of the position.
    pub given: i64,
    /// The log's epoch.
    pub current: i64,
}

impl fmt::Display for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.position)
    }
}

impl FromStr for LogPosition {
    type Err = NotAPosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |digits: &str| {
            // No sign, no space, no second way to write a number.
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
            digits.parse::<i64>().ok().filter(|_| plain).ok_or(NotAPosition)
        };
        let (epoch, position) = text.split_once('.').ok_or(NotAPosition)?;
        Ok(Self { epoch: number(epoch)?, position: Position(number(position)?) })
    }
}

impl LogIdentity {
    /// A position of this log, as it leaves the process.
    #[must_use]
    pub const fn position(&self, position: Position) -> LogPosition {
        LogPosition { epoch: self.epoch, position }
    }

    /// The place in this log that a position from outside names.
    ///
    /// # Errors
    /// [`EpochChanged`].
    pub const fn accept(&self, given: LogPosition) -> Result<Position, EpochChanged> {
        if given.epoch == self.epoch {
            Ok(given.position)
        } else {
            Err(EpochChanged { given: given.epoch, current: self.epoch })
        }
    }
}

impl App {
    /// A position of this log, as it leaves the process.
    #[must_use]
    pub const fn log_position(&self, position: Position) -> LogPosition {
        self.log.position(position)
    }

    /// A position as an application sees it that may not see accounts: another number, from which nobody can tell how many
    /// events others led to meanwhile. On a quiet log that would tell whether an invited address had an account.
    #[must_use]
    pub fn veiled(&self, application: StreamId, position: Position) -> Position {
        let (mut left, mut right) = halves(position);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ self.veil_round(application, round, right));
        }
        joined(left, right)
    }

    /// The position that [`App::veiled`] made this number of; of any other number one that no log has come to.
    #[must_use]
    pub fn unveiled(&self, application: StreamId, veiled: Position) -> Position {
        let (mut left, mut right) = halves(veiled);
        for round in (0..ROUNDS).rev() {
            (left, right) = (right ^ self.veil_round(application, round, left), left);
        }
        joined(left, right)
    }

    /// One round of a Feistel network (Luby and Rackoff, 1988).
    fn veil_round(&self, application: StreamId, round: u8, half: u64) -> u64 {
        let parts: [&[u8]; 5] = [b"veil", &self.log.bytes(), application.as_bytes(), &[round], &half.to_be_bytes()];
        let mac = self.store.service_mac(Purpose::Pseudonym, &parts);
        mac.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte)) & HALF
    }
}

/// Rounds of the veil; four make it a permutation that is as good as random.
const ROUNDS: u8 = 6;

/// The bits of one half: both together stay within a positive number of 64 bits.
const HALF: u64 = (1 << 31) - 1;

fn halves(position: Position) -> (u64, u64) {
    let number = position.0.unsigned_abs();
    ((number >> 31) & HALF, number & HALF)
}

fn joined(left: u64, right: u64) -> Position {
    Position(i64::try_from((left << 31) | right).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_written_one_way() {
        let position = LogPosition { epoch: 3, position: Position(42) };
        assert_eq!((position.to_string().as_str(), "3.42".parse()), ("3.42", Ok(position)));
        assert_eq!("1.0".parse(), Ok(LogPosition { epoch: 1, position: Position::START }));
        for text in
            ["", "1", "1.", ".1", "1.2.3", "1.+2", "-1.2", "1.02", "01.2", " 1.2", "1.x", "1.9223372036854775808"]
        {
            assert_eq!(text.parse::<LogPosition>(), Err(NotAPosition), "{text}");
        }
    }

    #[test]
    fn a_position_of_another_epoch_is_refused() {
        let log = LogIdentity { log: uuid::Uuid::nil(), epoch: 2, began: chancery_domain::Timestamp(0) };
        assert_eq!(log.accept(log.position(Position(7))), Ok(Position(7)));
        for given in [1, 3] {
            let refused = log.accept(LogPosition { epoch: given, position: Position(7) });
            assert_eq!(refused, Err(EpochChanged { given, current: 2 }));
        }
    }
}
