//! What forms share: fields, their problems, the keys against forgery and repetition, the check that a person is there.

use std::borrow::Borrow;
use std::time::Duration;

use chancery_domain::values::NameErrors;

use super::Chrome;
use super::paths::with_query;
use super::problem::Problem;

/// The names that form fields are posted under.
pub mod fields {
    /// The token against cross-site forgery, bound to the pre-session cookie.
    pub const CSRF: &str = "csrf";
    /// The command id made with the form.
    pub const COMMAND: &str = "command";
    /// The proof of work's challenge, as it was given.
    pub const CHALLENGE: &str = "challenge";
    /// The proof of work's answer, a decimal number; empty with scripts off.
    pub const POW: &str = "pow";
    /// The session to end.
    pub const SESSION: &str = "session";
    /// The language to switch to, in the query of a GET.
    pub const LANGUAGE: &str = "lang";
    /// "This is a public computer"; present when ticked.
    pub const PUBLIC_COMPUTER: &str = "public_computer";
    /// Where the person goes on to, validated.
    pub const TARGET: &str = "target";
    /// Which privacy statement was shown with the form.
    pub const STATEMENT: &str = "statement";
    /// The way that is chosen after the password, in a form and in the query of a GET.
    pub const METHOD: &str = "method";
    /// The device that a form or a query is about.
    pub const DEVICE: &str = "device";
    /// Whether what is over is asked anew: `yes`.
    pub const AGAIN: &str = "again";
    /// Which kind of key is added, in a form and in the query of a GET.
    pub const KEY: &str = "key";
    /// The recovery codes that a page shows, for the file with them.
    pub const CODES: &str = "codes";
    /// Whether a second factor is always asked for: `on` or `off`.
    pub const ALWAYS: &str = "always";
}

/// A field that a person fills in, in the order in which forms show them. One page holds each at most once: its name is
/// also its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// First name.
    FirstName,
    /// Last name.
    LastName,
    /// E-mail address.
    Email,
    /// The e-mail address once more.
    ConfirmEmail,
    /// The language of mails.
    MailLanguage,
    /// The code from a mail.
    Code,
    /// The name to sign in with: e-mail address or uid.
    Name,
    /// The password to sign in with.
    Password,
    /// The password that the account has now.
    CurrentPassword,
    /// The password that the account shall have.
    NewPassword,
    /// The new password once more.
    ConfirmPassword,
    /// What a person calls a device.
    DeviceName,
    /// The PIN of a mobile device.
    Pin,
    /// The PIN once more.
    ConfirmPin,
    /// The code that an app shows.
    OneTimeCode,
    /// The code that the service's own app shows for a challenge.
    AppCode,
    /// A telephone's number.
    PhoneNumber,
    /// The code in a message to a telephone.
    SmsCode,
    /// A recovery code.
    RecoveryCode,
    /// What a security key or trusted platform answered, which the script fills in.
    SecurityKey,
    /// The check that a person is there; nothing to type.
    Check,
    /// Acceptance of the privacy statement.
    Privacy,
}

impl Field {
    /// The name that the field is posted under; also its id in the page.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Email => "email",
            Self::ConfirmEmail => "confirm_email",
            Self::MailLanguage => "mail_language",
            Self::Privacy => "privacy",
            Self::Check => "check",
            Self::Code => "code",
            Self::Name => "name",
            Self::Password => "password",
            Self::CurrentPassword => "current_password",
            Self::NewPassword => "new_password",
            Self::ConfirmPassword => "confirm_password",
            Self::DeviceName => "device_name",
            Self::Pin => "pin",
            Self::ConfirmPin => "confirm_pin",
            Self::AppCode => "app_code",
            Self::OneTimeCode => "one_time_code",
            Self::PhoneNumber => "phone_number",
            Self::SmsCode => "sms_code",
            Self::RecoveryCode => "recovery_code",
            Self::SecurityKey => "security_key",
        }
    }

    pub(super) const fn label_id(self) -> &'static str {
        match self {
            Self::FirstName => "field-first-name",
            Self::LastName => "field-last-name",
            Self::Email => "field-email",
            Self::ConfirmEmail => "field-confirm-email",
            Self::MailLanguage => "field-mail-language",
            Self::Privacy => "field-privacy",
            Self::Check => "field-check",
            Self::Code => "field-code",
            Self::Name => "field-name",
            Self::Password => "field-password",
            Self::CurrentPassword => "field-current-password",
            Self::NewPassword => "field-new-password",
            Self::ConfirmPassword => "field-confirm-password",
            Self::DeviceName => "field-device-name",
            Self::Pin => "field-pin",
            Self::ConfirmPin => "field-confirm-pin",
            Self::AppCode => "field-app-code",
            Self::OneTimeCode => "field-one-time-code",
            Self::PhoneNumber => "field-phone-number",
            Self::SmsCode => "field-sms-code",
            Self::RecoveryCode => "field-recovery-code",
            Self::SecurityKey => "way-security-key",
        }
    }

    pub(super) const fn missing_id(self) -> &'static str {
        match self {
            Self::FirstName => "missing-first-name",
            Self::LastName => "missing-last-name",
            Self::Email => "missing-email",
            Self::ConfirmEmail => "missing-confirm-email",
            Self::MailLanguage => "missing-mail-language",
            Self::Privacy => "missing-privacy",
            Self::Check => "missing-check",
            Self::Code => "missing-code",
            Self::Name => "missing-name",
            Self::Password => "missing-password",
            Self::CurrentPassword => "missing-current-password",
            Self::NewPassword => "missing-new-password",
            Self::ConfirmPassword => "missing-confirm-password",
            Self::DeviceName => "missing-device-name",
            Self::Pin => "missing-pin",
            Self::ConfirmPin => "missing-confirm-pin",
            Self::AppCode => "missing-app-code",
            Self::OneTimeCode => "missing-one-time-code",
            Self::PhoneNumber => "missing-phone-number",
            Self::SmsCode => "missing-sms-code",
            Self::RecoveryCode => "missing-recovery-code",
            Self::SecurityKey => "missing-security-key",
        }
    }

    /// Whether it takes what is no word: nothing is to be corrected or made a capital.
    pub(super) const fn is_code(self) -> bool {
        matches!(self, Self::RecoveryCode)
    }

    /// Whether it takes digits only, for the keyboard of a telephone.
    pub(super) const fn is_numeric(self) -> bool {
        matches!(self, Self::OneTimeCode | Self::Pin | Self::ConfirmPin | Self::AppCode)
    }
}

