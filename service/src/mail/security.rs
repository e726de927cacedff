//! What the owner of an account is told of its security.

use chancery_domain::FactorId;
use chancery_domain::account::{AccountEvent, FactorKind, RemovalReason};
use chancery_domain::values::DeviceName;
use secrecy::SecretString;

/// A device that a mail names, as it was called when that happened of which the mail tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldDevice {
    /// Its id, which nobody is told.
    pub id: FactorId,
    /// Its kind.
    pub kind: FactorKind,
    /// Its name before that.
    pub name: DeviceName,
    /// Its name from then on, where it was given another.
    pub new_name: Option<DeviceName>,
}

/// The path of the page that tells how a device of a kind is added.
#[must_use]
pub const fn help_path(kind: FactorKind) -> &'static str {
    match kind {
        FactorKind::Passkey | FactorKind::SecurityKey => "/help/security-key",
        FactorKind::Totp => "/help/one-time-codes",
        FactorKind::MobileApp => "/help/mobile-device",
        FactorKind::Phone => "/help/mobile-phone",
    }
}

/// What the owner of an account opens who is told of what happened to its security.
#[derive(Clone, Debug)]
pub enum SecurityLink {
    /// The link that disowns a change.
    Disown(SecretString),
    /// The page of the second factors, where nothing can be disowned.
    Look(String),
}

/// What happened to what protects an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecurityChange {
    /// A device was added.
    FactorAdded,
    /// A device was given another name.
    FactorRenamed,
    /// A device was removed.
    FactorRemoved,
    /// All of them were, at the owner's wish.
    AllRemoved,
    /// All of them were, by an administrator.
    Reset,
    /// A device signed with a counter that is not beyond its last one.
    CounterWentBack,
    /// Second factors failed behind the right password.
    SecondFactorFailed,
    /// So many PINs were wrong that a device counts for nothing.
    Blocked,
    /// A blocked device counts again.
    Unblocked,
    /// The PIN of a device was changed.
    PinChanged,
    /// Whoever holds a device said that a request to sign in was not theirs.
    RequestDenied,
    /// New recovery codes are in force.
    RecoveryCodesIssued,
    /// A recovery code was used; so many are left.
    RecoveryCodeUsed {
        /// How many are left.
        left: u8,
    },
    /// A second factor is always asked for.
    AlwaysOn,
    /// The password alone may suffice again.
    AlwaysOff,
    /// Somebody with the mailbox said that the owner had not made a change.
    Disowned,
    /// All devices were suspended.
    Suspended,
    /// Suspended devices count again.
    Resumed,
    /// A recovery that waited was cancelled.
    RecoveryCancelled,
    /// One was completed.
    Recovered,
}

impl SecurityChange {
    /// What an event is to the owner of the account's security; `None` for one of which nobody is told.
    #[must_use]
    pub const fn of(event: &AccountEvent) -> Option<Self> {
        Some(match event {
            AccountEvent::FactorAdded(_) => Self::FactorAdded,
            AccountEvent::FactorRenamed(_) => Self::FactorRenamed,
            AccountEvent::FactorRemoved(removed) => match removed.reason {
                RemovalReason::Person => Self::FactorRemoved,
                RemovalReason::Everything => Self::AllRemoved,
                // The administrator's wish is an event of its own, and so is a recovery; a restore changes nothing that counted.
                RemovalReason::Administrator | RemovalReason::Restored | RemovalReason::Recovery => return None,
            },
            AccountEvent::RecoveryCodesRemoved(removed) if matches!(removed.reason, RemovalReason::Everything) => {
                Self::AllRemoved
            }
            AccountEvent::FactorsReset(_) => Self::Reset,
            AccountEvent::FactorCounterWentBack(_) => Self::CounterWentBack,
            AccountEvent::SecondFactorFailed(failed) if failed.owner_told => Self::SecondFactorFailed,
            AccountEvent::FactorBlocked(_) => Self::Blocked,
            AccountEvent::FactorUnblocked(_) => Self::Unblocked,
            AccountEvent::FactorPinChanged(_) => Self::PinChanged,
            AccountEvent::AppRequestDenied(_) => Self::RequestDenied,
            AccountEvent::RecoveryCodesIssued(_) => Self::RecoveryCodesIssued,
            AccountEvent::RecoveryCodeUsed(used) => Self::RecoveryCodeUsed { left: used.left },
            AccountEvent::SignInOptionsChanged(options) => {
                if options.always_second_factor {
                    Self::AlwaysOn
                } else {
                    Self::AlwaysOff
                }
            }
            AccountEvent::ChangeDisowned(_) => Self::Disowned,
            AccountEvent::FactorsSuspended(_) => Self::Suspended,
            AccountEvent::FactorResumed(_) => Self::Resumed,
            AccountEvent::RecoveryCancelled(_) => Self::RecoveryCancelled,
            AccountEvent::RecoveryCompleted(_) => Self::Recovered,
            _ => return None,
        })
    }

    /// What is said before the address of the help, where the mail has one: whoever has a device less, or may have, adds
    /// another one.
    pub(super) const fn help_id(self) -> Option<&'static str> {
        match self {
            Self::FactorRemoved | Self::Blocked => Some("mail-security-how-kind"),
            Self::AllRemoved | Self::Reset | Self::RecoveryCodeUsed { .. } | Self::Suspended | Self::Recovered => {
                Some("mail-security-how")
            }
            _ => None,
        }
    }

    pub(super) const fn text_id(self) -> &'static str {
        match self {
            Self::FactorAdded => "mail-security-factor-added",
            Self::FactorRenamed => "mail-security-factor-renamed",
            Self::FactorRemoved => "mail-security-factor-removed",
            Self::AllRemoved => "mail-security-all-removed",
            Self::Reset => "mail-security-reset",
            Self::CounterWentBack => "mail-security-counter-went-back",
            Self::SecondFactorFailed => "mail-security-second-factor-failed",
            Self::Blocked => "mail-security-blocked",
            Self::Unblocked => "mail-security-unblocked",
            Self::PinChanged => "mail-security-pin-changed",
            Self::RequestDenied => "mail-security-request-denied",
            Self::RecoveryCodesIssued => "mail-security-codes-issued",
            Self::RecoveryCodeUsed { .. } => "mail-security-code-used",
            Self::AlwaysOn => "mail-security-always-on",
            Self::AlwaysOff => "mail-security-always-off",
            Self::Disowned => "mail-security-disowned",
            Self::Suspended => "mail-security-suspended",
            Self::Resumed => "mail-security-resumed",
            Self::RecoveryCancelled => "mail-security-recovery-cancelled",
            Self::Recovered => "mail-security-recovered",
        }
    }
}
