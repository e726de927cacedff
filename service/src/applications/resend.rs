//! An application asks for an invitation's mail once more.

use chancery_domain::application::commands::{Refusal, RepeatInvitation};
use chancery_domain::invitation::InvitationPhase;

use super::authenticate::Caller;
use super::invitation::InvitationId;
use super::invite::{Invited, Request};
use crate::app::{App, Failure};
use crate::throttle::LimitReached;

/// Why no mail is sent once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResendRefused {
    /// The application made no such invitation.
    NoInvitation,
    /// The invitation is not open any more.
    Closed(InvitationPhase),
    /// The application may not invite, or not any more.
    NotAllowed,
    /// Enough invitations for now.
    Limit(LimitReached),
}

impl App {
    /// Asks for the mail once more; whether one goes out, the limits of the mailbox decide behind the answer. The same
    /// key with the same invitation is the same request.
    ///
    /// # Errors
    /// [`Failure::OtherRequest`] if the key stands for another request; see [`Failure`].
    pub async fn resend_invitation(
        &self,
        caller: &Caller,
        request: &Request,
        id: InvitationId,
    ) -> Result<Result<Invited, ResendRefused>, Failure> {
        let fingerprint = self.store.fingerprint(&[b"resend", id.to_string().as_bytes()]);
        let origin = self.application_origin(caller, request, "resend", fingerprint);
        if let Some(remembered) = self.store.remembered(origin.command).await? {
            if remembered.fingerprint != fingerprint {
                return Err(Failure::OtherRequest);
            }
            return Ok(Ok(Invited { id, position: self.position_for(caller, remembered.last) }));
        }
        let (begun, standing) = (self.begun_by(caller.stream, id).await?, self.invitation(caller, id).await?);
        let (Some(begun), Some(standing)) = (begun, standing) else { return Ok(Err(ResendRefused::NoInvitation)) };
        if standing.phase != InvitationPhase::Open {
            return Ok(Err(ResendRefused::Closed(standing.phase)));
        }
        if let Err(reached) = self.may_invite(caller).await? {
            return Ok(Err(ResendRefused::Limit(reached)));
        }
        let command = RepeatInvitation { invitation: begun.invited.invitation, position: begun.row.position.0 };
        match self.on_application(caller.stream, &command, &[], &origin).await? {
            Some((Ok(()), Some(position))) => Ok(Ok(Invited { id, position: self.position_for(caller, position) })),
            Some((Ok(()), None)) => Err(Failure::BUSY),
            Some((Err(Refusal::NotAllowed | Refusal::NotNow), _)) | None => Ok(Err(ResendRefused::NotAllowed)),
        }
    }
}
