//! "How can I add …?": a page for each kind of second factor, for anybody to read.

use askama::Template;

use super::{Chrome, paths};

/// What can be added to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addable {
    /// A security key or trusted platform.
    SecurityKey,
    /// The service's own app.
    MobileApp,
    /// An app that shows one-time codes.
    Totp,
    /// Recovery codes.
    RecoveryCodes,
    /// A telephone that is sent codes.
    Phone,
}

impl Addable {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::SecurityKey, Self::MobileApp, Self::Totp, Self::RecoveryCodes, Self::Phone];

    /// The page about it.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::SecurityKey => paths::HELP_KEY,
            Self::MobileApp => paths::HELP_MOBILE,
            Self::Totp => paths::HELP_TOTP,
            Self::RecoveryCodes => paths::HELP_CODES,
            Self::Phone => paths::HELP_SMS,
        }
    }

    /// What the page is called, and the links to it.
    #[must_use]
    pub const fn title_id(self) -> &'static str {
        match self {
            Self::SecurityKey => "how-key-title",
            Self::MobileApp => "how-mobile-title",
            Self::Totp => "how-totp-title",
            Self::RecoveryCodes => "how-codes-title",
            Self::Phone => "how-sms-title",
        }
    }

    const fn why_id(self) -> &'static str {
        match self {
            Self::SecurityKey => "how-key-why",
            Self::MobileApp => "how-mobile-why",
            Self::Totp => "how-totp-why",
            Self::RecoveryCodes => "how-codes-why",
            Self::Phone => "how-sms-why",
        }
    }

    const fn step_ids(self) -> [&'static str; 4] {
        match self {
            Self::SecurityKey => ["how-begin", "how-key-choose", "how-key-name", "how-key-follow"],
            Self::MobileApp => ["how-begin", "how-mobile-choose", "how-mobile-scan", "how-mobile-confirm"],
            Self::Totp => ["how-begin", "how-totp-choose", "how-totp-scan", "how-totp-type"],
            Self::RecoveryCodes => ["how-begin", "how-codes-make", "how-codes-keep", "how-codes-type"],
            Self::Phone => ["how-begin", "how-sms-choose", "how-sms-number", "how-sms-type"],
        }
    }

    const fn note_id(self) -> &'static str {
        match self {
            Self::SecurityKey => "how-key-note",
            Self::MobileApp => "how-mobile-note",
            Self::Totp => "how-totp-note",
            Self::RecoveryCodes => "how-codes-note",
            Self::Phone => "how-sms-note",
        }
    }

    /// Where it is added.
    pub(super) const fn begins_at(self) -> &'static str {
        match self {
            Self::SecurityKey => paths::SECURITY_KEY,
            Self::MobileApp => paths::SECURITY_MOBILE_ADD,
            Self::Totp => paths::SECURITY_TOTP,
            Self::RecoveryCodes => paths::SECURITY,
            Self::Phone => paths::SECURITY_PHONE,
        }
    }

    pub(super) const fn begin_id(self) -> &'static str {
        match self {
            Self::SecurityKey => "security-add-key",
            Self::MobileApp => "mobile-add",
            Self::Totp => "security-add-totp",
            Self::RecoveryCodes => "account-security-link",
            Self::Phone => "phone-title",
        }
    }
}

/// "How can I add …?".
#[derive(Debug, Template)]
#[template(path = "how_to_add.html")]
pub struct HowToAddPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// What.
    pub what: Addable,
}

impl HowToAddPage {
    fn others(&self) -> impl Iterator<Item = Addable> {
        Addable::ALL.into_iter().filter(|other| *other != self.what)
    }
}
