//! Wrapping keys in files: `master.key` (personal data, service) and `credentials.key` (credentials' secrets).

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use aws_lc_rs::digest;
use chancery_domain::{KeyId, StreamId};
use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use super::{KeyError, Wrapper};
use crate::backend::KeyClass;
use crate::row::Version;
use crate::seal::{Part, PartKey, PartKeys, SecretKey};

/// A key file has a few short lines; more is not read.
const MAX_FILE: u64 = 4096;

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Not there, or not readable.
    #[error("the key file {} cannot be read", .0.display())]
    Unreadable(PathBuf, #[source] std::io::Error),
    /// Not to be written.
    #[error("the key file {} cannot be written", .0.display())]
    Unwritable(PathBuf, #[source] std::io::Error),
    /// Others than its owner may read it.
    #[error("others may read the key file {path}: run `chmod 600 {path}`", path = .0.display())]
    TooOpen(PathBuf),
    /// Not a key file.
    #[error("{path} is not a key file: it must have a line `{1} = <64 hexadecimal digits>`", path = .0.display())]
    Malformed(PathBuf, &'static str),
}

/// The wrapping keys of one installation, read from files.
#[derive(Debug)]
pub struct FileKeys {
    personal: WrappingKey,
    service: WrappingKey,
    credentials: Option<WrappingKey>,
}

/// One of them, and what is derived from it for every key that it wraps.
struct WrappingKey {
    key: SecretKey,
    parts: PartKeys,
}

impl WrappingKey {
    fn of(key: SecretKey) -> Self {
        Self { parts: PartKeys::of(&key, None), key }
    }
}

impl fmt::Debug for WrappingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)
    }
}

/// Whether a process is given the credentials' wrapping key. Audit and jobs are not.
#[derive(Clone, Copy, Debug)]
pub enum CredentialKeys<'a> {
    /// Read from this file.
    From(&'a Path),
    /// Not given.
    Without,
}

impl FileKeys {
    /// Makes both files with new random keys, each readable by its owner only, and synchronised to the disk before this returns.
    ///
    /// # Errors
    /// [`KeyFileError::Unwritable`] also if a file is there already: a key is never overwritten.
    pub fn create(master: &Path, credentials: &Path) -> Result<Self, KeyFileError> {
        let keys = Self {
            personal: WrappingKey::of(SecretKey::random()),
            service: WrappingKey::of(SecretKey::random()),
            credentials: Some(WrappingKey::of(SecretKey::random())),
        };
        let master_lines = [("personal", &keys.personal.key), ("service", &keys.service.key)];
        write_file(master, "Wraps the keys of personal data and of the service.", &master_lines)?;
        if let Some(WrappingKey { key, .. }) = &keys.credentials {
            write_file(credentials, "Wraps the keys of credentials' secrets.", &[("credentials", key)])?;
        }
        Ok(keys)
    }

    /// Reads the files.
    ///
    /// # Errors
    /// [`KeyFileError`] if a file is missing, open to others or malformed.
    pub fn open(master: &Path, credentials: CredentialKeys<'_>) -> Result<Self, KeyFileError> {
        let text = read_file(master)?;
        Ok(Self {
            personal: WrappingKey::of(parse(master, &text, "personal")?),
            service: WrappingKey::of(parse(master, &text, "service")?),
            credentials: match credentials {
                CredentialKeys::From(path) => Some(WrappingKey::of(parse(path, &read_file(path)?, "credentials")?)),
                CredentialKeys::Without => None,
            },
        })
    }

    fn wrapping_key(&self, class: KeyClass) -> Option<&WrappingKey> {
        match class {
            KeyClass::Data | KeyClass::Network => Some(&self.personal),
            KeyClass::Service => Some(&self.service),
            KeyClass::Credential => self.credentials.as_ref(),
        }
    }

    fn part_key(&self, class: KeyClass, id: KeyId) -> Result<PartKey, KeyError> {
        let key = self.wrapping_key(class).ok_or(KeyError::NoWrappingKey(class))?;
        Ok(key.parts.part(StreamId::from_bytes(*id.as_bytes()), Version(0), Part::State))
    }
}

fn associated(class: KeyClass, id: KeyId, owner: Option<StreamId>) -> Vec<u8> {
    let mut bytes = b"chancery wrapped key v1".to_vec();
    bytes.push(class as u8);
    bytes.extend_from_slice(id.as_bytes());
    bytes.extend_from_slice(owner.unwrap_or_default().as_bytes());
    bytes
}

#[async_trait]
impl Wrapper for FileKeys {
    fn fingerprint(&self, class: KeyClass) -> Option<[u8; 8]> {
        let key = self.wrapping_key(class)?;
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"chancery wrapping key fingerprint v1");
        context.update(key.key.expose());
        let mut out = [0; 8];
        out.copy_from_slice(&context.finish().as_ref()[..8]);
        Some(out)
    }

    async fn wrap(
        &self,
        class: KeyClass,
        id: KeyId,
        owner: Option<StreamId>,
        key: &SecretKey,
    ) -> Result<Vec<u8>, KeyError> {
        Ok(self.part_key(class, id)?.seal(&associated(class, id, owner), key.expose()))
    }

    async fn unwrap(
        &self,
        class: KeyClass,
        id: KeyId,
        owner: Option<StreamId>,
        wrapped: &[u8],
    ) -> Result<SecretKey, KeyError> {
        let plain =
            self.part_key(class, id)?.open(&associated(class, id, owner), wrapped).map_err(|error| match error {
                crate::seal::OpenError::WrongKey => KeyError::OtherWrappingKey(id),
                _ => KeyError::Tampered(id),
            })?;
        Ok(SecretKey::from_bytes(plain.as_slice().try_into().map_err(|_| KeyError::Tampered(id))?))
    }
}

fn write_file(path: &Path, what: &str, lines: &[(&str, &SecretKey)]) -> Result<(), KeyFileError> {
    let unwritable = |error| KeyFileError::Unwritable(path.to_owned(), error);
    let mut text =
        Zeroizing::new(format!("# {what}\n# Whoever loses it loses the data; whoever reads it reads the data.\n"));
    for (name, key) in lines {
        let hex = Zeroizing::new(HEXLOWER.encode(key.expose()));
        text.push_str(name);
        text.push_str(" = ");
        text.push_str(&hex);
        text.push('\n');
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(unwritable)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(unwritable)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(unwritable)?;
    }
    Ok(())
}

fn read_file(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let unreadable = |error| KeyFileError::Unreadable(path.to_owned(), error);
    let file = fs::File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.permissions().mode() & 0o077 != 0 {
        return Err(KeyFileError::TooOpen(path.to_owned()));
    }
    let mut text = Zeroizing::new(String::new());
    file.take(MAX_FILE).read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

fn parse(path: &Path, text: &str, name: &'static str) -> Result<SecretKey, KeyFileError> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .find(|(key, _)| key.trim() == name)
        .and_then(|(_, value)| HEXLOWER.decode(value.trim().as_bytes()).ok().map(Zeroizing::new))
        .and_then(|bytes| bytes.as_slice().try_into().ok())
        .map(SecretKey::from_bytes)
        .ok_or_else(|| KeyFileError::Malformed(path.to_owned(), name))
}

#[cfg(test)]
mod tests;
