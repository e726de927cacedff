//! What the app asks and says on its way to being a device, before it is one.

use chancery_domain::FactorId;
use chancery_domain::account::Account;
use chancery_domain::values::Uid;
use chancery_eventstore::StreamKey;
use chancery_eventstore::volatile::VolatileKind;
use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use super::MobileApp;
use super::messages::{PUBLIC_KEY, Phone, PhoneKeys};
use super::pin::is_same;
use super::rows::{PAIRING, PairedPhone, Pairing};
use crate::accounts::{LoadedAccount, uid_claim};
use crate::app::{App, Failure};
use crate::network::NetworkKey;
use crate::secrets::decode32;
use crate::throttle::{Limit, LimitReached};

/// Wrong PINs that end it.
const PIN_TRIES: u32 = 5;

/// The length of a code that a camera reads, in base64url.
const LONG_CODE: usize = 22;

/// What the app is told of a code.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The enrolment.
    pub enrolment: FactorId,
    /// The account's address, masked.
    pub account: String,
    /// The device's name.
    pub name: String,
    /// How many PINs can be tried.
    pub tries: u32,
}

/// Why the app is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairingRefused {
    /// Unknown, over, or taken.
    Gone,
    /// The PIN is not the one that was chosen on the page; so many tries are left. With none it has ended.
    WrongPin(u32),
    /// The signature is not the phone's own over this enrolment.
    WrongSignature,
    /// Too many codes were tried.
    Limit(LimitReached),
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairingState {
    /// The page asks whether this is the phone.
    Waiting,
    /// The device counts.
    Confirmed,
    /// It does not, and will not.
    Ended,
}

