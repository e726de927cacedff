//! Who may have a mail sent to an address.

use super::{Limit, LimitReached};
use crate::accounts::LoadedAccount;
use crate::app::{App, Failure};
use crate::client::Client;

impl App {
    /// Takes one mail to an address from whoever asks. Counts the same for an address with an account and one without.
    ///
    /// `address` is the throttle key of the typed name. A browser that is known to the account has an allowance of its
    /// own, and of what an address may get in a day one reset an hour is kept apart.
    pub(crate) async fn may_mail(
        &self,
        client: &Client,
        address: &str,
        account: Option<&LoadedAccount>,
        reset: bool,
    ) -> Result<Result<(), LimitReached>, Failure> {
        let limits = &self.limits;
        let known = account.and_then(|account| self.known_device(&client.known, account.stream, &account.state));
        if let Some(device) = known
            && self.take(limits.mail_known_browser, &self.counter(&[b"mail known", &device])).await?.is_ok()
        {
            return Ok(Ok(()));
        }
        let network = client.network();
        let name = self.name_counter("mail", address, account.map(|account| account.stream));
        let of_network = |limit: Limit| (limit, self.counter(&[limit.name.as_bytes(), network.as_bytes(), &name]));
        let hour = of_network(limits.mail_network_hour);
        let tries =
            [(limits.mail_overall, self.counter(&[b"mail overall"])), hour, of_network(limits.mail_network_day)];
        let counts = match self.take_all(&tries).await? {
            Ok(counts) => counts,
            Err(reached) => return Ok(Err(reached)),
        };
        // The first mail of an hour to an address is what counts against the number of addresses.
        let addresses = (limits.mail_network_addresses, self.counter(&[b"mail addresses", network.as_bytes()]));
        let mut further = Vec::new();
        if counts[1] == 1 {
            further.push(addresses);
        }
        let of_address = (limits.mail_address_day, name);
        let reserve = (limits.mail_reset_reserve, self.counter(&[b"mail reserve", &name]));
        let refused = match self.take_all(&further).await? {
            Err(reached) => Some(reached),
            Ok(_) => match self.take(of_address.0, &of_address.1).await? {
                Ok(_) => None,
                Err(reached) if reset => self.take(reserve.0, &reserve.1).await?.err().map(|_| reached),
                Err(reached) => Some(reached),
            },
        };
        if let Some(reached) = refused {
            for (_, counter) in &tries {
                self.store.backend().give_back(counter, self.now()).await?;
            }
            return Ok(Err(reached));
        }
        Ok(Ok(()))
    }
}
