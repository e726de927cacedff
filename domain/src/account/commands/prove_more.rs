//! A signed-in person proves more in the session that they have.

use minicbor::{Decode, Encode};

use super::proofs::{FactorVerdict, ProofRefusal};
use super::{AccountDecision, NewSession, PasswordVerdict, command_shape};
use crate::account::Account;
use crate::account::events::{Proof, SignInMethod};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::SessionId;

/// Proves the password, a second factor or both anew in an open session, which goes on under another secret. What counts as
/// fresh from then on is what is proved now, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ProveMore {
    /// The session in which this is asked.
    #[n(0)]
    pub session: SessionId,
    /// What became of a typed password.
    #[n(1)]
    pub password: Option<PasswordVerdict>,
    /// What became of a second factor's answer.
    #[n(2)]
    pub factor: Option<FactorVerdict>,
    /// The session that takes its place.
    #[n(3)]
    pub next: NewSession,
}

/// Why nothing more is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProveMoreRefusal {
    /// The session has ended, or the account cannot be used.
    #[error("the session has ended")]
    NoSession,
    /// The password was wrong, or nothing was given.
    #[error("the password is wrong")]
    WrongPassword,
    /// The verdict is about another password than the one in force: compute it anew.
    #[error("the password has changed since it was compared")]
    StaleVerdict,
    /// The second factor's answer counts for nothing.
    #[error(transparent)]
    Proof(#[from] ProofRefusal),
}

impl Command for ProveMore {
    command_shape!("prove-more" v 1: (), ProveMoreRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), ProveMoreRefusal> {
        let open = account.sessions.by_id(self.session, context.moment()).filter(|_| account.is_usable());
        let Some(session) = open else { return Decision::refuse(ProveMoreRefusal::NoSession) };
        let mut proofs = Vec::new();
        if let Some(verdict) = &self.password {
            match &account.password {
                Some(password) if password.credential.key == verdict.credential => {}
                _ => return Decision::refuse(ProveMoreRefusal::StaleVerdict),
            }
            if !verdict.right {
                return Decision::refuse(ProveMoreRefusal::WrongPassword);
            }
            proofs.push(Proof::by(SignInMethod::Password));
        }
        let mut events = Vec::new();
        if let Some(verdict) = &self.factor {
            match account.check_proof(verdict, context.now) {
                Ok(used) => events.extend(used),
                Err(refusal) => return Decision::refuse_with(refusal.trace(), refusal.into()),
            }
            proofs.push(verdict.proof);
        }
        if proofs.is_empty() {
            return Decision::refuse(ProveMoreRefusal::WrongPassword);
        }
        events.extend(account.ends_recovery(&proofs, context.now));
        events.extend(account.continue_session(session, &self.next, proofs, context));
        Decision::accept(events, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::account::commands::{FactorRefusal, ManageRefusal, RemoveFactor};
    use crate::account::events::AccountEvent;
    use crate::account::events::FactorKind;
    use crate::account::{Level, Strength};
    use crate::ids::ChallengeId;

    /// Devices 1 (an app) and 2 (a key); session 1, begun with password and key.
    fn story() -> Story {
        active().then([
            factor_added(1, 0, FactorKind::Totp),
            factor_added(2, 1, FactorKind::Passkey),
            signed_in_with(1, &[Proof::by(SignInMethod::Password), passkey(2)], BEGINNING),
        ])
    }

    fn more(password: bool, factor: Option<Proof>) -> ProveMore {
        let password = password.then_some(PasswordVerdict { credential: credential(1).key, right: true });
        let factor = factor.map(|proof| {
            let n = proof.factor.unwrap().as_bytes()[0];
            FactorVerdict { proof, credential: credential(100 + n).key, right: true, code: None }
        });
        ProveMore { session: session_id(1), password, factor, next: new_session(100) }
    }

    #[test]
    fn the_session_goes_on_under_another_secret_and_what_is_fresh_is_what_was_proved_now() {
        let story = story().after(3600);
        let later = Proof { step: Some(1_120), ..totp(1) };
        let story = story.clone().then(story.when(&more(false, Some(later))).events);
        let sessions = &story.account.sessions;
        assert!(sessions.by_secret(&[1; 32], story.now).is_none());
        let session = sessions.by_id(session_id(100), story.now).unwrap();
        assert_eq!((session.level, session.factors.as_slice()), (Level::Medium, [0].as_slice()));
        assert_eq!(session.expires, BEGINNING.plus(std::time::Duration::from_secs(12 * 3600)));
        // A weaker proof refreshes no stronger one.
        let remove = RemoveFactor { session: session_id(100), factor: factor_id(1) };
        let refused = FactorRefusal::Manage(ManageRefusal::KeyNeeded);
        assert_eq!(story.when(&remove), Decision::refuse(refused));
    }

    #[test]
    fn the_password_alone_keeps_the_level_and_is_no_factor() {
        let story = story().after(3600);
        let story = story.clone().then(story.when(&more(true, None)).events);
        let session = story.account.sessions.by_id(session_id(100), story.now).unwrap();
        assert_eq!((session.level, session.factors.len()), (Level::Medium, 0));
    }

    #[test]
    fn nothing_proves_nothing() {
        assert_eq!(story().when(&more(false, None)), Decision::refuse(ProveMoreRefusal::WrongPassword));
        let mut wrong = more(true, None);
        wrong.password.as_mut().unwrap().right = false;
        assert_eq!(story().when(&wrong), Decision::refuse(ProveMoreRefusal::WrongPassword));
        wrong.password.as_mut().unwrap().credential = credential(9).key;
        assert_eq!(story().when(&wrong), Decision::refuse(ProveMoreRefusal::StaleVerdict));
        let replayed = more(true, Some(passkey(2)));
        assert_eq!(story().when(&replayed), Decision::refuse(ProveMoreRefusal::Proof(ProofRefusal::Used)));
        assert_eq!(suspended().when(&more(true, None)), Decision::refuse(ProveMoreRefusal::NoSession));
        assert_eq!(story().after(12 * 3600).when(&more(true, None)), Decision::refuse(ProveMoreRefusal::NoSession));
    }

    #[test]
    fn the_app_keeps_the_name_that_it_has_behind_the_password() {
        let app = |n| {
            let method = SignInMethod::MobileAppPinCode;
            Proof { factor: Some(factor_id(3)), challenge: Some(ChallengeId::from_bytes([n; 16])), ..Proof::by(method) }
        };
        let added = [factor_added(3, 0, FactorKind::MobileApp)];
        for first in [vec![Proof::by(SignInMethod::Password)], vec![Proof::by(SignInMethod::Password), app(50)]] {
            let mut story = active().then(added.clone()).then([signed_in_with(1, &first, BEGINNING)]);
            for n in 51..53 {
                let session = story.account.sessions.open[0].id;
                let more = ProveMore { session, next: new_session(n), ..more(false, Some(app(n))) };
                let decision = story.when(&more);
                let Some(AccountEvent::SignedIn(signed_in)) = decision.events.last() else { panic!("{decision:?}") };
                assert_eq!(signed_in.strengths, [Strength::PasswordMobileApp], "{first:?}");
                story = story.clone().then(decision.events);
            }
        }
    }
}
