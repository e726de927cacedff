//! Who asks, when a program does. Read from the log's own state at every request: what an operator took away on one node
//! is refused by every other at once.

use std::sync::Arc;

use chancery_domain::StreamId;
use chancery_domain::application::{Application, Scope, secret_claim};
use chancery_domain::values::Uid;
use chancery_eventstore::Position;
use chancery_eventstore::seal::same_mac;

use super::read_account::Seen;
use crate::accounts::uid_claim;
use crate::app::{App, Failure};
use crate::position::{EpochChanged, LogPosition};
use crate::secrets::applications::ApplicationSecret;

/// An application that proved to be itself.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Its stream.
    pub stream: StreamId,
    /// Whether it may see accounts, and so how the log moves on.
    reads: bool,
    /// The hash of the secret that it came with.
    hash: [u8; 32],
}

/// Why a caller is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAdmitted {
    /// There is no such secret, or no longer.
    Unknown,
    /// An operator stopped all use of the application.
    Disabled,
    /// The application may not ask for this.
    Scope(Scope),
}

impl Caller {
    /// Whether it may see accounts. One that may not is not told how far the log has come either.
    #[must_use]
    pub const fn reads_accounts(&self) -> bool {
        self.reads
    }
}

impl App {
    /// A position as this application is told it.
    #[must_use]
    pub fn position_for(&self, caller: &Caller, position: Position) -> LogPosition {
        let seen = if caller.reads { position } else { self.veiled(caller.stream, position) };
        self.log_position(seen)
    }

    /// The position that this application was told so.
    ///
    /// # Errors
    /// [`EpochChanged`].
    pub fn position_from(&self, caller: &Caller, told: LogPosition) -> Result<Position, EpochChanged> {
        let seen = self.log.accept(told)?;
        Ok(if caller.reads { seen } else { self.unveiled(caller.stream, seen) })
    }

    /// The application of a secret, if it may ask for what this scope covers.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn admit(
        &self,
        secret: &ApplicationSecret,
        scope: Scope,
    ) -> Result<Result<Caller, NotAdmitted>, Failure> {
        self.admit_hash(secret.hash(), scope).await
    }

    /// Whether a caller may still ask for what it asked for: before anything more is told to somebody who waits.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn admit_still(&self, caller: &Caller, scope: Scope) -> Result<Result<(), NotAdmitted>, Failure> {
        Ok(self.admit_hash(caller.hash, scope).await?.map(|_| ()))
    }

    /// The application of a secret, if it may see accounts, and the one with this uid, both as they stood at one moment; no
    /// account where it has to be looked for by itself. For applications that are known to see accounts: to any other the
    /// time of a refusal would tell whether there is such an account.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn admit_to_account(
        &self,
        secret: &ApplicationSecret,
        uid: &Uid,
    ) -> Result<Result<(Caller, Option<Arc<Seen>>), NotAdmitted>, Failure> {
        let hash = secret.hash();
        let [application, account] = self.store.find_two([&secret_claim(&hash), &uid_claim(uid)]).await?;
        let Some(application) = application else {
            return Ok(self.admit_hash(hash, Scope::AccountsRead).await?.map(|caller| (caller, None)));
        };
        let stream = application.stream;
        let application = self.open_application(application).await?;
        let caller = match judge(Some((stream, &application)), hash, Scope::AccountsRead) {
            Ok(caller) => caller,
            Err(not) => return Ok(Err(not)),
        };
        let account = match account {
            Some(row) => self.see_account(row).await?,
            None => None,
        };
        Ok(Ok((caller, account)))
    }

    async fn admit_hash(&self, hash: [u8; 32], scope: Scope) -> Result<Result<Caller, NotAdmitted>, Failure> {
        let found = self.store.find::<Application>(&secret_claim(&hash)).await?;
        Ok(judge(found.as_ref().map(|found| (found.stream, &found.state)), hash, scope))
    }
}

/// Whether the application that was found is the one that came, and may ask for this.
fn judge(found: Option<(StreamId, &Application)>, hash: [u8; 32], scope: Scope) -> Result<Caller, NotAdmitted> {
    // The reservation found it; what is true of its secrets the state says.
    let is_valid = |application: &Application| application.secrets.iter().any(|one| same_mac(&one.hash, &hash));
    let (stream, application) = found.filter(|(_, application)| is_valid(application)).ok_or(NotAdmitted::Unknown)?;
    if application.disabled {
        return Err(NotAdmitted::Disabled);
    }
    if !application.may(scope) {
        return Err(NotAdmitted::Scope(scope));
    }
    Ok(Caller { stream, reads: application.may(Scope::AccountsRead), hash })
}
