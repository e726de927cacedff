//! What was opened a moment ago. Who asks, and whom they ask for, is read from the log at every request; what was read the
//! last time, byte for byte, need not be opened again.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chancery_domain::account::Account;
use chancery_domain::application::Application;
use chancery_domain::{StreamId, Timestamp};
use chancery_eventstore::{ReadError, StateRow};

use crate::app::{App, Failure};
use crate::applications::read_account::{Seen, seen};

/// So many at most: more than are asked for again before they are forgotten.
const MOST: usize = 4096;

/// How long one is kept that is not asked for: what was opened is not to lie in memory when its key is gone.
const KEPT: Duration = Duration::from_secs(60);

/// How often those are looked for that are kept no longer.
const SWEPT: Duration = Duration::from_secs(10);

/// The last rows of some streams, and what they opened to.
pub struct Opened<T>(Mutex<Known<T>>);

/// Only what it is: it holds names.
impl<T> fmt::Debug for Opened<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened(…)")
    }
}

struct Known<T> {
    rows: HashMap<StreamId, (StateRow, T, Timestamp)>,
    swept: Timestamp,
}

impl<T> Default for Opened<T> {
    fn default() -> Self {
        Self(Mutex::new(Known { rows: HashMap::new(), swept: Timestamp::default() }))
    }
}

impl<T: Clone> Opened<T> {
    fn find(&self, row: &StateRow, now: Timestamp) -> Option<T> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.sweep(now);
        let (_, opened, used) = known.rows.get_mut(&row.stream).filter(|(known, ..)| known == row)?;
        *used = now;
        Some(opened.clone())
    }

    fn keep(&self, row: StateRow, opened: T, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.rows.len() >= MOST && !known.rows.contains_key(&row.stream) {
            known.rows.clear();
        }
        known.rows.insert(row.stream, (row, opened, now));
    }

    /// Forgets what nobody asked for lately.
    fn sweep(&self, now: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).sweep(now);
    }

    /// Forgets what is no more.
    fn forget(&self, stream: StreamId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).rows.remove(&stream);
    }
}

impl<T> Known<T> {
    fn sweep(&mut self, now: Timestamp) {
        if now.since(self.swept) >= SWEPT {
            self.swept = now;
            self.rows.retain(|_, (_, _, used)| now.since(*used) < KEPT);
        }
    }
}

impl App {
    /// Forgets what was opened for programs that have not asked for it lately. Whoever watches for them calls this again
    /// and again, since nobody may ask any more.
    pub fn forget_opened(&self) {
        let now = self.now();
        self.opened_applications.sweep(now);
        self.seen_accounts.sweep(now);
    }

    /// The application of a row that was read just now.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) async fn open_application(&self, row: StateRow) -> Result<Arc<Application>, ReadError> {
        let now = self.now();
        if let Some(known) = self.opened_applications.find(&row, now) {
            return Ok(known);
        }
        let loaded = self.store.open_state::<Application>(row.clone()).await?;
        let opened = Arc::new(loaded.state);
        // Where the row is of another fold, the events were read, which may be more by now.
        if loaded.version == row.version {
            self.opened_applications.keep(row, Arc::clone(&opened), now);
        }
        Ok(opened)
    }

    /// What an application may see of the account of a row that was read just now; nothing where it is gone.
    ///
    /// # Errors
    /// See [`Failure`].
    pub(crate) async fn see_account(&self, row: StateRow) -> Result<Option<Arc<Seen>>, Failure> {
        let now = self.now();
        if let Some(known) = self.seen_accounts.find(&row, now) {
            return Ok(Some(known));
        }
        self.seen_accounts.forget(row.stream);
        let loaded = self.store.open_state::<Account>(row.clone()).await?;
        let is_current = loaded.version == row.version;
        let account = seen(loaded).map(|account| Arc::new(Seen::from(account)));
        if let (Some(account), true) = (&account, is_current) {
            self.seen_accounts.keep(row, Arc::clone(account), now);
        }
        Ok(account)
    }
}

#[cfg(test)]
mod tests {
    use chancery_eventstore::Version;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    fn row(stream: u16, version: i64, sealed: u8) -> StateRow {
        let mut id = [0; 16];
        id[..2].copy_from_slice(&stream.to_be_bytes());
        let stream = StreamId::from_bytes(id);
        StateRow { stream, version: Version(version), fold_version: 1, sealed: Some(vec![sealed]), key: None }
    }

    #[test]
    fn only_the_very_same_row_is_known() {
        let known = Opened::default();
        known.keep(row(1, 2, 3), "opened", NOW);
        assert_eq!(known.find(&row(1, 2, 3), NOW), Some("opened"));
        for other in [row(2, 2, 3), row(1, 3, 3), row(1, 2, 4), StateRow { sealed: None, ..row(1, 2, 3) }] {
            assert_eq!(known.find(&other, NOW), None, "{other:?}");
        }
        known.keep(row(1, 3, 3), "moved on", NOW);
        assert_eq!(known.find(&row(1, 2, 3), NOW), None, "what it was before is forgotten");
        known.forget(row(1, 3, 3).stream);
        assert_eq!(known.find(&row(1, 3, 3), NOW), None);
    }

    #[test]
    fn what_nobody_asks_for_is_forgotten() {
        let known = Opened::default();
        known.keep(row(1, 1, 1), (), NOW);
        known.keep(row(2, 1, 1), (), NOW);
        assert!(known.find(&row(1, 1, 1), NOW.plus(KEPT / 2)).is_some());
        assert!(known.find(&row(1, 1, 1), NOW.plus(KEPT)).is_some(), "it was asked for meanwhile");
        assert_eq!(known.0.lock().unwrap().rows.len(), 1, "the other one is out of memory");
        known.sweep(NOW.plus(KEPT * 2));
        assert!(known.0.lock().unwrap().rows.is_empty(), "though nobody asks");
    }

    #[test]
    fn they_are_bounded() {
        let known = Opened::default();
        for number in 0..=u16::try_from(MOST).unwrap() {
            known.keep(row(number, 1, 1), (), NOW);
        }
        assert!(known.0.lock().unwrap().rows.len() <= MOST);
        assert!(known.find(&row(4096, 1, 1), NOW).is_some());
    }
}
