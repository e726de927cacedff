//! The policy's stored shapes and its state. A snapshot that changes is a broken promise: see [`crate::frozen`].

use std::time::Duration;

use proptest::prelude::*;

use super::{
    AdaptiveSignIn, AdoptPolicy, AdoptRelyingParty, Policy, PolicyAdopted, PolicyEvent, PolicyState, RecoveryWait,
    RelyingPartyAdopted, RequiredAttestation,
};
use crate::aggregate::{Aggregate, Command, DecodeError, DomainEvent, Subject};
use crate::frozen::render;
use crate::time::Timestamp;
use crate::values::PasswordRule;

fn adopted() -> PolicyAdopted {
    PolicyAdopted { revision: 3, policy: Policy { password_rule: PasswordRule::Nist, ..Policy::default() } }
}

fn attestation() -> RequiredAttestation {
    RequiredAttestation { roots: vec![[7; 32].into()], aaguids: vec![[8; 16].into()] }
}

fn relying_party() -> PolicyEvent {
    PolicyEvent::RelyingPartyAdopted(RelyingPartyAdopted { id: "example.org".to_owned() })
}

fn read(version: u16, subject: Subject<'_>) -> Result<PolicyEvent, DecodeError> {
    PolicyEvent::decode("policy.adopted", version, subject)
}

#[test]
fn every_stored_shape_stays() {
    let event = PolicyEvent::Adopted(adopted());
    let other = relying_party();
    let types = [&event, &other].map(|event| (event.event_type(), event.schema_version()));
    assert_eq!(PolicyEvent::TYPES, types);
    let encoded = event.encode().unwrap();
    assert_eq!(read(4, Subject::Open(&encoded)).unwrap(), event);
    insta::assert_snapshot!("policy.adopted.v4", render(&encoded));

    let command = AdoptPolicy { revision: 3, policy: adopted().policy };
    assert_eq!(minicbor::decode::<AdoptPolicy>(&command.encode()).unwrap(), command);
    insta::assert_snapshot!("adopt-policy.v4", render(&command.encode()));

    // What no operator asked for takes no room.
    let strict = Policy { attestation: Some(attestation()), ..adopted().policy };
    let event = PolicyEvent::Adopted(PolicyAdopted { policy: strict, ..adopted() });
    let encoded = event.encode().unwrap();
    assert_eq!(read(4, Subject::Open(&encoded)).unwrap(), event);
    insta::assert_snapshot!("policy.adopted.v4_with_attestation", render(&encoded));

    let encoded = other.encode().unwrap();
    assert_eq!(PolicyEvent::decode("policy.relying_party_adopted", 1, Subject::Open(&encoded)).unwrap(), other);
    insta::assert_snapshot!("policy.relying_party_adopted.v1", render(&encoded));
    let command = AdoptRelyingParty { id: "example.org".to_owned(), keys: 70_000 };
    assert_eq!(minicbor::decode::<AdoptRelyingParty>(&command.encode()).unwrap(), command);
    insta::assert_snapshot!("adopt-relying-party.v1", render(&command.encode()));
    assert_eq!(PolicyEvent::FORMER_TYPES, [("policy.adopted", 3), ("policy.adopted", 1), ("policy.adopted", 2)]);
}

/// Version 3 knew nothing of browsers that are believed: with the same file they are for as long as they are by default.
#[test]
fn what_version_3_wrote_is_read() {
    let (nist, none) = (PasswordRule::Nist, None::<RequiredAttestation>);
    let policy = (nist, 5_400, 86_400, 3_600, 43_200, 900, 604_800, 31_536_000, false, false, false, none, 259_200);
    let bytes = crate::aggregate::to_cbor(&(3, policy));
    insta::assert_snapshot!("policy.adopted.v3", render(&bytes));
    insta::assert_snapshot!("adopt-policy.v3", render(&bytes));
    assert_eq!(read(3, Subject::Open(&bytes)).unwrap(), PolicyEvent::Adopted(adopted()));
    let command: AdoptPolicy = minicbor::decode(&bytes).unwrap();
    assert_eq!(command, AdoptPolicy { revision: 3, policy: adopted().policy });
}

