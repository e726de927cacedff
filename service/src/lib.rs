//! What can be done: one use case per file. A use case loads what a decision needs, lets the domain decide, seals the
//! events and appends them. Here are also the links in mails, the typed paths, the texts, and the ports to mail.

pub mod accounts;
pub mod app;
pub mod applications;
pub mod audit;
pub mod campaign;
pub mod client;
pub mod domains;
pub mod epoch;
pub mod factors;
pub mod leaked_passwords;
pub mod mail;
pub mod network;
pub mod network_keys;
pub mod opened;
pub mod outgoing;
pub mod password_hash;
pub mod person_check;
pub mod places;
pub mod policy;
pub mod ports;
pub mod position;
pub mod push;
pub mod ready;
pub mod relying_party;
pub mod restore;
pub mod room;
pub mod run;
pub mod secrets;
pub mod sms;
pub mod tasks;
pub mod texts;
pub mod throttle;
pub mod trace;

pub use app::{App, Failure};
