//! Pages about mobile devices.

use std::time::Duration;

use chancery_api::pages::{
    DeviceRow, Errors, Field, MobileAddPage, MobileDevicesPage, MobilePairPage, Problem, QrShown, RequestShown, paths,
};
use chancery_domain::FactorId;
use chancery_domain::account::{Device, FactorKind};
use chancery_service::factors::mobile_app::{PairingView, PinWrong, QrChallenge, RequestStanding, RequestView};
use zeroize::Zeroizing;

use super::factors::device;
use super::{NOW, Samples, chrome, errors, keys};

/// What a phone is asked, of so many that the account has.
pub(super) fn challenge(phones: u8) -> Option<QrShown> {
    let challenge = |n: u8| QrChallenge {
        device: FactorId::from_bytes([n; 16]),
        name: format!("Telephone {n}"),
        digits: "0415926535".to_owned(),
        link: "https://login.example.org/app#code=01010101010101010101010101010101.0415926535".to_owned(),
    };
    QrShown::of((1..=phones).map(challenge).collect(), None, paths::LOGIN_VERIFY)
}

/// A request that phones are shown.
pub(super) fn request(standing: RequestStanding) -> RequestShown {
    let view =
        RequestView { id: "09".repeat(16), number: Zeroizing::new("42".to_owned()), standing, asked: NOW, until: NOW };
    RequestShown::of(view, paths::LOGIN_VERIFY_STATE, "Firefox, Linux".to_owned(), "2001:db8::1".to_owned())
}

impl Samples {
    pub(super) fn mobile_devices(&mut self) {
        let phone = |n, name| DeviceRow { kind: FactorKind::MobileApp, ..device(n, name, true) };
        let list = |devices, ended| MobileDevicesPage {
            chrome: chrome(self.language, paths::SECURITY_MOBILE),
            devices,
            ended,
        };
        let pages = [
            ("mobile", list(vec![phone(1, "Τηλέφωνο"), phone(2, "Old telephone")], false)),
            ("mobile-none", list(Vec::new(), false)),
            ("mobile-ended", list(Vec::new(), true)),
        ];
        for (name, page) in pages {
            self.add(name, &page);
        }
        let add = |errors| MobileAddPage {
            chrome: chrome(self.language, paths::SECURITY_MOBILE_ADD),
            form: keys(),
            name: "Telephone".to_owned(),
            errors,
        };
        let wrong = |pin, again| errors(&[(Field::Pin, pin), (Field::ConfirmPin, again)]);
        let pages = [
            ("mobile-add", add(Errors::default())),
            ("mobile-add-missing", add(wrong(Problem::Missing, Problem::Missing))),
            ("mobile-add-digits", add(wrong(Problem::Pin(PinWrong::NotFourDigits), Problem::PinsDiffer))),
            ("mobile-add-guessable", add(errors(&[(Field::Pin, Problem::Pin(PinWrong::Run))]))),
        ];
        for (name, page) in pages {
            self.add(name, &page);
        }
        let pair = |phone| MobilePairPage {
            chrome: chrome(self.language, paths::SECURITY_MOBILE_PAIR),
            form: keys(),
            cancel: keys(),
            pairing: PairingView {
                enrolment: FactorId::from_bytes([1; 16]),
                app: "https://login.example.org/app".to_owned(),
                name: "Telephone".to_owned(),
                link: "https://login.example.org/app#add=n7k2mq4x.AAAAAAAAAAAAAAAAAAAAAA".to_owned().into(),
                uid: "n7k2mq4x".to_owned(),
                code: "4K7T-9XQ2".to_owned().into(),
                expires: NOW.plus(Duration::from_secs(300)),
                phone,
            },
        };
        let told = Device { os: "Android 17".into(), manufacturer: "Maker".into(), model: "Model 3".into() };
        let pages = [
            ("mobile-pair", pair(None)),
            ("mobile-confirm", pair(Some(told))),
            ("mobile-confirm-untold", pair(Some(Device::default()))),
        ];
        for (name, page) in pages {
            self.add(name, &page);
        }
    }
}
