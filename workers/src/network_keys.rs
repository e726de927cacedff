//! `network-keys`: destroys a month's network key, and with it the addresses and browsers that it sealed.
//!
//! Acts on no event but on time: on each key whose month ended so long ago as the policy keeps such data. What it does is an
//! event of its own. A repeat finds the key gone; of two at once, the log takes one. What it does cannot be undone, so that it
//! stops above a rate.

use std::time::Duration;

use chancery_eventstore::Db;
use chancery_service::network_keys::TIMER;
use chancery_service::{App, Failure};

use crate::timers::{Rate, Turn};

/// Months that end their time in a day: one, and a few after a long pause.
const RATE: Rate = Rate { max: 24, window: Duration::from_secs(24 * 3600) };

/// Destroys the keys that are due, as far as the rate lets it.
///
/// # Errors
/// The first failure; the keys that it kept are destroyed the next time.
pub async fn destroy_expired(app: &App, db: &Db) -> Result<(), Failure> {
    for key in app.expired_network_keys().await? {
        if RATE.take(db, TIMER, app.now()).await? == Turn::Go {
            app.destroy_network_key(&key).await?;
        }
    }
    Ok(())
}
