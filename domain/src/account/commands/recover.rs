//! Whoever has lost the devices for good waits, and then removes them: with no more than the password and mailed links, and
//! with so much time that an owner who still has one can object.

use minicbor::{Decode, Encode};

use super::parts::Unproved;
use super::proofs::ManageRefusal;
use super::{AccountDecision, LinkRefusal, NewLink, NewSession, PasswordVerdict, command_shape};
use crate::account::events::{
    AccountEvent, EndReason, LinkPurpose, Proof, RecoveryCompleted, RecoveryRequested, RemovalReason, SignInMethod,
};
use crate::account::recovery::is_old;
use crate::account::{Account, RecoveryStanding, Session};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::{FactorId, LinkId, SessionId};
use crate::time::Timestamp;

/// Why nothing is recovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryRefusal {
    /// The account cannot be used.
    #[error("the account cannot be used")]
    NotUsable,
    /// The password was wrong.
    #[error("the password is wrong")]
    WrongPassword,
    /// The verdict is about another password than the one in force: compute it anew.
    #[error("the password has changed since it was compared")]
    StaleVerdict,
    /// The operator lets nobody recover an account by waiting.
    #[error("no account is recovered by waiting")]
    Off,
    /// There is nothing to recover from.
    #[error("there is no second factor")]
    NoneThere,
    /// One waits already, until this moment at the earliest.
    #[error("a recovery waits already")]
    Waiting(Timestamp),
    /// The session was begun with nothing but devices that came lately.
    #[error("the device came too late to ask for the removal of another")]
    Young,
    /// None was asked for, or nobody came back in time.
    #[error("no recovery can be completed")]
    NoneAsked,
    /// The link does not do.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
    /// The session does not do.
    #[error(transparent)]
    Manage(#[from] ManageRefusal),
}

impl From<Unproved> for RecoveryRefusal {
    fn from(unproved: Unproved) -> Self {
        match unproved {
            Unproved::NotUsable => Self::NotUsable,
            Unproved::Stale => Self::StaleVerdict,
            Unproved::Wrong => Self::WrongPassword,
        }
    }
}

impl Account {
    /// Whether the person with this password may recover the account now.
    fn may_recover(&self, verdict: PasswordVerdict, context: Context<'_>) -> Result<(), RecoveryRefusal> {
        self.judge_password(verdict)?;
        self.may_wait(context)
    }

    /// Whether a recovery may be asked for or completed: not while one waits.
    fn may_wait(&self, context: Context<'_>) -> Result<(), RecoveryRefusal> {
        if context.policy.recovery_wait.span().is_none() {
            return Err(RecoveryRefusal::Off);
        }
        if self.factors.is_empty() {
            return Err(RecoveryRefusal::NoneThere);
        }
        match self.recovery.at(context.now) {
            Some(open) if open.standing(context.now) == RecoveryStanding::Waiting => {
                Err(RecoveryRefusal::Waiting(open.ends))
            }
            _ => Ok(()),
        }
    }

    /// The event by which a recovery begins to wait.
    fn wait(
        &self,
        link: Option<LinkId>,
        factor: Option<FactorId>,
        context: Context<'_>,
    ) -> Result<(AccountEvent, Timestamp), RecoveryRefusal> {
        let wait = context.policy.recovery_wait.span().ok_or(RecoveryRefusal::Off)?;
        let ends = self.recovery.ends_if_asked(context.now, wait);
        Ok((AccountEvent::RecoveryRequested(RecoveryRequested { link, factor, ends }), ends))
    }

    /// Whether a session was begun with a device that was there for long enough to ask for the removal of another one, or
    /// with a recovery code.
    #[must_use]
    pub fn may_recover_another(&self, session: &Session, now: Timestamp) -> bool {
        let mut used = self.factors.counting().filter(|factor| session.factors.contains(&factor.number));
        session.by_recovery_code() || used.any(|factor| is_old(factor, now))
    }

    /// Whether a recovery of one device, or of all, can be completed now.
    #[must_use]
    pub fn is_recovered(&self, factor: Option<FactorId>, now: Timestamp) -> bool {
        let open = self.recovery.at(now).filter(|open| open.factor == factor);
        open.is_some_and(|open| open.standing(now) == RecoveryStanding::Ready)
    }
}

/// Promises a link by which a recovery can be asked for, or completed once its time is over.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RequestRecoveryLink {
    /// What became of the typed password.
    #[n(0)]
    pub verdict: PasswordVerdict,
    /// The link.
    #[n(1)]
    pub link: NewLink,
}

