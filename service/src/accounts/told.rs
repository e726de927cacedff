//! Which devices an event is about, as the log tells it: whatever became of them since, the answer stays the same. A mail
//! that is sent again says what it said, and the page behind its link says no more.

use std::collections::BTreeMap;

use chancery_domain::FactorId;
use chancery_domain::account::{
    AccountEvent, FactorAdded, FactorKind, FactorRenamed, FactorResumed, RecoveryRequested, RemovalReason,
};
use chancery_domain::values::DeviceName;
use chancery_eventstore::{EventRow, Version};

use crate::app::{App, Failure};
use crate::mail::ToldDevice;

impl App {
    /// The devices that a mail names of an event in an account's stream. Those that one command put in force again are
    /// told of together, with the first of its events.
    ///
    /// # Errors
    /// The database's.
    pub async fn told_devices(&self, row: &EventRow, event: &AccountEvent) -> Result<Vec<ToldDevice>, Failure> {
        let (id, new_name) = match event {
            AccountEvent::FactorAdded(added) => {
                let (id, kind, name) = (added.factor, added.kind, added.name.clone());
                return Ok(vec![ToldDevice { id, kind, name, new_name: None }]);
            }
            AccountEvent::FactorRenamed(renamed) => (renamed.factor, Some(renamed.name.clone())),
            AccountEvent::FactorRemoved(removed) if removed.reason == RemovalReason::Person => (removed.factor, None),
            AccountEvent::FactorCounterWentBack(numbers) => (numbers.factor, None),
            AccountEvent::FactorResumed(resumed) => (resumed.factor, None),
            AccountEvent::FactorBlocked(blocked) => (blocked.factor, None),
            AccountEvent::FactorUnblocked(unblocked) => (unblocked.factor, None),
            AccountEvent::FactorPinChanged(changed) => (changed.factor, None),
            AccountEvent::AppRequestDenied(denied) => (denied.factor, None),
            AccountEvent::RecoveryRequested(RecoveryRequested { factor: Some(lost), .. }) => (*lost, None),
            _ => return Ok(Vec::new()),
        };
        let rows = self.store.backend().read_stream(row.stream, Version(0), u32::MAX).await?;
        let (before, since) = rows.split_at(rows.partition_point(|other| other.version < row.version));
        let named = before.iter().filter(|row| NAMING.contains(&row.event_type.as_str()));
        let beside = since.iter().filter(|other| {
            other.event_type == "account.factor_resumed" && other.command == row.command && other.version > row.version
        });
        let keys = self.store.open_keys(named.clone().chain(beside.clone())).await?;
        let mut known: BTreeMap<FactorId, (FactorKind, DeviceName)> = BTreeMap::new();
        for row in named {
            match keys.event(row)? {
                AccountEvent::FactorAdded(FactorAdded { factor, kind, name, .. }) => {
                    known.insert(factor, (kind, name));
                }
                AccountEvent::FactorRenamed(FactorRenamed { factor, name: new }) => {
                    if let Some((_, name)) = known.get_mut(&factor) {
                        *name = new;
                    }
                }
                _ => {}
            }
        }
        let mut ids = vec![id];
        if matches!(event, AccountEvent::FactorResumed(_)) {
            for row in beside {
                if let AccountEvent::FactorResumed(FactorResumed { factor, .. }) = keys.event(row)? {
                    ids.push(factor);
                }
            }
        }
        let told = |id| {
            let (kind, name) = known.get(&id)?.clone();
            Some(ToldDevice { id, kind, name, new_name: new_name.clone() })
        };
        Ok(ids.into_iter().filter_map(told).collect())
    }
}

/// The types of the events that name a device.
const NAMING: [&str; 2] = ["account.factor_added", "account.factor_renamed"];
