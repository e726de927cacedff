//! Pages of a mailed link.

use std::time::Duration;

use askama::Template;

use super::{Chrome, Errors, Field, FormKeys, PasswordRules, PersonCheck};

/// What an open link is for, and what its page shows for that.
#[derive(Clone, Debug)]
pub enum LinkPurpose {
    /// A new account: its names can be corrected, the privacy statement is accepted here.
    Registration(LinkValues),
    /// A new password for an account.
    Reset,
}

/// What the person may correct when the address is confirmed.
#[derive(Clone, Debug, Default)]
pub struct LinkValues {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Whether the privacy statement was accepted on this page.
    pub privacy: bool,
}

/// An open link: set a password. Posts to its own address; a GET never uses the link up.
#[derive(Debug, Template)]
#[template(path = "link.html")]
pub struct LinkPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// The form's keys.
    pub form: FormKeys,
    /// Where to post: [`paths::LINK_PREFIX`](super::paths::LINK_PREFIX) and the token.
    pub action: String,
    /// What the link is for.
    pub purpose: LinkPurpose,
    /// The account's address, masked.
    pub masked_email: String,
    /// The account's uid, under which a password manager keeps the password: the masked address signs nobody in.
    pub uid: String,
    /// The rules for the password.
    pub rules: PasswordRules,
    /// Whether "this is a public computer" is ticked.
    pub public_computer: bool,
    /// How long a session on a public computer lasts.
    pub public_idle: Duration,
    /// What is wrong.
    pub errors: Errors,
}

impl LinkPage {
    fn heading(&self) -> String {
        match self.purpose {
            LinkPurpose::Registration(_) => self.chrome.t("link-title-registration"),
            LinkPurpose::Reset => self.chrome.t("link-title-reset"),
        }
    }

    fn lead(&self) -> String {
        match self.purpose {
            LinkPurpose::Registration(_) => self.chrome.t("link-lead-registration"),
            LinkPurpose::Reset => self.chrome.t("link-lead-reset"),
        }
    }
}

/// Why a link does not lead on, and what is offered instead.
#[derive(Clone, Debug)]
pub enum LinkState {
    /// Its time is over; the button asks for a new one.
    Expired(FormKeys),
    /// It was used; the person signs in, or asks for a new one.
    Used(FormKeys),
    /// Another link of its purpose was used; the button asks for a new one.
    Superseded(FormKeys),
    /// It was made for another purpose.
    OtherPurpose(FormKeys),
    /// Cut, changed, guessed, or of another installation: the address is asked for, as "lost password" does.
    Damaged {
        /// The form's keys; posts to [`paths::LOST_PASSWORD`](super::paths::LOST_PASSWORD).
        form: FormKeys,
        /// The address as typed.
        name: String,
        /// What is wrong with it.
        errors: Errors,
        /// The check that a person is there.
        check: PersonCheck,
    },
    /// The registration lapsed; the form is offered.
    Lapsed,
    /// The password was set by another browser with this link.
    PasswordSet,
}

/// A link that does not lead on. Its button posts to [`paths::LINK_AGAIN`](super::paths::LINK_AGAIN); the handler names
/// the link in [`FormKeys::extra`].
#[derive(Debug, Template)]
#[template(path = "link_problem.html")]
pub struct LinkProblemPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// What is wrong with the link.
    pub state: LinkState,
}

impl LinkProblemPage {
    fn heading(&self) -> String {
        self.chrome.t(match self.state {
            LinkState::Expired(_) => "link-expired-title",
            LinkState::Used(_) => "link-used-title",
            LinkState::Superseded(_) => "link-superseded-title",
            LinkState::OtherPurpose(_) => "link-other-purpose-title",
            LinkState::Damaged { .. } => "link-damaged-title",
            LinkState::Lapsed => "link-lapsed-title",
            LinkState::PasswordSet => "link-password-set-title",
        })
    }

    fn text(&self) -> String {
        self.chrome.t(match self.state {
            LinkState::Expired(_) => "link-expired-text",
            LinkState::Used(_) => "link-used-text",
            LinkState::Superseded(_) => "link-superseded-text",
            LinkState::OtherPurpose(_) => "link-other-purpose-text",
            LinkState::Damaged { .. } => "link-damaged-text",
            LinkState::Lapsed => "link-lapsed-text",
            LinkState::PasswordSet => "link-password-set-text",
        })
    }

    const fn failed(&self) -> bool {
        matches!(&self.state, LinkState::Damaged { errors, .. } if !errors.is_empty())
    }
}
