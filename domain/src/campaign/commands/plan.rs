//! An operator settles when codes by SMS end.

use minicbor::{Decode, Encode};

use super::{CampaignDecision, command_shape};
use crate::aggregate::{Command, Context, Decision};
use crate::campaign::events::{CampaignEvent, CampaignPlanned};
use crate::campaign::{Campaign, Plan, PlanRefusal};

/// Plans a campaign, which begins at its first date by itself; it is told its number.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PlanCampaign {
    /// The plan.
    #[n(0)]
    pub plan: Plan,
}

impl Command for PlanCampaign {
    command_shape!("plan-campaign" v 1: u16, PlanRefusal);

    fn decide(&self, campaign: &Campaign, context: Context<'_>) -> CampaignDecision<u16, PlanRefusal> {
        if campaign.planned.as_ref().is_some_and(|planned| !planned.ended) {
            return Decision::refuse(PlanRefusal::GoingOn);
        }
        if let Err(refusal) = self.plan.check(context.now) {
            return Decision::refuse(refusal);
        }
        let number = campaign.planned.as_ref().map_or(1, |planned| planned.number.saturating_add(1));
        let planned = CampaignPlanned { number, plan: self.plan.clone() };
        Decision::accept(vec![CampaignEvent::Planned(planned)], number)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::campaign::{CampaignStage, OperatorsWords};
    use crate::time::Timestamp;
    use crate::values::Language;

    #[test]
    fn the_first_has_number_1_and_waits_for_its_first_date() {
        let decision = nothing().when(&PlanCampaign { plan: plan() });
        assert_eq!(decision, Decision::accept(vec![planned(1)], 1));
        let campaign = nothing().then(decision.events).campaign;
        let next = campaign.going().unwrap().next();
        assert_eq!(next, Some((CampaignStage::Announce, plan().date(CampaignStage::Announce))));
        assert!(campaign.takes_new_numbers());
    }

    #[test]
    fn another_comes_when_the_last_was_ended() {
        for story in [going(None), going(Some(CampaignStage::Off)), paused()] {
            assert_eq!(story.when(&PlanCampaign { plan: plan() }), Decision::refuse(PlanRefusal::GoingOn));
        }
        let story = ended(CampaignStage::NoNewNumbers);
        assert!(!story.campaign.takes_new_numbers(), "what has begun stays");
        let decision = story.when(&PlanCampaign { plan: plan() });
        assert_eq!(decision, Decision::accept(vec![planned(2)], 2));
        assert!(story.then(decision.events).campaign.takes_new_numbers(), "until another one is planned");
    }

    #[test]
    fn what_cannot_be_carried_out_is_no_plan() {
        let refused = |plan: Plan| nothing().when(&PlanCampaign { plan }).outcome.unwrap_err();
        let [announce, closed, warning, off] = plan().dates;
        for dates in [[closed, announce, warning, off], [announce, closed, closed, off], [off, off, off, off]] {
            assert_eq!(refused(Plan { dates, ..plan() }), PlanRefusal::Dates);
        }
        let past = [1, 2, 3, 4].map(Timestamp);
        assert_eq!(refused(Plan { dates: past, ..plan() }), PlanRefusal::Dates);
        for grace in [0, 3599, 90 * 24 * 3600 + 1] {
            assert_eq!(refused(Plan { grace, ..plan() }), PlanRefusal::Grace);
        }
        for rate in [0, 100_001] {
            assert_eq!(refused(Plan { rate, ..plan() }), PlanRefusal::Rate);
        }
        let words = |words: &str| OperatorsWords { language: Language::English, words: words.to_owned() };
        for words in
            [vec![words("")], vec![words("a\nb")], vec![words(&"x".repeat(1001))], vec![words("a"), words("b")]]
        {
            assert_eq!(refused(Plan { words, ..plan() }), PlanRefusal::Words);
        }
        let begun = Plan { dates: [Timestamp(1), closed, warning, off], ..plan() };
        assert!(nothing().when(&PlanCampaign { plan: begun }).outcome.is_ok(), "it may begin at once");
    }
}
