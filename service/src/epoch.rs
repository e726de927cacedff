//! A new epoch of the log: an operator takes the database, as it stands after a restore, for the log from now on.

use chancery_domain::log::{BeginEpoch, BeginEpochRefusal, KnownHead, LOG_STREAM, LogState};

use crate::app::{App, Failure};
use crate::run::{Along, Attempt, Origin};

impl App {
    /// Begins an epoch in an administrator's name, and tells its number. Every process of the epoch before has to start
    /// again; its sessions, links and known browsers are void, and the volatile tables are emptied.
    ///
    /// # Errors
    /// [`Failure::Busy`] if the log moves on meanwhile: then it is in use, and another look is due.
    pub async fn begin_epoch(
        &self,
        administrator: &str,
        reason: &str,
        last_known: Option<KnownHead>,
    ) -> Result<Result<i64, BeginEpochRefusal>, Failure> {
        let origin = self.by_administrator(administrator, "begin-epoch", reason);
        self.begin_epoch_by(&origin, reason, last_known).await
    }

    /// The same on somebody's behalf.
    pub(crate) async fn begin_epoch_by(
        &self,
        origin: &Origin,
        reason: &str,
        last_known: Option<KnownHead>,
    ) -> Result<Result<i64, BeginEpochRefusal>, Failure> {
        // Whatever it counted or handed out was the old history's.
        self.store.backend().empty().await?;
        let head = self.store.backend().head().await?;
        let command = BeginEpoch { ended: head.epoch, reason: reason.to_owned(), after: head.position.0, last_known };
        let loaded = match self.store.load::<LogState>(LOG_STREAM).await? {
            Some(loaded) => loaded,
            None => self.store.fresh(LOG_STREAM, self.now()).await?,
        };
        let along = Along { epoch: Some(command.epoch()), ..Along::default() };
        let policy = self.policy().await?;
        match self.attempt_with(&loaded, &command, &policy, along, origin).await? {
            Attempt::Decided { outcome, .. } => Ok(outcome),
            Attempt::Again => Err(Failure::BUSY),
        }
    }
}
