//! Recovering an account whose devices are lost, with a waiting time.

use std::time::Duration;

use askama::Template;
use chancery_domain::Timestamp;

use super::paths::with_query;
use super::{Chrome, Errors, Field, FormKeys, QrShown, SmsShown, Way, fields, paths};

/// How a device that was suspended, and is found again, cancels the recovery. Posts to
/// [`paths::LOGIN_RECOVERY_CANCEL`].
#[derive(Clone, Debug)]
pub struct Objection {
    /// The form's keys.
    pub form: FormKeys,
    /// What can be chosen.
    pub ways: Vec<Way>,
    /// What is chosen.
    pub chosen: Option<Way>,
    /// What the script gives to the browser, of a security key or trusted platform.
    pub question: Option<String>,
    /// What a phone is asked.
    pub challenge: Option<QrShown>,
    /// The telephones that are sent a code.
    pub sms: Option<SmsShown>,
}

impl Objection {
    fn asks_a_code(&self) -> bool {
        self.chosen == Some(Way::Totp)
    }

    /// Whether a code can be typed that was sent: one must be sent first.
    fn asks_a_sent_code(&self) -> bool {
        self.chosen == Some(Way::Sms) && self.sms.as_ref().is_some_and(|sms| sms.to.last.is_some())
    }

    /// What is chosen, if something can be typed or pressed for it.
    fn answered(&self) -> Option<Way> {
        self.chosen.filter(|way| *way != Way::Sms || self.asks_a_sent_code())
    }

    /// The ways that are one click away, with their addresses.
    fn others(&self) -> Vec<(Way, String)> {
        let address = |way: Way| with_query(paths::LOGIN_RECOVERY, fields::METHOD, way.name());
        self.ways.iter().filter(|way| Some(**way) != self.chosen).map(|way| (*way, address(*way))).collect()
    }
}

/// How far it has come.
#[derive(Clone, Debug)]
pub enum RecoveryState {
    /// The operator lets nobody do so.
    Off,
    /// What can be done; the button asks for the link. Posts to [`paths::LOGIN_RECOVERY`].
    Ask {
        /// The form's keys.
        form: FormKeys,
        /// How long it waits.
        wait: Duration,
    },
    /// The link was mailed.
    Sent,
    /// It waits.
    Waiting {
        /// When it can be completed at the earliest.
        ends: Timestamp,
        /// Whether it is about all devices, and not one.
        everything: bool,
        /// How a suspended device cancels it.
        objection: Option<Objection>,
    },
    /// It can be completed; the button asks for the link. Posts to [`paths::LOGIN_RECOVERY`].
    Ready {
        /// The form's keys.
        form: FormKeys,
        /// Until when.
        until: Timestamp,
        /// How a suspended device cancels it.
        objection: Option<Objection>,
    },
    /// The page of the link, which asks for the password.
    Link {
        /// The form's keys.
        form: FormKeys,
        /// Where to post.
        action: String,
        /// The account's address, masked.
        masked_email: String,
        /// Whether it completes the recovery, rather than asking for it.
        completes: bool,
    },
    /// The page of the link in a mail about it, whose button cancels it. Posts to [`paths::DISOWN_PREFIX`] and the token.
    Cancel {
        /// The form's keys.
        form: FormKeys,
        /// Where to post.
        action: String,
        /// The account's address, masked.
        masked_email: String,
        /// What the one device is called that it is about; `None` where all are lost.
        device: Option<String>,
        /// When it can be completed at the earliest.
        ends: Timestamp,
    },
    /// It was cancelled a moment ago.
    Cancelled,
    /// It waits no more.
    Over,
    /// The link can no longer be used.
    LinkOver,
}

/// Recovering an account.
#[derive(Debug, Template)]
#[template(path = "recovery.html")]
pub struct RecoveryPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// How far it has come.
    pub state: RecoveryState,
    /// What is wrong.
    pub errors: Errors,
}

impl RecoveryPage {
    fn heading(&self) -> String {
        self.chrome.t(match self.state {
            RecoveryState::Off | RecoveryState::Ask { .. } => "recovery-title",
            RecoveryState::Sent => "recovery-sent-title",
            RecoveryState::Waiting { .. } => "recovery-waiting-title",
            RecoveryState::Ready { .. } => "recovery-ready-title",
            RecoveryState::Link { completes: false, .. } => "recovery-begin-title",
            RecoveryState::Link { completes: true, .. } => "recovery-complete-title",
            RecoveryState::Cancel { .. } => "recovery-cancel-title",
            RecoveryState::Cancelled => "recovery-cancelled-title",
            RecoveryState::Over => "recovery-over-title",
            RecoveryState::LinkOver => "link-expired-title",
        })
    }

    fn text(&self) -> String {
        self.chrome.t(match self.state {
            RecoveryState::Ask { wait, .. } => {
                return self.chrome.t1("recovery-ask-text", "span", self.chrome.span(wait));
            }
            RecoveryState::Off => "recovery-off",
            RecoveryState::Sent => "recovery-sent-text",
            RecoveryState::Waiting { everything: true, .. } => "recovery-waiting-text",
            RecoveryState::Waiting { everything: false, .. } => "recovery-waiting-device-text",
            RecoveryState::Ready { .. } => "recovery-ready-text",
            RecoveryState::Link { completes: false, .. } => "recovery-begin-text",
            RecoveryState::Link { completes: true, .. } => "recovery-complete-text",
            RecoveryState::Cancel { .. } => "recovery-cancel-text",
            RecoveryState::Cancelled => "recovery-cancelled-text",
            RecoveryState::Over => "recovery-over-text",
            RecoveryState::LinkOver => "recovery-link-over-text",
        })
    }

    const fn objection(&self) -> Option<&Objection> {
        match &self.state {
            RecoveryState::Waiting { objection, .. } | RecoveryState::Ready { objection, .. } => objection.as_ref(),
            _ => None,
        }
    }

    /// Whether it stands between the password and what comes next.
    const fn leads_back(&self) -> bool {
        matches!(self.state, RecoveryState::Ask { .. } | RecoveryState::Waiting { .. } | RecoveryState::Ready { .. })
    }

    fn asks_a_key(&self) -> bool {
        self.objection().is_some_and(|objection| objection.question.is_some())
    }
}

/// What pages of a sign-in and of an account say of a recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryNotice {
    /// Whether it is about all devices, and not one.
    pub everything: bool,
    /// Whether it can be completed.
    pub ready: bool,
    /// Until when it can, or from when on at the earliest.
    pub moment: Timestamp,
}

impl RecoveryNotice {
    pub(super) fn text(self, chrome: &Chrome) -> String {
        let id = match (self.everything, self.ready) {
            (true, false) => "recovery-notice",
            (true, true) => "recovery-notice-ready",
            (false, false) => "recovery-notice-device",
            (false, true) => "recovery-notice-device-ready",
        };
        chrome.t1(id, "moment", chrome.moment(self.moment))
    }
}
