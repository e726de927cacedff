//! Somebody signs in with the password.

use minicbor::{Decode, Encode};

use super::proofs::{FactorVerdict, ProofRefusal, has_second_factor};
use super::{AccountDecision, NewSession, PasswordVerdict, command_shape};
use crate::account::Account;
use crate::account::events::{AccountEvent, Credential, PasswordRehashed, Proof, SignInMethod};
use crate::aggregate::{Command, Context, Decision};

/// Opens a session for whoever proved to be the owner: by the password, by the password and a second factor, or by a
/// passkey that verified its user.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignIn {
    /// What became of the typed password; `None` where a passkey came first.
    #[n(0)]
    pub verdict: Option<PasswordVerdict>,
    /// The session that may begin.
    #[n(1)]
    pub session: NewSession,
    /// The same password hashed anew, where the parameters were raised.
    #[n(2)]
    pub rehashed: Option<Credential>,
    /// What became of the second factor's answer; `None` with the password alone.
    #[n(3)]
    pub factor: Option<FactorVerdict>,
}

/// Why a sign-in is refused. Before a first proof the person reads one sentence for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInRefusal {
    /// The account cannot be used: not confirmed, suspended or lapsed.
    #[error("the account cannot be used")]
    NotUsable,
    /// The password was wrong.
    #[error("the password is wrong")]
    WrongPassword,
    /// The verdict is about another password than the one in force: compute it anew.
    #[error("the password has changed since it was compared")]
    StaleVerdict,
    /// The password alone does not suffice.
    #[error("a second factor is needed")]
    FactorNeeded,
    /// The second factor alone does not suffice.
    #[error("the password is needed")]
    PasswordNeeded,
    /// The second factor's answer counts for nothing.
    #[error(transparent)]
    Proof(#[from] ProofRefusal),
}

impl Command for SignIn {
    command_shape!("sign-in" v 2: (), SignInRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), SignInRefusal> {
        let Some(password) = account.password.as_ref().filter(|_| account.is_usable()) else {
            return Decision::refuse(SignInRefusal::NotUsable);
        };
        let mut proofs = Vec::new();
        if let Some(verdict) = &self.verdict {
            if password.credential.key != verdict.credential {
                return Decision::refuse(SignInRefusal::StaleVerdict);
            }
            if !verdict.right {
                return Decision::refuse(SignInRefusal::WrongPassword);
            }
            proofs.push(Proof::by(SignInMethod::Password));
        }
        let mut events = Vec::new();
        if let Some(credential) = &self.rehashed {
            events.push(AccountEvent::PasswordRehashed(PasswordRehashed { credential: credential.clone() }));
        }
        if let Some(verdict) = &self.factor {
            match account.check_proof(verdict, context.now) {
                Ok(used) => events.extend(used),
                Err(refusal) => return Decision::refuse_with(refusal.trace(), refusal.into()),
            }
            proofs.push(verdict.proof);
        }
        if self.verdict.is_none() && !is_two_by_itself(&proofs, context) {
            return Decision::refuse(SignInRefusal::PasswordNeeded);
        }
        // A recovery code stands for the factor that was lost; it reaches no higher level.
        let by_recovery_code = proofs.iter().any(|proof| proof.method == SignInMethod::RecoveryCode);
        if account.needs_second_factor(context.policy) && !has_second_factor(&proofs) && !by_recovery_code {
            return Decision::refuse(SignInRefusal::FactorNeeded);
        }
        events.extend(account.ends_recovery(&proofs, context.now));
        events.extend(account.open_session(&self.session, proofs, &[], context));
        Decision::accept(events, ())
    }
}

