//! Pages about second factors.

use std::time::Duration;

use chancery_api::pages::{
    DevicePage, DeviceRow, DisownPage, DisownState, Errors, Field, KeyKind, KeyPage, KeysPage, PanicPage, Problem,
    QrCode, RecoveryCodesPage, RecoveryCodesRow, RecoveryNotice, RequestShown, SecurityNotice, SecurityPage, SmsEnds,
    TotpPage, VerifyNotice, VerifyPage, Way, paths,
};
use chancery_domain::account::FactorKind;
use chancery_domain::values::DeviceNameError;
use chancery_service::accounts::disown::Told;
use chancery_service::factors::AskedBy;
use chancery_service::factors::mobile_app::{RequestOver, RequestStanding};
use chancery_service::mail::SecurityChange;

use super::mobile_app::{challenge, request};
use super::phone::asked_by_sms;
use super::{NOW, Samples, chrome, errors, keys};

/// What a key is asked, as far as a picture of the page needs it.
pub(super) const QUESTION: &str = r#"{"challenge":"AAAAAAAAAAAAAAAAAAAAAA"}"#;

pub(super) fn device(n: u64, name: &str, used: bool) -> DeviceRow {
    DeviceRow {
        id: format!("00000000-0000-0000-0000-00000000000{n}"),
        kind: FactorKind::Totp,
        name: name.to_owned(),
        added: NOW.minus(Duration::from_secs(n * 86_400)),
        used: used.then_some(NOW),
        suspended: !used,
        blocked: false,
        off: false,
        ending: None,
    }
}

