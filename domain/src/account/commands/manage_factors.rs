//! A signed-in person names, removes or counts on second factors.

use minicbor::{Decode, Encode};

use super::proofs::ManageRefusal;
use super::{AccountDecision, command_shape};
use crate::account::events::{
    AccountEvent, Credential, EndReason, FactorRemoved, FactorRenamed, RecoveryCodesIssued, RecoveryCodesRemoved,
    RecoveryCompleted, RemovalReason, SessionsEnded, SignInOptionsChanged,
};
use crate::account::{Account, RECOVERY_CODES};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::{FactorId, SessionId};
use crate::values::DeviceName;

/// Why a person's change of second factors is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FactorRefusal {
    /// The session may not change factors now.
    #[error(transparent)]
    Manage(#[from] ManageRefusal),
    /// There is no such device.
    #[error("there is no such second factor")]
    Gone,
    /// The password alone never suffices: the last device stays.
    #[error("the last second factor stays while one is always asked for")]
    LastOne,
    /// What would be left is suspended: nobody could use it, nor change it.
    #[error("only suspended second factors would be left")]
    OthersSuspended,
    /// There is nothing to remove, or no device to always ask for: recovery codes are none, since each works once.
    #[error("there is no second factor to ask for")]
    NoneThere,
}

/// Gives a device another name.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RenameFactor {
    /// The session in which this is asked.
    #[n(0)]
    pub session: SessionId,
    /// The device.
    #[n(1)]
    pub factor: FactorId,
    /// The name.
    #[n(2)]
    pub name: DeviceName,
}

impl Command for RenameFactor {
    command_shape!("rename-factor" v 1: (), FactorRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), FactorRefusal> {
        if let Err(refusal) = account.may_manage(self.session, context) {
            return Decision::refuse(refusal.into());
        }
        match account.factors.by_id(self.factor) {
            None => Decision::refuse(FactorRefusal::Gone),
            Some(factor) if factor.name == self.name => Decision::accept(Vec::new(), ()),
            Some(_) => {
                let renamed = FactorRenamed { factor: self.factor, name: self.name.clone() };
                Decision::accept(vec![AccountEvent::FactorRenamed(renamed)], ())
            }
        }
    }
}

/// Removes a device. One that is lost, and was waited for long enough, is removed with a weaker one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RemoveFactor {
    /// The session in which this is asked.
    #[n(0)]
    pub session: SessionId,
    /// The device.
    #[n(1)]
    pub factor: FactorId,
}

impl Command for RemoveFactor {
    command_shape!("remove-factor" v 1: (), FactorRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), FactorRefusal> {
        let recovered = account.is_recovered(Some(self.factor), context.now);
        let managed = if recovered {
            account.may_manage_weakly(self.session, context)
        } else {
            account.may_manage(self.session, context)
        };
        if let Err(refusal) = managed {
            return Decision::refuse(refusal.into());
        }
        // It would leave the password alone where SMS was the second factor.
        if account.factors.only_sms_is_left() {
            return Decision::refuse(ManageRefusal::FactorOwed.into());
        }
        let Some(factor) = account.factors.by_id(self.factor) else {
            return Decision::refuse(FactorRefusal::Gone);
        };
        let is_only = account.factors.devices.len() == 1;
        let is_last = factor.counts() && !account.factors.counting().any(|other| other.id != factor.id);
        if (is_only || is_last) && (account.factors.always || context.policy.second_factor_required) {
            return Decision::refuse(FactorRefusal::LastOne);
        }
        // The account goes on to ask for what is suspended: first that is put in force again or removed, which whoever may
        // remove this one may do as well.
        if is_last && !is_only {
            return Decision::refuse(FactorRefusal::OthersSuspended);
        }
        let reason = if recovered { RemovalReason::Recovery } else { RemovalReason::Person };
        let completed = recovered.then_some(AccountEvent::RecoveryCompleted(RecoveryCompleted { link: None }));
        let removed = AccountEvent::FactorRemoved(FactorRemoved { factor: self.factor, reason });
        Decision::accept(completed.into_iter().chain([removed]).collect(), ())
    }
}

/// Removes every device and the recovery codes; other sessions end. What is left is the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RemoveAllFactors {
    /// The session in which this is asked.
    #[n(0)]
    pub session: SessionId,
}

