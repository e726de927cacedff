//! The signed wait, for browsers without scripts.

use std::fmt;
use std::time::Duration;

use chancery_domain::Timestamp;

use super::{CheckRefused, PersonCheck, is_ours};

/// The longest ticket that is looked at; those that are issued have about 130 characters.
const MAX_TEXT: usize = 256;

/// Says from when and until when a form may be sent without a proof of work. `Display` is the text for the form.
#[derive(Clone, PartialEq, Eq)]
pub struct WaitTicket {
    ready: Timestamp,
    expires: Timestamp,
    binding: String,
    signature: String,
}

impl WaitTicket {
    /// From when on the form is taken: for the page's text.
    #[must_use]
    pub const fn ready(&self) -> Timestamp {
        self.ready
    }

    fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let mut parts = text.split('.');
        let mut moment = || {
            let digits = parts.next()?;
            // Only the spelling that is issued: no sign, no leading zero.
            let moment: i64 = digits.parse().ok()?;
            (moment.to_string() == digits).then_some(Timestamp(moment))
        };
        let (ready, expires) = (moment()?, moment()?);
        let ticket = Self { ready, expires, binding: parts.next()?.to_owned(), signature: parts.next()?.to_owned() };
        parts.next().is_none().then_some(ticket)
    }
}

impl fmt::Display for WaitTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}.{}", self.ready.micros(), self.expires.micros(), self.binding, self.signature)
    }
}

impl fmt::Debug for WaitTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitTicket").field("ready", &self.ready).finish_non_exhaustive()
    }
}

impl PersonCheck {
    /// A ticket for the form whose command id is `form`: it may be sent after `wait`, see [`PersonCheck::wait`].
    #[must_use]
    pub fn wait_ticket(&self, form: &[u8], wait: Duration, now: Timestamp) -> WaitTicket {
        let ready = now.plus(wait);
        let expires = now.plus(self.settings.validity);
        let binding = self.binding(form);
        let signature = self.sign_wait(ready, expires, &binding);
        WaitTicket { ready, expires, binding, signature }
    }

    /// Whether the ticket that came back as `ticket` lets the form `form` pass now; how long ago it was issued.
    ///
    /// # Errors
    /// See [`CheckRefused`].
    pub fn verify_wait(&self, ticket: &str, form: &[u8], now: Timestamp) -> Result<Duration, CheckRefused> {
        let ticket = WaitTicket::parse(ticket).ok_or(CheckRefused::Wrong)?;
        is_ours(&ticket.signature, &self.sign_wait(ticket.ready, ticket.expires, &ticket.binding))?;
        if ticket.binding != self.binding(form) {
            return Err(CheckRefused::NotThisForm);
        }
        if now >= ticket.expires {
            return Err(CheckRefused::Expired);
        }
        match ticket.ready.since(now) {
            Duration::ZERO => Ok(now.since(ticket.expires.minus(self.settings.validity))),
            wait => Err(CheckRefused::TooEarly { wait }),
        }
    }

    fn sign_wait(&self, ready: Timestamp, expires: Timestamp, binding: &str) -> String {
        let (ready, expires) = (ready.micros().to_be_bytes(), expires.micros().to_be_bytes());
        self.signature(&[b"wait", &ready, &expires, binding.as_bytes()])
    }
}
