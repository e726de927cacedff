//! The tests of a recovery.

use super::*;
use crate::account::commands::testing::*;
use crate::account::commands::{
    AddFactor, ChangePassword, ChangePasswordRefusal, FactorRefusal, IssueRecoveryCodes, RemoveFactor,
};
use crate::account::events::{FactorKind, FactorRemoved, PasswordReason, RecoveryCodesIssued, RecoveryCodesRemoved};
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
