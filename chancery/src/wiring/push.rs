//! The way of what wakes apps out of the house.

use chancery_service::push::PushSender;

use crate::error::CommandError;
use crate::settings::{PublicUrl, Settings};

/// Makes the sender; `None` where no push service is allowed.
///
/// # Errors
/// The certificates' file cannot be used.
pub fn pushes(settings: &Settings, public_url: &PublicUrl) -> Result<Option<PushSender>, CommandError> {
    if settings.push_services.is_empty() {
        return Ok(None);
    }
    Ok(Some(PushSender::new(settings.outgoing(public_url)?)))
}
