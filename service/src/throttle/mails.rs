//! Who may have a mail sent to an address.

use chancery_domain::values::NormalisedEmail;
use chancery_domain::{StreamId, Timestamp};
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
    everybodys: Vec<Try>,
    /// The number of addresses that the network may have mails sent to.
    addresses: Option<Try>,
    /// What is kept for a reset when all else is used up; nothing for other mails.
    reserve: Vec<Try>,
}

impl MailTries {
    async fn take<V: Volatile + Sync + ?Sized>(
        &self,
        counters: &V,
        now: Timestamp,
    ) -> Result<Result<(), LimitReached>, BackendError> {
        if let Some(known) = &self.known_browser
            && take(counters, now, known).await?.is_ok()
        {
            return Ok(Ok(()));
        }
        match self.take_everybodys(counters, now).await? {
            Err(_) if !self.reserve.is_empty() => Ok(take_all(counters, now, &self.reserve).await?.map(|_| ())),
            taken => Ok(taken),
        }
    }

    async fn take_everybodys<V: Volatile + Sync + ?Sized>(
        &self,
        counters: &V,
        now: Timestamp,
    ) -> Result<Result<(), LimitReached>, BackendError> {
        let tries = [&[self.network_hour], self.everybodys.as_slice()].concat();
        let hour = counters.counted(&self.network_hour.1, now).await?;
        // The first mail of an hour to an address is what counts against the number of addresses. It is counted before
        // anything else: of several at once none may go by while another one is still being held against that number.
        let first = hour.is_none_or(|window| window.count == 0);
        let mut counted = None;
        if let Some(addresses) = self.addresses.filter(|_| first) {
            if let Err(reached) = take(counters, now, &addresses).await? {
                return Ok(Err(reached));
            }
            counted = Some(addresses);
        }
        let taken = take_all(counters, now, &tries).await?;
        match (&taken, counted) {
            (Ok(counts), None) if counts.first() == Some(&1) => {
                // The hour that was running is over since it was looked at.
                if let Some(addresses) = &self.addresses
                    && let Err(reached) = take(counters, now, addresses).await?
                {
                    give_back(counters, now, &tries).await?;
                    return Ok(Err(reached));
                }
            }
            (Ok(counts), Some(_)) if counts.first() == Some(&1) => {}
            // Refused by another limit, or another one was the first.
            (_, Some(addresses)) => give_back(counters, now, &[addresses]).await?,
            (_, None) => {}
        }
        Ok(taken.map(|_| ()))
    }
}

impl App {
    /// Takes one mail to an address from whoever asks. Counts the same for an address with an account and one without.
    ///
    /// `address` is the throttle key of the typed name. A browser that is known to the account has an allowance of its
    /// own, and a reset for which every other allowance is used up has one an hour for its address, whatever strangers
    /// did; of those a network has some for all addresses together, so that it cannot write to everybody.
    pub(crate) async fn may_mail(
        &self,
        client: &Client,
        address: &str,
        account: Option<&LoadedAccount>,
        reset: bool,
    ) -> Result<Result<(), LimitReached>, Failure> {
        let limits = &self.limits;
        let network = client.network();
        let of_network = |limit: Limit, what: &[u8]| (limit, self.counter(&[what, network.as_bytes()]));
        let mut tries = self.mail_tries("mail", client, address, account, reset);
        tries.everybodys.push((limits.mail_overall, self.counter(&[b"mail overall"])));
        tries.addresses = Some(of_network(limits.mail_network_addresses, b"mail addresses"));
        if reset {
            tries.reserve.push(of_network(limits.mail_reset_reserve_network, b"mail reserve of network"));
        }
        Ok(tries.take(&**self.store.backend(), self.now()).await?)
    }

    /// Takes one mail to a mailbox, by whichever of its account's names it was asked for, and tells whether it may be
    /// sent. Unlike [`App::may_mail`] this is asked behind the answer and its counters are its own: one that a page
    /// shows would tell which uid belongs to which address.
    pub(crate) async fn mailbox_takes(
        &self,
        client: &Client,
        mailbox: &NormalisedEmail,
        account: Option<&LoadedAccount>,
        reset: bool,
        asked: Timestamp,
    ) -> Result<bool, Failure> {
        let tries = self.mail_tries("mailbox", client, &mailbox.value, account, reset);
        Ok(tries.take(&**self.store.backend(), asked).await?.is_ok())
    }

    /// The same for a mail that an application asks for: it counts as a network does.
    pub(crate) async fn mailbox_takes_invitation(
        &self,
        application: StreamId,
        mailbox: &NormalisedEmail,
    ) -> Result<bool, Failure> {
        let limits = &self.limits;
        let name = self.name_counter("mailbox", &mailbox.value);
        let of_application =
            |limit: Limit| (limit, self.counter(&[limit.name.as_bytes(), application.as_bytes(), &name]));
        let tries = MailTries {
            known_browser: None,
            network_hour: of_application(limits.mail_network_hour),
            everybodys: vec![of_application(limits.mail_network_day), (limits.mail_address_day, name)],
            addresses: None,
            reserve: Vec::new(),
        };
        Ok(tries.take(&**self.store.backend(), self.now()).await?.is_ok())
    }

    /// The counters about one address, which are the same for typed names and for mailboxes but kept apart by `what`.
    fn mail_tries(
        &self,
        what: &str,
        client: &Client,
        address: &str,
        account: Option<&LoadedAccount>,
        reset: bool,
    ) -> MailTries {
        let limits = &self.limits;
        let known = account.and_then(|account| self.known_device(&client.known, account.stream, &account.state));
        let network = client.network();
        let name = self.name_counter(what, address);
        let of_network = |limit: Limit| (limit, self.counter(&[limit.name.as_bytes(), network.as_bytes(), &name]));
        let reserve = reset.then(|| (limits.mail_reset_reserve, self.counter(&[b"mail reserve", &name])));
        MailTries {
            known_browser: known
                .map(|device| (limits.mail_known_browser, self.counter(&[b"mail known", &device, &name]))),
            network_hour: of_network(limits.mail_network_hour),
            everybodys: vec![of_network(limits.mail_network_day), (limits.mail_address_day, name)],
            addresses: None,
            reserve: reserve.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests;
