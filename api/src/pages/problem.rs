//! What can be wrong with what a person typed, and how a page says so.

use std::time::Duration;

use chancery_domain::values::{
    DeviceName, DeviceNameError, EmailError, NameProblem, PersonName, SignInName, SignInNameError,
};
use chancery_service::factors::mobile_app::PinWrong;
use chancery_service::sms::NumberWrong;
use chancery_service::texts::{Texts, isolate};

use super::form::Field;

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Nothing was typed, chosen or ticked.
    Missing,
    /// Not a person's name.
    PersonName(NameProblem),
    /// Not an e-mail address.
    Email(EmailError),
    /// The two e-mail addresses differ.
    EmailsDiffer,
    /// An address of a disposable mail service.
    EmailDisposable,
    /// An address of the institution itself, whose people have internal accounts.
    EmailInternal,
    /// Not a name to sign in with.
    SignInName(SignInNameError),
    /// The privacy statement is not the one any more that was shown with the form.
    StatementChanged,
    /// A language that Chancery does not speak.
    LanguageUnknown,
    /// The proof of work is wrong, used or too old.
    CheckFailed,
    /// Scripts are off and the form was sent before its wait was over; this much is left.
    CheckWait(Duration),
    /// The code is wrong, or no longer accepted.
    CodeWrong,
    /// The new password does not meet every rule; the list beside it says which.
    PasswordRules,
    /// The two new passwords differ.
    PasswordsDiffer,
    /// The current password was not accepted, for one cause or another.
    PasswordWrong,
    /// Not a device's name.
    DeviceName(DeviceNameError),
    /// Not a PIN.
    Pin(PinWrong),
    /// The two PINs differ.
    PinsDiffer,
    /// The app's code is wrong.
    AppCodeWrong,
    /// The app's code is right, and has counted before.
    AppCodeUsed,
    /// Not a number that messages are sent to.
    PhoneNumber(NumberWrong),
    /// The telephone is there already.
    PhoneThere,
    /// The code is none of those that were sent.
    SmsCodeWrong,
    /// The code is right, and has counted before.
    SmsCodeUsed,
    /// The one-time code is wrong.
    OneTimeCodeWrong,
    /// The one-time code is right, and has counted before.
    OneTimeCodeUsed,
    /// The recovery code is wrong.
    RecoveryCodeWrong,
    /// The recovery code is right, and was used before.
    RecoveryCodeUsed,
    /// The key's answer was refused.
    SecurityKeyWrong,
    /// The key's answer has counted before.
    SecurityKeyUsed,
    /// The key that is to be added is there already.
    SecurityKeyThere,
    /// What a key that is to be added told was refused.
    SecurityKeyNotAdded,
    /// Nothing that the operator trusts vouches for the key's make.
    SecurityKeyNotTrusted,
    /// The passkey was not accepted, for one cause or another.
    PasskeyWrong,
    /// The passkey answered too late.
    PasskeyTooLate,
}

