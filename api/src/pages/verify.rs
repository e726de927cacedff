//! "Choose your verification method": what is asked for after the password, and in a session before its account's security
//! is changed.

use std::borrow::Borrow;

use askama::Template;
use chancery_domain::Timestamp;
use chancery_domain::account::{Factors, SignInMethod};
use chancery_domain::campaign::CampaignStage;
use chancery_service::factors::AskedBy;
use chancery_service::factors::mobile_app::RequestOver;

use super::paths::with_query;
use super::{Addable, Chrome, Errors, Field, FormKeys, QrShown, RecoveryNotice, RequestShown, SmsShown, fields, paths};

/// A way that can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A security key or trusted platform.
    SecurityKey,
    /// The service's own app, which is shown the request.
    MobileAppPinCode,
    /// A code that the service's own app makes of what the page shows.
    MobileAppQrCode,
    /// The service's own app on the very device on which the page is.
    OnMobile,
    /// A one-time code from an app.
    Totp,
    /// A recovery code.
    RecoveryCode,
    /// A code that is sent to a telephone.
    Sms,
    /// The password: after it, that it is to suffice.
    Password,
}

impl Way {
    /// The way of this method, if it can be chosen.
    #[must_use]
    pub const fn of(method: SignInMethod) -> Option<Self> {
        match method {
            SignInMethod::SecurityKey => Some(Self::SecurityKey),
            SignInMethod::MobileAppPinCode => Some(Self::MobileAppPinCode),
            SignInMethod::MobileAppQrCode => Some(Self::MobileAppQrCode),
            SignInMethod::OnMobile => Some(Self::OnMobile),
            SignInMethod::Totp => Some(Self::Totp),
            SignInMethod::RecoveryCode => Some(Self::RecoveryCode),
            SignInMethod::Sms => Some(Self::Sms),
            SignInMethod::Password => Some(Self::Password),
            SignInMethod::MailedLink | SignInMethod::Passkey => None,
        }
    }

    /// Its method.
    #[must_use]
    pub const fn method(self) -> SignInMethod {
        match self {
            Self::SecurityKey => SignInMethod::SecurityKey,
            Self::MobileAppPinCode => SignInMethod::MobileAppPinCode,
            Self::MobileAppQrCode => SignInMethod::MobileAppQrCode,
            Self::OnMobile => SignInMethod::OnMobile,
            Self::Totp => SignInMethod::Totp,
            Self::RecoveryCode => SignInMethod::RecoveryCode,
            Self::Sms => SignInMethod::Sms,
            Self::Password => SignInMethod::Password,
        }
    }

    /// Its name in queries and forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SecurityKey => "key",
            Self::MobileAppPinCode => "pin",
            Self::MobileAppQrCode => "qr",
            Self::OnMobile => "mobile",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery",
            Self::Sms => "sms",
            Self::Password => "password",
        }
    }

    /// The way of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let app = [Self::MobileAppPinCode, Self::MobileAppQrCode, Self::OnMobile];
        let others = [Self::SecurityKey, Self::Totp, Self::RecoveryCode, Self::Sms, Self::Password];
        app.into_iter().chain(others).find(|way| way.name() == name)
    }

    /// The field that its answer comes in; `None` where that is given elsewhere.
    #[must_use]
    pub const fn field(self) -> Option<Field> {
        Some(match self {
            Self::SecurityKey => Field::SecurityKey,
            Self::MobileAppQrCode => Field::AppCode,
            Self::Totp => Field::OneTimeCode,
            Self::RecoveryCode => Field::RecoveryCode,
            Self::Sms => Field::SmsCode,
            Self::Password => Field::Password,
            Self::MobileAppPinCode | Self::OnMobile => return None,
        })
    }

    /// Whether the account's phones are asked as soon as it is chosen.
    #[must_use]
    pub const fn asks_phones(self) -> bool {
        matches!(self, Self::MobileAppPinCode | Self::OnMobile)
    }

    pub(super) const fn label_id(self) -> &'static str {
        match self {
            Self::SecurityKey => "way-security-key",
            Self::MobileAppPinCode => "way-mobile-app-pin-code",
            Self::MobileAppQrCode => "way-mobile-app-qr-code",
            Self::OnMobile => "way-on-mobile",
            Self::Totp => "way-totp",
            Self::RecoveryCode => "way-recovery-code",
            Self::Sms => "way-sms",
            Self::Password => "way-password",
        }
    }

    const fn needs_id(self) -> &'static str {
        match self {
            Self::SecurityKey => "way-security-key-needs",
            Self::MobileAppPinCode => "way-mobile-app-pin-code-needs",
            Self::MobileAppQrCode => "way-mobile-app-qr-code-needs",
            Self::OnMobile => "way-on-mobile-needs",
            Self::Totp => "way-totp-needs",
            Self::RecoveryCode => "way-recovery-code-needs",
            Self::Sms => "way-sms-needs",
            Self::Password => "way-password-needs",
        }
    }

    /// Whether it is on its way out.
    const fn is_soon_deprecated(self) -> bool {
        matches!(self, Self::Sms)
    }
}

