//! The jobs.

mod campaign;
mod expire_links;
mod invite;
mod lapse_registrations;
mod list_telephones;
mod mail;
mod push;
mod remind_recovery;
mod settle_invitations;
mod sms;
mod unanswered;

use chancery_eventstore::Position;

pub use campaign::CarryOutCampaign;
pub use expire_links::ExpireLinks;
pub use invite::CarryOutInvitations;
pub use lapse_registrations::LapseRegistrations;
pub use list_telephones::{ListTelephones, are_listed};
pub use mail::SendMail;
pub use push::TellPhones;
pub use remind_recovery::RemindRecoveries;
pub use settle_invitations::SettleInvitations;
pub use sms::SendSms;
pub use unanswered::NoteUnanswered;

/// The names of all jobs, whose floors say from where a new copy of the log on NATS has to begin.
pub const NAMES: [&str; 11] = [
    "mail",
    "expire-links",
    "lapse-registrations",
    "invite",
    "settle-invitations",
    "remind-recoveries",
    "sms",
    "push",
    "unanswered-requests",
    list_telephones::NAME,
    "campaign",
];

/// Where a job begins that never ran: at the log's head, so that nobody is mailed because of what is long past. Only what earlier
/// builds left undone is looked for from the beginning.
pub(crate) fn begins(job: &str, head: Position) -> Position {
    if job == list_telephones::NAME { Position::START } else { head }
}
