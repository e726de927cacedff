//! The files with the wrapping keys.

use std::path::Path;

use chancery_eventstore::keys::{CredentialKeys, FileKeys};
use chancery_eventstore::{Backend, BackendError, KeyClass, Position};

use super::store::Opening;
use crate::error::CommandError;
use crate::settings::Settings;

/// Whether this process may open the secrets of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// It verifies passwords.
    With,
    /// It has no need to.
    Without,
}

/// Reads the key files. A service that begins a log makes them; beside a log with anything in it they are never made.
pub(super) async fn wrapping(
    settings: &Settings,
    backend: &dyn Backend,
    opening: Opening,
    credentials: Credentials,
) -> Result<FileKeys, CommandError> {
    let (master, credential) = (settings.master_key_path(), settings.credentials_key_path());
    let is_new = is_new(backend)
        .await
        .map_err(|error| CommandError::failure("the database does not say which keys it has").because(error))?;
    if is_new && is_missing(&master) && is_missing(&credential) {
        return match opening {
            Opening::Service => FileKeys::create(&master, &credential).map_err(unusable),
            Opening::Work | Opening::Beside | Opening::Reading | Opening::AnyHistory => {
                Err(CommandError::failure("the log has not been begun: 'chancery serve' makes its keys and begins it"))
            }
        };
    }
    let wanted = match credentials {
        Credentials::With => CredentialKeys::From(&credential),
        Credentials::Without => CredentialKeys::Without,
    };
    let needed = [Some(&master), Some(&credential).filter(|_| credentials == Credentials::With)];
    if let Some(missing) = needed.into_iter().flatten().find(|path| is_missing(path)) {
        return Err(CommandError::failure(format!(
            "the key file {} is missing, and it cannot be made anew, since a log or another key needs it: put it back \
             from its backup, or name it with --master-key or --credentials-key",
            missing.display()
        )));
    }
    FileKeys::open(&master, wanted).map_err(unusable)
}

/// The wrapping keys as an auditor has them: without those of credentials, and `None` where there is no file.
///
/// # Errors
/// The file is open to others, or no key file.
pub fn audit_keys(settings: &Settings) -> Result<Option<FileKeys>, CommandError> {
    let master = settings.master_key_path();
    if is_missing(&master) {
        return Ok(None);
    }
    FileKeys::open(&master, CredentialKeys::Without).map(Some).map_err(unusable)
}

fn unusable(error: chancery_eventstore::keys::KeyFileError) -> CommandError {
    CommandError::of(&error)
}

/// What cannot even be looked for is not missing: reading it will say why.
fn is_missing(path: &Path) -> bool {
    !path.try_exists().unwrap_or(true)
}

/// Whether the log is empty and no key was ever wrapped for it.
async fn is_new(backend: &dyn Backend) -> Result<bool, BackendError> {
    let empty = backend.head().await?.position == Position::START;
    Ok(empty && backend.keys_of_class(KeyClass::Service).await?.is_empty())
}
