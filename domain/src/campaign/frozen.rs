//! Everything of the campaign that is stored, as it is stored. A snapshot that changes is a broken promise: see
//! [`crate::frozen`].

use proptest::prelude::*;

use super::commands::testing::{BEGINNING, plan, planned, reason_given, started};
use super::commands::{EndCampaign, PauseCampaign, PlanCampaign, ResumeCampaign, StartStage};
use super::{Campaign, CampaignEvent, CampaignStage, OperatorsWords};
use crate::aggregate::{Aggregate, Command, DecodeError, DomainEvent, Subject};
use crate::frozen::render;
use crate::values::Language;

/// One of each type, in an order that could have happened.
fn events() -> Vec<CampaignEvent> {
    use CampaignEvent as E;
    vec![
        planned(1),
        started(CampaignStage::Announce),
        E::Paused(reason_given()),
        E::Resumed(reason_given()),
        started(CampaignStage::NoNewNumbers),
        started(CampaignStage::LastWarning),
        started(CampaignStage::Off),
        E::Ended(reason_given()),
        planned(2),
    ]
}

#[test]
fn every_event_keeps_its_shape() {
    for (event_type, version) in CampaignEvent::TYPES {
        let of_type = |event: &CampaignEvent| (event.event_type(), event.schema_version()) == (*event_type, *version);
        let examples: Vec<_> = events().into_iter().filter(of_type).collect();
        assert!(!examples.is_empty(), "no example of {event_type}");
        let shapes = examples.iter().map(|event| {
            let bytes = event.encode().unwrap();
            let read = |subject| CampaignEvent::decode(event_type, *version, subject);
            assert_eq!(read(Subject::Open(&bytes)).unwrap(), *event);
            assert_eq!(read(Subject::Redacted).unwrap(), CampaignEvent::Redacted);
            assert!(matches!(read(Subject::Absent), Err(DecodeError::Malformed(..))));
            render(&bytes)
        });
        insta::assert_snapshot!(format!("{event_type}.v{version}"), shapes.collect::<Vec<_>>().join("\n\n"));
    }
    assert_eq!(CampaignEvent::FORMER_TYPES, []);
}

/// A stored state is trusted as long as the fold's version is the same: where this changes, raise
/// [`Aggregate::FOLD_VERSION`] and keep the old snapshot.
#[test]
fn a_fold_of_one_version_always_gives_the_same_state() {
    let mut campaign = Campaign::default();
    let mut shapes = vec![render(&campaign.encode())];
    for event in events().into_iter().chain([CampaignEvent::Redacted]) {
        campaign.evolve(BEGINNING, &event);
        let encoded = campaign.encode();
        assert_eq!(Campaign::decode(&encoded).unwrap(), campaign);
        shapes.push(render(&encoded));
    }
    shapes.dedup();
    insta::assert_snapshot!(format!("campaign.fold_{}", Campaign::FOLD_VERSION), shapes.join("\n\n"));
    assert!(campaign.secret_keys().is_empty() && !campaign.is_tombstone());
}

fn frozen<C>(command: &C) -> String
where
    C: Command + PartialEq + for<'b> minicbor::Decode<'b, ()>,
{
    let bytes = command.encode();
    assert_eq!(minicbor::decode::<C>(&bytes).unwrap(), *command);
    format!("{} v {}\n{}", C::NAME, C::VERSION, render(&bytes))
}

#[test]
fn every_command_keeps_its_shape() {
    let reason = || reason_given().reason;
    let shapes = [
        frozen(&PlanCampaign { plan: plan() }),
        frozen(&StartStage { number: 1, stage: CampaignStage::LastWarning }),
        frozen(&PauseCampaign { reason: reason() }),
        frozen(&ResumeCampaign { reason: reason() }),
        frozen(&EndCampaign { reason: reason() }),
    ];
    insta::assert_snapshot!("campaign_commands", shapes.join("\n\n"));
}

#[test]
fn what_this_build_does_not_know_is_an_error() {
    let unknown = CampaignEvent::decode("campaign.levitated", 1, Subject::Absent);
    assert!(matches!(unknown, Err(DecodeError::UnknownType(_))));
    for (event_type, version) in CampaignEvent::TYPES {
        let newer = CampaignEvent::decode(event_type, version + 1, Subject::Redacted);
        assert!(matches!(newer, Err(DecodeError::UnknownVersion(..))));
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
        for (event_type, version) in CampaignEvent::TYPES {
            let _ = CampaignEvent::decode(event_type, *version, Subject::Open(&bytes));
        }
        let _ = Campaign::decode(&bytes);
    }
}

/// A record has room for the operator's words in every language.
#[test]
fn the_largest_plan_can_be_recorded() {
    let words = Language::ALL.map(|language| OperatorsWords { language, words: "\u{10400}".repeat(super::MAX_WORDS) });
    let plan = super::Plan { words: words.to_vec(), ..plan() };
    plan.check(BEGINNING).unwrap();
    let length = CampaignEvent::Planned(super::CampaignPlanned { number: 1, plan }).encode().unwrap().len();
    assert!(length < 20_000, "{length}");
}
