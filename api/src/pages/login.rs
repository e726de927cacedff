//! Signing in, and the page after signing out.

use std::time::Duration;

use askama::Template;

use super::{Chrome, Errors, Field, FormKeys, PersonCheck};

/// Why a person meets the sign-in page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginNotice {
    /// The session ended: idle, too old, or ended elsewhere.
    SessionEnded,
    /// The person goes on to this place after signing in.
    GoesOnTo(String),
}

/// Signing in with a passkey.
#[derive(Clone, Debug)]
pub struct PasskeyForms {
    /// Posts the answer to [`paths::LOGIN_PASSKEY`](super::paths::LOGIN_PASSKEY).
    pub answer: FormKeys,
    /// Asks at [`paths::LOGIN_PASSKEY_QUESTION`](super::paths::LOGIN_PASSKEY_QUESTION) what to ask; only the script does.
    pub question: FormKeys,
    /// Whether others use the computer.
    pub public_computer: bool,
    /// How long a session on such a computer may rest.
    pub public_idle: Duration,
}

/// The first page of the sign-in: the name. Posts to [`paths::LOGIN`](super::paths::LOGIN).
#[derive(Debug, Template)]
#[template(path = "login_name.html")]
pub struct LoginNamePage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The form's keys.
    pub form: FormKeys,
    /// The keys of the forms for a passkey, where one is enough to sign in.
    pub passkey: Option<PasskeyForms>,
    /// The address or uid as typed.
    pub name: String,
    /// What is wrong with it.
    pub errors: Errors,
    /// Why the person is here.
    pub notice: Option<LoginNotice>,
}

impl LoginNamePage {
    /// What the browser may propose for the name (HTML, section 4.10.18.7).
    const fn fills(&self) -> &'static str {
        if self.passkey.is_some() { "username webauthn" } else { "username" }
    }
}

/// The second page of the sign-in: the password. The same for known and unknown names. Posts to
/// [`paths::LOGIN_PASSWORD`](super::paths::LOGIN_PASSWORD), with the name as [`Field::Name`].
#[derive(Debug, Template)]
#[template(path = "login_password.html")]
pub struct LoginPasswordPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The form's keys.
    pub form: FormKeys,
    /// Exactly what was typed on the first page; never an address looked up by it.
    pub name: String,
    /// Whether the last try failed, for whatever cause.
    pub failed: bool,
    /// Whether "this is a public computer" is ticked.
    pub public_computer: bool,
    /// How long a session on a public computer may stay idle.
    pub public_idle: Duration,
    /// What is wrong with a field: a missing password, a failed check.
    pub errors: Errors,
    /// The check that a person is there, when this network has tried much.
    pub check: Option<PersonCheck>,
}

/// The page after signing out.
#[derive(Debug, Template)]
#[template(path = "signed_out.html")]
pub struct SignedOutPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// Whether all sessions were ended, not only this one.
    pub everywhere: bool,
}
