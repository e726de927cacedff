//! The connection to NATS.

use chancery_eventstore::Store;
use chancery_eventstore::nats::Nats;
use uuid::Uuid;

use crate::error::CommandError;
use crate::settings::Settings;

/// A connection to NATS that is made in the background; `None` if no setting names NATS.
///
/// # Errors
/// The URL or the credentials cannot be read.
pub async fn nats(settings: &Settings) -> Result<Option<Nats>, CommandError> {
    let Some(options) = settings.nats_options()? else { return Ok(None) };
    Nats::keep(&options).await.map(Some).map_err(|error| CommandError::of(&error))
}

/// Tells the relay of each append of this process, for as long as there are any; the caller drops it to stop it.
pub async fn keep_waking(nats: &Nats, store: &Store, log: Uuid) {
    let mut written = store.written();
    while written.changed().await.is_ok() {
        nats.wake(log).await;
    }
}