impl Samples {
    pub(super) fn verify(&mut self) {
        let page = |name: Option<&str>, ways: &[Way], chosen, errors| VerifyPage {
            chrome: chrome(self.language, paths::LOGIN_VERIFY),
            form: keys(),
            action: if name.is_some() { paths::LOGIN_VERIFY } else { paths::ACCOUNT_VERIFY },
            name: name.map(str::to_owned),
            ways: ways.to_vec(),
            chosen,
            question: (chosen == Some(Way::SecurityKey)).then(|| QUESTION.to_owned()),
            challenge: (chosen == Some(Way::MobileAppQrCode)).then(|| challenge(1)).flatten(),
            request: matches!(chosen, Some(Way::MobileAppPinCode | Way::OnMobile))
                .then(|| request(RequestStanding::Waiting)),
            sms: (chosen == Some(Way::Sms)).then(|| asked_by_sms(name.is_some(), 2, Some(1))),
            by_browser: false,
            lost_key: name.is_none() && ways.contains(&Way::SecurityKey),
            asked_by: None,
            recovery: None,
            sms_ends: None,
            notice: None,
            errors,
        };
        let who = Some("eleni.papadopoulou@example.org");
        let both = [Way::Totp, Way::Password];
        let all = [Way::SecurityKey, Way::Totp, Way::RecoveryCode, Way::Password];
        let key = |problem| page(who, &all, Some(Way::SecurityKey), errors(&[(Field::SecurityKey, problem)]));
        let code = |problem| page(who, &all, Some(Way::RecoveryCode), errors(&[(Field::RecoveryCode, problem)]));
        let phones = [Way::MobileAppQrCode, Way::Password];
        let app_code = |problem| page(who, &phones, Some(Way::MobileAppQrCode), errors(&[(Field::AppCode, problem)]));
        let apps = [Way::MobileAppPinCode, Way::MobileAppQrCode, Way::OnMobile];
        let asked_phone = |way, notice, request: Option<RequestShown>| VerifyPage {
            notice,
            request,
            ..page(who, &apps, Some(way), Errors::default())
        };
        let over = |over| {
            let shown = request(RequestStanding::Over(over));
            asked_phone(Way::MobileAppPinCode, Some(VerifyNotice::RequestOver(over)), Some(shown))
        };
        let waiting = || Some(request(RequestStanding::Waiting));
        let known = [Way::MobileAppPinCode, Way::OnMobile, Way::SecurityKey, Way::Password];
        let by_sms = [Way::Totp, Way::Sms, Way::Password];
        let sms_code = |problem| page(who, &by_sms, Some(Way::Sms), errors(&[(Field::SmsCode, problem)]));
        let unsent = |name: Option<&str>, phones| VerifyPage {
            sms: Some(asked_by_sms(name.is_some(), phones, None)),
            ..page(name, &by_sms, Some(Way::Sms), Errors::default())
        };
        let ending = |sms_ends| VerifyPage {
            sms_ends: Some(sms_ends),
            ..page(who, &[Way::Sms], Some(Way::Sms), Errors::default())
        };
        let asked = |asked_by, notice| VerifyPage {
            asked_by: Some(asked_by),
            notice: Some(notice),
            ..page(who, &both[..1], Some(Way::Totp), Errors::default())
        };
        let noticed = |everything, ready| VerifyPage {
            recovery: Some(RecoveryNotice { everything, ready, moment: NOW }),
            ..page(who, &both, Some(Way::Totp), Errors::default())
        };
        let wrong = errors(&[(Field::OneTimeCode, Problem::OneTimeCodeWrong)]);
        let used = errors(&[(Field::OneTimeCode, Problem::OneTimeCodeUsed)]);
        let password = errors(&[(Field::Password, Problem::PasswordWrong)]);
        let pages = [
            ("verify", page(who, &all, None, Errors::default())),
            ("verify-known-browser", VerifyPage { by_browser: true, ..page(who, &known, None, Errors::default()) }),
            ("verify-key", page(who, &all, Some(Way::SecurityKey), Errors::default())),
            ("verify-key-missing", key(Problem::Missing)),
            ("verify-key-wrong", key(Problem::SecurityKeyWrong)),
            ("verify-key-used", key(Problem::SecurityKeyUsed)),
            ("verify-recovery-code", page(who, &all, Some(Way::RecoveryCode), Errors::default())),
            ("verify-recovery-code-missing", code(Problem::Missing)),
            ("verify-recovery-code-wrong", code(Problem::RecoveryCodeWrong)),
            ("verify-recovery-code-used", code(Problem::RecoveryCodeUsed)),
            ("verify-app-code", page(who, &phones, Some(Way::MobileAppQrCode), Errors::default())),
            ("verify-app-code-several", VerifyPage { challenge: challenge(3), ..app_code(Problem::Missing) }),
            ("verify-app-code-wrong", app_code(Problem::AppCodeWrong)),
            ("verify-app-code-used", app_code(Problem::AppCodeUsed)),
            ("verify-pin", asked_phone(Way::MobileAppPinCode, None, waiting())),
            ("verify-pin-not-yet", asked_phone(Way::MobileAppPinCode, Some(VerifyNotice::NotAnsweredYet), waiting())),
            ("verify-pin-unanswered", over(RequestOver::Unanswered)),
            ("verify-pin-wrong-number", over(RequestOver::WrongNumber)),
            ("verify-pin-denied", over(RequestOver::Denied)),
            ("verify-pin-blocked", over(RequestOver::Blocked)),
            ("verify-pin-worthless", asked_phone(Way::MobileAppPinCode, Some(VerifyNotice::Worthless), waiting())),
            ("verify-pin-used", asked_phone(Way::MobileAppPinCode, Some(VerifyNotice::UsedBefore), waiting())),
            ("verify-pin-full", asked_phone(Way::MobileAppPinCode, Some(VerifyNotice::Full(NOW)), None)),
            ("verify-pin-paused", asked_phone(Way::MobileAppPinCode, Some(VerifyNotice::Paused(NOW)), None)),
            ("verify-mobile", asked_phone(Way::OnMobile, None, waiting())),
            ("verify-by-sms", page(who, &by_sms, None, Errors::default())),
            ("verify-send", unsent(who, 1)),
            ("verify-send-several", unsent(who, 3)),
            ("verify-send-session", unsent(None, 1)),
            ("verify-sms", page(who, &by_sms, Some(Way::Sms), Errors::default())),
            ("verify-sms-ends", ending(SmsEnds::On(NOW))),
            ("verify-sms-last", ending(SmsEnds::LastTime)),
            ("verify-sms-missing", sms_code(Problem::Missing)),
            ("verify-sms-wrong", sms_code(Problem::SmsCodeWrong)),
            ("verify-sms-used", sms_code(Problem::SmsCodeUsed)),
            ("verify-totp", page(who, &both, Some(Way::Totp), Errors::default())),
            ("verify-recovery-waits", noticed(true, false)),
            ("verify-recovery-ready", noticed(true, true)),
            ("verify-recovery-device-waits", noticed(false, false)),
            ("verify-recovery-device-ready", noticed(false, true)),
            ("verify-totp-wrong", page(who, &both, Some(Way::Totp), wrong)),
            ("verify-totp-used", page(Some("n7k2mq4x"), &both, Some(Way::Totp), used)),
            ("verify-password-alone", page(who, &both, Some(Way::Password), Errors::default())),
            ("verify-asked-by-owner", asked(AskedBy::Owner, VerifyNotice::TookTooLong)),
            ("verify-asked-by-operator", asked(AskedBy::Operator, VerifyNotice::NotThisWay)),
            ("verify-session-key", page(None, &all[..1], Some(Way::SecurityKey), Errors::default())),
            ("verify-session-nothing", page(None, &[], None, Errors::default())),
            ("verify-session-totp", page(None, &both[..1], Some(Way::Totp), Errors::default())),
            ("verify-session-password", page(None, &both[1..], Some(Way::Password), Errors::default())),
            ("verify-session-password-wrong", page(None, &both[1..], Some(Way::Password), password)),
        ];
        for (name, page) in pages {
            self.add(name, &page);
        }
    }

