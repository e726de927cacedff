//! Tables that follow the log, as the verification sees them: computed anew in memory from the same events, and compared.

use std::any::Any;
use std::fmt;

use async_trait::async_trait;
use chancery_domain::{ActorDetails, StreamId};

use super::Findings;
use crate::backend::BackendError;
use crate::row::EventRow;
use crate::seal::SecretKey;
use crate::snapshot::Snapshot;

/// One reading of the log, of which only the streams of one part are folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass {
    /// Which of them, from 0 on.
    pub number: u32,
    /// How many there are.
    pub count: u32,
}

impl Pass {
    /// Whether a stream is one of this pass's.
    #[must_use]
    pub fn has(&self, stream: StreamId) -> bool {
        spread(stream) % u64::from(self.count.max(1)) == u64::from(self.number)
    }

    /// Whether none follows.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        self.number + 1 >= self.count
    }
}

/// Streams' ids begin with a time; this spreads them evenly all the same (the finaliser of MurmurHash3).
pub(super) fn spread(stream: StreamId) -> u64 {
    let id = u128::from_be_bytes(*stream.as_bytes());
    let mut hash = (id ^ (id >> 64)) as u64;
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

/// An event with what could be opened of it.
#[derive(Clone, Copy)]
pub struct Opened<'a> {
    /// The row.
    pub row: &'a EventRow,
    /// What happened; `None` where there is no such part or its key is gone.
    pub subject: Option<&'a [u8]>,
    /// The actor's details; `None` likewise.
    pub details: Option<&'a ActorDetails>,
    /// There are details, and the month's key of them was destroyed.
    pub details_gone: bool,
    /// The stream's data key, while it is kept.
    pub key: Option<&'a SecretKey>,
}

/// Only the row: the parts are personal.
impl fmt::Debug for Opened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("row", &self.row).finish_non_exhaustive()
    }
}

/// Sees every event of some streams in order, and keeps what should stand in the table.
pub trait Observer: Send {
    /// Sees an event.
    fn observe(&mut self, event: &Opened<'_>);

    /// Gives itself back to the [`Follower`] that made it.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

/// A table that follows the log.
#[async_trait]
pub trait Follower: fmt::Debug + Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// Whether what stands in it can be told only from opened events.
    fn needs_keys(&self) -> bool;

    /// Begins a pass: reads how far the table has come.
    ///
    /// # Errors
    /// The database's.
    async fn begin(&self, snapshot: &mut Snapshot, pass: Pass) -> Result<(), BackendError>;

    /// One that sees the events of some streams of a pass; there are several at a time.
    fn observer(&self) -> Box<dyn Observer>;

    /// Compares what the observers of a pass kept with what stands in the table.
    ///
    /// # Errors
    /// The database's.
    async fn compare(
        &self,
        seen: Vec<Box<dyn Observer>>,
        snapshot: &mut Snapshot,
        pass: Pass,
        findings: &mut Findings,
    ) -> Result<(), BackendError>;
}
