//! What can be asked of the campaign: one command per file, with its decision, its refusals and its tests.

#[cfg(test)]
pub(crate) mod decisions;
mod end;
mod pause;
mod plan;
mod resume;
mod start_stage;
#[cfg(test)]
pub(super) mod testing;

pub use end::EndCampaign;
pub use pause::PauseCampaign;
pub use plan::PlanCampaign;
pub use resume::ResumeCampaign;
pub use start_stage::{StageRefusal, StartStage};

/// Why a campaign's command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no campaign, or it is not in a state in which this can be asked.
    #[error("the campaign is not in a state in which this can be asked")]
    NotNow,
}

/// Implements what every command's encoding shares.
macro_rules! command_shape {
    ($name:literal v $version:literal: $outcome:ty, $refusal:ty) => {
        type Aggregate = crate::campaign::Campaign;
        type Outcome = $outcome;
        type Refusal = $refusal;
        const NAME: &'static str = $name;
        const VERSION: u16 = $version;

        fn encode(&self) -> Vec<u8> {
            crate::aggregate::to_cbor(self)
        }
    };
}
pub(super) use command_shape;

/// The decision of a campaign's command.
pub type CampaignDecision<O, R> = crate::aggregate::Decision<super::CampaignEvent, O, R>;
