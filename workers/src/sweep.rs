//! What goes by time alone: expired volatile rows, rows of read models that outlived what they show, and what
//! [`network_keys`] destroys. Each is harmless to do twice.

use std::time::Duration;

use chancery_eventstore::Db;
use chancery_projections::Activity;
use chancery_service::{App, Failure};

use crate::{admin, network_keys, timers};

/// How often.
pub const EVERY: Duration = Duration::from_secs(60);

/// Sweeps once.
///
/// # Errors
/// The first failure; what it kept from being swept is swept the next time.
pub async fn sweep(app: &App, db: &Db, activity: &Activity) -> Result<(), Failure> {
    let now = app.now();
    timers::measure(db).await?;
    admin::measure(db, now).await?;
    app.store.backend().sweep(now).await?;
    let kept = Duration::from_secs(app.policy().await?.policy.network_data_retention.into());
    activity.forget_before(now.minus(kept)).await?;
    network_keys::destroy_expired(app, db).await
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
