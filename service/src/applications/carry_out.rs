//! What an invitation leads to, behind every answer: the mail of a registration, or the word that there is an account, by
//! the rules of the form "Create an account".

use chancery_domain::account::Account;
use chancery_domain::account::commands::{Invite, NewLink};
use chancery_domain::application::{Application, ApplicationEvent, Scope};
use chancery_domain::{Command as _, LinkId, StreamId};
use chancery_eventstore::{EventRow, Position, StreamKey};

use super::invitation::Begun;
use crate::accounts::email_claim;
use crate::app::{App, Failure};
use crate::ports::random_array;
use crate::run::{Attempt, TRIES};

/// The job that carries invitations out.
pub const JOB: &str = "invite";

impl App {
    /// The invitation that an application's event is about.
    pub(super) async fn invitation_of(
        &self,
        row: &EventRow,
        event: &ApplicationEvent,
    ) -> Result<Option<Begun>, Failure> {
        match event {
            ApplicationEvent::PersonInvited(invited) => Ok(Some(Begun { row: row.clone(), invited: invited.clone() })),
            ApplicationEvent::InvitationRepeated(repeated) => self.begun_at(Position(repeated.position)).await,
            _ => Ok(None),
        }
    }

    /// Carries an invitation out because of the event that made or repeated it. Because of the same event again it is the
    /// same command.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn carry_out_invitation(&self, row: &EventRow, event: &ApplicationEvent) -> Result<(), Failure> {
        let origin = self.job_origin(JOB, Invite::NAME, row);
        if self.store.remembered(origin.command).await?.is_some() {
            return Ok(());
        }
        let Some(begun) = self.invitation_of(row, event).await? else { return Ok(()) };
        let application = self.store.load::<Application>(row.stream).await?;
        // What was taken from the application meanwhile is not done for it.
        if !application.is_some_and(|application| application.state.may(Scope::AccountsInvite)) {
            return Ok(());
        }
        let Some(invitee) = self.invitee(&begun).await? else { return Ok(()) };
        let normalised = invitee.email.normalised();
        if !self.mailbox_takes_invitation(row.stream, &normalised).await? {
            return Ok(());
        }
        let mut command = Invite {
            uid: self.new_uid(),
            first_name: invitee.first_name,
            last_name: invitee.last_name,
            email: invitee.email,
            language: invitee.language,
            link: NewLink {
                id: LinkId::from_bytes(random_array(&*self.random)),
                browser: None,
                target: None,
                language: invitee.language,
            },
            normalised,
        };
        let (claim, fresh) = (email_claim(&command.normalised), StreamId::from(self.new_id()));
        for _ in 0..TRIES {
            let account = self.store.find::<Account>(&claim).await?;
            let loaded = match account.filter(|account| !matches!(account.key, StreamKey::Gone)) {
                Some(loaded) => loaded,
                None => self.store.fresh(fresh, self.now()).await?,
            };
            let policy = self.policy().await?;
            if let Attempt::Decided { .. } = self.attempt(&loaded, &command, &policy, Vec::new(), &origin).await? {
                return Ok(());
            }
            // A uid that is taken is refused by its reservation.
            command.uid = self.new_uid();
        }
        Err(Failure::BUSY)
    }
}
