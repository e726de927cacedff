//! Messages to telephones: counted against whoever has numbers of their own called for the money that it brings them.
//!
//! What a message is counted by besides the account is the number, the range of numbers that it is one of, and the network
//! that asks. Account and number are counted apart for browsers that the account knows: no stranger who has the password uses
//! up the owner's messages. All together have a budget for a day; when it is used up nothing more is sent until the day is over, and the
//! operator is told: see [`sms_budget`].

use chancery_domain::values::PhoneNumber;
use chancery_eventstore::{Purpose, Store};

use super::{LimitReached, Try};
use crate::accounts::LoadedAccount;
use crate::app::{App, Failure};
use crate::client::Client;

/// The counter of all messages of a day.
#[must_use]
pub fn sms_budget(store: &Store) -> [u8; 32] {
    store.service_mac(Purpose::Throttle, &[b"sms budget"])
}

impl App {
    /// Takes one message to a number; what was taken is given back if none is sent.
    pub(crate) async fn may_send_sms(
        &self,
        client: &Client,
        account: &LoadedAccount,
        number: &PhoneNumber,
    ) -> Result<Result<Vec<Try>, LimitReached>, Failure> {
        let limits = &self.limits;
        let is_known = self.known_device(&client.known, account.stream, &account.state).is_some();
        let asker: &[u8] = if is_known { b"known" } else { b"unknown" };
        let tries = vec![
            (limits.sms_number, self.counter(&[b"sms number", asker, number.as_str().as_bytes()])),
            (limits.sms_account, self.counter(&[b"sms account", asker, account.stream.as_bytes()])),
            (limits.sms_network, self.counter(&[b"sms network", client.network().as_bytes()])),
            (limits.sms_range, self.counter(&[b"sms range", number.range().as_bytes()])),
            (limits.sms_day, sms_budget(&self.store)),
        ];
        Ok(self.take_all(&tries).await?.map(|_| tries))
    }
}
