//! People for the measurements.

use chancery_domain::values::{Password, SignInName};
use chancery_service::accounts::session::SignedInPerson;
use chancery_service::client::Client;
use chancery_service::secrets::devices::KnownTo;
use chancery_service::secrets::forms::FormCommand;
use chancery_service::throttle::Limits;
use chancery_tests::site::{PASSWORD, Setup, TestSite};

/// A browser at its own address.
pub fn client(site: &TestSite, number: usize) -> Client {
    let (high, low) = (number / 250 % 250, number % 250);
    Client {
        address: format!("10.0.{high}.{low}").parse().expect("an address"),
        user_agent: None,
        browser: site.app.new_browser_secret(),
        known: KnownTo::default(),
    }
}

/// A form's keys, as if they came back with it.
pub fn form(site: &TestSite, client: &Client, action: &str) -> FormCommand {
    let keys = site.app.form_keys(&client.browser, action);
    let command = site.app.check_form(&client.browser, action, &keys.command.to_string(), &keys.token);
    command.expect("a form of our own")
}

/// Signs a browser in; the session's owner.
pub async fn sign_in(site: &TestSite, client: &Client, email: &str) -> SignedInPerson {
    let name = SignInName::parse(email).expect("a name");
    let password = Password::from_typed(PASSWORD);
    let form = form(site, client, "/login/password");
    let signed_in = site.app.sign_in(client, form, &name, &password, false, false).await;
    let signed_in = signed_in.expect("the sign-in is answered").expect("the password is right");
    site.app.signed_in(&signed_in.session).await.expect("the session is looked up").expect("it is open")
}

/// A new account, signed in.
pub async fn signed_in(site: &TestSite, email: &str) -> (Client, SignedInPerson) {
    let _ = site.registered(email).await;
    let client = client(site, 0);
    let person = sign_in(site, &client, email).await;
    (client, person)
}

/// A setup in which nobody meets a limit: the measurements come from few addresses.
pub fn setup() -> Setup {
    let mut limits = Limits::default();
    for limit in [
        &mut limits.spraying,
        &mut limits.spraying_checked,
        &mut limits.mail_network_addresses,
        &mut limits.mail_overall,
        &mut limits.forms,
    ] {
        limit.max = u32::MAX;
    }
    Setup { limits, ..Setup::default() }
}
