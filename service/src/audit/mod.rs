//! What an auditor can ask of the log. Everything here only reads, beside a running service, and opens nothing that is
//! sealed for anybody's eyes: what the verification and a past state need is opened in memory and shown to nobody.

pub mod history;
pub mod moment;
pub mod query;
pub mod sentences;
pub mod state;
pub mod verify;

pub use history::{Entry, History, Told};
pub use moment::{Bound, Moment, MomentError};
pub use query::{By, Counts};
pub use state::{AccountParts, PartStanding};
pub use verify::verify;

use chancery_domain::account::Account;
use chancery_domain::application::Application;
use chancery_domain::campaign::Campaign;
use chancery_domain::invitation::Invitation;
use chancery_domain::log::LogState;
use chancery_domain::network::NetworkKeys;
use chancery_domain::policy::PolicyState;
use chancery_eventstore::verify::Kind;

/// Every aggregate whose events stand in the log.
pub const AGGREGATES: &[Kind] = &[
    Kind::of::<Account>(),
    Kind::of::<Application>(),
    Kind::of::<Campaign>(),
    Kind::of::<Invitation>(),
    Kind::of::<PolicyState>(),
    Kind::of::<NetworkKeys>(),
    Kind::of::<LogState>(),
];

#[cfg(test)]
mod tests {
    use chancery_domain::events::known_types;

    use super::*;

    #[test]
    fn every_known_type_is_of_a_known_aggregate() {
        for (event_type, _) in known_types() {
            let aggregate = event_type.split('.').next().unwrap_or_default();
            assert!(AGGREGATES.iter().any(|kind| kind.name() == aggregate), "{event_type}");
        }
    }
}
