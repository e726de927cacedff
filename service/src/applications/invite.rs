//! An application invites a person. No account is looked up: nothing that the application is told, and no time that it
//! takes, depends on whether the address has one. The job `invite` acts on the event.

use chancery_domain::application::Invitee;
use chancery_domain::application::commands::{InvitePerson, Refusal};
use chancery_domain::{Actor, ActorDetails, StreamId};
use chancery_eventstore::{CommandId, Fingerprint, KeyClass, Priority, Purpose};
use uuid::Uuid;

use super::authenticate::Caller;
use super::invitation::{InvitationId, seal_invitee};
use crate::app::{App, Failure};
use crate::position::LogPosition;
use crate::run::Origin;
use crate::throttle::LimitReached;

/// A request to invite somebody, as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// The key by which a repetition is known: chosen by the application.
    pub key: String,
    /// What is known of the application's machine.
    pub details: ActorDetails,
    /// The request's id, ours: the correlation of whatever it leads to.
    pub id: Uuid,
}

/// An invitation that is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invited {
    /// Its id.
    pub id: InvitationId,
    /// Where it stands in the log.
    pub position: LogPosition,
}

/// Why nobody is invited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InviteRefused {
    /// The application may not invite, or not any more.
    NotAllowed,
    /// Enough invitations for now.
    Limit(LimitReached),
}

impl App {
    /// Invites a person. The same key with the same person is the same invitation.
    ///
    /// # Errors
    /// [`Failure::OtherRequest`] if the key stands for another request; see [`Failure`].
    pub async fn invite(
        &self,
        caller: &Caller,
        request: &Request,
        invitee: &Invitee,
    ) -> Result<Result<Invited, InviteRefused>, Failure> {
        let fingerprint = self.store.fingerprint(&[b"invite", &invitee.to_bytes()]);
        let origin = self.application_origin(caller, request, "invite", fingerprint);
        if let Some(invited) = self.invited_before(caller, origin.command, fingerprint).await? {
            return Ok(Ok(invited));
        }
        if let Err(reached) = self.may_invite(caller).await? {
            return Ok(Err(InviteRefused::Limit(reached)));
        }
        let invitation = StreamId::from(self.new_id());
        let (key, new) = self.store.keys().create(KeyClass::Data, invitation, self.now()).await?;
        let sealed = seal_invitee(invitee, &key, invitation, caller.stream);
        let command = InvitePerson { invitation, sealed };
        match self.on_application(caller.stream, &command, &[new], &origin).await? {
            Some((Ok(()), _)) => {}
            Some((Err(Refusal::NotAllowed | Refusal::NotNow), _)) | None => return Ok(Err(InviteRefused::NotAllowed)),
        }
        // Read back: of two requests with one key, the other may have been written.
        let invited = self.invited_before(caller, origin.command, fingerprint).await?;
        invited.map(Ok).ok_or(Failure::BUSY)
    }

    /// The invitation that this command made.
    async fn invited_before(
        &self,
        caller: &Caller,
        command: CommandId,
        fingerprint: Fingerprint,
    ) -> Result<Option<Invited>, Failure> {
        let Some(remembered) = self.store.remembered(command).await? else { return Ok(None) };
        if remembered.fingerprint != fingerprint {
            return Err(Failure::OtherRequest);
        }
        let begun = self.begun_at(remembered.first).await?;
        Ok(begun.map(|begun| Invited {
            id: self.invitation_id(&begun),
            position: self.position_for(caller, remembered.last),
        }))
    }

    /// Takes one of the application's invitations.
    pub(super) async fn may_invite(&self, caller: &Caller) -> Result<Result<(), LimitReached>, Failure> {
        let counter = self.counter(&[b"invitations", caller.stream.as_bytes()]);
        Ok(self.take(self.limits.invitations, &counter).await?.map(|_| ()))
    }

    /// The origin of a command that an application asks for. Its key may be anything, even an address: it leaves no trace
    /// but a MAC.
    pub(super) fn application_origin(
        &self,
        caller: &Caller,
        request: &Request,
        route: &str,
        fingerprint: Fingerprint,
    ) -> Origin {
        let parts: [&[u8]; 3] = [b"idempotency key", caller.stream.as_bytes(), request.key.as_bytes()];
        let mac = self.store.service_mac(Purpose::Command, &parts);
        let mut key = [0; 16];
        key.copy_from_slice(&mac[..16]);
        Origin {
            command: self.store.command_id(caller.stream.as_bytes(), route, Uuid::from_bytes(key)),
            fingerprint,
            actor: Actor::Application(caller.stream),
            details: Some(request.details.clone()),
            correlation: request.id,
            causing: None,
            priority: Priority::Registration,
        }
    }
}
