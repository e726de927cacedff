//! The keys: wrapped in the database, unwrapped only in memory, by wrapping keys that live outside it.

mod files;
mod ledger;
mod ring;

use async_trait::async_trait;
use chancery_domain::{KeyId, StreamId};

pub use files::{CredentialKeys, FileKeys, KeyFileError};
pub use ledger::{Destroyed, Ledger, LedgerError};
pub(crate) use ring::PUSH;
pub use ring::{KeyRing, Purpose, ServiceKey};

use crate::backend::{BackendError, KeyClass};
use crate::seal::SecretKey;

/// Why a key could not be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// This process was not given the wrapping key of the class; audit and jobs run without the credentials' one.
    #[error("this process has no wrapping key for {0:?} keys")]
    NoWrappingKey(KeyClass),
    /// The key is wrapped by another wrapping key than the one given.
    #[error("key {0} is wrapped by another master key: give the one that this log was begun with")]
    OtherWrappingKey(KeyId),
    /// The wrapped bytes were changed.
    #[error("the wrapped key {0} was changed")]
    Tampered(KeyId),
    /// A service key is missing beside a log that is not empty.
    #[error("the service key for {0} is missing beside a log that is not empty")]
    Missing(String),
    /// The key has been destroyed.
    #[error("key {0} has been destroyed")]
    Destroyed(KeyId),
    /// The database did not answer.
    #[error("the keys cannot be read")]
    Backend(#[from] BackendError),
}

/// Wraps and unwraps keys: by key files, or by a key management service.
#[async_trait]
pub trait Wrapper: std::fmt::Debug + Send + Sync {
    /// Tells wrapping keys apart without disclosing them; `None` if this process lacks the class's key.
    fn fingerprint(&self, class: KeyClass) -> Option<[u8; 8]>;

    /// Wraps a key, bound to its class, id and owner.
    ///
    /// # Errors
    /// [`KeyError::NoWrappingKey`].
    async fn wrap(
        &self,
        class: KeyClass,
        id: KeyId,
        owner: Option<StreamId>,
        key: &SecretKey,
    ) -> Result<Vec<u8>, KeyError>;

    /// Unwraps a key.
    ///
    /// # Errors
    /// [`KeyError`] tells a missing wrapping key from a changed wrapped one.
    async fn unwrap(
        &self,
        class: KeyClass,
        id: KeyId,
        owner: Option<StreamId>,
        wrapped: &[u8],
    ) -> Result<SecretKey, KeyError>;
}
