//! The messages to telephones of a development server: a development aid.

use askama::Template;
use chancery_service::sms::OutboxSms;

use super::Chrome;

/// All messages, newest first.
#[derive(Debug, Template)]
#[template(path = "dev_sms.html")]
pub struct DevSmsPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The messages.
    pub messages: Vec<OutboxSms>,
}
