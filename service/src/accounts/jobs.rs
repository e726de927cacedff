//! What jobs record. Each acts because of one event, and acting on it again is the same command.

use chancery_domain::account::Account;
use chancery_domain::account::commands::{
    ExpireLinks, LapseRefusal, LapseRegistration, RecordLinkSent, RecordMailRefused,
};
use chancery_domain::{Command as _, Context, LinkId, Moment, StreamId, Timestamp};
use chancery_eventstore::EventRow;

use super::LoadedAccount;
use crate::app::{App, Failure};

/// What became of a registration that might lapse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lapse {
    /// It lapsed.
    Done,
    /// It was confirmed, or lapsed already.
    NotNeeded,
    /// Not before this.
    NotBefore(Timestamp),
}

impl App {
    /// The account that an event is about, as it stands now.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn account(&self, stream: StreamId) -> Result<Option<LoadedAccount>, Failure> {
        Ok(self.store.load::<Account>(stream).await?)
    }

    /// Records that a mail server took a link's mail.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn record_link_sent(&self, cause: &EventRow, link: LinkId) -> Result<(), Failure> {
        let origin = self.job_origin("mail", RecordLinkSent::NAME, cause);
        self.on_account(cause.stream, &RecordLinkSent { link }, &origin).await?;
        Ok(())
    }

    /// Records that a mail server refused a mail for good.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn record_mail_refused(
        &self,
        cause: &EventRow,
        mail: &str,
        link: Option<LinkId>,
        code: u16,
    ) -> Result<(), Failure> {
        let origin = self.job_origin("mail", RecordMailRefused::NAME, cause);
        let command = RecordMailRefused { mail: mail.to_owned(), link, code };
        self.on_account(cause.stream, &command, &origin).await?;
        Ok(())
    }

    /// Records every link of an account whose time is over.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn expire_links(&self, cause: &EventRow) -> Result<(), Failure> {
        let origin = self.job_origin("expire-links", ExpireLinks::NAME, cause);
        self.on_account(cause.stream, &ExpireLinks {}, &origin).await?;
        Ok(())
    }

    /// Whether an account's registration may lapse, without doing anything.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn may_lapse(&self, stream: StreamId) -> Result<Lapse, Failure> {
        let Some(account) = self.account(stream).await? else { return Ok(Lapse::NotNeeded) };
        let policy = self.policy().await?.policy;
        let Moment { now, epoch_began } = self.moment();
        let context = Context { stream, now, epoch_began, policy: &policy };
        Ok(account.state.lapses(context).map_or(Lapse::NotNeeded, Lapse::NotBefore))
    }

    /// Lets a registration lapse that nobody confirmed.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn lapse_registration(&self, cause: &EventRow) -> Result<Lapse, Failure> {
        let origin = self.job_origin("lapse-registrations", LapseRegistration::NAME, cause);
        Ok(match self.on_account(cause.stream, &LapseRegistration {}, &origin).await? {
            Some(Ok(())) => Lapse::Done,
            Some(Err(LapseRefusal::NotBefore(due))) => Lapse::NotBefore(due),
            Some(Err(LapseRefusal::NotUnconfirmed)) | None => Lapse::NotNeeded,
        })
    }
}
