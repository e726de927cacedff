//! The way of messages to telephones out of the house.

use std::sync::Arc;

use chancery_service::sms::{HttpGateway, SmsOutbox, SmsSender};

use crate::error::CommandError;
use crate::settings::{PublicUrl, Settings};

/// What sends messages, and what keeps them where there is no gateway.
#[derive(Clone, Default)]
pub struct Messages {
    /// Sends; `None` where no messages are sent.
    pub sender: Option<SmsSender>,
    /// What `/dev/sms` shows; `None` with a gateway.
    pub outbox: Option<SmsOutbox>,
}

/// Makes the sender: by the gateway, or on a developer's machine into the memory.
///
/// # Errors
/// The gateway's or the certificates' file cannot be used.
pub fn messages(settings: &Settings, public_url: &PublicUrl) -> Result<Messages, CommandError> {
    if let Some(gateway) = settings.sms_gateway()? {
        let transport = HttpGateway::new(gateway, settings.outgoing(public_url)?);
        return Ok(Messages { sender: Some(SmsSender::new(Arc::new(transport))), outbox: None });
    }
    if !public_url.is_loopback() {
        return Ok(Messages::default());
    }
    let outbox = SmsOutbox::default();
    let sender = SmsSender::new(Arc::new(outbox.clone()));
    Ok(Messages { sender: Some(sender), outbox: Some(outbox) })
}
