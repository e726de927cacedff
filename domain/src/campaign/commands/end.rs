//! An operator ends the campaign.

use minicbor::{Decode, Encode};

use super::{CampaignDecision, Refusal, command_shape};
use crate::aggregate::{Command, Context, Decision};
use crate::campaign::Campaign;
use crate::campaign::events::{CampaignEvent, ReasonGiven};

/// Ends the campaign: no further stage begins, and nobody is told any more. What has begun stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct EndCampaign {
    /// Why.
    #[n(0)]
    pub reason: String,
}

impl Command for EndCampaign {
    command_shape!("end-campaign" v 1: (), Refusal);

    fn decide(&self, campaign: &Campaign, _: Context<'_>) -> CampaignDecision<(), Refusal> {
        if campaign.planned.as_ref().is_none_or(|planned| planned.ended) {
            return Decision::refuse(Refusal::NotNow);
        }
        Decision::accept(vec![CampaignEvent::Ended(ReasonGiven { reason: self.reason.clone() })], ())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::campaign::CampaignStage;

    fn command() -> EndCampaign {
        EndCampaign { reason: reason_given().reason }
    }

    #[test]
    fn what_has_begun_stays() {
        for story in [going(Some(CampaignStage::Off)), paused()] {
            let decision = story.when(&command());
            assert_eq!(decision, Decision::accept(vec![CampaignEvent::Ended(reason_given())], ()));
            let after = story.clone().then(decision.events).campaign;
            assert_eq!((after.going(), after.stage()), (None, story.campaign.stage()));
            assert_eq!(after.takes_new_numbers(), story.campaign.takes_new_numbers());
        }
    }

    #[test]
    fn refused_where_there_is_none() {
        for story in [nothing(), ended(CampaignStage::Announce)] {
            assert_eq!(story.when(&command()), Decision::refuse(Refusal::NotNow));
        }
    }
}
