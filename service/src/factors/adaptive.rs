//! "Choose your verification method" before the password: in a browser in which several factors were proved lately, and in no
//! other. Whoever types that name anywhere else sees what an unknown name leads to.

use chancery_domain::Context;
use chancery_domain::account::{Account, FactorKind, SignInMethod};
use chancery_domain::values::SignInName;
use chancery_eventstore::StreamKey;

use super::step::{By, FirstProof};
use super::ways_by_device;
use crate::accounts::unless_unreadable;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::secrets::browsers::ProofSecret;

/// What comes after the name.
#[derive(Clone, Debug)]
pub enum AfterName {
    /// The password.
    Password {
        /// Whether the name was looked up: then the answer must wait until it is due.
        looked_up: bool,
    },
    /// A second factor: the browser stands for the password, and finds that by this secret.
    SecondFactor(ProofSecret),
}

/// Whether a way is enough where the browser stands for the password.
pub(super) const fn comes_without_password(way: SignInMethod) -> bool {
    matches!(way, SignInMethod::MobileAppPinCode | SignInMethod::OnMobile | SignInMethod::SecurityKey)
}

/// The ways that are offered before the password, which is the last of them.
pub(super) fn ways_without_password(account: &Account) -> Vec<SignInMethod> {
    let fits = |kind| matches!(kind, FactorKind::MobileApp | FactorKind::Passkey);
    let ways = ways_by_device(account, |factor| fits(factor.kind)).into_iter();
    ways.filter(|way| comes_without_password(*way)).chain([SignInMethod::Password]).collect()
}

impl App {
    /// Asks for a second factor at once where this browser stands for the password of the account of this name.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin_sign_in(&self, client: &Client, name: &SignInName) -> Result<AfterName, Failure> {
        let policy = self.policy().await?.policy;
        if client.known.is_empty() || policy.adaptive_sign_in.span().is_none() {
            return Ok(AfterName::Password { looked_up: false });
        }
        let account = unless_unreadable(self.by_name(name).await)?.filter(|it| !matches!(it.key, StreamKey::Gone));
        let believed = account.and_then(|account| {
            let (stream, state) = (account.stream, &account.state);
            let browser = self.proved_browser(&client.known, stream, state)?;
            let context = Context { stream, now: self.now(), epoch_began: self.log.began, policy: &policy };
            (state.believes(browser, context) && state.has_factor_without_password()).then_some((stream, browser))
        });
        let Some((stream, browser)) = believed else { return Ok(AfterName::Password { looked_up: true }) };
        let (by, name) = (By::Browser(browser), name.as_typed());
        let proof = self.begin_step(client, FirstProof { stream, by, name, public_computer: false }).await?;
        Ok(AfterName::SecondFactor(proof))
    }
}
