//! What commands share that a second factor has a part in: judging its proof, and who may change what is there.

use std::collections::BTreeSet;
use std::time::Duration;

use minicbor::{Decode, Encode};

use crate::account::asked::{KEYS, SECOND_FACTORS};
use crate::account::events::{AccountEvent, CounterWentBack, Proof, RecoveryCodeUsed, SignInMethod};
use crate::account::{Account, Asked, Factor, Lacking, Proved, Session, is_second_factor};
use crate::aggregate::Context;
use crate::ids::{KeyId, SessionId};
use crate::policy::Policy;
use crate::time::Timestamp;

/// How long after its proofs a session may change second factors, options and the password.
pub const FRESH: Duration = Duration::from_secs(600);

/// What became of a second factor's answer: computed against one version of its secret, and worth nothing against another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FactorVerdict {
    /// What was proved, if it is right.
    #[n(0)]
    pub proof: Proof,
    /// The key of the secret with which it was checked.
    #[n(1)]
    pub credential: KeyId,
    /// Whether it was right.
    #[n(2)]
    pub right: bool,
    /// The recovery code's place in its set.
    #[n(3)]
    pub code: Option<u8>,
}

/// Why a second factor's answer counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofRefusal {
    /// The device or the set of codes is not there.
    #[error("there is no such second factor")]
    Gone,
    /// The verdict is about another version of its secret: compute it anew.
    #[error("the second factor has changed since it was checked")]
    Stale,
    /// The answer was wrong.
    #[error("the second factor's answer is wrong")]
    Wrong,
    /// The answer has counted before.
    #[error("the second factor's answer has been used")]
    Used,
    /// More answers within a few minutes than anybody needs.
    #[error("too many second factors were used within a few minutes")]
    TooMany,
    /// The key's counter is not beyond its last one: there may be a copy.
    #[error("the key's counter went back")]
    CounterWentBack(CounterWentBack),
}

impl ProofRefusal {
    /// The event that the refusal leaves: an auditor must see that there may be a copy of a key.
    pub(super) fn trace(self) -> Vec<AccountEvent> {
        match self {
            Self::CounterWentBack(numbers) => vec![AccountEvent::FactorCounterWentBack(numbers)],
            _ => Vec::new(),
        }
    }
}

/// Why a session may not change what is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManageRefusal {
    /// The session has ended, or the account cannot be used.
    #[error("the session has ended")]
    NoSession,
    /// Its proofs are older than [`FRESH`].
    #[error("the sign-in is too old")]
    NotFresh,
    /// The account has second factors, and none was used.
    #[error("a second factor is needed")]
    FactorNeeded,
    /// The account has a factor that cannot be phished, and only weaker ones were used.
    #[error("a key is needed")]
    KeyNeeded,
    /// A recovery left no second factor, or SMS has ended: one is added before anything else.
    #[error("a second factor is added first")]
    FactorOwed,
}

impl Account {
    /// Whether the password alone does not suffice.
    #[must_use]
    pub const fn needs_second_factor(&self, policy: &Policy) -> bool {
        !self.factors.is_empty() && (self.factors.always || policy.second_factor_required)
    }

    /// Judges an answer; the events that go with its use.
    pub(super) fn check_proof(
        &self,
        verdict: &FactorVerdict,
        now: Timestamp,
    ) -> Result<Option<AccountEvent>, ProofRefusal> {
        let FactorVerdict { proof, credential, right, code } = verdict;
        if proof.method == SignInMethod::RecoveryCode {
            self.check_challenge(proof, now)?;
            return self.check_recovery_code(*credential, *right, *code).map(Some);
        }
        let known = proof.factor.and_then(|id| self.factors.asked(now).find(|factor| factor.id == id));
        let factor = known.ok_or(ProofRefusal::Gone)?;
        self.check_device_proof(verdict, factor, now).map(|()| None)
    }

