//! The way of mails out of the house.

use std::sync::Arc;

use chancery_service::mail::{Mailer, OutboxTransport, SmtpTransport};

use crate::error::CommandError;
use crate::settings::{PublicUrl, Settings};

/// The mailer, and the folder that it fills where there is no mail server.
#[derive(Clone)]
pub struct Mails {
    /// Writes and sends.
    pub mailer: Mailer,
    /// What `/dev/mail` shows; `None` with a mail server.
    pub outbox: Option<Arc<OutboxTransport>>,
}

/// Makes the mailer: by SMTP, or without `smtp` into a folder in the data folder.
///
/// # Errors
/// The password's or the certificates' file cannot be used, or the folder cannot be made.
pub fn mails(settings: &Settings, public_url: &PublicUrl) -> Result<Mails, CommandError> {
    let written_by = settings.mail_settings(public_url)?;
    if let Some(smtp) = settings.smtp_settings(public_url)? {
        let transport = SmtpTransport::new(smtp)
            .map_err(|error| CommandError::usage("the mail server cannot be reached as set").because(error))?;
        return Ok(Mails { mailer: Mailer::new(written_by, Arc::new(transport)), outbox: None });
    }
    let outbox = OutboxTransport::open(settings.data.join("mail")).map_err(|error| CommandError::of(&error))?;
    let outbox = Arc::new(outbox);
    let transport = Arc::<OutboxTransport>::clone(&outbox);
    Ok(Mails { mailer: Mailer::new(written_by, transport), outbox: Some(outbox) })
}
