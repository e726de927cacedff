//! An account's second factors: which there are, and adding, naming and removing them.

use askama::Template;
use chancery_domain::Timestamp;
use chancery_domain::account::FactorKind;

use super::{Addable, Chrome, Errors, Field, FormKeys, RecoveryNotice, fields, paths};

/// What was just done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecurityNotice {
    /// A device was added.
    Added,
    /// A device was added, and the account has no recovery codes for the day it is lost.
    AddedWithoutCodes,
    /// New recovery codes are in force.
    CodesIssued,
    /// A device has another name.
    Renamed,
    /// A device was removed.
    Removed,
    /// The account has as many devices as it may.
    TooMany,
    /// Keys cannot be used at the address by which the service is reached.
    NotHere,
    /// No messages are sent to telephones.
    NoMessages,
    /// The device is not there any more.
    Gone,
    /// The last device stays while one is always asked for.
    LastOne,
    /// The last device that counts stays while others are suspended.
    OthersSuspended,
    /// A second factor is always asked for from now on.
    AlwaysOn,
    /// It is not, any more.
    AlwaysOff,
    /// Everything but the password was removed.
    AllRemoved,
    /// A suspended device counts again.
    Resumed,
    /// A second factor is always asked for, and there is none yet.
    MustAdd,
    /// What was lost is removed: a device is added before anything else.
    Recovered,
    /// Codes by SMS have ended: another device is added before anything else.
    SmsOff,
    /// Codes by SMS end: no telephone is added any more.
    NoNewNumbers,
}

/// One device.
#[derive(Clone, Debug)]
pub struct DeviceRow {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: FactorKind,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    pub added: Timestamp,
    /// When it last let its owner in.
    pub used: Option<Timestamp>,
    /// Whether it counts for nothing for now.
    pub suspended: bool,
    /// Whether that is since its PIN was wrong too often.
    pub blocked: bool,
    /// Whether codes by SMS have ended for it.
    pub off: bool,
    /// The last digits of a telephone's number.
    pub ending: Option<String>,
}

impl DeviceRow {
    const fn kind_id(&self) -> &'static str {
        match self.kind {
            FactorKind::Passkey | FactorKind::SecurityKey => "way-security-key",
            FactorKind::Totp => "way-totp",
            FactorKind::MobileApp => "way-mobile-app",
            FactorKind::Phone => "way-sms",
        }
    }

    /// What happens where it is put in force again.
    const fn resume_id(&self) -> &'static str {
        if self.blocked { "device-unblock-text" } else { "device-resume-text" }
    }

    pub(super) fn address(&self) -> String {
        // A UUID has nothing to be escaped.
        format!("{}?{}={}", paths::SECURITY_DEVICE, fields::DEVICE, self.id)
    }
}

/// The account's recovery codes.
#[derive(Clone, Copy, Debug)]
pub struct RecoveryCodesRow {
    /// How many are left.
    pub left: u8,
    /// Since when the set counts.
    pub issued: Timestamp,
    /// Whether they count for nothing for now.
    pub suspended: bool,
}

/// "Security of your account".
#[derive(Debug, Template)]
#[template(path = "security.html")]
pub struct SecurityPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// What was just done.
    pub notice: Option<SecurityNotice>,
    /// What is to be said of a recovery.
    pub recovery: Option<RecoveryNotice>,
    /// After a removal: what the script tells the browser of the keys that are left.
    pub accepted: Option<String>,
    /// The devices, oldest first.
    pub devices: Vec<DeviceRow>,
    /// The recovery codes, if there are any.
    pub codes: Option<RecoveryCodesRow>,
    /// Whether a telephone can be added.
    pub phones: bool,
    /// The keys of the form that makes new codes.
    pub new_codes: FormKeys,
    /// Whether its owner chose that a second factor is always asked for.
    pub always: bool,
    /// The keys of the form that chooses it.
    pub change_always: FormKeys,
}

impl SecurityPage {
    fn codes_left(&self) -> Option<String> {
        let left = self.codes.as_ref()?.left;
        Some(self.chrome.texts().text("codes-left", &[("left", u32::from(left).into())]))
    }

    fn recovery_text(&self) -> Option<String> {
        self.recovery.map(|notice| notice.text(&self.chrome))
    }

    fn notice_text(&self) -> Option<String> {
        let id = match self.notice? {
            SecurityNotice::Added => "security-notice-added",
            SecurityNotice::AddedWithoutCodes => "security-notice-added-without-codes",
            SecurityNotice::CodesIssued => "security-notice-codes-issued",
            SecurityNotice::Renamed => "security-notice-renamed",
            SecurityNotice::Removed => "security-notice-removed",
            SecurityNotice::NotHere => "security-notice-not-here",
            SecurityNotice::NoMessages => "security-notice-no-messages",
            SecurityNotice::TooMany => "security-notice-too-many",
            SecurityNotice::Gone => "security-notice-gone",
            SecurityNotice::LastOne => "security-notice-last-one",
            SecurityNotice::OthersSuspended => "security-notice-others-suspended",
            SecurityNotice::AlwaysOn => "security-notice-always-on",
            SecurityNotice::AlwaysOff => "security-notice-always-off",
            SecurityNotice::AllRemoved => "security-notice-all-removed",
            SecurityNotice::Resumed => "security-notice-resumed",
            SecurityNotice::MustAdd => "security-notice-must-add",
            SecurityNotice::Recovered => "security-notice-recovered",
            SecurityNotice::SmsOff => "security-notice-sms-off",
            SecurityNotice::NoNewNumbers => "security-notice-no-new-numbers",
        };
        Some(self.chrome.t(id))
    }
}

