//! Every mail that there is: for those who try all of them.
//!
//! Each kind names the one after it in a match that lists them all, so that a new kind cannot be left out.

use std::iter::successors;
use std::time::Duration;

use chancery_domain::account::FactorKind;
use chancery_domain::values::DeviceName;
use chancery_domain::{FactorId, Timestamp};

use super::{Mail, PasswordChange, RecoveryNews, SecurityChange, SecurityLink, ToldDevice};

/// 2026-11-24T14:05:09Z.
pub(super) const MOMENT: Timestamp = Timestamp::from_seconds(1_795_529_109);
/// As long as a URL may be on a host of 30 characters: 76.
pub(super) const LINK: &str = "https://accounts.ministry-example.test/l/0123456789abcdefghjkmnpqrstvwxyz012";
pub(super) const DISOWN: &str = "https://accounts.ministry-example.test/n/0123456789abcdefghjkmnpqrstvwxyz012";
pub(super) const LOST: &str = "https://accounts.ministry-example.test/lost-password";
pub(super) const SECURITY: &str = "https://accounts.ministry-example.test/account/security";
pub(super) const HELP: &str = "https://accounts.ministry-example.test/help";
pub(super) const CODE: &str = "K7QM-2XPD";

const VALID_FOR: Duration = Duration::from_mins(90);

/// A mail and a name for it.
pub type Sample = (String, Mail);

/// A mail of every kind, and of each kind one for everything that it may say.
#[must_use]
pub fn all_mails() -> Vec<Sample> {
    let first = Mail::ConfirmAddress { link_url: LINK.into(), code: CODE.into(), valid_for: VALID_FOR };
    let mut all = one("confirm", first);
    while let Some(next) = all.last().and_then(|(_, mail)| after(mail)) {
        all.extend(next);
    }
    all
}

/// The kind after that of this mail.
fn after(mail: &Mail) -> Option<Vec<Sample>> {
    let (at, valid_for, lost_password_url) = (MOMENT, VALID_FOR, LOST.to_owned());
    Some(match mail {
        Mail::ConfirmAddress { .. } => one("repeated", Mail::RegistrationRepeated { lost_password_url }),
        Mail::RegistrationRepeated { .. } => {
            one("reset", Mail::ResetPassword { link_url: LINK.into(), code: CODE.into(), valid_for })
        }
        Mail::ResetPassword { .. } => password_changed(),
        Mail::PasswordChanged { .. } => one("locked", Mail::SignInLocked { at, lost_password_url }),
        Mail::SignInLocked { .. } => one("signed-in", Mail::SignedIn { at, disown_url: DISOWN.into() }),
        Mail::SignedIn { .. } => one("suspend-factors", Mail::SuspendFactors { link_url: LINK.into(), valid_for }),
        Mail::SuspendFactors { .. } => {
            one("recover-account", Mail::RecoverAccount { link_url: LINK.into(), valid_for })
        }
        Mail::RecoverAccount { .. } => recovery(),
        Mail::Recovery { .. } => vec![
            sms_ends("sms-ends", false, Some("Messages can be read on their way.")),
            sms_ends("sms-ends-last", true, None),
        ],
        Mail::SmsEnds { .. } => security(),
        Mail::Security { .. } => return None,
    })
}

fn one(name: &str, mail: Mail) -> Vec<Sample> {
    vec![(name.to_owned(), mail)]
}

fn password_changed() -> Vec<Sample> {
    let after = |how: &PasswordChange| match how {
        PasswordChange::Change => Some(PasswordChange::Reset),
        PasswordChange::Reset => None,
    };
    let sample = |how: PasswordChange| {
        let name = match how {
            PasswordChange::Change => "changed",
            PasswordChange::Reset => "changed-by-reset",
        };
        (name.to_owned(), Mail::PasswordChanged { at: MOMENT, how, disown_url: DISOWN.into() })
    };
    successors(Some(PasswordChange::Change), after).map(sample).collect()
}

fn recovery() -> Vec<Sample> {
    let after = |what: &RecoveryNews| match *what {
        RecoveryNews::Asked { ends } => Some(RecoveryNews::Waits { ends }),
        RecoveryNews::Waits { ends } => Some(RecoveryNews::Over { until: ends }),
        RecoveryNews::Over { .. } => None,
    };
    let mut samples = Vec::new();
    for (about, device) in [("", None), ("-device", told("Security key 2"))] {
        for what in successors(Some(RecoveryNews::Asked { ends: MOMENT }), after) {
            let name = match what {
                RecoveryNews::Asked { .. } => "asked",
                RecoveryNews::Waits { .. } => "waits",
                RecoveryNews::Over { .. } => "over",
            };
            let mail = Mail::Recovery { at: MOMENT, what, device: device.clone(), cancel_url: DISOWN.into() };
            samples.push((format!("recovery-{name}{about}"), mail));
        }
    }
    samples
}

