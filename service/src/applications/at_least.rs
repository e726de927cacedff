//! "At least as new as this": a read that follows a command, on whichever node.

use std::time::Duration;

use chancery_eventstore::Position;
use chancery_projections::AccountChanges;

use crate::app::{App, Failure};

/// How long a read waits to be as new as was asked.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// How often it looks meanwhile.
const LOOK: Duration = Duration::from_millis(25);

/// Why a read is not as new as was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAsNew {
    /// The log has not come so far: nobody was given this position by it.
    BeyondTheLog {
        /// The newest position.
        head: Position,
    },
    /// The read model has not come so far within [`PATIENCE`].
    NotYet {
        /// How far it has come.
        come: Position,
    },
}

impl App {
    /// Whether what stands in the log's own state is as new as this: it always is where the log has come so far.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn has_come(&self, at_least: Position) -> Result<Result<(), NotAsNew>, Failure> {
        let head = self.store.backend().head().await?.position;
        Ok(if at_least <= head { Ok(()) } else { Err(NotAsNew::BeyondTheLog { head }) })
    }

    /// Waits until the read model of changes is as new as this, and not for longer than [`PATIENCE`].
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn changes_have_come(
        &self,
        changes: &AccountChanges,
        at_least: Position,
    ) -> Result<Result<(), NotAsNew>, Failure> {
        if let Err(beyond) = self.has_come(at_least).await? {
            return Ok(Err(beyond));
        }
        let waiting = async {
            while changes.position().await? < at_least {
                tokio::time::sleep(LOOK).await;
            }
            Ok::<_, Failure>(())
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(come) => come.map(Ok),
            Err(_) => Ok(Err(NotAsNew::NotYet { come: changes.position().await? })),
        }
    }
}
