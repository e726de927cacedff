//! Pages on the way to an account: the form, the mail that is on its way, and the link's page.

use std::time::Duration;

use chancery_api::pages::{
    CheckMailNotice, CheckMailPage, Errors, Field, LinkPage, LinkProblemPage, LinkPurpose, LinkState, LinkValues,
    LostPage, LostPasswordPage, LostState, MailPurpose, PasswordRules, Problem, RegisterPage, RegisterValues, paths,
};
use chancery_domain::values::{EmailAddress, EmailError, Language, NameProblem, PasswordRule, PersonName, UnmetRule};

use super::{Samples, check, chrome, errors, keys};

impl Samples {
    pub(super) fn register(&mut self) {
        let values = RegisterValues {
            first_name: "Ελένη".to_owned(),
            last_name: "Papadopoulou-Lindqvist".to_owned(),
            email: "eleni.papadopoulou@example.org".to_owned(),
            confirm_email: "eleni.papadopulou@example.org".to_owned(),
            mail_language: Language::Greek,
            privacy: true,
        };
        let page = |values, errors| RegisterPage {
            chrome: chrome(self.language, paths::REGISTER),
            form: keys(),
            values,
            errors,
            check: check(),
        };
        let empty = page(RegisterValues { mail_language: self.language, ..Default::default() }, Errors::default());
        let missing = errors(&[
            (Field::FirstName, Problem::Missing),
            (Field::LastName, Problem::Missing),
            (Field::Email, Problem::Missing),
            (Field::ConfirmEmail, Problem::Missing),
            (Field::MailLanguage, Problem::Missing),
            (Field::Check, Problem::Missing),
            (Field::Privacy, Problem::Missing),
        ]);
        let missing = page(RegisterValues::default(), missing);
        let mut bad_name = errors(&[(Field::LastName, Problem::PersonName(NameProblem::FullStop))]);
        let parsed = PersonName::parse("www.example@org").expect_err("not a name");
        bad_name.add_name(Field::FirstName, &parsed);
        bad_name.add(Field::ConfirmEmail, Problem::EmailsDiffer);
        bad_name.add(Field::Check, Problem::CheckWait(Duration::from_secs(6)));
        let bad_name = page(values.clone(), bad_name);
        let disposable = page(values.clone(), errors(&[(Field::Email, Problem::EmailDisposable)]));
        let internal = page(values.clone(), errors(&[(Field::Email, Problem::EmailInternal)]));
        let failed = page(values.clone(), errors(&[(Field::Check, Problem::CheckFailed)]));
        let changed = page(values.clone(), errors(&[(Field::Privacy, Problem::StatementChanged)]));
        self.add("register", &empty);
        self.add("register-statement", &changed);
        self.add("register-missing", &missing);
        self.add("register-names", &bad_name);
        self.add("register-disposable", &disposable);
        self.add("register-internal", &internal);
        self.add("register-check", &failed);
        let problems = [
            Problem::PersonName(NameProblem::TooLong),
            Problem::PersonName(NameProblem::Invisible),
            Problem::PersonName(NameProblem::Bidirectional),
            Problem::LanguageUnknown,
        ];
        for (index, problem) in problems.into_iter().enumerate() {
            let page = self.registering(&values, errors(&[(Field::FirstName, problem)]));
            self.add(&format!("register-name-{index}"), &page);
        }
        let wrong =
            ["no-at", "@x.org", "a..b@x.org", "\"a\"@x.org", "a\u{202e}@x.org", "a@", "a@[127.0.0.1]", "a@-x-.org"];
        let mut found = vec![EmailError::TooLong, EmailError::LocalPartTooLong, EmailError::Comment];
        found.extend(wrong.iter().filter_map(|typed| EmailAddress::parse(typed).err()));
        for (index, error) in found.into_iter().enumerate() {
            let page = self.registering(&values, errors(&[(Field::Email, Problem::Email(error))]));
            self.add(&format!("register-email-{index}"), &page);
        }
    }

    fn registering(&self, values: &RegisterValues, errors: Errors) -> RegisterPage {
        RegisterPage {
            chrome: chrome(self.language, paths::REGISTER),
            form: keys(),
            values: values.clone(),
            errors,
            check: check(),
        }
    }

