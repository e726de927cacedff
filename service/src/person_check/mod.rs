//! The person check: makes a form cost its sender something, without an outside service and without riddles.
//!
//! With scripts the browser solves a proof of work ([`Challenge`], the format of ALTCHA's); without them the person
//! waits some seconds before the form is taken ([`WaitTicket`]), and the caller counts such forms under a tighter limit
//! for the network, since a waiting program can wait for many forms at once.
//!
//! Challenge and ticket are believed by their MAC and bound to one form. **Single use** comes from the form itself: it is
//! a volatile row that is handed out with the page and taken when it is sent, so that losing the rows at most asks for a
//! new form. Where old rows are put back, what a form led to is still remembered by the log, under a command id of form
//! and name: sent again it leads to nothing more, but one proof counts once for each further name. The log cannot refuse
//! those without telling whether the first name has an account.

use std::time::Duration;

use chancery_eventstore::SecretKey;
use chancery_eventstore::seal::same_mac;
use thiserror::Error;

mod proof_of_work;
mod wait;

pub use proof_of_work::Challenge;
pub use wait::WaitTicket;

/// Bytes of a form's command id that stand in a challenge: enough that no two forms are taken for one another.
const BINDING: usize = 16;

/// Why a form did not pass. A new form, with a new challenge and ticket, is what helps against each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CheckRefused {
    /// Not a challenge or ticket of this service, or changed, or not its solution.
    #[error("the person check was not solved")]
    Wrong,
    /// The form was open for too long.
    #[error("the person check has expired")]
    Expired,
    /// Issued for another form.
    #[error("the person check belongs to another form")]
    NotThisForm,
    /// Sent before the wait was over.
    #[error("the form was sent too early; it can be sent in {} s", .wait.as_secs() + 1)]
    TooEarly {
        /// How long it must still wait.
        wait: Duration,
    },
}

/// What a form costs. `load` is how many forms the network has been given lately, by the caller's counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonCheckSettings {
    /// Hashes in the worst case for a network without load; a browser computes half of them on average.
    pub base_cost: u32,
    /// Hashes in the worst case at any load.
    pub highest_cost: u32,
    /// Forms that a network gets at the base cost; each as many more double the cost.
    pub doubling: u32,
    /// Wait without scripts for a network without load; it grows with the cost, to sixteen times this at most.
    pub wait: Duration,
    /// How long a form can be sent after it was made.
    pub validity: Duration,
}

/// Half a second on a slow phone, a minute under a flood, of which a school or an office with one address has none; five
/// seconds without scripts; a form stays good for an hour.
impl Default for PersonCheckSettings {
    fn default() -> Self {
        Self {
            base_cost: 50_000,
            highest_cost: 6_400_000,
            doubling: 25,
            wait: Duration::from_secs(5),
            validity: Duration::from_secs(3_600),
        }
    }
}

impl PersonCheckSettings {
    /// The highest number that may solve a challenge: hashes in the worst case.
    #[must_use]
    pub fn cost(&self, load: u32) -> u32 {
        let doublings = load / self.doubling.max(1);
        let cost = u64::from(self.base_cost).checked_shl(doublings.min(32)).unwrap_or(u64::MAX);
        u32::try_from(cost).unwrap_or(u32::MAX).min(self.highest_cost.max(self.base_cost))
    }

    /// How long a form without scripts must wait.
    #[must_use]
    pub fn wait(&self, load: u32) -> Duration {
        self.wait * (1 << (load / self.doubling.max(1)).min(4))
    }
}

/// Issues and verifies challenges and tickets.
#[derive(Clone, Debug)]
pub struct PersonCheck {
    key: SecretKey,
    settings: PersonCheckSettings,
}

impl PersonCheck {
    /// The check under the service's key for it ([`chancery_eventstore::Purpose::PersonCheck`]).
    #[must_use]
    pub const fn new(key: SecretKey, settings: PersonCheckSettings) -> Self {
        Self { key, settings }
    }

    /// How long a form can be sent after it was made.
    #[must_use]
    pub const fn validity(&self) -> Duration {
        self.settings.validity
    }

    /// How long a form without scripts must wait at a load.
    #[must_use]
    pub fn wait(&self, load: u32) -> Duration {
        self.settings.wait(load)
    }

    /// The longest that one must wait.
    #[must_use]
    pub fn longest_wait(&self) -> Duration {
        self.settings.wait(u32::MAX)
    }

    /// What stands for a form in its challenge and its ticket.
    fn binding(&self, form: &[u8]) -> String {
        data_encoding::HEXLOWER.encode(&self.key.mac(&[b"form", form])[..BINDING])
    }

    /// The MAC over `parts` for one use, in hexadecimal.
    fn signature(&self, parts: &[&[u8]]) -> String {
        data_encoding::HEXLOWER.encode(&self.key.mac(parts))
    }
}

/// Whether a signature that came back is the one that we would make now.
fn is_ours(theirs: &str, ours: &str) -> Result<(), CheckRefused> {
    if same_mac(theirs.as_bytes(), ours.as_bytes()) { Ok(()) } else { Err(CheckRefused::Wrong) }
}

#[cfg(test)]
mod tests;
