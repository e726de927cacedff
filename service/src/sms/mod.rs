//! Messages to telephones: which numbers they go to, what they say, and how they leave.
//!
//! A gateway cannot be made to send exactly once, so a repeat must be harmless: the same event always gives the same message
//! with the same id.

mod error;
mod gateway;
mod number;
mod outbox;
mod template;
mod text;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::values::PhoneNumber;
use secrecy::SecretString;

pub use error::SmsError;
pub use gateway::{Gateway, GatewayError, HttpGateway};
pub use number::{Country, NumberWrong, read_number};
pub use outbox::{OutboxSms, SmsOutbox};
pub use text::code_message;

use crate::mail::Capacity;

/// Whether messages are sent, and where to.
#[derive(Clone, Debug, Default)]
pub struct SmsOffer {
    /// Whether there is a way for them to leave.
    pub offered: bool,
    /// The countries to whose numbers they are sent.
    pub countries: Vec<Country>,
}

/// One message to one telephone.
#[derive(Clone)]
pub struct Message {
    /// What makes it the same message when it is sent again.
    pub id: String,
    /// The number.
    pub to: PhoneNumber,
    /// What it says.
    pub text: SecretString,
    /// When it was asked for.
    pub date: Timestamp,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A way for messages to leave.
#[async_trait]
pub trait SmsTransport: Send + Sync {
    /// Hands the message over. `Ok` means that the other side has taken responsibility for it.
    ///
    /// # Errors
    /// [`SmsError`] tells whether trying again makes sense. After [`SmsError::Unavailable`] the message may have been taken
    /// all the same (its answer was lost): sending it again is right.
    async fn send(&self, message: &Message) -> Result<(), SmsError>;

    /// What it can carry.
    fn capacity(&self) -> Capacity;
}

/// Hands messages to a transport, and counts them.
#[derive(Clone)]
pub struct SmsSender(Arc<dyn SmsTransport>);

impl fmt::Debug for SmsSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmsSender(…)")
    }
}

impl SmsSender {
    /// A sender by this transport.
    #[must_use]
    pub fn new(transport: Arc<dyn SmsTransport>) -> Self {
        Self(transport)
    }

    /// Sends a message, and counts the outcome in the metric `chancery_sms_total`.
    ///
    /// # Errors
    /// As [`SmsTransport::send`].
    pub async fn send(&self, message: &Message) -> Result<(), SmsError> {
        let sent = self.0.send(message).await;
        let outcome = sent.as_ref().map_or_else(SmsError::outcome, |()| "sent");
        metrics::counter!("chancery_sms_total", "outcome" => outcome).increment(1);
        sent
    }

    /// As [`SmsTransport::capacity`].
    #[must_use]
    pub fn capacity(&self) -> Capacity {
        self.0.capacity()
    }
}
