//! The pepper: a service key that goes into every password hash and is never beside them.

use std::fmt;

use argon2::KeyId as PhcKeyId;
use secrecy::{ExposeSecret, SecretSlice};

/// Names a pepper inside the hashes that were made with it (`keyid` in the PHC string), so that peppers can be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PepperId(u64);

impl PepperId {
    /// The identifier with this number. Two peppers of one service never share a number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

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
    secret: SecretSlice<u8>,
}

impl Pepper {
    /// The pepper `id` with this secret.
    #[must_use]
    pub fn new(id: PepperId, secret: [u8; 32]) -> Self {
        let secret = zeroize::Zeroizing::new(secret);
        Self { id, secret: SecretSlice::from(secret.to_vec()) }
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
        Some(pepper.secret.expose_secret())
    }
}
