//! Mails to people: what they say ([`Mail`]), how they are written ([`Rendered`]) and how they leave ([`MailTransport`]).
//!
//! SMTP cannot be exactly-once, so a repeat must be harmless: a mail's `Message-ID` and all that it says come from the
//! caller, and the same [`Letter`] always gives the same bytes.

mod address;
mod content;
mod error;
mod outbox;
mod render;
mod samples;
mod security;
mod settings;
mod smtp;
#[cfg(test)]
mod tests;
mod text;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chancery_domain::Timestamp;
use chancery_domain::values::Language;
use secrecy::SecretString;

pub use error::{EnhancedCode, MailError, Reply};
pub use outbox::{OutboxError, OutboxMail, OutboxTransport};
pub use render::{MessageId, Rendered, WHOLE_URL_COLUMNS};
pub use samples::{Sample, all_mails};
pub use security::{SecurityChange, SecurityLink, ToldDevice, help_path};
pub use settings::{MailSettings, MailSettingsError, Sender};
pub use smtp::{SmtpSecurity, SmtpServer, SmtpSettings, SmtpSetupError, SmtpTransport};

/// What a mail says. Every kind exists in every language.
#[derive(Clone, Debug)]
pub enum Mail {
    /// To an address that is not proved yet: carries nothing that the sender of the form typed, not even the name.
    ConfirmAddress {
        /// Where the address is confirmed and the password set.
        link_url: SecretString,
        /// What can be typed instead, in the browser that began, as it is shown.
        code: SecretString,
        /// How long both work, counted from the sending.
        valid_for: Duration,
    },
    /// To the owner of an account: somebody filled in the registration form with this address again.
    RegistrationRepeated {
        /// The page that asks for the address; never a live reset.
        lost_password_url: String,
    },
    /// Somebody said that the password is lost.
    ResetPassword {
        /// Where the new password is set.
        link_url: SecretString,
        /// What can be typed instead, in the browser that began, as it is shown.
        code: SecretString,
        /// How long both work, counted from the sending.
        valid_for: Duration,
    },
    /// The password is another one since `at`.
    PasswordChanged {
        /// When it was changed.
        at: Timestamp,
        /// By which of the two ways.
        how: PasswordChange,
        /// The link by which an owner who did not do it says so.
        disown_url: SecretString,
    },
    /// Somebody signed in from a browser that the account does not know.
    SignedIn {
        /// When.
        at: Timestamp,
        /// The link by which an owner who did not do it says so.
        disown_url: SecretString,
    },
    /// A link by which all devices can be suspended.
    SuspendFactors {
        /// The link's URL.
        link_url: SecretString,
        /// How long it can be used.
        valid_for: Duration,
    },
    /// A link by which a recovery is asked for, or completed once its time is over.
    RecoverAccount {
        /// The link's URL.
        link_url: SecretString,
        /// How long it can be used.
        valid_for: Duration,
    },
    /// A recovery waits, or can be completed.
    Recovery {
        /// When it was asked for.
        at: Timestamp,
        /// What is told of it.
        what: RecoveryNews,
        /// The one device that it is about; `None` where all are lost.
        device: Option<ToldDevice>,
        /// The link that cancels it.
        cancel_url: SecretString,
    },
    /// Wrong passwords locked the sign-in from where they came.
    SignInLocked {
        /// When the lock began.
        at: Timestamp,
        /// The way for an owner who no longer knows the password.
        lost_password_url: String,
    },
    /// Codes by SMS end, and the account has nothing else.
    SmsEnds {
        /// When.
        off: Timestamp,
        /// Whether it is said for the last time.
        is_last: bool,
        /// Why, in the operator's words.
        words: Option<String>,
        /// The page on which another second factor is added.
        security_url: String,
        /// The page that tells how.
        help_url: String,
    },
    /// What protects the account is not what it was, or was tried in vain.
    Security {
        /// When.
        at: Timestamp,
        /// What happened.
        what: SecurityChange,
        /// The devices that it is about, where the mail names them.
        devices: Vec<ToldDevice>,
        /// What an owner opens who did not do it.
        link: SecurityLink,
        /// The page that tells how the account is protected again.
        help_url: String,
    },
}

