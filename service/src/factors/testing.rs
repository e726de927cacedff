//! What the tests of several kinds of devices need.

use chancery_domain::account::{Factor, FactorKind};
use chancery_domain::values::DeviceName;
use chancery_domain::{FactorId, KeyId, Timestamp};

/// An account's n-th device, which was never used.
pub fn factor(kind: FactorKind, n: u8) -> Factor {
    Factor {
        id: FactorId::from_bytes([n; 16]),
        number: n.into(),
        kind,
        name: DeviceName::parse("Device").unwrap(),
        added: Timestamp::default(),
        used: None,
        key: KeyId::from_bytes([n; 16]),
        credential: None,
        step: 0,
        counter: 0,
        backed_up: false,
        suspended: None,
        event: n.into(),
        wrong_pins: None,
        off: false,
    }
}
