//! What a batch destroyed, for the ledger.

use chancery_domain::KeyId;

use crate::append::{Prepared, Status};
use crate::backend::Backend;

/// The keys that a batch destroyed.
pub(super) async fn destroyed(backend: &dyn Backend, commands: &[Prepared], statuses: &[Status]) -> Vec<KeyId> {
    let mut ids = Vec::new();
    for (command, status) in commands.iter().zip(statuses).filter(|(command, _)| !command.destroyed_keys.is_empty()) {
        match status {
            Status::Appended { .. } => ids.extend(&command.destroyed_keys),
            // Written before its connection was lost, or another request's: what is destroyed the keys themselves say.
            Status::Duplicate { .. } => match backend.keys(&command.destroyed_keys).await {
                Ok(keys) => ids.extend(keys.iter().filter(|key| key.wrapped.is_none()).map(|key| key.id)),
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "destroyed keys are written down at the next start only");
                }
            },
            _ => {}
        }
    }
    ids
}
