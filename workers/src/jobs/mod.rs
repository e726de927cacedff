//! The jobs.

mod expire_links;
mod lapse_registrations;
mod mail;

pub use expire_links::ExpireLinks;
pub use lapse_registrations::LapseRegistrations;
pub use mail::SendMail;
