//! What a campaign's commands decide at each point of a fixed story.

use super::testing::{Story, ended, going, nothing, paused, plan, reason_given};
use super::{EndCampaign, PauseCampaign, PlanCampaign, ResumeCampaign, StartStage};
use crate::campaign::{Campaign, CampaignStage, Plan};
use crate::rules::tests::{Pinned, Stage};

fn stages() -> Vec<Stage<Campaign>> {
    let at = |name, Story { campaign, now }: Story| Stage { state: campaign, ..Stage::of(name, now, &[]) };
    let closed = plan().date(CampaignStage::NoNewNumbers);
    vec![
        at("nothing", nothing()),
        at("planned", going(None)),
        at("announced", going(Some(CampaignStage::Announce))),
        at("announced, and the next date has come", going(Some(CampaignStage::Announce)).at(closed)),
        at("off", going(Some(CampaignStage::Off))),
        at("paused", paused()),
        at("ended", ended(CampaignStage::NoNewNumbers)),
    ]
}

/// Pins every command.
pub(crate) fn pin(since: u32, pinned: &mut Pinned) {
    let (stages, reason) = (stages(), || reason_given().reason);
    pinned.pin(since, &stages, &[PlanCampaign { plan: plan() }, PlanCampaign { plan: Plan { rate: 0, ..plan() } }]);
    let start = |number, stage| StartStage { number, stage };
    let next = CampaignStage::NoNewNumbers;
    pinned.pin(since, &stages, &[start(1, CampaignStage::Announce), start(1, next), start(2, next)]);
    pinned.pin(since, &stages, &[PauseCampaign { reason: reason() }]);
    pinned.pin(since, &stages, &[ResumeCampaign { reason: reason() }]);
    pinned.pin(since, &stages, &[EndCampaign { reason: reason() }]);
}
