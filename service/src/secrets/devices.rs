//! Known-browser cookies: a browser that signed in before has throttles of its own, so that no stranger locks its owner
//! out. Such a cookie proves nothing else.

use chancery_domain::StreamId;
use chancery_domain::account::Account;
use chancery_eventstore::Purpose;
use chancery_eventstore::seal::same_mac;
use data_encoding::BASE64URL_NOPAD;

use crate::app::App;
use crate::ports::random_array;

/// Accounts that one browser can be known to.
pub const MAX_ACCOUNTS: usize = 5;

const DEVICE: usize = 16;
const ENTRY: usize = DEVICE + 16;

/// The accounts that a browser is known to, newest first. An entry says which account only to who knows the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownTo(Vec<[u8; ENTRY]>);

impl KnownTo {
    /// Reads a cookie's value; whatever is malformed is left out.
    #[must_use]
    pub fn parse(cookie: &str) -> Self {
        let bytes = if cookie.len() > 2 * MAX_ACCOUNTS * ENTRY {
            Vec::new()
        } else {
            BASE64URL_NOPAD.decode(cookie.as_bytes()).unwrap_or_default()
        };
        Self(bytes.chunks_exact(ENTRY).take(MAX_ACCOUNTS).filter_map(|entry| entry.try_into().ok()).collect())
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

impl App {
    /// The device under which a browser is known to an account; `None` if it is not, or was forgotten.
    #[must_use]
    pub fn known_device(&self, known: &KnownTo, stream: StreamId, account: &Account) -> Option<DeviceId> {
        let mut found = None;
        for entry in &known.0 {
            let (device, mac) = entry.split_at(DEVICE);
            if same_mac(mac, &self.device_mac(device, stream, account)) {
                found = device.try_into().ok();
            }
        }
        found
    }

    /// The cookie after a sign-in to an account: it stays known under its device, or becomes known under a new one.
    #[must_use]
    pub fn make_known(&self, known: &KnownTo, stream: StreamId, account: &Account) -> KnownTo {
        if self.known_device(known, stream, account).is_some() {
            return known.clone();
        }
        let device: DeviceId = random_array(&*self.random);
        let mut entry = [0; ENTRY];
        entry[..DEVICE].copy_from_slice(&device);
        entry[DEVICE..].copy_from_slice(&self.device_mac(&device, stream, account));
        let mut entries = vec![entry];
        entries.extend(known.0.iter().take(MAX_ACCOUNTS - 1));
        KnownTo(entries)
    }

    fn device_mac(&self, device: &[u8], stream: StreamId, account: &Account) -> [u8; 16] {
        let generation = account.sessions.browser_generation.to_be_bytes();
        let parts: [&[u8]; 5] = [b"device", &self.log.bytes(), device, stream.as_bytes(), &generation];
        let mut out = [0; 16];
        out.copy_from_slice(&self.store.service_mac(Purpose::Device, &parts)[..16]);
        out
    }
}
