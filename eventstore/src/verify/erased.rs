//! Folding an aggregate without knowing which one it is.

use chancery_domain::{Aggregate, Claim, DecodeError, DomainEvent, KeyId, StreamId, Subject};

use crate::row::{EventRow, Version};
use crate::seal::SecretKey;
use crate::store::seal_state;

/// A state of some aggregate.
pub(super) trait AnyState: Send {
    /// Applies an event.
    fn apply(&mut self, row: &EventRow, subject: Subject<'_>) -> Result<(), DecodeError>;
    fn claims(&self) -> Vec<Claim>;
    fn secret_keys(&self) -> Vec<KeyId>;
    fn is_tombstone(&self) -> bool;
    /// The state as it stands in its inline row.
    fn seal(&self, key: &SecretKey, stream: StreamId, version: Version) -> Vec<u8>;
}

impl<A: Aggregate> AnyState for A {
    fn apply(&mut self, row: &EventRow, subject: Subject<'_>) -> Result<(), DecodeError> {
        self.evolve(row.decided, &A::Event::decode(&row.event_type, row.schema_version, subject)?);
        Ok(())
    }

    fn claims(&self) -> Vec<Claim> {
        Aggregate::claims(self)
    }

    fn secret_keys(&self) -> Vec<KeyId> {
        Aggregate::secret_keys(self)
    }

    fn is_tombstone(&self) -> bool {
        Aggregate::is_tombstone(self)
    }

    fn seal(&self, key: &SecretKey, stream: StreamId, version: Version) -> Vec<u8> {
        seal_state(key, stream, version, self)
    }
}

/// An aggregate, by its name.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub(super) name: &'static str,
    pub(super) fold_version: u16,
    pub(super) new: fn() -> Box<dyn AnyState>,
}

impl Kind {
    /// The kind of an aggregate.
    #[must_use]
    pub const fn of<A: Aggregate>() -> Self {
        Self { name: A::NAME, fold_version: A::FOLD_VERSION, new: || Box::new(A::default()) }
    }

    /// The aggregate's name, the first part of its events' types.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}
