//! Accounts whose telephone was added by a build that kept no list of them: a job brings each in, by an event of its own.

use chancery_domain::Command as _;
use chancery_domain::account::Account;
use chancery_domain::account::commands::ListTelephone;
use chancery_domain::events::LISTED;
use chancery_eventstore::{EventRow, StreamKey};

use crate::app::{App, Failure};
use crate::run::{Attempt, TRIES};

/// What became of an account that was to be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// It is listed, or has no telephone any more.
    Done,
    /// Not while a process lives that would refuse the account because of the event.
    OlderProcess,
}

impl App {
    /// Lists the account that an event gave a telephone, unless that event did.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn list_telephone(&self, cause: &EventRow) -> Result<Listing, Failure> {
        for _ in 0..TRIES {
            let account = self.store.load::<Account>(cause.stream).await?;
            let Some(account) = account.filter(|account| !matches!(account.key, StreamKey::Gone)) else {
                return Ok(Listing::Done);
            };
            let Some(claim) = account.state.sms_claim() else { return Ok(Listing::Done) };
            // Read after the account: what changes it from here on moves the account on, too.
            let holder = self.store.backend().reserved(claim.kind, &self.store.claim_mac(&claim)).await?;
            let command = ListTelephone { is_listed: holder == Some(account.stream) };
            if !command.is_listed && self.store.readers().at(self.now()) < LISTED {
                return Ok(Listing::OlderProcess);
            }
            let origin = self.job_origin("list-telephones", ListTelephone::NAME, cause);
            let policy = self.policy().await?;
            if let Attempt::Decided { .. } = self.attempt(&account, &command, &policy, Vec::new(), &origin).await? {
                return Ok(Listing::Done);
            }
        }
        Err(Failure::BUSY)
    }
}
