//! The months' network keys: which of them are destroyed. An aggregate with one stream.
//!
//! Addresses and browser names in actor parts can be opened only with their month's network key, so that they do not live
//! as long as the account. That a month's key was destroyed is a fact that an auditor must be able to tell from a loss.

use std::convert::Infallible;

use minicbor::{Decode, Encode};

use crate::aggregate::{Aggregate, Claim, Command, Context, Decision, DecodeError, command_shape, from_cbor, to_cbor};
use crate::events::events;
use crate::ids::{KeyId, StreamId};
use crate::time::Timestamp;

/// The network keys' stream: there is one in a log.
pub const NETWORK_STREAM: StreamId = StreamId::from_bytes(*b"chancery-network");

events! {
    /// What happens to network keys.
    NetworkEvent of "network":

    /// A month's key was destroyed, its time being over. An auditor learns from when on addresses and browsers of that
    /// month can no longer be opened, and that this was meant.
    KeyDestroyed(KeyDestroyed) = "network.key_destroyed" v 1;
}

/// See [`NetworkEvent::KeyDestroyed`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct KeyDestroyed {
    /// The month, such as `2026-05`.
    #[n(0)]
    pub month: String,
    /// The key.
    #[n(1)]
    pub key: KeyId,
}

/// The last month whose key was destroyed; all before it are too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct NetworkKeys {
    /// The month.
    #[n(0)]
    pub destroyed_up_to: Option<String>,
}

impl Aggregate for NetworkKeys {
    const NAME: &'static str = "network";
    const FOLD_VERSION: u16 = 1;
    type Event = NetworkEvent;

    fn evolve(&mut self, _: Timestamp, event: &NetworkEvent) {
        match event {
            NetworkEvent::KeyDestroyed(destroyed) => {
                self.destroyed_up_to = self.destroyed_up_to.take().max(Some(destroyed.month.clone()));
            }
            NetworkEvent::Redacted => {}
        }
    }

    fn encode(&self) -> Vec<u8> {
        to_cbor(self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        from_cbor(Self::NAME, bytes)
    }

    fn claims(&self) -> Vec<Claim> {
        Vec::new()
    }

    fn secret_keys(&self) -> Vec<KeyId> {
        Vec::new()
    }

    fn is_tombstone(&self) -> bool {
        false
    }
}

/// A timer destroys a month's key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DestroyNetworkKey {
    /// The month.
    #[n(0)]
    pub month: String,
    /// When the month ended.
    #[n(1)]
    pub ended: Timestamp,
    /// The key.
    #[n(2)]
    pub key: KeyId,
}

/// A month's key came back with a restored database after it had been destroyed: it is destroyed again, whatever the policy
/// in the backup says of the month.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DestroyNetworkKeyAgain {
    /// The month.
    #[n(0)]
    pub month: String,
    /// The key.
    #[n(1)]
    pub key: KeyId,
}

impl Command for DestroyNetworkKeyAgain {
    command_shape!(NetworkKeys, "destroy-network-key-again" v 1: (), Infallible);

    fn decide(&self, _: &NetworkKeys, _: Context<'_>) -> Decision<NetworkEvent, (), Infallible> {
        let destroyed = KeyDestroyed { month: self.month.clone(), key: self.key };
        Decision::accept(vec![NetworkEvent::KeyDestroyed(destroyed)], ())
    }
}

/// The month is too young.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the month's key is kept until {0}")]
pub struct KeptUntil(pub Timestamp);

impl Command for DestroyNetworkKey {
    command_shape!(NetworkKeys, "destroy-network-key" v 1: (), KeptUntil);