impl Command for RemoveAllFactors {
    command_shape!("remove-all-factors" v 1: (), FactorRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), FactorRefusal> {
        if let Err(refusal) = account.may_manage(self.session, context) {
            return Decision::refuse(refusal.into());
        }
        // The last sign-in by SMS is for adding another device: it would leave the password alone.
        if account.factors.only_sms_is_left() {
            return Decision::refuse(ManageRefusal::FactorOwed.into());
        }
        let mut events = account.remove_all(RemovalReason::Everything);
        if events.is_empty() {
            return Decision::refuse(FactorRefusal::NoneThere);
        }
        let others = account.sessions.open.iter().map(|open| open.id).filter(|open| *open != self.session);
        events.extend(end(others.collect(), EndReason::FactorsRemoved));
        Decision::accept(events, ())
    }
}

/// Puts a new set of recovery codes in force, one of which its owner has typed back.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct IssueRecoveryCodes {
    /// The session in which this is asked.
    #[n(0)]
    pub session: SessionId,
    /// The hashes of the codes, sealed.
    #[n(1)]
    pub credential: Credential,
}

impl Command for IssueRecoveryCodes {
    command_shape!("issue-recovery-codes" v 1: (), FactorRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), FactorRefusal> {
        if let Err(refusal) = account.may_manage(self.session, context) {
            return Decision::refuse(refusal.into());
        }
        if let Err(refusal) = account.owes_no_factor() {
            return Decision::refuse(refusal.into());
        }
        let issued = RecoveryCodesIssued { credential: self.credential.clone(), count: RECOVERY_CODES };
        Decision::accept(vec![AccountEvent::RecoveryCodesIssued(issued)], ())
    }
}

/// Chooses whether the password alone ever suffices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ChangeSignInOptions {
    /// The session in which this is asked.
    #[n(0)]
    pub session: SessionId,
    /// Whether a second factor is always asked for.
    #[n(1)]
    pub always_second_factor: bool,
}

impl Command for ChangeSignInOptions {
    command_shape!("change-sign-in-options" v 1: (), FactorRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), FactorRefusal> {
        if let Err(refusal) = account.may_manage(self.session, context) {
            return Decision::refuse(refusal.into());
        }
        if let Err(refusal) = account.owes_no_factor() {
            return Decision::refuse(refusal.into());
        }
        if self.always_second_factor == account.factors.always {
            return Decision::accept(Vec::new(), ());
        }
        if self.always_second_factor && account.factors.counting().next().is_none() {
            return Decision::refuse(FactorRefusal::NoneThere);
        }
        let options = SignInOptionsChanged { always_second_factor: self.always_second_factor };
        let mut events = vec![AccountEvent::SignInOptionsChanged(options)];
        if self.always_second_factor {
            events.extend(end(account.sessions_without_factor(self.session), EndReason::FactorRequired));
        }
        Decision::accept(events, ())
    }
}

fn end(sessions: Vec<SessionId>, reason: EndReason) -> Option<AccountEvent> {
    let ended = SessionsEnded { sessions, reason, browsers_forgotten: false, note: None };
    (!ended.sessions.is_empty()).then_some(AccountEvent::SessionsEnded(ended))
}

