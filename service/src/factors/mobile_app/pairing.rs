//! A phone becomes a device: named on a page, taken by the app with the PIN, and added by one more click on the page, by
//! somebody who sees which phone it is. All of it are volatile rows, sealed under the account's key; losing them only means
//! to begin anew.

use std::fmt;
use std::time::Duration;

use chancery_domain::account::commands::FRESH;
use chancery_domain::account::{Account, Device};
use chancery_domain::values::{DeviceName, Uid};
use chancery_domain::{FactorId, StreamId, Timestamp};
use chancery_eventstore::volatile::VolatileKind;
use chancery_eventstore::{Purpose, StreamKey};
use data_encoding::BASE64URL_NOPAD;
use minicbor::{Decode, Encode};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::super::FactorMethod as _;
use super::super::enrolment::{Called, Enrolment, EnrolmentRefused, row_key};
use super::messages::{PUBLIC_KEY, PairedPhone, Pairing, Phone, PhoneKeys};
use super::pin::is_same;
use super::{MobileApp, Pin};
use crate::accounts::complete_link::SignedInBrowser;
use crate::accounts::session::SignedInPerson;
use crate::accounts::{LoadedAccount, uid_claim};
use crate::app::{App, Failure};
use crate::client::Client;
use crate::network::NetworkKey;
use crate::ports::random_array;
use crate::secrets::forms::FormCommand;
use crate::secrets::{decode32, encode32};
use crate::throttle::{Limit, LimitReached};

/// How long a phone can take it, and its owner add it.
const PAIRING: Duration = Duration::from_secs(300);

/// Wrong PINs that end it.
const PIN_TRIES: u32 = 5;

/// How much longer its row lives, so that the phone hears of a click at the last moment, by the slowest of all clocks.
const HEARD: Duration = Duration::from_secs(60);

/// What the session of the page remembers.
const LABEL: &[u8] = b"mobile app pairing";

/// The length of a code that a camera reads, in base64url.
const LONG_CODE: usize = 22;

/// What a session began.
#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
struct Begun {
    #[n(0)]
    #[zeroize(skip)]
    factor: FactorId,
    #[cbor(n(1), with = "minicbor::bytes")]
    code: [u8; 16],
    #[cbor(n(2), with = "minicbor::bytes")]
    short: [u8; 5],
}

/// What the page shows.
#[derive(Clone)]
pub struct PairingView {
    /// The device's id.
    pub enrolment: FactorId,
    /// Where the app is.
    pub app: String,
    /// The device's name.
    pub name: String,
    /// The link, for the camera and for a tap on the phone itself.
    pub link: Zeroizing<String>,
    /// The uid, to be typed.
    pub uid: String,
    /// The code, to be typed.
    pub code: Zeroizing<String>,
    /// Until when.
    pub expires: Timestamp,
    /// The phone that took it and waits for the click; `None` before.
    pub phone: Option<Device>,
}

impl fmt::Debug for PairingView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairingView(…)")
    }
}

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

/// The page's pairing is over, or was not begun in this session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairingEnded;

