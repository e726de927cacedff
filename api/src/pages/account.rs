//! The account's own page.

use askama::Template;
use chancery_domain::Timestamp;
use chancery_domain::values::Language;

use super::{Addable, Browser, Chrome, Errors, Field, FormKeys, PasswordRules, RecoveryNotice};

/// What was just done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountNotice {
    /// The account is confirmed and its first password set. With the place that the person came from, where
    /// another browser began.
    Welcome {
        /// Where to return.
        return_to: Option<String>,
    },
    /// Signed in for the third time, and still without a second factor.
    AskedAgain,
    /// A lost password was replaced. With the place that the person came from, where another browser began.
    PasswordReset {
        /// Where to return.
        return_to: Option<String>,
    },
    /// The password was changed, other sessions ended.
    PasswordChanged,
    /// Mails come in another language from now on.
    LanguageChanged,
    /// A session was ended.
    SessionEnded,
    /// Signed in by SMS, which ends then, and is all there is.
    SmsEnds(Timestamp),
}

/// One sign-in of the past.
#[derive(Clone, Debug)]
pub struct SignInRow {
    /// When.
    pub at: Timestamp,
    /// With which browser; `None` where its record is no longer kept.
    pub browser: Option<Browser>,
}

/// One session that is open.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// Its id, posted as [`fields::SESSION`](super::fields::SESSION) to end it.
    pub id: String,
    /// When it began.
    pub began: Timestamp,
    /// When it was last used, to the minute.
    pub last_used: Timestamp,
    /// With which browser; `None` where its record is no longer kept.
    pub browser: Option<Browser>,
    /// Whether it was begun on a public computer.
    pub public_computer: bool,
    /// Whether it is the one that asks.
    pub current: bool,
    /// The keys of its "end" button.
    pub end: FormKeys,
}

/// The keys of the page's forms; each is a command of its own.
#[derive(Clone, Debug, Default)]
pub struct AccountForms {
    /// Changes the password.
    pub password: FormKeys,
    /// Changes the language of mails.
    pub language: FormKeys,
    /// Signs out here.
    pub sign_out: FormKeys,
    /// Signs out everywhere.
    pub sign_out_everywhere: FormKeys,
}

/// "My account".
#[derive(Debug, Template)]
#[template(path = "account.html")]
pub struct AccountPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The forms' keys.
    pub forms: AccountForms,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// E-mail address, as stored.
    pub email: String,
    /// The address with its domain in punycode, where its scripts mix.
    pub email_punycode: Option<String>,
    /// The account's uid.
    pub uid: String,
    /// The language of mails.
    pub mail_language: Language,
    /// Whether the account has a second factor.
    pub has_factor: bool,
    /// Whether it is shown on a telephone.
    pub on_a_phone: bool,
    /// What was just done.
    pub notice: Option<AccountNotice>,
    /// What is to be said of a recovery.
    pub recovery: Option<RecoveryNotice>,
    /// Open sessions, the one that asks first.
    pub sessions: Vec<SessionRow>,
    /// Last sign-ins, newest first.
    pub sign_ins: Vec<SignInRow>,
    /// The rules for a new password.
    pub rules: PasswordRules,
    /// What is wrong with the form that was sent.
    pub errors: Errors,
}

impl AccountPage {
    fn browser(&self, browser: Option<&Browser>) -> String {
        match browser {
            Some(browser) => browser.text(&self.chrome),
            None => self.chrome.t("browser-forgotten"),
        }
    }

    fn recovery_text(&self) -> Option<String> {
        self.recovery.map(|notice| notice.text(&self.chrome))
    }

    fn notice_text(&self) -> Option<String> {
        let id = match self.notice.as_ref()? {
            // Only an address that somebody kept says so of an account that has one.
            AccountNotice::AskedAgain if self.has_factor => return None,
            AccountNotice::Welcome { .. } => "account-notice-welcome",
            AccountNotice::AskedAgain => "account-notice-asked-again",
            AccountNotice::PasswordReset { .. } => "account-notice-password-reset",
            AccountNotice::PasswordChanged => "account-notice-password-changed",
            AccountNotice::LanguageChanged => "account-notice-language-changed",
            AccountNotice::SessionEnded => "account-notice-session-ended",
            AccountNotice::SmsEnds(moment) => {
                return Some(self.chrome.t1("account-notice-sms-ends", "moment", self.chrome.moment(moment)));
            }
        };
        Some(self.chrome.t(id))
    }

    fn security_text(&self) -> &'static str {
        if self.has_factor { "account-security-with" } else { "account-security-without" }
    }

    /// Whether this is the moment to offer a second factor: the first password has just been set, it was left for later, or
    /// the one that there is comes to its end.
    fn offers_factor(&self) -> bool {
        match self.notice {
            Some(AccountNotice::Welcome { .. } | AccountNotice::AskedAgain) => !self.has_factor,
            Some(AccountNotice::SmsEnds(_)) => true,
            _ => false,
        }
    }

    /// What is offered, each with what it is in one sentence: what fits this device first. The app lives on a telephone, and a
    /// key or the device itself is at hand elsewhere.
    const fn offered(&self) -> [(Addable, &'static str); 3] {
        let key = (Addable::SecurityKey, "security-add-key-text");
        let app = (Addable::MobileApp, "security-add-mobile-text");
        let codes = (Addable::Totp, "security-add-totp-text");
        if self.on_a_phone { [app, key, codes] } else { [key, app, codes] }
    }

    fn return_to(&self) -> Option<&str> {
        match self.notice.as_ref()? {
            AccountNotice::Welcome { return_to } | AccountNotice::PasswordReset { return_to } => return_to.as_deref(),
            _ => None,
        }
    }
}
