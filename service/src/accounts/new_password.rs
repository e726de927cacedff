//! From a typed password to a sealed credential.

use chancery_domain::account::commands::NewPassword;
use chancery_domain::account::{Credential, Identity};
use chancery_domain::values::{Password, PasswordCheck, PasswordRule, PersonName, UnmetRule};
use chancery_domain::{StreamId, Timestamp};
use chancery_eventstore::seal::{Part, PartKey};
use chancery_eventstore::{KeyClass, NewKey, SecretKey, Version};
use secrecy::SecretString;

use crate::app::{App, Failure};
use crate::leaked_passwords;
use crate::password_hash::{Asker, PhcString};

/// A typed new password and its repetition.
#[derive(Clone, Debug)]
pub struct TypedPassword {
    /// The password.
    pub password: Password,
    /// The same, typed again.
    pub confirmation: Password,
}

/// Why a typed new password is refused; every unmet rule at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordRefused {
    /// Rules that are not met.
    pub unmet: Vec<UnmetRule>,
    /// Whether the two differ.
    pub differs: bool,
}

impl App {
    /// Holds a typed password against the rule.
    ///
    /// # Errors
    /// [`PasswordRefused`] names everything that is wrong.
    pub fn check_password(
        &self,
        rule: PasswordRule,
        typed: &TypedPassword,
        names: &[&PersonName],
        identity: &Identity,
    ) -> Result<(), PasswordRefused> {
        let check = PasswordCheck {
            rule,
            password: &typed.password,
            names,
            email: &identity.email,
            service_name: &self.settings.service_name,
            leaked: leaked_passwords::is_leaked(&typed.password),
        };
        let refused =
            PasswordRefused { unmet: check.unmet(), differs: !typed.password.is_confirmed_by(&typed.confirmation) };
        if refused.unmet.is_empty() && !refused.differs { Ok(()) } else { Err(refused) }
    }

    /// Hashes and seals a password under a new key of its own.
    pub(crate) async fn make_credential(
        &self,
        stream: StreamId,
        password: &Password,
        asker: Asker,
        now: Timestamp,
    ) -> Result<(Credential, NewKey), Failure> {
        let hash = self.hashing.hash(SecretString::from(password.expose_secret()), asker).await?;
        let (key, new) = self.store.keys().create(KeyClass::Credential, stream, now).await?;
        let sealed = credential_key(&key, stream).seal(b"password hash", hash.expose().as_bytes());
        Ok((Credential { key: new.id, sealed }, new))
    }

    /// The same, as commands take it.
    pub(crate) async fn make_password(
        &self,
        stream: StreamId,
        password: &Password,
        rule: PasswordRule,
        asker: Asker,
        now: Timestamp,
    ) -> Result<(NewPassword, NewKey), Failure> {
        let (credential, key) = self.make_credential(stream, password, asker, now).await?;
        Ok((NewPassword { credential, rule }, key))
    }

    /// The stored hash of a credential; `None` if its key has been destroyed meanwhile.
    pub(crate) async fn open_credential(
        &self,
        stream: StreamId,
        credential: &Credential,
    ) -> Result<Option<PhcString>, Failure> {
        let key = match self.store.keys().by_id(credential.key).await {
            Ok(key) => key,
            Err(chancery_eventstore::KeyError::Destroyed(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let plain = credential_key(&key, stream)
            .open(b"password hash", &credential.sealed)
            .map_err(|error| Failure::Internal(Box::new(error)))?;
        let text = std::str::from_utf8(&plain).map_err(|error| Failure::Internal(Box::new(error)))?;
        Ok(Some(PhcString::from_stored(text.to_owned())))
    }
}

/// The key that seals a credential's secret.
pub(crate) fn credential_key(key: &SecretKey, stream: StreamId) -> PartKey {
    PartKey::derive(key, None, stream, Version(0), Part::Subject)
}
