//! The unwrapped keys of a running process.

use std::collections::HashMap;
use std::sync::Arc;

use chancery_domain::{KeyId, StreamId, Timestamp};
use tokio::sync::RwLock;

use super::{KeyError, Wrapper};
use crate::append::NewKey;
use crate::backend::{Backend, KeyClass, KeyRow};
use crate::row::Position;
use crate::seal::SecretKey;

/// What a service key is for. Each purpose has a key of its own, random and wrapped, never derived, so that each can
/// rotate alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// HMAC of reserved values.
    Reservation,
    /// MAC of command ids and fingerprints.
    Command,
    /// MAC of rows without a sealed part.
    Row,
    /// The secret of links that end a registration.
    RegistrationLink,
    /// The secret of links that set a new password.
    ResetLink,
    /// The typed codes beside the links.
    Code,
    /// Session secrets and their hashes.
    Session,
    /// Tags of pre-session cookies, and the tokens in forms.
    Browser,
    /// Known-browser cookies.
    Device,
    /// The person check's challenges.
    PersonCheck,
    /// Keys of throttle counters and of volatile rows.
    Throttle,
    /// The pepper of password hashes.
    Pepper,
    /// Pseudonyms of administrators, and message ids.
    Pseudonym,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 13] = [
        Self::Reservation,
        Self::Command,
        Self::Row,
        Self::RegistrationLink,
        Self::ResetLink,
        Self::Code,
        Self::Session,
        Self::Browser,
        Self::Device,
        Self::PersonCheck,
        Self::Throttle,
        Self::Pepper,
        Self::Pseudonym,
    ];

    /// The name in the table of keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reservation => "reservation",
            Self::Command => "command",
            Self::Row => "row",
            Self::RegistrationLink => "registration-link",
            Self::ResetLink => "reset-link",
            Self::Code => "code",
            Self::Session => "session",
            Self::Browser => "browser",
            Self::Device => "device",
            Self::PersonCheck => "person-check",
            Self::Throttle => "throttle",
            Self::Pepper => "pepper",
            Self::Pseudonym => "pseudonym",
        }
    }
}

/// What the key of push messages is called in the table of keys.
pub(crate) const PUSH: &str = "push";

/// A service key and its id.
#[derive(Clone, Debug)]
pub struct ServiceKey {
    /// Its id, where a row names it.
    pub id: KeyId,
    /// The key.
    pub key: SecretKey,
}

/// The wrapping keys, the service keys, and the way to every other key.
#[derive(Debug)]
pub struct KeyRing {
    backend: Arc<dyn Backend>,
    wrapper: Arc<dyn Wrapper>,
    service: HashMap<Purpose, ServiceKey>,
    network: RwLock<HashMap<String, ServiceKey>>,
}

impl KeyRing {
    /// Reads the service keys; makes them where the log is empty.
    ///
    /// # Errors
    /// [`KeyError::Missing`] if one is missing beside a log with events, [`KeyError::OtherWrappingKey`] if the files
    /// given are not this log's.
    pub async fn open(backend: Arc<dyn Backend>, wrapper: Arc<dyn Wrapper>, now: Timestamp) -> Result<Self, KeyError> {
        let empty = backend.head().await?.position == Position::START;
        let mut rows = backend.keys_of_class(KeyClass::Service).await?;
        rows.retain(|row| row.wrapped.is_some());
        let mut service = HashMap::new();
        for purpose in Purpose::ALL {
            let row = match rows.iter().find(|row| row.purpose.as_deref() == Some(purpose.name())) {
                Some(row) => row.clone(),
                None if empty => {
                    let (_, new) = new_key(&*wrapper, KeyClass::Service, None, Some(purpose.name()), now).await?;
                    backend.add_key(&new).await?
                }
                None => return Err(KeyError::Missing(purpose.name().to_owned())),
            };
            service.insert(purpose, ServiceKey { id: row.id, key: unwrap(&*wrapper, &row).await? });
        }
        Ok(Self { backend, wrapper, service, network: RwLock::default() })
    }

    /// The key for a purpose.
    #[must_use]
    pub fn service(&self, purpose: Purpose) -> &ServiceKey {
        &self.service[&purpose]
    }

