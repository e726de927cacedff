//! "This wasn't me": the page behind the link in a mail about a change.

use askama::Template;
use chancery_domain::Timestamp;
use chancery_service::accounts::disown::Told;
use chancery_service::mail::SecurityChange;

use super::{Chrome, FormKeys};

/// How the link stands.
#[derive(Clone, Debug)]
pub enum DisownState {
    /// The change can be disowned. Posts to [`paths::DISOWN_PREFIX`](super::paths::DISOWN_PREFIX) and the token.
    Open {
        /// The form's keys.
        form: FormKeys,
        /// Where to post.
        action: String,
        /// The account's address, masked.
        masked_email: String,
        /// When the change was made.
        at: Timestamp,
        /// What the mail told.
        told: Told,
        /// The names of the devices that it named.
        devices: Vec<String>,
        /// The name that the device was given, where it was given another.
        new_name: Option<String>,
    },
    /// It was disowned, now or before.
    Done,
    /// The time for that is over.
    Expired,
}

/// "This wasn't me".
#[derive(Debug, Template)]
#[template(path = "disown.html")]
pub struct DisownPage {
    /// The page's frame.
    pub chrome: Chrome,
    /// How the link stands.
    pub state: DisownState,
}

impl DisownPage {
    fn heading(&self) -> String {
        self.chrome.t(match self.state {
            DisownState::Open { .. } => "disown-title",
            DisownState::Done => "disown-done-title",
            DisownState::Expired => "disown-expired-title",
        })
    }

    fn text(&self) -> String {
        self.chrome.t(match self.state {
            DisownState::Open { told: Told::SignedIn, .. } => "disown-text-sign-in",
            DisownState::Open { .. } => "disown-text",
            DisownState::Done => "disown-done-text",
            DisownState::Expired => "disown-expired-text",
        })
    }

    fn what(&self, told: &Told) -> String {
        self.chrome.t(match told {
            Told::PasswordSet => "disown-what-password",
            Told::SignedIn => "disown-what-signed-in",
            Told::Security(change) => match change {
                SecurityChange::FactorAdded => "disown-what-factor-added",
                SecurityChange::FactorRenamed => "disown-what-factor-renamed",
                SecurityChange::FactorRemoved => "disown-what-factor-removed",
                SecurityChange::AllRemoved => "disown-what-all-removed",
                SecurityChange::Reset => "disown-what-reset",
                SecurityChange::RecoveryCodesIssued => "disown-what-codes-issued",
                SecurityChange::RecoveryCodeUsed { .. } => "disown-what-code-used",
                SecurityChange::AlwaysOn => "disown-what-always-on",
                SecurityChange::AlwaysOff => "disown-what-always-off",
                SecurityChange::Resumed => "disown-what-resumed",
                SecurityChange::Unblocked => "disown-what-unblocked",
                SecurityChange::PinChanged => "disown-what-pin-changed",
                SecurityChange::Recovered => "disown-what-recovered",
                // The mails about these have no such link.
                SecurityChange::CounterWentBack
                | SecurityChange::SecondFactorFailed
                | SecurityChange::Blocked
                | SecurityChange::RequestDenied
                | SecurityChange::Disowned
                | SecurityChange::Suspended
                | SecurityChange::RecoveryCancelled => "security-title",
            },
        })
    }
}
