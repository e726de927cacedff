//! All devices lost: they are suspended with the password and a mailed link.

use askama::Template;

use super::{Chrome, Errors, Field, FormKeys};

/// How far it has come.
#[derive(Clone, Debug)]
pub enum LostState {
    /// What can be done; the button asks for the link. Posts to [`paths::LOGIN_LOST`](super::paths::LOGIN_LOST).
    Ask {
        /// The form's keys.
        form: FormKeys,
        /// Whether an account can be recovered by waiting.
        recovery: bool,
    },
    /// The link was mailed.
    Sent,
    /// No device counts: there is nothing to suspend.
    NoneThere,
    /// The page of the link, which asks for the password.
    Link {
        /// The form's keys.
        form: FormKeys,
        /// Where to post.
        action: String,
        /// The account's address, masked.
        masked_email: String,
    },
    /// All devices are suspended.
    Done,
    /// The link can no longer be used.
    Over,
}

/// All devices lost.
#[derive(Debug, Template)]
#[template(path = "lost.html")]
pub struct LostPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// How far it has come.
    pub state: LostState,
    /// What is wrong.
    pub errors: Errors,
}

impl LostPage {
    fn heading(&self) -> String {
        self.chrome.t(match self.state {
            LostState::Ask { .. } => "lost-title",
            LostState::Sent => "lost-sent-title",
            LostState::NoneThere => "lost-none-title",
            LostState::Link { .. } => "lost-link-title",
            LostState::Done => "lost-done-title",
            LostState::Over => "link-expired-title",
        })
    }

    fn text(&self) -> String {
        self.chrome.t(match self.state {
            LostState::Ask { .. } => "lost-text",
            LostState::Sent => "lost-sent-text",
            LostState::NoneThere => "lost-none-text",
            LostState::Link { .. } => "lost-link-text",
            LostState::Done => "lost-done-text",
            LostState::Over => "lost-over-text",
        })
    }
}