/// One device, to name it or to remove it. Posts to [`paths::SECURITY_DEVICE_RENAME`] and
/// [`paths::SECURITY_DEVICE_REMOVE`].
#[derive(Debug, Template)]
#[template(path = "device.html")]
pub struct DevicePage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The device.
    pub device: DeviceRow,
    /// The name as typed.
    pub name: String,
    /// The keys of the form that renames.
    pub rename: FormKeys,
    /// The keys of the form that removes.
    pub remove: FormKeys,
    /// The keys of the form that lets a suspended one count again.
    pub resume: FormKeys,
    /// What is wrong with the name.
    pub errors: Errors,
}

/// A picture that a telephone's camera reads.
#[derive(Clone, Debug)]
pub struct QrCode {
    /// How many modules it has in a row, with the quiet zone around it (ISO/IEC 18004: four).
    pub size: usize,
    /// The dark modules, as a path of SVG.
    pub path: String,
}

impl QrCode {
    /// Modules of the quiet zone on each side.
    const QUIET: usize = 4;

    /// The picture of a text; `None` if it is too long.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        use std::fmt::Write as _;

        let code = fast_qr::QRBuilder::new(text).ecl(fast_qr::ECL::M).build().ok()?;
        let mut path = String::new();
        for row in 0..code.size {
            let mut column = 0;
            while column < code.size {
                let length = code[row][column..].iter().take_while(|module| module.value()).count();
                if length > 0 {
                    // Writing to a string does not fail.
                    let _ = write!(path, "M{} {}h{length}v1h-{length}z", column + Self::QUIET, row + Self::QUIET);
                }
                column += length.max(1);
            }
        }
        Some(Self { size: code.size + 2 * Self::QUIET, path })
    }
}

/// Adding an app that shows one-time codes. Posts to [`paths::SECURITY_TOTP`].
#[derive(Debug, Template)]
#[template(path = "totp.html")]
pub struct TotpPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The form's keys.
    pub form: FormKeys,
    /// What the app's camera reads.
    pub qr: Option<QrCode>,
    /// The same to type, in groups.
    pub secret: String,
    /// The device's name as typed, or a proposal.
    pub name: String,
    /// Whether what was begun before took too long, so that this is another secret.
    pub begun_anew: bool,
    /// What is wrong.
    pub errors: Errors,
}

/// Which security key or trusted platform is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// The device on which the browser runs, as a passkey.
    ThisDevice,
    /// Another device or a key, as a passkey.
    Passkey,
    /// A key that is used after the password.
    AfterPassword,
}

impl KeyKind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::ThisDevice, Self::Passkey, Self::AfterPassword];

    /// Its name in queries and forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ThisDevice => "device",
            Self::Passkey => "passkey",
            Self::AfterPassword => "second",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What a device of it is called at first.
    #[must_use]
    pub const fn proposal_id(self) -> &'static str {
        match self {
            Self::ThisDevice | Self::Passkey => "device-passkey",
            Self::AfterPassword => "device-security-key",
        }
    }

    const fn title_id(self) -> &'static str {
        match self {
            Self::ThisDevice => "key-device",
            Self::Passkey => "key-passkey",
            Self::AfterPassword => "key-second",
        }
    }

    const fn text_id(self) -> &'static str {
        match self {
            Self::ThisDevice => "key-device-text",
            Self::Passkey => "key-passkey-text",
            Self::AfterPassword => "key-second-text",
        }
    }

    fn address(self) -> String {
        format!("{}?{}={}", paths::SECURITY_KEY, fields::KEY, self.name())
    }
}

/// Choosing which security key or trusted platform to add.
#[derive(Debug, Template)]
#[template(path = "keys.html")]
pub struct KeysPage {
    /// The page's frame.
    pub chrome: Chrome,
}

/// Adding one. Posts to [`paths::SECURITY_KEY`].
#[derive(Debug, Template)]
#[template(path = "key.html")]
pub struct KeyPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The form's keys, with the kind.
    pub form: FormKeys,
    /// Which.
    pub kind: KeyKind,
    /// What the script gives to the browser.
    pub question: String,
    /// The device's name as typed, or a proposal.
    pub name: String,
    /// Whether what was begun before took too long.
    pub begun_anew: bool,
    /// What is wrong.
    pub errors: Errors,
}

/// "Delete all my devices and eID (PANIC)", to be confirmed. Posts to [`paths::SECURITY_PANIC`].
#[derive(Debug, Template)]
#[template(path = "panic.html")]
pub struct PanicPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The form's keys.
    pub form: FormKeys,
}

/// New recovery codes, the only time that they are shown. Posts one of them to [`paths::SECURITY_CODES_CONFIRM`], and all of
/// them to [`paths::SECURITY_CODES_FILE`].
#[derive(Debug, Template)]
#[template(path = "recovery_codes.html")]
pub struct RecoveryCodesPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The codes in groups; none where one was typed back wrongly.
    pub codes: Vec<String>,
    /// The keys of the form that has one of them typed back.
    pub confirm: FormKeys,
    /// The keys of the form that asks for the file.
    pub file: FormKeys,
    /// What is wrong with the one that was typed back.
    pub errors: Errors,
}

impl RecoveryCodesPage {
    /// The text of the file.
    #[must_use]
    pub fn file_of(chrome: &Chrome, codes: &[&str]) -> String {
        format!("{}\n\n{}\n", chrome.t("codes-file"), codes.join("\n"))
    }
}
