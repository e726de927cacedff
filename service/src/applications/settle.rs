//! What became of invitations: noted when an account is confirmed that one began, and when an invitation's time is over.

use chancery_domain::account::Account;
use chancery_domain::application::ApplicationEvent;
use chancery_domain::invitation::{Invitation, SettleInvitation, SettleRefusal};
use chancery_domain::{Actor, Command as _, Timestamp};
use chancery_eventstore::{EventRow, StreamKey, Version};

use super::carry_out::JOB;
use super::invitation::Begun;
use crate::accounts::email_claim;
use crate::app::{App, Failure};
use crate::run::{Attempt, TRIES};

impl App {
    /// Notes that the invitations which led to a link of this account are accepted. `row` is the event that confirmed it.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn accept_invitations(&self, row: &EventRow) -> Result<(), Failure> {
        let worker = Actor::Worker(JOB.to_owned());
        for earlier in self.store.backend().read_stream(row.stream, Version(0), u32::MAX).await? {
            let Some(cause) = earlier.causing.filter(|_| earlier.actor == worker && earlier.version < row.version)
            else {
                continue;
            };
            let causes = self.store.backend().read(chancery_eventstore::Position(cause.0 - 1), 1).await?;
            let Some(cause) = causes.first().filter(|found| found.position == cause) else { continue };
            if !cause.event_type.starts_with("application.") {
                continue;
            }
            let event: ApplicationEvent = self.store.open_event(cause).await?;
            if let Some(begun) = self.invitation_of(cause, &event).await? {
                let ends = self.invitation_ends(&begun.row).await?;
                // In time or not at all, however late it is noted.
                if row.decided < ends {
                    self.settle(&begun, SettleInvitation { accepted: true, ends }, row).await?;
                }
            }
        }
        Ok(())
    }

    /// Notes that an invitation's time is over, unless it was accepted in time; when to come back if it is not.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn end_invitation(&self, row: &EventRow, event: &ApplicationEvent) -> Result<Option<Timestamp>, Failure> {
        let ApplicationEvent::PersonInvited(invited) = event else { return Ok(None) };
        let begun = Begun { row: row.clone(), invited: invited.clone() };
        let Some(invitee) = self.invitee(&begun).await? else { return Ok(None) };
        let ends = self.invitation_ends(row).await?;
        let account = self.store.find::<Account>(&email_claim(&invitee.email.normalised())).await?;
        let confirmed = account.and_then(|account| account.state.identity?.confirmed);
        let accepted = confirmed.is_some_and(|confirmed| row.decided <= confirmed && confirmed < ends);
        self.settle(&begun, SettleInvitation { accepted, ends }, row).await
    }

    async fn settle(
        &self,
        begun: &Begun,
        command: SettleInvitation,
        cause: &EventRow,
    ) -> Result<Option<Timestamp>, Failure> {
        // One event may settle several invitations: each by a command of its own.
        let what = format!("{} {}", SettleInvitation::NAME, begun.row.position);
        let origin = self.job_origin("settle-invitations", &what, cause);
        for _ in 0..TRIES {
            let loaded = self.store.fold::<Invitation>(begun.invited.invitation, None).await?;
            if matches!(loaded.key, StreamKey::Gone) {
                return Ok(None);
            }
            let policy = self.policy().await?;
            if let Attempt::Decided { outcome, .. } =
                self.attempt(&loaded, &command, &policy, Vec::new(), &origin).await?
            {
                return Ok(outcome.err().map(|SettleRefusal(ends)| ends));
            }
        }
        Err(Failure::BUSY)
    }
}
