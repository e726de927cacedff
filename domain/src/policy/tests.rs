//! The policy's stored shapes and its state. A snapshot that changes is a broken promise: see [`crate::frozen`].

use std::time::Duration;

use proptest::prelude::*;

use super::{AdoptPolicy, Policy, PolicyAdopted, PolicyEvent, PolicyState};
use crate::aggregate::{Aggregate, Command, DecodeError, DomainEvent, Subject};
use crate::frozen::render;
use crate::time::Timestamp;
use crate::values::PasswordRule;

fn adopted() -> PolicyAdopted {
    PolicyAdopted { revision: 3, policy: Policy { password_rule: PasswordRule::Nist, ..Policy::default() } }
}

fn read(version: u16, subject: Subject<'_>) -> Result<PolicyEvent, DecodeError> {
    PolicyEvent::decode("policy.adopted", version, subject)
}

#[test]
fn every_stored_shape_stays() {
    let event = PolicyEvent::Adopted(adopted());
    assert_eq!(PolicyEvent::TYPES, [(event.event_type(), event.schema_version())]);
    let encoded = event.encode().unwrap();
    assert_eq!(read(1, Subject::Open(&encoded)).unwrap(), event);
    insta::assert_snapshot!("policy.adopted.v1", render(&encoded));

    let command = AdoptPolicy { revision: 3, policy: adopted().policy };
    assert_eq!(minicbor::decode::<AdoptPolicy>(&command.encode()).unwrap(), command);
    insta::assert_snapshot!("adopt-policy.v1", render(&command.encode()));
}

/// Where this changes, raise [`Aggregate::FOLD_VERSION`].
#[test]
fn a_fold_of_one_version_always_gives_the_same_state() {
    let mut state = PolicyState::default();
    let empty = render(&state.encode());
    state.evolve(Timestamp(1), &PolicyEvent::Adopted(adopted()));
    assert_eq!(PolicyState::decode(&state.encode()).unwrap(), state);
    let shapes = format!("{empty}\n\n{}", render(&state.encode()));
    insta::assert_snapshot!(format!("policy.fold_{}", PolicyState::FOLD_VERSION), shapes);

    let before = state.clone();
    state.evolve(Timestamp(2), &PolicyEvent::Redacted);
    assert_eq!(state, before);
    assert!(state.claims().is_empty() && state.secret_keys().is_empty() && !state.is_tombstone());
}

/// What a log is begun with where the operator says nothing.
#[test]
fn the_default_policy() {
    let policy = Policy::default();
    assert_eq!(policy.password_rule, PasswordRule::EuLogin);
    assert_eq!(policy.link_validity(), Duration::from_secs(90 * 60));
    assert_eq!(policy.mail_queue_limit(), Duration::from_secs(24 * 3600));
    assert_eq!((policy.session_idle, policy.session_absolute, policy.session_public), (3_600, 43_200, 900));
    assert_eq!(policy.registration_lapse(), Duration::from_secs(7 * 24 * 3600));
}

#[test]
fn what_this_build_does_not_know_is_an_error() {
    let encoded = PolicyEvent::Adopted(adopted()).encode().unwrap();
    assert!(matches!(PolicyEvent::decode("policy.repealed", 1, Subject::Absent), Err(DecodeError::UnknownType(_))));
    assert!(matches!(read(2, Subject::Open(&encoded)), Err(DecodeError::UnknownVersion(_, 2))));
    assert!(matches!(read(1, Subject::Absent), Err(DecodeError::Malformed(..))));
    assert!(matches!(read(1, Subject::Open(&[&encoded[..], &[0]].concat())), Err(DecodeError::Malformed(..))));
    assert_eq!(read(1, Subject::Redacted).unwrap(), PolicyEvent::Redacted);
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
        let _ = read(1, Subject::Open(&bytes));
        let _ = PolicyState::decode(&bytes);
    }
}
