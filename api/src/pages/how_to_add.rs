//! "How can I add …?": a page for each kind of second factor, for anybody to read.

use std::time::Duration;

use askama::Template;
use chancery_domain::Timestamp;
use chancery_domain::campaign::{Campaign, CampaignStage};
use chancery_domain::values::Language;

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
    /// What is to be said of the end of codes by SMS.
    pub sms_end: Option<SmsEndShown>,
}

/// The end of codes by SMS, for anybody to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmsEndShown {
    /// Why, in the operator's words.
    pub words: Option<String>,
    /// Until when a telephone can be added; `None` where none can be any more.
    pub takes_until: Option<Timestamp>,
    /// When codes end, or have ended; `None` where that is not known any more.
    pub off: Option<Timestamp>,
    /// Whether they have.
    pub is_off: bool,
    /// For how long after that one last sign-in is possible.
    pub grace: Duration,
}

impl SmsEndShown {
    /// What there is to be said once it was announced.
    #[must_use]
    pub fn of(campaign: &Campaign, language: Language) -> Option<Self> {
        let (planned, stage) = (campaign.planned.as_ref()?, campaign.stage()?);
        let is_off = stage == CampaignStage::Off;
        if planned.ended && campaign.takes_new_numbers() {
            return None;
        }
        let takes_until = planned.next().filter(|(next, _)| *next == CampaignStage::NoNewNumbers);
        Some(Self {
            words: campaign.words(planned.number, language),
            takes_until: takes_until.map(|(_, moment)| moment),
            off: (is_off || !planned.ended).then(|| planned.off()),
            is_off,
            grace: planned.plan.grace(),
        })
    }

    /// What the page says, a sentence each.
    fn sentences(&self, chrome: &Chrome) -> Vec<String> {
        let numbers = match self.takes_until {
            Some(until) => chrome.t1("how-sms-takes-until", "moment", chrome.moment(until)),
            None => chrome.t("how-sms-closed"),
        };
        let id = if self.is_off { "how-sms-ended-on" } else { "how-sms-ends-on" };
        let off = self.off.map(|off| chrome.t1(id, "moment", chrome.moment(off)));
        let last = self.off.map(|_| chrome.t1("how-sms-last", "span", chrome.texts().span(self.grace)));
        [numbers].into_iter().chain(off).chain(last).collect()
    }
}

impl HowToAddPage {
    /// Whether it can be added.
    fn can_be_added(&self) -> bool {
        self.sms_end.as_ref().is_none_or(|end| end.takes_until.is_some())
    }

    /// Whether it is about telephones, which people replace every few years.
    fn is_about_telephones(&self) -> bool {
        self.what == Addable::MobileApp
    }

    fn others(&self) -> impl Iterator<Item = Addable> {
        Addable::ALL.into_iter().filter(|other| *other != self.what)
    }
}

#[cfg(test)]
mod tests {
    use chancery_domain::account::FactorKind;
    use chancery_service::mail::help_path;

    use super::Addable;

    #[test]
    fn mails_lead_to_these_pages() {
        for (kind, what) in [
            (FactorKind::Passkey, Addable::SecurityKey),
            (FactorKind::SecurityKey, Addable::SecurityKey),
            (FactorKind::Totp, Addable::Totp),
            (FactorKind::MobileApp, Addable::MobileApp),
            (FactorKind::Phone, Addable::Phone),
        ] {
            assert_eq!(help_path(kind), what.path(), "{kind:?}");
        }
    }
}