/// Beside a build that reads version 3 and no more, what it does not know stands at the end, where it leaves it out.
#[test]
fn beside_an_older_build_its_version_is_written() {
    let event = PolicyEvent::Adopted(adopted());
    let beside_an_older_build = event.stored(2);
    assert_eq!((beside_an_older_build.version, event.stored(3).version), (3, 4));
    let bytes = beside_an_older_build.subject.unwrap();
    assert_eq!(read(3, Subject::Open(&bytes)).unwrap(), event);
}

/// Version 2 knew nothing of recoveries: with the same file they wait as long as they do by default.
#[test]
fn what_version_2_wrote_is_read() {
    let policy = (PasswordRule::Nist, 5_400, 86_400, 3_600, 43_200, 900, 604_800, 31_536_000, false, false, false);
    let bytes = crate::aggregate::to_cbor(&(3, policy));
    insta::assert_snapshot!("policy.adopted.v2", render(&bytes));
    insta::assert_snapshot!("adopt-policy.v2", render(&bytes));
    assert_eq!(read(2, Subject::Open(&bytes)).unwrap(), PolicyEvent::Adopted(adopted()));
    let command: AdoptPolicy = minicbor::decode(&bytes).unwrap();
    assert_eq!(command, AdoptPolicy { revision: 3, policy: adopted().policy });

    let (nist, attestation) = (PasswordRule::Nist, attestation());
    let strict = (nist, 5_400, 86_400, 3_600, 43_200, 900, 604_800, 31_536_000, false, false, false, &attestation);
    let bytes = crate::aggregate::to_cbor(&(3, strict));
    insta::assert_snapshot!("policy.adopted.v2_with_attestation", render(&bytes));
    let strict = Policy { attestation: Some(attestation), ..adopted().policy };
    let adopted = PolicyAdopted { policy: strict, ..adopted() };
    assert_eq!(read(2, Subject::Open(&bytes)).unwrap(), PolicyEvent::Adopted(adopted));
}

#[test]
fn a_recovery_waits_or_is_off() {
    assert_eq!(RecoveryWait::default().span(), Some(Duration::from_secs(72 * 3600)));
    assert_eq!(RecoveryWait::OFF.span(), None);
    assert_eq!(RecoveryWait::seconds(86_400).span(), Some(Duration::from_secs(86_400)));
}

#[test]
fn a_browser_is_believed_for_a_while_or_never() {
    assert_eq!(AdaptiveSignIn::default().span(), Some(Duration::from_secs(30 * 24 * 3600)));
    assert_eq!(AdaptiveSignIn::OFF.span(), None);
    assert_eq!(AdaptiveSignIn::seconds(60).span(), Some(Duration::from_secs(60)));
}

/// Version 1 knew nothing of second factors: what it does not say is off, as it is by default, so that a node with the same
/// file goes on.
#[test]
fn what_version_1_wrote_is_read() {
    let bytes =
        crate::aggregate::to_cbor(&(3, (PasswordRule::Nist, 5_400, 86_400, 3_600, 43_200, 900, 604_800, 31_536_000)));
    insta::assert_snapshot!("policy.adopted.v1", render(&bytes));
    insta::assert_snapshot!("adopt-policy.v1", render(&bytes));
    assert_eq!(read(1, Subject::Open(&bytes)).unwrap(), PolicyEvent::Adopted(adopted()));
    let command: AdoptPolicy = minicbor::decode(&bytes).unwrap();
    assert_eq!(command, AdoptPolicy { revision: 3, policy: adopted().policy });
}

/// Where this changes, raise [`Aggregate::FOLD_VERSION`].
#[test]
fn a_fold_of_one_version_always_gives_the_same_state() {
    let mut state = PolicyState::default();
    let empty = render(&state.encode());
    state.evolve(Timestamp(1), &PolicyEvent::Adopted(adopted()));
    state.evolve(Timestamp(1), &relying_party());
    assert_eq!(PolicyState::decode(&state.encode()).unwrap(), state);
    let shapes = format!("{empty}\n\n{}", render(&state.encode()));
    insta::assert_snapshot!(format!("policy.fold_{}", PolicyState::FOLD_VERSION), shapes);

    let before = state.clone();
    state.evolve(Timestamp(3), &PolicyEvent::Redacted);
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
    assert!(matches!(read(5, Subject::Open(&encoded)), Err(DecodeError::UnknownVersion(_, 5))));
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
