//! The jobs.

mod campaign;
mod expire_links;
mod invite;
mod lapse_registrations;
mod mail;
mod push;
mod remind_recovery;
mod settle_invitations;
mod sms;
mod unanswered;

pub use campaign::CarryOutCampaign;
pub use expire_links::ExpireLinks;
pub use invite::CarryOutInvitations;
pub use lapse_registrations::LapseRegistrations;
pub use mail::SendMail;
pub use push::TellPhones;
pub use remind_recovery::RemindRecoveries;
pub use settle_invitations::SettleInvitations;
pub use sms::SendSms;
pub use unanswered::NoteUnanswered;

/// The names of all jobs, whose floors say from where a new copy of the log on NATS has to begin.
pub const NAMES: [&str; 10] = [
    "mail",
    "expire-links",
    "lapse-registrations",
    "invite",
    "settle-invitations",
    "remind-recoveries",
    "sms",
    "push",
    "unanswered-requests",
    "campaign",
];
