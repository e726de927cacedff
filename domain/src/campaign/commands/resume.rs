//! An operator lets a paused campaign go on.

use minicbor::{Decode, Encode};

use super::{CampaignDecision, Refusal, command_shape};
use crate::aggregate::{Command, Context, Decision};
use crate::campaign::Campaign;
use crate::campaign::events::{CampaignEvent, ReasonGiven};

/// Lets a paused campaign go on where it stood.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ResumeCampaign {
    /// Why.
    #[n(0)]
    pub reason: String,
}

impl Command for ResumeCampaign {
    command_shape!("resume-campaign" v 1: (), Refusal);

    fn decide(&self, campaign: &Campaign, _: Context<'_>) -> CampaignDecision<(), Refusal> {
        if !campaign.planned.as_ref().is_some_and(|planned| planned.paused && !planned.ended) {
            return Decision::refuse(Refusal::NotNow);
        }
        Decision::accept(vec![CampaignEvent::Resumed(ReasonGiven { reason: self.reason.clone() })], ())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::campaign::CampaignStage;

    fn command() -> ResumeCampaign {
        ResumeCampaign { reason: reason_given().reason }
    }

    #[test]
    fn it_goes_on_where_it_stood_for_whoever_is_set_going_by_that() {
        let decision = paused().when(&command());
        assert_eq!(decision, Decision::accept(vec![CampaignEvent::Resumed(reason_given())], ()));
        let before = paused().campaign.planned.unwrap();
        let story = paused().then(decision.events);
        let planned = story.campaign.going().unwrap();
        assert_eq!((planned.stage, planned.number), (before.stage, before.number));
        assert_eq!((before.set_going, planned.set_going), (1, story.campaign.events));
    }

    #[test]
    fn refused_where_nothing_is_paused() {
        let paused_and_ended = paused().then([CampaignEvent::Ended(reason_given())]);
        for story in [nothing(), going(None), ended(CampaignStage::Announce), paused_and_ended] {
            assert_eq!(story.when(&command()), Decision::refuse(Refusal::NotNow));
        }
    }
}
