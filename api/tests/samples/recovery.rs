//! Pages about recovering an account.

use std::time::Duration;

use chancery_api::pages::{
    Errors, Field, LostKeyPage, LostKeyRow, LostKeyState, Objection, Problem, RecoveryPage, RecoveryState, Way, paths,
};

use super::factors::{QUESTION, device};
use super::mobile_app::challenge;
use super::phone::asked_by_sms;
use super::{NOW, Samples, chrome, errors, keys};

fn objection(chosen: Option<Way>) -> Option<Objection> {
    let question = (chosen == Some(Way::SecurityKey)).then(|| QUESTION.to_owned());
    let challenge = (chosen == Some(Way::MobileAppQrCode)).then(|| challenge(2)).flatten();
    let sms = (chosen == Some(Way::Sms)).then(|| asked_by_sms(true, 1, Some(0)));
    let ways = vec![Way::SecurityKey, Way::MobileAppQrCode, Way::Totp, Way::Sms];
    Some(Objection { form: keys(), ways, chosen, question, challenge, sms })
}

/// Before a message was sent.
fn unsent() -> Option<Objection> {
    Some(Objection { sms: Some(asked_by_sms(true, 2, None)), ..objection(Some(Way::Sms))? })
}

fn waiting(everything: bool, objection: Option<Objection>) -> RecoveryState {
    RecoveryState::Waiting { ends: NOW, everything, objection }
}

fn link(completes: bool) -> RecoveryState {
    let masked_email = "e…u@example.org".to_owned();
    RecoveryState::Link { form: keys(), action: format!("{}4k7t", paths::LINK_PREFIX), masked_email, completes }
}

impl Samples {
    pub(super) fn recovery(&mut self) {
        let wait = Duration::from_secs(3 * 86_400);
        let ready = RecoveryState::Ready { form: keys(), until: NOW, objection: objection(Some(Way::SecurityKey)) };
        let cancel = |device| RecoveryState::Cancel {
            form: keys(),
            action: format!("{}4k7t", paths::DISOWN_PREFIX),
            masked_email: "e…u@example.org".to_owned(),
            device,
            ends: NOW,
        };
        let wrong = errors(&[(Field::OneTimeCode, Problem::OneTimeCodeWrong)]);
        let states = [
            ("recovery-off", RecoveryState::Off, Errors::default()),
            ("recovery", RecoveryState::Ask { form: keys(), wait }, Errors::default()),
            ("recovery-sent", RecoveryState::Sent, Errors::default()),
            ("recovery-waiting", waiting(true, objection(None)), Errors::default()),
            ("recovery-waiting-device", waiting(false, None), Errors::default()),
            ("recovery-object", waiting(true, objection(Some(Way::Totp))), Errors::default()),
            ("recovery-object-phone", waiting(true, objection(Some(Way::MobileAppQrCode))), Errors::default()),
            ("recovery-object-wrong", waiting(true, objection(Some(Way::Totp))), wrong),
            ("recovery-object-send", waiting(true, unsent()), Errors::default()),
            ("recovery-object-sms", waiting(true, objection(Some(Way::Sms))), Errors::default()),
            ("recovery-ready", ready, Errors::default()),
            ("recovery-begin", link(false), Errors::default()),
            ("recovery-complete", link(true), Errors::default()),
            ("recovery-complete-wrong", link(true), errors(&[(Field::Password, Problem::PasswordWrong)])),
            ("recovery-cancel", cancel(None), Errors::default()),
            ("recovery-cancel-device", cancel(Some("Κλειδί <2>".to_owned())), Errors::default()),
            ("recovery-cancelled", RecoveryState::Cancelled, Errors::default()),
            ("recovery-over", RecoveryState::Over, Errors::default()),
            ("recovery-link-over", RecoveryState::LinkOver, Errors::default()),
        ];
        for (name, state, errors) in states {
            let page = RecoveryPage { chrome: chrome(self.language, paths::LOGIN_RECOVERY), state, errors };
            self.add(name, &page);
        }
        let keys = || {
            let states = [
                LostKeyState::Ask(keys()),
                LostKeyState::Waits(NOW),
                LostKeyState::Ready { form: keys(), until: NOW },
                LostKeyState::Other,
                LostKeyState::Young,
            ];
            (1..).zip(states).map(|(n, state)| LostKeyRow { device: device(n, "Κλειδί <2>", true), state }).collect()
        };
        let lost = |wait, keys| LostKeyPage { chrome: chrome(self.language, paths::SECURITY_LOST), wait, keys };
        let pages = [
            ("lost-key", lost(Some(wait), keys())),
            ("lost-key-none", lost(Some(wait), Vec::new())),
            ("lost-key-off", lost(None, keys())),
        ];
        for (name, page) in pages {
            self.add(name, &page);
        }
    }
}
