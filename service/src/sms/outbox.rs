//! Messages that stay on this machine: for development, without a gateway.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chancery_domain::Timestamp;
use secrecy::ExposeSecret as _;

use super::{Message, SmsError, SmsTransport};
use crate::mail::Capacity;

/// How many messages are kept; older ones go.
const KEPT: usize = 200;

/// A message in the outbox.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboxSms {
    /// Its id.
    pub id: String,
    /// When it was asked for.
    pub date: Timestamp,
    /// The number.
    pub to: String,
    /// What it says.
    pub text: String,
}

impl fmt::Debug for OutboxSms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboxSms").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Keeps the newest messages in memory, for the page `/dev/sms`. A message that is sent again replaces the one before it.
#[derive(Clone, Default)]
pub struct SmsOutbox(Arc<Mutex<VecDeque<OutboxSms>>>);

impl SmsOutbox {
    /// The messages, the one asked for last first.
    #[must_use]
    pub fn list(&self) -> Vec<OutboxSms> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut list: Vec<OutboxSms> = kept.iter().rev().cloned().collect();
        // Several that leave side by side arrive in any order.
        list.sort_by_key(|sms| std::cmp::Reverse(sms.date));
        list
    }
}

#[async_trait]
impl SmsTransport for SmsOutbox {
    async fn send(&self, message: &Message) -> Result<(), SmsError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|before| before.id != message.id);
        kept.push_back(OutboxSms {
            id: message.id.clone(),
            date: message.date,
            to: message.to.as_str().to_owned(),
            text: message.text.expose_secret().to_owned(),
        });
        if kept.len() > KEPT {
            kept.pop_front();
        }
        Ok(())
    }

    fn capacity(&self) -> Capacity {
        Capacity { at_once: 4, within: Duration::from_secs(10) }
    }
}

#[cfg(test)]
mod tests {
    use chancery_domain::values::PhoneNumber;

    use super::*;

    #[tokio::test]
    async fn the_outbox_shows_a_repeated_message_once_and_keeps_the_newest_two_hundred() {
        let outbox = SmsOutbox::default();
        for n in 0..=204 {
            for _ in 0..2 {
                let to = PhoneNumber::parse("+32470123456").unwrap();
                let message = Message { id: n.to_string(), to, text: "text".into(), date: Timestamp::default() };
                outbox.send(&message).await.unwrap();
            }
        }
        let ids: Vec<String> = outbox.list().into_iter().map(|sms| sms.id).collect();
        assert_eq!((ids.len(), ids[0].as_str(), ids[199].as_str()), (200, "204", "5"));
    }
}
