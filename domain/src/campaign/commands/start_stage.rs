//! The time of a stage has come.

use minicbor::{Decode, Encode};

use super::{CampaignDecision, command_shape};
use crate::aggregate::{Command, Context, Decision};
use crate::campaign::events::{CampaignEvent, StageStarted};
use crate::campaign::{Campaign, CampaignStage};
use crate::time::Timestamp;

/// Begins a stage whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct StartStage {
    /// The campaign's number.
    #[n(0)]
    pub number: u16,
    /// The stage.
    #[n(1)]
    pub stage: CampaignStage,
}

/// Why a stage does not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StageRefusal {
    /// It is not the one that comes next, or nothing is going on.
    #[error("this stage is not the one that comes next")]
    NotNext,
    /// Its time has not come.
    #[error("it begins at {0} at the earliest")]
    NotBefore(Timestamp),
}

impl Command for StartStage {
    command_shape!("start-campaign-stage" v 1: (), StageRefusal);

    fn decide(&self, campaign: &Campaign, context: Context<'_>) -> CampaignDecision<(), StageRefusal> {
        let going = campaign.going().filter(|planned| planned.number == self.number);
        let Some((_, due)) = going.and_then(|planned| planned.next()).filter(|(next, _)| *next == self.stage) else {
            return Decision::refuse(StageRefusal::NotNext);
        };
        if context.now < due {
            return Decision::refuse(StageRefusal::NotBefore(due));
        }
        Decision::accept(vec![CampaignEvent::StageStarted(StageStarted { stage: self.stage })], ())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::*;
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn start(stage: CampaignStage) -> StartStage {
        StartStage { number: 1, stage }
    }

    #[test]
    fn stages_begin_in_order_each_at_its_date() {
        let mut story = going(None);
        for stage in CampaignStage::ALL {
            let due = plan().date(stage);
            let early = story.clone().at(Timestamp(due.0 - 1)).when(&start(stage));
            assert_eq!(early, Decision::refuse(StageRefusal::NotBefore(due)));
            let late = stage.next().map(|later| story.clone().at(plan().date(later)).when(&start(later)));
            assert!(late.is_none_or(|late| late == Decision::refuse(StageRefusal::NotNext)), "none is left out");
            story = story.at(due);
            let decision = story.when(&start(stage));
            assert_eq!(decision, Decision::accept(vec![started(stage)], ()));
            story = story.then(decision.events);
            assert_eq!(story.when(&start(stage)), Decision::refuse(StageRefusal::NotNext), "and none begins twice");
        }
        assert_eq!(story.campaign.going().and_then(|planned| planned.next()), None);
    }

    #[test]
    fn what_was_held_up_moves_and_is_not_made_up_for() {
        let [announce, closed, .., off] = plan().dates;
        let held_up = off.plus(HOUR);
        let story = going(None).at(held_up).then([started(CampaignStage::Announce)]);
        let due = held_up.plus(closed.since(announce));
        let refused = Decision::refuse(StageRefusal::NotBefore(due));
        assert_eq!(story.when(&start(CampaignStage::NoNewNumbers)), refused);
        assert_eq!(story.campaign.going().unwrap().off(), held_up.plus(off.since(announce)));
        assert_eq!(going(None).campaign.going().unwrap().off(), off);
    }

    #[test]
    fn nothing_begins_while_it_stands_still_or_in_another_campaign() {
        let stage = CampaignStage::NoNewNumbers;
        for story in [nothing(), paused(), ended(CampaignStage::Announce)] {
            let decision = story.at(plan().date(stage)).when(&start(stage));
            assert_eq!(decision, Decision::refuse(StageRefusal::NotNext));
        }
        let other = StartStage { number: 2, ..start(stage) };
        let decision = going(Some(CampaignStage::Announce)).at(plan().date(stage)).when(&other);
        assert_eq!(decision, Decision::refuse(StageRefusal::NotNext));
    }
}
