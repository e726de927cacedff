//! Somebody signs in with the password.

use minicbor::{Decode, Encode};

use super::{AccountDecision, NewSession, PasswordVerdict, command_shape};
use crate::account::Account;
use crate::account::events::{AccountEvent, Credential, PasswordRehashed, SignInMethod};
use crate::aggregate::{Command, Context, Decision};

/// Opens a session for whoever typed the right password.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignIn {
    /// What became of the typed password.
    #[n(0)]
    pub verdict: PasswordVerdict,
    /// The session that may begin.
    #[n(1)]
    pub session: NewSession,
    /// The same password hashed anew, where the parameters were raised.
    #[n(2)]
    pub rehashed: Option<Credential>,
}

/// Why a sign-in is refused. The person reads one sentence for all of them.
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
}

impl Command for SignIn {
    command_shape!("sign-in" v 1: (), SignInRefusal);

    fn decide(&self, account: &Account, context: Context<'_>) -> AccountDecision<(), SignInRefusal> {
        let Some(password) = account.password.as_ref().filter(|_| account.is_usable()) else {
            return Decision::refuse(SignInRefusal::NotUsable);
        };
        if password.credential.key != self.verdict.credential {
            return Decision::refuse(SignInRefusal::StaleVerdict);
        }
        if !self.verdict.right {
            return Decision::refuse(SignInRefusal::WrongPassword);
        }
        let mut events = Vec::new();
        if let Some(credential) = &self.rehashed {
            events.push(AccountEvent::PasswordRehashed(PasswordRehashed { credential: credential.clone() }));
        }
        events.extend(account.open_session(&self.session, SignInMethod::Password, &[], context));
        Decision::accept(events, ())
    }
}
