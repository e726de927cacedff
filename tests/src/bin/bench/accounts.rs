//! People for the measurements.

use std::time::Duration;

use chancery_domain::account::Account;
use chancery_domain::values::{EmailAddress, Password, SignInName};
use chancery_service::accounts::email_claim;
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
        proof: None,
        known: KnownTo::default(),
        request: site.app.new_id(),
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
    site.app
        .signed_in(&signed_in.session().expect("a session"))
        .await
        .expect("the session is looked up")
        .expect("it is open")
}

/// Ends a session.
pub async fn sign_out(site: &TestSite, client: &Client, person: &SignedInPerson) {
    site.app.sign_out(client, person, form(site, client, "/sign-out")).await.expect("the session ends");
}

/// A new account of somebody who needs no mail to come: no job runs, and none has to be done with the log before it.
pub async fn registered(site: &TestSite, email: &str) {
    let mut browser = site.browser();
    browser.register(email).await;
    site.answered().await;
    let claim = email_claim(&EmailAddress::parse(email).expect("an address").normalised());
    let account = site.app.store.find::<Account>(&claim).await.expect("the log answers").expect("an account");
    let link = account.state.links.open.last().expect("a link");
    let path = format!("/l/{}", site.app.link_token(link.id, link.purpose).expose());
    assert_eq!(browser.follow_link(&path).await.path, "/account?done=welcome");
}

/// Lets two days go by, so that limits are whole, without a job.
pub async fn age(site: &TestSite) {
    site.app.take(site.app.limits.forms, &[0; 32]).await.expect("counted").expect("the first one");
    site.clock.advance(Duration::from_secs(2 * 24 * 3600));
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