/// What is to be said of the end of codes by SMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsEnds {
    /// They end at a moment.
    On(Timestamp),
    /// They have ended, and this is the last sign-in by one.
    LastTime,
}

impl SmsEnds {
    /// What is said to whoever has nothing else.
    #[must_use]
    pub fn of(factors: &Factors) -> Option<Self> {
        let told = factors.sms_alone()?;
        Some(if told.stage == CampaignStage::Off { Self::LastTime } else { Self::On(told.off) })
    }
}

/// What is to be said of the last answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyNotice {
    /// It came too late.
    TookTooLong,
    /// The way is not possible, or does not suffice any more.
    NotThisWay,
    /// No phone has answered the request yet.
    NotAnsweredYet,
    /// The request is over.
    RequestOver(RequestOver),
    /// What the phone said does not count any more.
    Worthless,
    /// What the phone said has counted before.
    UsedBefore,
    /// Other browsers ask the account's phones; until when at the latest.
    Full(Timestamp),
    /// Phones are not asked from here, since a request was denied; until when.
    Paused(Timestamp),
}

/// The page. Posts to [`paths::LOGIN_VERIFY`] or [`paths::ACCOUNT_VERIFY`].
#[derive(Debug, Template)]
#[template(path = "verify.html")]
pub struct VerifyPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The form's keys, with the target.
    pub form: FormKeys,
    /// Where it posts to.
    pub action: &'static str,
    /// The name as typed, at a sign-in; `None` in a session.
    pub name: Option<String>,
    /// What can be chosen, in this order.
    pub ways: Vec<Way>,
    /// What is chosen; `None` while several are possible and none is.
    pub chosen: Option<Way>,
    /// What the script gives to the browser, of a security key or trusted platform.
    pub question: Option<String>,
    /// What a phone is asked.
    pub challenge: Option<QrShown>,
    /// The request that phones are shown.
    pub request: Option<RequestShown>,
    /// The telephones that are sent a code.
    pub sms: Option<SmsShown>,
    /// Whether this is before the password, which can be typed all the same.
    pub by_browser: bool,
    /// What is to be said of the end of codes by SMS.
    pub sms_ends: Option<SmsEnds>,
    /// Whether to offer what can be done about a key that is lost.
    pub lost_key: bool,
    /// Who asks for more than the password.
    pub asked_by: Option<AskedBy>,
    /// What is to be said of a recovery.
    pub recovery: Option<RecoveryNotice>,
    /// What is to be said of the last answer.
    pub notice: Option<VerifyNotice>,
    /// What is wrong with the answer.
    pub errors: Errors,
}

impl VerifyPage {
    fn heading(&self) -> String {
        self.chrome.t(match (self.chosen, &self.name) {
            (Some(Way::SecurityKey), _) => "verify-security-key-title",
            (Some(Way::MobileAppPinCode), _) => "verify-request-pin-title",
            (Some(Way::MobileAppQrCode), _) => "verify-app-code-title",
            (Some(Way::OnMobile), _) => "verify-request-mobile-title",
            (Some(Way::Totp), _) => "verify-totp-title",
            (Some(Way::RecoveryCode), _) => "verify-recovery-code-title",
            (Some(Way::Sms), _) => "way-sms",
            (Some(Way::Password), Some(_)) => "verify-password-alone-title",
            (Some(Way::Password), None) => "verify-password-title",
            (None, _) => "verify-title",
        })
    }