    fn decide(&self, _: &NetworkKeys, context: Context<'_>) -> Decision<NetworkEvent, (), KeptUntil> {
        let retention = std::time::Duration::from_secs(context.policy.network_data_retention.into());
        let due = self.ended.plus(retention);
        if context.now < due {
            return Decision::refuse(KeptUntil(due));
        }
        let destroyed = KeyDestroyed { month: self.month.clone(), key: self.key };
        Decision::accept(vec![NetworkEvent::KeyDestroyed(destroyed)], ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::{DomainEvent, Subject};
    use crate::frozen::render;
    use crate::policy::Policy;

    fn decide(seconds_after: i64) -> Decision<NetworkEvent, (), KeptUntil> {
        let ended = Timestamp::from_seconds(1_780_272_000);
        let policy = Policy { network_data_retention: 100, ..Policy::default() };
        let now = Timestamp::from_seconds(ended.seconds() + seconds_after);
        let context = Context { stream: NETWORK_STREAM, now, epoch_began: Timestamp::default(), policy: &policy };
        let command = DestroyNetworkKey { month: "2026-05".to_owned(), ended, key: KeyId::from_bytes([7; 16]) };
        command.decide(&NetworkKeys::default(), context)
    }

    #[test]
    fn a_months_key_is_destroyed_when_its_time_is_over_and_not_before() {
        assert_eq!(decide(99).outcome, Err(KeptUntil(Timestamp::from_seconds(1_780_272_100))));
        assert!(decide(99).events.is_empty());
        let destroyed = KeyDestroyed { month: "2026-05".to_owned(), key: KeyId::from_bytes([7; 16]) };
        assert_eq!(decide(100), Decision::accept(vec![NetworkEvent::KeyDestroyed(destroyed)], ()));
    }

    #[test]
    fn the_newest_destroyed_month_is_remembered() {
        let mut state = NetworkKeys::default();
        for month in ["2026-04", "2026-05", "2026-03"] {
            let destroyed = KeyDestroyed { month: month.to_owned(), key: KeyId::default() };
            state.evolve(Timestamp::default(), &NetworkEvent::KeyDestroyed(destroyed));
        }
        assert_eq!(state.destroyed_up_to.as_deref(), Some("2026-05"));
    }

    /// A snapshot that changes is a broken promise: see [`crate::frozen`].
    #[test]
    fn every_stored_shape_stays() {
        let destroyed = KeyDestroyed { month: "2026-05".to_owned(), key: KeyId::from_bytes([7; 16]) };
        let event = NetworkEvent::KeyDestroyed(destroyed);
        assert_eq!(NetworkEvent::TYPES, [(event.event_type(), event.schema_version())]);
        let bytes = event.encode().unwrap();
        assert_eq!(NetworkEvent::decode("network.key_destroyed", 1, Subject::Open(&bytes)).unwrap(), event);
        insta::assert_snapshot!("network.key_destroyed.v1", render(&bytes));

        let command =
            DestroyNetworkKey { month: "2026-05".to_owned(), ended: Timestamp(7), key: KeyId::from_bytes([7; 16]) };
        let bytes = Command::encode(&command);
        assert_eq!(minicbor::decode::<DestroyNetworkKey>(&bytes).unwrap(), command);
        insta::assert_snapshot!("destroy-network-key.v1", render(&bytes));

        let command = DestroyNetworkKeyAgain { month: "2026-05".to_owned(), key: KeyId::from_bytes([7; 16]) };
        let bytes = Command::encode(&command);
        assert_eq!(minicbor::decode::<DestroyNetworkKeyAgain>(&bytes).unwrap(), command);
        insta::assert_snapshot!("destroy-network-key-again.v1", render(&bytes));

        let mut state = NetworkKeys::default();
        let mut shapes = render(&Aggregate::encode(&state));
        state.evolve(Timestamp(1), &event);
        let bytes = Aggregate::encode(&state);
        assert_eq!(<NetworkKeys as Aggregate>::decode(&bytes).unwrap(), state);
        shapes = format!("{shapes}\n\n{}", render(&bytes));
        insta::assert_snapshot!(format!("network.fold_{}", NetworkKeys::FOLD_VERSION), shapes);
    }

    #[test]
    fn what_this_build_does_not_know_is_an_error() {
        let read = |version, subject| NetworkEvent::decode("network.key_destroyed", version, subject);
        assert!(matches!(read(2, Subject::Redacted), Err(DecodeError::UnknownVersion(_, 2))));
        assert!(matches!(read(1, Subject::Absent), Err(DecodeError::Malformed(..))));
        assert!(matches!(read(1, Subject::Open(b"\x80\0")), Err(DecodeError::Malformed(..))));
        assert_eq!(read(1, Subject::Redacted).unwrap(), NetworkEvent::Redacted);
        let unknown = NetworkEvent::decode("network.key_found", 1, Subject::Absent);
        assert!(matches!(unknown, Err(DecodeError::UnknownType(_))));
    }
}
