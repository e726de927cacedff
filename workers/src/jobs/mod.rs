//! The jobs.

mod campaign;
mod expire_links;
mod invite;
mod lapse_registrations;
mod mail;
mod remind_recovery;
mod settle_invitations;
mod sms;

pub use campaign::CarryOutCampaign;
pub use expire_links::ExpireLinks;
pub use invite::CarryOutInvitations;
pub use lapse_registrations::LapseRegistrations;
pub use mail::SendMail;
pub use remind_recovery::RemindRecoveries;
pub use settle_invitations::SettleInvitations;
pub use sms::SendSms;

/// The names of all jobs, whose floors say from where a new copy of the log on NATS has to begin.
pub const NAMES: [&str; 8] = [
    "mail",
    "expire-links",
    "lapse-registrations",
    "invite",
    "settle-invitations",
    "remind-recoveries",
    "sms",
    "campaign",
];
