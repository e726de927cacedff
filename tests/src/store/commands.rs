//! Commands for tests: valid ones, which a test changes where it wants something else.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use chancery_domain::{Actor, ClaimKind, KeyId, StreamId, Timestamp};
use chancery_eventstore::{
    CommandId, Fingerprint, Guard, InlineState, KeyClass, NewKey, Prepared, PreparedEvent, Priority, Reservation,
    Version,
};
use uuid::Uuid;

/// When test commands are decided.
pub const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

/// Sixteen bytes that nobody else has.
pub fn fresh() -> [u8; 16] {
    static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&SEED.hash_one(("first", number)).to_be_bytes());
    bytes[8..].copy_from_slice(&SEED.hash_one(("second", number)).to_be_bytes());
    bytes
}

/// A stream that does not exist yet.
pub fn stream() -> StreamId {
    StreamId::from_bytes(fresh())
}

/// A value's MAC that nobody else has.
pub fn mac() -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&fresh());
    bytes[16..].copy_from_slice(&fresh());
    bytes
}

/// An e-mail address that nobody has reserved.
pub fn email() -> Reservation {
    Reservation { kind: ClaimKind::Email, mac: mac() }
}

/// A guard.
pub fn guard(stream: StreamId, version: i64) -> Guard {
    Guard { stream, version: Version(version) }
}

/// A new data key of a stream.
pub fn data_key(owner: StreamId) -> NewKey {
    NewKey {
        id: KeyId::from_bytes(fresh()),
        class: KeyClass::Data,
        owner: Some(owner),
        purpose: None,
        wrapped: mac().to_vec(),
        wrapper: [7; 8],
        created: NOW,
    }
}

/// An event with a subject part of its own.
pub fn event() -> PreparedEvent {
    PreparedEvent {
        event_type: "test.happened",
        schema_version: 1,
        subject: Some(mac().to_vec()),
        inputs: Some(mac().to_vec()),
        ..PreparedEvent::default()
    }
}

/// A command that destroys a month's network key, and says so.
pub fn destroying_month(key: KeyId, stream: StreamId, expected: i64) -> Prepared {
    let told = PreparedEvent { event_type: "network.key_destroyed", ..event() };
    Prepared { destroyed_keys: vec![key], events: vec![told], ..command(stream, expected) }
}

/// So many events of one command: only the first has decision inputs.
pub fn events(count: usize) -> Vec<PreparedEvent> {
    let rest = (1..count).map(|_| PreparedEvent { inputs: None, ..event() });
    std::iter::once(event()).chain(rest).collect()
}

/// A command with one event and a state.
pub fn command(stream: StreamId, expected: i64) -> Prepared {
    Prepared {
        command: CommandId(Uuid::from_bytes(fresh())),
        fingerprint: Fingerprint(fresh()),
        stream,
        expected: Version(expected),
        guards: Vec::new(),
        sealing_keys: Vec::new(),
        new_keys: Vec::new(),
        claims: Vec::new(),
        releases: Vec::new(),
        destroyed_keys: Vec::new(),
        events: vec![event()],
        state: Some(InlineState { aggregate: "test", fold_version: 1, key: None, sealed: Some(mac().to_vec()) }),
        decided: NOW,
        actor: Actor::Service,
        correlation: Uuid::from_bytes(fresh()),
        causing: None,
        priority: Priority::Session,
    }
}

/// Small random numbers; what a test does with them it must stand in any order.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that nobody else throws.
    #[expect(clippy::new_without_default, reason = "no two are equal")]
    pub fn new() -> Self {
        Self(u64::from_be_bytes(fresh()[..8].try_into().unwrap()) | 1)
    }

    /// A number below `limit` (xorshift64*).
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) % limit
    }
}
