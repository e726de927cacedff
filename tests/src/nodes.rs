//! People who use several nodes over one database, by the use cases themselves.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::sync::Arc;
use std::time::Duration;

use chancery_domain::account::Account;
use chancery_domain::account::commands::Which;
use chancery_domain::values::{EmailAddress, Language, Password, SignInName};
use chancery_service::accounts::complete_link::{Entered, LinkForm};
use chancery_service::accounts::email_claim;
use chancery_service::accounts::new_password::TypedPassword;
use chancery_service::client::Client;
use chancery_service::secrets::devices::KnownTo;
use chancery_service::secrets::forms::FormCommand;
use chancery_service::secrets::sessions::SessionSecret;
use chancery_service::throttle::{Limit, Limits};
use chancery_service::{App, Failure};

/// Limits that nobody reaches.
#[must_use]
pub fn no_limits() -> Limits {
    let limits = Limits::default();
    let raised = |limit: Limit| Limit { max: 1_000_000, window: Duration::from_secs(60), ..limit };
    Limits {
        mail_network_hour: raised(limits.mail_network_hour),
        mail_network_day: raised(limits.mail_network_day),
        mail_address_day: raised(limits.mail_address_day),
        mail_network_addresses: raised(limits.mail_network_addresses),
        mail_overall: raised(limits.mail_overall),
        sign_in_network: raised(limits.sign_in_network),
        sign_in_unknown_browsers: raised(limits.sign_in_unknown_browsers),
        sign_in_known_browser: raised(limits.sign_in_known_browser),
        second_factor_unknown: raised(limits.second_factor_unknown),
        second_factor_network: raised(limits.second_factor_network),
        second_factor_known: raised(limits.second_factor_known),
        app_code_unknown: raised(limits.app_code_unknown),
        app_requests_unknown: raised(limits.app_requests_unknown),
        app_requests_known: raised(limits.app_requests_known),
        passkey_questions: raised(limits.passkey_questions),
        spraying_checked: raised(limits.spraying_checked),
        spraying: raised(limits.spraying),
        ..limits
    }
}

/// A person's way to one account, by one node or another.
#[derive(Clone, Debug)]
pub struct Way {
    /// The account's address.
    pub email: String,
    client: Client,
}

fn typed(password: &str) -> TypedPassword {
    TypedPassword { password: Password::from_typed(password), confirmation: Password::from_typed(password) }
}

impl Way {
    /// From a browser of its own, whose cookies were made at `node`.
    #[must_use]
    pub fn new(node: &App, email: &str) -> Self {
        let client = Client {
            address: "192.0.2.1".parse().unwrap(),
            user_agent: None,
            browser: node.new_browser_secret(),
            proof: None,
            known: KnownTo::default(),
            request: node.new_id(),
        };
        Self { email: email.to_owned(), client }
    }

    fn form(&self, node: &App, action: &str) -> FormCommand {
        let keys = node.form_keys(&self.client.browser, action);
        node.check_form(&self.client.browser, action, &keys.command.to_string(), &keys.token).unwrap()
    }

    fn name(&self) -> SignInName {
        SignInName::parse(&self.email).unwrap()
    }

    /// Signs in.
    ///
    /// # Errors
    /// The node cannot tell.
    pub async fn sign_in(&self, node: &Arc<App>, password: &str) -> Result<Option<SessionSecret>, Failure> {
        let (form, password) = (self.form(node, "/login/password"), Password::from_typed(password));
        let signed_in = node.sign_in(&self.client, form, &self.name(), &password, false, false).await?;
        Ok(signed_in.ok().and_then(Entered::session))
    }

    /// Ends a session; false if it had ended.
    ///
    /// # Errors
    /// The node cannot tell.
    pub async fn sign_out(&self, node: &Arc<App>, session: &SessionSecret) -> Result<bool, Failure> {
        let Some(person) = node.signed_in(session).await? else { return Ok(false) };
        node.sign_out(&self.client, &person, self.form(node, "/sign-out")).await?;
        Ok(true)
    }

    /// Ends the session in which it is asked by its entry in the list, or all of them; false if that session has ended.
    ///
    /// # Errors
    /// The node cannot tell.
    pub async fn end(&self, node: &Arc<App>, session: &SessionSecret, all: bool) -> Result<bool, Failure> {
        let Some(person) = node.signed_in(session).await? else { return Ok(false) };
        let which = if all { Which::All } else { Which::One(person.session.id) };
        node.end_sessions(&self.client, &person, self.form(node, "/account/sessions"), which).await
    }

    /// Changes the password; the new session if it was done.
    ///
    /// # Errors
    /// The node cannot tell.
    pub async fn change_password(
        &self,
        node: &Arc<App>,
        session: &SessionSecret,
        current: &str,
        new: &str,
    ) -> Result<Option<SessionSecret>, Failure> {
        let Some(person) = node.signed_in(session).await? else { return Ok(None) };
        let (form, current) = (self.form(node, "/account/password"), Password::from_typed(current));
        let changed = node.change_password(&self.client, &person, form, &current, &typed(new)).await?;
        Ok(changed.ok().map(|browser| browser.session))
    }

    /// Asks for a link to set a new password, and tells the token of one that is open then.
    ///
    /// # Errors
    /// The node cannot tell.
    pub async fn request_link(&self, node: &Arc<App>) -> Result<Option<String>, Failure> {
        let form = self.form(node, "/lost-password");
        let asked = node.request_reset(&self.client, form, &self.name(), Language::English, None).await?;
        if asked.is_err() {
            return Ok(None);
        }
        // What the mail will say, behind the answer.
        node.tasks.wait().await;
        let email = EmailAddress::parse(&self.email).unwrap().normalised();
        let account = node.store.find::<Account>(&email_claim(&email)).await?.unwrap();
        let newest = account.state.links.open.last();
        Ok(newest.map(|link| node.link_token(link.id, link.purpose).expose().to_owned()))
    }

    /// Uses a link; the session if it was good.
    ///
    /// # Errors
    /// The node cannot tell.
    pub async fn use_link(
        &self,
        node: &Arc<App>,
        token: &str,
        password: &str,
    ) -> Result<Option<SessionSecret>, Failure> {
        let filled =
            LinkForm { password: typed(password), names: None, language: Language::English, public_computer: false };
        let form = self.form(node, &format!("/l/{token}"));
        let used = node.complete_link(&self.client, form, token, &filled).await?;
        Ok(used.ok().and_then(Entered::session))
    }
}
