//! Messages to telephones: counted against whoever has numbers of their own called for the money that it brings them.
//!
//! What a message is counted by besides the account is the number, the range of numbers that it is one of, and the network
//! that asks. Account and number are counted apart for browsers that the account knows, and a number that the account has
//! apart from one that is being added: neither a stranger who has the password nor one who adds the number to an account of
//! his own uses up the owner's messages. All together have a budget for a day; when it is used up nothing more is sent until
//! the day is over, and the operator is told: see [`sms_budget`].

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
    /// Takes one message to a number, which the account has or is to get; what was taken is given back if none is sent.
    pub(crate) async fn may_send_sms(
        &self,
        client: &Client,
        account: &LoadedAccount,
        number: &PhoneNumber,
        is_added: bool,
    ) -> Result<Result<Vec<Try>, LimitReached>, Failure> {
        let limits = &self.limits;
        let is_known = self.proved_device(&client.known, account.stream, &account.state).is_some();
        let asker: &[u8] = if is_known { b"known" } else { b"unknown" };
        let stream = account.stream.as_bytes().as_slice();
        let whose: &[&[u8]] = if is_added { &[stream, asker] } else { &[b"adding"] };
        let by_number = [&[b"sms number".as_slice()], whose, &[number.as_str().as_bytes()]].concat();
        let mut tries = vec![
            (limits.sms_number, self.counter(&by_number)),
            (limits.sms_account, self.counter(&[b"sms account", asker, account.stream.as_bytes()])),
            (limits.sms_network, self.counter(&[b"sms network", client.network().as_bytes()])),
            (limits.sms_day, sms_budget(&self.store)),
        ];
        // The owner's own number is not one of many that somebody has called for money.
        if !(is_added && is_known) {
            tries.push((limits.sms_range, self.counter(&[b"sms range", number.range().as_bytes()])));
        }
        Ok(self.take_all(&tries).await?.map(|_| tries))
    }
}
