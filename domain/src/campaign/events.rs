//! What can happen to the campaign. Wire names and stored shapes are frozen: a change is a new version with its upgrade.

use minicbor::{Decode, Encode};

use super::{CampaignStage, Plan};
use crate::events::events;

events! {
    /// A fact about the campaign by which codes by SMS end.
    CampaignEvent of "campaign":

    /// An operator settled when codes by SMS end, and what people are told. An auditor learns every date, the rate, and the
    /// operator's words.
    Planned(CampaignPlanned) = "campaign.planned" v 1;
    /// The time of a stage had come. An auditor learns which; what became of each account stands with the account.
    StageStarted(StageStarted) = "campaign.stage_started" v 1;
    /// An operator let the campaign stand still: no account is told, and no stage begins. An auditor learns why.
    Paused(ReasonGiven) = "campaign.paused" v 1;
    /// An operator let it go on. An auditor learns why.
    Resumed(ReasonGiven) = "campaign.resumed" v 1;
    /// An operator ended it. An auditor learns why; what has begun stays as it is.
    Ended(ReasonGiven) = "campaign.ended" v 1;
}

/// See [`CampaignEvent::Planned`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CampaignPlanned {
    /// Its number: the first one has 1.
    #[n(0)]
    pub number: u16,
    /// What is to happen, and when.
    #[n(1)]
    pub plan: Plan,
}

/// See [`CampaignEvent::StageStarted`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct StageStarted {
    /// The stage.
    #[n(0)]
    pub stage: CampaignStage,
}

/// Why an operator acted, in their own words.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ReasonGiven {
    /// The words.
    #[n(0)]
    pub reason: String,
}