fn sms_ends(name: &str, is_last: bool, words: Option<&str>) -> Sample {
    let (security_url, help_url) = (SECURITY.to_owned(), format!("{HELP}/mobile-phone"));
    let mail = Mail::SmsEnds { off: MOMENT, is_last, words: words.map(ToOwned::to_owned), security_url, help_url };
    (name.to_owned(), mail)
}

fn security() -> Vec<Sample> {
    let sample = |what: SecurityChange| {
        let name = match what {
            SecurityChange::RecoveryCodeUsed { left: 0 } => "security-last-code-used",
            what => what.text_id().trim_start_matches("mail-"),
        };
        (name.to_owned(), told_of(what, &["Security key 2"]))
    };
    let mut samples: Vec<Sample> =
        successors(Some(SecurityChange::FactorAdded), |what| after_change(*what)).map(sample).collect();
    let three = ["Security key 2", "Τηλέφωνο", "טלפון"];
    samples.push(("security-many-resumed".to_owned(), told_of(SecurityChange::Resumed, &three)));
    samples
}

/// The change after this one.
const fn after_change(what: SecurityChange) -> Option<SecurityChange> {
    Some(match what {
        SecurityChange::FactorAdded => SecurityChange::FactorRenamed,
        SecurityChange::FactorRenamed => SecurityChange::FactorRemoved,
        SecurityChange::FactorRemoved => SecurityChange::AllRemoved,
        SecurityChange::AllRemoved => SecurityChange::Reset,
        SecurityChange::Reset => SecurityChange::CounterWentBack,
        SecurityChange::CounterWentBack => SecurityChange::SecondFactorFailed,
        SecurityChange::SecondFactorFailed => SecurityChange::Blocked,
        SecurityChange::Blocked => SecurityChange::Unblocked,
        SecurityChange::Unblocked => SecurityChange::PinChanged,
        SecurityChange::PinChanged => SecurityChange::RequestDenied,
        SecurityChange::RequestDenied => SecurityChange::RecoveryCodesIssued,
        SecurityChange::RecoveryCodesIssued => SecurityChange::RecoveryCodeUsed { left: 9 },
        SecurityChange::RecoveryCodeUsed { left: 1.. } => SecurityChange::RecoveryCodeUsed { left: 0 },
        SecurityChange::RecoveryCodeUsed { left: 0 } => SecurityChange::AlwaysOn,
        SecurityChange::AlwaysOn => SecurityChange::AlwaysOff,
        SecurityChange::AlwaysOff => SecurityChange::Disowned,
        SecurityChange::Disowned => SecurityChange::Suspended,
        SecurityChange::Suspended => SecurityChange::Resumed,
        SecurityChange::Resumed => SecurityChange::RecoveryCancelled,
        SecurityChange::RecoveryCancelled => SecurityChange::Recovered,
        SecurityChange::Recovered => return None,
    })
}

fn told_of(what: SecurityChange, devices: &[&str]) -> Mail {
    let nothing_to_disown = [
        SecurityChange::CounterWentBack,
        SecurityChange::SecondFactorFailed,
        SecurityChange::Blocked,
        SecurityChange::RequestDenied,
        SecurityChange::Disowned,
        SecurityChange::Suspended,
        SecurityChange::RecoveryCancelled,
    ];
    let link = if nothing_to_disown.contains(&what) {
        SecurityLink::Look(SECURITY.to_owned())
    } else {
        SecurityLink::Disown(DISOWN.into())
    };
    let help_url = match what {
        SecurityChange::RecoveryCodeUsed { .. } => format!("{HELP}/recovery-codes"),
        SecurityChange::FactorRemoved | SecurityChange::Blocked => format!("{HELP}/security-key"),
        _ => HELP.to_owned(),
    };
    let devices = devices.iter().copied().filter_map(told).collect();
    Mail::Security { at: MOMENT, what, devices, link, help_url }
}

fn told(called: &str) -> Option<ToldDevice> {
    let name = |name| DeviceName::parse(name).ok();
    let (id, kind) = (FactorId::from_bytes([7; 16]), FactorKind::SecurityKey);
    Some(ToldDevice { id, kind, name: name(called)?, new_name: name("Old key") })
}
