//! From the settings to the service: the database, the keys, the log, the use cases, the mails and messages.

mod app;
mod keys;
mod mailer;
mod nats;
mod operator;
mod push;
mod sms;
mod store;

pub use app::{app, privacy_version};
pub use keys::{Credentials, audit_keys};
pub use mailer::{Mails, mails};
pub use nats::{keep_waking, nats};
pub use operator::{operator, operator_in};
pub use push::pushes;
pub use sms::{Messages, messages};
pub use store::{Database, Opening, announce, clock_difference, database, database_in, ledger, pending, store};

pub use chancery_service::ready::CLOCK_SKEW;
