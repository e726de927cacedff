//! The kinds of values that settings have, each read from text in one place.

mod collector;
mod database;
mod mail;
mod nats;
mod outgoing;
mod plain;
mod secret;
mod sms;
mod url;

pub use collector::CollectorUrl;
pub use database::DatabaseUrl;
pub use mail::MailFrom;
pub use nats::{NatsUrl, Room};
pub use plain::{Aaguid, Domain, HashMemory, LogFormat, LogLevel, ServiceName, Wait};
pub use secret::Secret;
pub use url::PublicUrl;

use super::table::Exposure;

/// A kind of value that a setting can have.
pub trait Value: Sized {
    /// How much of it may be shown.
    const EXPOSURE: Exposure = Exposure::Open;

    /// Reads it; an empty text stands for nothing.
    ///
    /// # Errors
    /// What the text should have been, as the end of a sentence that begins "... is not".
    fn from_text(text: &str) -> Result<Self, String>;
}

impl<T: Value> Value for Option<T> {
    const EXPOSURE: Exposure = T::EXPOSURE;

    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() { Ok(None) } else { T::from_text(text).map(Some) }
    }
}

/// A list: its items separated by commas, white space around them ignored.
impl<T: Value> Value for Vec<T> {
    const EXPOSURE: Exposure = T::EXPOSURE;

    fn from_text(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::new());
        }
        let item = |item: &str| {
            T::from_text(item.trim())
                .map_err(|expected| format!("a list, separated by commas, where each item is {expected}"))
        };
        text.split(',').map(item).collect()
    }
}

/// What may be shown of URLs that may hold a password, and whether they hold one; `None` if they are no such URLs.
pub(super) fn for_eyes(text: &str) -> Option<(String, bool)> {
    let database = DatabaseUrl::from_text(text).map(|url| (url.to_string(), url.has_password()));
    database.or_else(|_| NatsUrl::from_text(text).map(|url| (url.to_string(), url.has_password()))).ok()
}
