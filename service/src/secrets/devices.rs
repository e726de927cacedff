//! Known-browser cookies: a browser that signed in before has throttles of its own, so that no stranger locks its owner
//! out, and says whether a second factor was used there, and when several were last proved in it. Such a cookie proves
//! nothing else: whoever knows the password makes any number of browsers known by it, and none of them may try second
//! factors as the owner's own does.

use std::fmt;

use chancery_domain::account::commands::ProvedBrowser;
use chancery_domain::account::{Account, Level, Session};
use chancery_domain::{StreamId, Timestamp};
use chancery_eventstore::Purpose;
use chancery_eventstore::seal::same_mac;
use data_encoding::BASE64URL_NOPAD;

use crate::app::App;
use crate::ports::random_array;

/// Accounts that one browser can be known to.
pub const MAX_ACCOUNTS: usize = 5;

const DEVICE: usize = 16;
const ENTRY: usize = DEVICE + 16;

/// Of each account the device's entry, and one that says when several factors were proved.
const MAX_ENTRIES: usize = 2 * MAX_ACCOUNTS;

/// The accounts that a browser is known to, newest first. An entry says which account, and what it is about, only to who knows
/// the account.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KnownTo(Vec<[u8; ENTRY]>);

impl fmt::Debug for KnownTo {
    /// Its entries may stand for the password: they are not printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KnownTo").finish_non_exhaustive()
    }
}

impl KnownTo {
    /// Reads a cookie's value; whatever is malformed is left out.
    #[must_use]
    pub fn parse(cookie: &str) -> Self {
        let bytes = if cookie.len() > 2 * MAX_ENTRIES * ENTRY {
            Vec::new()
        } else {
            BASE64URL_NOPAD.decode(cookie.as_bytes()).unwrap_or_default()
        };
        Self(bytes.chunks_exact(ENTRY).take(MAX_ENTRIES).filter_map(|entry| entry.try_into().ok()).collect())
    }

    /// Whether it is known to no account at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The cookie's value.
    #[must_use]
    pub fn to_cookie(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0.concat())
    }
}

/// One browser of one account's, for a throttle's counter.
pub type DeviceId = [u8; DEVICE];

/// What was used in a browser that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Used {
    /// What sufficed: the password, say.
    Enough,
    /// A second factor.
    SecondFactor,
}

impl Used {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Enough => b"device",
            Self::SecondFactor => b"device with a second factor",
        }
    }
}

impl App {
    /// The device under which a browser is known to an account; `None` if it is not, or was forgotten.
    #[must_use]
    pub fn known_device(&self, known: &KnownTo, stream: StreamId, account: &Account) -> Option<DeviceId> {
        self.found(known, stream, account).map(|(_, device, _)| device)
    }

    /// The same where it matters that no stranger who knows the password has such a browser: to an account with second
    /// factors only one is known in which one was used.
    #[must_use]
    pub fn proved_device(&self, known: &KnownTo, stream: StreamId, account: &Account) -> Option<DeviceId> {
        let needed = if account.factors.is_empty() { Used::Enough } else { Used::SecondFactor };
        self.found(known, stream, account).filter(|(.., used)| *used >= needed).map(|(_, device, _)| device)
    }

    /// The cookie after a sign-in to an account: it stays known under its device, or becomes known under a new one.
    #[must_use]
    pub fn make_known(&self, known: &KnownTo, stream: StreamId, account: &Account, used: Used) -> KnownTo {
        let mut entries = known.0.clone();
        match self.found(known, stream, account) {
            Some((_, _, before)) if before >= used => {}
            Some((place, device, _)) => entries[place] = self.entry(&device, stream, account, used),
            None => {
                let device: DeviceId = random_array(&*self.random);
                entries.truncate(MAX_ENTRIES - 1);
                entries.insert(0, self.entry(&device, stream, account, used));
            }
        }
        KnownTo(entries)
    }

