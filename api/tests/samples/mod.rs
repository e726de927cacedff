//! Every page in every state, with invented people. The gallery writes them to files; tests read them.

mod factors;
mod links;
mod mobile_app;
mod phone;
mod recovery;

use std::sync::Arc;
use std::time::Duration;

use chancery_api::pages::{
    AccountForms, AccountNotice, AccountPage, Addable, AuthenticatorPage, Browser, Chrome, DevMailListPage,
    DevMailPage, DevMailRow, Errors, Field, FormKeys, HelpPage, HowToAddPage, LoginNamePage, LoginNotice,
    LoginPasswordPage, MessageKind, MessagePage, PasskeyForms, PasswordRules, PersonCheck, PrivacyPage,
    PrivacyStatement, Problem, RecoveryNotice, SessionRow, SignInRow, SignedOutPage, SmsEndShown, paths, render,
};
use chancery_domain::Timestamp;
use chancery_domain::values::{Language, PasswordRule, SignInNameError, UnmetRule};

/// A page's name and its HTML.
pub type Sample = (String, String);

/// 2026-11-24T14:05:09Z.
const NOW: Timestamp = Timestamp::from_seconds(1_795_529_109);

/// A proof of work whose answer is 1234: SHA-256 of `gallery1234`.
const CHALLENGE: &str = r#"{"algorithm":"SHA-256","challenge":"4ac5d0d0803a6a3c120923393e6914df5d384f04f01e4d166260c74793b7a387","salt":"gallery","maxnumber":20000,"signature":"00"}"#;

fn chrome(language: Language, here: &str) -> Chrome {
    Chrome::new(language, Arc::from("Chancery"), "bm9uY2U".to_owned(), here)
}

fn keys() -> FormKeys {
    FormKeys {
        csrf: "csrf-token".to_owned(),
        command: "0198c0de-0000-7000-8000-000000000001".to_owned(),
        extra: vec![("target", "https://app.example.org/".to_owned())],
    }
}

fn check() -> PersonCheck {
    PersonCheck { challenge: CHALLENGE.to_owned(), wait: Duration::from_secs(8) }
}

fn errors(wrong: &[(Field, Problem)]) -> Errors {
    let mut errors = Errors::default();
    for &(field, problem) in wrong {
        errors.add(field, problem);
    }
    errors
}

struct Samples {
    language: Language,
    pages: Vec<Sample>,
}

impl Samples {
    fn add(&mut self, name: &str, page: &impl askama::Template) {
        let html = render(page).unwrap_or_else(|error| panic!("{name}: {error}"));
        self.pages.push((name.to_owned(), html));
    }

    fn login(&mut self) {
        let name = |name: &str, errors, notice| LoginNamePage {
            chrome: chrome(self.language, paths::LOGIN),
            form: keys(),
            passkey: Some(PasskeyForms {
                answer: keys(),
                question: keys(),
                public_computer: false,
                public_idle: Duration::from_secs(900),
            }),
            name: name.to_owned(),
            errors,
            notice,
        };
        let goes_on = Some(LoginNotice::GoesOnTo("grants.example.org".to_owned()));
        let pages = [
            ("login-name", name("", Errors::default(), None)),
            ("login-name-no-passkey", LoginNamePage { passkey: None, ..name("", Errors::default(), None) }),
            ("login-passkey-wrong", name("", errors(&[(Field::SecurityKey, Problem::PasskeyWrong)]), None)),
            ("login-passkey-late", name("", errors(&[(Field::SecurityKey, Problem::PasskeyTooLate)]), None)),
            ("login-name-missing", name("", errors(&[(Field::Name, Problem::Missing)]), goes_on)),
            ("login-name-ended", name("", Errors::default(), Some(LoginNotice::SessionEnded))),
            (
                "login-name-long",
                name("x", errors(&[(Field::Name, Problem::SignInName(SignInNameError::TooLong))]), None),
            ),
            (
                "login-name-invisible",
                name("x", errors(&[(Field::Name, Problem::SignInName(SignInNameError::Invisible))]), None),
            ),
        ];
        for (name, page) in pages {
            self.add(name, &page);
        }
        let password = |name: &str, failed, errors, check| LoginPasswordPage {
            chrome: chrome(self.language, paths::LOGIN_PASSWORD),
            form: keys(),
            name: name.to_owned(),
            failed,
            public_computer: failed,
            public_idle: Duration::from_secs(900),
            errors,
            check,
        };
        let long = "a-very-long-name-that-somebody-chose-for-a-mailbox.eleni.papadopoulou@mail.department.example.org";
        let pages = [
            ("login-password", password("eleni.papadopoulou@example.org", false, Errors::default(), None)),
            ("login-password-failed", password("n7k2mq4x", true, Errors::default(), None)),
            ("login-password-check", password(long, true, Errors::default(), Some(check()))),
            (
                "login-password-missing",
                password("n7k2mq4x", false, errors(&[(Field::Password, Problem::Missing)]), None),
            ),
        ];
        for (name, page) in pages {
            self.add(name, &page);
        }
        for (name, everywhere) in [("signed-out", false), ("signed-out-everywhere", true)] {
            let page = SignedOutPage { chrome: chrome(self.language, paths::LOGIN), everywhere };
            self.add(name, &page);
        }
    }

