//! Destroying the network key of a month whose time is over: addresses and browsers do not live as long as the account.

use chancery_domain::network::{DestroyNetworkKey, NETWORK_STREAM, NetworkKeys};
use chancery_domain::{Actor, Timestamp};
use chancery_eventstore::{KeyClass, KeyRow, Priority};

use crate::app::{App, Failure};
use crate::run::{Along, Attempt, Origin, TRIES};

/// The name of the timer in the log and in `chancery timers`.
pub const TIMER: &str = "network-keys";

impl App {
    /// The network keys whose month ended so long ago that they are no longer kept.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn expired_network_keys(&self) -> Result<Vec<KeyRow>, Failure> {
        let kept = std::time::Duration::from_secs(self.policy().await?.policy.network_data_retention.into());
        let mut rows = self.store.backend().keys_of_class(KeyClass::Network).await?;
        rows.retain(|row| {
            let ended = row.purpose.as_deref().and_then(end_of_month);
            row.wrapped.is_some() && ended.is_some_and(|ended| ended.plus(kept) <= self.now())
        });
        Ok(rows)
    }

    /// Destroys a month's network key, by an event.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn destroy_network_key(&self, row: &KeyRow) -> Result<(), Failure> {
        let Some((month, ended)) = row.purpose.clone().and_then(|month| Some((month.clone(), end_of_month(&month)?)))
        else {
            return Ok(());
        };
        let command = DestroyNetworkKey { month, ended, key: row.id };
        let origin = Origin {
            command: self.store.command_id(&self.log.bytes(), TIMER, row.id.into()),
            fingerprint: self.store.fingerprint(&[TIMER.as_bytes(), row.id.as_bytes()]),
            actor: Actor::Worker(TIMER.to_owned()),
            details: None,
            correlation: self.new_id(),
            causing: None,
            priority: Priority::Session,
        };
        for _ in 0..TRIES {
            let loaded = match self.store.load::<NetworkKeys>(NETWORK_STREAM).await? {
                Some(loaded) => loaded,
                None => self.store.fresh(NETWORK_STREAM, self.now()).await?,
            };
            let policy = self.policy().await?;
            let along = Along { destroyed: vec![row.id], ..Along::default() };
            let attempt = self.attempt_with(&loaded, &command, &policy, along, &origin).await?;
            if let Attempt::Decided { .. } = attempt {
                self.store.keys().forget_network().await;
                return Ok(());
            }
        }
        Err(Failure::BUSY)
    }
}

/// The first moment after a month such as `2026-05`.
fn end_of_month(month: &str) -> Option<Timestamp> {
    let (year, number) = month.split_once('-')?;
    let (year, number): (i32, u32) = (year.parse().ok()?, number.parse().ok()?);
    let (year, number) = if number == 12 { (year + 1, 1) } else { (year, number + 1) };
    let first = chrono::NaiveDate::from_ymd_opt(year, number, 1)?;
    Some(first.and_time(chrono::NaiveTime::MIN).and_utc().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_when_the_next_one_begins() {
        let end = |month| end_of_month(month).map(|end| end.to_string());
        assert_eq!(end("2026-05").as_deref(), Some("2026-06-01T00:00:00.000000Z"));
        assert_eq!(end("2026-12").as_deref(), Some("2027-01-01T00:00:00.000000Z"));
        for wrong in ["2026", "2026-13", "x-1", ""] {
            assert_eq!(end(wrong), None, "{wrong}");
        }
    }
}