    /// Judges a device's answer, whether or not the device counts for now.
    pub(super) fn check_device_proof(
        &self,
        verdict: &FactorVerdict,
        factor: &Factor,
        now: Timestamp,
    ) -> Result<(), ProofRefusal> {
        let FactorVerdict { proof, credential, right, .. } = verdict;
        self.check_challenge(proof, now)?;
        if !factor.kind.proves_by(proof.method) {
            return Err(ProofRefusal::Gone);
        }
        if factor.key != *credential {
            return Err(ProofRefusal::Stale);
        }
        if !right {
            return Err(ProofRefusal::Wrong);
        }
        if proof.step.is_some_and(|step| step <= factor.step) {
            return Err(ProofRefusal::Used);
        }
        // WebAuthn, section 6.1.1: a key that never counts says 0 each time.
        let given = proof.counter.unwrap_or_default();
        if (given > 0 || factor.counter > 0) && proof.counter.is_some() && given <= factor.counter {
            let last = factor.counter;
            return Err(ProofRefusal::CounterWentBack(CounterWentBack { factor: factor.id, last, given }));
        }
        Ok(())
    }

    /// Each challenge is answered once, and nobody answers more of them within a few minutes than anybody needs.
    fn check_challenge(&self, proof: &Proof, now: Timestamp) -> Result<(), ProofRefusal> {
        if proof.challenge.is_some_and(|challenge| self.factors.remembers(challenge)) {
            return Err(ProofRefusal::Used);
        }
        if self.factors.has_room_for_a_proof(now) { Ok(()) } else { Err(ProofRefusal::TooMany) }
    }

    fn check_recovery_code(
        &self,
        credential: KeyId,
        right: bool,
        code: Option<u8>,
    ) -> Result<AccountEvent, ProofRefusal> {
        let codes = self.factors.recovery.as_ref().filter(|codes| !codes.suspended).ok_or(ProofRefusal::Gone)?;
        if codes.key != credential {
            return Err(ProofRefusal::Stale);
        }
        let Some(code) = code.filter(|_| right) else { return Err(ProofRefusal::Wrong) };
        if !codes.has(code) {
            return Err(ProofRefusal::Used);
        }
        Ok(AccountEvent::RecoveryCodeUsed(RecoveryCodeUsed { code, left: codes.count().saturating_sub(1) }))
    }

    /// The session, if it may change factors, recovery codes, options or the password now.
    ///
    /// # Errors
    /// [`ManageRefusal`] says what it lacks.
    pub fn may_manage(&self, session: SessionId, context: Context<'_>) -> Result<&Session, ManageRefusal> {
        self.may_manage_by(session, true, context)
    }

    /// The same where any device that counts suffices, however strong others are.
    ///
    /// # Errors
    /// [`ManageRefusal`] says what it lacks.
    pub fn may_manage_weakly(&self, session: SessionId, context: Context<'_>) -> Result<&Session, ManageRefusal> {
        self.may_manage_by(session, false, context)
    }

    fn may_manage_by(
        &self,
        session: SessionId,
        strongly: bool,
        context: Context<'_>,
    ) -> Result<&Session, ManageRefusal> {
        let open = self.sessions.by_id(session, context.moment()).filter(|_| self.is_usable());
        let session = open.ok_or(ManageRefusal::NoSession)?;
        match self.asked_to_manage(strongly, context.policy).lacks(&self.proved_in(session), context.now) {
            Lacking::Nothing => Ok(session),
            Lacking::Again(_) => Err(ManageRefusal::NotFresh),
            Lacking::More(_) if strongly && self.is_managed_by_key() => Err(ManageRefusal::KeyNeeded),
            Lacking::More(_) => Err(ManageRefusal::FactorNeeded),
        }
    }

    /// What is asked of a session in which factors, recovery codes, options or the password are to change: proofs not older
    /// than [`FRESH`], by one of the devices if the account has any, or by a recovery code. Asked `strongly` it is a key
    /// where only that manages the account.
    #[must_use]
    pub fn asked_to_manage(&self, strongly: bool, policy: &Policy) -> Asked {
        let devices: &[SignInMethod] = if self.factors.is_empty() {
            &[]
        } else if strongly && self.is_managed_by_key() {
            &KEYS
        } else {
            &SECOND_FACTORS
        };
        let by_code = !devices.is_empty() && !policy.recovery_code_only_signs_in;
        let code = by_code.then_some(SignInMethod::RecoveryCode);
        Asked { level: None, methods: devices.iter().copied().chain(code).collect(), max_age: Some(FRESH) }
    }

