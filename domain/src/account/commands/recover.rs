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
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::account::commands::{
        AddFactor, ChangePassword, ChangePasswordRefusal, FactorRefusal, IssueRecoveryCodes, RemoveFactor,
    };
    use crate::account::events::{
        FactorKind, FactorRemoved, PasswordReason, RecoveryCodesIssued, RecoveryCodesRemoved,
    };
    use crate::policy::{Policy, RecoveryWait};

    const HOUR: u64 = 3600;
    const DAY: u64 = 24 * HOUR;

    fn verdict(key: u8, right: bool) -> PasswordVerdict {
        PasswordVerdict { credential: credential(key).key, right }
    }

    /// Device 1 (an app) of a month ago, device 2 (a key) of today, recovery codes, session 1, and recovery link 2.
    fn lost() -> Story {
        let story = active().then([factor_added(1, 0, FactorKind::Totp)]).after(30 * DAY);
        let now = story.now;
        story.then([
            factor_added(2, 1, FactorKind::SecurityKey),
            AccountEvent::RecoveryCodesIssued(RecoveryCodesIssued { credential: credential(50), count: 10 }),
            signed_in(1, SignInMethod::Password, now),
            requested(2, LinkPurpose::Recovery, now),
        ])
    }

    fn begin(n: u8, verdict: PasswordVerdict) -> BeginRecovery {
        BeginRecovery { link: link_id(n), verdict }
    }

    /// A recovery that waits since a moment ago.
    fn waits() -> Story {
        lost().then(lost().when(&begin(2, verdict(1, true))).events)
    }

    fn link(n: u8) -> RequestRecoveryLink {
        RequestRecoveryLink { verdict: verdict(1, true), link: new_link(n) }
    }

    fn complete(n: u8) -> CompleteRecovery {
        CompleteRecovery { link: link_id(n), verdict: verdict(1, true), session: new_session(9) }
    }

    /// The same with link 3, asked for now.
    fn back(story: Story) -> Story {
        let events = story.when(&link(3)).events;
        story.then(events)
    }

    fn reset(story: &Story) -> Story {
        story.clone().then([password_set(1, PasswordReason::Reset, None)])
    }

    #[test]
    fn password_and_link_begin_to_wait_and_change_nothing() {
        let decision = lost().when(&begin(2, verdict(1, true)));
        let ends = lost().after(72 * HOUR).now;
        let event = RecoveryRequested { link: Some(link_id(2)), factor: None, ends };
        assert_eq!(decision, Decision::accept(vec![AccountEvent::RecoveryRequested(event)], ends));
        let (before, after) = (lost().account, waits().account);
        assert_eq!((&after.factors, &after.sessions), (&before.factors, &before.sessions));
        assert_eq!(waits().when(&begin(2, verdict(1, true))), Decision::refuse(LinkRefusal::Used.into()));
    }

    #[test]
    fn neither_the_password_nor_the_link_suffices_alone() {
        let refused = Decision::refuse;
        assert_eq!(lost().when(&begin(2, verdict(1, false))), refused(RecoveryRefusal::WrongPassword));
        assert_eq!(lost().when(&begin(2, verdict(9, true))), refused(RecoveryRefusal::StaleVerdict));
        assert_eq!(lost().when(&begin(9, verdict(1, true))), refused(LinkRefusal::Expired.into()));
        for purpose in [LinkPurpose::Reset, LinkPurpose::Suspension] {
            let other = lost().then([requested(3, purpose, lost().now)]);
            assert_eq!(other.when(&begin(3, verdict(1, true))), refused(LinkRefusal::AnotherPurpose.into()));
        }
        assert_eq!(lost().after(DAY).when(&begin(2, verdict(1, true))), refused(LinkRefusal::Expired.into()));
    }

    #[test]
    fn a_link_is_promised_to_whoever_knows_the_password_of_an_account_with_devices() {
        let promised = requested(3, LinkPurpose::Recovery, lost().now);
        assert_eq!(lost().when(&link(3)), Decision::accept(vec![promised], ()));
        let wrong = RequestRecoveryLink { verdict: verdict(1, false), ..link(3) };
        assert_eq!(lost().when(&wrong), Decision::refuse(RecoveryRefusal::WrongPassword));
        assert_eq!(active().when(&link(3)), Decision::refuse(RecoveryRefusal::NoneThere));
        for story in [nothing(), unconfirmed(), suspended(), lapsed()] {
            assert_eq!(story.when(&link(3)), Decision::refuse(RecoveryRefusal::NotUsable));
        }
        let ends = lost().after(72 * HOUR).now;
        assert_eq!(waits().when(&link(3)), Decision::refuse(RecoveryRefusal::Waiting(ends)), "one waits");
        let off = Policy { recovery_wait: RecoveryWait::OFF, ..Policy::default() };
        assert_eq!(lost().under(off.clone()).when(&link(3)), Decision::refuse(RecoveryRefusal::Off));
        assert_eq!(lost().under(off).when(&begin(2, verdict(1, true))), Decision::refuse(RecoveryRefusal::Off));
        let week = Policy { recovery_wait: RecoveryWait::seconds(604_800), ..Policy::default() };
        assert_eq!(lost().under(week).when(&begin(2, verdict(1, true))).outcome, Ok(lost().after(7 * DAY).now));
    }

    #[test]
    fn at_its_end_password_and_a_new_link_remove_everything_and_a_device_is_owed() {
        let story = back(waits().after(72 * HOUR));
        let decision = story.when(&complete(3));
        let reason = RemovalReason::Recovery;
        let removed = |n| AccountEvent::FactorRemoved(FactorRemoved { factor: factor_id(n), reason });
        let proofs = [Proof::by(SignInMethod::Password), Proof::by(SignInMethod::MailedLink)];
        let events = vec![
            AccountEvent::RecoveryCompleted(RecoveryCompleted { link: Some(link_id(3)) }),
            removed(1),
            removed(2),
            AccountEvent::RecoveryCodesRemoved(RecoveryCodesRemoved { reason }),
            ended([1], EndReason::FactorsRemoved, true),
            signed_in_with(9, &proofs, story.now),
        ];
        assert_eq!(decision, Decision::accept(events, ()), "also the young device");
        let story = story.then(decision.events);
        assert_eq!((story.account.recovery.open, story.account.recovery.factor_owed), (None, true));
        assert_eq!(story.account.secret_keys_sorted(), [credential(1).key]);

        let owed = ManageRefusal::FactorOwed;
        let codes = IssueRecoveryCodes { session: session_id(9), credential: credential(60) };
        assert_eq!(story.when(&codes), Decision::refuse(FactorRefusal::Manage(owed)));
        let (password, next) = (new_password(60), new_session(60));
        let change = ChangePassword { verdict: verdict(1, true), password, session: session_id(9), next };
        assert_eq!(story.when(&change), Decision::refuse(ChangePasswordRefusal::Manage(owed)));
        let (factor, next) = (new_factor(3, FactorKind::Totp), new_session(61));
        let added = story.when(&AddFactor { session: session_id(9), factor, next }).events;
        let story = story.then(added);
        assert!(!story.account.recovery.factor_owed);
        let codes = IssueRecoveryCodes { session: session_id(61), credential: credential(60) };
        assert!(story.when(&codes).outcome.is_ok());
    }

    #[test]
    fn nothing_is_removed_before_the_end_nor_a_week_after_it_nor_unasked() {
        let link_now = |story: Story| {
            let now = story.now;
            story.then([requested(3, LinkPurpose::Recovery, now)])
        };
        let ends = waits().account.recovery.open.unwrap().ends;
        let early = link_now(waits().after(72 * HOUR - 1));
        assert_eq!(early.when(&complete(3)), Decision::refuse(RecoveryRefusal::Waiting(ends)));
        let last = link_now(waits().after(10 * DAY - 1));
        assert!(last.when(&complete(3)).outcome.is_ok());
        let late = link_now(waits().after(10 * DAY));
        assert_eq!(late.when(&complete(3)), Decision::refuse(RecoveryRefusal::NoneAsked));
        assert!(late.when(&begin(3, verdict(1, true))).outcome.is_ok(), "it is asked for anew");
        assert_eq!(lost().when(&complete(2)), Decision::refuse(RecoveryRefusal::NoneAsked));
        // A link of before the end does not do.
        assert_eq!(early.after(1).when(&complete(3)), Decision::refuse(LinkRefusal::Superseded.into()));
        let wrong = CompleteRecovery { verdict: verdict(1, false), ..complete(3) };
        assert_eq!(last.when(&wrong), Decision::refuse(RecoveryRefusal::WrongPassword));
        assert_eq!(last.when(&complete(9)), Decision::refuse(LinkRefusal::Expired.into()));
    }

    #[test]
    fn whoever_sets_a_password_by_mail_puts_it_off_and_never_hastens_it() {
        let ends = |story: &Story| story.account.recovery.open.unwrap().ends;
        let story = waits().after(DAY);
        assert_eq!(ends(&reset(&story)), story.clone().after(7 * DAY).now);
        let changed = story.clone().then([password_set(1, PasswordReason::Change, None)]);
        assert_eq!(ends(&changed), ends(&story), "only one by mail");
        // Also where it could have been completed, with the link that was mailed for that.
        let ready = back(waits().after(4 * DAY));
        let again = reset(&ready);
        assert_eq!(again.when(&complete(3)), Decision::refuse(RecoveryRefusal::Waiting(ends(&again))));
        assert!(reset(&waits().after(10 * DAY)).account.recovery.at(waits().after(10 * DAY).now).is_none());
        // A password that was set shortly before counts as well: else the mailbox alone would do, and sooner.
        let before = reset(&lost()).after(DAY - 1);
        let asked = before.when(&begin(2, verdict(1, true)));
        assert_eq!(asked.outcome, Ok(lost().after(7 * DAY).now));
        let month = Policy { recovery_wait: RecoveryWait::seconds(2_592_000), ..Policy::default() };
        let slow = lost().under(month);
        let slow = slow.clone().then(slow.when(&begin(2, verdict(1, true))).events).after(DAY);
        assert_eq!(ends(&reset(&slow)), lost().after(30 * DAY).now, "a later end stays");
    }

    #[test]
    fn what_went_another_way_is_recovered_no_more() {
        let reason = RemovalReason::Administrator;
        let removed = |n| AccountEvent::FactorRemoved(FactorRemoved { factor: factor_id(n), reason });
        assert!(waits().then([removed(1)]).account.recovery.open.is_some());
        let gone = waits().then([removed(1), removed(2)]);
        assert_eq!(gone.account.recovery.open, None);
        assert_eq!(gone.then([factor_added(3, 2, FactorKind::Totp)]).account.recovery.open, None, "for good");
    }

    /// The key is lost, the app is there, and session 5 was begun with it.
    fn key_lost() -> Story {
        let story = lost();
        let session = signed_in_with(5, &[Proof::by(SignInMethod::Password), totp(1)], story.now);
        story.then([session])
    }

    #[test]
    fn a_weaker_device_has_a_lost_stronger_one_removed_after_the_same_wait() {
        let recover = |session| RecoverFactor { session: session_id(session), factor: factor_id(2) };
        let ends = lost().after(72 * HOUR).now;
        let event = RecoveryRequested { link: None, factor: Some(factor_id(2)), ends };
        let decision = key_lost().when(&recover(5));
        assert_eq!(decision, Decision::accept(vec![AccountEvent::RecoveryRequested(event)], ends));
        let needed = Decision::refuse(ManageRefusal::FactorNeeded.into());
        assert_eq!(key_lost().when(&recover(1)), needed, "the password alone");
        assert_eq!(key_lost().after(600).when(&recover(5)), Decision::refuse(ManageRefusal::NotFresh.into()));
        let young = key_lost().then([factor_added(3, 2, FactorKind::Totp)]);
        let with = |n| signed_in_with(8, &[Proof::by(SignInMethod::Password), totp(n)], young.now);
        assert_eq!(young.clone().then([with(3)]).when(&recover(8)), Decision::refuse(RecoveryRefusal::Young));
        assert!(young.clone().then([with(1)]).when(&recover(8)).outcome.is_ok());
        let unknown = RecoverFactor { factor: factor_id(9), ..recover(5) };
        assert_eq!(key_lost().when(&unknown), Decision::refuse(RecoveryRefusal::NoneThere));
        let off = Policy { recovery_wait: RecoveryWait::OFF, ..Policy::default() };
        assert_eq!(key_lost().under(off).when(&recover(5)), Decision::refuse(RecoveryRefusal::Off));

        let story = key_lost().then(decision.events);
        assert_eq!(story.when(&recover(5)), Decision::refuse(RecoveryRefusal::Waiting(ends)));
        let remove = |session| RemoveFactor { session: session_id(session), factor: factor_id(2) };
        let key_needed = Decision::refuse(FactorRefusal::Manage(ManageRefusal::KeyNeeded));
        assert_eq!(story.when(&remove(5)), key_needed, "it waits");
        let story = story.after(72 * HOUR);
        let later = Proof { challenge: None, step: Some(2_000), ..totp(1) };
        let now = story.now;
        let story = story.then([
            signed_in_with(6, &[Proof::by(SignInMethod::Password), later], now),
            signed_in(7, SignInMethod::Password, now),
        ]);
        assert_eq!(story.when(&remove(7)), Decision::refuse(FactorRefusal::Manage(ManageRefusal::FactorNeeded)));
        let removed = FactorRemoved { factor: factor_id(2), reason: RemovalReason::Recovery };
        let completed = AccountEvent::RecoveryCompleted(RecoveryCompleted { link: None });
        let decision = story.when(&remove(6));
        assert_eq!(decision, Decision::accept(vec![completed, AccountEvent::FactorRemoved(removed)], ()));
        assert!(!story.clone().then(decision.events).account.recovery.factor_owed, "there is another");
        assert_eq!(story.after(7 * DAY).when(&remove(6)).events, [], "a week later it has lapsed");
        // Nor does it remove everything.
        let all = back(key_lost().then(key_lost().when(&recover(5)).events).after(72 * HOUR));
        assert_eq!(all.when(&complete(3)), Decision::refuse(RecoveryRefusal::NoneAsked));
    }
}
