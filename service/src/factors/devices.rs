//! What the proofs of a device are checked with: sealed under a key of its own, in the event that added the device.

use chancery_domain::account::{AccountEvent, Credential, Factor};
use chancery_domain::{FactorId, StreamId};
use chancery_eventstore::{KeyClass, KeyError, NewKey, Version};
use zeroize::Zeroizing;

use super::{FactorMethod, Held, of_kind};
use crate::accounts::LoadedAccount;
use crate::accounts::new_password::credential_key;
use crate::app::{App, Failure};

impl App {
    /// Seals what a device's proofs are checked with under a new key of its own.
    pub(crate) async fn seal_secret(
        &self,
        stream: StreamId,
        label: &[u8],
        secret: &[u8],
    ) -> Result<(Credential, NewKey), Failure> {
        let (key, new) = self.store.keys().create(KeyClass::Credential, stream, self.now()).await?;
        let sealed = credential_key(&key, stream).seal(label, secret);
        Ok((Credential { key: new.id, sealed }, new))
    }

    /// Opens it; `None` if its key has been destroyed meanwhile.
    pub(crate) async fn open_secret(
        &self,
        stream: StreamId,
        label: &[u8],
        credential: &Credential,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let key = match self.store.keys().by_id(credential.key).await {
            Ok(key) => key,
            Err(KeyError::Destroyed(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let opened = credential_key(&key, stream).open(label, &credential.sealed);
        opened.map(Some).map_err(|error| Failure::Internal(Box::new(error)))
    }

    /// An account's devices whose answers count, be it for one last time, and that a method judges, with their secrets; one
    /// whose key went meanwhile is left out.
    pub(crate) async fn held<'a>(
        &self,
        account: &'a LoadedAccount,
        method: &dyn FactorMethod,
    ) -> Result<Vec<Held<'a>>, Failure> {
        let asked = account.state.factors.asked(self.now());
        self.open_devices(account, asked.filter(|factor| method.checks(factor.kind))).await
    }

    /// The same of one device, where the page asked a certain one.
    pub(crate) async fn asked_devices<'a>(
        &self,
        account: &'a LoadedAccount,
        method: &dyn FactorMethod,
        asked: Option<FactorId>,
    ) -> Result<Vec<Held<'a>>, Failure> {
        let there = account.state.factors.asked(self.now()).filter(|factor| method.checks(factor.kind));
        self.open_devices(account, there.filter(|factor| asked.is_none_or(|id| factor.id == id))).await
    }

    /// One device of an account that a method judges, whether or not it counts.
    pub(crate) async fn held_device<'a>(
        &self,
        account: &'a LoadedAccount,
        method: &dyn FactorMethod,
        id: FactorId,
    ) -> Result<Option<Held<'a>>, Failure> {
        let device = account.state.factors.by_id(id).filter(|factor| method.checks(factor.kind));
        Ok(self.open_devices(account, device.into_iter()).await?.pop())
    }

    /// The same with those that are suspended: they are not gone.
    pub(crate) async fn held_or_suspended<'a>(
        &self,
        account: &'a LoadedAccount,
        method: &dyn FactorMethod,
    ) -> Result<Vec<Held<'a>>, Failure> {
        self.open_devices(account, account.state.factors.devices.iter().filter(|factor| method.checks(factor.kind)))
            .await
    }

    /// Those that are suspended and may object to the recovery that waits.
    pub(crate) async fn objecting<'a>(
        &self,
        account: &'a LoadedAccount,
        method: &dyn FactorMethod,
    ) -> Result<Vec<Held<'a>>, Failure> {
        let now = self.now();
        let may_object = |factor: &&Factor| method.checks(factor.kind) && account.state.may_object(factor, now);
        self.open_devices(account, account.state.factors.devices.iter().filter(may_object)).await
    }

    async fn open_devices<'a>(
        &self,
        account: &'a LoadedAccount,
        devices: impl Iterator<Item = &'a Factor>,
    ) -> Result<Vec<Held<'a>>, Failure> {
        let mut held = Vec::new();
        for factor in devices {
            let Some(sealed_as) = of_kind(factor.kind).map(|method| method.label()) else { continue };
            let Some(credential) = self.sealed_credential(account.stream, factor.event).await? else { continue };
            if credential.key == factor.key
                && let Some(secret) = self.open_secret(account.stream, sealed_as, &credential).await?
            {
                held.push(Held { factor, secret });
            }
        }
        Ok(held)
    }

    /// What the event of a version of an account's stream holds, sealed.
    pub(crate) async fn sealed_credential(
        &self,
        stream: StreamId,
        version: u64,
    ) -> Result<Option<Credential>, Failure> {
        Ok(match self.event_at(stream, version).await? {
            Some(AccountEvent::FactorAdded(added)) => Some(added.credential),
            Some(AccountEvent::FactorPinChanged(changed)) => Some(changed.credential),
            Some(AccountEvent::RecoveryCodesIssued(issued)) => Some(issued.credential),
            _ => None,
        })
    }

    /// The event of a version of an account's stream.
    pub(super) async fn event_at(&self, stream: StreamId, version: u64) -> Result<Option<AccountEvent>, Failure> {
        let before = Version(i64::try_from(version.saturating_sub(1)).unwrap_or(i64::MAX));
        let rows = self.store.backend().read_stream(stream, before, 1).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(self.store.open_event(row).await?))
    }
}
