//! What is kept of an enrolment while it goes on: volatile rows, sealed under the account's key.

use std::fmt;
use std::time::Duration;

use chancery_domain::account::Device;
use chancery_domain::{FactorId, StreamId, Timestamp};
use chancery_eventstore::Purpose;
use chancery_eventstore::volatile::VolatileKind;
use minicbor::{Decode, Encode};
use zeroize::{Zeroize, Zeroizing};

use super::super::enrolment::row_key;
use super::messages::PhoneKeys;
use crate::accounts::LoadedAccount;
use crate::app::{App, Failure};

/// How long a phone can take it, and its owner add it.
pub(super) const PAIRING: Duration = Duration::from_secs(300);

/// How much longer its row lives, so that the phone hears of a click at the last moment, by the slowest of all clocks.
const HEARD: Duration = Duration::from_secs(60);

/// A device between the page on which it was named and the click that adds it.
#[derive(Clone, Encode, Decode)]
pub(super) struct Pairing {
    /// The device's id.
    #[n(0)]
    pub(super) factor: FactorId,
    /// What its owner calls it.
    #[n(1)]
    pub(super) name: String,
    /// The PIN that was chosen; gone once the phone has said it.
    #[n(2)]
    pub(super) pin: Option<String>,
    /// Until when it can be finished.
    #[n(3)]
    pub(super) expires: Timestamp,
    /// The phone that took it.
    #[n(4)]
    pub(super) phone: Option<PairedPhone>,
}

impl Drop for Pairing {
    fn drop(&mut self) {
        self.pin.zeroize();
    }
}

impl fmt::Debug for Pairing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pairing(…)")
    }
}

/// What is kept of the phone until its owner has said that it is theirs.
#[derive(Clone, Debug, Encode, Decode)]
pub(super) struct PairedPhone {
    #[n(0)]
    pub(super) keys: PhoneKeys,
    #[n(1)]
    pub(super) device: Device,
}

impl App {
    pub(super) async fn pairing(&self, account: &LoadedAccount, factor: FactorId) -> Result<Option<Pairing>, Failure> {
        let row = self.pairing_row(account.stream, factor);
        let sealed = self.store.backend().peek(VolatileKind::Enrolment, &row, self.now()).await?;
        Ok(sealed.and_then(|sealed| self.open_row(account, &row, &sealed)))
    }

    pub(super) async fn put_pairing(&self, account: &LoadedAccount, pairing: &Pairing) -> Result<(), Failure> {
        let expires = pairing.expires.plus(HEARD);
        self.put_row(account, self.pairing_row(account.stream, pairing.factor), pairing, expires).await
    }

    pub(super) async fn forget_pairing(&self, account: &LoadedAccount, factor: FactorId) -> Result<(), Failure> {
        let row = self.pairing_row(account.stream, factor);
        self.store.backend().take(VolatileKind::Enrolment, &row, self.now()).await?;
        Ok(())
    }

    pub(super) async fn put_row<T: Encode<()> + Sync>(
        &self,
        account: &LoadedAccount,
        row: [u8; 32],
        value: &T,
        expires: Timestamp,
    ) -> Result<(), Failure> {
        let Some(key) = row_key(account) else { return Ok(()) };
        let plain = Zeroizing::new(minicbor::to_vec(value).map_err(|error| Failure::Internal(Box::new(error)))?);
        let sealed = key.seal(&bound(&row), &plain);
        Ok(self.store.backend().put(VolatileKind::Enrolment, &row, &sealed, expires).await?)
    }

    pub(super) fn open_row<T: for<'b> Decode<'b, ()>>(
        &self,
        account: &LoadedAccount,
        row: &[u8; 32],
        sealed: &[u8],
    ) -> Option<T> {
        let plain = row_key(account)?.open(&bound(row), sealed).ok()?;
        minicbor::decode(&plain).ok()
    }

    fn pairing_row(&self, stream: StreamId, factor: FactorId) -> [u8; 32] {
        let parts: [&[u8]; 4] = [b"pairing", &self.log.bytes(), stream.as_bytes(), factor.as_bytes()];
        self.store.service_mac(Purpose::Throttle, &parts)
    }

    pub(super) fn code_row(&self, stream: StreamId, code: &[u8]) -> [u8; 32] {
        let parts: [&[u8]; 4] = [b"pairing code", &self.log.bytes(), stream.as_bytes(), code];
        self.store.service_mac(Purpose::Throttle, &parts)
    }

    /// What the phone takes away that takes the enrolment.
    pub(super) fn free_row(&self, factor: FactorId) -> [u8; 32] {
        self.store.service_mac(Purpose::Throttle, &[b"pairing free", &self.log.bytes(), factor.as_bytes()])
    }

    pub(super) fn pin_counter(&self, factor: FactorId) -> [u8; 32] {
        self.counter(&[b"pairing pins", factor.as_bytes()])
    }
}

/// What a row is bound to: none opens in another's place.
fn bound(row: &[u8; 32]) -> Vec<u8> {
    [b"pairing ".as_slice(), row].concat()
}