    /// The service key in whose name apps are woken by push services, made where there is none: nothing in the log depends on
    /// it, and apps subscribe anew for another.
    ///
    /// # Errors
    /// [`KeyError::NoWrappingKey`], [`KeyError::OtherWrappingKey`] and the database's.
    pub async fn push(&self, now: Timestamp) -> Result<ServiceKey, KeyError> {
        let mut rows = self.backend.keys_of_class(KeyClass::Service).await?.into_iter();
        let row = match rows.find(|row| row.wrapped.is_some() && row.purpose.as_deref() == Some(PUSH)) {
            Some(row) => row,
            None => {
                let (_, new) = new_key(&*self.wrapper, KeyClass::Service, None, Some(PUSH), now).await?;
                self.backend.add_key(&new).await?
            }
        };
        Ok(ServiceKey { id: row.id, key: self.unwrap(&row).await? })
    }

    /// Unwraps a stored key.
    ///
    /// # Errors
    /// [`KeyError::Destroyed`] if it is gone.
    pub async fn unwrap(&self, row: &KeyRow) -> Result<SecretKey, KeyError> {
        unwrap(&*self.wrapper, row).await
    }

    /// Reads and unwraps a key.
    ///
    /// # Errors
    /// [`KeyError::Destroyed`] if it is gone.
    pub async fn by_id(&self, id: KeyId) -> Result<SecretKey, KeyError> {
        let row = self.backend.key(id).await?.ok_or(KeyError::Destroyed(id))?;
        self.unwrap(&row).await
    }

    /// A new random key, to be stored by the append that first uses it.
    ///
    /// # Errors
    /// [`KeyError::NoWrappingKey`].
    pub async fn create(
        &self,
        class: KeyClass,
        owner: StreamId,
        now: Timestamp,
    ) -> Result<(SecretKey, NewKey), KeyError> {
        new_key(&*self.wrapper, class, Some(owner), None, now).await
    }

    /// The network key of a moment's month, made where none is kept.
    ///
    /// # Errors
    /// [`KeyError::NoWrappingKey`], [`KeyError::OtherWrappingKey`] and the database's.
    pub async fn network(&self, moment: Timestamp) -> Result<ServiceKey, KeyError> {
        let month = moment.to_datetime().map(|date| date.format("%Y-%m").to_string()).unwrap_or_default();
        if let Some(key) = self.network.read().await.get(&month) {
            return Ok(key.clone());
        }
        let (_, new) = new_key(&*self.wrapper, KeyClass::Network, None, Some(&month), moment).await?;
        let row = self.backend.add_key(&new).await?;
        let key = ServiceKey { id: row.id, key: self.unwrap(&row).await? };
        self.network.write().await.insert(month, key.clone());
        Ok(key)
    }

    /// Forgets the unwrapped network keys: after an append was told that one is gone.
    pub async fn forget_network(&self) {
        self.network.write().await.clear();
    }
}

async fn unwrap(wrapper: &dyn Wrapper, row: &KeyRow) -> Result<SecretKey, KeyError> {
    let wrapped = row.wrapped.as_deref().ok_or(KeyError::Destroyed(row.id))?;
    wrapper.unwrap(row.class, row.id, row.owner, wrapped).await
}

#[expect(clippy::disallowed_methods, reason = "a key's id is no decision: nothing is decided by its value")]
async fn new_key(
    wrapper: &dyn Wrapper,
    class: KeyClass,
    owner: Option<StreamId>,
    purpose: Option<&str>,
    now: Timestamp,
) -> Result<(SecretKey, NewKey), KeyError> {
    let key = SecretKey::random();
    let mut id = [0; 16];
    aws_lc_rs::rand::fill(&mut id).expect("the operating system gives random bytes");
    let id = KeyId::from(uuid::Builder::from_random_bytes(id).into_uuid());
    let new = NewKey {
        id,
        class,
        owner,
        purpose: purpose.map(str::to_owned),
        wrapped: wrapper.wrap(class, id, owner, &key).await?,
        wrapper: wrapper.fingerprint(class).ok_or(KeyError::NoWrappingKey(class))?,
        created: now,
    };
    Ok((key, new))
}
