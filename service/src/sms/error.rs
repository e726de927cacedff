//! Why a message did not leave, and whether to try again.

/// Why a message did not leave. None of it repeats a number or a text, so all of it may be logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmsError {
    /// The gateway judged this message and said: later.
    #[error("the gateway asks to try again later (status {status})")]
    Retry {
        /// Its answer's status.
        status: u16,
    },
    /// The gateway judged this message and said: never.
    #[error("the gateway refuses the message (status {status})")]
    Refused {
        /// Its answer's status.
        status: u16,
    },
    /// The message was not judged: no connection, no encryption, no answer. Try again later; the reason is for the operator.
    #[error("the gateway cannot be used: {reason}")]
    Unavailable {
        /// What stands in the way.
        reason: String,
    },
}

impl SmsError {
    /// The outcome's name in metrics.
    #[must_use]
    pub const fn outcome(&self) -> &'static str {
        match self {
            Self::Retry { .. } => "retry",
            Self::Refused { .. } => "refused",
            Self::Unavailable { .. } => "unavailable",
        }
    }
}