    /// The entry about an account: its place, the device, and what was used there.
    fn found(&self, known: &KnownTo, stream: StreamId, account: &Account) -> Option<(usize, DeviceId, Used)> {
        let mut found = None;
        for (place, entry) in known.0.iter().enumerate() {
            let (device, mac) = entry.split_at(DEVICE);
            for used in [Used::Enough, Used::SecondFactor] {
                if same_mac(mac, &self.device_mac(device, stream, account, used)) {
                    found = device.try_into().ok().map(|device| (place, device, used));
                }
            }
        }
        found
    }

    fn entry(&self, device: &DeviceId, stream: StreamId, account: &Account, used: Used) -> [u8; ENTRY] {
        let mut entry = [0; ENTRY];
        entry[..DEVICE].copy_from_slice(device);
        entry[DEVICE..].copy_from_slice(&self.device_mac(device, stream, account, used));
        entry
    }

    /// When several factors were last proved in a browser that is known to an account, as its cookie says.
    #[must_use]
    pub fn proved_browser(&self, known: &KnownTo, stream: StreamId, account: &Account) -> Option<ProvedBrowser> {
        let device = self.known_device(known, stream, account)?;
        let (generation, password) = (account.sessions.browser_generation, account.password.as_ref()?.credential.key);
        let says = known.0.iter().filter_map(|entry| self.proof_in(entry, &device, stream, account));
        says.map(|(factor, at)| ProvedBrowser { generation, password, factor, at }).max_by_key(|proved| proved.at)
    }

    /// The cookie of a known browser after several factors were proved in it, in a session of the account: what it said of that
    /// before is left out. One that reached no higher level than the password leaves it as it was.
    #[must_use]
    pub fn make_proved(&self, known: KnownTo, stream: StreamId, account: &Account, session: &Session) -> KnownTo {
        let factor = session.factors.last().filter(|_| session.level > Level::Basic);
        let (Some(factor), Some(device)) = (factor, self.known_device(&known, stream, account)) else { return known };
        let mut entry = [0; ENTRY];
        entry[..2].copy_from_slice(&factor.to_be_bytes());
        entry[2..10].copy_from_slice(&session.began.micros().to_be_bytes());
        let Some(mac) = self.proof_mac(&entry[..DEVICE], &device, stream, account) else { return known };
        entry[DEVICE..].copy_from_slice(&mac);
        let others = known.0.into_iter().filter(|other| self.proof_in(other, &device, stream, account).is_none());
        KnownTo(std::iter::once(entry).chain(others).take(MAX_ENTRIES).collect())
    }

    /// What an entry says of several factors, if it is about this device of this account's, and its password is in force.
    fn proof_in(
        &self,
        entry: &[u8; ENTRY],
        device: &DeviceId,
        stream: StreamId,
        account: &Account,
    ) -> Option<(u16, Timestamp)> {
        let (said, mac) = entry.split_at(DEVICE);
        if !same_mac(mac, &self.proof_mac(said, device, stream, account)?) {
            return None;
        }
        let (factor, at) = (said[..2].try_into().ok()?, said[2..10].try_into().ok()?);
        Some((u16::from_be_bytes(factor), Timestamp(i64::from_be_bytes(at))))
    }

    fn proof_mac(&self, said: &[u8], device: &DeviceId, stream: StreamId, account: &Account) -> Option<[u8; 16]> {
        let generation = account.sessions.browser_generation.to_be_bytes();
        let password = account.password.as_ref()?.credential.key;
        let parts: [&[u8]; 7] =
            [b"proved", &self.log.bytes(), said, device, stream.as_bytes(), &generation, password.as_bytes()];
        Some(self.short_mac(&parts))
    }

    fn device_mac(&self, device: &[u8], stream: StreamId, account: &Account, used: Used) -> [u8; 16] {
        let generation = account.sessions.browser_generation.to_be_bytes();
        self.short_mac(&[used.label(), &self.log.bytes(), device, stream.as_bytes(), &generation])
    }

    fn short_mac(&self, parts: &[&[u8]]) -> [u8; 16] {
        let mut out = [0; 16];
        out.copy_from_slice(&self.store.service_mac(Purpose::Device, parts)[..16]);
        out
    }
}
