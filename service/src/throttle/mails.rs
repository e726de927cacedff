//! Who may have a mail sent to an address.

use chancery_domain::Timestamp;
use chancery_eventstore::BackendError;
use chancery_eventstore::volatile::Volatile;

use super::{Limit, LimitReached, Try, give_back, take, take_all};
use crate::accounts::LoadedAccount;
use crate::app::{App, Failure};
use crate::client::Client;

/// The counters that one mail may take.
struct MailTries {
    /// The allowance of a browser that is known to the account: no stranger can use it up.
    known_browser: Option<Try>,
    /// What one network may have sent to the address in an hour.
    network_hour: Try,
    /// What holds for every mail besides: by network and day, by address, overall.
    everybodys: [Try; 3],
    /// The number of addresses that the network may have mails sent to.
    addresses: Try,
    /// What is kept for a reset when all else is used up.
    reserve: Option<Try>,
}

impl MailTries {
    async fn take<V: Volatile + ?Sized>(
        &self,
        counters: &V,
        now: Timestamp,
    ) -> Result<Result<(), LimitReached>, BackendError> {
        if let Some(known) = &self.known_browser
            && take(counters, now, known).await?.is_ok()
        {
            return Ok(Ok(()));
        }
        match (self.take_everybodys(counters, now).await?, &self.reserve) {
            (Err(_), Some(reserve)) => Ok(take(counters, now, reserve).await?.map(|_| ())),
            (taken, _) => Ok(taken),
        }
    }

    async fn take_everybodys<V: Volatile + ?Sized>(
        &self,
        counters: &V,
        now: Timestamp,
    ) -> Result<Result<(), LimitReached>, BackendError> {
        let [day, address, overall] = self.everybodys;
        let tries = [self.network_hour, day, address, overall];
        let counts = match take_all(counters, now, &tries).await? {
            Ok(counts) => counts,
            Err(reached) => return Ok(Err(reached)),
        };
        // The first mail of an hour to an address is what counts against the number of addresses.
        if counts[0] == 1
            && let Err(reached) = take(counters, now, &self.addresses).await?
        {
            give_back(counters, now, &tries).await?;
            return Ok(Err(reached));
        }
        Ok(Ok(()))
    }
}

impl App {
    /// Takes one mail to an address from whoever asks. Counts the same for an address with an account and one without.
    ///
    /// `address` is the throttle key of the typed name. A browser that is known to the account has an allowance of its
    /// own, and a reset for which every other allowance is used up has one an hour for its address, whatever strangers
    /// did.
    pub(crate) async fn may_mail(
        &self,
        client: &Client,
        address: &str,
        account: Option<&LoadedAccount>,
        reset: bool,
    ) -> Result<Result<(), LimitReached>, Failure> {
        let limits = &self.limits;
        let known = account.and_then(|account| self.known_device(&client.known, account.stream, &account.state));
        let network = client.network();
        let name = self.name_counter("mail", address);
        let of_network = |limit: Limit| (limit, self.counter(&[limit.name.as_bytes(), network.as_bytes(), &name]));
        let tries = MailTries {
            known_browser: known
                .map(|device| (limits.mail_known_browser, self.counter(&[b"mail known", &device, &name]))),
            network_hour: of_network(limits.mail_network_hour),
            everybodys: [
                of_network(limits.mail_network_day),
                (limits.mail_address_day, name),
                (limits.mail_overall, self.counter(&[b"mail overall"])),
            ],
            addresses: (limits.mail_network_addresses, self.counter(&[b"mail addresses", network.as_bytes()])),
            reserve: reset.then(|| (limits.mail_reset_reserve, self.counter(&[b"mail reserve", &name]))),
        };
        Ok(tries.take(&**self.store.backend(), self.now()).await?)
    }
}

#[cfg(test)]
mod tests;
