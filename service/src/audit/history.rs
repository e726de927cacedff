//! The timeline of one account, and events as an auditor is shown them.

use std::collections::{HashMap, hash_map};

use chancery_domain::StreamId;
use chancery_domain::values::Uid;
use chancery_eventstore::{Backend, BackendError, EventRow, Position, Store, Version};
use uuid::Uuid;

use super::sentences;
use crate::accounts::uid_claim;

/// Events that are read at once.
const PAGE: u32 = 500;

/// An event in the words of its row.
#[derive(Clone, Debug)]
pub struct Told {
    /// What happened, without its full stop; for a type of a newer build that it is one.
    pub sentence: String,
    /// Who acted, as it goes on behind "by".
    pub who: String,
    /// The parts that are sealed, by name.
    pub sealed: Vec<&'static str>,
}

impl Told {
    /// What a row tells.
    #[must_use]
    pub fn of(row: &EventRow) -> Self {
        let parts = [("subject", &row.subject), ("inputs", &row.inputs), ("details", &row.details)];
        Self {
            sentence: sentences::sentence(&row.event_type, row.schema_version).map_or_else(
                || format!("Something that only a newer build has words for ({})", row.event_type),
                ToOwned::to_owned,
            ),
            who: sentences::who(&row.actor),
            sealed: parts.into_iter().filter(|(_, part)| part.is_some()).map(|(name, _)| name).collect(),
        }
    }
}

/// One event of a timeline.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The row.
    pub row: EventRow,
    /// What it tells.
    pub told: Told,
    /// The first event of the request that this one goes back to, where that is another one; it may be of another stream,
    /// as an application's is that invited the person.
    pub request: Option<Position>,
    /// The events of this stream that jobs recorded because of this one, with their types.
    pub led_to: Vec<(Position, String)>,
}

/// The timeline of one stream.
#[derive(Debug)]
pub struct History {
    stream: StreamId,
    requests: HashMap<Uuid, Position>,
    led_to: HashMap<Position, Vec<(Position, String)>>,
}

/// The stream of an account, by the uid that it has or had.
///
/// # Errors
/// The database's.
pub async fn stream_of(store: &Store, uid: &Uid) -> Result<Option<StreamId>, BackendError> {
    let claim = uid_claim(uid);
    store.backend().reserved(claim.kind, &store.claim_mac(&claim)).await
}

impl History {
    /// Reads what ties a stream's events together: which request each goes back to, in whatever stream that began, and which
    /// ones jobs recorded because of them. That is kept in memory, some dozen bytes a request; the events are not.
    ///
    /// # Errors
    /// The database's.
    pub async fn of(backend: &dyn Backend, stream: StreamId) -> Result<Self, BackendError> {
        let mut history = Self { stream, requests: HashMap::new(), led_to: HashMap::new() };
        let mut caused = HashMap::new();
        each_page(backend, stream, async |rows| {
            for row in rows {
                if let hash_map::Entry::Vacant(first) = history.requests.entry(row.correlation) {
                    first.insert(row.position);
                    caused.extend(row.causing.map(|causing| (row.correlation, causing)));
                }
                if let Some(causing) = row.causing {
                    history.led_to.entry(causing).or_default().push((row.position, row.event_type));
                }
            }
            Ok::<_, BackendError>(())
        })
        .await?;
        for (correlation, causing) in caused {
            history.requests.insert(correlation, beginning(backend, causing).await?);
        }
        Ok(history)
    }

    /// Hands out the events behind `after` up to `until`, in order.
    ///
    /// # Errors
    /// The database's, or what `each` returns, which ends it.
    pub async fn each<E: From<BackendError>>(
        &self,
        backend: &dyn Backend,
        (after, until): (Position, Position),
        mut each: impl AsyncFnMut(Entry) -> Result<(), E>,
    ) -> Result<(), E> {
        each_page(backend, self.stream, async |rows| {
            for row in rows.into_iter().filter(|row| row.position > after && row.position <= until) {
                let request = self.requests.get(&row.correlation).copied().filter(|first| *first != row.position);
                let led_to = self.led_to.get(&row.position).cloned().unwrap_or_default();
                each(Entry { told: Told::of(&row), row, request, led_to }).await?;
            }
            Ok(())
        })
        .await
    }
}

/// Goes back from cause to cause to the event that has none.
async fn beginning(backend: &dyn Backend, mut position: Position) -> Result<Position, BackendError> {
    while let Some(row) = backend.event(position).await? {
        match row.causing {
            // A log that somebody wrote in may name one that came later.
            Some(causing) if causing < position => position = causing,
            _ => break,
        }
    }
    Ok(position)
}

async fn each_page<E: From<BackendError>>(
    backend: &dyn Backend,
    stream: StreamId,
    mut each: impl AsyncFnMut(Vec<EventRow>) -> Result<(), E>,
) -> Result<(), E> {
    let mut after = Version(0);
    loop {
        let rows = backend.read_stream(stream, after, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.version;
        each(rows).await?;
    }
}
