//! What an operator does with the campaign.

use chancery_domain::Command;
use chancery_domain::campaign::commands::{EndCampaign, PauseCampaign, PlanCampaign, Refusal, ResumeCampaign};
use chancery_domain::campaign::{CAMPAIGN_STREAM, Campaign, Plan, PlanRefusal};

use crate::app::{App, Failure};
use crate::run::{Attempt, Origin, TRIES};

/// What is done to a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Let it stand still.
    Pause,
    /// Let it go on.
    Resume,
    /// End it.
    End,
}

impl App {
    /// Plans a campaign, which begins at its first date by itself; its number.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn plan_campaign(
        &self,
        administrator: &str,
        plan: Plan,
        reason: &str,
    ) -> Result<Result<u16, PlanRefusal>, Failure> {
        let origin = self.by_administrator(administrator, "plan-campaign", reason);
        self.on_campaign(&PlanCampaign { plan }, &origin).await
    }

    /// Pauses, resumes or ends the campaign, in force at once and on every node.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn change_campaign(
        &self,
        administrator: &str,
        change: Change,
        reason: &str,
    ) -> Result<Result<(), Refusal>, Failure> {
        let origin = self.by_administrator(administrator, "change-campaign", reason);
        let reason = reason.chars().take(500).collect();
        match change {
            Change::Pause => self.on_campaign(&PauseCampaign { reason }, &origin).await,
            Change::Resume => self.on_campaign(&ResumeCampaign { reason }, &origin).await,
            Change::End => self.on_campaign(&EndCampaign { reason }, &origin).await,
        }
    }

    /// Gives a command to the campaign, again for as long as it moves on meanwhile.
    pub(super) async fn on_campaign<C: Command<Aggregate = Campaign>>(
        &self,
        command: &C,
        origin: &Origin,
    ) -> Result<Result<C::Outcome, C::Refusal>, Failure> {
        for _ in 0..TRIES {
            let campaign = self.loaded::<Campaign>(CAMPAIGN_STREAM).await?;
            let policy = self.policy().await?;
            if let Attempt::Decided { outcome, .. } =
                self.attempt(&campaign, command, &policy, Vec::new(), origin).await?
            {
                return Ok(outcome);
            }
        }
        Err(Failure::BUSY)
    }
}