    /// What a session has proved, by what counts of it now.
    #[must_use]
    pub fn proved_in(&self, session: &Session) -> Proved {
        let there = self.factors.counting().chain(self.factors.standing_in());
        let mut methods: BTreeSet<_> = session.proved(there).map(|proof| proof.method).collect();
        if session.by_recovery_code() {
            methods.insert(SignInMethod::RecoveryCode);
            // In an open session the code is given alone: the password may never have been.
            methods.remove(&SignInMethod::Password);
        }
        Proved { level: session.level, methods, at: session.began }
    }

    /// Whether only a phishing-resistant device, or a recovery code, manages the account. One that is suspended is there all
    /// the same: whoever has the mailbox must not make an account easier to manage.
    #[must_use]
    pub fn is_managed_by_key(&self) -> bool {
        self.factors.devices.iter().any(|factor| factor.kind.is_phishing_resistant())
    }

    /// After a recovery, and where SMS has ended and was all there was, a device is added before anything else.
    pub(super) fn owes_no_factor(&self) -> Result<(), ManageRefusal> {
        if self.recovery.factor_owed || self.factors.only_sms_is_left() {
            Err(ManageRefusal::FactorOwed)
        } else {
            Ok(())
        }
    }

    /// The open sessions that were begun without a second factor, but for one.
    pub(super) fn sessions_without_factor(&self, but: SessionId) -> Vec<SessionId> {
        let lacking = self.sessions.open.iter().filter(|open| open.id != but && open.factors.is_empty());
        lacking.map(|open| open.id).collect()
    }
}

/// Whether any of these proofs is a second factor.
pub(super) fn has_second_factor(proofs: &[Proof]) -> bool {
    proofs.iter().any(|proof| is_second_factor(proof.method))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::account::events::{FactorKind, FactorSuspended, SuspensionReason};

    /// Device 1, an app for one-time codes.
    fn with_app() -> Story {
        active().then([factor_added(1, 0, FactorKind::Totp)])
    }

    #[test]
    fn what_is_asked_to_manage_an_account_is_what_it_has() {
        let keyed = with_app().then([factor_added(2, 1, FactorKind::Passkey)]);
        let asked = |story: &Story, strongly| story.account.asked_to_manage(strongly, &Policy::default());
        let or_code = |ways: &[SignInMethod]| -> BTreeSet<SignInMethod> {
            ways.iter().copied().chain([SignInMethod::RecoveryCode]).collect()
        };
        assert_eq!(asked(&active(), true), Asked { max_age: Some(FRESH), ..Asked::default() });
        assert_eq!(asked(&with_app(), true).methods, or_code(&SECOND_FACTORS));
        assert_eq!(asked(&keyed, true).methods, or_code(&KEYS));
        assert_eq!(asked(&keyed, false).methods, or_code(&SECOND_FACTORS));
        let policy = Policy { recovery_code_only_signs_in: true, ..Policy::default() };
        assert_eq!(keyed.account.asked_to_manage(true, &policy).methods, BTreeSet::from(KEYS));
    }

    #[test]
    fn a_session_has_proved_what_counts_now() {
        let password = Proof::by(SignInMethod::Password);
        let proved = |story: &Story| {
            let session = story.account.sessions.by_id(session_id(1), story.now).unwrap();
            story.account.proved_in(session).methods
        };
        let by_app = with_app().then([signed_in_with(1, &[password, totp(1)], BEGINNING)]);
        assert_eq!(proved(&by_app), BTreeSet::from([SignInMethod::Totp]));
        let suspended = FactorSuspended { factor: factor_id(1), reason: SuspensionReason::Disowned };
        assert_eq!(proved(&by_app.then([AccountEvent::FactorSuspended(suspended)])), BTreeSet::new());
        let by_password = with_app().then([signed_in_with(1, &[password], BEGINNING)]);
        assert_eq!(proved(&by_password), BTreeSet::from([SignInMethod::Password]));
        let code = Proof::by(SignInMethod::RecoveryCode);
        let by_code = with_app().then([signed_in_with(1, &[password, code], BEGINNING)]);
        assert_eq!(proved(&by_code), BTreeSet::from([SignInMethod::RecoveryCode]));
    }
}
