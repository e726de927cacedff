//! Which accounts changed, and in which fields.

use std::collections::HashMap;

use chancery_domain::StreamId;
use chancery_domain::values::Uid;
use chancery_eventstore::Position;
use chancery_projections::{AccountChanges, Field};

use crate::accounts::unless_unreadable;
use crate::app::{App, Failure};

/// One change, as an application is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenChange {
    /// Where it stands in the log.
    pub position: Position,
    /// The account's name that is no person's.
    pub id: StreamId,
    /// The account's uid; `None` for one that is gone, or is damaged.
    pub uid: Option<Uid>,
    /// The fields that changed; none where the account is gone.
    pub fields: Vec<Field>,
}

/// What follows a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenChanges {
    /// The changes, in order.
    pub changes: Vec<SeenChange>,
    /// Where to go on.
    pub next: Position,
}

impl App {
    /// Up to `limit` changes after `after`. The uids stand in no read model: they are read from the accounts as they are
    /// when this is read, so that one that is gone has none, nor has one that is damaged.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn account_changes(
        &self,
        changes: &AccountChanges,
        after: Position,
        limit: u32,
    ) -> Result<SeenChanges, Failure> {
        let page = changes.after(after, limit).await?;
        let mut uids: HashMap<StreamId, Option<Uid>> = HashMap::new();
        let mut seen = Vec::with_capacity(page.changes.len());
        for change in page.changes {
            let uid = match uids.get(&change.stream) {
                Some(uid) => *uid,
                None if change.fields.is_empty() => None,
                None => {
                    let account = self.account_by_stream(change.stream).await;
                    // What only a newer build can read another node tells, and nobody passes over it here; one that is
                    // damaged keeps nobody from being told of the others.
                    if matches!(account, Err(Failure::Newer(_))) {
                        return account.map(|_| SeenChanges { changes: Vec::new(), next: after });
                    }
                    let account = unless_unreadable(account)?;
                    let uid = account.map(|account| account.uid);
                    uids.insert(change.stream, uid);
                    uid
                }
            };
            seen.push(SeenChange { position: change.position, id: change.stream, uid, fields: change.fields });
        }
        Ok(SeenChanges { changes: seen, next: page.next })
    }
}
