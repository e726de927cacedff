//! Pages about telephones that are sent codes.

use chancery_api::pages::{DevSmsPage, Errors, Field, PhoneCodePage, PhonePage, Problem, SmsShown, paths};
use chancery_domain::FactorId;
use chancery_service::factors::phone::{PhoneShown, SentTo};
use chancery_service::sms::{NumberWrong, OutboxSms};

use super::{NOW, Samples, chrome, errors, keys};

/// So many telephones, and where a code was sent.
pub(super) fn asked_by_sms(sign_in: bool, phones: u8, last: Option<usize>) -> SmsShown {
    let phone = |n: u8| PhoneShown {
        device: FactorId::from_bytes([n; 16]),
        name: format!("Τηλέφωνο {n}"),
        ending: format!("45{n}"),
    };
    let action = if sign_in { paths::LOGIN_SMS } else { paths::ACCOUNT_SMS };
    SmsShown { form: keys(), action, to: SentTo { phones: (1..=phones).map(phone).collect(), last } }
}

impl Samples {
    pub(super) fn phones(&mut self) {
        let page = |number: &str, ended, errors| PhonePage {
            chrome: chrome(self.language, paths::SECURITY_PHONE),
            form: keys(),
            number: number.to_owned(),
            ended,
            errors,
        };
        let wrong = |number, problem| page(number, false, errors(&[(Field::PhoneNumber, problem)]));
        let number = |number, problem| wrong(number, Problem::PhoneNumber(problem));
        let pages = [
            ("phone", page("", false, Errors::default())),
            ("phone-ended", page("", true, Errors::default())),
            ("phone-missing", wrong("", Problem::Missing)),
            ("phone-no-country-code", number("0470 12 34 56", NumberWrong::NoCountryCode)),
            ("phone-no-number", number("+32 1", NumberWrong::NoNumber)),
            ("phone-not-mobile", number("+32 2 299 11 11", NumberWrong::NotMobile)),
            ("phone-country", number("+1 201-555-0123", NumberWrong::Country)),
            ("phone-there", wrong("+32 470 12 34 56", Problem::PhoneThere)),
        ];
        for (name, page) in pages {
            self.add(name, &page);
        }
        let page = |errors| PhoneCodePage {
            chrome: chrome(self.language, paths::SECURITY_PHONE_CODE),
            form: keys(),
            again: keys(),
            number: "+32470123456".to_owned(),
            name: "Mobile phone".to_owned(),
            errors,
        };
        let pages = [
            ("phone-code", page(Errors::default())),
            ("phone-code-missing", page(errors(&[(Field::SmsCode, Problem::Missing)]))),
            ("phone-code-wrong", page(errors(&[(Field::SmsCode, Problem::SmsCodeWrong)]))),
        ];
        for (name, page) in pages {
            self.add(name, &page);
        }
        let sms = OutboxSms {
            id: "1".to_owned(),
            date: NOW,
            to: "+32470123456".to_owned(),
            text: "Chancery: A1B-2C3-D4E\n\n@localhost #A1B-2C3-D4E".to_owned(),
        };
        let page = |messages| DevSmsPage { chrome: chrome(self.language, paths::DEV_SMS), messages };
        let pages = [("dev-sms", page(vec![sms])), ("dev-sms-none", page(Vec::new()))];
        for (name, page) in pages {
            self.add(name, &page);
        }
    }
}
