//! How the snapshots of stored shapes are made. What was once written stays in logs for ever: a snapshot that changes is
//! a broken promise. A new shape is a new version, with a snapshot of its own beside the old one's.

use minicbor::data::Type;
use minicbor::decode::{Decoder, Error};

/// The bytes of a stored value, in hexadecimal and in CBOR's diagnostic notation (RFC 8949, section 8).
pub(crate) fn render(bytes: &[u8]) -> String {
    let mut decoder = Decoder::new(bytes);
    let notation = diagnose(&mut decoder).expect("stored values are CBOR");
    assert_eq!(decoder.position(), bytes.len(), "one value and no more");
    format!("{notation}\n{}", data_encoding::HEXLOWER.encode(bytes))
}

/// The value alone, in CBOR's diagnostic notation.
pub(crate) fn notation(bytes: &[u8]) -> String {
    diagnose(&mut Decoder::new(bytes)).expect("stored values are CBOR")
}

/// Only the items that stored values are made of.
fn diagnose(decoder: &mut Decoder<'_>) -> Result<String, Error> {
    Ok(match decoder.datatype()? {
        Type::Bool => decoder.bool()?.to_string(),
        Type::Null => {
            decoder.null()?;
            "null".to_owned()
        }
        Type::Bytes => format!("h'{}'", data_encoding::HEXLOWER.encode(decoder.bytes()?)),
        Type::String => format!("{:?}", decoder.str()?),
        Type::Array => {
            let length = decoder.array()?.ok_or_else(|| Error::message("an array without a length"))?;
            let items: Result<Vec<_>, _> = (0..length).map(|_| diagnose(decoder)).collect();
            format!("[{}]", items?.join(", "))
        }
        _ => decoder.int()?.to_string(),
    })
}

mod tests {
    use super::render;
    use crate::{Actor, ActorDetails, ClaimKind, StreamId};

    #[test]
    fn the_actors_details_keep_their_shape() {
        let full = ActorDetails {
            address: Some("2001:db8::1".to_owned()),
            user_agent: Some("Mozilla/5.0".to_owned()),
            note: Some("by telephone".to_owned()),
        };
        let shapes =
            [full, ActorDetails { note: Some("at night".to_owned()), ..ActorDetails::default() }].map(|details| {
                let bytes = minicbor::to_vec(&details).unwrap();
                assert_eq!(minicbor::decode::<ActorDetails>(&bytes).unwrap(), details);
                render(&bytes)
            });
        insta::assert_snapshot!("actor_details", shapes.join("\n\n"));
    }

    #[test]
    fn actors_and_claims_keep_their_numbers() {
        let stream = StreamId::from_bytes([7; 16]);
        let actors = [
            Actor::Visitor,
            Actor::Person(stream),
            Actor::Administrator("a3f0".to_owned()),
            Actor::Worker("mail".to_owned()),
            Actor::Application(stream),
            Actor::Service,
        ];
        let mut numbers: Vec<_> = actors
            .map(|actor| {
                assert_eq!(Actor::from_stored(actor.kind(), &actor.id()), Some(actor.clone()));
                format!("{} {:?} {actor:?}", actor.kind(), actor.id())
            })
            .into();
        assert_eq!(Actor::from_stored(6, ""), None);
        assert_eq!(Actor::from_stored(1, "07"), None, "a stream has sixteen bytes");
        let claims = [
            ClaimKind::Email,
            ClaimKind::Uid,
            ClaimKind::Link,
            ClaimKind::Session,
            ClaimKind::ApplicationSecret,
            ClaimKind::ApplicationName,
        ];
        numbers.extend(claims.map(|kind| {
            let released = if kind.is_released() { "released" } else { "never released" };
            format!("{} {kind:?} {released}", kind as u8)
        }));
        insta::assert_snapshot!("numbers", numbers.join("\n"));
    }
}