impl Account {
    /// The events that remove every device and the recovery codes.
    pub(super) fn remove_all(&self, reason: RemovalReason) -> Vec<AccountEvent> {
        let devices = self.factors.devices.iter();
        let removed = devices.map(|factor| AccountEvent::FactorRemoved(FactorRemoved { factor: factor.id, reason }));
        let codes = self.factors.recovery.iter();
        let codes = codes.map(|_| AccountEvent::RecoveryCodesRemoved(RecoveryCodesRemoved { reason }));
        removed.chain(codes).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::ResumeFactor;
    use crate::account::commands::testing::*;
    use crate::account::events::{FactorKind, FactorSuspended, Proof, SignInMethod, SuspensionReason};
    use crate::policy::Policy;

    const SESSION: u8 = 1;

    /// Devices 1 (an app) and 2 (a key), session 1 begun with the key, session 2 with the password alone.
    fn keyed() -> Story {
        let with_key = Proof { method: SignInMethod::SecurityKey, ..passkey(2) };
        active().then([
            factor_added(1, 0, FactorKind::Totp),
            factor_added(2, 1, FactorKind::SecurityKey),
            signed_in_with(SESSION, &[with_key], BEGINNING),
            signed_in(2, SignInMethod::Password, BEGINNING),
        ])
    }

    fn remove(n: u8) -> RemoveFactor {
        RemoveFactor { session: session_id(SESSION), factor: factor_id(n) }
    }

    fn removed(n: u8, reason: RemovalReason) -> AccountEvent {
        AccountEvent::FactorRemoved(FactorRemoved { factor: factor_id(n), reason })
    }

    fn always(on: bool) -> AccountEvent {
        AccountEvent::SignInOptionsChanged(SignInOptionsChanged { always_second_factor: on })
    }

    #[test]
    fn a_device_is_removed_and_its_secret_with_it() {
        let decision = keyed().when(&remove(1));
        assert_eq!(decision, Decision::accept(vec![removed(1, RemovalReason::Person)], ()));
        let account = keyed().then(decision.events).account;
        assert_eq!(account.secret_keys_sorted(), [credential(1).key, credential(102).key]);
        assert_eq!(keyed().when(&remove(9)), Decision::refuse(FactorRefusal::Gone));
    }

    #[test]
    fn a_key_is_managed_with_a_key_or_a_recovery_code() {
        let by = |session: &[Proof]| {
            let story = active().then([
                factor_added(1, 0, FactorKind::Totp),
                factor_added(2, 1, FactorKind::SecurityKey),
                signed_in_with(SESSION, session, BEGINNING),
            ]);
            (story.when(&remove(1)), story)
        };
        let refused = |refusal| Decision::refuse(FactorRefusal::Manage(refusal));
        assert_eq!(by(&[totp(1)]).0, refused(ManageRefusal::KeyNeeded), "a weaker one");
        assert_eq!(by(&[Proof::by(SignInMethod::Password)]).0, refused(ManageRefusal::KeyNeeded));
        let (decision, story) = by(&[Proof::by(SignInMethod::RecoveryCode)]);
        assert!(decision.outcome.is_ok());
        let stricter = Policy { recovery_code_only_signs_in: true, ..Policy::default() };
        assert_eq!(story.under(stricter).when(&remove(1)), refused(ManageRefusal::KeyNeeded));
        assert_eq!(keyed().after(600).when(&remove(1)), refused(ManageRefusal::NotFresh));
    }

    #[test]
    fn the_last_one_stays_while_one_is_always_asked_for() {
        let story = keyed().then([always(true), removed(1, RemovalReason::Person)]);
        assert_eq!(story.when(&remove(2)), Decision::refuse(FactorRefusal::LastOne));
        let required = Policy { second_factor_required: true, ..Policy::default() };
        let story = keyed().then([removed(1, RemovalReason::Person)]);
        assert_eq!(story.clone().under(required).when(&remove(2)), Decision::refuse(FactorRefusal::LastOne));
        assert!(story.when(&remove(2)).outcome.is_ok());
    }

    #[test]
    fn the_last_one_that_counts_stays_while_others_are_suspended() {
        let reason = SuspensionReason::Disowned;
        let suspended = |n| AccountEvent::FactorSuspended(FactorSuspended { factor: factor_id(n), reason });
        let story = keyed().then([factor_added(3, 2, FactorKind::Totp), suspended(1), suspended(3)]);
        assert_eq!(story.when(&remove(2)), Decision::refuse(FactorRefusal::OthersSuspended));
        // The suspended ones go first, or one of them counts again.
        let story = story.clone().then(story.when(&remove(3)).events);
        assert_eq!(story.when(&remove(2)), Decision::refuse(FactorRefusal::OthersSuspended), "one is enough");
        let resume = ResumeFactor { session: session_id(SESSION), factor: factor_id(1) };
        let resumed = story.clone().then(story.when(&resume).events);
        assert!(resumed.when(&remove(2)).outcome.is_ok());
        let story = story.clone().then(story.when(&remove(1)).events);
        let story = story.clone().then(story.when(&remove(2)).events);
        assert!(story.account.factors.is_empty());
    }

    #[test]
    fn what_is_suspended_goes_though_nothing_counts() {
        let by_code = Proof::by(SignInMethod::RecoveryCode);
        let reason = SuspensionReason::Lost;
        let suspended = |n| AccountEvent::FactorSuspended(FactorSuspended { factor: factor_id(n), reason });
        let story = keyed().then([suspended(1), suspended(2), signed_in_with(3, &[by_code], BEGINNING)]);
        let remove = |n| RemoveFactor { session: session_id(3), factor: factor_id(n) };
        let story = story.clone().then(story.when(&remove(2)).events);
        let required = Policy { second_factor_required: true, ..Policy::default() };
        let only = story.clone().under(required.clone()).when(&remove(1));
        assert_eq!(only, Decision::refuse(FactorRefusal::LastOne), "one must stay");
        let story = story.clone().then(story.when(&remove(1)).events);
        assert!(story.account.factors.is_empty());

        let story = keyed().then([suspended(1), suspended(2), signed_in_with(3, &[by_code], BEGINNING)]);
        assert!(story.under(required).when(&remove(2)).outcome.is_ok(), "another one stays");
    }

    #[test]
    fn to_always_ask_ends_what_was_begun_with_less() {
        let change = |on| ChangeSignInOptions { session: session_id(SESSION), always_second_factor: on };
        let decision = keyed().when(&change(true));
        let ended = ended([2], EndReason::FactorRequired, false);
        assert_eq!(decision, Decision::accept(vec![always(true), ended], ()));
        assert_eq!(keyed().then([always(true)]).when(&change(false)), Decision::accept(vec![always(false)], ()));
        assert_eq!(keyed().when(&change(false)), Decision::accept(vec![], ()), "as it is");
        let none = active().then([signed_in(SESSION, SignInMethod::Password, BEGINNING)]);
        assert_eq!(none.when(&change(true)), Decision::refuse(FactorRefusal::NoneThere));
        let codes = AccountEvent::RecoveryCodesIssued(RecoveryCodesIssued { credential: credential(50), count: 10 });
        let refused = Decision::refuse(FactorRefusal::NoneThere);
        assert_eq!(none.then([codes]).when(&change(true)), refused, "ten codes are ten sign-ins, and then none");
    }

    #[test]
    fn all_go_at_once_and_other_sessions_end() {
        let codes = AccountEvent::RecoveryCodesIssued(RecoveryCodesIssued { credential: credential(50), count: 10 });
        let story = keyed().then([codes]);
        let decision = story.when(&RemoveAllFactors { session: session_id(SESSION) });
        let reason = RemovalReason::Everything;
        let events = vec![
            removed(1, reason),
            removed(2, reason),
            AccountEvent::RecoveryCodesRemoved(RecoveryCodesRemoved { reason }),
            ended([2], EndReason::FactorsRemoved, false),
        ];
        assert_eq!(decision, Decision::accept(events, ()));
        let story = story.then(decision.events);
        assert_eq!(story.account.secret_keys_sorted(), [credential(1).key]);
        let again = RemoveAllFactors { session: session_id(SESSION) };
        assert_eq!(story.when(&again), Decision::refuse(FactorRefusal::NoneThere));
    }

    #[test]
    fn in_a_panic_what_removes_the_strongest_removes_all_and_always_asking_stands_in_no_way() {
        let begun_with = |proof: Proof| {
            keyed()
                .then([always(true), signed_in_with(3, &[proof], BEGINNING)])
                .when(&RemoveAllFactors { session: session_id(3) })
        };
        let needed = Decision::refuse(FactorRefusal::Manage(ManageRefusal::KeyNeeded));
        assert_eq!(begun_with(totp(1)), needed);
        assert_eq!(begun_with(Proof::by(SignInMethod::Password)), needed);
        assert_eq!(begun_with(passkey(2)).events.len(), 3);
        let decision = begun_with(Proof::by(SignInMethod::RecoveryCode));
        assert_eq!(decision.events.len(), 3, "both devices, and the other sessions");
        let story = keyed().then([always(true)]).then(decision.events);
        assert!(story.account.factors.always, "it is asked for again as soon as there is one");
        assert!(!story.account.needs_second_factor(&Policy::default()), "and until then nobody is kept out");
        let late = keyed().after(600).when(&RemoveAllFactors { session: session_id(SESSION) });
        assert_eq!(late, Decision::refuse(FactorRefusal::Manage(ManageRefusal::NotFresh)));
    }

    #[test]
    fn a_new_set_of_codes_voids_the_one_before() {
        let issue = |n| IssueRecoveryCodes { session: session_id(SESSION), credential: credential(n) };
        let story = keyed().then(keyed().when(&issue(50)).events);
        let story = story.clone().then(story.when(&issue(51)).events);
        let codes = story.account.factors.recovery.clone().unwrap();
        assert_eq!((codes.key, codes.count()), (credential(51).key, 10));
        assert!(!story.account.secret_keys_sorted().contains(&credential(50).key));
    }

    #[test]
    fn a_name_is_changed() {
        let rename = |name: &str| RenameFactor {
            session: session_id(SESSION),
            factor: factor_id(1),
            name: DeviceName::parse(name).unwrap(),
        };
        let story = keyed().then(keyed().when(&rename("Work phone")).events);
        assert_eq!(story.account.factors.by_id(factor_id(1)).unwrap().name.as_str(), "Work phone");
        assert_eq!(story.when(&rename("Work phone")), Decision::accept(vec![], ()));
        let gone = RenameFactor { factor: factor_id(9), ..rename("x") };
        assert_eq!(story.when(&gone), Decision::refuse(FactorRefusal::Gone));
    }
}
