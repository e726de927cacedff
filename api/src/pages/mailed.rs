//! Pages before a mailed link: "Lost your password?" and "Check your mail".

use std::time::Duration;

use askama::Template;

use super::form::fields;
use super::paths::with_query;
use super::{Chrome, Errors, Field, FormKeys, PersonCheck, paths};

/// What a mailed link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailPurpose {
    /// To confirm the address of a new account.
    Registration,
    /// To set a new password.
    Reset,
}

/// What "Check your mail" has to say beside the usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckMailNotice {
    /// "Send again" was pressed and done.
    SentAgain,
}

/// "Check your mail". The same for every address, whether or not a mail goes there. The code is posted to
/// [`paths::CHECK_MAIL`](super::paths::CHECK_MAIL), "send again" to
/// [`paths::CHECK_MAIL_AGAIN`](super::paths::CHECK_MAIL_AGAIN).
#[derive(Debug, Template)]
#[template(path = "check_mail.html")]
pub struct CheckMailPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The keys of the form with the code.
    pub form: FormKeys,
    /// The keys of "send again".
    pub again: FormKeys,
    /// What the link is for.
    pub purpose: MailPurpose,
    /// What was typed: an address or, for a reset, a uid.
    pub address: String,
    /// How long the link lives from its sending.
    pub validity: Duration,
    /// The code as typed.
    pub code: String,
    /// What is wrong with it.
    pub errors: Errors,
    /// What else there is to say.
    pub notice: Option<CheckMailNotice>,
    /// Where the person wants to go, which the ways to other forms must not lose.
    pub target: Option<String>,
}

impl CheckMailPage {
    fn aside(&self, path: &str) -> String {
        self.target.as_ref().map_or_else(|| path.to_owned(), |target| with_query(path, fields::TARGET, target))
    }

    fn lead(&self) -> String {
        match self.purpose {
            MailPurpose::Registration => self.chrome.t("check-mail-lead-registration"),
            MailPurpose::Reset => self.chrome.t("check-mail-lead-reset"),
        }
    }

    /// The form to go back to when the address was wrong.
    const fn back(&self) -> &'static str {
        match self.purpose {
            MailPurpose::Registration => paths::REGISTER,
            MailPurpose::Reset => paths::LOST_PASSWORD,
        }
    }
}

/// "Lost your password?". Posts to [`paths::LOST_PASSWORD`](super::paths::LOST_PASSWORD).
#[derive(Debug, Template)]
#[template(path = "lost_password.html")]
pub struct LostPasswordPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The form's keys.
    pub form: FormKeys,
    /// The address or uid as typed.
    pub name: String,
    /// What is wrong with it.
    pub errors: Errors,
    /// The check that a person is there.
    pub check: PersonCheck,
}
