//! The service as an operator's command uses it, beside whatever runs.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use chancery_service::App;
use chancery_service::password_hash::PoolSettings;
use chancery_service::ports::{Clock as _, SystemClock, SystemRandom};
use chancery_workers::living;

use super::{CLOCK_SKEW, Credentials, Opening, app, clock_difference, database_in, store};
use crate::error::CommandError;
use crate::settings::Settings;

/// Opens the log without the credentials' key, for a command that appends.
///
/// # Errors
/// One sentence: the log cannot be used, or this machine's clock is wrong.
pub async fn operator(settings: &Settings, opening: Opening) -> Result<App, CommandError> {
    operator_in(settings, opening, None).await
}

/// The same on a SQLite file in another folder.
///
/// # Errors
/// As [`operator`].
pub async fn operator_in(settings: &Settings, opening: Opening, folder: Option<&Path>) -> Result<App, CommandError> {
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let database = database_in(settings, opening, folder.unwrap_or(&settings.data)).await?;
    let store = store(settings, &database, opening, Credentials::Without, &*clock).await?;
    if opening != Opening::AnyHistory {
        let looked = database.backend.look().await;
        looked.map_err(|error| CommandError::failure(database.name.clone()).because(error))?;
    }
    let difference = clock_difference(&store, &*clock).await?;
    if difference > CLOCK_SKEW {
        return Err(CommandError::failure(format!(
            "this machine's clock and the database's differ by {} s: set them right first",
            difference.as_secs()
        )));
    }
    let heard = living::hear(&database.db, &store, clock.now()).await;
    heard.map_err(|error| CommandError::failure("which processes live cannot be read").because(error))?;
    let public_url = settings.public_url_on(settings.listen.port());
    let pool = PoolSettings { workers: NonZeroUsize::MIN, ..settings.hash_pool() };
    app(settings, store, &public_url, pool, clock, random).await
}
