//! Why a mail did not leave, and whether to try again.

use std::fmt;

/// Why a mail did not leave. None of it repeats an address, so all of it may be logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The server judged this mail and said: later (4yz).
    #[error("the mail server asks to try again later ({reply})")]
    Retry {
        /// What it answered.
        reply: Reply,
    },
    /// The server judged this mail and said: never (5yz). To send it again is no use before somebody has acted.
    #[error("the mail server refuses the mail ({reply})")]
    Refused {
        /// What it answered.
        reply: Reply,
    },
    /// The mail was not judged: no connection, no encryption, wrong credentials, no answer. Try again later; the reason
    /// is for the operator.
    #[error("the mail server cannot be used: {reason}")]
    Unavailable {
        /// What stands in the way.
        reason: String,
    },
}

impl MailError {
    /// The outcome's name in metrics.
    #[must_use]
    pub const fn outcome(&self) -> &'static str {
        match self {
            Self::Retry { .. } => "retry",
            Self::Refused { .. } => "refused",
            Self::Unavailable { .. } => "unavailable",
        }
    }

    pub(super) fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable { reason: reason.into() }
    }
}

/// A mail server's answer: its numbers only, since its words often repeat the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The reply code (RFC 5321, section 4.2).
    pub code: u16,
    /// The enhanced status code, where the server gives one (RFC 3463).
    pub enhanced: Option<EnhancedCode>,
}

impl Reply {
    /// The address needs SMTPUTF8, which the server does not offer (RFC 6531, section 3.7.4.2).
    pub(super) const NEEDS_SMTPUTF8: Self =
        Self { code: 553, enhanced: Some(EnhancedCode { class: 5, subject: 6, detail: 7 }) };
    /// Not an address that mail can be sent to (RFC 3463, section 3.2).
    pub(super) const BAD_ADDRESS: Self =
        Self { code: 553, enhanced: Some(EnhancedCode { class: 5, subject: 1, detail: 3 }) };

    /// The reply with this code and text.
    pub(super) fn new(code: u16, text: &str) -> Self {
        Self { code, enhanced: EnhancedCode::at_start(text) }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        match self.enhanced {
            Some(enhanced) => write!(f, " {enhanced}"),
            None => Ok(()),
        }
    }
}

/// An enhanced mail system status code, such as 5.1.1: bad destination mailbox address (RFC 3463).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnhancedCode {
    /// 2 success, 4 persistent transient failure, 5 permanent failure.
    pub class: u8,
    /// What it is about: 1 the address, 2 the mailbox, 3 the system, ...
    pub subject: u16,
    /// What exactly.
    pub detail: u16,
}

impl EnhancedCode {
    /// The code that `text` begins with.
    fn at_start(text: &str) -> Option<Self> {
        let mut parts = text.split([' ', '\r', '\n']).next()?.split('.');
        let code = Self {
            class: digits(parts.next()?, 1)?.try_into().ok()?,
            subject: digits(parts.next()?, 3)?,
            detail: digits(parts.next()?, 3)?,
        };
        (parts.next().is_none() && matches!(code.class, 2 | 4 | 5)).then_some(code)
    }
}

/// The number written by at most `most` digits and nothing else.
fn digits(text: &str, most: usize) -> Option<u16> {
    let plain = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::Reply;

    #[test]
    fn a_reply_keeps_its_numbers_and_nothing_else() {
        for (text, shown) in [
            ("5.1.1 <anna@example.org>: unknown", "550 5.1.1"),
            ("5.7.133\nrest", "550 5.7.133"),
            ("unknown anna@example.org", "550"),
            ("5.1", "550"),
            ("5.1.1.1 x", "550"),
            ("9.1.1 x", "550"),
            ("5.1.+1 x", "550"),
            ("", "550"),
        ] {
            assert_eq!(Reply::new(550, text).to_string(), shown, "{text}");
        }
    }
}