impl App {
    /// What a code is for, for the app that read or was given it.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn look_at_pairing(
        &self,
        network: &NetworkKey,
        uid: &str,
        code: &str,
    ) -> Result<Result<Looked, PairingRefused>, Failure> {
        let (account, pairing) = match self.pairing_by_code(network, uid, code).await? {
            Ok(found) => found,
            Err(refused) => return Ok(Err(refused)),
        };
        // Once a phone has taken it the code is worth nothing to others.
        if pairing.phone.is_some() {
            return Ok(Err(PairingRefused::Gone));
        }
        let tries = self.pin_counter(pairing.factor);
        let tried = self.store.backend().counted(&tries, self.now()).await?.map_or(0, |window| window.count);
        let identity = account.state.identity.as_ref();
        Ok(Ok(Looked {
            enrolment: pairing.factor,
            account: identity.map_or_else(String::new, |identity| identity.email.masked()),
            name: pairing.name.clone(),
            tries: PIN_TRIES.saturating_sub(tried),
        }))
    }

    /// A phone takes it, with the PIN; the same phone once more, whose first answer was lost, is told the same.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn take_pairing(
        &self,
        network: &NetworkKey,
        (uid, code): (&str, &str),
        pin: &str,
        phone: Phone,
    ) -> Result<Result<(), PairingRefused>, Failure> {
        let (account, pairing) = match self.pairing_by_code(network, uid, code).await? {
            Ok(found) => found,
            Err(refused) => return Ok(Err(refused)),
        };
        let Some(identity) = &account.state.identity else { return Ok(Err(PairingRefused::Gone)) };
        if !phone.has_signed(self.origin(), &identity.uid, pairing.factor) {
            return Ok(Err(PairingRefused::WrongSignature));
        }
        if pairing.phone.as_ref().is_some_and(|taken| taken.keys.public_key == phone.keys.public_key) {
            return Ok(Ok(()));
        }
        let Some(chosen) = &pairing.pin else { return Ok(Err(PairingRefused::Gone)) };
        // Counted before it is compared, so that no number of tries at once is more.
        let limit = Limit { name: "pairing-pins", max: PIN_TRIES, window: PAIRING };
        let counter = self.pin_counter(pairing.factor);
        let count = match self.take(limit, &counter).await? {
            Ok(count) => count,
            Err(_) => {
                self.forget_pairing(&account, pairing.factor).await?;
                return Ok(Err(PairingRefused::Gone));
            }
        };
        if !is_same(chosen, pin) {
            if count >= PIN_TRIES {
                self.forget_pairing(&account, pairing.factor).await?;
            }
            return Ok(Err(PairingRefused::WrongPin(PIN_TRIES.saturating_sub(count))));
        }
        // Of two phones one takes it.
        let free = self.free_row(pairing.factor);
        if self.store.backend().take(VolatileKind::Enrolment, &free, self.now()).await?.is_none() {
            return Ok(Err(PairingRefused::Gone));
        }
        let phone = Some(PairedPhone { keys: phone.keys, device: phone.device });
        let (factor, name, expires) = (pairing.factor, pairing.name.clone(), pairing.expires);
        self.put_pairing(&account, &Pairing { factor, name, pin: None, expires, phone }).await?;
        Ok(Ok(()))
    }

    /// What became of an enrolment, for the app with this key that took it. What has ended is counted for the network that
    /// asks.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn pairing_state(
        &self,
        network: &NetworkKey,
        uid: &str,
        enrolment: FactorId,
        public_key: &[u8; PUBLIC_KEY],
    ) -> Result<Result<PairingState, LimitReached>, Failure> {
        let state = self.state_of_pairing(uid, enrolment, public_key).await?;
        if state != PairingState::Ended {
            return Ok(Ok(state));
        }
        let counter = self.counter(&[b"pairing states", network.as_bytes()]);
        Ok(self.take(self.limits.pairing_network, &counter).await?.map(|_| state))
    }

    async fn state_of_pairing(
        &self,
        uid: &str,
        enrolment: FactorId,
        public_key: &[u8; PUBLIC_KEY],
    ) -> Result<PairingState, Failure> {
        let Some(account) = self.account_named(uid).await? else { return Ok(PairingState::Ended) };
        // Before the account is looked at once more: a click between the two must not look like the end.
        let pairing = self.pairing(&account, enrolment).await?;
        let Some(account) = self.store.load::<Account>(account.stream).await? else { return Ok(PairingState::Ended) };
        if let Some(factor) = account.state.factors.by_id(enrolment) {
            let held = self.held_or_suspended(&account, &MobileApp).await?;
            let held = held.iter().find(|held| held.factor.id == factor.id);
            let keys = held.and_then(|held| minicbor::decode::<PhoneKeys>(&held.secret).ok());
            let own = keys.is_some_and(|keys| keys.public_key == *public_key);
            return Ok(if own { PairingState::Confirmed } else { PairingState::Ended });
        }
        let phone = pairing.as_ref().and_then(|pairing| pairing.phone.as_ref());
        let waits = phone.is_some_and(|phone| phone.keys.public_key == *public_key);
        Ok(if waits { PairingState::Waiting } else { PairingState::Ended })
    }

    /// The account and what waits there behind a code. A wrong code is counted for its network, a typed one for the uid too:
    /// what a camera reads nobody guesses. An unknown uid is answered like a wrong code.
    async fn pairing_by_code(
        &self,
        network: &NetworkKey,
        uid: &str,
        code: &str,
    ) -> Result<Result<(LoadedAccount, Pairing), PairingRefused>, Failure> {
        let of_network = (self.limits.pairing_network, self.counter(&[b"pairing network", network.as_bytes()]));
        if code.len() == LONG_CODE {
            if let Some(found) = self.find_pairing(uid, code).await? {
                return Ok(Ok(found));
            }
            let taken = self.take(of_network.0, &of_network.1).await?;
            return Ok(Err(taken.map_or_else(PairingRefused::Limit, |_| PairingRefused::Gone)));
        }
        // However it is spelled.
        let name = Uid::parse(uid).map_or_else(|_| uid.to_owned(), |uid| uid.as_str().to_owned());
        let tries = [of_network, (self.limits.pairing_account, self.counter(&[b"pairing uid", name.as_bytes()]))];
        if let Err(reached) = self.take_all(&tries).await? {
            return Ok(Err(PairingRefused::Limit(reached)));
        }
        let Some(found) = self.find_pairing(uid, code).await? else { return Ok(Err(PairingRefused::Gone)) };
        self.give_back(&tries).await?;
        Ok(Ok(found))
    }

    async fn find_pairing(&self, uid: &str, code: &str) -> Result<Option<(LoadedAccount, Pairing)>, Failure> {
        let Some(code) = code_bytes(code) else { return Ok(None) };
        let account = self.account_named(uid).await?.filter(|account| account.state.is_usable());
        // Looked up all the same where there is no account: one takes as long as the other.
        let stream = account.as_ref().map(|account| account.stream).unwrap_or_default();
        let row = self.code_row(stream, &code);
        let sealed = self.store.backend().peek(VolatileKind::Enrolment, &row, self.now()).await?;
        let (Some(account), Some(sealed)) = (account, sealed) else { return Ok(None) };
        let Some(factor) = self.open_row::<FactorId>(&account, &row, &sealed) else { return Ok(None) };
        let pairing = self.pairing(&account, factor).await?;
        Ok(pairing.filter(|pairing| self.now() < pairing.expires).map(|pairing| (account, pairing)))
    }

    async fn account_named(&self, uid: &str) -> Result<Option<LoadedAccount>, Failure> {
        let Ok(uid) = Uid::parse(uid) else { return Ok(None) };
        let account = self.store.find::<Account>(&uid_claim(&uid)).await?;
        Ok(account.filter(|account| !matches!(account.key, StreamKey::Gone)))
    }
}

/// The code of a QR code, or one that was typed, in any case and grouped in any way.
fn code_bytes(code: &str) -> Option<Zeroizing<Vec<u8>>> {
    if code.len() > 64 {
        return None;
    }
    if code.len() == LONG_CODE {
        return BASE64URL_NOPAD.decode(code.as_bytes()).ok().map(Zeroizing::new);
    }
    let kept: Zeroizing<String> = Zeroizing::new(code.chars().filter(char::is_ascii_alphanumeric).collect());
    decode32::<5>(&kept).map(|bytes| Zeroizing::new(bytes.to_vec()))
}