impl Command for RequestRecoveryLink {
    command_shape!("request-recovery-link" v 1: (), RecoveryRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), RecoveryRefusal> {
        match account.may_recover(self.verdict, context) {
            Ok(()) => {
                Decision::accept(vec![account.request_link(LinkPurpose::Recovery, &self.link.alone(), context)], ())
            }
            Err(refusal) => Decision::refuse(refusal),
        }
    }
}

/// Asks for the recovery of an account all of whose devices are lost. Nothing changes yet; the outcome is when it can be
/// completed at the earliest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct BeginRecovery {
    /// The mailed link.
    #[n(0)]
    pub link: LinkId,
    /// What became of the typed password.
    #[n(1)]
    pub verdict: PasswordVerdict,
}

impl Command for BeginRecovery {
    command_shape!("begin-recovery" v 1: Timestamp, RecoveryRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<Timestamp, RecoveryRefusal> {
        let begun = account.check_link(self.link, LinkPurpose::Recovery, context).map_err(RecoveryRefusal::from);
        let begun = begun.and_then(|()| account.may_recover(self.verdict, context));
        match begun.and_then(|()| account.wait(Some(self.link), None, context)) {
            Ok((event, ends)) => Decision::accept(vec![event], ends),
            Err(refusal) => Decision::refuse(refusal),
        }
    }
}

/// Removes every device and the recovery codes once the time is over, by a link that was asked for since. A session begins,
/// in which a device is added before anything else; all others end, and known browsers are forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CompleteRecovery {
    /// The mailed link.
    #[n(0)]
    pub link: LinkId,
    /// What became of the typed password.
    #[n(1)]
    pub verdict: PasswordVerdict,
    /// The session that begins.
    #[n(2)]
    pub session: NewSession,
}

impl Command for CompleteRecovery {
    command_shape!("complete-recovery" v 1: (), RecoveryRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), RecoveryRefusal> {
        if let Err(refusal) = account.check_link(self.link, LinkPurpose::Recovery, context) {
            return Decision::refuse(refusal.into());
        }
        if let Err(refusal) = account.may_recover(self.verdict, context) {
            return Decision::refuse(refusal);
        }
        let ready = account.recovery.open.filter(|_| account.is_recovered(None, context.now));
        let Some(open) = ready else { return Decision::refuse(RecoveryRefusal::NoneAsked) };
        // A password that a mailed link set since may have moved the end.
        if account.links.find(self.link).is_some_and(|link| link.requested < open.ends) {
            return Decision::refuse(LinkRefusal::Superseded.into());
        }
        let ended: Vec<_> = account.sessions.open.iter().map(|session| session.id).collect();
        let mut events = vec![AccountEvent::RecoveryCompleted(RecoveryCompleted { link: Some(self.link) })];
        events.extend(account.remove_all(RemovalReason::Recovery));
        events.extend(account.end_all_sessions(EndReason::FactorsRemoved, true));
        let proofs = vec![Proof::by(SignInMethod::Password), Proof::by(SignInMethod::MailedLink)];
        events.extend(account.open_session(&self.session, proofs, &ended, context));
        Decision::accept(events, ())
    }
}

/// Asks for the removal of one lost device that is stronger than those which its owner still has. It is removed like any
/// other when the time is over, see [`RemoveFactor`](super::RemoveFactor). The outcome is when that is at the earliest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecoverFactor {
    /// The session in which this is asked, begun a moment ago with another device that was there long before.
    #[n(0)]
    pub session: SessionId,
    /// The lost device.
    #[n(1)]
    pub factor: FactorId,
}

impl Command for RecoverFactor {
    command_shape!("recover-factor" v 1: Timestamp, RecoveryRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<Timestamp, RecoveryRefusal> {
        if account.factors.by_id(self.factor).is_none() {
            return Decision::refuse(RecoveryRefusal::NoneThere);
        }
        let session = match account.may_manage_weakly(self.session, context) {
            Ok(session) => session,
            Err(refusal) => return Decision::refuse(refusal.into()),
        };
        if !account.may_recover_another(session, context.now) {
            return Decision::refuse(RecoveryRefusal::Young);
        }
        match account.may_wait(context).and_then(|()| account.wait(None, Some(self.factor), context)) {
            Ok((event, ends)) => Decision::accept(vec![event], ends),
            Err(refusal) => Decision::refuse(refusal),
        }
    }
}

#[cfg(test)]
mod tests;