    pub(super) fn mailed(&mut self) {
        let page = |purpose, address: &str, errors, notice| CheckMailPage {
            chrome: chrome(self.language, paths::CHECK_MAIL),
            form: keys(),
            again: keys(),
            purpose,
            address: address.to_owned(),
            validity: Duration::from_secs(5_400),
            code: String::new(),
            errors,
            notice,
            target: None,
        };
        let wrong = errors(&[(Field::Code, Problem::CodeWrong)]);
        let pages = [
            ("check-mail", page(MailPurpose::Registration, "eleni.papadopoulou@example.org", Errors::default(), None)),
            ("check-mail-code-wrong", page(MailPurpose::Registration, "eleni@example.org", wrong, None)),
            (
                "check-mail-sent-again",
                page(MailPurpose::Reset, "n7k2mq4x", Errors::default(), Some(CheckMailNotice::SentAgain)),
            ),
        ];
        for (name, page) in pages {
            self.add(name, &page);
        }
        let lost = |name: &str, errors| LostPasswordPage {
            chrome: chrome(self.language, paths::LOST_PASSWORD),
            form: keys(),
            name: name.to_owned(),
            errors,
            check: check(),
        };
        let pages = [
            ("lost-password", lost("", Errors::default())),
            ("lost-password-missing", lost("", errors(&[(Field::Name, Problem::Missing)]))),
            (
                "lost-password-wait",
                lost("eleni@example.org", errors(&[(Field::Check, Problem::CheckWait(Duration::from_secs(1)))])),
            ),
        ];
        for (name, page) in pages {
            self.add(name, &page);
        }
    }

    pub(super) fn link(&mut self) {
        let page = |purpose, rules, errors: Errors| LinkPage {
            chrome: chrome(self.language, "/l/4k7t"),
            form: keys(),
            action: format!("{}4k7t", paths::LINK_PREFIX),
            purpose,
            masked_email: "e…u@example.org".to_owned(),
            uid: "n7k2m9qx".to_owned(),
            rules,
            public_computer: !errors.is_empty(),
            public_idle: Duration::from_secs(900),
            errors,
        };
        let values =
            LinkValues {
                first_name: "Ελένη".to_owned(), last_name: "Παπαδοπούλου".to_owned(), privacy: false
            };
        let open = || PasswordRules::open(PasswordRule::EuLogin);
        let unmet = vec![UnmetRule::NoUpperCase, UnmetRule::NoSpecial, UnmetRule::Leaked];
        let wrong = errors(&[
            (Field::FirstName, Problem::Missing),
            (Field::NewPassword, Problem::PasswordRules),
            (Field::ConfirmPassword, Problem::PasswordsDiffer),
            (Field::Privacy, Problem::Missing),
        ]);
        let missing = errors(&[(Field::NewPassword, Problem::Missing), (Field::ConfirmPassword, Problem::Missing)]);
        let changed = errors(&[(Field::Privacy, Problem::StatementChanged)]);
        let pages = [
            ("link-statement-changed", page(LinkPurpose::Registration(values.clone()), open(), changed)),
            ("link-registration", page(LinkPurpose::Registration(values.clone()), open(), Errors::default())),
            (
                "link-registration-wrong",
                page(LinkPurpose::Registration(values), PasswordRules::judged(PasswordRule::EuLogin, unmet), wrong),
            ),
            ("link-reset", page(LinkPurpose::Reset, open(), Errors::default())),
            ("link-reset-missing", page(LinkPurpose::Reset, PasswordRules::open(PasswordRule::Nist), missing)),
        ];
        for (name, page) in pages {
            self.add(name, &page);
        }
        let damaged = |errors| LinkState::Damaged { form: keys(), name: String::new(), errors, check: check() };
        let states = [
            ("link-expired", LinkState::Expired(keys())),
            ("link-used", LinkState::Used(keys())),
            ("link-superseded", LinkState::Superseded(keys())),
            ("link-other-purpose", LinkState::OtherPurpose(keys())),
            ("link-damaged", damaged(Errors::default())),
            ("link-damaged-missing", damaged(errors(&[(Field::Name, Problem::Missing)]))),
            ("link-lapsed", LinkState::Lapsed),
            ("link-password-set", LinkState::PasswordSet),
        ];
        for (name, state) in states {
            let page = LinkProblemPage { chrome: chrome(self.language, "/l/4k7t"), state };
            self.add(name, &page);
        }
        let link = LostState::Link {
            form: keys(),
            action: format!("{}4k7t", paths::LINK_PREFIX),
            masked_email: "e…u@example.org".to_owned(),
        };
        let states = [
            ("lost", LostState::Ask { form: keys(), recovery: true }, Errors::default()),
            ("lost-no-recovery", LostState::Ask { form: keys(), recovery: false }, Errors::default()),
            ("lost-sent", LostState::Sent, Errors::default()),
            ("lost-none", LostState::NoneThere, Errors::default()),
            ("lost-link", link.clone(), Errors::default()),
            ("lost-link-wrong", link, errors(&[(Field::Password, Problem::PasswordWrong)])),
            ("lost-done", LostState::Done, Errors::default()),
            ("lost-over", LostState::Over, Errors::default()),
        ];
        for (name, state, errors) in states {
            let page = LostPage { chrome: chrome(self.language, paths::LOGIN_LOST), state, errors };
            self.add(name, &page);
        }
    }
}
