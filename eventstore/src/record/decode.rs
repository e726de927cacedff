//! Reading a record that came from outside the database: every length is checked before it is believed.

use chancery_domain::{Actor, KeyId, StreamId, Timestamp};
use uuid::Uuid;

use super::MAX_RECORD;
use crate::row::{CommandId, EventRow, Position, Version};

/// Bytes that are no record of version 1, or not its only encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// They end within a field, or go on after the last one.
    #[error("a record of another length than its fields")]
    Length,
    /// A version that this build does not read.
    #[error("a record of version {0}, which this build does not read")]
    Version(u8),
    /// A field that no row has.
    #[error("a record whose {0} no row has")]
    Field(&'static str),
}

/// The row of a record: what [`encode`](super::encode) makes these very bytes of.
///
/// # Errors
/// [`Malformed`]; no input makes it read or allocate more than the input's own length.
pub fn decode(record: &[u8]) -> Result<EventRow, Malformed> {
    if record.len() > MAX_RECORD {
        return Err(Malformed::Length);
    }
    let mut rest = Reader(record);
    let [version] = rest.array()?;
    if version != 1 {
        return Err(Malformed::Version(version));
    }
    let position = Position(rest.number()?);
    let row = EventRow {
        position,
        version: Version(rest.number()?),
        stream: StreamId::from_bytes(rest.array()?),
        event_type: rest.name("type")?.to_owned(),
        schema_version: u16::from_be_bytes(rest.array()?),
        decided: Timestamp(rest.number()?),
        recorded: Timestamp(rest.number()?),
        command: CommandId(Uuid::from_bytes(rest.array()?)),
        correlation: Uuid::from_bytes(rest.array()?),
        causing: Some(rest.number()?).filter(|causing| *causing != 0).map(Position),
        actor: rest.actor()?,
        key: rest.key()?,
        actor_key: rest.key()?,
        network_key: rest.key()?,
        mac_key: rest.key()?,
        subject: rest.part()?,
        inputs: rest.part()?,
        details: rest.part()?,
        mac: rest.optional()?,
    };
    if rest.0.is_empty() { Ok(row) } else { Err(Malformed::Length) }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed::Length)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Malformed::Length)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn number(&mut self) -> Result<i64, Malformed> {
        self.array().map(i64::from_be_bytes)
    }

    fn name(&mut self, what: &'static str) -> Result<&'a str, Malformed> {
        let [length] = self.array()?;
        std::str::from_utf8(self.take(length.into())?).map_err(|_| Malformed::Field(what))
    }

    fn actor(&mut self) -> Result<Actor, Malformed> {
        let [kind] = self.array()?;
        let id = self.name("actor")?;
        // An id that another kind of actor would write differently is not what a row was encoded to.
        Actor::from_stored(kind, id).filter(|actor| actor.id() == id).ok_or(Malformed::Field("actor"))
    }

    fn present(&mut self) -> Result<bool, Malformed> {
        match self.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            [_] => Err(Malformed::Field("presence")),
        }
    }

    fn optional<const N: usize>(&mut self) -> Result<Option<[u8; N]>, Malformed> {
        if self.present()? { self.array().map(Some) } else { Ok(None) }
    }

    fn key(&mut self) -> Result<Option<KeyId>, Malformed> {
        Ok(self.optional()?.map(KeyId::from_bytes))
    }

    fn part(&mut self) -> Result<Option<Vec<u8>>, Malformed> {
        if !self.present()? {
            return Ok(None);
        }
        let length = u16::from_be_bytes(self.array()?);
        self.take(length.into()).map(|part| Some(part.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::encode;

    fn actor() -> impl Strategy<Value = Actor> {
        let stream = any::<[u8; 16]>().prop_map(StreamId::from_bytes);
        prop_oneof![
            Just(Actor::Visitor),
            Just(Actor::Service),
            stream.clone().prop_map(Actor::Person),
            stream.prop_map(Actor::Application),
            "\\PC{0,40}".prop_map(Actor::Worker),
            "\\PC{0,40}".prop_map(Actor::Administrator),
        ]
    }

    fn part() -> impl Strategy<Value = Option<Vec<u8>>> {
        proptest::option::of(proptest::collection::vec(any::<u8>(), 0..300))
    }

    fn key() -> impl Strategy<Value = Option<KeyId>> {
        proptest::option::of(any::<[u8; 16]>().prop_map(KeyId::from_bytes))
    }

    prop_compose! {
        fn row()(
            (position, version, stream) in (any::<i64>(), any::<i64>(), any::<[u8; 16]>()),
            (event_type, schema_version) in ("\\PC{0,40}", any::<u16>()),
            (decided, recorded) in any::<(i64, i64)>(),
            (command, correlation) in any::<(u128, u128)>(),
            causing in proptest::option::of(1..i64::MAX),
            actor in actor(),
            (key, actor_key, network_key, mac_key) in (key(), key(), key(), key()),
            (subject, inputs, details) in (part(), part(), part()),
            mac in proptest::option::of(any::<[u8; 32]>()),
        ) -> EventRow {
            EventRow {
                position: Position(position),
                stream: StreamId::from_bytes(stream),
                version: Version(version),
                event_type,
                schema_version,
                decided: Timestamp(decided),
                recorded: Timestamp(recorded),
                command: CommandId(Uuid::from_u128(command)),
                correlation: Uuid::from_u128(correlation),
                causing: causing.map(Position),
                actor,
                key,
                actor_key,
                network_key,
                subject,
                inputs,
                details,
                mac_key,
                mac,
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_and_no_shorter_or_longer_bytes(row in row(), more in 1..9usize) {
            let record = encode(&row).unwrap();
            prop_assert_eq!(decode(&record), Ok(row));
            for end in 0..record.len() {
                prop_assert!(decode(&record[..end]).is_err());
            }
            let longer = [&record[..], &vec![0; more]].concat();
            prop_assert_eq!(decode(&longer), Err(Malformed::Length));
        }

        #[test]
        fn what_is_decoded_from_any_bytes_is_encoded_to_the_same(row in row(), places in proptest::collection::vec(any::<(proptest::sample::Index, u8)>(), 1..8)) {
            let mut record = encode(&row).unwrap();
            for (place, byte) in places {
                let place = place.index(record.len());
                record[place] = byte;
            }
            if let Ok(row) = decode(&record) {
                prop_assert_eq!(encode(&row), Ok(record));
            }
        }
    }

    #[test]
    fn other_versions_and_giants_are_refused() {
        assert_eq!(decode(&[2]), Err(Malformed::Version(2)));
        assert_eq!(decode(&vec![1; MAX_RECORD + 1]), Err(Malformed::Length));
        assert_eq!(decode(&[]), Err(Malformed::Length));
    }
}
