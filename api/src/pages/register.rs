//! The form that creates an account.

use askama::Template;
use chancery_domain::values::Language;

use super::{Chrome, Errors, Field, FormKeys, PersonCheck};

/// What was typed so far.
#[derive(Clone, Debug, Default)]
pub struct RegisterValues {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// E-mail address.
    pub email: String,
    /// The e-mail address once more.
    pub confirm_email: String,
    /// The language of mails; preset from the browser.
    pub mail_language: Language,
    /// Whether the privacy statement was accepted.
    pub privacy: bool,
}

/// "Create an account". Posts to [`paths::REGISTER`](super::paths::REGISTER).
#[derive(Debug, Template)]
#[template(path = "register.html")]
pub struct RegisterPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The form's keys.
    pub form: FormKeys,
    /// What was typed.
    pub values: RegisterValues,
    /// What is wrong with it.
    pub errors: Errors,
    /// The check that a person is there.
    pub check: PersonCheck,
}