/// Whether a passkey alone is two factors: what the person has, and what it verified them by.
fn is_two_by_itself(proofs: &[Proof], context: Context<'_>) -> bool {
    matches!(proofs, [Proof { method: SignInMethod::Passkey, user_verified: Some(true), .. }])
        && !context.policy.passkey_needs_password
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::MAX_SESSIONS;
    use crate::account::commands::testing::*;
    use crate::account::events::{
        CounterWentBack, EndReason, FactorKind, FactorRemoved, Level, RecoveryCodeUsed, RecoveryCodesIssued,
        RemovalReason, SignInOptionsChanged, SignedIn, Strength,
    };
    use crate::ids::{ChallengeId, SessionId};
    use crate::policy::Policy;
    use crate::time::Moment;

    fn sign_in(session: u8) -> SignIn {
        SignIn { verdict: Some(verdict(1, true)), session: new_session(session), rehashed: None, factor: None }
    }

    fn verdict(key: u8, right: bool) -> PasswordVerdict {
        PasswordVerdict { credential: credential(key).key, right }
    }

    #[test]
    fn the_right_password_opens_a_session() {
        let decision = active().when(&sign_in(1));
        assert_eq!(decision, Decision::accept(vec![signed_in(1, SignInMethod::Password, BEGINNING)], ()));
        let sessions = active().then(decision.events).account.sessions;
        assert_eq!(sessions.by_secret(&[1; 32], BEGINNING).map(|session| session.id), Some(session_id(1)));
        let end = BEGINNING.plus(std::time::Duration::from_secs(12 * 3600));
        assert!(sessions.by_id(session_id(1), crate::Timestamp(end.micros() - 1)).is_some());
        assert_eq!(sessions.by_id(session_id(1), end), None);
        assert_eq!(sessions.by_secret(&[1; 32], end), None);
    }

    #[test]
    fn lifetimes_follow_policy_and_computer() {
        let policy = Policy { session_idle: 600, session_absolute: 6000, session_public: 60, ..Policy::default() };
        for (public_computer, idle, lifetime) in [(false, 600, 6000), (true, 60, 60)] {
            let session = NewSession { public_computer, known_browser: true, ..new_session(1) };
            let decision = active().under(policy.clone()).when(&SignIn { session, ..sign_in(1) });
            let expected = SignedIn {
                session: session_id(1),
                secret_hash: [1; 32],
                proofs: vec![Proof::by(SignInMethod::Password)],
                known_browser: true,
                public_computer,
                idle,
                expires: active().after(lifetime).now,
                level: Level::Basic,
                strengths: vec![Strength::Password],
                continues: None,
            };
            assert_eq!(decision, Decision::accept(vec![AccountEvent::SignedIn(expected)], ()));
        }
    }

    #[test]
    fn a_stronger_hash_of_the_same_password_is_kept() {
        let story = active().after(60);
        let decision = story.when(&SignIn { rehashed: Some(credential(2)), ..sign_in(1) });
        let rehashed = AccountEvent::PasswordRehashed(PasswordRehashed { credential: credential(2) });
        let events = vec![rehashed, signed_in(1, SignInMethod::Password, story.now)];
        assert_eq!(decision, Decision::accept(events, ()));
        let password = story.then(decision.events).account.password.unwrap();
        assert_eq!(password.credential, credential(2));
        assert_eq!(password.set, BEGINNING, "the password is as old as it was");
    }

    #[test]
    fn a_verdict_about_another_password_is_refused_whatever_it_says() {
        for right in [true, false] {
            let command = SignIn { verdict: Some(verdict(9, right)), ..sign_in(1) };
            assert_eq!(active().when(&command), Decision::refuse(SignInRefusal::StaleVerdict));
        }
        // The password was changed, or hashed anew, between the comparison and the decision.
        let rehashed = AccountEvent::PasswordRehashed(PasswordRehashed { credential: credential(2) });
        for moved in [password_set(2, crate::account::PasswordReason::Change, None), rehashed] {
            let decision = active().then([moved]).when(&sign_in(1));
            assert_eq!(decision, Decision::refuse(SignInRefusal::StaleVerdict));
        }
    }

    #[test]
    fn a_wrong_password_is_refused() {
        let command = SignIn { verdict: Some(verdict(1, false)), rehashed: Some(credential(2)), ..sign_in(1) };
        assert_eq!(active().when(&command), Decision::refuse(SignInRefusal::WrongPassword));
    }

    #[test]
    fn the_account_must_be_usable() {
        for story in [nothing(), unconfirmed(), suspended(), lapsed()] {
            assert_eq!(story.when(&sign_in(1)), Decision::refuse(SignInRefusal::NotUsable));
        }
    }

    /// As many sessions as may be open, the first of them an hour older than the others.
    fn full() -> Story {
        let sessions = 2..=u8::try_from(MAX_SESSIONS).unwrap();
        let story = active().then([signed_in(1, SignInMethod::Password, BEGINNING)]).after(3600);
        let now = story.now;
        story.then(sessions.map(|n| signed_in(n, SignInMethod::Password, now)))
    }

    fn one_more(least_recent: Option<SessionId>) -> SignIn {
        SignIn { session: NewSession { least_recent, ..new_session(100) }, ..sign_in(100) }
    }

    #[test]
    fn one_too_many_ends_the_least_recently_used() {
        let decision = full().when(&one_more(Some(session_id(7))));
        let events = vec![ended([7], EndReason::TooMany, false), signed_in(100, SignInMethod::Password, full().now)];
        assert_eq!(decision, Decision::accept(events, ()));
        let sessions = full().then(decision.events).account.sessions;
        assert_eq!(sessions.open.len(), MAX_SESSIONS);
        assert_eq!(sessions.by_id(session_id(7), full().now), None);
        assert_eq!(sessions.browser_generation, 0);
    }

    #[test]
    fn without_a_word_on_use_the_oldest_makes_room() {
        for unknown in [None, Some(session_id(200))] {
            let decision = full().when(&one_more(unknown));
            assert_eq!(decision.events[0], ended([1], EndReason::TooMany, false));
        }
    }

    #[test]
    fn as_many_as_allowed_end_none() {
        let one_less = full().then([ended([9], EndReason::Person, false)]);
        assert_eq!(one_less.when(&one_more(Some(session_id(7)))).events.len(), 1);
    }

    #[test]
    fn a_session_of_an_earlier_epoch_is_nobodys_and_makes_room_first() {
        let story = full().in_a_new_epoch();
        let sessions = &story.account.sessions;
        assert_eq!(sessions.by_secret(&[1; 32], Moment { now: story.now, epoch_began: story.epoch_began }), None);
        assert_eq!(sessions.live(Moment { now: story.now, epoch_began: story.epoch_began }).count(), MAX_SESSIONS - 1);
        let story = story.after(1).in_a_new_epoch();
        let decision = story.when(&one_more(Some(session_id(7))));
        assert_eq!(decision.events[0], ended([1], EndReason::TooMany, false));
        let story = story.clone().then(decision.events);
        let moment = Moment { now: story.now, epoch_began: story.epoch_began };
        assert_eq!(
            story.account.sessions.live(moment).map(|session| session.id).collect::<Vec<_>>(),
            [session_id(100)]
        );
        assert_eq!(story.account.sessions.open.len(), MAX_SESSIONS);
    }

    #[test]
    fn a_session_whose_time_is_over_takes_no_room() {
        let over = full().after(11 * 3600);
        let decision = over.when(&one_more(Some(session_id(7))));
        assert_eq!(decision.events, [signed_in(100, SignInMethod::Password, over.now)]);
        let sessions = over.then(decision.events).account.sessions;
        assert_eq!(sessions.open.len(), MAX_SESSIONS, "the one whose time is over is dropped");
    }

    fn with_factor(kind: FactorKind, always: bool) -> Story {
        let options = AccountEvent::SignInOptionsChanged(SignInOptionsChanged { always_second_factor: always });
        active().then([factor_added(1, 0, kind), options])
    }

    fn answer(proof: Proof) -> FactorVerdict {
        FactorVerdict { proof, credential: credential(101).key, right: true, code: None }
    }

    fn with_answer(answer: FactorVerdict) -> SignIn {
        SignIn { factor: Some(answer), ..sign_in(1) }
    }

    fn refused(refusal: ProofRefusal) -> AccountDecision<(), SignInRefusal> {
        Decision::refuse(SignInRefusal::Proof(refusal))
    }

    #[test]
    fn a_second_factor_is_asked_for_where_owner_or_operator_wants_one() {
        let required = Policy { second_factor_required: true, ..Policy::default() };
        assert!(with_factor(FactorKind::Totp, false).when(&sign_in(1)).outcome.is_ok());
        let needed = Decision::refuse(SignInRefusal::FactorNeeded);
        assert_eq!(with_factor(FactorKind::Totp, true).when(&sign_in(1)), needed);
        assert_eq!(with_factor(FactorKind::Totp, false).under(required.clone()).when(&sign_in(1)), needed);
        // Who has none yet gets in, to add one.
        assert!(active().under(required).when(&sign_in(1)).outcome.is_ok());
        let decision = with_factor(FactorKind::Totp, true).when(&with_answer(answer(totp(1))));
        let proofs = [Proof::by(SignInMethod::Password), totp(1)];
        assert_eq!(decision, Decision::accept(vec![signed_in_with(1, &proofs, BEGINNING)], ()));
    }

    #[test]
    fn an_answer_counts_once_and_so_does_a_time_step() {
        let story = with_factor(FactorKind::Totp, true);
        let story = story.clone().then(story.when(&with_answer(answer(totp(1)))).events);
        assert_eq!(story.when(&with_answer(answer(totp(1)))), refused(ProofRefusal::Used));
        let other_challenge = Proof { challenge: Some(ChallengeId::from_bytes([9; 16])), ..totp(1) };
        assert_eq!(story.when(&with_answer(answer(other_challenge))), refused(ProofRefusal::Used), "the same step");
        let next = Proof { step: Some(1_001), ..other_challenge };
        assert!(story.when(&with_answer(answer(next))).outcome.is_ok());
    }

    #[test]
    fn an_answered_challenge_is_remembered_for_five_minutes_and_then_makes_room() {
        let proof =
            |n: u8| Proof { challenge: Some(ChallengeId::from_bytes([n; 16])), step: Some(n.into()), ..totp(1) };
        let signs_in = |story: Story, n: u8| {
            let event = signed_in_with(n, &[proof(n)], story.now);
            story.then([event])
        };
        let remembered = |story: &Story| -> Vec<u8> {
            let factors = &story.account.factors;
            (1..4).filter(|n| factors.remembers(ChallengeId::from_bytes([*n; 16]))).collect()
        };
        let story = signs_in(signs_in(with_factor(FactorKind::Totp, true), 1).after(299), 2);
        assert_eq!(remembered(&story), [1, 2]);
        let story = signs_in(story.after(1), 3);
        assert_eq!(remembered(&story), [2, 3]);
    }

    #[test]
    fn a_verdict_about_another_secret_or_device_counts_for_nothing() {
        let story = with_factor(FactorKind::Totp, true);
        let stale = FactorVerdict { credential: credential(9).key, ..answer(totp(1)) };
        assert_eq!(story.when(&with_answer(stale)), refused(ProofRefusal::Stale));
        assert_eq!(story.when(&with_answer(answer(totp(2)))), refused(ProofRefusal::Gone));
        assert_eq!(story.when(&with_answer(answer(passkey(1)))), refused(ProofRefusal::Gone), "not that way");
        let wrong = FactorVerdict { right: false, ..answer(totp(1)) };
        assert_eq!(story.when(&with_answer(wrong)), refused(ProofRefusal::Wrong));
        let removed = FactorRemoved { factor: factor_id(1), reason: RemovalReason::Person };
        let gone = story.then([AccountEvent::FactorRemoved(removed)]);
        assert_eq!(gone.when(&with_answer(answer(totp(1)))), refused(ProofRefusal::Gone));
    }

    #[test]
    fn a_passkey_that_verified_its_user_signs_in_alone() {
        let story = with_factor(FactorKind::Passkey, true);
        let alone = SignIn { verdict: None, ..with_answer(answer(passkey(1))) };
        let events = story.when(&alone).events;
        assert_eq!(events, [signed_in_with(1, &[passkey(1)], BEGINNING)]);
        let needed = Decision::refuse(SignInRefusal::PasswordNeeded);
        let unverified = answer(Proof { user_verified: Some(false), ..passkey(1) });
        assert_eq!(story.when(&SignIn { factor: Some(unverified), ..alone.clone() }), needed);
        let policy = Policy { passkey_needs_password: true, ..Policy::default() };
        assert_eq!(story.clone().under(policy).when(&alone), needed);
        assert_eq!(story.when(&SignIn { factor: None, ..alone.clone() }), needed);
        let totp_alone = SignIn { verdict: None, ..with_answer(answer(totp(1))) };
        assert_eq!(with_factor(FactorKind::Totp, false).when(&totp_alone), needed);
    }

    #[test]
    fn a_counter_that_goes_back_lets_nobody_in_and_leaves_a_trace() {
        let story = with_factor(FactorKind::SecurityKey, false);
        let signed = |counter, challenge| {
            let proof = Proof { method: SignInMethod::SecurityKey, counter: Some(counter), ..passkey(1) };
            with_answer(answer(Proof { challenge: Some(ChallengeId::from_bytes([challenge; 16])), ..proof }))
        };
        let story = story.clone().then(story.when(&signed(5, 1)).events);
        for given in [0, 4, 5] {
            let numbers = CounterWentBack { factor: factor_id(1), last: 5, given };
            let decision = story.when(&signed(given, 2));
            assert_eq!(decision.outcome, Err(SignInRefusal::Proof(ProofRefusal::CounterWentBack(numbers))));
            assert_eq!(decision.events, [AccountEvent::FactorCounterWentBack(numbers)]);
        }
        assert!(story.when(&signed(6, 2)).outcome.is_ok());
        let never_counts = with_factor(FactorKind::SecurityKey, false);
        let never_counts = never_counts.clone().then(never_counts.when(&signed(0, 1)).events);
        assert!(never_counts.when(&signed(0, 2)).outcome.is_ok());
    }

    #[test]
    fn a_recovery_code_lets_in_once_and_reaches_no_higher_level() {
        let issued = RecoveryCodesIssued { credential: credential(50), count: 10 };
        let story = with_factor(FactorKind::Totp, true).then([AccountEvent::RecoveryCodesIssued(issued)]);
        let by = Proof::by(SignInMethod::RecoveryCode);
        let code = |code| FactorVerdict { proof: by, credential: credential(50).key, right: true, code };
        let decision = story.when(&with_answer(code(Some(9))));
        let proofs = [Proof::by(SignInMethod::Password), by];
        let used = AccountEvent::RecoveryCodeUsed(RecoveryCodeUsed { code: 9, left: 9 });
        assert_eq!(decision, Decision::accept(vec![used, signed_in_with(1, &proofs, BEGINNING)], ()));
        let story = story.then(decision.events);
        assert_eq!(story.account.sessions.open[0].level, Level::Basic);
        assert_eq!(story.when(&with_answer(code(Some(9)))), refused(ProofRefusal::Used));
        assert_eq!(story.when(&with_answer(code(Some(10)))), refused(ProofRefusal::Used));
        assert_eq!(story.when(&with_answer(code(None))), refused(ProofRefusal::Wrong));
        let alone = SignIn { verdict: None, ..with_answer(code(Some(1))) };
        assert_eq!(story.when(&alone), Decision::refuse(SignInRefusal::PasswordNeeded));
    }
}