/// One field's problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field.
    pub field: Field,
    /// What is wrong with it.
    pub problem: Problem,
}

/// The problems of a form, in the order of its fields; empty when it is shown for the first time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors(Vec<FieldError>);

impl Errors {
    /// Adds a problem, after those of the same field.
    pub fn add(&mut self, field: Field, problem: Problem) {
        let place = self.0.partition_point(|error| error.field <= field);
        self.0.insert(place, FieldError { field, problem });
    }

    /// Adds all that is wrong with a person's name.
    pub fn add_name(&mut self, field: Field, errors: &NameErrors) {
        for problem in errors.problems() {
            self.add(field, Problem::PersonName(*problem));
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether something is wrong with the field.
    #[must_use]
    pub fn has(&self, field: Field) -> bool {
        self.0.iter().any(|error| error.field == field)
    }

    /// How much of the wait without scripts was left when the form was sent too early.
    #[must_use]
    pub fn wait_left(&self) -> Option<Duration> {
        self.0.iter().find_map(|error| match error.problem {
            Problem::CheckWait(left) => Some(left),
            _ => None,
        })
    }

    /// The text of all that is wrong with the field, or nothing.
    pub(super) fn of(&self, field: impl Borrow<Field>, chrome: &Chrome) -> Option<String> {
        let field = *field.borrow();
        let wrong = self.0.iter().filter(|error| error.field == field);
        let texts: Vec<_> = wrong.map(|error| error.problem.text(chrome.texts(), field)).collect();
        (!texts.is_empty()).then(|| texts.join(" "))
    }

    /// Whether this field is the first wrong one, which gets the focus.
    pub(super) fn first_is(&self, field: impl Borrow<Field>) -> bool {
        self.0.first().is_some_and(|error| error.field == *field.borrow())
    }

    /// Every problem with the id of its field, for the summary.
    pub(super) fn summary(&self, chrome: &Chrome) -> Vec<(&'static str, String)> {
        let item = |error: &FieldError| {
            let problem = error.problem.text(chrome.texts(), error.field);
            let text = match error.problem {
                // Both names can be wrong in the same way; the other texts say of what they speak.
                Problem::PersonName(_) => {
                    let field = chrome.t(error.field.label_id());
                    chrome.texts().text("summary-item", &[("field", field.into()), ("problem", problem.into())])
                }
                _ => problem,
            };
            (error.field.name(), text)
        };
        self.0.iter().map(item).collect()
    }
}

impl FromIterator<FieldError> for Errors {
    fn from_iter<T: IntoIterator<Item = FieldError>>(problems: T) -> Self {
        let mut errors = Self::default();
        for FieldError { field, problem } in problems {
            errors.add(field, problem);
        }
        errors
    }
}

/// What every form carries unseen.
#[derive(Clone, Debug, Default)]
pub struct FormKeys {
    /// The token against cross-site forgery ([`fields::CSRF`]).
    pub csrf: String,
    /// The command id made with the form ([`fields::COMMAND`]): the same POST repeated ends in the same place.
    pub command: String,
    /// Further hidden fields, names and values, such as a validated target.
    pub extra: Vec<(&'static str, String)>,
}

impl FormKeys {
    /// A path of our own to which a person may turn from this form, with the form's target, which is so not lost.
    #[must_use]
    pub fn aside(&self, path: &str) -> String {
        let target = self.extra.iter().find(|(name, _)| *name == fields::TARGET);
        target.map_or_else(|| path.to_owned(), |(name, target)| with_query(path, name, target))
    }
}

/// The check that a person is there, without distorted letters.
#[derive(Clone, Debug)]
pub struct PersonCheck {
    /// The challenge in ALTCHA's form: JSON with `algorithm` (`SHA-256`), `challenge` (hexadecimal), `salt`,
    /// `maxnumber`, `signature`. The script looks for the number whose hash with the salt is the challenge. The form
    /// posts the challenge as [`fields::CHALLENGE`] and the number as [`fields::POW`].
    pub challenge: String,
    /// With scripts off: how long after the form was made it may be sent at the earliest.
    pub wait: Duration,
}
