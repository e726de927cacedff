//! Secrets that a browser keeps in a cookie.

use std::fmt;
use std::marker::PhantomData;

use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

/// 256 bits that a browser keeps in a cookie, for one use: `Use` keeps secrets of different uses apart.
#[derive(Clone)]
pub struct CookieSecret<Use>(Zeroizing<[u8; 32]>, PhantomData<Use>);

impl<Use> CookieSecret<Use> {
    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes), PhantomData)
    }

    /// Reads a cookie's value; `None` if it is not one of ours.
    #[must_use]
    pub fn parse(cookie: &str) -> Option<Self> {
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(cookie.as_bytes()).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?), PhantomData))
    }

    /// The cookie's value.
    #[must_use]
    pub fn to_cookie(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64URL_NOPAD.encode(&*self.0))
    }

    /// The bytes, for a MAC.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl<Use> fmt::Debug for CookieSecret<Use> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieSecret(…)")
    }
}
