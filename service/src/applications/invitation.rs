//! An invitation, as the application that made it sees it: open, accepted or ended, and nothing of any account.

use std::fmt;
use std::str::FromStr;

use chancery_domain::application::{ApplicationEvent, Invitee, PersonInvited};
use chancery_domain::invitation::{Invitation, InvitationPhase};
use chancery_domain::{StreamId, Timestamp};
use chancery_eventstore::seal::{Part, PartKey};
use chancery_eventstore::{EventRow, Position, ReadError, SecretKey, StreamKey, Version};
use data_encoding::HEXLOWER;

use super::authenticate::Caller;
use crate::app::{App, Failure};

/// The type of the event by which an invitation begins.
pub const INVITED: &str = "application.person_invited";

/// An invitation's id, as its application names it: where it began, veiled, and a part of its stream's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvitationId {
    veiled: u64,
    tag: u64,
}

/// The text is no invitation's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an invitation's id")]
pub struct NotAnId;

impl fmt::Display for InvitationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.veiled, self.tag)
    }
}

impl FromStr for InvitationId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok().and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
        let number = u128::from_be_bytes(bytes.ok_or(NotAnId)?);
        Ok(Self { veiled: (number >> 64) as u64, tag: number as u64 })
    }
}

/// An invitation's beginning.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The event.
    pub row: EventRow,
    /// What it says.
    pub invited: PersonInvited,
}

/// How an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvitationStanding {
    /// Its id.
    pub id: InvitationId,
    /// Whether it is open, accepted or ended.
    pub phase: InvitationPhase,
    /// When it was made.
    pub invited: Timestamp,
    /// When its time is over.
    pub ends: Timestamp,
}

impl App {
    /// An invitation of this application; `None` if it made none with this id.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn invitation(&self, caller: &Caller, id: InvitationId) -> Result<Option<InvitationStanding>, Failure> {
        let Some(begun) = self.begun_by(caller.stream, id).await? else { return Ok(None) };
        let invitation = self.store.fold::<Invitation>(begun.invited.invitation, None).await?;
        let (invited, ends) = (begun.row.decided, self.invitation_ends(&begun.row).await?);
        // Decided by comparing times: the record of the end follows, it is not the rule.
        let phase = match invitation.state.phase {
            InvitationPhase::Open if self.now() >= ends => InvitationPhase::Ended,
            phase => phase,
        };
        Ok(Some(InvitationStanding { id, phase, invited, ends }))
    }

    /// The id of an invitation.
    pub(super) fn invitation_id(&self, begun: &Begun) -> InvitationId {
        let veiled = self.veiled(begun.row.stream, begun.row.position).0.unsigned_abs();
        let tag = u128::from_be_bytes(*begun.invited.invitation.as_bytes()) as u64;
        InvitationId { veiled, tag }
    }

    /// When an invitation's time is over: as long after it as an address stays reserved that nobody proved.
    pub(super) async fn invitation_ends(&self, row: &EventRow) -> Result<Timestamp, Failure> {
        Ok(row.decided.plus(self.policy().await?.policy.registration_lapse()))
    }

    /// The beginning of an invitation of this application.
    pub(super) async fn begun_by(&self, application: StreamId, id: InvitationId) -> Result<Option<Begun>, Failure> {
        let veiled = Position(i64::try_from(id.veiled).unwrap_or(i64::MAX));
        let begun = self.begun_at(self.unveiled(application, veiled)).await?;
        let is_this = |begun: &Begun| begun.row.stream == application && self.invitation_id(begun) == id;
        Ok(begun.filter(is_this))
    }

    /// The invitation that begins at a position, if one does.
    pub(super) async fn begun_at(&self, position: Position) -> Result<Option<Begun>, Failure> {
        if position <= Position::START {
            return Ok(None);
        }
        let rows = self.store.backend().read(Position(position.0 - 1), 1).await?;
        let Some(row) = rows.into_iter().next().filter(|row| row.position == position && row.event_type == INVITED)
        else {
            return Ok(None);
        };
        match self.store.open_event::<ApplicationEvent>(&row).await? {
            ApplicationEvent::PersonInvited(invited) => Ok(Some(Begun { row, invited })),
            _ => Ok(None),
        }
    }

    /// Who was invited; `None` once the invitation is settled and its key gone.
    pub(super) async fn invitee(&self, begun: &Begun) -> Result<Option<Invitee>, Failure> {
        let stream = begun.invited.invitation;
        let StreamKey::Held(_, key) = self.store.fold::<Invitation>(stream, None).await?.key else { return Ok(None) };
        let bound = bound_to(begun.row.stream);
        let plain = part_key(&key, stream).open(&bound, &begun.invited.sealed);
        let plain = plain.map_err(|source| ReadError::Open { stream: begun.row.stream, source })?;
        let invitee = Invitee::from_bytes(&plain).map_err(|source| ReadError::Decode { stream, source })?;
        Ok(Some(invitee))
    }
}

/// Seals who is invited by an application, under the invitation's own key.
pub(super) fn seal_invitee(invitee: &Invitee, key: &SecretKey, invitation: StreamId, application: StreamId) -> Vec<u8> {
    part_key(key, invitation).seal(&bound_to(application), &zeroize::Zeroizing::new(invitee.to_bytes()))
}

/// An invitation has no event of version 0: this key seals nothing else.
fn part_key(key: &SecretKey, invitation: StreamId) -> PartKey {
    PartKey::derive(key, None, invitation, Version(0), Part::Subject)
}

fn bound_to(application: StreamId) -> Vec<u8> {
    [b"invitee of ".as_slice(), application.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_one_way() {
        let text = "000000000000002a3839616263646566";
        let id = InvitationId { veiled: 42, tag: 0x3839_6162_6364_6566 };
        assert_eq!((id.to_string().as_str(), text.parse()), (text, Ok(id)));
        for wrong in ["", "42", &text[1..], &text.to_uppercase(), &format!("{text}0"), &text.replace('2', "x")] {
            assert_eq!(wrong.parse::<InvitationId>(), Err(NotAnId), "{wrong}");
        }
    }
}