    fn notice_text(&self) -> Option<String> {
        let id = match self.notice? {
            VerifyNotice::TookTooLong => "verify-took-too-long",
            VerifyNotice::NotThisWay => "verify-not-this-way",
            VerifyNotice::NotAnsweredYet => "verify-request-not-yet",
            VerifyNotice::RequestOver(over) => over_id(over),
            VerifyNotice::Worthless => "verify-request-worthless",
            VerifyNotice::UsedBefore => "verify-request-used",
            VerifyNotice::Full(until) => return Some(self.until("verify-request-full", until)),
            VerifyNotice::Paused(until) => return Some(self.until("verify-request-paused", until)),
        };
        Some(self.chrome.t(id))
    }

    fn sms_ends_text(&self) -> Option<String> {
        Some(match self.sms_ends? {
            SmsEnds::On(moment) => self.until("verify-sms-ends", moment),
            SmsEnds::LastTime => self.chrome.t("verify-sms-last"),
        })
    }

    fn until(&self, id: &str, moment: Timestamp) -> String {
        self.chrome.t1(id, "moment", self.chrome.moment(moment))
    }

    /// The page as a GET shows it, with the way that is chosen.
    fn here(&self) -> String {
        let here = self.form.aside(self.action);
        self.chosen.map_or_else(|| here.clone(), |way| with_query(&here, fields::METHOD, way.name()))
    }

    fn on_mobile(&self) -> bool {
        self.chosen == Some(Way::OnMobile)
    }

    fn recovery_text(&self) -> Option<String> {
        self.recovery.map(|notice| notice.text(&self.chrome))
    }

    fn asked_by_text(&self) -> Option<String> {
        let id = match self.asked_by? {
            AskedBy::Owner => "verify-asked-by-owner",
            AskedBy::Operator => "verify-asked-by-operator",
        };
        Some(self.chrome.t(id))
    }

    /// What is chosen, if something can be typed or pressed for it: a code must be sent first.
    fn answered(&self) -> Option<Way> {
        self.chosen.filter(|_| self.sms.as_ref().is_none_or(|sms| sms.to.last.is_some()))
    }

    /// What is lacked by whoever cannot go the way that was chosen.
    fn addable(&self) -> Option<Addable> {
        match self.chosen? {
            Way::SecurityKey => Some(Addable::SecurityKey),
            Way::MobileAppPinCode | Way::MobileAppQrCode | Way::OnMobile => Some(Addable::MobileApp),
            Way::Totp => Some(Addable::Totp),
            Way::RecoveryCode => Some(Addable::RecoveryCodes),
            Way::Sms => Some(Addable::Phone),
            Way::Password => None,
        }
    }

    /// What a way needs; before the password, and behind it, that is not the same of the password.
    fn needs_of(&self, way: impl Borrow<Way>) -> String {
        match *way.borrow() {
            Way::Password if self.by_browser => self.chrome.t("way-password-typed-needs"),
            way => self.chrome.t(way.needs_id()),
        }
    }

    /// The ways that are one click away, with their addresses.
    fn others(&self) -> Vec<(Way, String)> {
        let address = |way: Way| with_query(&self.form.aside(self.action), fields::METHOD, way.name());
        self.ways.iter().filter(|way| Some(**way) != self.chosen).map(|way| (*way, address(*way))).collect()
    }
}

/// What is said of a request that is over.
const fn over_id(over: RequestOver) -> &'static str {
    match over {
        RequestOver::Unanswered => "verify-request-unanswered",
        RequestOver::WrongNumber => "verify-request-wrong-number",
        RequestOver::Denied => "verify-request-denied",
        RequestOver::Blocked => "verify-request-blocked",
    }
}
