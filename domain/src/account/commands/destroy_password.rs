//! A password came back with a restored database after it had been replaced.

use minicbor::{Decode, Encode};

use super::{AccountDecision, Refusal, command_shape};
use crate::account::Account;
use crate::account::events::{AccountEvent, PasswordDestroyed};
use crate::aggregate::{Command, Context, Decision};
use crate::ids::KeyId;

/// Destroys the key of a password's secret again. Nobody can sign in with it from then on; its owner gets in by "lost
/// password".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DestroyPassword {
    /// The key.
    #[n(0)]
    pub credential: KeyId,
}

impl Command for DestroyPassword {
    command_shape!("destroy-password" v 1: (), Refusal);

    fn decide(&self, account: &Account, _: Context<'_>) -> AccountDecision<(), Refusal> {
        let in_force = account.password.as_ref().map(|password| password.credential.key);
        if in_force != Some(self.credential) {
            return Decision::refuse(Refusal::NotNow);
        }
        Decision::accept(vec![AccountEvent::PasswordDestroyed(PasswordDestroyed { credential: self.credential })], ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::commands::testing::*;
    use crate::account::commands::{CompleteReset, PasswordVerdict, SignIn, SignInRefusal};
    use crate::account::{LinkPurpose, PasswordReason};
    use crate::aggregate::Aggregate;

    fn destroy(key: u8) -> DestroyPassword {
        DestroyPassword { credential: credential(key).key }
    }

    #[test]
    fn nobody_signs_in_with_it_and_a_mailed_link_sets_another() {
        let decision = active().when(&destroy(1));
        let events = vec![AccountEvent::PasswordDestroyed(PasswordDestroyed { credential: credential(1).key })];
        assert_eq!(decision, Decision::accept(events, ()));
        let story = active().then(decision.events);
        assert!(story.account.secret_keys().is_empty(), "its key goes with it");
        let verdict = PasswordVerdict { credential: credential(1).key, right: true };
        let sign_in = SignIn { verdict: Some(verdict), session: new_session(1), rehashed: None, factor: None };
        assert_eq!(story.when(&sign_in), Decision::refuse(SignInRefusal::NotUsable));

        let story = story.then([requested(2, LinkPurpose::Reset, BEGINNING)]);
        let reset = CompleteReset { link: link_id(2), password: new_password(2), session: new_session(2) };
        let story = story.clone().then(story.when(&reset).events);
        assert_eq!(story.account.secret_keys(), [credential(2).key]);
    }

    #[test]
    fn only_the_one_in_force_is_destroyed() {
        for story in [nothing(), unconfirmed(), lapsed()] {
            assert_eq!(story.when(&destroy(1)), Decision::refuse(Refusal::NotNow));
        }
        let changed = active().then([password_set(2, PasswordReason::Change, None)]);
        assert_eq!(changed.when(&destroy(1)), Decision::refuse(Refusal::NotNow));
        assert!(suspended().when(&destroy(1)).outcome.is_ok());
    }
}
