//! Reading stored events: what is known, newer, damaged, or without its key.

use proptest::prelude::*;

use super::frozen::every_event;
use super::{Account, AccountEvent};
use crate::aggregate::{Aggregate, DecodeError, DomainEvent, Subject};

#[test]
fn a_destroyed_key_leaves_the_fact() {
    for event in every_event().iter().filter(|event| event.encode().is_some()) {
        let redacted = AccountEvent::decode(event.event_type(), event.schema_version(), Subject::Redacted).unwrap();
        assert_eq!(redacted, AccountEvent::Redacted);
    }
    assert_eq!(AccountEvent::Redacted.encode(), None);
}

#[test]
fn what_this_build_does_not_know_is_an_error() {
    let unknown = AccountEvent::decode("account.levitated", 1, Subject::Absent);
    assert!(matches!(unknown, Err(DecodeError::UnknownType(name)) if name == "account.levitated"));
    // Nor does anybody store the variant that stands for a destroyed key.
    assert!(matches!(AccountEvent::decode("account.redacted", 0, Subject::Absent), Err(DecodeError::UnknownType(_))));
    for (event_type, version) in AccountEvent::TYPES {
        let newer = AccountEvent::decode(event_type, version + 1, Subject::Redacted);
        assert!(
            matches!(&newer, Err(DecodeError::UnknownVersion(name, found))
                if name == event_type && *found == version + 1),
            "{newer:?}"
        );
    }
}

#[test]
fn a_subject_part_is_there_exactly_where_it_belongs() {
    for event in every_event() {
        let (event_type, version) = (event.event_type(), event.schema_version());
        let wrong = match event.encode() {
            Some(_) => vec![Subject::Absent],
            None => vec![Subject::Redacted, Subject::Open(&[0x80])],
        };
        for subject in wrong {
            let decoded = AccountEvent::decode(event_type, version, subject);
            assert!(matches!(&decoded, Err(DecodeError::Malformed(name, _)) if name == event_type), "{decoded:?}");
        }
    }
}

#[test]
fn bytes_that_are_missing_or_follow_are_refused() {
    for event in every_event() {
        let Some(bytes) = event.encode() else { continue };
        for damaged in [&bytes[..bytes.len() - 1], &[&bytes[..], &[0]].concat(), &[], b"\xff"] {
            let decoded = AccountEvent::decode(event.event_type(), event.schema_version(), Subject::Open(damaged));
            assert!(matches!(decoded, Err(DecodeError::Malformed(..))), "{event:?}: {decoded:?}");
        }
    }
    let mut state = Account::default().encode();
    state.push(0);
    assert!(matches!(Account::decode(&state), Err(DecodeError::Malformed(name, _)) if name == "account"));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
        for (event_type, version) in AccountEvent::TYPES {
            let _ = AccountEvent::decode(event_type, *version, Subject::Open(&bytes));
        }
        let _ = Account::decode(&bytes);
    }

    /// Whatever is read, damaged or not, is one value with one encoding.
    #[test]
    fn damaged_events_are_refused_or_read_as_some_event(
        event in proptest::sample::select(every_event()), at: proptest::sample::Index, to: u8,
    ) {
        let Some(mut bytes) = event.encode() else { return Ok(()) };
        let at = at.index(bytes.len());
        bytes[at] = to;
        let (event_type, version) = (event.event_type(), event.schema_version());
        if let Ok(read) = AccountEvent::decode(event_type, version, Subject::Open(&bytes)) {
            prop_assert_eq!(read.event_type(), event_type);
            let again = read.encode().unwrap();
            prop_assert_eq!(AccountEvent::decode(event_type, version, Subject::Open(&again)).unwrap(), read);
        }
    }
}