    pub(super) fn security(&mut self) {
        let language = self.language;
        let page = |notice, devices: Vec<DeviceRow>| SecurityPage {
            chrome: chrome(language, paths::SECURITY),
            notice,
            recovery: None,
            accepted: (notice == Some(SecurityNotice::Removed)).then(|| "{}".to_owned()),
            always: devices.len() > 1 && notice != Some(SecurityNotice::AlwaysOff),
            change_always: keys(),
            codes: (devices.len() > 1).then_some(RecoveryCodesRow { left: 1, issued: NOW, suspended: true }),
            devices,
            phones: notice.is_none(),
            new_codes: keys(),
        };
        let devices = || vec![device(1, "Τηλέφωνο <2>", true), device(2, "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW", false)];
        let notices = [
            ("resumed", SecurityNotice::Resumed),
            ("recovered", SecurityNotice::Recovered),
            ("added", SecurityNotice::Added),
            ("added-without-codes", SecurityNotice::AddedWithoutCodes),
            ("codes-issued", SecurityNotice::CodesIssued),
            ("renamed", SecurityNotice::Renamed),
            ("removed", SecurityNotice::Removed),
            ("too-many", SecurityNotice::TooMany),
            ("not-here", SecurityNotice::NotHere),
            ("no-messages", SecurityNotice::NoMessages),
            ("gone", SecurityNotice::Gone),
            ("last-one", SecurityNotice::LastOne),
            ("others-suspended", SecurityNotice::OthersSuspended),
            ("always-on", SecurityNotice::AlwaysOn),
            ("always-off", SecurityNotice::AlwaysOff),
            ("all-removed", SecurityNotice::AllRemoved),
            ("must-add", SecurityNotice::MustAdd),
            ("sms-off", SecurityNotice::SmsOff),
            ("no-new-numbers", SecurityNotice::NoNewNumbers),
        ];
        self.add("security-none", &page(None, Vec::new()));
        let blocked = DeviceRow { kind: FactorKind::MobileApp, blocked: true, ..device(3, "Old telephone", false) };
        self.add("security-blocked", &page(None, vec![blocked]));
        let off = DeviceRow { kind: FactorKind::Phone, off: true, ..device(3, "Mobile phone", true) };
        self.add("security-off", &page(None, vec![off]));
        let recovery = Some(RecoveryNotice { everything: false, ready: false, moment: NOW });
        self.add("security-recovery", &SecurityPage { recovery, ..page(None, devices()) });
        for (name, notice) in notices {
            self.add(&format!("security-{name}"), &page(Some(notice), devices()));
        }
        let device = |errors| DevicePage {
            chrome: chrome(language, paths::SECURITY_DEVICE),
            device: device(1, "Τηλέφωνο", false),
            name: "Τηλέφωνο".to_owned(),
            rename: keys(),
            remove: keys(),
            resume: keys(),
            errors,
        };
        let problem = |error| errors(&[(Field::DeviceName, Problem::DeviceName(error))]);
        let pages = [
            ("device", device(Errors::default())),
            (
                "device-blocked",
                DevicePage {
                    device: DeviceRow {
                        kind: FactorKind::MobileApp,
                        blocked: true,
                        ..self::device(1, "Τηλέφωνο", false)
                    },
                    ..device(Errors::default())
                },
            ),
            ("device-missing", device(problem(DeviceNameError::Empty))),
            ("device-long", device(problem(DeviceNameError::TooLong))),
            ("device-invisible", device(problem(DeviceNameError::Invisible))),
        ];
        for (name, page) in pages {
            self.add(name, &page);
        }
        self.add("panic", &PanicPage { chrome: chrome(language, paths::SECURITY_PANIC), form: keys() });
        let codes = |codes: &[&str], errors| RecoveryCodesPage {
            chrome: chrome(language, paths::SECURITY),
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
            confirm: keys(),
            file: keys(),
            errors,
        };
        let wrong = errors(&[(Field::RecoveryCode, Problem::RecoveryCodeWrong)]);
        let ten = ["k7qm-2xpd-9zwvt"; 10];
        let pages = [("recovery-codes", codes(&ten, Errors::default())), ("recovery-codes-wrong", codes(&[], wrong))];
        for (name, page) in pages {
            self.add(name, &page);
        }
        self.add("keys", &KeysPage { chrome: chrome(language, paths::SECURITY_KEY) });
        let key = |kind, begun_anew, errors| KeyPage {
            chrome: chrome(language, paths::SECURITY_KEY),
            form: keys(),
            kind,
            question: QUESTION.to_owned(),
            name: "YubiKey 5C".to_owned(),
            begun_anew,
            errors,
        };
        let wrong = |problem| key(KeyKind::Passkey, false, errors(&[(Field::SecurityKey, problem)]));
        let pages = [
            ("key-device", key(KeyKind::ThisDevice, false, Errors::default())),
            ("key-passkey", key(KeyKind::Passkey, false, Errors::default())),
            ("key-second", key(KeyKind::AfterPassword, true, Errors::default())),
            ("key-there", wrong(Problem::SecurityKeyThere)),
            ("key-not-added", wrong(Problem::SecurityKeyNotAdded)),
            ("key-not-trusted", wrong(Problem::SecurityKeyNotTrusted)),
        ];
        for (name, page) in pages {
            self.add(name, &page);
        }
        let uri = "otpauth://totp/Chancery:eleni%40example%2Eorg?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let totp = |begun_anew, errors| TotpPage {
            chrome: chrome(language, paths::SECURITY_TOTP),
            form: keys(),
            qr: QrCode::of(uri),
            secret: "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ".to_owned(),
            name: "Authenticator app".to_owned(),
            begun_anew,
            errors,
        };
        let wrong = errors(&[
            (Field::OneTimeCode, Problem::Missing),
            (Field::DeviceName, Problem::DeviceName(DeviceNameError::Empty)),
        ]);
        let pages = [
            ("totp", totp(false, Errors::default())),
            ("totp-begun-anew", totp(true, Errors::default())),
            ("totp-wrong", totp(false, wrong)),
        ];
        for (name, page) in pages {
            self.add(name, &page);
        }
    }

    pub(super) fn disown(&mut self) {
        let changes = [
            ("disown", SecurityChange::FactorAdded),
            ("disown-renamed", SecurityChange::FactorRenamed),
            ("disown-removed", SecurityChange::FactorRemoved),
            ("disown-all-removed", SecurityChange::AllRemoved),
            ("disown-reset", SecurityChange::Reset),
            ("disown-codes-issued", SecurityChange::RecoveryCodesIssued),
            ("disown-code-used", SecurityChange::RecoveryCodeUsed { left: 1 }),
            ("disown-always-on", SecurityChange::AlwaysOn),
            ("disown-always-off", SecurityChange::AlwaysOff),
            ("disown-resumed", SecurityChange::Resumed),
            ("disown-unblocked", SecurityChange::Unblocked),
            ("disown-pin-changed", SecurityChange::PinChanged),
            ("disown-recovered", SecurityChange::Recovered),
        ];
        let told = changes.into_iter().map(|(name, change)| (name, Told::Security(change)));
        let told = told.chain([("disown-password", Told::PasswordSet), ("disown-sign-in", Told::SignedIn)]);
        let open = told.map(|(name, told)| {
            let state = DisownState::Open {
                form: keys(),
                action: format!("{}4k7t", paths::DISOWN_PREFIX),
                masked_email: "e…u@example.org".to_owned(),
                at: NOW,
                told,
                devices: vec!["Τηλέφωνο <2>".to_owned(), "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW".to_owned()],
                new_name: (told == Told::Security(SecurityChange::FactorRenamed)).then(|| "Ключ".to_owned()),
            };
            (name, state)
        });
        let over = [("disown-done", DisownState::Done), ("disown-expired", DisownState::Expired)];
        for (name, state) in open.chain(over) {
            let page = DisownPage { chrome: chrome(self.language, "/n/4k7t"), state };
            self.add(name, &page);
        }
    }
}
