//! A lost security key: with a weaker device it is removed after a waiting time.

use std::time::Duration;

use askama::Template;
use chancery_domain::Timestamp;

use super::{Chrome, DeviceRow, FormKeys, fields, paths};

/// How the removal of a key stands.
#[derive(Clone, Debug)]
pub enum LostKeyState {
    /// It can be asked for. Posts to [`paths::SECURITY_LOST`].
    Ask(FormKeys),
    /// It cannot be: the device that was proved came too late.
    Young,
    /// It waits.
    Waits(Timestamp),
    /// It can be removed. Posts to [`paths::SECURITY_DEVICE_REMOVE`].
    Ready {
        /// The form's keys.
        form: FormKeys,
        /// Until when.
        until: Timestamp,
    },
    /// Another recovery waits, so that this one cannot be asked for.
    Other,
}

/// A key.
#[derive(Clone, Debug)]
pub struct LostKeyRow {
    /// The key.
    pub device: DeviceRow,
    /// How its removal stands.
    pub state: LostKeyState,
}

/// The keys, with what can be done about one that is lost.
#[derive(Debug, Template)]
#[template(path = "lost_key.html")]
pub struct LostKeyPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// How long it waits; `None` where nobody does.
    pub wait: Option<Duration>,
    /// The keys.
    pub keys: Vec<LostKeyRow>,
}

impl LostKeyPage {
    fn text(&self) -> String {
        match self.wait {
            Some(wait) => self.chrome.t1("lost-key-text", "span", self.chrome.span(wait)),
            None => self.chrome.t("recovery-off"),
        }
    }
}
