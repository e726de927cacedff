//! After a database was put back from a backup: what had been destroyed since is destroyed once more, and a new epoch
//! begins. Each step can be repeated, so that a restore that was killed is run again.

use chancery_domain::account::Account;
use chancery_domain::account::commands::{DestroyFactor, DestroyPassword, EraseAgain};
use chancery_domain::invitation::{EndInvitationAgain, Invitation};
use chancery_domain::log::{BeginEpochRefusal, KnownHead, LOG_STREAM, LogState, RecordRestore};
use chancery_domain::network::{DestroyNetworkKeyAgain, NETWORK_STREAM, NetworkKeys};
use chancery_domain::{Aggregate, Command, KeyId, StreamId};
use chancery_eventstore::keys::Destroyed;
use chancery_eventstore::{BackendError, KeyClass, KeyRow, Loaded, Seen, StreamKey, Version};
use uuid::Uuid;

use crate::app::{App, Failure};
use crate::run::{Along, Attempt, Origin, TRIES};

/// Keys that are looked at at once.
const PAGE: usize = 500;

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub struct Restore<'a> {
    /// Who does it.
    pub administrator: &'a str,
    /// Why.
    pub reason: &'a str,
    /// The newest event of the backup.
    pub backup: &'a Seen,
    /// The keys that had been destroyed before the database was put back.
    pub destroyed: &'a Destroyed,
    /// Go on though that may not be all of them; the log says so.
    pub go_on_without: bool,
    /// The newest event of the old history that is known.
    pub last_known: &'a KnownHead,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The epoch that has begun.
    pub epoch: i64,
    /// How many keys were destroyed again.
    pub keys: u64,
    /// How many keys the database knew to be destroyed and the ledgers did not.
    pub lacking: u64,
}

/// Why a database is not taken for the log from now on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreRefusal {
    /// The database is not the one that was backed up.
    #[error("the database is not the one that was backed up: it is {0}")]
    OtherDatabase(String),
    /// The ledgers are not all that there are, or old copies.
    #[error(
        "the ledgers lack {0} keys that the backup itself knows to be destroyed: name the ledger of every machine, as it \
         is now, with --ledger; --no-ledger goes on with those that there are"
    )]
    LedgerLacks(u64),
    /// A key that was destroyed cannot be destroyed by any event.
    #[error("the key {0} was destroyed, and nothing in this log can destroy it again: run 'chancery audit verify'")]
    Undestroyable(KeyId),
    /// See [`BeginEpochRefusal`].
    #[error(transparent)]
    Epoch(#[from] BeginEpochRefusal),
}

/// Who acts, and what ties all of it together.
struct By<'a> {
    restore: &'a Restore<'a>,
    correlation: Uuid,
}

