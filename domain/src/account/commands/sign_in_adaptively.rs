//! Somebody signs in without the password, in a browser in which several factors were proved lately.

use minicbor::{Decode, Encode};

use super::proofs::FactorVerdict;
use super::{AccountDecision, NewSession, SignInRefusal, command_shape};
use crate::account::Account;
use crate::account::events::{FactorKind, Proof, SignInMethod};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::KeyId;
use crate::time::Timestamp;

/// What a browser's own cookie says, whose signature is right: when several factors were last proved in it.
///
/// It stands for the password, and for no second factor. No copy of the cookie, and no old copy of any
/// table, makes it worth more than it was. The moment lies in what is signed and moves only with a sign-in of several factors,
/// which makes another cookie; how long that holds is counted anew at each decision, by the policy under the append's guard;
/// no volatile row has a say. All that ends it before lies in the account's own state, so that every node knows it once it is
/// told: another password, browsers that are forgotten ([`Sessions::browser_generation`](crate::account::Sessions)), the going
/// or the suspension of the device that was proved then (whose number no other ever gets), a suspended account. An epoch that
/// begins ends what is of an earlier one, or a restored database would bring back what was forgotten since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ProvedBrowser {
    /// The generation of known browsers in which the cookie was made.
    #[n(0)]
    pub generation: u32,
    /// The password that was in force then.
    #[n(1)]
    pub password: KeyId,
    /// The number of the device that was proved.
    #[n(2)]
    pub factor: u16,
    /// When.
    #[n(3)]
    pub at: Timestamp,
}

/// Opens a session for whoever proves by the app, or by a passkey that verifies its user, to be the owner, in a browser that
/// is believed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignInAdaptively {
    /// What the browser's cookie says.
    #[n(0)]
    pub browser: ProvedBrowser,
    /// The session that may begin.
    #[n(1)]
    pub session: NewSession,
    /// What became of the second factor's answer.
    #[n(2)]
    pub factor: FactorVerdict,
}

impl Command for SignInAdaptively {
    command_shape!("sign-in-adaptively" v 1: (), SignInRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), SignInRefusal> {
        if !account.is_usable() {
            return Decision::refuse(SignInRefusal::NotUsable);
        }
        let proof = self.factor.proof;
        if !account.believes(self.browser, context) || !is_two_in_a_known_browser(&proof) {
            return Decision::refuse(SignInRefusal::PasswordNeeded);
        }
        if let Err(refusal) = account.check_proof(&self.factor, context.now) {
            return Decision::refuse_with(refusal.trace(), refusal.into());
        }
        let mut events: Vec<_> = account.ends_recovery(&[proof], context.now).into_iter().collect();
        events.extend(account.open_session(&self.session, vec![proof], &[], context));
        Decision::accept(events, ())
    }
}

/// Whether a device is enough where the browser stands for the password: it verifies who uses it.
fn is_two_in_a_known_browser(proof: &Proof) -> bool {
    match proof.method {
        SignInMethod::MobileAppPinCode | SignInMethod::OnMobile => true,
        SignInMethod::Passkey => proof.user_verified == Some(true),
        _ => false,
    }
}

impl Account {
    /// Whether the password may be left out in a browser.
    #[must_use]
    pub fn believes(&self, browser: ProvedBrowser, context: Context<'_>) -> bool {
        let is_recent = context.policy.adaptive_sign_in.span().is_some_and(|span| context.now.since(browser.at) < span);
        let password = self.password.as_ref().filter(|_| self.is_usable());
        is_recent
            && context.epoch_began <= browser.at
            && browser.generation == self.sessions.browser_generation
            && password.is_some_and(|password| password.credential.key == browser.password)
            && self.factors.counting().any(|factor| factor.number == browser.factor)
    }

