//! Pages that say one thing: errors and limits.

use std::time::Duration;

use askama::Template;

use super::{Chrome, paths};

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// 429: too many mails to this address or from this network. The same for known and unknown addresses; says that a
    /// mail sent earlier still works.
    MailLimit {
        /// When it is worth trying again.
        retry: Duration,
    },
    /// 429: too many tries of what could be guessed.
    TooManyTries {
        /// When it is worth trying again.
        retry: Duration,
    },
    /// 429: the network sent too many forms without scripts.
    TooManyWithoutScripts {
        /// When it is worth trying again.
        retry: Duration,
    },
    /// 429: too many codes of a mail were typed. The same for known and unknown addresses; says that the mail's link still
    /// works.
    TooManyCodes {
        /// When it is worth trying again.
        retry: Duration,
    },
    /// 503: more people than the machine can serve right now.
    Busy {
        /// When it is worth trying again.
        retry: Duration,
    },
    /// 503: the store or a part of it does not answer.
    Unavailable {
        /// When it is worth trying again.
        retry: Duration,
    },
    /// 400: the request is not one of our forms.
    BadRequest,
    /// 403: a POST that came from another site.
    CrossSite,
    /// 403: the form's token is too old, or the browser keeps no cookies.
    FormExpired,
    /// 404.
    NotFound,
    /// 405.
    MethodNotAllowed,
    /// 408: the request took too long to arrive.
    Timeout,
    /// 409: the form was sent before with other content.
    Repeated,
    /// 413: more than a form can hold.
    TooLarge,
    /// 415: not a form's content type.
    UnsupportedType,
    /// 500.
    Internal {
        /// The request's id, to find it in the log.
        request: String,
    },
}

impl MessageKind {
    /// The HTTP status that goes with it.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::MailLimit { .. }
            | Self::TooManyTries { .. }
            | Self::TooManyWithoutScripts { .. }
            | Self::TooManyCodes { .. } => 429,
            Self::Busy { .. } | Self::Unavailable { .. } => 503,
            Self::BadRequest => 400,
            Self::CrossSite | Self::FormExpired => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Timeout => 408,
            Self::Repeated => 409,
            Self::TooLarge => 413,
            Self::UnsupportedType => 415,
            Self::Internal { .. } => 500,
        }
    }

    /// When it is worth trying again: the value of `Retry-After`.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::MailLimit { retry }
            | Self::TooManyTries { retry }
            | Self::TooManyWithoutScripts { retry }
            | Self::TooManyCodes { retry }
            | Self::Busy { retry }
            | Self::Unavailable { retry } => Some(*retry),
            _ => None,
        }
    }
}

/// A page that says one thing, and the way on.
#[derive(Debug, Template)]
#[template(path = "message.html")]
pub struct MessagePage {
    /// The page's frame.
    pub chrome: Chrome,
    /// What is said.
    pub kind: MessageKind,
}

impl MessagePage {
    fn heading(&self) -> String {
        self.chrome.t(match self.kind {
            MessageKind::MailLimit { .. } => "message-mail-limit-title",
            MessageKind::TooManyTries { .. } => "message-too-many-tries-title",
            MessageKind::TooManyWithoutScripts { .. } => "message-too-many-without-scripts-title",
            MessageKind::TooManyCodes { .. } => "message-too-many-codes-title",
            MessageKind::Busy { .. } => "message-busy-title",
            MessageKind::Unavailable { .. } => "message-unavailable-title",
            MessageKind::BadRequest => "message-bad-request-title",
            MessageKind::CrossSite => "message-cross-site-title",
            MessageKind::FormExpired => "message-form-expired-title",
            MessageKind::NotFound => "message-not-found-title",
            MessageKind::MethodNotAllowed => "message-method-title",
            MessageKind::Timeout => "message-timeout-title",
            MessageKind::Repeated => "message-repeated-title",
            MessageKind::TooLarge => "message-too-large-title",
            MessageKind::UnsupportedType => "message-unsupported-type-title",
            MessageKind::Internal { .. } => "message-internal-title",
        })
    }

    fn text(&self) -> String {
        self.chrome.t(match self.kind {
            MessageKind::MailLimit { .. } => "message-mail-limit-text",
            MessageKind::TooManyTries { .. } => "message-too-many-tries-text",
            MessageKind::TooManyWithoutScripts { .. } => "message-too-many-without-scripts-text",
            MessageKind::TooManyCodes { .. } => "message-too-many-codes-text",
            MessageKind::Busy { .. } => "message-busy-text",
            MessageKind::Unavailable { .. } => "message-unavailable-text",
            MessageKind::BadRequest => "message-bad-request-text",
            MessageKind::CrossSite => "message-cross-site-text",
            MessageKind::FormExpired => "message-form-expired-text",
            MessageKind::NotFound => "message-not-found-text",
            MessageKind::MethodNotAllowed => "message-method-text",
            MessageKind::Timeout => "message-timeout-text",
            MessageKind::Repeated => "message-repeated-text",
            MessageKind::TooLarge => "message-too-large-text",
            MessageKind::UnsupportedType => "message-unsupported-type-text",
            MessageKind::Internal { .. } => "message-internal-text",
        })
    }

    fn retry(&self) -> Option<String> {
        let wait = self.chrome.texts().wait(self.kind.retry_after()?);
        Some(self.chrome.t1("message-retry", "wait", &wait))
    }

    fn reference(&self) -> Option<&str> {
        match &self.kind {
            MessageKind::Internal { request } => Some(request),
            _ => None,
        }
    }

    /// Where to go on, and the text of that link.
    fn way_on(&self) -> (&'static str, String) {
        match self.kind {
            MessageKind::MailLimit { .. } => (paths::CHECK_MAIL, self.chrome.t("message-to-code")),
            _ => (paths::LOGIN, self.chrome.t("message-to-login")),
        }
    }
}
