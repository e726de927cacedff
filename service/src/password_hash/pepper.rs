//! The pepper: a service key that goes into every password hash and is never beside them.

use std::fmt;

use argon2::KeyId as PhcKeyId;
use chancery_domain::KeyId;
use chancery_eventstore::SecretKey;
use chancery_eventstore::keys::ServiceKey;

/// Names a pepper inside the hashes that were made with it (`keyid` in the PHC string), so that peppers can be replaced.
///
/// It is the first half of the service key's own random identifier: a PHC string has room for 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PepperId(u64);

impl From<KeyId> for PepperId {
    fn from(id: KeyId) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = *id.as_bytes();
        Self(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }
}

impl PepperId {
    pub(super) fn to_phc(self) -> Result<PhcKeyId, argon2::Error> {
        PhcKeyId::new(&self.0.to_be_bytes())
    }

    pub(super) fn from_phc(bytes: &[u8]) -> Option<Self> {
        Some(Self(u64::from_be_bytes(bytes.try_into().ok()?)))
    }
}

impl fmt::Display for PepperId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A pepper, with its identifier.
#[derive(Clone, Debug)]
pub struct Pepper {
    id: PepperId,
    secret: SecretKey,
}

impl Pepper {
    /// The pepper made of a key.
    #[must_use]
    pub const fn new(id: PepperId, secret: SecretKey) -> Self {
        Self { id, secret }
    }
}

/// The service's key for [`chancery_eventstore::Purpose::Pepper`].
impl From<&ServiceKey> for Pepper {
    fn from(key: &ServiceKey) -> Self {
        Self::new(key.id.into(), key.key.clone())
    }
}

/// The pepper that new hashes are made with, and those that stored hashes may still need.
#[derive(Clone, Debug)]
pub struct Peppers {
    current: Pepper,
    older: Vec<Pepper>,
}

impl Peppers {
    /// New hashes take `current`; stored ones are verified with the pepper that they name.
    #[must_use]
    pub fn new(current: Pepper, older: Vec<Pepper>) -> Self {
        Self { current, older }
    }

    /// The pepper of new hashes.
    #[must_use]
    pub const fn current(&self) -> PepperId {
        self.current.id
    }

    pub(super) fn secret(&self, id: PepperId) -> Option<&[u8]> {
        let pepper = std::iter::once(&self.current).chain(&self.older).find(|pepper| pepper.id == id)?;
        Some(pepper.secret.expose())
    }
}
