//! A moment as an auditor names it: a position of the log, or a time, which is compared with *recorded*.

use std::str::FromStr;

use chancery_domain::Timestamp;
use chancery_eventstore::{Backend, BackendError, Head, Position};
use chrono::{DateTime, NaiveDate, NaiveTime};

/// A position or a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A position, of this epoch if one was named.
    At(Option<i64>, Position),
    /// A time. A date stands for its beginning, 00:00 UTC.
    Time(Timestamp),
}

/// Why something typed is no moment, or none of this log.
#[derive(Debug, thiserror::Error)]
pub enum MomentError {
    /// Not one of the forms.
    #[error("write a position (1234 or 1.1234), a date (2026-05-03) or a time (2026-05-03T10:00:00Z)")]
    Malformed,
    /// A position of another epoch.
    #[error(
        "position {epoch}.{position} is of epoch {epoch}, and this log is in epoch {ours}: look in that log's backup"
    )]
    Epoch {
        /// The epoch that was named.
        epoch: i64,
        /// The position.
        position: Position,
        /// The log's own.
        ours: i64,
    },
    /// The database did not answer.
    #[error("the log cannot be read")]
    Backend(#[from] BackendError),
}

/// Whether events of the very moment count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// They do: the log as it was after the moment.
    Including,
    /// They do not.
    Excluding,
}

impl FromStr for Moment {
    type Err = MomentError;

    fn from_str(typed: &str) -> Result<Self, MomentError> {
        let typed = typed.trim();
        let number = |text: &str| {
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| text.parse::<i64>().ok()).flatten()
        };
        if let Some(position) = number(typed) {
            return Ok(Self::At(None, Position(position)));
        }
        if let Some((epoch, position)) = typed.split_once('.')
            && let (Some(epoch), Some(position)) = (number(epoch), number(position))
        {
            return Ok(Self::At(Some(epoch), Position(position)));
        }
        if let Ok(date) = typed.parse::<NaiveDate>() {
            return Ok(Self::Time(date.and_time(NaiveTime::MIN).and_utc().into()));
        }
        let time = DateTime::parse_from_rfc3339(typed).map_err(|_| MomentError::Malformed)?;
        Ok(Self::Time(time.to_utc().into()))
    }
}

impl Moment {
    /// The last position before the moment, or at it: the events up to there are those that came to pass until then.
    ///
    /// # Errors
    /// [`MomentError`] if it is of another epoch, or the database does not answer.
    pub async fn last_position(
        self,
        backend: &dyn Backend,
        head: &Head,
        bound: Bound,
    ) -> Result<Position, MomentError> {
        match self {
            Self::At(Some(epoch), position) if epoch != head.epoch => {
                Err(MomentError::Epoch { epoch, position, ours: head.epoch })
            }
            Self::At(_, position) if bound == Bound::Excluding => Ok(Position(position.0.min(head.position.0 + 1) - 1)),
            Self::At(_, position) => Ok(position.min(head.position)),
            Self::Time(time) => last_recorded(backend, head, time, bound).await,
        }
    }
}

/// *Recorded* never goes back, so that the last event of a time is found by halving.
async fn last_recorded(
    backend: &dyn Backend,
    head: &Head,
    time: Timestamp,
    bound: Bound,
) -> Result<Position, MomentError> {
    // All up to `low` are within the bound, all from `high` on are beyond it.
    let (mut low, mut high) = (0, head.position.0 + 1);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        let rows = backend.read(Position(middle - 1), 1).await?;
        let recorded = rows.first().map_or(head.recorded, |row| row.recorded);
        let is_within = if bound == Bound::Including { recorded <= time } else { recorded < time };
        if is_within {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(Position(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_position_a_date_or_a_time() {
        let moment = |typed: &str| typed.parse::<Moment>().ok();
        assert_eq!(moment("1234"), Some(Moment::At(None, Position(1234))));
        assert_eq!(moment(" 2.17 "), Some(Moment::At(Some(2), Position(17))));
        let midnight = Timestamp::from_seconds(1_777_766_400);
        assert_eq!(moment("2026-05-03"), Some(Moment::Time(midnight)));
        assert_eq!(moment("2026-05-03T02:00:00+02:00"), Some(Moment::Time(midnight)));
        for wrong in
            ["", ".", "-1", "1.", ".1", "1.2.3", "yesterday", "2026-13-01", "2026-05-03T10:00", "9999999999999999999"]
        {
            assert_eq!(moment(wrong), None, "{wrong:?}");
        }
    }
}
