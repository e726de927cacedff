//! The end of codes by SMS, as operators and workers carry it out: one use case per file.

pub mod administer;
pub mod carry_out;
pub mod list;
pub mod status;

use chancery_domain::StreamId;
use chancery_domain::campaign::{CAMPAIGN_STREAM, Campaign};

use crate::app::{App, Failure};

impl App {
    /// How the campaign stands.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn campaign(&self) -> Result<Campaign, Failure> {
        Ok(self.guarded_campaign().await?.0)
    }

    /// The same, with the guard of a decision that depends on it.
    pub(crate) async fn guarded_campaign(&self) -> Result<(Campaign, (StreamId, i64)), Failure> {
        let loaded = self.store.load::<Campaign>(CAMPAIGN_STREAM).await?;
        Ok(loaded.map_or_else(
            || (Campaign::default(), (CAMPAIGN_STREAM, 0)),
            |loaded| (loaded.state, (CAMPAIGN_STREAM, loaded.version.0)),
        ))
    }
}