/// What is told of a recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryNews {
    /// It was asked for a moment ago.
    Asked {
        /// When it can be completed at the earliest.
        ends: Timestamp,
    },
    /// It waits still.
    Waits {
        /// When it can be completed at the earliest.
        ends: Timestamp,
    },
    /// It can be completed.
    Over {
        /// Until when.
        until: Timestamp,
    },
}

impl Mail {
    /// The kind's name: in the ids of its texts, in events, in logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ConfirmAddress { .. } => "confirm-address",
            Self::RegistrationRepeated { .. } => "registration-repeated",
            Self::ResetPassword { .. } => "reset-password",
            Self::PasswordChanged { .. } => "password-changed",
            Self::SignedIn { .. } => "signed-in",
            Self::SuspendFactors { .. } => "suspend-factors",
            Self::RecoverAccount { .. } => "recover-account",
            Self::Recovery { .. } => "recovery",
            Self::SignInLocked { .. } => "sign-in-locked",
            Self::SmsEnds { .. } => "sms-ends",
            Self::Security { .. } => "security",
        }
    }
}

/// How a password came to be another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordChange {
    /// By somebody who was signed in and knew the old one.
    Change,
    /// By a mailed link or its code.
    Reset,
}

/// One mail to one person.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// What makes the mail the same mail when it is sent again: the id of the link, of the event or of the command that
    /// it follows from. It is public in the `Message-ID`.
    pub id: &'a [u8],
    /// The stored address, exactly.
    pub to: &'a str,
    /// The person's language.
    pub language: Language,
    /// What it says.
    pub mail: &'a Mail,
    /// Its `Date`.
    pub date: Timestamp,
}

/// What a transport can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// How many mails leave side by side; one more would wait for one of them.
    pub at_once: usize,
    /// The longest that one of them may take, whatever the other side does.
    pub within: Duration,
}

/// A way for mails to leave.
#[async_trait]
pub trait MailTransport: Send + Sync {
    /// Hands the mail over. `Ok` means that the other side has taken responsibility for it.
    ///
    /// # Errors
    /// [`MailError`] tells whether trying again makes sense. After [`MailError::Unavailable`] the mail may have been
    /// taken all the same (its answer was lost): sending it again is right.
    async fn send(&self, mail: &Rendered) -> Result<(), MailError>;

    /// What it can carry.
    fn capacity(&self) -> Capacity;

    /// Tries everything short of a mail: the connection, its encryption and the credentials.
    ///
    /// # Errors
    /// What stands in the way.
    async fn check(&self) -> Result<(), MailError>;
}

/// Writes mails and hands them to a transport.
#[derive(Clone)]
pub struct Mailer {
    settings: Arc<MailSettings>,
    transport: Arc<dyn MailTransport>,
}

impl Mailer {
    /// A mailer that writes by these settings and sends by this transport.
    #[must_use]
    pub fn new(settings: MailSettings, transport: Arc<dyn MailTransport>) -> Self {
        Self { settings: Arc::new(settings), transport }
    }

    /// The settings that mails are written by.
    #[must_use]
    pub fn settings(&self) -> &MailSettings {
        &self.settings
    }

    /// Writes the letter and sends it, and counts the outcome in the metric `chancery_mails_total`.
    ///
    /// # Errors
    /// As [`MailTransport::send`]. An address that no mail can be written to is refused with 553 5.1.3.
    pub async fn deliver(&self, letter: Letter<'_>) -> Result<(), MailError> {
        let sent = match Rendered::new(&self.settings, letter) {
            Ok(mail) => self.transport.send(&mail).await,
            Err(error) => Err(error),
        };
        let outcome = sent.as_ref().map_or_else(MailError::outcome, |()| "sent");
        metrics::counter!("chancery_mails_total", "outcome" => outcome).increment(1);
        sent
    }

    /// As [`MailTransport::capacity`].
    #[must_use]
    pub fn capacity(&self) -> Capacity {
        self.transport.capacity()
    }

    /// As [`MailTransport::check`].
    ///
    /// # Errors
    /// What stands in the way.
    pub async fn check(&self) -> Result<(), MailError> {
        self.transport.check().await
    }
}