impl App {
    /// Begins to add a phone; what was begun before in this session is over.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn begin_pairing(
        &self,
        person: &SignedInPerson,
        name: &DeviceName,
        pin: &Pin,
    ) -> Result<Result<(), EnrolmentRefused>, Failure> {
        if let Err(refused) = self.may_begin_enrolment(person).await? {
            return Ok(Err(refused));
        }
        // Its last click must find the session as fresh.
        if self.now().since(person.session.began) > FRESH.saturating_sub(PAIRING) {
            return Ok(Err(EnrolmentRefused::ProveMore));
        }
        self.end_pairing(person).await?;
        let begun = Begun {
            factor: FactorId::from_bytes(random_array(&*self.random)),
            code: random_array(&*self.random),
            short: random_array(&*self.random),
        };
        let expires = self.now().plus(PAIRING);
        let pin = Some(pin.expose().to_owned());
        let pairing = Pairing { factor: begun.factor, name: name.to_string(), pin, expires, phone: None };
        let account = &person.account;
        self.put_pairing(account, &pairing).await?;
        self.put_row(account, self.free_row(begun.factor), &(), expires).await?;
        for code in [&begun.code[..], &begun.short] {
            let row = self.code_row(account.stream, code);
            self.put_row(account, row, &begun.factor, expires).await?;
        }
        self.keep_for_session(person, LABEL, &begun, expires).await?;
        Ok(Ok(()))
    }

    /// How what this session began stands.
    ///
    /// # Errors
    /// The database's.
    pub async fn view_pairing(&self, person: &SignedInPerson) -> Result<Result<PairingView, PairingEnded>, Failure> {
        let Some(begun) = self.kept_for_session::<Begun>(person, LABEL).await? else { return Ok(Err(PairingEnded)) };
        let pairing = self.pairing(&person.account, begun.factor).await?;
        let Some(pairing) = pairing.filter(|pairing| self.now() < pairing.expires) else {
            return Ok(Err(PairingEnded));
        };
        let Some(identity) = &person.account.state.identity else { return Ok(Err(PairingEnded)) };
        let short = Zeroizing::new(encode32(&begun.short).to_uppercase());
        let uid = identity.uid;
        Ok(Ok(PairingView {
            enrolment: begun.factor,
            app: format!("{}/app", self.origin()),
            name: pairing.name.clone(),
            link: Zeroizing::new(format!(
                "{}/app#add={}.{}",
                self.origin(),
                uid.as_str(),
                BASE64URL_NOPAD.encode(&begun.code)
            )),
            uid: uid.as_str().to_owned(),
            code: Zeroizing::new(format!("{}-{}", &short[..4], &short[4..])),
            expires: pairing.expires,
            phone: pairing.phone.as_ref().map(|phone| phone.device.clone()),
        }))
    }

    /// Adds the phone that took this enrolment, under the name that the page showed. The account's first device lifts the
    /// session, as [`finish_enrolment`](Self::finish_enrolment) says.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn confirm_pairing(
        &self,
        client: &Client,
        person: &SignedInPerson,
        form: FormCommand,
        enrolment: FactorId,
        name: &DeviceName,
    ) -> Result<Result<Option<SignedInBrowser>, EnrolmentRefused>, Failure> {
        let begun = self.kept_for_session::<Begun>(person, LABEL).await?.filter(|begun| begun.factor == enrolment);
        let pairing = match &begun {
            Some(_) => self.pairing(&person.account, enrolment).await?,
            None => None,
        };
        match pairing.filter(|pairing| self.now() < pairing.expires && pairing.name == name.as_str()) {
            Some(pairing) => {
                let Some(phone) = &pairing.phone else { return Ok(Err(EnrolmentRefused::Gone)) };
                let kept = minicbor::to_vec(phone).map_err(|error| Failure::Internal(Box::new(error)))?;
                let enrolment = Enrolment::new(enrolment, kept, pairing.expires);
                self.keep_for_session(person, MobileApp.enrolment(), &enrolment, pairing.expires).await?;
            }
            // The same form may have added it, its answer lost.
            None if self.store.remembered(form.id).await?.is_none() => return Ok(Err(EnrolmentRefused::Gone)),
            None => {}
        }
        let added = self.finish_enrolment(client, person, form, &MobileApp, Called::Given(name), "").await?;
        if added.is_ok() && begun.is_some() {
            self.end_pairing(person).await?;
        }
        Ok(added)
    }

    /// Ends what this session began.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_pairing(&self, person: &SignedInPerson) -> Result<(), Failure> {
        let Some(begun) = self.kept_for_session::<Begun>(person, LABEL).await? else { return Ok(()) };
        self.forget_for_session(person.session.id, MobileApp.enrolment()).await?;
        self.forget_pairing(&person.account, begun.factor).await?;
        for code in [&begun.code[..], &begun.short] {
            let row = self.code_row(person.account.stream, code);
            self.store.backend().take(VolatileKind::Enrolment, &row, self.now()).await?;
        }
        self.forget_for_session(person.session.id, LABEL).await
    }

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

    async fn pairing(&self, account: &LoadedAccount, factor: FactorId) -> Result<Option<Pairing>, Failure> {
        let row = self.pairing_row(account.stream, factor);
        let sealed = self.store.backend().peek(VolatileKind::Enrolment, &row, self.now()).await?;
        Ok(sealed.and_then(|sealed| self.open_row(account, &row, &sealed)))
    }

    async fn put_pairing(&self, account: &LoadedAccount, pairing: &Pairing) -> Result<(), Failure> {
        let expires = pairing.expires.plus(HEARD);
        self.put_row(account, self.pairing_row(account.stream, pairing.factor), pairing, expires).await
    }

    async fn forget_pairing(&self, account: &LoadedAccount, factor: FactorId) -> Result<(), Failure> {
        let row = self.pairing_row(account.stream, factor);
        self.store.backend().take(VolatileKind::Enrolment, &row, self.now()).await?;
        Ok(())
    }

    async fn put_row<T: Encode<()> + Sync>(
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

    fn open_row<T: for<'b> Decode<'b, ()>>(&self, account: &LoadedAccount, row: &[u8; 32], sealed: &[u8]) -> Option<T> {
        let plain = row_key(account)?.open(&bound(row), sealed).ok()?;
        minicbor::decode(&plain).ok()
    }

    fn pairing_row(&self, stream: StreamId, factor: FactorId) -> [u8; 32] {
        let parts: [&[u8]; 4] = [b"pairing", &self.log.bytes(), stream.as_bytes(), factor.as_bytes()];
        self.store.service_mac(Purpose::Throttle, &parts)
    }

    fn code_row(&self, stream: StreamId, code: &[u8]) -> [u8; 32] {
        let parts: [&[u8]; 4] = [b"pairing code", &self.log.bytes(), stream.as_bytes(), code];
        self.store.service_mac(Purpose::Throttle, &parts)
    }

    /// What the phone takes away that takes the enrolment.
    fn free_row(&self, factor: FactorId) -> [u8; 32] {
        self.store.service_mac(Purpose::Throttle, &[b"pairing free", &self.log.bytes(), factor.as_bytes()])
    }

    fn pin_counter(&self, factor: FactorId) -> [u8; 32] {
        self.counter(&[b"pairing pins", factor.as_bytes()])
    }
}

/// What a row is bound to: none opens in another's place.
fn bound(row: &[u8; 32]) -> Vec<u8> {
    [b"pairing ".as_slice(), row].concat()
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