    fn account(&mut self) {
        let firefox =
            Browser::from_user_agent("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
        let phone = Browser::from_user_agent("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1");
        let session = |id: &str, hours: u64, browser, current, public_computer| SessionRow {
            id: id.to_owned(),
            began: NOW.minus(Duration::from_secs(hours * 3_600)),
            last_used: NOW.minus(Duration::from_secs(hours * 60)),
            browser,
            public_computer,
            current,
            end: keys(),
        };
        let sign_in = |hours: u64, browser| SignInRow { at: NOW.minus(Duration::from_secs(hours * 3_600)), browser };
        let page = |notice, errors, rules| AccountPage {
            chrome: chrome(self.language, paths::ACCOUNT),
            forms: AccountForms { password: keys(), language: keys(), sign_out: keys(), sign_out_everywhere: keys() },
            first_name: "Ελένη".to_owned(),
            last_name: "Παπαδοπούλου".to_owned(),
            email: "eleni@παράδειγμα.example".to_owned(),
            email_punycode: Some("eleni@xn--hxajbheg2az3al.example".to_owned()),
            uid: "n7k2mq4x".to_owned(),
            mail_language: self.language,
            has_factor: false,
            on_a_phone: matches!(notice, Some(AccountNotice::AskedAgain)),
            notice,
            recovery: None,
            sessions: vec![
                session("00000000000000000000000000000001", 0, Some(firefox), true, false),
                session("00000000000000000000000000000002", 5, Some(phone), false, true),
                session("00000000000000000000000000000003", 26, None, false, false),
            ],
            sign_ins: vec![
                sign_in(0, Some(firefox)),
                sign_in(5, Some(phone)),
                sign_in(300, Some(Browser::from_user_agent("?"))),
            ],
            rules,
            errors,
        };
        let open = || PasswordRules::open(PasswordRule::EuLogin);
        let wrong = errors(&[
            (Field::CurrentPassword, Problem::PasswordWrong),
            (Field::NewPassword, Problem::PasswordRules),
            (Field::ConfirmPassword, Problem::Missing),
        ]);
        let judged = PasswordRules::judged(PasswordRule::EuLogin, vec![UnmetRule::TooShort, UnmetRule::PersonName]);
        let return_to = Some("grants.example.org".to_owned());
        let mut new = page(Some(AccountNotice::Welcome { return_to: return_to.clone() }), Errors::default(), open());
        new.sign_ins.clear();
        new.email_punycode = None;
        let pages = [
            ("account", page(None, Errors::default(), open())),
            ("account-welcome", new),
            ("account-asked-again", page(Some(AccountNotice::AskedAgain), Errors::default(), open())),
            ("account-reset", page(Some(AccountNotice::PasswordReset { return_to }), Errors::default(), open())),
            ("account-with-factor", AccountPage { has_factor: true, ..page(None, Errors::default(), open()) }),
            (
                "account-recovery",
                AccountPage {
                    has_factor: true,
                    recovery: Some(RecoveryNotice { everything: true, ready: false, moment: NOW }),
                    ..page(None, Errors::default(), open())
                },
            ),
            ("account-password-changed", page(Some(AccountNotice::PasswordChanged), Errors::default(), open())),
            ("account-language-changed", page(Some(AccountNotice::LanguageChanged), Errors::default(), open())),
            ("account-sms-ends", page(Some(AccountNotice::SmsEnds(NOW)), Errors::default(), open())),
            ("account-session-ended", page(Some(AccountNotice::SessionEnded), Errors::default(), open())),
            ("account-wrong", page(None, wrong, judged)),
            (
                "account-missing",
                page(
                    None,
                    errors(&[
                        (Field::CurrentPassword, Problem::Missing),
                        (Field::MailLanguage, Problem::LanguageUnknown),
                    ]),
                    open(),
                ),
            ),
        ];
        for (name, page) in pages {
            self.add(name, &page);
        }
    }

    fn messages(&mut self) {
        let retry = Duration::from_secs(1_500);
        let kinds = [
            ("message-mail-limit", MessageKind::MailLimit { retry }),
            ("message-too-many-tries", MessageKind::TooManyTries { retry }),
            ("message-too-many-without-scripts", MessageKind::TooManyWithoutScripts { retry }),
            ("message-too-many-codes", MessageKind::TooManyCodes { retry }),
            ("message-busy", MessageKind::Busy { retry: Duration::from_secs(3) }),
            ("message-unavailable", MessageKind::Unavailable { retry: Duration::from_secs(1) }),
            ("message-bad-request", MessageKind::BadRequest),
            ("message-cross-site", MessageKind::CrossSite),
            ("message-form-expired", MessageKind::FormExpired),
            ("message-not-found", MessageKind::NotFound),
            ("message-method", MessageKind::MethodNotAllowed),
            ("message-timeout", MessageKind::Timeout),
            ("message-repeated", MessageKind::Repeated),
            ("message-too-large", MessageKind::TooLarge),
            ("message-unsupported-type", MessageKind::UnsupportedType),
            ("message-internal", MessageKind::Internal { request: "0198c0de-4f21-7a3b".to_owned() }),
        ];
        for (name, kind) in kinds {
            let page = MessagePage { chrome: chrome(self.language, paths::LOGIN), kind };
            self.add(name, &page);
        }
    }

    fn reading(&mut self) {
        let privacy = |statement| PrivacyPage {
            chrome: chrome(self.language, paths::PRIVACY),
            version: "2026-11-24".to_owned(),
            statement,
        };
        let own = PrivacyStatement::parse("# Our own\n\nA statement <b>of the operator</b>.\n\n- one\n- two");
        let pages = [("privacy", privacy(None)), ("privacy-own", privacy(Some(own)))];
        for (name, page) in pages {
            self.add(name, &page);
        }
        self.add("authenticator", &AuthenticatorPage { chrome: chrome(self.language, paths::APP) });
        let help = HelpPage { chrome: chrome(self.language, paths::HELP) };
        self.add("help", &help);
        let names = ["how-key", "how-mobile", "how-totp", "how-codes", "how-sms"];
        for (name, what) in names.into_iter().zip(Addable::ALL) {
            self.add(name, &HowToAddPage { chrome: chrome(self.language, what.path()), what, sms_end: None });
        }
        let end = |words: Option<&str>, takes_until, is_off| HowToAddPage {
            chrome: chrome(self.language, Addable::Phone.path()),
            what: Addable::Phone,
            sms_end: Some(SmsEndShown {
                words: words.map(str::to_owned),
                takes_until,
                off: Some(NOW),
                is_off,
                grace: Duration::from_secs(14 * 86_400),
            }),
        };
        let ends = [
            ("how-sms-ends", end(Some("Messages can be read on their way."), Some(NOW), false)),
            ("how-sms-closed", end(None, None, false)),
            ("how-sms-off", end(None, None, true)),
        ];
        for (name, page) in ends {
            self.add(name, &page);
        }
    }

    fn dev_mail(&mut self) {
        let row = |id: &str| DevMailRow {
            id: id.to_owned(),
            at: NOW,
            to: "eleni.papadopoulou@example.org".to_owned(),
            subject: "Chancery: confirm your e-mail address".to_owned(),
        };
        let list = |mails| DevMailListPage { chrome: chrome(self.language, paths::DEV_MAIL), mails };
        let pages = [("dev-mail", list(vec![row("2"), row("1")])), ("dev-mail-none", list(Vec::new()))];
        for (name, page) in pages {
            self.add(name, &page);
        }
        let mail = DevMailPage {
            chrome: chrome(self.language, "/dev/mail/1"),
            mail: row("1"),
            from: "Chancery <no-reply@example.org>".to_owned(),
            html: "<!DOCTYPE html><html lang=\"en\"><head><title>Mail</title></head><body><p>Open this page: <a href=\"http://localhost:8080/l/4k7t\">Confirm</a></p></body></html>".to_owned(),
            text: "Open this page:\n\nhttp://localhost:8080/l/4k7t\n\nOr type the code ABCD-EFGH.".to_owned(),
            raw: "From: Chancery <no-reply@example.org>\r\nSubject: Chancery\r\n\r\nOpen this page:".to_owned(),
        };
        self.add("dev-mail-show", &mail);
    }
}

/// Every page in every state, in one language.
pub fn all(language: Language) -> Vec<Sample> {
    let mut samples = Samples { language, pages: Vec::new() };
    samples.register();
    samples.mailed();
    samples.link();
    samples.login();
    samples.verify();
    samples.account();
    samples.recovery();
    samples.security();
    samples.mobile_devices();
    samples.phones();
    samples.disown();
    samples.messages();
    samples.reading();
    samples.dev_mail();
    samples.pages
}