impl App {
    /// Takes a database that was put back for the log from now on.
    ///
    /// # Errors
    /// [`Failure::Busy`] if the log moves on meanwhile: then it is in use.
    pub async fn restore(&self, restore: Restore<'_>) -> Result<Result<Restored, RestoreRefusal>, Failure> {
        if let Err(refusal) = self.is_backup(restore.backup).await? {
            return Ok(Err(refusal));
        }
        let backend = self.store.backend();
        let mut lacking = 0;
        let count = async |page: Vec<KeyId>| {
            lacking += page.len() as u64;
            Ok::<_, BackendError>(())
        };
        restore.destroyed.lacking(&**backend, count).await?;
        if lacking > 0 && !restore.go_on_without {
            return Ok(Err(RestoreRefusal::LedgerLacks(lacking)));
        }
        let by = By { restore: &restore, correlation: self.new_id() };
        let keys = match self.destroy_again(&by).await? {
            Ok(keys) => keys,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let backup = KnownHead {
            epoch: restore.backup.epoch,
            position: restore.backup.position.0,
            record: restore.backup.record,
        };
        let command = RecordRestore { backup, keys, whole: !restore.go_on_without };
        self.on(&by, Along::default, async || self.loaded::<LogState>(LOG_STREAM).await, &command).await?;
        let origin = self.restored_by(&by);
        let begun = self.begin_epoch_by(&origin, restore.reason, Some(restore.last_known.clone())).await?;
        Ok(begun.map(|epoch| Restored { epoch, keys, lacking }).map_err(RestoreRefusal::Epoch))
    }

    /// Whether the database holds what the backup must hold, in the backup's epoch.
    async fn is_backup(&self, backup: &Seen) -> Result<Result<(), RestoreRefusal>, Failure> {
        let backend = self.store.backend();
        let head = backend.head().await?;
        let other = |what: String| Ok(Err(RestoreRefusal::OtherDatabase(what)));
        if head.log != backup.log {
            return other(format!("of the log {}, and the backup of the log {}", head.log, backup.log));
        }
        if head.epoch != backup.epoch {
            return other(format!("in epoch {}, and the backup in epoch {}", head.epoch, backup.epoch));
        }
        let event = backend.event(backup.position).await?;
        match event.and_then(|event| Seen::of(&head, &event)) {
            Some(found) if found == *backup => Ok(Ok(())),
            Some(_) => other(format!("another history: the event at position {} is not the backup's", backup.position)),
            None => {
                other(format!("older: it ends at position {}, and the backup at {}", head.position, backup.position))
            }
        }
    }

    /// Destroys the keys once more that came back, and tells how many.
    async fn destroy_again(&self, by: &By<'_>) -> Result<Result<u64, RestoreRefusal>, Failure> {
        let mut count = 0;
        // With an account's data key those of its credentials go.
        for classes in [&[KeyClass::Data][..], &[KeyClass::Credential, KeyClass::Network, KeyClass::Service]] {
            for page in by.restore.destroyed.ids().chunks(PAGE) {
                let keys = self.store.backend().keys(page).await?;
                for key in keys.iter().filter(|key| key.wrapped.is_some() && classes.contains(&key.class)) {
                    self.destroy_key(by, key).await?;
                    let now = self.store.backend().key(key.id).await?;
                    if now.is_some_and(|now| now.wrapped.is_some()) {
                        return Ok(Err(RestoreRefusal::Undestroyable(key.id)));
                    }
                    count += 1;
                }
            }
        }
        Ok(Ok(count))
    }

    /// Gives the command that destroys a key, where there is one.
    async fn destroy_key(&self, by: &By<'_>, key: &KeyRow) -> Result<(), Failure> {
        match (key.class, key.owner, &key.purpose) {
            (KeyClass::Data, Some(stream), _) => match self.kind_of(stream).await?.as_deref() {
                // An invitation's key is the application's doing; its own stream is empty until its end.
                None | Some(Invitation::NAME) => {
                    let load = async || Ok(self.store.fold::<Invitation>(stream, None).await?);
                    self.on(by, Along::default, load, &EndInvitationAgain {}).await
                }
                Some(Account::NAME) => self.on_account(stream, &EraseAgain {}, &self.restored_by(by)).await.map(drop),
                Some(_) => Ok(()),
            },
            (KeyClass::Credential, Some(stream), _) => {
                // Of the account's secrets one has this key: the password or a second factor.
                let password = DestroyPassword { credential: key.id };
                self.on_account(stream, &password, &self.restored_by(by)).await?;
                let factor = DestroyFactor { credential: key.id };
                self.on_account(stream, &factor, &self.restored_by(by)).await.map(drop)
            }
            (KeyClass::Network, _, Some(month)) => {
                let command = DestroyNetworkKeyAgain { month: month.clone(), key: key.id };
                let along = || Along { destroyed: vec![key.id], ..Along::default() };
                let load = async || self.loaded::<NetworkKeys>(NETWORK_STREAM).await;
                self.on(by, along, load, &command).await?;
                self.store.keys().forget_network().await;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The aggregate of a stream, by its first event; `None` if it has none.
    async fn kind_of(&self, stream: StreamId) -> Result<Option<String>, Failure> {
        let first = self.store.backend().read_stream(stream, Version(0), 1).await?;
        Ok(first.first().and_then(|row| row.event_type.split_once('.')).map(|(aggregate, _)| aggregate.to_owned()))
    }

    pub(crate) async fn loaded<A: Aggregate>(&self, stream: StreamId) -> Result<Loaded<A>, Failure> {
        match self.store.load::<A>(stream).await? {
            Some(loaded) => Ok(loaded),
            None => Ok(self.store.fresh(stream, self.now()).await?),
        }
    }

    /// Gives a command to a stream, again for as long as it moves on meanwhile.
    async fn on<C: Command>(
        &self,
        by: &By<'_>,
        along: impl Fn() -> Along,
        load: impl AsyncFn() -> Result<Loaded<C::Aggregate>, Failure>,
        command: &C,
    ) -> Result<(), Failure> {
        let origin = self.restored_by(by);
        for _ in 0..TRIES {
            let loaded = load().await?;
            if matches!(loaded.key, StreamKey::Gone) {
                return Ok(());
            }
            let policy = self.policy().await?;
            if let Attempt::Decided { .. } = self.attempt_with(&loaded, command, &policy, along(), &origin).await? {
                return Ok(());
            }
        }
        Err(Failure::BUSY)
    }

    fn restored_by(&self, by: &By<'_>) -> Origin {
        let origin = self.by_administrator(by.restore.administrator, "restore", by.restore.reason);
        Origin { correlation: by.correlation, ..origin }
    }
}