impl Problem {
    pub(super) fn text(self, texts: Texts, field: Field) -> String {
        let id = match self {
            Self::Missing
            | Self::PersonName(NameProblem::Empty)
            | Self::Email(EmailError::Empty)
            | Self::SignInName(SignInNameError::Empty)
            | Self::DeviceName(DeviceNameError::Empty) => field.missing_id(),
            Self::PersonName(problem) => return name_text(texts, problem),
            Self::Email(problem) => return email_text(texts, problem),
            Self::SignInName(SignInNameError::TooLong) => return too_long(texts, SignInName::MAX_CHARACTERS),
            Self::DeviceName(DeviceNameError::TooLong) => return too_long(texts, DeviceName::MAX_CHARACTERS),
            Self::SignInName(SignInNameError::Invisible) | Self::DeviceName(DeviceNameError::Invisible) => {
                "problem-invisible"
            }
            Self::EmailsDiffer => "problem-emails-differ",
            Self::EmailDisposable => "problem-email-disposable",
            Self::EmailInternal => "problem-email-internal",
            Self::StatementChanged => "problem-statement-changed",
            Self::LanguageUnknown => "problem-language-unknown",
            Self::CheckFailed => "problem-check-failed",
            Self::CheckWait(left) => return texts.text("problem-check-wait", &[("wait", texts.wait(left).into())]),
            Self::CodeWrong => "problem-code-wrong",
            Self::PasswordRules => "problem-password-rules",
            Self::PasswordsDiffer => "problem-passwords-differ",
            Self::PasswordWrong => "problem-password-wrong",
            Self::Pin(PinWrong::NotFourDigits) => "problem-pin-digits",
            Self::Pin(PinWrong::Repeated | PinWrong::Run) => "problem-pin-guessable",
            Self::PinsDiffer => "problem-pins-differ",
            Self::AppCodeWrong => "problem-app-code-wrong",
            Self::AppCodeUsed => "problem-one-time-code-used",
            Self::PhoneNumber(NumberWrong::NoCountryCode) => "problem-phone-no-country-code",
            Self::PhoneNumber(NumberWrong::NoNumber) => "problem-phone-no-number",
            Self::PhoneNumber(NumberWrong::NotMobile) => "problem-phone-not-mobile",
            Self::PhoneNumber(NumberWrong::Country) => "problem-phone-country",
            Self::PhoneThere => "problem-phone-there",
            Self::SmsCodeWrong => "problem-sms-code-wrong",
            Self::SmsCodeUsed => "problem-sms-code-used",
            Self::OneTimeCodeWrong => "problem-one-time-code-wrong",
            Self::OneTimeCodeUsed => "problem-one-time-code-used",
            Self::RecoveryCodeWrong => "problem-recovery-code-wrong",
            Self::RecoveryCodeUsed => "problem-recovery-code-used",
            Self::SecurityKeyWrong => "problem-security-key-wrong",
            Self::SecurityKeyUsed => "problem-security-key-used",
            Self::SecurityKeyThere => "problem-security-key-there",
            Self::SecurityKeyNotAdded => "problem-security-key-not-added",
            Self::SecurityKeyNotTrusted => "problem-security-key-not-trusted",
            Self::PasskeyWrong => "problem-passkey-wrong",
            Self::PasskeyTooLate => "verify-took-too-long",
        };
        texts.text(id, &[])
    }
}

fn too_long(texts: Texts, most: usize) -> String {
    texts.text("problem-too-long", &[("most", most.into())])
}

/// A message that names the character at fault, or the other one where the character cannot be seen.
fn character(texts: Texts, id: &str, character: char) -> String {
    if character.is_ascii_graphic() || character.is_alphanumeric() {
        texts.text(id, &[("character", isolate(&character.to_string()).into())])
    } else {
        texts.text("problem-invisible", &[])
    }
}

fn name_text(texts: Texts, problem: NameProblem) -> String {
    match problem {
        NameProblem::Empty => texts.text("missing-first-name", &[]),
        NameProblem::TooLong => too_long(texts, PersonName::MAX_CHARACTERS),
        NameProblem::Invisible | NameProblem::Bidirectional => texts.text("problem-invisible", &[]),
        NameProblem::FullStop => texts.text("problem-name-full-stop", &[]),
        NameProblem::Character(c) => character(texts, "problem-name-character", c),
    }
}

fn email_text(texts: Texts, problem: EmailError) -> String {
    let id = match problem {
        EmailError::Empty => "missing-email",
        EmailError::TooLong | EmailError::LocalPartTooLong => "problem-email-too-long",
        EmailError::NoAt => "problem-email-no-at",
        EmailError::NoLocalPart => "problem-email-no-local-part",
        EmailError::FullStop => "problem-email-full-stop",
        EmailError::Quoted | EmailError::Comment => "problem-email-quoted",
        EmailError::Character(c) => return character(texts, "problem-email-character", c),
        EmailError::NoDomain | EmailError::IncompleteDomain => "problem-email-no-domain",
        EmailError::IpAddress => "problem-email-ip",
        EmailError::Domain => "problem-email-domain",
    };
    texts.text(id, &[])
}
