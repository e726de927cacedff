//! Applications as they were opened last. Who asks is read from the log at every request; what was read the last time, byte
//! for byte, need not be opened again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chancery_domain::StreamId;
use chancery_domain::application::Application;
use chancery_eventstore::{ReadError, StateRow};

use crate::app::App;

/// So many at most: more than have asked lately anywhere.
const MOST: usize = 256;

/// The last row of each application, and what it opened to.
#[derive(Debug, Default)]
pub struct OpenedApplications(Mutex<HashMap<StreamId, (StateRow, Arc<Application>)>>);

impl OpenedApplications {
    fn find(&self, row: &StateRow) -> Option<Arc<Application>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&row.stream).filter(|(known, _)| known == row).map(|(_, opened)| Arc::clone(opened))
    }

    fn keep(&self, row: StateRow, opened: &Arc<Application>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(row.stream, (row, Arc::clone(opened)));
    }
}

impl App {
    /// The application of a row that was read just now.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(super) async fn open_application(&self, row: StateRow) -> Result<Arc<Application>, ReadError> {
        if let Some(known) = self.opened_applications.find(&row) {
            return Ok(known);
        }
        let loaded = self.store.open_state::<Application>(row.clone()).await?;
        let opened = Arc::new(loaded.state);
        // Where the row is of another fold, the events were read, which may be more by now.
        if loaded.version == row.version {
            self.opened_applications.keep(row, &opened);
        }
        Ok(opened)
    }
}

#[cfg(test)]
mod tests {
    use chancery_eventstore::Version;

    use super::*;

    fn row(stream: u8, version: i64, sealed: u8) -> StateRow {
        let stream = StreamId::from_bytes([stream; 16]);
        StateRow { stream, version: Version(version), fold_version: 1, sealed: Some(vec![sealed]), key: None }
    }

    #[test]
    fn only_the_very_same_row_is_known() {
        let known = OpenedApplications::default();
        known.keep(row(1, 2, 3), &Arc::default());
        assert!(known.find(&row(1, 2, 3)).is_some());
        for other in [row(2, 2, 3), row(1, 3, 3), row(1, 2, 4), StateRow { sealed: None, ..row(1, 2, 3) }] {
            assert!(known.find(&other).is_none(), "{other:?}");
        }
        known.keep(row(1, 3, 3), &Arc::default());
        assert!(known.find(&row(1, 2, 3)).is_none(), "what it was before is forgotten");
    }

    #[test]
    fn they_are_bounded() {
        let known = OpenedApplications::default();
        for number in 0..=255 {
            known.keep(row(number, 1, 1), &Arc::default());
        }
        known.keep(row(7, 2, 1), &Arc::default());
        assert!(known.0.lock().unwrap().len() <= MOST);
        assert!(known.find(&row(7, 2, 1)).is_some());
    }
}