    /// Whether one of its devices is enough in a browser that is believed.
    #[must_use]
    pub fn has_factor_without_password(&self) -> bool {
        self.factors.counting().any(|factor| matches!(factor.kind, FactorKind::MobileApp | FactorKind::Passkey))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::account::commands::{EndSessions, ProofRefusal, Which};
    use crate::account::events::{
        AccountEvent, AppRequestDenied, CancelledBy, EndReason, FactorRemoved, FactorSuspended, Level, PasswordReason,
        PasswordRehashed, ReasonGiven, RecoveryCancelled, RecoveryRequested, RemovalReason, SignInOptionsChanged,
        Strength, SuspensionReason,
    };
    use crate::ids::ChallengeId;
    use crate::policy::{AdaptiveSignIn, Policy};

    const DAY: u64 = 24 * 3600;

    /// Device 1 is the app, device 2 a passkey, device 3 shows codes; several factors were proved in the browser at the
    /// beginning, with the app.
    fn known() -> Story {
        let kinds = [FactorKind::MobileApp, FactorKind::Passkey, FactorKind::Totp];
        let added = (1..).zip(kinds).map(|(n, kind)| factor_added(n, u16::from(n), kind));
        active().then(added).then([signed_in_with(9, &[Proof::by(SignInMethod::Password), app(9)], BEGINNING)])
    }

    fn browser() -> ProvedBrowser {
        ProvedBrowser { generation: 0, password: credential(1).key, factor: 1, at: BEGINNING }
    }

    fn app(challenge: u8) -> Proof {
        let challenge = Some(ChallengeId::from_bytes([challenge; 16]));
        Proof { factor: Some(factor_id(1)), challenge, ..Proof::by(SignInMethod::MobileAppPinCode) }
    }

    fn by(proof: Proof) -> SignInAdaptively {
        let credential = proof.factor.map_or(KeyId::default(), |id| credential(100 + id.as_bytes()[0]).key);
        let factor = FactorVerdict { proof, credential, right: true, code: None };
        SignInAdaptively { browser: browser(), session: new_session(1), factor }
    }

    fn needed() -> AccountDecision<(), SignInRefusal> {
        Decision::refuse(SignInRefusal::PasswordNeeded)
    }

    #[test]
    fn the_app_or_a_passkey_is_enough_in_a_browser_that_is_believed() {
        let story = known().after(60);
        let here = Proof { method: SignInMethod::OnMobile, ..app(2) };
        for (proof, strength) in
            [(app(1), Strength::MobileApp), (here, Strength::MobileApp), (passkey(2), Strength::PasswordWebauthn)]
        {
            let decision = story.when(&by(proof));
            assert_eq!(decision, Decision::accept(vec![signed_in_with(1, &[proof], story.now)], ()), "{proof:?}");
            let account = story.clone().then(decision.events.clone()).account;
            assert_eq!(account.sessions.open.last().map(|session| session.level), Some(Level::Medium));
            let [AccountEvent::SignedIn(signed_in)] = &decision.events[..] else { panic!("{decision:?}") };
            assert_eq!(signed_in.strengths, [strength]);
        }
        // However the account's owner and operator have it otherwise.
        let always = AccountEvent::SignInOptionsChanged(SignInOptionsChanged { always_second_factor: true });
        let strict = Policy { second_factor_required: true, passkey_needs_password: true, ..Policy::default() };
        let story = story.then([always]).under(strict);
        assert!([app(1), passkey(2)].into_iter().all(|proof| story.when(&by(proof)).outcome.is_ok()));
    }

    #[test]
    fn nothing_else_is() {
        let story = known().after(60);
        let code = FactorVerdict { code: Some(1), ..by(Proof::by(SignInMethod::RecoveryCode)).factor };
        assert_eq!(story.when(&SignInAdaptively { factor: code, ..by(app(1)) }), needed());
        let qr = Proof { method: SignInMethod::MobileAppQrCode, ..app(1) };
        let touched = Proof { user_verified: Some(false), ..passkey(2) };
        let key = Proof { method: SignInMethod::SecurityKey, ..passkey(2) };
        for proof in [qr, touched, key, totp(3), Proof::by(SignInMethod::Password)] {
            assert_eq!(story.when(&by(proof)), needed(), "{proof:?}");
        }
    }

    #[test]
    fn it_holds_as_long_as_the_policy_says_and_no_longer() {
        let last = known().after(30 * DAY - 1);
        assert!(last.when(&by(app(1))).outcome.is_ok());
        assert_eq!(last.clone().after(1).when(&by(app(1))), needed());
        for (policy, holds) in [(AdaptiveSignIn::OFF, false), (AdaptiveSignIn::seconds(60), false)] {
            let policy = Policy { adaptive_sign_in: policy, ..Policy::default() };
            assert_eq!(known().after(60).under(policy).when(&by(app(1))).outcome.is_ok(), holds);
        }
        assert_eq!(known().after(60).in_a_new_epoch().when(&by(app(1))), needed(), "the database was restored");
    }

    #[test]
    fn what_is_told_since_ends_it() {
        let story = known().after(60);
        assert!(story.when(&by(app(1))).outcome.is_ok());
        let removed = |n| FactorRemoved { factor: factor_id(n), reason: RemovalReason::Person };
        let suspended = FactorSuspended { factor: factor_id(1), reason: SuspensionReason::Lost };
        let denied = AppRequestDenied {
            factor: factor_id(1),
            challenge: ChallengeId::from_bytes([77; 16]),
            known_browser: true,
        };
        let told = [
            AccountEvent::FactorRemoved(removed(1)),
            AccountEvent::FactorSuspended(suspended),
            password_set(7, PasswordReason::Change, None),
            AccountEvent::PasswordRehashed(PasswordRehashed { credential: credential(7) }),
            ended([9], EndReason::Everywhere, true),
            AccountEvent::AppRequestDenied(denied),
        ];
        for event in told {
            let story = story.clone().then([event.clone()]);
            assert_eq!(story.when(&by(passkey(2))), needed(), "{event:?}");
        }
        let stopped = AccountEvent::Suspended(ReasonGiven { reason: "stolen".to_owned() });
        let stopped = story.clone().then([stopped]).when(&by(passkey(2)));
        assert_eq!(stopped, Decision::refuse(SignInRefusal::NotUsable));
        // What it answers with may be another device, and goes by itself.
        let gone = story.clone().then([AccountEvent::FactorRemoved(removed(2))]).when(&by(passkey(2)));
        assert_eq!(gone, Decision::refuse(SignInRefusal::Proof(ProofRefusal::Gone)));
        let others = EndSessions { which: Which::One(session_id(9)), asked_in: None, note: None };
        let others = story.clone().then(story.when(&others).events);
        assert!(others.when(&by(passkey(2))).outcome.is_ok(), "that one session ended says nothing of the browser");
    }

    #[test]
    fn an_answer_counts_once_and_a_stale_one_not_at_all() {
        let story = known().after(60);
        let story = story.clone().then(story.when(&by(app(1))).events);
        assert_eq!(story.when(&by(app(1))), Decision::refuse(SignInRefusal::Proof(ProofRefusal::Used)));
        let stale = FactorVerdict { credential: credential(9).key, ..by(app(2)).factor };
        let stale = story.when(&SignInAdaptively { factor: stale, ..by(app(2)) });
        assert_eq!(stale, Decision::refuse(SignInRefusal::Proof(ProofRefusal::Stale)));
        let wrong = FactorVerdict { right: false, ..by(app(2)).factor };
        let wrong = story.when(&SignInAdaptively { factor: wrong, ..by(app(2)) });
        assert_eq!(wrong, Decision::refuse(SignInRefusal::Proof(ProofRefusal::Wrong)));
    }

    #[test]
    fn it_cancels_a_recovery_as_every_sign_in_with_an_old_device_does() {
        let story = known().after(8 * DAY);
        let ends = story.now.plus(std::time::Duration::from_secs(3 * DAY));
        let asked = AccountEvent::RecoveryRequested(RecoveryRequested { link: None, factor: None, ends });
        let story = story.then([asked]).after(60);
        let cancelled = RecoveryCancelled { by: CancelledBy::SignIn(factor_id(1)) };
        assert_eq!(story.when(&by(app(1))).events[0], AccountEvent::RecoveryCancelled(cancelled));
    }
}
