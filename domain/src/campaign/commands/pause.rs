//! An operator lets the campaign stand still.

use minicbor::{Decode, Encode};

use super::{CampaignDecision, Refusal, command_shape};
use crate::aggregate::{Command, Context, Decision};
use crate::campaign::Campaign;
use crate::campaign::events::{CampaignEvent, ReasonGiven};

/// Stops the campaign on every node, at once, until it is resumed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PauseCampaign {
    /// Why.
    #[n(0)]
    pub reason: String,
}

impl Command for PauseCampaign {
    command_shape!("pause-campaign" v 1: (), Refusal);

    fn decide(&self, campaign: &Campaign, _: Context<'_>) -> CampaignDecision<(), Refusal> {
        if !campaign.planned.as_ref().is_some_and(|planned| planned.is_going()) {
            return Decision::refuse(Refusal::NotNow);
        }
        Decision::accept(vec![CampaignEvent::Paused(ReasonGiven { reason: self.reason.clone() })], ())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::campaign::CampaignStage;

    fn command() -> PauseCampaign {
        PauseCampaign { reason: reason_given().reason }
    }

    #[test]
    fn a_paused_campaign_is_carried_out_by_nobody() {
        for stage in [None, Some(CampaignStage::LastWarning)] {
            let decision = going(stage).when(&command());
            assert_eq!(decision, Decision::accept(vec![CampaignEvent::Paused(reason_given())], ()));
            let campaign = going(stage).then(decision.events).campaign;
            assert_eq!((campaign.going(), campaign.stage()), (None, stage));
        }
    }

    #[test]
    fn refused_where_nothing_is_going_on() {
        for story in [nothing(), paused(), ended(CampaignStage::Announce)] {
            assert_eq!(story.when(&command()), Decision::refuse(Refusal::NotNow));
        }
    }
}
