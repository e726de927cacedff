//! The service within the test: people with browsers, programs and applications, a clock that the test moves, both
//! databases, one node or two.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod adaptive;
mod app_pin;
mod app_requests;
mod app_sessions;
mod app_strangers;
mod bad_input;
mod campaign;
mod care;
mod enumeration;
mod epoch;
mod erasure;
mod factor_attacks;
mod factor_options;
mod factor_volatile;
mod factors;
mod forms;
mod guesses;
mod in_work;
mod jobs;
mod limits;
mod links;
mod lost_key;
mod mail;
mod mail_queue;
mod mailbox;
mod mobile_app;
mod nodes_factors;
mod nodes_forms;
mod nodes_obey;
mod operations;
mod passkey;
mod push;
mod races;
mod recovery;
mod removed_factor;
mod routes;
mod sign_in;
mod sms;
mod story;
mod targets;
mod time;
mod told;
mod unlisted_phones;
mod upgrade;
mod v1_access;
mod v1_accounts;
mod v1_invitations;
mod volatile;
mod webauthn;
mod webauthn_facts;
mod webauthn_makes;
