//! What goes by time alone: expired volatile rows, months' network keys, and rows of read models that outlived what they
//! show. Each is harmless to do twice; destroying keys cannot be undone, so that it stops above a rate.

use std::time::Duration;

use chancery_eventstore::Db;
use chancery_projections::Activity;
use chancery_service::network_keys::TIMER;
use chancery_service::{App, Failure};

use crate::timers::{self, Rate, Turn};

/// How often.
pub const EVERY: Duration = Duration::from_secs(60);

/// Months that end their time in a day: one, and a few after a long pause.
const KEYS: Rate = Rate { max: 24, window: Duration::from_secs(24 * 3600) };

/// Sweeps once.
///
/// # Errors
/// The first failure; what it kept from being swept is swept the next time.
pub async fn sweep(app: &App, db: &Db, activity: &Activity) -> Result<(), Failure> {
    timers::measure(db).await?;
    let now = app.now();
    app.store.backend().sweep(now).await?;
    let kept = Duration::from_secs(app.policy().await?.policy.network_data_retention.into());
    activity.forget_before(now.minus(kept)).await?;
    for key in app.expired_network_keys().await? {
        if KEYS.take(db, TIMER, now).await? == Turn::Go {
            app.destroy_network_key(&key).await?;
        }
    }
    Ok(())
}

/// Sweeps for ever; the caller drops it to stop it.
pub async fn keep_sweeping(app: &App, db: &Db, activity: &Activity) {
    loop {
        if let Err(error) = sweep(app, db, activity).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "what is over was not swept");
        }
        app.clock.sleep_until(app.now().plus(EVERY)).await;
    }
}
